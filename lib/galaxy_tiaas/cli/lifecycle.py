"""``galaxy-tiaas lifecycle``"""

import time
from collections.abc import Iterator
from typing import (
    Any,
    Optional,
)

import click

from .error_handler import handle_errors

#: Longer than a killed process keeps the lease.
_WAIT_SECONDS = 90


@click.group()
def lifecycle() -> None:
    """Scheduled maintenance of trainings. A Galaxy server runs it by itself."""


@lifecycle.command("run")
@click.option("--dry-run", is_flag=True, help="Print what would be done, and change nothing.")
@click.option(
    "--wait",
    type=click.IntRange(0, 86400),
    default=_WAIT_SECONDS,
    show_default=True,
    help="Seconds to wait for another process that is running it.",
)
@click.pass_obj
@handle_errors
def run(config_file: Optional[str], dry_run: bool, wait: int) -> None:
    """Run what is due now: switch cohorts on and off, remind, thank, redact, deliver messages.

    Exit code 1 if something failed, or if another process did not finish in time.
    """
    from galaxy.model.orm.now import now

    from ..lifecycle.tasks import LifecycleTasks
    from .application import ready_application

    host = ready_application(config_file)
    report = host[LifecycleTasks].run(now(), dry_run=True) if dry_run else _run_with_lease(host, wait)
    for line in _lines(report, dry_run):
        click.echo(line)
    if not report:
        click.echo("nothing is due")
    if report.failed:
        raise SystemExit(1)


def _lines(report: Any, dry_run: bool) -> Iterator[str]:
    for what, found in vars(report).items():
        words = what.replace("_", " ")
        if isinstance(found, int):
            subject, done = words.split()
            who = "who" if subject == "people" else "that"
            if found:
                yield f"{subject} {who} would be {done}: {found}" if dry_run else f"{words}: {found}"
        else:
            would = "would be " if dry_run else ""
            yield from (f"{identifier}: {would}{words}" for identifier in found)


def _run_with_lease(host: Any, wait: int) -> Any:
    from ..lifecycle.scheduler import LifecycleScheduler

    scheduler = host[LifecycleScheduler]
    deadline = time.monotonic() + wait
    told = False
    while (report := scheduler.run().report) is None:
        if time.monotonic() >= deadline:
            raise click.ClickException("Another process is still running the lifecycle; see `lifecycle status`.")
        if not told:
            told = True
            click.echo(f"another process is running the lifecycle; waiting for up to {wait} seconds", err=True)
        time.sleep(min(1, max(0.1, deadline - time.monotonic())))
    return report


@lifecycle.command("status")
@click.pass_obj
@handle_errors
def show_status(config_file: Optional[str]) -> None:
    """Print which process is running it, when it last finished, and how often it ran."""
    from galaxy.model.orm.now import now

    from ..core.config import TiaasConfig
    from ..lifecycle.scheduler import LifecycleScheduler
    from .application import ready_application

    host = ready_application(config_file)
    interval = host[TiaasConfig].lifecycle_interval_seconds
    status = host[LifecycleScheduler].status(now())
    click.echo(f"timer in Galaxy: {f'every {interval} seconds' if interval else 'off'}")
    click.echo(f"running now: {status.holder or 'no'}")
    click.echo(f"last finished: {f'{status.finished_at:%Y-%m-%d %H:%M:%S} UTC' if status.finished_at else 'never'}")
    click.echo(f"runs: {status.runs}, failures: {status.failures}")
