"""How far a class is: states and counts against the same worked out from the jobs one by one."""

import itertools
import random
from collections import Counter
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

import pytest
import sqlalchemy
from galaxy.exceptions import MessageException
from galaxy.model import (
    History,
    HistoryUserShareAssociation,
    Job,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.dashboard.schema import (
    DashboardUpdate,
    JobsShown,
    StepPayload,
    TrainingProgress,
)
from galaxy_tiaas.dashboard.step_service import (
    DashboardsService,
    ProgressService,
)
from galaxy_tiaas.membership.service import MembershipsService
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_BWA = "toolshed.g2.bx.psu.edu/repos/devteam/bwa/bwa_mem/0.7.17"


def _class(galaxy: InProcess, *names: str, steps: str = "") -> list[Actor]:
    galaxy.training()
    people = [galaxy.user(name) for name in names]
    galaxy.join("gryffindor", *people)
    if steps:
        _set_up(galaxy, steps)
    return people


def _set_up(galaxy: InProcess, steps: str) -> None:
    update = DashboardUpdate(steps=[StepPayload(tool_id=tool) for tool in steps.split()])
    galaxy.perform(DashboardsService.update, SERVER, "gryffindor", update, DURING)


def _progress(
    galaxy: InProcess, actor: Actor = SERVER, shown: JobsShown = JobsShown.ALL, now: datetime = DURING
) -> TrainingProgress:
    return galaxy.perform(ProgressService.progress, actor, "gryffindor", now, shown).value


def _states(progress: TrainingProgress, galaxy: InProcess, person: Actor) -> str:
    name = galaxy.perform(MembershipsService.show, person, "gryffindor", DURING).pseudonym
    (row,) = [user for user in progress.users if user.pseudonym == name]
    return " ".join("-" if state.value == "not_started" else state.value for state in row.states)


def _job_in(galaxy: InProcess, history: Optional[int], by: Actor, tool_id: str) -> None:
    values = {"user_id": by.user_id, "tool_id": tool_id, "state": "ok", "history_id": history}
    galaxy.session.execute(sqlalchemy.insert(Job), [{**values, "create_time": DURING, "update_time": DURING}])
    galaxy.session.commit()


# Steps


@on_both_databases
def test_a_class_at_its_steps(galaxy: InProcess) -> None:
    harry, ron, hermione, neville = _class(
        galaxy, "harry", "ron", "hermione", "neville", steps=f"upload1 {_BWA} sort1 bwa_mem"
    )
    for person in (harry, ron, hermione):
        galaxy.job(person, "__DATA_FETCH__")
    galaxy.job(harry, _BWA.replace("0.7.17", "0.6"), "error")
    galaxy.job(hermione, _BWA)
    galaxy.job(hermione, "sort1")
    galaxy.job(hermione, _BWA, "queued")
    galaxy.job(hermione, "wc_gnu", "error")
    progress = _progress(galaxy)
    assert progress.source.value == "steps"
    assert [_states(progress, galaxy, person) for person in (harry, ron, hermione, neville)] == [
        "done failed - -",
        "done - - -",
        "done done done queued",
        "- - - -",
    ]
    assert [(*step.counts.model_dump().values(), step.here) for step in progress.steps] == [
        (1, 0, 0, 3, 0, 1),
        (2, 0, 0, 1, 1, 1),
        (3, 0, 0, 1, 0, 0),
        (3, 1, 0, 0, 0, 1),
    ]
    assert (progress.median, progress.members, progress.tools) == (2, 4, [])
    assert [user.position for user in progress.users] == [0, 1, 2, 4]


@on_both_databases
def test_states_are_what_the_jobs_table_says(galaxy: InProcess) -> None:
    """Jobs by chance, and each member's steps worked out from the rows in the order of their ids."""
    steps = ["bwa_mem", "sort1", "bwa_mem", "wc_gnu", "sort1"]
    people = _class(galaxy, *(f"member{number}" for number in range(12)), steps=" ".join(steps))
    chance = random.Random(4)
    for _ in range(120):
        tool = chance.choice([_BWA, "bwa_mem", "sort1", "wc_gnu", "cat1"])
        state = chance.choice(["ok", "ok", "error", "running", "queued", "deleted", "paused"])
        galaxy.job(chance.choice([*people, galaxy.user("draco")]), tool, state)
    rows = galaxy.query(
        "SELECT u.username, j.tool_id, j.state FROM job j JOIN galaxy_user u ON u.id = j.user_id ORDER BY j.id"
    )
    progress = _progress(galaxy)
    for person in people:
        assert person.user
        jobs = [
            ("bwa_mem" if "bwa" in row.tool_id else row.tool_id, row.state)
            for row in rows
            if row.username == person.user.username
        ]
        assert _states(progress, galaxy, person) == " ".join(_expected(steps, jobs))


def _expected(steps: list[str], jobs: list[tuple[str, str]]) -> list[str]:
    """States of the steps, from one member's tools and states of jobs in the order in which they were created."""
    states = ["-"] * len(steps)
    for tool in set(steps):
        of_tool = [state for job_tool, state in jobs if job_tool == tool and state != "deleted"]
        # Nothing tells these jobs apart: those that failed are forgotten when the tool is tried again.
        counted = [state for state in of_tool[:-1] if state != "error"] + of_tool[-1:]
        first = ["ok", "running", "queued", "error"]
        named = [{"paused": "queued"}.get(state, state) for state in counted]
        places = [place for place, step in enumerate(steps) if step == tool]
        kept = sorted(range(len(named)), key=lambda number: (first.index(named[number]), number))[: len(places)]
        for place, number in zip(places, sorted(kept, key=lambda n: (named[n] != "ok", n)), strict=False):
            states[place] = {"ok": "done", "error": "failed"}.get(named[number], named[number])
    return states


def test_what_was_done_before_the_window_and_after_it_does_not_count(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry", steps="cat1 sort1")
    galaxy.job(harry, "cat1", at=BEFORE)
    assert _states(_progress(galaxy), galaxy, harry) == "- -"
    galaxy.job(harry, "cat1", at=DURING - timedelta(days=1, hours=12))
    galaxy.job(harry, "sort1", at=AFTER)
    assert _states(_progress(galaxy, now=AFTER), galaxy, harry) == "done -"


def test_those_well_behind_come_first_and_say_so(galaxy: InProcess) -> None:
    *most, neville, ron = _class(galaxy, "harry", "hermione", "luna", "neville", "ron", steps="cat1 sort1 wc_gnu")
    for person, tool in itertools.product(most, ("cat1", "sort1", "wc_gnu")):
        galaxy.job(person, tool)
    galaxy.job(neville, "cat1")
    galaxy.job(ron, "cat1")
    galaxy.job(ron, "sort1")
    progress = _progress(galaxy)
    assert [(user.position, user.behind) for user in progress.users] == [(1, True), (2, False), *[(3, False)] * 3]


@on_both_databases
def test_counts_of_each_step_add_up_to_the_members(galaxy: InProcess) -> None:
    people = _class(galaxy, "harry", "ron", "hermione", steps="cat1 sort1 cat1")
    for person, state in zip(people, ("ok", "error", "running"), strict=True):
        galaxy.job(person, "cat1", state, count=2)
    galaxy.perform(MembershipsService.leave, people[0], "gryffindor", DURING)
    progress = _progress(galaxy)
    assert progress.members == 2
    assert [sum(step.counts.model_dump().values()) for step in progress.steps] == [2, 2, 2]
    assert [step.counts.done for step in progress.steps] == [0, 0, 0]


# Tools


@on_both_databases
def test_without_steps_it_is_members_by_tools(galaxy: InProcess) -> None:
    harry, ron = _class(galaxy, "harry", "ron")
    galaxy.job(harry, _BWA, count=2)
    galaxy.job(harry, _BWA.replace("0.7.17", "0.6"), "error", count=3)
    galaxy.job(ron, _BWA, "queued")
    galaxy.job(ron, "sort1")
    galaxy.job(ron, "wc_gnu", "deleted", count=9)
    galaxy.job(galaxy.user("draco"), "cat1", count=50)
    progress = _progress(galaxy)
    assert (progress.source.value, progress.steps, progress.median) == ("tools", [], None)
    assert [(tool.tool_id, tool.members, tool.jobs.model_dump()) for tool in progress.tools] == [
        ("bwa_mem", 2, {"done": 2, "running": 0, "queued": 1, "failed": 3}),
        ("sort1", 1, {"done": 1, "running": 0, "queued": 0, "failed": 0}),
    ]
    rows = {user.pseudonym: [tuple(jobs.model_dump().values()) for jobs in user.tools] for user in progress.users}
    names = [galaxy.perform(MembershipsService.show, person, "gryffindor", DURING).pseudonym for person in (harry, ron)]
    assert [rows[str(name)] for name in names] == [[(2, 0, 0, 3), (0, 0, 0, 0)], [(0, 0, 1, 0), (1, 0, 0, 0)]]


def test_the_fifteen_tools_used_most_are_shown(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    for number in range(1, 21):
        galaxy.job(harry, f"tool{number}", count=number)
    progress = _progress(galaxy)
    assert [tool.tool_id for tool in progress.tools] == [f"tool{number}" for number in range(20, 5, -1)]
    assert len(progress.users[0].tools) == 15


# Which jobs


@pytest.mark.parametrize("enforced", [False, True])
@on_both_databases
def test_only_the_course_counts_where_that_is_wanted(galaxy: InProcess, enforced: bool) -> None:
    (harry,) = _class(galaxy, "harry", steps="cat1 sort1")
    shared = History(user=harry.user)
    galaxy.session.add(shared)
    galaxy.session.flush()
    share = HistoryUserShareAssociation()
    share.history_id, share.user_id = shared.id, galaxy.find("gryffindor").requester_id  # type: ignore[assignment]
    galaxy.session.add(share)
    galaxy.session.commit()
    _job_in(galaxy, shared.id, harry, "cat1")
    _job_in(galaxy, None, harry, "sort1")
    assert _states(_progress(galaxy), galaxy, harry) == "done done"
    if enforced:
        galaxy.perform(DashboardsService.update, SERVER, "gryffindor", DashboardUpdate(course_only=True), DURING)
    progress = _progress(galaxy, shown=JobsShown.ALL if enforced else JobsShown.COURSE)
    assert _states(progress, galaxy, harry) == "done -"
    assert (progress.shown, progress.course_only) == (JobsShown.COURSE, enforced)


# Who, and at what cost


@pytest.mark.parametrize("visibility, status", [("public", None), ("members", 403), ("instructors", 403)])
def test_it_is_for_whom_the_dashboard_is(
    make_galaxy: Callable[..., InProcess], visibility: str, status: Optional[int]
) -> None:
    galaxy = make_galaxy(status_visibility=visibility)
    _class(galaxy, "harry")
    assert _progress(galaxy, galaxy.user("minerva")).members == 1
    if status is None:
        assert _progress(galaxy, ANONYMOUS).members == 1
        return
    with pytest.raises(MessageException) as problem:
        _progress(galaxy, ANONYMOUS)
    assert problem.value.status_code == status


def test_after_the_end_it_is_for_those_who_teach(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry", steps="cat1")
    with pytest.raises(MessageException) as problem:
        galaxy.perform(ProgressService.progress, harry, "gryffindor", AFTER)
    assert problem.value.status_code == 410
    assert galaxy.perform(ProgressService.progress, galaxy.user("minerva"), "gryffindor", AFTER).value.members == 1


@pytest.mark.parametrize("steps", ["", "cat1"])
def test_usernames_are_for_those_whom_the_settings_let(make_galaxy: Callable[..., InProcess], steps: str) -> None:
    galaxy = make_galaxy(instructors_see_usernames=True, status_visibility="public")
    (hermione,) = _class(galaxy, "hermione", steps=steps)
    galaxy.job(hermione)
    for actor, sees in ((ANONYMOUS, False), (galaxy.user("minerva"), True)):
        text = galaxy.perform(ProgressService.progress, actor, "gryffindor", DURING).json.decode()
        assert ("hermione" in text) is sees
        assert "example.org" not in text


@pytest.mark.parametrize("steps", ["", "cat1 sort1"])
def test_a_large_class_costs_no_more_queries_than_a_small_one(galaxy: InProcess, steps: str) -> None:
    people = _class(galaxy, *(f"member{number}" for number in range(20)), steps=steps)
    galaxy.job(people[0])
    _progress(galaxy)
    counts: Counter[str] = Counter()
    for size in ("small", "large"):
        if size == "large":
            for person, tool in itertools.product(people, ("cat1", "sort1", "wc_gnu")):
                galaxy.job(person, tool)
        with galaxy.statements() as sent:
            _progress(galaxy)
        counts[size] = len(sent)
    assert counts["large"] == counts["small"]


def test_nobody_has_joined_yet(galaxy: InProcess) -> None:
    _class(galaxy, steps="cat1")
    progress = _progress(galaxy)
    assert (progress.members, progress.users, progress.median) == (0, [], None)
    assert progress.steps[0].counts.model_dump() == dict.fromkeys(
        ("not_started", "queued", "running", "done", "failed"), 0
    )
