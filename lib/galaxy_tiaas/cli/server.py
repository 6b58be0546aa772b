"""``galaxy-tiaas config``, ``db``, ``lifecycle`` and ``mail``: what admins ask of the server itself."""

import time
from collections.abc import Iterator
from typing import (
    Any,
    Optional,
    TYPE_CHECKING,
)

import click

from .. import __version__
from .decorators import (
    handle_errors,
    pass_application,
)

if TYPE_CHECKING:
    from ..notifications.schema import UndeliveredView
    from .application import CliApplication

#: Longer than a killed process keeps the lease.
_WAIT_SECONDS = 90


@click.group()
def config() -> None:
    """Check settings, or print a sample of them."""


@config.command("check")
@click.pass_obj
@handle_errors
def check(config_file: Optional[str]) -> None:
    """Check the settings, and the destinations in them against Galaxy's job configuration."""
    from ..compat.connections import pool_warning
    from ..compat.job_files import missing_file
    from ..core.config import (
        CONFIG_FILE_KEY,
        site_address,
        TiaasConfig,
    )
    from ..routing.destinations import DestinationCatalogue
    from .application import CliApplication

    app = CliApplication(config_file)
    settings = app[TiaasConfig]
    missing = missing_file(app.config)
    problems = [missing] if missing else DestinationCatalogue(app.job_config, settings).problems()
    if problems:
        raise click.ClickException("\n".join(problems))
    if not site_address(settings, app.config):
        click.echo(
            "Mails and notifications have no links: set galaxy_infrastructure_url in galaxy.yml, or base_url here, to"
            " the address at which people reach this Galaxy.",
            err=True,
        )
    if warning := pool_warning(app.config):
        click.echo(warning, err=True)
    click.echo(f"{app.config.get(CONFIG_FILE_KEY) or 'The defaults'}: no problems found.")


@config.command("sample")
def print_sample() -> None:
    """Print a file with all settings and their defaults."""
    from ..core.config import sample

    click.echo(sample(), nl=False)


@click.group()
def db() -> None:
    """Tables of the extension in Galaxy's database."""


@db.command("status")
@click.pass_obj
@handle_errors
def db_status(config_file: Optional[str]) -> None:
    """Print the revision of the tables and the one this version needs; exit code 1 if they differ."""
    from ..core.model import migrate
    from .application import CliApplication

    engine = CliApplication(config_file).model.engine
    current, head = migrate.current_revision(engine), migrate.head_revision()
    with engine.connect() as connection:
        newer = migrate.newer_tables(connection)
    if newer:
        does = "works with them, but removes no personal data" if newer.usable else "cannot use them"
        verdict = f"made by a newer version. galaxy-tiaas {__version__} is older and {does}: install the newer version"
    else:
        verdict = "up to date" if current == head else "run `galaxy-tiaas db upgrade`, or restart Galaxy"
    click.echo(f"revision {current or 'none'}, needed {head}: {verdict}")
    if current != head:
        raise SystemExit(1)


@db.command("upgrade")
@click.pass_obj
@handle_errors
def upgrade(config_file: Optional[str]) -> None:
    """Create or upgrade the tables, as Galaxy does when it starts."""
    from ..core.model import migrate
    from .application import CliApplication

    changed = migrate.upgrade(CliApplication(config_file).model.engine)
    click.echo(f"{'upgraded to' if changed else 'already at'} revision {migrate.head_revision()}")


@db.command("drop")
@click.option("--yes-really", is_flag=True, help="Do it; without this, say what would be removed.")
@click.option(
    "--cohorts", is_flag=True, help="Also delete the groups and roles of trainings, as Galaxy's admins would."
)
@click.pass_obj
@handle_errors
def drop_tables(config_file: Optional[str], yes_really: bool, cohorts: bool) -> None:
    """Remove everything of the extension from Galaxy's database, for good.

    Drops its tables and takes the roles off the groups of trainings. Stop using it first: remove its two keys from
    galaxy.yml and its rule from the job configuration, and restart Galaxy.
    """
    from ..membership.removal import RemovalService
    from .application import CliApplication

    service = CliApplication(config_file)[RemovalService]
    found = service.inventory()
    if not found.tables:
        click.echo("nothing to drop")
        return
    if yes_really:
        service.remove(cohorts=cohorts)
    else:
        click.echo("This would be done, for good:")
    click.echo(f"tables dropped: {found.tables}, with {found.trainings} trainings")
    click.echo(f"roles taken off groups: {found.links}")
    cohort = f"{found.groups} groups and {found.roles} roles of trainings"
    click.echo(f"deleted in Galaxy: {cohort}" if cohorts else f"left in Galaxy: {cohort} (--cohorts deletes them)")
    if not yes_really:
        raise click.ClickException("Nothing has been changed. Add --yes-really to do it.")


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
@pass_application
def run(app: "CliApplication", dry_run: bool, wait: int) -> None:
    """Run what is due now: switch cohorts on and off, remind, thank, redact, deliver messages.

    Exit code 1 if something failed, or if another process did not finish in time.
    """
    from ..lifecycle.tasks import LifecycleTasks

    report = app[LifecycleTasks].run(app.now(), dry_run=True) if dry_run else _run_with_lease(app, wait)
    for line in _report_lines(report, dry_run):
        click.echo(line)
    if not report:
        click.echo("nothing is due")
    if report.failed:
        raise SystemExit(1)


def _report_lines(report: Any, dry_run: bool) -> Iterator[str]:
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


def _run_with_lease(app: "CliApplication", wait: int) -> Any:
    from ..lifecycle.scheduler import LifecycleScheduler

    scheduler = app[LifecycleScheduler]
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
@pass_application
def lifecycle_status(app: "CliApplication") -> None:
    """Print which process is running it, when it last finished, and how often it ran."""
    from ..core.config import TiaasConfig
    from ..lifecycle.scheduler import LifecycleScheduler

    interval = app[TiaasConfig].lifecycle_interval_seconds
    status = app[LifecycleScheduler].status(app.now())
    click.echo(f"timer in Galaxy: {f'every {interval} seconds' if interval else 'off'}")
    click.echo(f"running now: {status.holder or 'no'}")
    click.echo(f"last finished: {f'{status.finished_at:%Y-%m-%d %H:%M:%S} UTC' if status.finished_at else 'never'}")
    click.echo(f"runs: {status.runs}, failures: {status.failures}")


@click.group()
def mail() -> None:
    """The mail queue: mails and notifications that have not been delivered."""


@mail.command("list")
@pass_application
def list_undelivered(app: "CliApplication") -> None:
    """List deliveries that wait and that were abandoned."""
    from ..notifications.service import NotificationService

    view = app[NotificationService].queue(app.actor)
    for title, total, found in (
        ("waiting", view.waiting_total, view.waiting),
        ("abandoned", view.given_up_total, view.given_up),
    ):
        click.echo(f"{title}: {total}")
        for undelivered in found:
            click.echo(_undelivered_line(undelivered))
        if total > len(found):
            click.echo(f"  ({total - len(found)} more)")
    if not view.sends_mail:
        click.echo("Galaxy sends no mail: smtp_server is not set in galaxy.yml.")


@mail.command("retry")
@click.argument("delivery", type=int, required=False)
@pass_application
def retry(app: "CliApplication", delivery: Optional[int]) -> None:
    """Retry one now, by its number in `mail list`, or all that were abandoned.

    One that is being sent is left alone.
    """
    _act_on_queue(app, "retry", delivery)


@mail.command("drop")
@click.argument("delivery", type=int, required=False)
@pass_application
def drop(app: "CliApplication", delivery: Optional[int]) -> None:
    """Drop one, by its number in `mail list`, or all that were abandoned."""
    _act_on_queue(app, "drop", delivery)


def _act_on_queue(app: "CliApplication", action: str, delivery: Optional[int]) -> None:
    from ..notifications.schema import MailAction
    from ..notifications.service import NotificationService

    wanted = MailAction.model_validate({"action": action, "delivery": delivery})
    count = app[NotificationService].act_on_queue(app.actor, wanted, app.now())
    if delivery is not None and not count:
        raise click.ClickException(f"{delivery} is not in the queue: it was delivered or dropped, or is being sent.")
    click.echo(f"{count} {'queued for retry' if action == 'retry' else 'dropped'}")
    app.deliver()


def _undelivered_line(undelivered: "UndeliveredView") -> str:
    what = f"{undelivered.event} to {undelivered.audience}"
    when = f"{undelivered.created:%Y-%m-%d %H:%M} UTC, {undelivered.attempts} attempts"
    parts = [f"  {undelivered.id}", undelivered.channel, undelivered.identifier or "-", what, when, undelivered.problem]
    return "  ".join(part for part in parts if part)
