"""``galaxy-tiaas lifecycle``"""

from typing import Optional

import click

from .guarded import guarded


@click.group()
def lifecycle() -> None:
    """What the calendar does to trainings."""


@lifecycle.command("run")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.pass_obj
@guarded
def run(config_file: Optional[str], dry_run: bool) -> None:
    """Switch cohorts on and off and redact, as is due now; exit code 1 if something failed."""
    from galaxy.util import now

    from ..lifecycle import Lifecycle
    from .host import ready_host

    report = ready_host(config_file)[Lifecycle].run(now(), dry_run=dry_run)
    will = "would be " if dry_run else ""
    for what, identifiers in vars(report).items():
        verb = what if what == "failed" else f"{will}{what.replace('_', ' ')}"
        for identifier in identifiers:
            click.echo(f"{identifier}: {verb}")
    if not report:
        click.echo("nothing is due")
    if report.failed:
        raise SystemExit(1)
