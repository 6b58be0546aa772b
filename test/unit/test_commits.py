"""A change is one commit, and what is committed is answered: between the two, nothing is asked of the database.

Else a database that goes away at that moment makes an error of what is done.
"""

from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from galaxy_tiaas.classroom.schema import (
    Answer,
    HandChange,
    QuestionAsked,
)
from galaxy_tiaas.classroom.service import ClassroomService
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.dashboard.schema import DashboardUpdate
from galaxy_tiaas.dashboard.step_service import DashboardsService
from galaxy_tiaas.invitations.service import (
    InvitationDecision,
    InvitationsService,
)
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    Note,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from galaxy_tiaas.web.permissions import may_manage
from in_process import (
    DURING,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
    SERVER,
)

_COMMIT = "COMMIT"
_NEXT_YEAR = LAST_DAY.replace(year=LAST_DAY.year + 1)

Change = Callable[[InProcess, Actor], Any]


@contextmanager
def _sent(galaxy: InProcess) -> Iterator[list[str]]:
    """What is sent to the database meanwhile, commits included."""
    engine = galaxy.host.model.engine

    def commit(_connection: Any) -> None:
        statements.append(_COMMIT)

    with galaxy.statements() as statements:
        sqlalchemy.event.listen(engine, "commit", commit)
        try:
            yield statements
        finally:
            sqlalchemy.event.remove(engine, "commit", commit)


def _set_state(state: TrainingState, actor: Actor = SERVER) -> Change:
    change = StateChange(state=state)
    return lambda galaxy, minerva: galaxy.perform(TrainingsService.set_state, actor, "gryffindor", change, DURING)


def _request(galaxy: InProcess, minerva: Actor) -> Any:
    days = {"start": _NEXT_YEAR, "end": _NEXT_YEAR}
    payload = TrainingCreate(identifier="slytherin", title="Potions", attendance=5, instructors=["harry"], **days)
    return galaxy[TrainingsService].create(minerva, payload, DURING)


def _update(**fields: Any) -> Change:
    payload = TrainingUpdate(**fields)
    return lambda galaxy, minerva: galaxy.perform(TrainingsService.update, minerva, "gryffindor", payload, DURING)


def _end(galaxy: InProcess, minerva: Actor) -> Any:
    return galaxy.perform(TrainingsService.end, minerva, "gryffindor", Note(), DURING)


def _resume(galaxy: InProcess, _minerva: Actor) -> Any:
    return galaxy.perform(TrainingsService.resume, SERVER, "gryffindor", Note(), DURING)


def _join(galaxy: InProcess, _minerva: Actor) -> Any:
    return galaxy.perform(MembershipsService.join, galaxy.user("harry"), "gryffindor", DURING)


def _leave(galaxy: InProcess, _minerva: Actor) -> Any:
    return galaxy.perform(MembershipsService.leave, galaxy.user("harry"), "gryffindor", DURING)


def _raise_hand(galaxy: InProcess, _minerva: Actor) -> Any:
    return galaxy.perform(
        ClassroomService.set_hand, galaxy.user("harry"), "gryffindor", HandChange(raised=True), DURING
    )


def _ask(galaxy: InProcess, minerva: Actor) -> Any:
    return galaxy.perform(ClassroomService.ask, minerva, "gryffindor", QuestionAsked(text="Done?"), DURING)


def _answer(galaxy: InProcess, _minerva: Actor) -> Any:
    return galaxy.perform(ClassroomService.answer, galaxy.user("harry"), "gryffindor", Answer(done=True), DURING)


def _set_up(galaxy: InProcess, minerva: Actor) -> Any:
    payload = DashboardUpdate(steps=[{"tool_id": "cat1"}], course_only=True)
    return galaxy.perform(DashboardsService.update, minerva, "gryffindor", payload, DURING)


def _decide(galaxy: InProcess, _minerva: Actor) -> Any:
    return galaxy.perform(TrainingsService.decide_change, SERVER, "gryffindor", ChangeDecision(accept=True), DURING)


def _take_back(galaxy: InProcess, minerva: Actor) -> Any:
    return galaxy.perform(TrainingsService.take_back, minerva, "gryffindor", DURING)


def _accept(galaxy: InProcess, _minerva: Actor) -> Any:
    decision = InvitationDecision(accept=True)
    return galaxy.perform(InvitationsService.answer, galaxy.user("harry"), "gryffindor", decision, REQUESTED)


#: Each change with the state of the training, and what happens to it before.
_CHANGES: dict[str, tuple[str, list[Change], Change]] = {
    "request": ("new", [], _request),
    "change a request": ("new", [], _update(title="Charms", instructors=["harry"])),
    "change": ("approved", [], _update(title="Charms")),
    "wish for other days": ("approved", [], _update(end=_NEXT_YEAR)),
    "agree to it": ("approved", [_update(end=_NEXT_YEAR)], _decide),
    "take it back": ("approved", [_update(end=_NEXT_YEAR)], _take_back),
    "approve": ("new", [], _set_state(TrainingState.APPROVED)),
    "reject": ("new", [], _set_state(TrainingState.REJECTED)),
    "cancel": ("approved", [], _set_state(TrainingState.CANCELLED)),
    "end": ("approved", [], _end),
    "resume": ("approved", [_end], _resume),
    "join": ("approved", [], _join),
    "leave": ("approved", [_join], _leave),
    "raise the hand": ("approved", [_join], _raise_hand),
    "ask": ("approved", [_join], _ask),
    "answer": ("approved", [_join, _ask], _answer),
    "accept an invitation": ("new", [_update(instructors=["harry"])], _accept),
    "set up the dashboard": ("approved", [], _set_up),
}
#: Those that are answered with something else than the training or its dashboard.
_OF_A_CLASS = ("join", "leave", "raise the hand", "ask", "answer", "accept an invitation")


@on_both_databases
@pytest.mark.parametrize("name", _CHANGES)
def test_a_change_is_one_commit_and_what_is_committed_is_answered(galaxy: InProcess, name: str) -> None:
    state, before, change = _CHANGES[name]
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva, state=state)
    galaxy.user("harry")
    for happened in before:
        happened(galaxy, minerva)
    with _sent(galaxy) as sent:
        change(galaxy, minerva)
    assert sent.count(_COMMIT) == 1
    assert sent[-1] == _COMMIT


@on_both_databases
@pytest.mark.parametrize("name", [name for name in _CHANGES if name not in _OF_A_CLASS])
def test_it_is_answered_as_it_is_committed(galaxy: InProcess, name: str) -> None:
    state, before, change = _CHANGES[name]
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva, state=state)
    for happened in before:
        happened(galaxy, minerva)
    answered = change(galaxy, minerva)
    galaxy.session.remove()
    minerva = galaxy.user("minerva")
    if name == "set up the dashboard":
        assert answered == galaxy[DashboardsService].show(galaxy.found(may_manage, minerva, "gryffindor"))
        return
    # What an admin is answered has more.
    reader = SERVER if name in ("approve", "reject", "cancel", "resume", "agree to it") else minerva
    assert answered == galaxy.perform(TrainingsService.show, reader, answered.identifier, DURING)
