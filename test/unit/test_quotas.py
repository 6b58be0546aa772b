"""How much one user may ask for within a day."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import TooManyRequests
from galaxy_tiaas.trainings.schema import (
    Note,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from in_process import (
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
)

MakeGalaxy = Callable[..., InProcess]

_DAY = timedelta(days=1)


def _create(galaxy: InProcess, by: Actor, identifier: str, at: datetime = REQUESTED) -> None:
    payload = TrainingCreate(identifier=identifier, title="T", start=FIRST_DAY, end=LAST_DAY, attendance=5)
    galaxy[TrainingsService].create(by, payload, at)


def _change(galaxy: InProcess, by: Actor, at: datetime, **fields: Any) -> None:
    galaxy.perform(TrainingsService.update, by, "gryffindor", TrainingUpdate(**fields), at)


def test_a_user_can_request_so_many_trainings_within_a_day_and_more_later(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(requests_per_day=2)
    minerva = galaxy.user("minerva")
    _create(galaxy, minerva, "one")
    _create(galaxy, minerva, "two", REQUESTED + timedelta(hours=3))
    at = REQUESTED + timedelta(hours=23)
    problem = galaxy.refused(429, lambda: _create(galaxy, minerva, "three", at))
    assert isinstance(problem, TooManyRequests)
    assert problem.retry_after == 3600
    assert str(problem) == "You can request 2 trainings within 24 hours. Try again in 60 minutes."
    _create(galaxy, galaxy.user("severus"), "potions", at)
    _create(galaxy, galaxy.admin("minerva"), "by-an-admin", at)
    galaxy.refused(429, lambda: _create(galaxy, minerva, "three", at))
    _create(galaxy, galaxy.user("filius"), "charms", at)
    _create(galaxy, galaxy.user("filius"), "choir", at)
    galaxy.refused(429, lambda: _create(galaxy, galaxy.user("filius"), "duelling", at))
    _create(galaxy, galaxy.user("filius"), "duelling", at + _DAY)


def test_without_a_limit_nothing_is_counted(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(requests_per_day=0)
    for number in range(30):
        _create(galaxy, galaxy.user("minerva"), f"course-{number}")


@pytest.mark.no_rerun
@on_both_databases
def test_requests_that_come_at_once_are_counted_one_after_the_other(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(requests_per_day=2)
    galaxy.user("minerva")

    def request(number: int) -> bool:
        try:
            _create(galaxy, galaxy.user("minerva"), f"course-{number}")
            return True
        except TooManyRequests:
            return False
        finally:
            galaxy.session.remove()

    with ThreadPoolExecutor(6) as pool:
        assert sum(pool.map(request, range(6))) == 2


def test_changes_that_others_are_told_of_are_limited_and_giving_up_is_not(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(messages_per_day=3)
    minerva = galaxy.user("minerva")
    galaxy.training(attendance=20)
    _change(galaxy, minerva, DURING, title="Charms")
    _change(galaxy, minerva, DURING, attendance=30)
    _change(galaxy, minerva, DURING, title="Transfiguration")
    for fields in ({"title": "Runes"}, {"attendance": 40}):
        problem = galaxy.refused(429, lambda fields=fields: _change(galaxy, minerva, DURING, **fields))  # type: ignore[misc]
        assert isinstance(problem, TooManyRequests)
        assert problem.retry_after == _DAY.total_seconds()
    _change(galaxy, minerva, DURING, title="Transfiguration")
    _change(galaxy, galaxy.admin(), DURING, title="Charms")
    galaxy.perform(TrainingsService.take_back, minerva, "gryffindor", DURING)
    galaxy.perform(TrainingsService.end, minerva, "gryffindor", Note(), DURING)
    change = StateChange(state=TrainingState.CANCELLED)
    galaxy.perform(TrainingsService.set_state, minerva, "gryffindor", change, DURING)


def test_a_new_request_can_be_edited_as_often_as_one_likes(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(messages_per_day=1)
    minerva = galaxy.user("minerva")
    galaxy.training(state="new")
    for number in range(3):
        _change(galaxy, minerva, DURING, title=f"Title {number}")
