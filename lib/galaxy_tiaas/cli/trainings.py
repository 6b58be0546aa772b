"""``galaxy-tiaas trainings``"""

import json
from collections.abc import (
    Callable,
    Sequence,
)
from typing import (
    Any,
    Literal,
    Optional,
    TYPE_CHECKING,
)

import click

from ..trainings.states import (
    CHANGE_SOURCES,
    TrainingPhase,
    TrainingState,
)
from .decorators import pass_application

if TYPE_CHECKING:
    from .application import CliApplication


@click.group()
def trainings() -> None:
    """Look at trainings and decide about them."""


@trainings.command("list")
@click.option("--state", type=click.Choice([state.value for state in TrainingState]))
@click.option("--phase", type=click.Choice([phase.value for phase in TrainingPhase]))
@click.option("--search", default="", help="Words in identifier, title, description or contact; or a country.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON as the API gives it.")
@pass_application
def list_trainings(
    app: "CliApplication", state: Optional[str], phase: Optional[str], search: str, limit: int, as_json: bool
) -> None:
    """List trainings, the latest first."""
    from ..trainings.manager import TrainingQuery
    from ..trainings.service import TrainingsService

    query = TrainingQuery(
        states=[TrainingState(state)] if state else [],
        phase=TrainingPhase(phase) if phase else None,
        search=search,
        limit=limit,
    )
    found = app[TrainingsService].index(app.actor, query, app.now())
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
@pass_application
def show(app: "CliApplication", identifier: str) -> None:
    """Print one training and its history as JSON."""
    from ..trainings.service import TrainingsService

    service = app[TrainingsService]
    training = service.trainings.get(identifier)
    view = service.show(app.actor, training, app.now()).model_dump(mode="json", exclude_unset=True)
    history = [event.model_dump(mode="json") for event in service.history(app.actor, training)]
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
@pass_application
def history(
    app: "CliApplication",
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
    from ..history.schema import HistoryFilter
    from ..history.service import HistoryService

    asked = {"training": identifier, "user": user, "action": action, "via": via, "since": since, "until": until}
    wanted = HistoryFilter.model_validate({name: value for name, value in asked.items() if value})
    service = app[HistoryService]
    if form:
        for piece in (service.csv if form == "csv" else service.json)(app.actor, wanted):
            click.echo(piece, nl=False)
        return
    page = service.page(app.actor, wanted, limit=limit)
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
@pass_application
def approve(app: "CliApplication", identifier: str, note: str, destination: Optional[str]) -> None:
    """Approve a training and create its group and role."""
    _decide(app, identifier, TrainingState.APPROVED, note, destination)


@trainings.command("reject")
@_with_note
@pass_application
def reject(app: "CliApplication", identifier: str, note: str) -> None:
    """Reject a training."""
    _decide(app, identifier, TrainingState.REJECTED, note)


@trainings.command("cancel")
@_with_note
@pass_application
def cancel(app: "CliApplication", identifier: str, note: str) -> None:
    """Cancel a training."""
    _decide(app, identifier, TrainingState.CANCELLED, note)


@trainings.command("end")
@_with_note
@pass_application
def end(app: "CliApplication", identifier: str, note: str) -> None:
    """End a running training before its last day."""
    _end_or_resume(app, "end", identifier, note)


@trainings.command("resume")
@_with_note
@pass_application
def resume(app: "CliApplication", identifier: str, note: str) -> None:
    """Let a training that was ended early go on until its last day."""
    _end_or_resume(app, "resume", identifier, note)


@trainings.command("accept-change")
@_with_note
@pass_application
def accept_change(app: "CliApplication", identifier: str, note: str) -> None:
    """Accept the change that an instructor requested; `show` prints it."""
    _decide_change(app, identifier, True, note)


@trainings.command("decline-change")
@_with_note
@pass_application
def decline_change(app: "CliApplication", identifier: str, note: str) -> None:
    """Decline the change that an instructor requested."""
    _decide_change(app, identifier, False, note)


def _decide(
    app: "CliApplication", identifier: str, state: TrainingState, note: str, destination: Optional[str] = None
) -> None:
    from ..trainings.schema import StateChange
    from ..trainings.service import TrainingsService

    service = app[TrainingsService]
    change = StateChange(state=state, note=note, destination=destination)
    view = service.set_state(app.actor, service.trainings.get(identifier), change, app.now())
    app.deliver()
    click.echo(f"{view.identifier}: {view.state.value}")


def _end_or_resume(app: "CliApplication", operation: Literal["end", "resume"], identifier: str, note: str) -> None:
    from ..trainings.schema import Note
    from ..trainings.service import TrainingsService

    service = app[TrainingsService]
    end_or_resume = service.end if operation == "end" else service.resume
    view = end_or_resume(app.actor, service.trainings.get(identifier), Note(note=note), app.now())
    app.deliver()
    click.echo(f"{view.identifier}: {view.phase.value}")


def _decide_change(app: "CliApplication", identifier: str, accept: bool, note: str) -> None:
    from ..trainings.schema import ChangeDecision
    from ..trainings.service import TrainingsService

    service = app[TrainingsService]
    decision = ChangeDecision(accept=accept, note=note)
    view = service.decide_change(app.actor, service.trainings.get(identifier), decision, app.now())
    app.deliver()
    click.echo(f"{view.identifier}: change {'accepted' if accept else 'declined'}")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
