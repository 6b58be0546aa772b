"""Who needs help: lists and totals against what the jobs table says, read in another way."""

import itertools
import random
from collections import defaultdict
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy.model import (
    History,
    HistoryTagAssociation,
    Job,
    Tag,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.dashboard import (
    class_jobs,
    executions,
    view as dashboard,
)
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.schema import (
    DashboardUpdate,
    JobsShown,
    StepPayload,
    TrainingHelp,
)
from galaxy_tiaas.dashboard.service import StatusService
from galaxy_tiaas.dashboard.step_service import DashboardsService
from in_process import (
    AFTER,
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_MINUTE = timedelta(minutes=1)
_TOOLS = ("cat1", "upload1", "toolshed.g2.bx.psu.edu/repos/iuc/bwa/bwa/0.7.17")


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    """Who teaches sees usernames, so that these tests can tell people apart."""
    return make_galaxy(instructors_see_usernames=True)


def _class(galaxy: InProcess, *names: str, at: datetime = DURING - timedelta(hours=2)) -> list[Actor]:
    galaxy.training()
    people = [galaxy.user(name) for name in names or ("harry", "ron", "hermione")]
    galaxy.join("gryffindor", *people, at=at)
    return people


def _help(galaxy: InProcess, at: datetime = DURING, **options: Any) -> TrainingHelp:
    return galaxy.perform(HelpService.help, SERVER, "gryffindor", options.pop("hours", 3), at, **options).value


def _names(people: Any) -> list[Optional[str]]:
    return [person.username for person in people.people]


# Failed


@on_both_databases
@pytest.mark.parametrize("small", [0, 300])
def test_who_failed_and_who_waits_is_what_the_jobs_table_says(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    """Random jobs of every state, of members, a stranger and nobody, inside and outside the hours."""
    monkeypatch.setattr("galaxy_tiaas.dashboard.activity_manager._SMALL", small)
    people = _class(galaxy, *(f"student{number}" for number in range(12)))
    dice = random.Random(4)
    states = [state.value for state in Job.states]
    for person, _ in itertools.product([*people, galaxy.user("draco"), ANONYMOUS], range(8)):
        at = DURING - timedelta(seconds=dice.randrange(4 * 3600))
        galaxy.job(person, dice.choice(_TOOLS), dice.choice([*states, "ok", "error", "error"]), at=at)
    view = _help(galaxy)

    rows = galaxy.query(
        "SELECT u.username, j.id, j.tool_id, j.state, j.create_time FROM job j"
        " JOIN galaxy_user u ON u.id = j.user_id JOIN user_group_association m ON m.user_id = u.id"
        " JOIN galaxy_group g ON g.id = m.group_id WHERE g.name = 'training-gryffindor' AND j.create_time >= :since"
        " ORDER BY j.create_time, j.id",
        since=(DURING - timedelta(hours=3)).isoformat(" "),
    )
    jobs: dict[str, list[Any]] = defaultdict(list)
    for row in rows:
        jobs[row.username].append(row)
    failing, waiting = {}, {}
    for name, own in jobs.items():
        finished = [row for row in own if row.state in ("ok", "error", "failed")]
        failures = list(itertools.takewhile(lambda row: row.state != "ok", reversed(finished)))
        if failures:
            failing[name] = (len(failures), failures[0].tool_id)
        in_queue = [row for row in own if row.state in dashboard.QUEUED.states]
        if in_queue:
            waiting[name] = (len(in_queue), in_queue[0].tool_id, in_queue[0].state, str(in_queue[0].create_time)[:19])
    assert 3 < len(failing) < 12 and len(waiting) > 5
    assert {one.username: (one.failures, one.tool_id) for one in view.failed.people} == failing
    assert view.failed.total == len(failing)
    status = galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, DURING).value
    assert {user.username for user in status.users if user.last_failed} == set(failing)
    assert [one.failures for one in view.failed.people] == sorted((n for n, _ in failing.values()), reverse=True)
    in_view = {one.username: (one.waiting, one.tool_id, one.state, str(one.since)[:19]) for one in view.waiting.people}
    assert in_view == waiting
    assert view.waiting.total == len(waiting)
    assert [one.since for one in view.waiting.people] == sorted(one.since for one in view.waiting.people)


def test_who_succeeded_after_a_failure_needs_no_help(galaxy: InProcess) -> None:
    harry, ron, hermione = _class(galaxy)
    galaxy.job(harry, state="error", at=DURING - 2 * _MINUTE)
    galaxy.job(harry, state="ok", at=DURING - _MINUTE)
    galaxy.job(ron, state="ok", at=DURING - 3 * _MINUTE)
    galaxy.job(ron, "bwa", state="error", at=DURING - 2 * _MINUTE)
    galaxy.job(ron, state="running", at=DURING - _MINUTE)
    galaxy.job(hermione, state="error", at=DURING - 2 * _MINUTE)
    galaxy.job(hermione, state="deleted", at=DURING - _MINUTE)
    failed = _help(galaxy).failed
    assert _names(failed) == ["ron", "hermione"]
    ron_failed = failed.people[0]
    assert (ron_failed.failures, ron_failed.tool_id, ron_failed.failed_at) == (1, "bwa", DURING - 2 * _MINUTE)


def test_a_failure_before_the_hours_is_not_shown(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry", at=DURING - timedelta(hours=20))
    galaxy.job(harry, state="error", at=DURING - timedelta(hours=4))
    assert _help(galaxy).failed.total == 0
    assert _names(_help(galaxy, hours=5).failed) == ["harry"]


@on_both_databases
def test_totals_are_exact_where_lists_are_cut(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galaxy_tiaas.dashboard.help_service.LONGEST_LIST", 2)
    monkeypatch.setattr("galaxy_tiaas.dashboard.help_service.LONGEST_QUEUE", 3)
    people = _class(galaxy, *(f"student{number}" for number in range(9)))
    for number, person in enumerate(people[:5]):
        galaxy.job(person, state="error", at=DURING - _MINUTE, count=1 + number)
        galaxy.job(person, state="queued", at=DURING - (2 + number) * _MINUTE, count=2)
    view = _help(galaxy)
    assert (view.failed.total, _names(view.failed)) == (5, ["student4", "student3"])
    assert [one.failures for one in view.failed.people] == [5, 4]
    assert (view.waiting.total, _names(view.waiting)) == (5, ["student4", "student3", "student2"])
    assert {one.waiting for one in view.waiting.people} == {2}
    assert (view.silent.total, _names(view.silent)) == (4, ["student5", "student6"])


def test_waiting_means_the_same_as_on_the_dashboard() -> None:
    states = {state.value for state in Job.states}
    assert set(executions.QUEUED) == dashboard.QUEUED.states & states
    assert set(class_jobs.FAILED) == dashboard.FAILED.states & states
    assert set(class_jobs.SUCCEEDED) == dashboard.OK.states & states


# Silent


@on_both_databases
def test_who_has_started_no_job_since_joining_is_silent(galaxy: InProcess) -> None:
    """A job before joining does not count, one of any state after it does, however long ago."""
    joined = DURING - timedelta(hours=20)
    harry, ron, hermione = _class(galaxy, at=joined)
    galaxy.job(harry, at=joined - _MINUTE)
    galaxy.job(ron, state="new", at=joined + _MINUTE)
    galaxy.job(hermione, state="deleted", at=DURING)
    silent = _help(galaxy, hours=1).silent
    assert (silent.total, _names(silent), silent.people[0].since) == (1, ["harry"], joined)


def test_who_joined_days_before_is_silent_since_the_window_opened(galaxy: InProcess) -> None:
    harry, ron, _ = _class(galaxy, at=DURING - timedelta(days=10))
    galaxy.job(harry, at=DURING - timedelta(days=9))
    galaxy.job(ron, at=DURING)
    silent = _help(galaxy).silent
    assert _names(silent) == ["harry", "hermione"]
    assert {person.since for person in silent.people} == {galaxy.find("gryffindor").window(12).opens}


def test_nobody_is_called_silent_in_the_first_ten_minutes(galaxy: InProcess) -> None:
    _class(galaxy, "harry", at=DURING - 11 * _MINUTE)
    galaxy.join("gryffindor", galaxy.user("ron"), at=DURING - 9 * _MINUTE)
    assert _names(_help(galaxy).silent) == ["harry"]
    opens = galaxy.find("gryffindor").window(12).opens
    galaxy.join("gryffindor", galaxy.user("early"), at=opens - timedelta(days=1))
    assert _names(_help(galaxy, at=opens + 9 * _MINUTE).silent) == []
    assert "early" in _names(_help(galaxy, at=opens + 11 * _MINUTE).silent)


@pytest.mark.parametrize("at", [DURING - timedelta(days=10), AFTER])
def test_outside_the_course_nobody_is_silent(galaxy: InProcess, at: datetime) -> None:
    _class(galaxy, at=DURING - timedelta(days=12))
    assert _help(galaxy, at=at).silent.total == 0


def test_who_teaches_is_not_called_silent(galaxy: InProcess) -> None:
    _class(galaxy, "harry")
    galaxy.join("gryffindor", galaxy.user("minerva"), at=DURING - timedelta(hours=1))
    assert _names(_help(galaxy).silent) == ["harry"]


# Not activated


@pytest.mark.parametrize("required, blocked, silent", [(True, ["ron"], ["harry"]), (False, [], ["harry", "ron"])])
def test_who_cannot_run_tools_is_not_called_silent(
    make_galaxy: Callable[..., InProcess], required: bool, blocked: list[str], silent: list[str]
) -> None:
    galaxy = make_galaxy(instructors_see_usernames=True, galaxy_conf={"user_activation_on": required})
    _class(galaxy, "harry", "ron")
    galaxy.account("harry").active = True
    galaxy.session.commit()
    view = _help(galaxy)
    assert (view.not_activated.total, _names(view.not_activated)) == (len(blocked), blocked)
    assert _names(view.silent) == silent


# Which jobs


def _course_job(galaxy: InProcess, by: Actor, state: str) -> None:
    """A job in a history that is tagged `#gryffindor`."""
    history = History(user=by.user)
    galaxy.session.add(history)
    galaxy.session.flush()
    tag = galaxy.session.query(Tag).filter_by(name="name").first() or Tag(name="name", type=0)
    galaxy.session.add(tag)
    galaxy.session.flush()
    association = HistoryTagAssociation(user_tname="name", value="gryffindor", user_value="gryffindor")
    association.history_id, association.tag_id, association.user_id = history.id, tag.id, by.user_id
    job = Job()
    job.user_id, job.history_id, job.state, job.tool_id = by.user_id, history.id, state, "cat1"
    job.create_time = job.update_time = DURING - _MINUTE
    galaxy.session.add_all([association, job])
    galaxy.session.commit()


@on_both_databases
def test_where_only_the_course_counts_private_work_is_neither_failure_nor_sign_of_life(galaxy: InProcess) -> None:
    harry, ron, hermione = _class(galaxy)
    _course_job(galaxy, harry, "error")
    _course_job(galaxy, hermione, "queued")
    galaxy.job(ron, state="error")
    galaxy.job(hermione, state="error")
    everything = _help(galaxy)
    assert everything.shown is JobsShown.ALL
    assert sorted(map(str, _names(everything.failed))) == ["harry", "hermione", "ron"]
    assert everything.silent.total == 0
    chosen = _help(galaxy, shown=JobsShown.COURSE)
    galaxy.find("gryffindor").course_only = True
    galaxy.session.commit()
    prescribed = _help(galaxy)
    for course in (chosen, prescribed):
        assert course.shown is JobsShown.COURSE
        found = [_names(people) for people in (course.failed, course.waiting, course.silent)]
        assert found == [["harry"], ["hermione"], ["ron"]]


# Cost


def test_a_large_class_costs_as_many_queries_as_a_small_one(galaxy: InProcess) -> None:
    people = _class(galaxy, *(f"student{number}" for number in range(30)))
    galaxy.job(people[0], state="error", count=2)
    _help(galaxy)
    with galaxy.statements() as small:
        _help(galaxy)
    for person in people:
        galaxy.job(person, state="error", count=3)
        galaxy.job(person, state="queued", count=3)
    with galaxy.statements() as large:
        _help(galaxy)
    assert len(small) == len(large)


@on_both_databases
def test_only_hands_and_answers_are_read_again_within_the_interval(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    galaxy.keep_results()
    first = galaxy.perform(HelpService.help, SERVER, "gryffindor", 3, DURING)
    galaxy.job(harry, state="error")
    with galaxy.statements() as sent:
        again = galaxy.perform(HelpService.help, SERVER, "gryffindor", 3, DURING + timedelta(seconds=1))
    assert again.value.failed.total == 0
    assert again.etag == first.etag
    assert [statement for statement in sent if " job" in statement] == []
    live = ("tiaas_training_member", "tiaas_training_question", "tiaas_training_step")
    assert len([statement for statement in sent if any(table in statement for table in live)]) == 1
    assert galaxy.perform(HelpService.help, SERVER, "gryffindor", 3, DURING + _MINUTE).value.failed.total == 1


def test_other_steps_are_seen_within_the_interval(galaxy: InProcess) -> None:
    _class(galaxy)
    galaxy.keep_results()
    assert galaxy.perform(HelpService.help, SERVER, "gryffindor", 3, DURING).value.steps == []
    update = DashboardUpdate(steps=[StepPayload(tool_id="cat1")])
    galaxy.perform(DashboardsService.update, SERVER, "gryffindor", update, DURING)
    (step,) = galaxy.perform(HelpService.help, SERVER, "gryffindor", 3, DURING + timedelta(seconds=1)).value.steps
    assert step.position == 1


def test_a_training_without_a_class_has_nobody_who_needs_help(galaxy: InProcess) -> None:
    galaxy.request()
    view = _help(galaxy)
    totals = (view.hands.total, view.failed.total, view.waiting.total, view.silent.total)
    assert (totals, view.live, view.question, view.steps) == ((0, 0, 0, 0), False, None, [])
