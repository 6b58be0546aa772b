"""How far somebody is, going by the jobs they ran: rules that hold for all jobs, and examples."""

from collections import Counter
from collections.abc import (
    Mapping,
    Sequence,
)
from typing import (
    Any,
    NamedTuple,
)

import numpy as np
import pytest
from galaxy.model import Job
from galaxy_tiaas.dashboard.class_jobs import (
    ClassJobs,
    Ints,
    Jobs as AllJobs,
    of_members,
)
from galaxy_tiaas.dashboard.executions import (
    COUNTED,
    DONE,
    Executions,
    executions,
    FAILED,
    QUEUED,
    RUNNING,
    variants,
)
from galaxy_tiaas.dashboard.progress import (
    aligned,
    median_position,
    Plan,
    Standing,
    STATES,
    StepState,
    well_behind,
)
from galaxy_tiaas.dashboard.steps import (
    numbered,
    ToolUse,
)
from hypothesis import (
    given,
    strategies as st,
)


class Done(NamedTuple):
    """A job, in the order in which they were created."""

    tool: str
    state: str
    #: Ids of its input datasets.
    inputs: tuple[int, ...] = ()
    #: The request for the elements of a collection that it is from.
    mapped: int = 0
    #: The step of a workflow run that it is, and where that is in the workflow.
    invoked: int = 0


Jobs = Sequence[tuple[str, str]]

_TOOLS = ("a", "b", "c", "d")
_plans = st.lists(st.sampled_from(_TOOLS[:3]), min_size=1, max_size=8)
_jobs = st.lists(st.tuples(st.sampled_from(_TOOLS), st.sampled_from(["ok", "running", "queued", "error", "deleted"])))


def _class_jobs(jobs_of_each: Sequence[Sequence[tuple[Any, ...]]]) -> ClassJobs:
    rows = [(person, Done(*job)) for person, jobs in enumerate(jobs_of_each) for job in jobs]
    groups = [
        (
            *(job.tool, job.state, str(number), "0", str(person), str(number), str(number)),
            *(str(job.mapped), str(job.invoked), ",".join(map(str, job.inputs)) or "0"),
        )
        for number, (person, job) in enumerate(rows, 1)
    ]
    return of_members(AllJobs.of(groups), range(len(jobs_of_each)))


def _executed(jobs_of_each: Sequence[Sequence[tuple[Any, ...]]], parameters: Mapping[int, str] = {}) -> Executions:
    jobs = _class_jobs(jobs_of_each)
    jobs = jobs.where(jobs.is_in(COUNTED))
    paths = {step: step for step in jobs.invoked.tolist() if step}
    return executions(jobs, variants(jobs, paths, lambda ids: {id: parameters.get(id, "") for id in ids}))


def _plan(tools: Sequence[str]) -> Plan:
    return Plan(numbered(ToolUse(tool) for tool in tools))


def _numbers(plan: Plan, *jobs_of_each: Sequence[tuple[Any, ...]]) -> Ints:
    return plan.standing(_executed(jobs_of_each)).states


def _shown(standing: Standing) -> str:
    """The steps of the only member: ``failed(1/3)``."""
    (states,), (counts,), (totals,) = (column.tolist() for column in standing)
    words = []
    for state, count, total in zip(states, counts, totals, strict=True):
        elements = f"({count}/{total})" if total > 1 and STATES[state] is not StepState.DONE else ""
        words.append({"not_started": "-"}.get(STATES[state].value, STATES[state].value) + elements)
    return " ".join(words)


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
        ("abc", [("a", "queued")], "queued - -"),
        ("abc", [("a", "setting_metadata")], "running - -"),
        ("abc", [("a", "paused")], "queued - -"),
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
        ("aaa", [("a", "ok"), ("a", "queued"), ("a", "running")], "done queued running"),
        # As if they had never been.
        ("a", [("a", "deleted"), ("b", "ok")], "-"),
        ("a", [("a", "error"), ("a", "deleted")], "failed"),
    ],
)
def test_states_follow_from_the_jobs(tools: str, jobs: Jobs, states: str) -> None:
    assert _states(tools, jobs) == [{"-": "not_started"}.get(state, state) for state in states.split()]


def _list(tool: str, states: str, inputs: Sequence[int], mapped: int, invoked: int = 0) -> list[Done]:
    """Jobs of one request for a list of datasets."""
    return [Done(tool, state, (id,), mapped, invoked) for state, id in zip(states.split(), inputs, strict=True)]


@pytest.mark.parametrize(
    "tools, jobs, shown",
    [
        # One request for a collection is one step.
        ("aba", [*_list("a", "ok error ok", (1, 2, 3), 9), Done("b", "ok", (4,))], "failed(1/3) done -"),
        ("aba", _list("a", "ok ok ok", (1, 2, 3), 9), "done - -"),
        ("aba", _list("a", "ok running running", (1, 2, 3), 9), "running(2/3) - -"),
        ("aba", _list("a", "ok queued paused", (1, 2, 3), 9), "queued(2/3) - -"),
        ("aba", _list("a", "running error queued", (1, 2, 3), 9), "failed(1/3) - -"),
        # What somebody has deleted is not waited for.
        ("aba", _list("a", "ok deleted ok", (1, 2, 3), 9), "done - -"),
        ("aa", [*_list("a", "ok ok", (1, 2), 9), *_list("a", "error ok", (5, 6), 10)], "done failed(1/2)"),
        # A list may have a dataset twice.
        ("a", _list("a", "ok error", (1, 1), 9), "failed(1/2)"),
        ("a", [*_list("a", "ok error", (1, 1), 9), *_list("a", "ok running", (1, 1), 10)], "running(1/2)"),
        # Somebody repeats one element, or all, or tries one first.
        ("aba", [*_list("a", "ok error ok", (1, 2, 3), 9), Done("a", "ok", (2,))], "done - -"),
        ("aba", [*_list("a", "ok error ok", (1, 2, 3), 9), Done("a", "running", (2,))], "running(1/3) - -"),
        ("aba", [*_list("a", "ok error", (1, 2), 9), *_list("a", "ok ok", (1, 2), 10)], "done - -"),
        ("aba", [*_list("a", "ok ok", (1, 2), 9), *_list("a", "queued ok", (1, 2), 10)], "queued(1/2) - -"),
        ("aba", [Done("a", "ok", (2,)), *_list("a", "ok error ok", (1, 2, 3), 9)], "failed(1/3) - -"),
        ("aa", [*_list("a", "ok ok", (1, 2), 9), *_list("a", "error ok", (2, 3), 10)], "failed(1/2) done"),
        # The newest of those with the same inputs, whatever their order.
        ("ab", [Done("a", "ok", (7, 8)), Done("a", "error", (8, 7))], "failed -"),
        ("aa", [Done("a", "error", (7,)), Done("a", "error", (7,)), Done("a", "ok", (7,))], "done -"),
        ("aa", [Done("a", "ok", (7,)), Done("a", "ok", (7,))], "done -"),
        # A corrected file, or a list without what failed, is tried again before the step between.
        ("aba", [Done("a", "error", (1,)), Done("a", "ok", (2,))], "done - -"),
        ("aba", [*_list("a", "ok error", (1, 2), 9), *_list("a", "ok queued", (5, 6), 10)], "queued(1/2) - -"),
        ("abaca", [Done("a", "error", (n,)) for n in (1, 2)] + [Done("a", "ok", (3,))], "done - - - -"),
        ("aba", [Done("a", "error", (1,)), Done("b", "paused", (2,)), Done("a", "ok", (3,))], "failed queued done"),
        ("aa", [Done("a", "error", (1,)), Done("a", "ok", (2,))], "failed done"),
        # In the order of their inputs, of which the newest tells when they can be executed.
        ("aba", [Done("a", "ok", (30,)), Done("a", "error", (10,))], "failed - done"),
        ("aba", [Done("a", "ok", (30,)), Done("a", "queued", (10,))], "queued - done"),
        ("aba", [Done("a", "running", (1, 30)), Done("a", "ok", (1, 20))], "done - running"),
        # Of more than there are steps those count that succeeded.
        ("a", [Done("a", "error", (1,)), Done("a", "ok", (2,)), Done("a", "queued", (3,))], "done"),
        ("a", [Done("a", "error", (1,)), Done("a", "queued", (3,))], "queued"),
    ],
)
def test_a_step_is_what_somebody_executed_not_a_job(tools: str, jobs: list[Done], shown: str) -> None:
    assert _shown(_plan(tools).standing(_executed([jobs]))) == shown


@pytest.mark.parametrize(
    "jobs, parameters, shown",
    [
        # Two filters of the same table are two steps, and each may be repeated.
        ("ok ok", "x y", "done done -"),
        ("ok ok", "x x", "done - -"),
        ("ok ok error", "x y x", "failed done -"),
        ("ok error ok", "x y z", "done done -"),
        ("error error ok", "x y z", "done - -"),
        ("ok running queued", "x y z", "done running queued"),
        ("running queued", "x x", "queued - -"),
        ("error running ok", "x y z", "running done -"),
        ("ok ok ok", "x y z", "done done done"),
    ],
)
def test_other_parameters_make_another_step_unless_they_mend_what_failed(
    jobs: str, parameters: str, shown: str
) -> None:
    executed = _executed(
        [[Done("a", state, (7,)) for state in jobs.split()]], dict(enumerate(parameters.split(), start=1))
    )
    assert _shown(_plan("aaa").standing(executed)) == shown


def test_parameters_are_looked_up_only_where_they_matter() -> None:
    asked: list[int] = []
    members = [
        [Done("a", "ok", (1,)), Done("a", "ok", (2,)), Done("b", "error", (1,)), Done("b", "ok", (1,))],
        [*_list("a", "ok ok", (3, 4), 9, invoked=5), *_list("a", "ok ok", (3, 4), 10, invoked=6)],
        [Done("a", "ok", (3,)), Done("a", "ok", (3,))],
    ]
    jobs = _class_jobs(members)

    def look_up(ids: Sequence[int]) -> dict[int, str]:
        asked.extend(ids)
        return {}

    variants(jobs, {5: 1, 6: 2}, look_up)
    assert asked == [9, 10]


@pytest.mark.parametrize(
    "jobs, places, shown",
    [
        # The third has begun before the second.
        ([Done("a", "ok", (1,), 0, 1), Done("a", "error", (9,), 0, 3)], {1: 0, 3: 4}, "done - - - failed"),
        # Two steps of a workflow with the same input.
        ([Done("a", "ok", (1,), 0, 1), Done("a", "error", (1,), 0, 2)], {1: 0, 2: 2}, "done - failed - -"),
        # Of two runs, the newer.
        ([Done("a", "error", (1,), 0, 1), Done("a", "ok", (5,), 0, 2)], {1: 2, 2: 2}, "- - done - -"),
        ([Done("a", "ok", (1,), 0, 1), Done("a", "queued", (5,), 0, 2)], {1: 2, 2: 2}, "- - queued - -"),
        # A job of a run that somebody repeats by hand, and one beside the run.
        ([Done("a", "error", (1,), 0, 1), Done("a", "ok", (1,))], {1: 2}, "- - done - -"),
        ([Done("a", "ok", (1,), 0, 1), Done("a", "running", (2,))], {1: 0}, "done - running - -"),
        (_list("a", "ok error ok", (1, 2, 3), 9, invoked=4), {4: 4}, "- - - - failed(1/3)"),
        # A step that is not in the plan.
        ([Done("a", "ok", (1,), 0, 1)], {1: -1}, "done - - - -"),
    ],
)
def test_in_a_workflow_run_the_step_is_known(jobs: list[Done], places: dict[int, int], shown: str) -> None:
    executed = _executed([jobs])
    hints = np.array([places.get(step, -1) for step in executed.invoked.tolist()], dtype=np.int64)
    assert _shown(_plan("ababa").standing(executed, hints)) == shown


@pytest.mark.parametrize(
    "jobs, fails",
    [
        ([*_list("a", "ok error ok", (1, 2, 3), 9)], True),
        ([*_list("a", "ok error ok", (1, 2, 3), 9), Done("b", "queued", (4,))], True),
        ([*_list("a", "running error", (1, 2), 9)], True),
        ([*_list("a", "ok error", (1, 2), 9), Done("a", "ok", (2,))], False),
        ([*_list("a", "ok error", (1, 2), 9), Done("a", "running", (2,))], False),
        ([*_list("a", "ok error", (1, 2), 9), Done("b", "ok", (4,))], False),
        ([Done("b", "ok", (4,)), Done("b", "error", (5,)), Done("c", "stopped", (5,))], True),
    ],
)
def test_who_fails_is_who_has_a_failed_step(jobs: list[Done], fails: bool) -> None:
    assert _executed([[], jobs]).failing_members.tolist() == [False, fails]


@pytest.mark.parametrize(
    "workflow, plan, places",
    [
        ("abac", "abac", (0, 1, 2, 3)),
        # A part of the course, one step more, one step less, and another order.
        ("ac", "abac", (2, 3)),
        ("abxac", "abac", (0, 1, -1, 2, 3)),
        ("aac", "abac", (0, 2, 3)),
        ("cab", "abac", (-1, 0, 1)),
        ("xyz", "abac", (-1, -1, -1)),
    ],
)
def test_steps_of_a_workflow_are_those_of_the_plan_with_the_same_tools(
    workflow: str, plan: str, places: tuple[int, ...]
) -> None:
    assert aligned(tuple(workflow), tuple(plan)) == places


def test_every_state_of_galaxys_jobs_has_a_meaning_or_is_meant_to_have_none() -> None:
    assert {state.value for state in Job.states} - COUNTED == {"deleting", "deleted"}
    assert len(DONE) + len(RUNNING) + len(QUEUED) + len(FAILED) == len(COUNTED)


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
def test_steps_of_a_tool_in_work_come_after_the_done_ones_and_before_the_others(tools: list[str], jobs: Jobs) -> None:
    for tool in set(tools):
        of_tool = [state for t, state in zip(tools, _states(tools, jobs), strict=True) if t == tool]
        begun = [state for state in of_tool if state != "not_started"]
        assert of_tool[: len(begun)] == begun
        assert "done" not in begun[begun.count("done") :]
        assert begun.count("failed") <= 1


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
