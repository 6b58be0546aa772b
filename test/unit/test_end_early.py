"""A running training is ended before its last day, and perhaps goes on after all."""

from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.reporting.service import RunningService
from galaxy_tiaas.routing.manager import memberships_of
from galaxy_tiaas.trainings.manager import TrainingQuery
from galaxy_tiaas.trainings.review_service import ReviewsService
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    Note,
    TrainingUpdate,
    TrainingView,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import (
    TrainingPhase,
    TrainingState,
)
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    SERVER,
)

LATER = DURING + timedelta(minutes=1)


def _end(galaxy: InProcess, by: Actor = SERVER, at: datetime = DURING, note: str = "") -> TrainingView:
    return galaxy.perform(TrainingsService.end, by, "gryffindor", Note(note=note), at)


def _resume(galaxy: InProcess, by: Actor = SERVER, at: datetime = LATER) -> TrainingView:
    return galaxy.perform(TrainingsService.resume, by, "gryffindor", Note(note=""), at)


def _routed(galaxy: InProcess, member: Actor, at: datetime) -> list[str]:
    assert member.user_id
    found = memberships_of(galaxy.host.model.engine, member.user_id, at, 12).memberships
    return [membership.identifier for membership in found if membership.is_running(at)]


def _running(galaxy: InProcess) -> Actor:
    """A running training with one member, who is returned."""
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    return harry


def _phases(galaxy: InProcess, at: datetime) -> dict[TrainingPhase, list[str]]:
    queries = {phase: TrainingQuery(phase=phase) for phase in TrainingPhase}
    pages = {phase: galaxy[TrainingsService].index(SERVER, query, at) for phase, query in queries.items()}
    return {phase: [view.identifier for view in views] for phase, views in pages.items() if views}


@on_both_databases
def test_a_training_that_was_ended_is_over_from_that_moment_on(galaxy: InProcess) -> None:
    harry = _running(galaxy)
    assert galaxy.is_on("training-gryffindor") and _routed(galaxy, harry, DURING) == ["gryffindor"]
    view = _end(galaxy)
    assert (view.state, view.phase) == (TrainingState.APPROVED, TrainingPhase.FINISHED)
    assert (view.closes, view.ended_at) == (DURING, DURING)
    assert not galaxy.is_on("training-gryffindor")
    assert _routed(galaxy, harry, DURING) == []
    assert _phases(galaxy, LATER) == {TrainingPhase.FINISHED: ["gryffindor"]}
    assert galaxy[RunningService].running(SERVER, LATER).value.root == []
    assert not galaxy[LifecycleTasks].run(LATER)


def test_nobody_joins_what_was_ended_and_is_told_when_that_was(galaxy: InProcess) -> None:
    _running(galaxy)
    _end(galaxy)
    luna = galaxy.user("luna")
    problem = galaxy.refused(410, lambda: galaxy.perform(MembershipsService.join, luna, "gryffindor", LATER))
    assert "was ended early, on 17 November 2026" in str(problem)


@pytest.mark.parametrize("who", ["minerva", "filius", "admin"])
def test_those_who_teach_it_and_admins_end_it(galaxy: InProcess, who: str) -> None:
    people = {name: galaxy.user(name) for name in ("minerva", "filius")}
    people["admin"] = galaxy.admin("albus")
    galaxy.training(by=people["minerva"], instructors=["filius"])
    _end(galaxy, people[who], note="We are through")
    last = galaxy.perform(TrainingsService.history, SERVER, "gryffindor")[-1]
    assert (last.action, last.note, last.time) == ("ended early", "We are through", DURING)
    assert last.username == people[who].user.username  # type: ignore[union-attr]


def test_others_end_nothing(galaxy: InProcess) -> None:
    harry = _running(galaxy)
    galaxy.refused(403, lambda: _end(galaxy, harry))
    galaxy.refused(403, lambda: _end(galaxy, ANONYMOUS))
    assert galaxy.is_on("training-gryffindor")


@pytest.mark.parametrize(
    ("state", "at", "why"),
    [
        ("new", DURING, "is new"),
        ("rejected", DURING, "is rejected"),
        ("cancelled", DURING, "is cancelled"),
        ("approved", BEFORE, "is upcoming"),
        ("approved", AFTER, "is finished"),
    ],
)
def test_only_what_runs_can_be_ended(galaxy: InProcess, state: str, at: datetime, why: str) -> None:
    galaxy.training(state=state)
    assert why in str(galaxy.refused(409, lambda: _end(galaxy, at=at)))


def test_what_was_ended_cannot_be_ended_again(galaxy: InProcess) -> None:
    _running(galaxy)
    _end(galaxy)
    galaxy.refused(409, lambda: _end(galaxy, at=LATER))


def test_an_ended_training_goes_on_when_an_admin_changes_its_days(galaxy: InProcess) -> None:
    harry = _running(galaxy)
    _end(galaxy)
    change = TrainingUpdate(end=LAST_DAY + timedelta(days=1))
    view = galaxy.perform(TrainingsService.update, SERVER, "gryffindor", change, LATER)
    assert (view.phase, view.ended_at) == (TrainingPhase.ONGOING, None)
    assert galaxy.is_on("training-gryffindor") and _routed(galaxy, harry, LATER) == ["gryffindor"]


def test_an_ended_training_goes_on_when_the_longer_days_that_were_asked_for_are_granted(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training(by=minerva)
    _end(galaxy, minerva)
    change = TrainingUpdate(end=LAST_DAY + timedelta(days=1))
    assert galaxy.perform(TrainingsService.update, minerva, "gryffindor", change, LATER).phase is TrainingPhase.FINISHED
    view = galaxy.perform(TrainingsService.decide_change, SERVER, "gryffindor", ChangeDecision(accept=True), LATER)
    assert view.phase is TrainingPhase.ONGOING


@pytest.mark.parametrize("change", [{"timezone": "Europe/Berlin"}, {"start": FIRST_DAY - timedelta(days=1)}])
def test_a_training_whose_last_day_stays_stays_ended(galaxy: InProcess, change: dict[str, Any]) -> None:
    _running(galaxy)
    _end(galaxy)
    view = galaxy.perform(TrainingsService.update, SERVER, "gryffindor", TrainingUpdate(**change), LATER)
    assert view.phase is TrainingPhase.FINISHED
    assert view.ended_at


def test_other_changes_leave_it_ended(galaxy: InProcess) -> None:
    _running(galaxy)
    _end(galaxy)
    view = galaxy.perform(
        TrainingsService.update, SERVER, "gryffindor", TrainingUpdate(title="Over", attendance=3), LATER
    )
    assert view.phase is TrainingPhase.FINISHED


def test_an_admin_lets_it_go_on(galaxy: InProcess) -> None:
    harry = _running(galaxy)
    planned = galaxy.perform(TrainingsService.show, SERVER, "gryffindor", DURING).closes
    _end(galaxy)
    view = _resume(galaxy)
    assert (view.phase, view.closes, view.ended_at) == (TrainingPhase.ONGOING, planned, None)
    assert galaxy.is_on("training-gryffindor") and _routed(galaxy, harry, LATER) == ["gryffindor"]
    assert galaxy.perform(TrainingsService.history, SERVER, "gryffindor")[-1].action == "resumed"


def test_instructors_do_not_take_resources_back(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training(by=minerva)
    _end(galaxy, minerva)
    galaxy.refused(403, lambda: _resume(galaxy, minerva))


def test_what_was_not_ended_or_is_over_anyhow_cannot_be_resumed(galaxy: InProcess) -> None:
    _running(galaxy)
    galaxy.refused(409, lambda: _resume(galaxy))
    _end(galaxy)
    galaxy.refused(409, lambda: _resume(galaxy, at=AFTER))


def test_an_approval_after_a_rejection_begins_afresh(galaxy: InProcess) -> None:
    _running(galaxy)
    _end(galaxy)
    galaxy.decide("gryffindor", "rejected", at=LATER)
    assert galaxy.decide("gryffindor", "approved", at=LATER).phase is TrainingPhase.ONGOING


def test_the_seats_of_an_ended_training_are_free_from_the_next_day_on(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy()
    galaxy.training(attendance=30)
    beside = galaxy.request("ravenclaw")
    service = galaxy[ReviewsService]
    assert [entry.seats for entry in service.beside(SERVER, [beside])[0].load] == [30, 30, 30]
    _end(galaxy)
    assert [entry.seats for entry in service.beside(SERVER, [beside])[0].load] == [30, 30, 0]
