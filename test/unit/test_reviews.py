"""What admins look at before they decide."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from galaxy_tiaas.trainings.manager import TrainingQuery
from galaxy_tiaas.trainings.review_service import (
    as_requested,
    ReviewsService,
)
from galaxy_tiaas.trainings.schema import (
    TrainingUpdate,
    TrainingView,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from galaxy_tiaas.web.permissions import (
    may_decide,
)
from in_process import (
    ANONYMOUS,
    BEFORE,
    DELETED,
    FIRST_DAY,
    InProcess,
    on_both_databases,
    SERVER,
)


def _list(galaxy: InProcess, **query: Any) -> list[str]:
    found = galaxy[TrainingsService].index(SERVER, TrainingQuery(**query), BEFORE)
    return [view.identifier for view in found]


def _views(galaxy: InProcess, *identifiers: str) -> list[TrainingView]:
    return [galaxy.perform(TrainingsService.show, SERVER, identifier, BEFORE) for identifier in identifiers]


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "instructor"])
def test_others_learn_nothing_of_it(galaxy: InProcess, who: str) -> None:
    people = {
        "anonymous": ANONYMOUS,
        "deleted": DELETED,
        "stranger": galaxy.user("severus"),
        "instructor": galaxy.user("minerva"),
    }
    view, actor, reviews = galaxy.request(by=people["instructor"]), people[who], galaxy[ReviewsService]
    questions: list[Callable[[], object]] = [
        lambda: reviews.count_by_state(actor),
        lambda: reviews.count_by_state_and_decisions(actor),
        lambda: reviews.earlier_requests(galaxy.found(may_decide, actor, "gryffindor")),
        lambda: reviews.beside(actor, []),
        lambda: reviews.beside(actor, [view]),
    ]
    for question in questions:
        galaxy.refused(403, question)


def test_every_state_is_counted(galaxy: InProcess) -> None:
    for number, state in enumerate(["new", "approved", "approved", "approved", "rejected", "rejected", "cancelled"]):
        galaxy.training(f"{state}-{number}", state=state)
    counts = galaxy[ReviewsService].count_by_state(SERVER)
    assert {state.value: count for state, count in counts.items()} == {
        "new": 1,
        "approved": 3,
        "rejected": 2,
        "cancelled": 1,
    }


def _with_a_wish(galaxy: InProcess, identifier: str, day: date = FIRST_DAY) -> None:
    """An approved training whose instructor wants another number of people."""
    minerva = galaxy.user("minerva")
    galaxy.training(identifier, by=minerva, start=day, end=day)
    galaxy.perform(TrainingsService.update, minerva, identifier, TrainingUpdate(attendance=99), BEFORE)


def test_requests_and_requested_changes_need_a_decision(galaxy: InProcess) -> None:
    galaxy.request("new")
    galaxy.training("approved")
    galaxy.training("rejected", state="rejected")
    _with_a_wish(galaxy, "wish")
    assert set(_list(galaxy, needs_decision=True)) == {"new", "wish"}
    assert galaxy[ReviewsService].count_by_state_and_decisions(SERVER)[1] == 2
    galaxy.decide("wish", "rejected")
    assert galaxy[ReviewsService].count_by_state_and_decisions(SERVER)[1] == 1


@on_both_databases
def test_what_needs_a_decision_comes_first_and_of_it_what_starts_first(galaxy: InProcess) -> None:
    for day, identifier in ((20, "late"), (18, "soon")):
        galaxy.request(identifier, start=date(2026, 11, day), end=date(2026, 11, day))
    _with_a_wish(galaxy, "wish", date(2026, 11, 19))
    for day, identifier in ((1, "old"), (30, "young")):
        galaxy.training(identifier, start=date(2026, 11, day), end=date(2026, 11, day))
    found = _list(galaxy, decisions_first=True, sort_by="start", sort_desc=True)
    assert found == ["soon", "wish", "late", "young", "old"]


def test_what_became_of_the_other_requests_of_the_same_person_is_counted(galaxy: InProcess) -> None:
    minerva, filius = galaxy.user("minerva"), galaxy.user("filius")
    galaxy.request(by=minerva)
    for identifier, state in (("one", "approved"), ("two", "approved"), ("three", "rejected")):
        galaxy.training(identifier, by=minerva, state=state)
    galaxy.training("four", by=filius)
    earlier = galaxy[ReviewsService].earlier_requests(galaxy.found(may_decide, SERVER, "gryffindor"))
    assert earlier == {TrainingState.APPROVED: 2, TrainingState.REJECTED: 1}
    galaxy.find("gryffindor").requester_id = None
    galaxy.find("four").requester_id = None
    assert galaxy[ReviewsService].earlier_requests(galaxy.found(may_decide, SERVER, "gryffindor")) == {}


def test_the_load_beside_a_request_is_that_of_other_approved_trainings_day_by_day(galaxy: InProcess) -> None:
    galaxy.request(start=date(2026, 11, 16), end=date(2026, 11, 18), attendance=1000)
    for identifier, first, last, attendance, state in [
        ("before", 14, 15, 1, "approved"),
        ("first", 10, 16, 2, "approved"),
        ("around", 1, 30, 4, "approved"),
        ("last", 18, 20, 8, "approved"),
        ("after", 19, 20, 16, "approved"),
        ("new", 16, 18, 32, "new"),
        ("rejected", 16, 18, 64, "rejected"),
    ]:
        galaxy.training(
            identifier, start=date(2026, 11, first), end=date(2026, 11, last), attendance=attendance, state=state
        )
    found = galaxy[ReviewsService].beside(SERVER, _views(galaxy, "gryffindor", "after"))
    assert [[(day.day.day, day.seats) for day in each.load] for each in found] == [
        [(16, 6), (17, 4), (18, 12)],
        [(19, 12), (20, 12)],
    ]


def test_the_load_may_be_asked_for_some_days_around_too(galaxy: InProcess) -> None:
    galaxy.request(start=date(2026, 11, 16), end=date(2026, 11, 17))
    galaxy.training("before", start=date(2026, 11, 14), end=date(2026, 11, 15), attendance=5)
    galaxy.training("after", start=date(2026, 11, 18), end=date(2026, 11, 18), attendance=7)
    (beside,) = galaxy[ReviewsService].beside(SERVER, _views(galaxy, "gryffindor"), around=2)
    assert beside.trainings == []
    assert [(day.day.day, day.seats, day.within) for day in beside.load] == [
        (14, 5, False),
        (15, 5, False),
        (16, 0, True),
        (17, 0, True),
        (18, 7, False),
        (19, 0, False),
    ]


def test_the_load_of_a_training_that_never_ends_is_cut(galaxy: InProcess) -> None:
    galaxy.request(start=date(2026, 1, 1), end=date(2099, 1, 1))
    (beside,) = galaxy[ReviewsService].beside(SERVER, _views(galaxy, "gryffindor"))
    assert len(beside.load) == 62


def test_beside_nothing_there_is_no_load(galaxy: InProcess) -> None:
    assert galaxy[ReviewsService].beside(SERVER, []) == []


def test_the_list_for_admins_takes_as_many_queries_for_many_as_for_few(galaxy: InProcess) -> None:
    trainings, reviews = galaxy[TrainingsService], galaxy[ReviewsService]

    def asked() -> int:
        galaxy.session.remove()
        with galaxy.statements() as statements:
            found = trainings.index(SERVER, TrainingQuery(decisions_first=True), BEFORE)
            reviews.beside(SERVER, found.items, around=2)
            reviews.count_by_state_and_decisions(SERVER)
        return len(statements)

    _with_a_wish(galaxy, "wish")
    galaxy.request("new", location=["GB"])
    few = asked()
    for number in range(8):
        _with_a_wish(galaxy, f"wish-{number}")
        galaxy.request(f"new-{number}", location=["GB", "FR"], instructors=["minerva"])
    assert asked() == few


def _wish(galaxy: InProcess, **wanted: Any) -> TrainingView:
    """An approved training for 20 people on 16 and 17 November, whose instructor wishes something else."""
    minerva = galaxy.user("minerva")
    galaxy.training(by=minerva, start=date(2026, 11, 16), end=date(2026, 11, 17), attendance=20)
    galaxy.perform(TrainingsService.update, minerva, "gryffindor", TrainingUpdate(**wanted), BEFORE)
    (view,) = _views(galaxy, "gryffindor")
    return view


def test_the_load_of_a_requested_change_is_that_of_the_days_asked_for(galaxy: InProcess) -> None:
    galaxy.training("now", start=date(2026, 11, 16), end=date(2026, 11, 16), attendance=5)
    galaxy.training("then", start=date(2026, 11, 20), end=date(2026, 11, 20), attendance=7)
    view = _wish(galaxy, start=date(2026, 11, 19), end=date(2026, 11, 20), attendance=99, identifier="lions")
    wished = as_requested(view)
    assert wished and wished.attendance == 99
    reviews = galaxy[ReviewsService]
    (beside,) = reviews.beside(SERVER, [wished])
    assert [(day.day.day, day.seats) for day in beside.load] == [(19, 0), (20, 7)]
    assert [other.identifier for other in beside.trainings] == ["then"]


def test_what_is_not_asked_for_stays_as_it_is_in_a_requested_change(galaxy: InProcess) -> None:
    wished = as_requested(_wish(galaxy, end=date(2026, 11, 18)))
    assert wished and (wished.start.day, wished.end.day, wished.attendance) == (16, 18, 20)


def test_a_change_of_neither_days_nor_people_has_no_load_of_its_own(galaxy: InProcess) -> None:
    assert as_requested(_wish(galaxy, timezone="Europe/London", identifier="lions")) is None
    assert as_requested(galaxy.request("new")) is None


def test_days_asked_for_that_cannot_be_any_more_have_no_load(galaxy: InProcess) -> None:
    _wish(galaxy, end=date(2026, 11, 18))
    later = TrainingUpdate(start=date(2026, 11, 23), end=date(2026, 11, 24))
    galaxy.perform(TrainingsService.update, SERVER, "gryffindor", later, BEFORE)
    (view,) = _views(galaxy, "gryffindor")
    assert view.requested_change and as_requested(view) is None
