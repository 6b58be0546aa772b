"""``galaxy-tiaas trainings``"""

import json
from collections.abc import (
    Callable,
    Sequence,
)
from typing import (
    Any,
    Optional,
    TYPE_CHECKING,
)

import click

from ..domain.states import (
    TrainingPhase,
    TrainingState,
)
from .guarded import guarded

if TYPE_CHECKING:
    from ..services.trainings import TrainingsService


@click.group()
def trainings() -> None:
    """Requests and decisions."""


@trainings.command("list")
@click.option("--state", type=click.Choice([state.value for state in TrainingState]))
@click.option("--phase", type=click.Choice([phase.value for phase in TrainingPhase]))
@click.option("--search", default="", help="Words that occur in identifier, title, description or contact.")
@click.option("--limit", type=click.IntRange(1, 10_000), default=100, show_default=True)
@click.option("--json", "as_json", is_flag=True, help="Print JSON as the API gives it.")
@click.pass_obj
@guarded
def list_trainings(
    config_file: Optional[str], state: Optional[str], phase: Optional[str], search: str, limit: int, as_json: bool
) -> None:
    """List trainings, the latest first."""
    from galaxy.util import now

    from ..managers.trainings import TrainingQuery
    from ..services.actor import SERVER

    query = TrainingQuery(
        states=[TrainingState(state)] if state else [],
        phase=TrainingPhase(phase) if phase else None,
        search=search,
        limit=limit,
    )
    found, total = _service(config_file).index(SERVER, query, now())
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
@guarded
def show(config_file: Optional[str], identifier: str) -> None:
    """Print one training and its history as JSON."""
    from galaxy.util import now

    from ..services.actor import SERVER

    service = _service(config_file)
    view = service.show(SERVER, identifier, now()).model_dump(mode="json", exclude_unset=True)
    history = [event.model_dump(mode="json") for event in service.history(SERVER, identifier)]
    click.echo(json.dumps({**view, "history": history}, indent=2))


def _with_note(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.argument("identifier")(click.option("--note", default="", help="A word to the instructor.")(command))


@trainings.command("approve")
@_with_note
@click.option("--destination", help="Job environment for its members, if not the usual one.")
@click.pass_obj
@guarded
def approve(config_file: Optional[str], identifier: str, note: str, destination: Optional[str]) -> None:
    """Approve a training: make its group and role."""
    _decide(config_file, identifier, TrainingState.APPROVED, note, destination)


@trainings.command("reject")
@_with_note
@click.pass_obj
@guarded
def reject(config_file: Optional[str], identifier: str, note: str) -> None:
    """Reject a training."""
    _decide(config_file, identifier, TrainingState.REJECTED, note)


@trainings.command("cancel")
@_with_note
@click.pass_obj
@guarded
def cancel(config_file: Optional[str], identifier: str, note: str) -> None:
    """Cancel a training."""
    _decide(config_file, identifier, TrainingState.CANCELLED, note)


@trainings.command("end")
@_with_note
@click.pass_obj
@guarded
def end(config_file: Optional[str], identifier: str, note: str) -> None:
    """End a running training before its last day."""
    from galaxy.util import now

    from ..schema.trainings import Note
    from ..services.actor import SERVER

    view = _service(config_file).end(SERVER, identifier, Note(note=note), now())
    click.echo(f"{view.identifier}: {view.phase.value}")


def _service(config_file: Optional[str]) -> "TrainingsService":
    from ..services.trainings import TrainingsService
    from .host import ready_host

    return ready_host(config_file)[TrainingsService]


def _decide(
    config_file: Optional[str], identifier: str, state: TrainingState, note: str, destination: Optional[str] = None
) -> None:
    from galaxy.util import now

    from ..schema.trainings import StateChange
    from ..services.actor import SERVER

    change = StateChange(state=state, note=note, destination=destination)
    view = _service(config_file).set_state(SERVER, identifier, change, now())
    click.echo(f"{view.identifier}: {view.state.value}")


def _table(header: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    widths = [max(len(row[column]) for row in (header, *rows)) for column in range(len(header))]
    for row in (header, *rows):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip())
