"""What a class really used: counted once, a day after it is over."""

from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import Any

import pytest
import sqlalchemy
from galaxy.model import (
    Job,
    JobMetricNumeric,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.reporting.service import StatisticsService
from galaxy_tiaas.trainings.schema import (
    Note,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    AFTER,
    BEFORE,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_CLOSES = datetime(2026, 11, 19, 12)
_COUNTED = _CLOSES + timedelta(days=1)
_MOMENT = timedelta(microseconds=1)


def _job(
    galaxy: InProcess, by: Actor, *measured: tuple[str, str, float], at: datetime = DURING, imported: bool = False
) -> None:
    """A job and what Galaxy measured of it: plugin, name and value."""
    values = {"user_id": by.user_id, "tool_id": "cat1", "state": "ok", "create_time": at, "imported": imported}
    job_id = galaxy.session.execute(sqlalchemy.insert(Job).returning(Job.id), values).scalar_one()
    for plugin, name, value in measured:
        metric = {"job_id": job_id, "plugin": plugin, "metric_name": name, "metric_value": value}
        galaxy.session.execute(sqlalchemy.insert(JobMetricNumeric), metric)
    galaxy.session.commit()


def _ran(seconds: float, cores: int = 1) -> list[tuple[str, str, float]]:
    return [("core", "runtime_seconds", seconds), ("core", "galaxy_slots", cores)]


def _count(galaxy: InProcess, now: datetime = _COUNTED) -> list[str]:
    report = galaxy[LifecycleTasks].run(now)
    assert not report.failed
    galaxy.session.expire_all()
    return list(report.counted)


def _usage(galaxy: InProcess, identifier: str = "gryffindor", actor: Actor = SERVER) -> Any:
    return galaxy.perform(TrainingsService.show, actor, identifier, AFTER).usage


@on_both_databases
def test_jobs_of_members_in_the_window_are_counted_with_their_hours(galaxy: InProcess) -> None:
    harry, ron, ginny, draco = (galaxy.user(name) for name in ("harry", "ron", "ginny", "draco"))
    galaxy.training()
    galaxy.join("gryffindor", harry, ron, ginny)
    _job(galaxy, harry, *_ran(3600, cores=4))
    _job(galaxy, harry, *_ran(1800))
    _job(galaxy, ron, *_ran(1800, cores=2))
    _job(galaxy, draco, *_ran(7200, cores=8))
    _job(galaxy, ron, *_ran(7200), at=BEFORE)
    _job(galaxy, ron, *_ran(7200), at=_CLOSES)
    _job(galaxy, ron, *_ran(7200), imported=True)
    assert _count(galaxy) == ["gryffindor"]
    usage = _usage(galaxy)
    assert (usage.people, usage.jobs, usage.job_hours, usage.core_hours) == (2, 3, 2.0, 5.5)
    assert usage.counted == _COUNTED


@on_both_databases
def test_what_other_plugins_measure_is_no_runtime_and_without_cores_a_job_had_one(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry)
    _job(galaxy, harry, ("core", "runtime_seconds", 3600), ("cgroup", "runtime_seconds", 99), ("core", "memory", 7))
    _count(galaxy)
    assert (_usage(galaxy).job_hours, _usage(galaxy).core_hours) == (1.0, 1.0)


@on_both_databases
def test_each_attempt_of_a_job_that_was_resubmitted_counts(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry)
    _job(galaxy, harry, *_ran(3600, cores=2), *_ran(1800, cores=2))
    _count(galaxy)
    assert (_usage(galaxy).jobs, _usage(galaxy).job_hours, _usage(galaxy).core_hours) == (1, 1.5, 3.0)


@on_both_databases
def test_where_galaxy_measures_nothing_hours_are_unknown_and_not_zero(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry)
    _job(galaxy, harry)
    _count(galaxy)
    assert (_usage(galaxy).jobs, _usage(galaxy).job_hours, _usage(galaxy).core_hours) == (1, None, None)
    shown = galaxy[StatisticsService].show(AFTER)
    assert (shown.jobs, shown.job_hours, shown.core_hours) == (1, 0.0, 0.0)


def test_only_the_course_counts_where_the_dashboard_shows_only_the_course(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training().course_only = True
    galaxy.session.commit()
    galaxy.join("gryffindor", harry)
    galaxy.job(harry, history=galaxy.history(harry, "#gryffindor"))
    galaxy.job(harry, history=galaxy.history(harry), count=2)
    _count(galaxy)
    assert _usage(galaxy).jobs == 1


def test_a_class_is_counted_once_and_a_day_after_it_is_over(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    for now, counted in [
        (DURING, []),
        (_CLOSES, []),
        (_COUNTED - _MOMENT, []),
        (_COUNTED, ["gryffindor"]),
        (_COUNTED, []),
        (AFTER, []),
    ]:
        assert _count(galaxy, now) == counted, now


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_what_did_not_take_place_is_not_counted(galaxy: InProcess, state: str) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.decide("gryffindor", state, at=DURING)
    assert _count(galaxy) == []


def test_a_class_that_nobody_joined_is_not_counted(galaxy: InProcess) -> None:
    galaxy.training()
    assert _count(galaxy) == []
    assert _usage(galaxy) is None


def test_a_training_that_was_ended_early_is_counted_until_then(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry, at=DURING)
    galaxy.job(harry, at=DURING)
    galaxy.job(harry, at=DURING + timedelta(hours=2), count=5)
    ended = DURING + timedelta(hours=1)
    galaxy.perform(TrainingsService.end, SERVER, "gryffindor", Note(), ended)
    assert _count(galaxy, ended + timedelta(days=1) - _MOMENT) == []
    assert _count(galaxy, ended + timedelta(days=1)) == ["gryffindor"]
    assert _usage(galaxy).jobs == 1


@pytest.mark.parametrize(
    "go_on",
    [
        lambda galaxy, now: galaxy.perform(TrainingsService.resume, SERVER, "gryffindor", Note(), now),
        lambda galaxy, now: galaxy.perform(
            TrainingsService.update, SERVER, "gryffindor", TrainingUpdate(end=date(2026, 11, 20)), now
        ),
    ],
    ids=["resumed", "extended"],
)
def test_a_training_that_goes_on_is_counted_anew(galaxy: InProcess, go_on: Callable[..., object]) -> None:
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry)
    ended = DURING + timedelta(hours=1)
    galaxy.perform(TrainingsService.end, SERVER, "gryffindor", Note(), ended)
    resumed = ended + timedelta(days=1)
    assert _count(galaxy, resumed) == ["gryffindor"]
    go_on(galaxy, resumed)
    assert _usage(galaxy) is None
    galaxy.job(harry, at=resumed + timedelta(hours=1))
    assert _count(galaxy, AFTER) == ["gryffindor"]
    assert _usage(galaxy).jobs == 1


def test_counting_leaves_no_line_in_the_history_and_is_no_change(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy[LifecycleTasks].run(_CLOSES)
    before = (
        galaxy.perform(TrainingsService.history, SERVER, "gryffindor"),
        galaxy.perform(TrainingsService.show, SERVER, "gryffindor", AFTER).updated,
    )
    assert _count(galaxy) == ["gryffindor"]
    assert (
        galaxy.perform(TrainingsService.history, SERVER, "gryffindor"),
        galaxy.perform(TrainingsService.show, SERVER, "gryffindor", AFTER).updated,
    ) == before


def test_numbers_stay_when_people_are_forgotten(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry)
    _job(galaxy, harry, *_ran(3600))
    _count(galaxy)
    galaxy.perform(MembershipsService.leave, harry, "gryffindor", AFTER)
    galaxy[LifecycleTasks].run(AFTER + timedelta(days=100))
    assert galaxy.find("gryffindor").redacted_at
    assert (_usage(galaxy).jobs, _usage(galaxy).job_hours) == (1, 1.0)


def test_what_a_class_used_is_told_those_who_teach_it_and_admins(galaxy: InProcess) -> None:
    minerva, harry = galaxy.user("minerva"), galaxy.user("harry")
    galaxy.training("gryffindor", minerva)
    galaxy.join("gryffindor", harry)
    _count(galaxy)
    assert _usage(galaxy, actor=minerva) and _usage(galaxy, actor=galaxy.admin())
    view = galaxy.perform(TrainingsService.show, harry, "gryffindor", AFTER)
    assert "usage" not in view.model_dump(exclude_unset=True)


@on_both_databases
def test_the_statistics_add_up_what_approved_trainings_used(galaxy: InProcess) -> None:
    harry, ron = galaxy.user("harry"), galaxy.user("ron")
    galaxy.training("old", start=date(2025, 11, 17), end=date(2025, 11, 18))
    galaxy.training("new")
    galaxy.training("undone")
    galaxy.training("running", start=date(2026, 11, 25), end=date(2026, 11, 26))
    galaxy.join("old", harry, ron, at=datetime(2025, 11, 17))
    galaxy.join("new", harry, ron)
    galaxy.join("undone", harry)
    galaxy.join("running", harry, ron)
    _job(galaxy, harry, *_ran(3600, cores=2), at=datetime(2025, 11, 17, 12))
    _job(galaxy, ron, *_ran(5400))
    # Of two trainings that start together, this one is chosen.
    _job(galaxy, harry, *_ran(7200))
    assert sorted(_count(galaxy)) == ["new", "old", "undone"]
    assert _usage(galaxy, "undone").jobs == 1
    galaxy.decide("undone", "rejected", at=AFTER)
    service = galaxy[StatisticsService]
    shown = service.show(AFTER)
    assert (shown.jobs, shown.job_hours, shown.core_hours) == (2, 2.5, 3.5)
    assert [(y.year, y.jobs, y.job_hours, y.core_hours) for y in shown.years] == [
        (2025, 1, 1.0, 2.0),
        (2026, 1, 1.5, 1.5),
    ]
    assert service.years_csv(AFTER).splitlines() == [
        "year,trainings,days,attendance,joined,jobs,job_hours,core_hours",
        "2025,1,2,20,2,1,1.0,2.0",
        "2026,2,5,40,4,1,1.5,1.5",
    ]
    numbers = service.numbers(SERVER, AFTER, 1)
    assert {t.identifier: t.usage and t.usage.job_hours for t in numbers} == {
        "old": 1.0,
        "new": 1.5,
        "running": None,
    }
