"""How far somebody is, going by the jobs they ran: rules that hold for all jobs, and examples."""

from collections import Counter
from collections.abc import Sequence

import pytest
from galaxy.model import Job
from galaxy_tiaas.dashboard.class_jobs import (
    ClassJobs,
    Ints,
    Jobs as AllJobs,
    of_members,
)
from galaxy_tiaas.dashboard.progress import (
    COUNTED,
    DONE,
    FAILED,
    median_position,
    Plan,
    RUNNING,
    STATES,
    StepState,
    well_behind,
    works,
)
from galaxy_tiaas.dashboard.steps import (
    numbered,
)
from hypothesis import (
    given,
    strategies as st,
)

#: Tool and state of each job, in the order in which they were created.
Jobs = Sequence[tuple[str, str]]

_TOOLS = ("a", "b", "c", "d")
_plans = st.lists(st.sampled_from(_TOOLS[:3]), min_size=1, max_size=8)
_jobs = st.lists(st.tuples(st.sampled_from(_TOOLS), st.sampled_from(["ok", "running", "queued", "error", "deleted"])))


def _class_jobs(jobs_of_each: Sequence[Jobs]) -> ClassJobs:
    rows = [(person, tool, state) for person, jobs in enumerate(jobs_of_each) for tool, state in jobs]
    groups = [
        (tool, state, str(number), "0", str(person), "0", "0") for number, (person, tool, state) in enumerate(rows, 1)
    ]
    return of_members(AllJobs.of(groups), range(len(jobs_of_each)))


def _plan(tools: Sequence[str]) -> Plan:
    return Plan(numbered((tool, "") for tool in tools))


def _numbers(plan: Plan, *jobs_of_each: Jobs) -> Ints:
    return plan.states(works(_class_jobs(jobs_of_each), plan.tools), len(jobs_of_each))


def _states(tools: Sequence[str], jobs: Jobs) -> list[str]:
    (states,) = _numbers(_plan(tools), jobs)
    return [STATES[number].value for number in states]


def _position(tools: Sequence[str], jobs: Jobs) -> int:
    plan = _plan(tools)
    return int(plan.positions(_numbers(plan, jobs))[0])


@pytest.mark.parametrize(
    "tools, jobs, states",
    [
        ("abc", [], "- - -"),
        ("abc", [("a", "ok")], "done - -"),
        ("abc", [("a", "queued")], "running - -"),
        ("abc", [("a", "error")], "failed - -"),
        # Left out, and out of order.
        ("abc", [("c", "ok")], "- - done"),
        ("abc", [("b", "ok"), ("a", "ok")], "done done -"),
        # A failure is forgotten when the tool succeeds, and not before.
        ("a", [("a", "error"), ("a", "ok")], "done"),
        ("a", [("a", "ok"), ("a", "error")], "done"),
        ("a", [("a", "error"), ("a", "running")], "running"),
        ("a", [("a", "running"), ("a", "error")], "running"),
        # Repeated tools, in order.
        ("aba", [("a", "ok")], "done - -"),
        ("aba", [("a", "ok"), ("a", "ok")], "done - done"),
        ("aba", [("a", "ok"), ("a", "running")], "done - running"),
        ("aba", [("a", "ok"), ("a", "error")], "done - failed"),
        ("aba", [("a", "error"), ("a", "ok")], "done - -"),
        ("aba", [("a", "running"), ("a", "ok")], "done - running"),
        ("aba", [("a", "error"), ("a", "error")], "failed - -"),
        ("aaa", [("a", "ok"), ("a", "queued"), ("a", "queued")], "done running -"),
        # As if they had never been.
        ("a", [("a", "deleted"), ("b", "ok")], "-"),
        ("a", [("a", "error"), ("a", "deleted")], "failed"),
    ],
)
def test_states_follow_from_the_jobs(tools: str, jobs: Jobs, states: str) -> None:
    assert _states(tools, jobs) == [{"-": "not_started"}.get(state, state) for state in states.split()]


def test_every_state_of_galaxys_jobs_has_a_meaning_or_is_meant_to_have_none() -> None:
    assert {state.value for state in Job.states} - COUNTED == {"deleting", "deleted"}
    assert len(DONE) + len(RUNNING) + len(FAILED) == len(COUNTED)


@pytest.mark.parametrize(
    "tools, jobs, position",
    [
        ("abc", [], 0),
        ("abc", [("a", "ok"), ("b", "error")], 2),
        ("abc", [("c", "queued")], 3),
        # On two datasets at once: nothing between the two steps was begun.
        ("abab", [("a", "ok"), ("a", "ok")], 1),
        ("abab", [("a", "ok"), ("a", "ok"), ("b", "running")], 3),
        ("aab", [("a", "ok"), ("a", "ok")], 2),
    ],
)
def test_somebody_is_at_the_last_step_they_have_begun(tools: str, jobs: Jobs, position: int) -> None:
    assert _position(tools, jobs) == position


@given(_plans, _jobs, st.sampled_from(_TOOLS), st.integers(0))
def test_another_done_job_never_takes_anybody_back(tools: list[str], jobs: Jobs, tool: str, place: int) -> None:
    place %= len(jobs) + 1
    more = [*jobs[:place], (tool, "ok"), *jobs[place:]]
    before, after = _states(tools, jobs), _states(tools, more)
    assert all(then == "done" for now, then in zip(before, after, strict=True) if now == "done")
    assert after.count("done") >= before.count("done")
    assert _position(tools, more) >= _position(tools, jobs)


@given(_plans, _jobs)
def test_every_done_step_has_a_done_job_of_its_own(tools: list[str], jobs: Jobs) -> None:
    done_steps = Counter(tool for tool, state in zip(tools, _states(tools, jobs), strict=True) if state == "done")
    done_jobs = Counter(tool for tool, state in jobs if state == "ok")
    assert done_steps == Counter({tool: min(done_jobs[tool], count) for tool, count in Counter(tools).items()}) & (
        done_jobs
    )


@given(_plans, _jobs)
def test_at_most_one_step_of_a_tool_is_in_work_and_it_comes_after_the_done_ones(tools: list[str], jobs: Jobs) -> None:
    for tool in set(tools):
        of_tool = [state for t, state in zip(tools, _states(tools, jobs), strict=True) if t == tool]
        begun = [state for state in of_tool if state != "not_started"]
        assert of_tool[: len(begun)] == begun
        assert set(begun[:-1]) <= {"done"}


@given(_plans, _jobs, st.data())
def test_versions_and_tool_sheds_never_change_anything(tools: list[str], jobs: Jobs, data: st.DataObject) -> None:
    prefixes = st.sampled_from(["", "toolshed.g2.bx.psu.edu/repos/iuc/x/", "localhost:9009/repos/devteam/y/"])

    def spelled(tool: str) -> str:
        prefix = data.draw(prefixes)
        return f"{prefix}{tool}/{data.draw(st.sampled_from(['1.0', '2.0+galaxy3']))}" if prefix else tool

    other = [(spelled(tool), state) for tool, state in jobs]
    assert _states([spelled(tool) for tool in tools], other) == _states(tools, jobs)


@given(_plans, _jobs)
def test_jobs_of_no_step_do_not_matter(tools: list[str], jobs: Jobs) -> None:
    assert _states(tools, [job for job in jobs if job[0] in tools]) == _states(tools, jobs)


@given(_plans, _jobs)
def test_only_the_order_of_jobs_with_the_same_tool_matters(tools: list[str], jobs: Jobs) -> None:
    by_tool = sorted(jobs, key=lambda job: job[0])
    assert _states(tools, by_tool) == _states(tools, jobs)


@given(_plans, st.lists(_jobs, max_size=6))
def test_members_are_counted_together_as_one_by_one(tools: list[str], members: list[Jobs]) -> None:
    plan = _plan(tools)
    states = _numbers(plan, *members)
    assert [[STATES[number].value for number in row] for row in states] == [_states(tools, jobs) for jobs in members]
    assert plan.positions(states).tolist() == [_position(tools, jobs) for jobs in members]


@given(_plans, st.lists(_jobs, max_size=6))
def test_counts_of_each_step_add_up_to_the_members(tools: list[str], members: list[Jobs]) -> None:
    of_members = [_states(tools, jobs) for jobs in members]
    for place in range(len(tools)):
        counts = Counter(states[place] for states in of_members)
        assert sum(counts[state.value] for state in StepState) == len(members)


# The class


def test_the_median_is_of_those_who_have_begun() -> None:
    assert median_position([0, 0, 0, 2, 4]) == 3
    assert median_position([0, 0]) is None
    assert median_position([]) is None


@pytest.mark.parametrize(
    "positions, behind",
    [
        ([5, 5, 5, 5, 3], [3]),
        ([5, 5, 5, 5, 4], []),
        ([5, 5, 6, 6, 0], [0]),
        # Far from each other: nobody stands out.
        ([1, 2, 3, 4, 5, 6, 7, 8], []),
        ([2, 6, 7, 8, 9, 10, 11], [2]),
        # Most have not begun.
        ([6, 0, 0, 0], []),
        ([6, 6, 6, 0, 0], [0, 0]),
        ([6, 6, 0, 0], []),
        ([0, 0], []),
        ([7], []),
        ([], []),
    ],
)
def test_well_behind_is_who_stands_out(positions: list[int], behind: list[int]) -> None:
    flags = well_behind(positions, [False] * len(positions))
    assert [position for position, flag in zip(positions, flags, strict=True) if flag] == behind


def test_who_has_finished_is_never_behind() -> None:
    assert well_behind([5, 5, 5, 2], [False, False, False, True]) == [False] * 4


@given(st.lists(st.integers(0, 20), min_size=1))
def test_it_is_never_half_of_the_class_nor_anybody_who_is_not_behind_the_median(positions: list[int]) -> None:
    flags = well_behind(positions, [False] * len(positions))
    assert sum(flags) * 2 < len(positions)
    middle = median_position(positions)
    assert all(middle - p >= 2 for p, flag in zip(positions, flags, strict=True) if flag and middle is not None)


@given(st.lists(st.integers(0, 20), min_size=1))
def test_who_is_further_behind_is_behind_too(positions: list[int]) -> None:
    flags = well_behind(positions, [False] * len(positions))
    furthest = max((p for p, flag in zip(positions, flags, strict=True) if flag), default=-1)
    assert all(flag for p, flag in zip(positions, flags, strict=True) if p <= furthest)
