"""``galaxy-tiaas trainings``"""

import json
from collections.abc import (
    Callable,
    Iterator,
    Sequence,
)
from contextlib import contextmanager
from typing import (
    Any,
    Literal,
    Optional,
    TYPE_CHECKING,
)

import click

from ..core.sources import CHANGE_SOURCES
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .error_handler import handle_errors

if TYPE_CHECKING:
    from ..trainings.service import TrainingsService


@click.group()
def trainings() -> None:
    """Look at trainings and decide about them."""


@trainings.command("list")
@click.option("--state", type=click.Choice([state.value for state in TrainingState]))
@click.option("--phase", type=click.Choice([phase.value for phase in TrainingPhase]))
@click.option("--search", default="", help="Words in identifier, title, description or contact.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON as the API gives it.")
@click.pass_obj
@handle_errors
def list_trainings(
    config_file: Optional[str], state: Optional[str], phase: Optional[str], search: str, limit: int, as_json: bool
) -> None:
    """List trainings, the latest first."""
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER
    from ..trainings.manager import TrainingQuery

    query = TrainingQuery(
        states=[TrainingState(state)] if state else [],
        phase=TrainingPhase(phase) if phase else None,
        search=search,
        limit=limit,
    )
    found = _service(config_file).index(SERVER, query, now())
    if as_json:
        click.echo(json.dumps([view.model_dump(mode="json", exclude_unset=True) for view in found], indent=2))
        return
    rows = [
        (v.identifier, v.state.value, v.phase.value, str(v.start), str(v.end), f"{v.members}/{v.attendance}", v.title)
        for v in found
    ]
    _table(("identifier", "state", "phase", "start", "end", "joined", "title"), rows)
    if found.total > len(found):
        click.echo(f"({found.total - len(found)} more)")


@trainings.command("show")
@click.argument("identifier")
@click.pass_obj
@handle_errors
def show(config_file: Optional[str], identifier: str) -> None:
    """Print one training and its history as JSON."""
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER

    service = _service(config_file)
    training = service.trainings.get(identifier)
    view = service.show(SERVER, training, now()).model_dump(mode="json", exclude_unset=True)
    history = [event.model_dump(mode="json") for event in service.history(SERVER, training)]
    click.echo(json.dumps({**view, "history": history}, indent=2))


@trainings.command("history")
@click.argument("identifier", required=False, default="")
@click.option("--user", default="", help="Who did it: public name, e-mail address, encoded id, or 'server'.")
@click.option("--action", default="", help="What was done, for example approved or changed.")
@click.option("--via", type=click.Choice(CHANGE_SOURCES), help="How: on a page, by the API, …")
@click.option("--since", metavar="DATE", help="First day, in UTC.")
@click.option("--until", metavar="DATE", help="Last day, in UTC.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=50, show_default=True)
@click.option("--csv", "form", flag_value="csv", help="Print all of it as CSV, whatever --limit says.")
@click.option("--json", "form", flag_value="json", help="Print all of it as JSON, whatever --limit says.")
@click.pass_obj
@handle_errors
def history(
    config_file: Optional[str],
    identifier: str,
    user: str,
    action: str,
    via: Optional[str],
    since: Optional[str],
    until: Optional[str],
    limit: int,
    form: Optional[str],
) -> None:
    """List who changed what, in one training or in all, newest first."""
    from ..core.actor import SERVER
    from ..history.schema import HistoryFilter
    from ..history.service import HistoryService
    from .application import ready_application

    asked = {"training": identifier, "user": user, "action": action, "via": via, "since": since, "until": until}
    wanted = HistoryFilter.model_validate({name: value for name, value in asked.items() if value})
    service = ready_application(config_file)[HistoryService]
    if form:
        for piece in (service.csv if form == "csv" else service.json)(SERVER, wanted):
            click.echo(piece, nl=False)
        return
    page = service.page(SERVER, wanted, limit=limit)
    rows = [
        (
            f"{event.time:%Y-%m-%d %H:%M}",
            event.identifier,
            event.username or "–",
            event.via or "–",
            event.action,
            ", ".join(event.changes) if event.action not in ("requested", "imported") else "",
            " ".join(event.note.split()),
        )
        for event in page.events
    ]
    _table(("time (UTC)", "training", "who", "via", "what", "fields", "note"), rows)
    if page.has_older:
        click.echo("(there is more)")


def _with_note(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("identifier")(click.option("--note", default="", help="A note to the instructors.")(command))


@trainings.command("approve")
@_with_note
@click.option("--destination", help="Job environment for its members, if not the usual one.")
@click.pass_obj
@handle_errors
def approve(config_file: Optional[str], identifier: str, note: str, destination: Optional[str]) -> None:
    """Approve a training and create its group and role."""
    _decide(config_file, identifier, TrainingState.APPROVED, note, destination)


@trainings.command("reject")
@_with_note
@click.pass_obj
@handle_errors
def reject(config_file: Optional[str], identifier: str, note: str) -> None:
    """Reject a training."""
    _decide(config_file, identifier, TrainingState.REJECTED, note)


@trainings.command("cancel")
@_with_note
@click.pass_obj
@handle_errors
def cancel(config_file: Optional[str], identifier: str, note: str) -> None:
    """Cancel a training."""
    _decide(config_file, identifier, TrainingState.CANCELLED, note)


@trainings.command("end")
@_with_note
@click.pass_obj
@handle_errors
def end(config_file: Optional[str], identifier: str, note: str) -> None:
    """End a running training before its last day."""
    _end_or_resume(config_file, "end", identifier, note)


@trainings.command("resume")
@_with_note
@click.pass_obj
@handle_errors
def resume(config_file: Optional[str], identifier: str, note: str) -> None:
    """Let a training that was ended early go on until its last day."""
    _end_or_resume(config_file, "resume", identifier, note)


@trainings.command("accept-change")
@_with_note
@click.pass_obj
@handle_errors
def accept_change(config_file: Optional[str], identifier: str, note: str) -> None:
    """Accept the change that an instructor requested; `show` prints it."""
    _decide_change(config_file, identifier, True, note)


@trainings.command("decline-change")
@_with_note
@click.pass_obj
@handle_errors
def decline_change(config_file: Optional[str], identifier: str, note: str) -> None:
    """Decline the change that an instructor requested."""
    _decide_change(config_file, identifier, False, note)


def _service(config_file: Optional[str]) -> "TrainingsService":
    from ..trainings.service import TrainingsService
    from .application import ready_application

    return ready_application(config_file)[TrainingsService]


@contextmanager
def _changing(config_file: Optional[str]) -> "Iterator[TrainingsService]":
    """The service; afterwards, people are told of what was done with it."""
    from ..trainings.service import TrainingsService
    from .application import ready_application
    from .delivery import deliver

    host = ready_application(config_file)
    yield host[TrainingsService]
    deliver(host)


def _decide(
    config_file: Optional[str], identifier: str, state: TrainingState, note: str, destination: Optional[str] = None
) -> None:
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER
    from ..trainings.schema import StateChange

    change = StateChange(state=state, note=note, destination=destination)
    with _changing(config_file) as service:
        view = service.set_state(SERVER, service.trainings.get(identifier), change, now())
    click.echo(f"{view.identifier}: {view.state.value}")


def _end_or_resume(config_file: Optional[str], operation: Literal["end", "resume"], identifier: str, note: str) -> None:
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER
    from ..trainings.schema import Note

    with _changing(config_file) as service:
        end_or_resume = service.end if operation == "end" else service.resume
        view = end_or_resume(SERVER, service.trainings.get(identifier), Note(note=note), now())
    click.echo(f"{view.identifier}: {view.phase.value}")


def _decide_change(config_file: Optional[str], identifier: str, accept: bool, note: str) -> None:
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER
    from ..trainings.schema import ChangeDecision

    with _changing(config_file) as service:
        decision = ChangeDecision(accept=accept, note=note)
        view = service.decide_change(SERVER, service.trainings.get(identifier), decision, now())
    click.echo(f"{view.identifier}: change {'accepted' if accept else 'declined'}")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
