"""Who is in several trainings at once: each job and each workflow run counts for one of them."""

import random
from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import Optional

import pytest
import sqlalchemy
from galaxy.model import (
    Group,
    Job,
    JobStateHistory,
    UserGroupAssociation,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.dashboard.activity_manager import ActivityManager
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.manager import ChartManager
from galaxy_tiaas.dashboard.schema import TrainingStatus
from galaxy_tiaas.dashboard.service import (
    ChartsService,
    StatusService,
)
from galaxy_tiaas.dashboard.step_service import ProgressService
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.reporting.manager import UsageManager
from galaxy_tiaas.routing.decision import (
    decide,
    JobFacts,
    Membership,
    Policy,
)
from galaxy_tiaas.trainings.identifiers import cohort_name
from in_process import (
    AFTER,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_HOUR = timedelta(hours=1)
_IDENTIFIERS = ("gryffindor", "slytherin", "hufflepuff", "ravenclaw")
_POLICY = Policy(default="default", training="training", local="local", known=["default", "training", "local"])


def _put_into(galaxy: InProcess, identifier: str, *people: Actor) -> None:
    """At any time, as an admin may."""
    group = galaxy.session.scalars(sqlalchemy.select(Group).where(Group.name == cohort_name(identifier))).one()
    galaxy.session.add_all([UserGroupAssociation(person.user, group) for person in people])
    galaxy.session.commit()


def _two(galaxy: InProcess, *names: str) -> list[Actor]:
    """Two running trainings and people in both; of two that start together, that with the later name is chosen."""
    for identifier in ("gryffindor", "slytherin"):
        galaxy.training(identifier)
    people = [galaxy.user(name) for name in names or ("harry",)]
    for identifier in ("gryffindor", "slytherin"):
        galaxy.join(identifier, *people)
    return people


def _status(galaxy: InProcess, identifier: str, hours: int = 3, at: datetime = DURING) -> TrainingStatus:
    return galaxy.perform(StatusService.status, SERVER, identifier, hours, at).value


def _tools(galaxy: InProcess, identifier: str, hours: int = 3, at: datetime = DURING) -> set[str]:
    return {tool.tool_id for tool in _status(galaxy, identifier, hours, at).tools}


@on_both_databases
@pytest.mark.parametrize("small", [0, 300])
def test_a_job_counts_for_the_training_that_is_noted_with_it(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr("galaxy_tiaas.dashboard.activity_manager._SMALL", small)
    (harry,) = _two(galaxy)
    ron = galaxy.user("ron")
    galaxy.join("gryffindor", ron)
    for noted in ("gryffindor", "slytherin"):
        galaxy.job(harry, f"for-{noted}", noted=noted)
    galaxy.job(harry, "for-nobody-knows-what", noted="beauxbatons")
    galaxy.job(harry, "for-no-training")
    galaxy.job(ron, "of-somebody-else")
    assert _tools(galaxy, "gryffindor") == {"for-gryffindor", "of-somebody-else"}
    assert _tools(galaxy, "slytherin") == {"for-slytherin", "for-nobody-knows-what", "for-no-training"}


@on_both_databases
@pytest.mark.parametrize(
    "stored",
    [
        None,
        b"",
        b"no json",
        b"\xff\xfe",
        b'{"tiaas_training": 7}',
        b'["tiaas_training"]',
        b'{"note": "\\"tiaas_training\\": \\"gryffindor\\""}',
    ],
)
def test_parameters_that_note_no_training_break_nothing(galaxy: InProcess, stored: Optional[bytes]) -> None:
    (harry,) = _two(galaxy)
    galaxy.job(harry)
    column = sqlalchemy.type_coerce(stored, sqlalchemy.LargeBinary)
    galaxy.session.execute(sqlalchemy.update(Job).values(destination_params=column))
    galaxy.session.commit()
    totals = [_status(galaxy, identifier).jobs.total for identifier in ("gryffindor", "slytherin")]
    assert totals == [0, 1]


@on_both_databases
@pytest.mark.parametrize("seed", range(3))
def test_without_a_note_it_counts_for_the_one_that_the_rule_would_have_chosen(galaxy: InProcess, seed: int) -> None:
    """Trainings of any days, ended early, not approved any more; jobs of any time, in histories with any tags."""
    dice = random.Random(seed)
    monday = date(2026, 11, 16)
    harry = galaxy.user("harry")
    for identifier in _IDENTIFIERS:
        first, days = dice.randrange(-2, 4), dice.randrange(3)
        galaxy.training(identifier, start=monday + timedelta(first), end=monday + timedelta(first + days))
        _put_into(galaxy, identifier, harry)
    ended, cancelled = dice.sample(_IDENTIFIERS, 2)
    training = galaxy.find(ended)
    training.end_early(training.starts_at + timedelta(hours=dice.randrange(24)))
    galaxy.session.commit()
    galaxy.decide(cancelled, "cancelled")
    histories = {tag: galaxy.history(harry, f"#{tag}") for tag in _IDENTIFIERS}
    jobs = {}
    for number, minutes in enumerate(sorted(dice.sample(range(-64 * 60, 48 * 60), 120))):
        tag = dice.choice([*_IDENTIFIERS, "", ""])
        at = DURING + timedelta(minutes=minutes)
        jobs[f"tool{number:03}"] = at, tag
        galaxy.job(harry, f"tool{number:03}", at=at, history=histories.get(tag))
        galaxy.invocation(harry, f"tool{number:03}", at=at, history=histories.get(tag))

    trainings = [galaxy.find(identifier) for identifier in _IDENTIFIERS if identifier != cancelled]

    def chosen(at: datetime, tag: str) -> Optional[str]:
        memberships = [
            Membership(
                training.identifier,
                "",
                training.window(12).opens,
                training.window(12).closes,
                training.starts_at,
                tagged=training.identifier == tag,
            )
            for training in trainings
        ]
        return decide(JobFacts("cat1"), memberships, _POLICY, at).training

    for now in (DURING, DURING + 24 * _HOUR, DURING + 48 * _HOUR):
        found = {identifier: _status(galaxy, identifier, 64, now) for identifier in _IDENTIFIERS}
        of_jobs = {identifier: {tool.tool_id for tool in status.tools} for identifier, status in found.items()}
        of_runs = {identifier: set(status.invocations.states) for identifier, status in found.items()}
        assert of_jobs == of_runs
        for name, (at, tag) in jobs.items():
            counted = [identifier for identifier in _IDENTIFIERS if name in of_jobs[identifier]]
            assert len(counted) <= 1, (name, at, tag)
            if expected := chosen(at, tag):
                since = min(now, galaxy.find(expected).window(12).closes) - 64 * _HOUR
                assert counted == ([expected] if at >= since else []), (name, at, tag)


@on_both_databases
def test_before_any_of_them_has_opened_it_counts_for_the_one_that_opens_first(galaxy: InProcess) -> None:
    galaxy.training("gryffindor", start=date(2026, 11, 21), end=date(2026, 11, 22))
    galaxy.training("slytherin", start=date(2026, 11, 20), end=date(2026, 11, 22))
    harry = galaxy.user("harry")
    for identifier in ("gryffindor", "slytherin"):
        _put_into(galaxy, identifier, harry)
    galaxy.job(harry)
    assert [_status(galaxy, identifier).jobs.total for identifier in ("gryffindor", "slytherin")] == [0, 1]


def test_what_was_for_a_training_that_somebody_has_left_does_not_become_another_ones(galaxy: InProcess) -> None:
    (harry,) = _two(galaxy)
    galaxy.job(harry, "noted", noted="slytherin")
    galaxy.job(harry, "later")
    galaxy.perform(MembershipsService.leave, harry, "slytherin", DURING)
    assert _tools(galaxy, "gryffindor") == {"later"}


def test_joining_another_training_takes_effect_at_once(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(status_refresh_seconds=0)
    for identifier in ("gryffindor", "slytherin"):
        galaxy.training(identifier)
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    galaxy.job(harry)
    assert _tools(galaxy, "gryffindor") == {"cat1"}
    galaxy.join("slytherin", harry)
    assert (_tools(galaxy, "gryffindor"), _tools(galaxy, "slytherin")) == (set(), {"cat1"})


def _charted(galaxy: InProcess, identifier: str) -> int:
    buckets = galaxy.perform(ChartsService.show, SERVER, identifier, 3, DURING).value.buckets
    return sum(sum(bucket.states.values()) for bucket in buckets)


def _waited(galaxy: InProcess, identifier: str) -> int:
    activity = galaxy[ActivityManager]
    scope = activity.scope(galaxy.find(identifier), DURING - 3 * _HOUR, False)
    return len(galaxy[ChartManager].waits_of_members(activity.class_jobs(scope, DURING)).waits)


def _failing(galaxy: InProcess, identifier: str) -> int:
    return sum(
        person.failures
        for person in galaxy.perform(HelpService.help, SERVER, identifier, 3, DURING).value.failed.people
    )


def _at_work(galaxy: InProcess, identifier: str) -> int:
    """People who did something, so that nobody calls them silent: as many times two as there are."""
    silent = galaxy.perform(HelpService.help, SERVER, identifier, 3, DURING).value.silent.total
    return 2 * (1 - silent)


def _tried(galaxy: InProcess, identifier: str) -> int:
    return sum(
        tool.jobs.failed for tool in galaxy.perform(ProgressService.progress, SERVER, identifier, DURING).value.tools
    )


def _used(galaxy: InProcess, identifier: str) -> int:
    return galaxy[UsageManager].count(galaxy.find(identifier), AFTER).jobs


@on_both_databases
@pytest.mark.parametrize("count", [_charted, _waited, _failing, _at_work, _tried, _used])
def test_everything_that_counts_jobs_counts_them_for_the_same_training(
    galaxy: InProcess, count: Callable[[InProcess, str], int]
) -> None:
    for identifier in ("gryffindor", "slytherin"):
        galaxy.training(identifier)
    harry = galaxy.user("harry")
    for identifier in ("gryffindor", "slytherin"):
        galaxy.join(identifier, harry, at=DURING - _HOUR)
    galaxy.job(harry, state="error", at=DURING - timedelta(minutes=5), noted="slytherin", count=2)
    for job_id in galaxy.session.scalars(sqlalchemy.select(Job.id)).all():
        run = {"job_id": job_id, "state": "running", "create_time": DURING, "update_time": DURING}
        galaxy.session.execute(sqlalchemy.insert(JobStateHistory), run)
    galaxy.session.commit()
    assert [count(galaxy, identifier) for identifier in ("gryffindor", "slytherin")] == [0, 2]


@on_both_databases
def test_knowing_who_is_elsewhere_too_takes_one_statement(galaxy: InProcess) -> None:
    """However many people are in however many other trainings, and those of the past are not read."""
    activity = galaxy[ActivityManager]

    def sent() -> list[str]:
        training = galaxy.find("gryffindor")
        galaxy.session.commit()
        assert training.identifier
        with galaxy.statements() as statements:
            assert activity.scope(training, DURING - _HOUR, False).attribution
        return [statement for statement in statements if "tiaas_training_member" in statement]

    people = [galaxy.user(f"pupil{number}") for number in range(5)]
    galaxy.training("gryffindor")
    _put_into(galaxy, "gryffindor", *people)
    assert len(sent()) == 1
    for number in range(5):
        galaxy.training(f"other{number}")
        _put_into(galaxy, f"other{number}", *people)
    galaxy.training("past", start=date(2026, 11, 1), end=date(2026, 11, 2))
    _put_into(galaxy, "past", *people)
    assert len(sent()) == 1
    rivals = activity.scope(galaxy.find("gryffindor"), DURING - _HOUR, False).attribution.rivals
    assert {rival.identifier for rival in rivals} == {f"other{number}" for number in range(5)}
