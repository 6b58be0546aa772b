"""What a class is doing: counts against counts made in another way."""

import itertools
from collections import Counter
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)

import pytest
from galaxy.exceptions import MessageException
from galaxy.model import Job
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import TrainingNotFound
from galaxy_tiaas.dashboard.schema import (
    JobsShown,
    QueuedInvocation,
    QueuedJob,
    TrainingStatus,
)
from galaxy_tiaas.dashboard.service import StatusService
from galaxy_tiaas.membership.service import MembershipsService
from in_process import (
    AFTER,
    ANONYMOUS,
    DELETED,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_MOMENT = timedelta(microseconds=1)
_TOOLS = ("cat1", "__DATA_FETCH__", "toolshed.g2.bx.psu.edu/repos/iuc/bwa/bwa/0.7.17", "upload1")


def _queue(status: TrainingStatus) -> list[QueuedJob]:
    assert status.queue is not None
    return status.queue


def _runs(status: TrainingStatus) -> list[QueuedInvocation]:
    assert status.invocations.queue is not None
    return status.invocations.queue


def _status(galaxy: InProcess, actor: Actor = SERVER, hours: int = 3, at: datetime = DURING) -> TrainingStatus:
    return galaxy.perform(StatusService.status, actor, "gryffindor", hours, at).value


def _class(galaxy: InProcess, *names: str) -> list[Actor]:
    galaxy.training()
    people = [galaxy.user(name) for name in names or ("harry", "ron", "hermione")]
    galaxy.join("gryffindor", *people)
    return people


@on_both_databases
@pytest.mark.parametrize("small", [0, 300])
def test_counts_are_what_the_jobs_table_says(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, small: int) -> None:
    """Jobs of every state, of members, a stranger and nobody, inside and outside the hours."""
    monkeypatch.setattr("galaxy_tiaas.dashboard.activity_manager._SMALL", small)
    people = _class(galaxy)
    stranger = galaxy.user("draco")
    states = [state.value for state in Job.states]
    for number, (person, tool, state) in enumerate(itertools.product([*people, stranger, ANONYMOUS], _TOOLS, states)):
        galaxy.job(person, tool, state, at=DURING - timedelta(minutes=1 + number % 300), count=1 + number % 3)
    status = _status(galaxy)

    rows = galaxy.query(
        "SELECT u.username, j.tool_id, j.state, j.create_time FROM job j"
        " JOIN galaxy_user u ON u.id = j.user_id JOIN user_group_association m ON m.user_id = u.id"
        " JOIN galaxy_group g ON g.id = m.group_id WHERE g.name = 'training-gryffindor' AND j.create_time >= :since",
        since=(DURING - timedelta(hours=3)).isoformat(" "),
    )
    assert 100 < len(rows) < 1000
    assert status.jobs.total == len(rows)
    assert status.jobs.states == Counter(row.state for row in rows)
    by_tool = {tool.tool_id: (tool.total, tool.states) for tool in status.tools}
    assert by_tool == {
        tool: (sum(row.tool_id == tool for row in rows), Counter(row.state for row in rows if row.tool_id == tool))
        for tool in _TOOLS
    }
    by_member = {
        user.pseudonym: (user.total, user.states, user.last_active.isoformat(" ") if user.last_active else "")
        for user in status.users
    }
    assert by_member == {
        member.pseudonym: (
            sum(row.username == member.username for row in rows),
            Counter(row.state for row in rows if row.username == member.username),
            str(max(row.create_time for row in rows if row.username == member.username))[:19],
        )
        for member in galaxy.perform(MembershipsService.members, SERVER, "gryffindor")
    }
    assert status.members == len(people)


@pytest.mark.parametrize("hours", [1, 3, 64])
def test_only_the_last_hours_count(galaxy: InProcess, hours: int) -> None:
    (harry,) = _class(galaxy, "harry")
    since = DURING - timedelta(hours=hours)
    galaxy.job(harry, at=since - timedelta(seconds=1))
    galaxy.job(harry, at=since)
    galaxy.job(harry, at=DURING)
    assert _status(galaxy, hours=hours).jobs.total == 2


def test_a_class_that_does_nothing_has_all_its_members_and_no_jobs(galaxy: InProcess) -> None:
    _class(galaxy)
    status = _status(galaxy)
    assert (status.identifier, status.title, status.hours, status.generated) == (
        "gryffindor",
        "Course gryffindor",
        3,
        DURING,
    )
    assert (status.members, status.jobs.total, status.jobs.states, status.tools, status.queue) == (3, 0, {}, [], [])
    assert [(user.total, user.last_active) for user in status.users] == [(0, None)] * 3
    assert (status.invocations.total, status.invocations.states, status.invocations.queue) == (0, {}, [])


def test_a_training_without_members_shows_nothing_of_anybody(galaxy: InProcess) -> None:
    """Neither does one without a cohort show the jobs of people in no group."""
    draco = galaxy.user("draco")
    galaxy.job(draco)
    galaxy.job(ANONYMOUS)
    galaxy.training()
    assert _status(galaxy).jobs.total == 0
    galaxy.training("slytherin", state="new")
    assert galaxy.perform(StatusService.status, SERVER, "slytherin", 3, DURING).value.jobs.total == 0


def test_who_left_or_was_deleted_is_not_counted(galaxy: InProcess) -> None:
    harry, ron, hermione = _class(galaxy)
    for person in (harry, ron, hermione):
        galaxy.job(person)
        galaxy.invocation(person)
    galaxy.perform(MembershipsService.leave, ron, "gryffindor", DURING)
    galaxy.delete_account(hermione)
    status = _status(galaxy)
    assert (status.members, status.jobs.total, len(status.users), len(_queue(status))) == (1, 1, 1, 1)
    assert (status.invocations.total, len(_runs(status))) == (1, 1)


@on_both_databases
def test_the_queue_is_cut_to_the_newest_and_the_counts_are_not(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    galaxy.job(harry, "old", at=DURING - timedelta(hours=1), count=250)
    galaxy.job(harry, "new", at=DURING, count=100)
    galaxy.invocation(harry, "scheduled", at=DURING - timedelta(hours=1), count=250)
    galaxy.invocation(harry, "new", at=DURING, count=100)
    status = _status(galaxy)
    assert (status.jobs.total, len(_queue(status))) == (350, 300)
    assert Counter(job.tool_id for job in _queue(status)) == {"new": 100, "old": 200}
    assert [job.tool_id for job in _queue(status)[:100]] == ["new"] * 100
    assert (status.invocations.total, len(_runs(status))) == (350, 300)
    assert status.invocations.states == {"scheduled": 250, "new": 100}
    assert [invocation.state for invocation in _runs(status)[:100]] == ["new"] * 100


def test_the_queue_says_who_what_and_when_under_a_pseudonym(galaxy: InProcess) -> None:
    harry, _, _ = _class(galaxy)
    galaxy.job(harry, "cat1", "running", at=DURING - timedelta(minutes=5))
    (job,) = _queue(_status(galaxy))
    mine = galaxy.perform(MembershipsService.show, harry, "gryffindor", DURING)
    assert (job.pseudonym, job.colour) == (mine.pseudonym, mine.colour)
    assert (job.tool_id, job.state, job.create_time) == ("cat1", "running", DURING - timedelta(minutes=5))


@on_both_databases
def test_invocations_are_counted_by_state(galaxy: InProcess) -> None:
    harry, ron, _ = _class(galaxy)
    galaxy.invocation(harry, "scheduled", count=3)
    galaxy.invocation(ron, "failed")
    galaxy.invocation(ron, "failed", at=DURING - timedelta(hours=3, seconds=1))
    galaxy.invocation(galaxy.user("draco"), "cancelled")
    status = _status(galaxy)
    invocations = status.invocations
    assert (invocations.states, invocations.total) == ({"scheduled": 3, "failed": 1}, 4)
    assert {invocation.pseudonym for invocation in _runs(status)} == {
        galaxy.perform(MembershipsService.show, person, "gryffindor", DURING).pseudonym for person in (harry, ron)
    }


def test_an_invocation_without_a_state_is_counted_too(galaxy: InProcess) -> None:
    """Galaxy's column may be empty; so may that of jobs."""
    (harry,) = _class(galaxy, "harry")
    galaxy.invocation(harry, None)
    assert _status(galaxy).invocations.states == {"unknown": 1}


def test_a_job_without_a_tool_or_a_state_breaks_nothing(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    galaxy.job(harry)
    galaxy.session.execute(Job.__table__.update().values(tool_id=None, state=None))  # type: ignore[attr-defined]
    galaxy.session.commit()
    status = _status(galaxy)
    assert (status.jobs.total, status.jobs.states) == (1, {"unknown": 1})


def test_tools_come_with_the_most_used_first(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    for tool, count in (("b", 2), ("a", 2), ("c", 5)):
        galaxy.job(harry, tool, count=count)
    assert [tool.tool_id for tool in _status(galaxy).tools] == ["c", "a", "b"]


def test_nothing_says_who_is_who_unless_the_settings_allow_it(make_galaxy: Callable[..., InProcess]) -> None:
    for exposed in (False, True):
        galaxy = make_galaxy(expose_username=exposed, status_visibility="public")
        if not exposed:
            _class(galaxy, "hermione")
            galaxy.job(galaxy.user("hermione"))
        text = _status(galaxy, ANONYMOUS).model_dump_json(exclude_unset=True)
        assert ("hermione" in text) is exposed
        assert "example.org" not in text


# Who may watch


_WHO = ["anonymous", "deleted", "stranger", "member", "requester", "instructor", "admin", "server"]


@pytest.mark.parametrize("who", _WHO)
@pytest.mark.parametrize(
    "visibility, audience",
    [
        ("public", set(_WHO)),
        ("members", {"member", "requester", "instructor", "admin", "server"}),
        ("instructors", {"requester", "instructor", "admin", "server"}),
    ],
)
def test_the_dashboard_is_for_whom_the_settings_say(
    make_galaxy: Callable[..., InProcess], who: str, visibility: str, audience: set[str]
) -> None:
    galaxy = make_galaxy(status_visibility=visibility)
    people = _people(galaxy)
    galaxy.training(instructors=["albus"])
    galaxy.join("gryffindor", people["member"])
    if who in audience:
        assert _status(galaxy, people[who]).members == 1
        return
    with pytest.raises(MessageException) as problem:
        _status(galaxy, people[who])
    assert problem.value.status_code == 403


@pytest.mark.parametrize("who", _WHO)
@pytest.mark.parametrize("state", ["new", "rejected", "cancelled"])
def test_a_training_that_is_not_approved_has_a_dashboard_for_those_who_manage_it_only(
    galaxy: InProcess, who: str, state: str
) -> None:
    people = _people(galaxy)
    galaxy.training(state=state, instructors=["albus"])
    if who in {"requester", "instructor", "admin", "server"}:
        assert _status(galaxy, people[who]).members == 0
        return
    with pytest.raises(TrainingNotFound):
        _status(galaxy, people[who])


def test_an_unknown_training_has_no_dashboard(galaxy: InProcess) -> None:
    with pytest.raises(MessageException) as problem:
        _status(galaxy)
    assert problem.value.status_code == 404


def _people(galaxy: InProcess) -> dict[str, Actor]:
    return {
        "anonymous": ANONYMOUS,
        "deleted": DELETED,
        "stranger": galaxy.user("draco"),
        "member": galaxy.user("harry"),
        "requester": galaxy.user("minerva"),
        "instructor": galaxy.user("albus"),
        "admin": galaxy.admin(),
        "server": SERVER,
    }


# Only the course


def _course(galaxy: InProcess, *people: str) -> list[Actor]:
    return _class(galaxy, *(people or ("harry", "ron")))


def _shown(galaxy: InProcess, shown: JobsShown, actor: Actor = SERVER) -> TrainingStatus:
    return galaxy.perform(StatusService.status, actor, "gryffindor", 3, DURING, shown).value


@on_both_databases
@pytest.mark.parametrize(
    "tags, counts",
    [
        (["gryffindor"], True),
        (["#gryffindor"], True),
        (["name:Gryffindor"], True),
        (["Gryffindor"], True),
        (["quidditch", "#gryffindor"], True),
        ([], False),
        (["slytherin"], False),
        (["gryffindor2"], False),
        (["house:gryffindor"], False),
        (["gryffindor:day1"], True),
    ],
)
def test_a_history_belongs_to_the_course_by_its_tag(galaxy: InProcess, tags: list[str], counts: bool) -> None:
    harry, _ = _course(galaxy)
    history = galaxy.history(harry, *tags)
    galaxy.job(harry, history=history)
    galaxy.job(harry, history=galaxy.history(harry))
    galaxy.job(harry)
    galaxy.invocation(harry, history=history)
    galaxy.invocation(harry)
    everything, course = _shown(galaxy, JobsShown.ALL), _shown(galaxy, JobsShown.COURSE)
    assert (everything.jobs.total, everything.invocations.total, everything.shown) == (3, 2, "all")
    assert (course.jobs.total, len(_queue(course)), course.invocations.total) == (counts, counts, counts)
    assert course.shown == "course"


@on_both_databases
def test_a_history_belongs_to_the_course_when_it_is_shared_with_one_who_teaches_it(galaxy: InProcess) -> None:
    harry, ron, draco, _ = (galaxy.user(name) for name in ("harry", "ron", "draco", "albus"))
    galaxy.training(instructors=["albus"])
    galaxy.join("gryffindor", harry, ron)
    galaxy.job(harry, "to_requester", history=galaxy.history(harry, shared_with=galaxy.user("minerva")))
    galaxy.job(ron, "to_instructor", history=galaxy.history(ron, shared_with=galaxy.user("albus")))
    galaxy.job(ron, "to_somebody", history=galaxy.history(ron, shared_with=draco))
    assert {tool.tool_id for tool in _shown(galaxy, JobsShown.COURSE).tools} == {"to_requester", "to_instructor"}


def test_a_tagged_history_of_a_stranger_does_not_make_the_stranger_a_member(galaxy: InProcess) -> None:
    _course(galaxy)
    draco = galaxy.user("draco")
    galaxy.job(draco, history=galaxy.history(draco, "gryffindor"))
    assert _shown(galaxy, JobsShown.COURSE).jobs.total == 0


@pytest.mark.parametrize("who", ["anonymous", "member", "requester", "admin"])
def test_where_the_instructor_wants_it_nobody_is_shown_anything_else(
    make_galaxy: Callable[..., InProcess], who: str
) -> None:
    galaxy = make_galaxy(status_visibility="public")
    harry, _ = _course(galaxy)
    galaxy.job(harry, "private")
    galaxy.job(harry, "public", history=galaxy.history(harry, "#gryffindor"))
    galaxy.find("gryffindor").course_only = True
    galaxy.session.commit()
    people = {"anonymous": ANONYMOUS, "member": harry, "requester": galaxy.user("minerva"), "admin": galaxy.admin()}
    status = _shown(galaxy, JobsShown.ALL, people[who])
    assert (status.shown, status.course_only) == ("course", True)
    assert [tool.tool_id for tool in status.tools] == ["public"]


# After the end


@pytest.mark.parametrize("visibility", ["public", "members"])
@pytest.mark.parametrize("who", _WHO)
def test_when_a_training_is_over_its_dashboard_is_for_those_who_manage_it(
    make_galaxy: Callable[..., InProcess], visibility: str, who: str
) -> None:
    galaxy = make_galaxy(status_visibility=visibility)
    people = _people(galaxy)
    galaxy.training(instructors=["albus"])
    galaxy.join("gryffindor", people["member"])
    if who in {"requester", "instructor", "admin", "server"}:
        assert _status(galaxy, people[who], at=AFTER).members == 1
        return
    with pytest.raises(MessageException) as problem:
        _status(galaxy, people[who], at=AFTER)
    may_know = visibility == "public" or who == "member"
    assert problem.value.status_code == (410 if may_know else 403)


def test_the_dashboard_closes_with_the_window_not_before(galaxy: InProcess) -> None:
    harry, _, _ = _class(galaxy)
    closes = galaxy.find("gryffindor").window(12).closes
    assert _status(galaxy, harry, at=closes - timedelta(seconds=1)).members == 3
    with pytest.raises(MessageException):
        _status(galaxy, harry, at=closes)


@on_both_databases
@pytest.mark.parametrize("small", [0, 300])
def test_after_the_end_its_last_hours_are_shown_and_nothing_of_what_people_do_later(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, small: int
) -> None:
    monkeypatch.setattr("galaxy_tiaas.dashboard.activity_manager._SMALL", small)
    (harry,) = _class(galaxy, "harry")
    closes = galaxy.find("gryffindor").window(12).closes
    for at in (closes - timedelta(hours=4), closes - timedelta(hours=2), closes, AFTER - timedelta(minutes=5)):
        galaxy.job(harry, at=at, state="error")
        galaxy.invocation(harry, at=at)
    assert (_status(galaxy, at=closes).jobs.total, _status(galaxy, at=closes).until) == (1, closes)
    status = _status(galaxy, hours=5, at=AFTER)
    assert (status.jobs.total, status.users[0].total, status.invocations.total, len(_queue(status))) == (2, 2, 2, 2)
    assert (status.hours, status.until, status.generated) == (5, closes, AFTER)
    assert _status(galaxy, at=closes - timedelta(seconds=1)).until is None


@pytest.mark.parametrize(
    "who, sees", [("anonymous", False), ("member", False), ("stranger", False), ("requester", True), ("admin", True)]
)
def test_user_names_may_be_for_instructors_alone(make_galaxy: Callable[..., InProcess], who: str, sees: bool) -> None:
    galaxy = make_galaxy(instructors_see_usernames=True, status_visibility="public")
    people = _people(galaxy)
    galaxy.training(instructors=["albus"])
    galaxy.join("gryffindor", people["member"])
    (user,) = _status(galaxy, people[who]).users
    assert user.username == ("harry" if sees else None)


# What it costs


@on_both_databases
def test_the_number_of_statements_does_not_depend_on_members_or_jobs(galaxy: InProcess) -> None:
    people = _class(galaxy, *(f"pupil{number}" for number in range(3)))
    galaxy.job(people[0])
    sent = []
    for size in (3, 40):
        more = [galaxy.user(f"pupil{number}") for number in range(3, size)]
        galaxy.join("gryffindor", *more)
        for person in more:
            galaxy.job(person, count=5)
            galaxy.invocation(person)
        galaxy.session.remove()
        with galaxy.statements() as statements:
            assert _status(galaxy).members == size
        sent.append(len(statements))
    assert sent[0] == sent[1]
    assert sent[0] < 20


def test_an_entity_tag_stays_while_only_time_passes_and_changes_with_the_class(galaxy: InProcess) -> None:
    harry, _, _ = _class(galaxy)
    tags = [
        galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, DURING + timedelta(seconds=s)).etag
        for s in (0, 10)
    ]
    galaxy.job(harry)
    tags.append(galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, DURING + timedelta(seconds=20)).etag)
    assert tags[0] == tags[1] != tags[2]
