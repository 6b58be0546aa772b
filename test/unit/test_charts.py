"""Jobs over time and how long they waited: against sums made in another way, and what is kept from everybody."""

import itertools
import random
from collections import Counter
from collections.abc import Sequence
from datetime import (
    datetime,
    timedelta,
)
from statistics import quantiles
from types import SimpleNamespace
from typing import (
    Any,
    cast,
    Optional,
)

import pytest
import sqlalchemy
from galaxy.exceptions import MessageException
from galaxy.model import (
    History,
    HistoryTagAssociation,
    Job,
    JobStateHistory,
    Tag,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.dashboard import manager as managers
from galaxy_tiaas.dashboard.schema import (
    JobsShown,
    TrainingActivity,
    WaitingTimes,
    Withheld,
)
from galaxy_tiaas.dashboard.service import (
    bucket_seconds,
    ChartsService,
    LONGEST_HOURS,
    StatusService,
    waiting_times,
)
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.web.templates import Templates
from in_process import (
    AFTER,
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_SECOND = timedelta(seconds=1)
_MINUTE = timedelta(minutes=1)


def _activity(galaxy: InProcess, actor: Actor = SERVER, hours: int = 3, **details: Any) -> TrainingActivity:
    return galaxy.perform(ChartsService.show, actor, "gryffindor", hours, details.pop("at", DURING), **details).value


def _class(galaxy: InProcess, size: int = 5) -> list[Actor]:
    galaxy.training()
    people = [galaxy.user() for _ in range(size)]
    galaxy.join("gryffindor", *people)
    return people


def _ran(
    galaxy: InProcess,
    people: Sequence[Actor],
    waits: Sequence[Optional[float]],
    at: datetime = DURING - _MINUTE,
    history: tuple[tuple[str, float], ...] = (),
    **columns: Any,
) -> None:
    """A job for each of these waits, of one person after the other, that first ran so many seconds after its creation.

    None: one that has not run at all.
    """
    ids = itertools.cycle([person.user_id for person in people])
    values = {"tool_id": "cat1", "state": "ok", "create_time": at, "update_time": at, **columns}
    insert = sqlalchemy.insert(Job).returning(Job.id, sort_by_parameter_order=True)
    jobs = galaxy.session.scalars(insert, [{**values, "user_id": next(ids)} for _ in waits])
    states = [
        {"job_id": job, "state": state, "create_time": at + timedelta(seconds=seconds)}
        for job, waited in zip(jobs, waits, strict=True)
        for state, seconds in (("new", 0), ("queued", 0), *history, ("running", waited))
        if seconds is not None
    ]
    galaxy.session.execute(sqlalchemy.insert(JobStateHistory), states)
    galaxy.session.commit()


def _others(galaxy: InProcess, people: int = 10) -> list[Actor]:
    return [galaxy.user() for _ in range(people)]


# Over time


@on_both_databases
@pytest.mark.parametrize("hours", [1, 3, 64])
def test_every_job_of_the_class_is_in_the_span_of_its_creation(galaxy: InProcess, hours: int) -> None:
    """Also at the limits of spans and of the hours, to the millisecond (SQLite's); nobody else's are."""
    people = _class(galaxy)
    length = timedelta(seconds=bucket_seconds(hours))
    now = DURING + timedelta(minutes=7, seconds=12, microseconds=500_000)
    since = now - timedelta(hours=hours)
    limit = DURING - length
    almost = timedelta(milliseconds=1)
    moments = [
        since - almost,
        since,
        since + almost,
        limit - almost,
        limit,
        limit + length - almost,
        now,
        now + _SECOND,
    ]
    states = [state.value for state in Job.states]
    dice = random.Random(hours)
    moments += [since + timedelta(milliseconds=dice.randrange(hours * 3_600_000)) for _ in range(100)]
    for moment in moments:
        galaxy.job(dice.choice(people), state=dice.choice(states), at=moment, count=dice.randrange(1, 4))
        galaxy.job(galaxy.user("draco"), at=moment)
        galaxy.job(ANONYMOUS, at=moment)
    activity = _activity(galaxy, hours=hours, at=now)

    starts = [bucket.start for bucket in activity.buckets]
    assert activity.bucket_seconds == length.total_seconds()
    assert starts == [starts[0] + number * length for number in range(len(starts))]
    assert starts[0] <= since < starts[0] + length
    assert starts[-1] <= now < starts[-1] + length

    members = {person.user_id for person in people}
    rows = galaxy.session.execute(sqlalchemy.select(Job.user_id, Job.state, Job.create_time)).all()
    ours = [(state, created) for user, state, created in rows if user in members and created >= since]
    assert len(ours) > 100
    for number, bucket in enumerate(activity.buckets):
        end = bucket.start + length if number < len(starts) - 1 else datetime.max
        assert bucket.states == Counter(state for state, created in ours if bucket.start <= created < end), number
    status = galaxy.perform(StatusService.status, SERVER, "gryffindor", hours, now).value
    assert sum((Counter(bucket.states) for bucket in activity.buckets), Counter()) == status.jobs.states


def test_hours_have_neither_too_many_nor_too_few_spans() -> None:
    for hours in range(1, LONGEST_HOURS + 1):
        assert 18 <= hours * 3600 / bucket_seconds(hours) <= 36


def test_a_class_that_did_nothing_has_empty_spans_and_no_waits(galaxy: InProcess) -> None:
    _class(galaxy, 1)
    activity = _activity(galaxy)
    assert len(activity.buckets) == 37
    assert not any(bucket.states for bucket in activity.buckets)
    assert (activity.waits.members, activity.waits.members_withheld) == (None, Withheld.TOO_FEW)
    assert (activity.waits.others, activity.waits.others_withheld) == (None, Withheld.TOO_FEW)


def test_only_the_course_shows_what_was_done_in_its_histories(galaxy: InProcess) -> None:
    people = _class(galaxy)
    tag = Tag(name="gryffindor")
    history = History(user=people[0].user)
    galaxy.session.add_all([tag, history])
    galaxy.session.flush()
    association = HistoryTagAssociation(user_tname="gryffindor")
    association.history, association.tag = history, tag
    galaxy.session.add(association)
    galaxy.session.commit()
    _ran(galaxy, people, [10] * 20, history_id=history.id)
    _ran(galaxy, people, [99] * 20)
    for shown, jobs, longest in ((JobsShown.COURSE, 20, 10), (JobsShown.ALL, 40, 99)):
        activity = _activity(galaxy, shown=shown)
        assert activity.shown is shown
        assert sum(sum(bucket.states.values()) for bucket in activity.buckets) == jobs
        assert activity.waits.members
        assert (activity.waits.members.jobs, activity.waits.members.p75) == (jobs, longest)
    galaxy.find("gryffindor").course_only = True
    galaxy.session.commit()
    assert _activity(galaxy, shown=JobsShown.ALL).shown is JobsShown.COURSE


# How long jobs waited


@on_both_databases
def test_the_class_stands_beside_everybody_else(galaxy: InProcess) -> None:
    people, others = _class(galaxy), _others(galaxy)
    dice = random.Random(4)
    own = [dice.expovariate(1 / 20) for _ in range(60)]
    foreign = [dice.expovariate(1 / 300) for _ in range(120)]
    _ran(galaxy, people, own)
    _ran(galaxy, others, foreign)
    waits = _activity(galaxy).waits
    assert waits.unit == "seconds"
    for found, expected in ((waits.members, own), (waits.others, foreign)):
        p25, median, p75 = (round(seconds) for seconds in quantiles(expected, n=4, method="inclusive"))
        assert found == WaitingTimes(jobs=len(expected), sampled=False, p25=p25, median=median, p75=p75)
    assert (waits.members_withheld, waits.others_withheld) == (None, None)


@on_both_databases
def test_only_jobs_that_ran_here_in_these_hours_tell_how_long_they_waited(galaxy: InProcess) -> None:
    people, others = _class(galaxy), _others(galaxy)
    for group, jobs in ((people, 20), (others, 50)):
        _ran(galaxy, group, [10] * jobs)
        _ran(galaxy, group, [None] * jobs, state="deleted")
        _ran(galaxy, group, [999] * jobs, at=DURING - timedelta(hours=4))
        _ran(galaxy, group, [999] * jobs, imported=True)
        _ran(galaxy, group, [0] * jobs, tool_id="__DATA_FETCH__")
    _ran(galaxy, [ANONYMOUS], [999] * 50)
    waits = _activity(galaxy).waits
    assert waits.members == WaitingTimes(jobs=20, sampled=False, p25=10, median=10, p75=10)
    assert waits.others == WaitingTimes(jobs=50, sampled=False, p25=10, median=10, p75=10)


def test_a_job_that_was_sent_again_waited_until_it_ran_first(galaxy: InProcess) -> None:
    _ran(galaxy, _class(galaxy), [500] * 20, history=(("running", 30), ("resubmitted", 60), ("queued", 60)))
    found = _activity(galaxy).waits.members
    assert found
    assert (found.p25, found.p75) == (30, 30)


def test_a_clock_that_is_behind_makes_no_job_run_before_its_creation(galaxy: InProcess) -> None:
    _ran(galaxy, _class(galaxy), [-3] * 20)
    found = _activity(galaxy).waits.members
    assert found
    assert found.p25 == 0


def _waits(*jobs_of_each: int) -> managers.WaitSample:
    people = enumerate(jobs_of_each)
    return managers.WaitSample([(person, 5) for person, jobs in people for _ in range(jobs)], sampled=False)


def test_few_jobs_or_few_people_are_not_told() -> None:
    assert isinstance(waiting_times(_waits(4, 4, 4, 4, 4), 20, 5)[0], WaitingTimes)
    assert waiting_times(_waits(4, 4, 4, 4, 3), 20, 5) == (None, Withheld.TOO_FEW)
    assert waiting_times(_waits(5, 5, 5, 5), 20, 5) == (None, Withheld.TOO_FEW)
    assert waiting_times(_waits(), 20, 5) == (None, Withheld.TOO_FEW)


def test_the_jobs_of_one_person_are_not_told_for_those_of_all() -> None:
    assert isinstance(waiting_times(_waits(10, 3, 3, 2, 2), 20, 5)[0], WaitingTimes)
    assert waiting_times(_waits(11, 3, 3, 2, 2), 20, 5) == (None, Withheld.ONE_PERSON)


def test_nobody_learns_how_long_a_few_others_waited(galaxy: InProcess) -> None:
    """One stranger, whatever he does; nine; then a tenth makes them a crowd."""
    _class(galaxy)
    draco, *others = _others(galaxy)
    _ran(galaxy, [draco], [77] * 100)
    assert _activity(galaxy).waits.others_withheld is Withheld.TOO_FEW
    _ran(galaxy, others[:-1], [77] * 100)
    waits = _activity(galaxy).waits
    assert (waits.others, waits.others_withheld) == (None, Withheld.TOO_FEW)
    assert "77" not in waits.model_dump_json()
    _ran(galaxy, others[-1:], [77])
    assert _activity(galaxy).waits.others


def test_a_member_is_not_among_the_others(galaxy: InProcess) -> None:
    people, others = _class(galaxy), _others(galaxy, 9)
    _ran(galaxy, [*people, *others], [10] * 140)
    assert _activity(galaxy).waits.others is None


@on_both_databases
def test_of_very_many_jobs_some_tell_enough(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    people, others = _class(galaxy), _others(galaxy)
    dice = random.Random(10)
    everybody = [*people, *others]
    _ran(galaxy, everybody, [dice.expovariate(1 / (60 if n % len(everybody) < 5 else 600)) for n in range(900)])
    exact = _activity(galaxy).waits
    monkeypatch.setattr(managers, "MOST_LOOKED_AT", 250)
    sample = _activity(galaxy).waits
    assert exact.members
    assert exact.others
    assert sample.members
    assert sample.others
    assert (exact.members.jobs, exact.members.sampled) == (300, False)
    assert (exact.others.jobs, exact.others.sampled) == (600, False)
    # Every second of 300 of the class; of 900 ids every fourth, of which the others have two thirds.
    assert (sample.members.jobs, sample.members.sampled) == (150, True)
    assert (sample.others.jobs, sample.others.sampled) == (150, True)
    for found, whole in ((sample.members, exact.members), (sample.others, exact.others)):
        assert found.median == pytest.approx(whole.median, rel=0.3)
        assert found.p75 == pytest.approx(whole.p75, rel=0.3)


@on_both_databases
def test_the_number_of_questions_does_not_grow_with_the_jobs(galaxy: InProcess) -> None:
    people = _class(galaxy)
    _ran(galaxy, people, [10] * 30)
    numbers = []
    for _ in range(2):
        with galaxy.statements() as sent:
            _activity(galaxy)
        numbers.append(len([statement for statement in sent if "SELECT" in statement or "WITH" in statement]))
        _ran(galaxy, people, [10] * 30)
    assert numbers[0] == numbers[1]


@on_both_databases
def test_when_a_job_first_ran_is_asked_for_once(galaxy: InProcess) -> None:
    """Those that have not run are asked for again; who leaves the class is one of the others from then on."""
    galaxy.keep_results()
    people, others = _class(galaxy, size=6), _others(galaxy)
    _ran(galaxy, people, [10] * 24)
    _ran(galaxy, others, [20] * 50)
    _ran(galaxy, others[:1], [None], state="queued")

    def asked(at: datetime) -> tuple[TrainingActivity, list[str]]:
        with galaxy.statements() as sent:
            activity = _activity(galaxy, at=at)
        return activity, [statement for statement in sent if "job_state_history" in statement]

    first, _ = asked(DURING)
    galaxy.session.execute(sqlalchemy.delete(JobStateHistory))
    galaxy.session.commit()
    again, statements = asked(DURING + _MINUTE)
    assert again.waits == first.waits
    assert len(statements) == 1
    galaxy.perform(MembershipsService.leave, people[0], "gryffindor", DURING)
    after, _ = asked(DURING + 2 * _MINUTE)
    assert first.waits.others and after.waits.members and after.waits.others
    assert (after.waits.members.jobs, after.waits.others.jobs) == (20, first.waits.others.jobs + 4)


# Who sees it


@pytest.mark.parametrize(
    ("visibility", "seeing"),
    [
        ("public", {"anonymous", "stranger", "member", "instructor", "admin"}),
        ("members", {"member", "instructor", "admin"}),
        ("instructors", {"instructor", "admin"}),
    ],
)
def test_charts_are_seen_by_those_who_see_the_dashboard(make_galaxy: Any, visibility: str, seeing: set[str]) -> None:
    galaxy = make_galaxy(status_visibility=visibility)
    (member,) = _class(galaxy, 1)
    actors = {
        "anonymous": ANONYMOUS,
        "stranger": galaxy.user("draco"),
        "member": member,
        "instructor": galaxy.user("minerva"),
        "admin": galaxy.admin(),
    }
    seen = set()
    for name, actor in actors.items():
        try:
            _activity(galaxy, actor)
            seen.add(name)
        except MessageException as problem:
            assert problem.status_code == 403
    assert seen == seeing


def test_after_the_end_charts_are_for_those_who_teach(make_galaxy: Any) -> None:
    galaxy = make_galaxy(status_visibility="public")
    (member,) = _class(galaxy, 1)
    for actor in (ANONYMOUS, member):
        galaxy.refused(410, lambda actor=actor: _activity(galaxy, actor, at=AFTER))
    assert _activity(galaxy, galaxy.user("minerva"), at=AFTER).hours == 3


def test_after_the_end_they_show_its_last_hours(galaxy: InProcess) -> None:
    (member,) = _class(galaxy, 1)
    closes = galaxy.find("gryffindor").window(12).closes
    galaxy.job(member, at=closes - _MINUTE)
    galaxy.job(member, at=AFTER - _MINUTE)
    buckets = _activity(galaxy, at=AFTER).buckets
    assert sum(sum(bucket.states.values()) for bucket in buckets) == 1
    assert buckets[0].start <= closes - timedelta(hours=3) and buckets[-1].start <= closes


@pytest.mark.parametrize(
    "until, hours, members, promised, offered",
    [
        (None, 3, 5, True, False),
        (DURING, 3, 5, False, True),
        (DURING, LONGEST_HOURS, 5, False, False),
        (DURING, 3, 0, False, False),
    ],
)
def test_empty_charts_promise_no_more_jobs_than_can_come(
    until: Optional[datetime], hours: int, members: int, promised: bool, offered: bool
) -> None:
    galaxy_config = SimpleNamespace(galaxy_url_prefix="/", brand="", error_email_to="", smtp_server=None)
    status = SimpleNamespace(identifier="gryffindor", hours=hours, shown=JobsShown.ALL, until=until, members=members)
    section = Templates(TiaasConfig(), cast(Any, galaxy_config), 0).render("charts", status=status)
    assert section.count('data-empty="No jobs in these ') == 1
    assert ("appear here with the first one." in section) is promised
    assert ("Choose more hours" in section) is offered


def test_nothing_in_the_charts_names_anybody(galaxy: InProcess) -> None:
    people = _class(galaxy)
    _ran(galaxy, people, [10] * 30)
    shown = galaxy.perform(ChartsService.show, SERVER, "gryffindor", 3, DURING).json.decode()
    assert '"ok":30' in shown
    for person in people:
        assert person.user
        assert str(person.user.username) not in shown
    assert "pseudonym" not in shown


def test_who_asks_again_within_half_a_minute_gets_the_same_charts(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, 1)
    galaxy.keep_results()
    first = galaxy.perform(ChartsService.show, galaxy.user("minerva"), "gryffindor", 3, DURING)
    galaxy.job(harry)
    assert galaxy.perform(ChartsService.show, SERVER, "gryffindor", 3, DURING + 29 * _SECOND) is first
    later = galaxy.perform(ChartsService.show, SERVER, "gryffindor", 3, DURING + 30 * _SECOND)
    assert sum(sum(bucket.states.values()) for bucket in later.value.buckets) == 1
    assert later.etag != first.etag


def test_nothing_new_has_the_same_tag(galaxy: InProcess) -> None:
    _class(galaxy)
    tags = {
        galaxy.perform(ChartsService.show, SERVER, "gryffindor", 3, DURING + n * 40 * _SECOND).etag for n in range(3)
    }
    assert len(tags) == 1
