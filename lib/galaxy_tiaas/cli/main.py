"""Options and commands of ``galaxy-tiaas``."""

import json
import logging
from collections.abc import (
    Callable,
    Sequence,
)
from datetime import datetime
from functools import wraps
from typing import (
    Any,
    Optional,
)

import click
from galaxy.exceptions import MessageException
from galaxy.model import User
from galaxy.util import now
from sqlalchemy import (
    or_,
    select,
)
from sqlalchemy.exc import SQLAlchemyError

from .. import __version__
from ..config import (
    CONFIG_FILE_KEY,
    config_of,
    ConfigurationProblem,
    sample,
    TiaasConfig,
)
from ..domain.states import (
    TrainingPhase,
    TrainingState,
)
from ..lifecycle import Lifecycle
from ..managers.destinations import DestinationCatalogue
from ..managers.trainings import TrainingQuery
from ..model import migrate
from ..rules.gateway import (
    decide_for,
    destinations_of,
)
from ..schema.trainings import StateChange
from ..services.actor import Actor
from ..services.trainings import TrainingsService
from .host import Host

#: Whoever can run the command has the configuration and the database: no need to ask who it is.
_SERVER = Actor(is_admin=True)


def _guarded(command: Callable) -> Callable:
    """Turn what can go wrong into one sentence and exit code 1."""

    @wraps(command)
    def wrapped(*args: Any, **kwargs: Any) -> Any:
        try:
            return command(*args, **kwargs)
        except (ConfigurationProblem, migrate.DatabaseProblem, MessageException) as problem:
            raise click.ClickException(str(problem)) from None
        except SQLAlchemyError as problem:
            cause = " ".join(str(getattr(problem, "orig", None) or problem).split())
            raise click.ClickException(f"Galaxy's database: {cause}") from None

    return wrapped


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-c",
    "--config-file",
    envvar="GALAXY_CONFIG_FILE",
    help="Galaxy's configuration file; default: $GALAXY_CONFIG_FILE, else where Galaxy looks for galaxy.yml.",
)
@click.version_option(__version__, prog_name="galaxy-tiaas")
@click.pass_context
def main(context: click.Context, config_file: Optional[str]) -> None:
    """Training Infrastructure as a Service for Galaxy."""
    logging.disable(logging.WARNING)
    context.obj = config_file


@main.group()
def config() -> None:
    """Settings."""


@config.command("check")
@click.pass_obj
@_guarded
def config_check(config_file: Optional[str]) -> None:
    """Check the settings, and the destinations in them against Galaxy's job configuration."""
    host = Host(config_file)
    settings = host[TiaasConfig]
    problems = DestinationCatalogue(host.job_config, settings).problems()
    if problems:
        raise click.ClickException("\n".join(problems))
    click.echo(f"{host.config.get(CONFIG_FILE_KEY) or 'The defaults'}: no problems found.")


@config.command("sample")
def config_sample() -> None:
    """Print a file with all settings and their defaults."""
    click.echo(sample(), nl=False)


@main.group()
def db() -> None:
    """Tables of the extension in Galaxy's database."""


@db.command("status")
@click.pass_obj
@_guarded
def db_status(config_file: Optional[str]) -> None:
    """Print the revision of the tables and the one this version needs."""
    current = migrate.current_revision(Host(config_file).model.engine)
    head = migrate.head_revision()
    verdict = "up to date" if current == head else "run `galaxy-tiaas db upgrade`, or restart Galaxy"
    click.echo(f"revision {current or 'none'}, needed {head}: {verdict}")
    if current != head:
        raise SystemExit(1)


@db.command("upgrade")
@click.pass_obj
@_guarded
def db_upgrade(config_file: Optional[str]) -> None:
    """Create the tables or bring them up to date, as a start of Galaxy does."""
    changed = migrate.upgrade(Host(config_file).model.engine)
    click.echo(f"{'upgraded to' if changed else 'already at'} revision {migrate.head_revision()}")


@main.group()
def trainings() -> None:
    """Requests and decisions."""


@trainings.command("list")
@click.option("--state", type=click.Choice([state.value for state in TrainingState]))
@click.option("--phase", type=click.Choice([phase.value for phase in TrainingPhase]))
@click.option("--search", default="", help="Words that occur in identifier, title, description or contact.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON as the API gives it.")
@click.pass_obj
@_guarded
def trainings_list(
    config_file: Optional[str], state: Optional[str], phase: Optional[str], search: str, limit: int, as_json: bool
) -> None:
    """List trainings, the latest first."""
    query = TrainingQuery(
        states=[TrainingState(state)] if state else [],
        phase=TrainingPhase(phase) if phase else None,
        search=search,
        limit=limit,
    )
    found, total = _service(config_file).index(_SERVER, query, now())
    if as_json:
        click.echo(json.dumps([view.model_dump(mode="json", exclude_unset=True) for view in found], indent=2))
        return
    rows = [
        (v.identifier, v.state.value, v.phase.value, str(v.start), str(v.end), f"{v.members}/{v.attendance}", v.title)
        for v in found
    ]
    _table(("identifier", "state", "phase", "start", "end", "joined", "title"), rows)
    if total > len(found):
        click.echo(f"({total - len(found)} more)")


@trainings.command("show")
@click.argument("identifier")
@click.pass_obj
@_guarded
def trainings_show(config_file: Optional[str], identifier: str) -> None:
    """Print one training and its history as JSON."""
    service = _service(config_file)
    view = service.show(_SERVER, identifier, now()).model_dump(mode="json", exclude_unset=True)
    history = [event.model_dump(mode="json") for event in service.history(_SERVER, identifier)]
    click.echo(json.dumps({**view, "history": history}, indent=2))


@trainings.command("approve")
@click.argument("identifier")
@click.option("--note", default="", help="A word to the instructor.")
@click.option("--destination", help="Job environment for its members, if not the usual one.")
@click.pass_obj
@_guarded
def trainings_approve(config_file: Optional[str], identifier: str, note: str, destination: Optional[str]) -> None:
    """Approve a training: make its group and role."""
    _decide(config_file, identifier, StateChange(state=TrainingState.APPROVED, note=note, destination=destination))


@trainings.command("reject")
@click.argument("identifier")
@click.option("--note", default="", help="A word to the instructor.")
@click.pass_obj
@_guarded
def trainings_reject(config_file: Optional[str], identifier: str, note: str) -> None:
    """Reject a training."""
    _decide(config_file, identifier, StateChange(state=TrainingState.REJECTED, note=note))


@trainings.command("cancel")
@click.argument("identifier")
@click.option("--note", default="", help="A word to the instructor.")
@click.pass_obj
@_guarded
def trainings_cancel(config_file: Optional[str], identifier: str, note: str) -> None:
    """Cancel a training."""
    _decide(config_file, identifier, StateChange(state=TrainingState.CANCELLED, note=note))


@main.group()
def lifecycle() -> None:
    """What the calendar does to trainings."""


@lifecycle.command("run")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and change nothing.")
@click.pass_obj
@_guarded
def lifecycle_run(config_file: Optional[str], dry_run: bool) -> None:
    """Switch cohorts on and off and redact, as is due now."""
    report = _host(config_file)[Lifecycle].run(now(), dry_run=dry_run)
    will = "would be " if dry_run else ""
    for what, identifiers in vars(report).items():
        verb = "failed" if what == "failed" else f"{will}{what.replace('_', ' ')}"
        for identifier in identifiers:
            click.echo(f"{identifier}: {verb}")
    if not report:
        click.echo("nothing is due")
    if report.failed:
        raise SystemExit(1)


@main.command()
@click.option("--user", "name", required=True, help="Public name or e-mail address.")
@click.option("--tool", "tool_id", default="any_tool", help="Tool id; default: an ordinary tool.")
@click.pass_obj
@_guarded
def explain(config_file: Optional[str], name: str, tool_id: str) -> None:
    """Say where a job of a user would go now, and why."""
    host = _host(config_file)
    user = host.model.context.scalars(select(User).where(or_(User.username == name, User.email == name))).first()
    if user is None:
        raise click.ClickException(f"There is no Galaxy account called '{name}'.")
    rules = DestinationCatalogue(host.job_config, host[TiaasConfig]).rules()
    if not rules:
        raise click.ClickException(
            "No environment of the job configuration uses `rules_module: galaxy_tiaas.rules`, so trainings do not"
            " change where jobs go."
        )
    for rule in rules:
        beside = {parameter: rule.params.get(parameter) for parameter in ("default", "training", "local")}
        decision = decide_for(host, user, None, tool_id, destinations_of(host, **beside))
        click.echo(f"{rule.id}: {decision.destination or '?'}, because {decision.reason}.")


def _host(config_file: Optional[str]) -> Host:
    """A host whose settings are right and whose tables are up to date."""
    host = Host(config_file)
    config_of(host.config)
    if migrate.current_revision(host.model.engine) != migrate.head_revision():
        raise migrate.DatabaseProblem("the tables are not up to date; run `galaxy-tiaas db upgrade`")
    return host


def _service(config_file: Optional[str]) -> TrainingsService:
    return _host(config_file)[TrainingsService]


def _decide(config_file: Optional[str], identifier: str, change: StateChange) -> None:
    at: datetime = now()
    view = _service(config_file).set_state(_SERVER, identifier, change, at)
    click.echo(f"{view.identifier}: {view.state.value}")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip())
