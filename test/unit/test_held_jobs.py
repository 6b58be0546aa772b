"""Jobs of a class that are held in memory: what is counted from them is what a whole count says."""

import random
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
)

import pytest
import sqlalchemy
from galaxy.model import (
    History,
    Job,
)
from galaxy.model.tags import GalaxyTagHandler
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.dashboard.activity_manager import JobCache
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.schema import (
    DashboardUpdate,
    JobsShown,
    StepPayload,
)
from galaxy_tiaas.dashboard.service import (
    ChartsService,
    StatusService,
)
from galaxy_tiaas.dashboard.step_service import (
    DashboardsService,
    ProgressService,
)
from galaxy_tiaas.membership.service import MembershipsService
from in_process import (
    AFTER,
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_MINUTE, _SECOND = timedelta(minutes=1), timedelta(seconds=1)
_BWA = "toolshed.g2.bx.psu.edu/repos/iuc/bwa/bwa/0.7.17"
_STATES = [state.value for state in Job.states]


class _Process:
    """What it holds of a class stays from one look to the next, but no result does."""

    def __init__(self, galaxy: InProcess):
        self.galaxy = galaxy
        host: Any = galaxy.host
        self.cache: Any = galaxy[JobCache]
        host[JobCache] = self.cache

    def look(self, at: datetime, identifier: str = "gryffindor") -> list[Any]:
        """All that the dashboard shows at this time."""
        perform = self.galaxy.perform
        looks: list[Any] = []
        for shown in JobsShown:
            looks += [perform(StatusService.status, SERVER, identifier, hours, at, shown) for hours in (1, 3)]
            looks += [
                perform(StatusService.status, SERVER, identifier, 3, at, shown, for_class=True),
                perform(ProgressService.progress, SERVER, identifier, at, shown),
                perform(ChartsService.show, SERVER, identifier, 3, at, shown),
                perform(HelpService.help, SERVER, identifier, 3, at, shown),
            ]
        return [look.value for look in looks]

    def look_anew(self, at: datetime, identifier: str = "gryffindor") -> list[Any]:
        """The same without what is held."""
        self.cache._holds = False
        try:
            return self.look(at, identifier)
        finally:
            self.cache._holds = True

    def total(self, at: datetime, hours: int = 3) -> int:
        return self.galaxy.perform(StatusService.status, SERVER, "gryffindor", hours, at).value.jobs.total


class _Students:
    """People who work, join and leave by chance."""

    def __init__(self, galaxy: InProcess, seed: int):
        self.galaxy = galaxy
        self.dice = random.Random(seed)
        self.people = [galaxy.user(f"student{number}") for number in range(14)]
        self.histories = [galaxy.history(person) for person in self.people]

    def act(self, at: datetime) -> None:
        actions: list[Callable[[datetime], None]] = [self._start, self._start, self._change, self._change]
        actions += [self._join, self._leave, self._tag, self._join_another]
        for _ in range(self.dice.randrange(1, 8)):
            self.dice.choice(actions)(at)

    def _start(self, at: datetime) -> None:
        number = self.dice.randrange(len(self.people))
        history = self.dice.choice([self.histories[number], None])
        noted = self.dice.choice(["", "", "gryffindor", "slytherin"])
        tool, state = self.dice.choice(["cat1", "sort1", _BWA, "__DATA_FETCH__"]), self.dice.choice(_STATES)
        late = self.dice.randrange(100) * _SECOND
        count = self.dice.randrange(1, 4)
        self.galaxy.job(self.people[number], tool, state, at - late, count, history, noted)

    def _change(self, at: datetime) -> None:
        """As Galaxy does it, with the time of the change."""
        jobs = self.galaxy.session.scalars(sqlalchemy.select(Job.id)).all()
        chosen = self.dice.sample(jobs, min(len(jobs), 5))
        values = {"state": self.dice.choice(_STATES), "update_time": at}
        self.galaxy.session.execute(sqlalchemy.update(Job).where(Job.id.in_(chosen)).values(values))
        self.galaxy.session.commit()

    def _join(self, at: datetime) -> None:
        self.galaxy.join("gryffindor", self.dice.choice(self.people), at=at)

    def _join_another(self, at: datetime) -> None:
        self.galaxy.join("slytherin", self.dice.choice(self.people[:4]), at=at)

    def _leave(self, at: datetime) -> None:
        training = self.dice.choice(["gryffindor", "slytherin"])
        self.galaxy.perform(MembershipsService.leave, self.dice.choice(self.people), training, at)

    def _tag(self, _: datetime) -> None:
        """No job is touched."""
        number = self.dice.randrange(len(self.people))
        tags = self.dice.choice([["gryffindor"], ["#slytherin"], []])
        handler = GalaxyTagHandler(self.galaxy.session)
        history = self.galaxy.session.get(History, self.histories[number].id)
        handler.set_tags_from_list(self.people[number].user, history, tags, flush=False)
        self.galaxy.session.commit()


@on_both_databases
@pytest.mark.parametrize("seed, small, steps", [(1, 300, True), (2, 0, False)])
def test_what_is_held_tells_what_a_whole_count_tells(
    make_galaxy: Callable[..., InProcess], monkeypatch: pytest.MonkeyPatch, seed: int, small: int, steps: bool
) -> None:
    """A lesson with jobs that come, change and drop out of the hours, and people who come and go."""
    monkeypatch.setattr("galaxy_tiaas.dashboard.activity_manager._SMALL", small)
    galaxy = make_galaxy(instructors_see_usernames=True)
    galaxy.training("slytherin")
    galaxy.training("gryffindor")
    if steps:
        update = DashboardUpdate(steps=[StepPayload(tool_id=tool) for tool in ("cat1", _BWA, "cat1", "sort1")])
        galaxy.perform(DashboardsService.update, SERVER, "gryffindor", update, DURING)
    process, students = _Process(galaxy), _Students(galaxy, seed)
    for hours in (3, 1):
        for person in students.people:
            galaxy.job(person, at=DURING - timedelta(hours=hours) + students.dice.randrange(1800) * _SECOND, count=2)
    at = DURING
    for _ in range(10):
        students.act(at)
        at += students.dice.choice([1, 5, 50, 110]) * _SECOND
        assert process.look(at) == process.look_anew(at)


def _class(galaxy: InProcess, *names: str) -> list[Actor]:
    galaxy.training()
    people = [galaxy.user(name) for name in names or ("harry",)]
    galaxy.join("gryffindor", *people, at=DURING - timedelta(hours=5))
    return people


def _change_past_galaxy(galaxy: InProcess, **values: Any) -> None:
    """Without the time of the change."""
    statement = sqlalchemy.update(Job.__table__).values({"update_time": Job.__table__.c.update_time, **values})  # type: ignore[arg-type]
    galaxy.session.execute(statement)
    galaxy.session.commit()


@on_both_databases
def test_what_is_changed_without_its_time_is_right_five_minutes_later(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy)
    process, early = _Process(galaxy), DURING - timedelta(minutes=30)
    galaxy.job(harry, state="queued", at=early)
    before = process.look(DURING)
    _change_past_galaxy(galaxy, state="ok")
    assert process.total(DURING + 299 * _SECOND) == 1
    assert before[0].jobs.states == process.look(DURING + 299 * _SECOND)[0].jobs.states == {"queued": 1}
    assert process.look(DURING + 300 * _SECOND)[0].jobs.states == {"ok": 1}
    galaxy.session.execute(sqlalchemy.delete(Job))
    galaxy.session.commit()
    assert [process.total(DURING + seconds * _SECOND) for seconds in (599, 600)] == [1, 0]


@pytest.mark.parametrize("behind, seen", [(119, 2), (121, 1)])
def test_a_change_may_be_on_its_way_for_two_minutes(galaxy: InProcess, behind: int, seen: int) -> None:
    """It has the time at which it was made, on another clock perhaps."""
    (harry,) = _class(galaxy)
    process = _Process(galaxy)
    galaxy.job(harry, at=DURING - timedelta(hours=1))
    assert process.total(DURING) == 1
    galaxy.job(harry, at=DURING - behind * _SECOND)
    assert process.total(DURING + 5 * _SECOND) == seen
    assert process.total(DURING + 5 * _MINUTE) == 2


def test_a_job_that_is_read_twice_counts_once(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy)
    process = _Process(galaxy)
    galaxy.job(harry, at=DURING)
    assert [process.total(DURING + number * _SECOND) for number in range(1, 5)] == [1] * 4


def test_a_clock_that_is_set_back_counts_anew(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy)
    process = _Process(galaxy)
    galaxy.job(harry, at=DURING - timedelta(minutes=90))
    assert process.total(DURING) == 1
    galaxy.job(harry, at=DURING - timedelta(minutes=80))
    assert process.total(DURING - timedelta(hours=1)) == 2


@on_both_databases
def test_while_nothing_changes_nothing_but_changes_is_asked_for(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy)
    process = _Process(galaxy)
    galaxy.job(harry, count=5)
    process.look(DURING)

    def jobs_read(at: datetime) -> list[str]:
        with galaxy.statements() as sent:
            process.total(at)
        return [statement for statement in sent if "FROM job" in statement]

    (again,) = jobs_read(DURING + _SECOND)
    assert "job.update_time >=" in again
    assert jobs_read(DURING + _SECOND) == []
    (whole,) = [statement for statement in jobs_read(DURING + 5 * _MINUTE) if "job.user_id" in statement]
    assert "job.update_time >=" not in whole


@on_both_databases
def test_the_parts_of_a_page_ask_once_what_they_have_in_common(galaxy: InProcess) -> None:
    """What changed, and what counts for another training: in the last hours, and since the opening."""
    (harry,) = _class(galaxy)
    galaxy.training("slytherin")
    galaxy.join("slytherin", harry)
    process, at = _Process(galaxy), DURING + _MINUTE
    galaxy.job(harry, count=5)
    process.look(DURING)
    with galaxy.statements() as sent:
        galaxy.perform(ProgressService.progress, SERVER, "gryffindor", at)
        galaxy.perform(HelpService.help, SERVER, "gryffindor", 3, at)
        galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, at)
    for asked in ("job.update_time >=", "job.destination_params", "is_member"):
        assert len([statement for statement in sent if asked in statement]) == 2, sent


def test_what_would_take_too_much_memory_is_read_anew_each_time(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    (harry,) = _class(galaxy)
    process = _Process(galaxy)
    galaxy.job(harry, count=5)
    monkeypatch.setattr(JobCache, "most_rows", 4)
    assert process.total(DURING) == 5
    _change_past_galaxy(galaxy, create_time=DURING - timedelta(hours=4))
    assert process.total(DURING + _SECOND) == 0


@pytest.mark.parametrize("hours", [1, 64])
def test_after_the_first_day_a_few_hours_come_without_the_days(galaxy: InProcess, hours: int) -> None:
    (harry,) = _class(galaxy)
    process, at = _Process(galaxy), DURING + timedelta(days=1)
    galaxy.job(harry, at=DURING)
    galaxy.job(harry, at=at)
    assert process.total(at, hours) == (1 if hours == 1 else 2)
    process.look(at)
    assert process.total(at + _SECOND, hours) == (1 if hours == 1 else 2)


def test_after_the_end_what_was_done_until_then_is_held(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy)
    process = _Process(galaxy)
    closes = galaxy.find("gryffindor").window(12).closes
    galaxy.job(harry, at=closes - _MINUTE)
    galaxy.job(harry, at=closes)
    assert process.total(AFTER) == process.total(AFTER + _SECOND) == 1
    assert process.look(AFTER + _MINUTE) == process.look_anew(AFTER + _MINUTE)


def test_nobody_sees_jobs_of_another_class(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy)
    galaxy.training("slytherin")
    draco = galaxy.user("draco")
    galaxy.join("slytherin", draco)
    process = _Process(galaxy)
    galaxy.job(harry)
    galaxy.job(ANONYMOUS)
    galaxy.job(draco, count=2)
    for second in range(3):
        at = DURING + second * _SECOND
        assert [process.look(at, name)[0].jobs.total for name in ("gryffindor", "slytherin")] == [1, 2]


def test_where_nothing_is_shared_everything_is_counted_anew(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(status_refresh_seconds=0)
    (harry,) = _class(galaxy)
    process = _Process(galaxy)
    for number in range(3):
        galaxy.job(harry, at=DURING - timedelta(hours=1))
        assert process.total(DURING) == number + 1
