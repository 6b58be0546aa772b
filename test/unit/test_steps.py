"""What a class will do, read from workflows and lists of tools."""

import random
from typing import Any

import pytest
from galaxy_tiaas.dashboard.steps import (
    as_list,
    MOST_STEPS,
    short_id,
    steps_of_list,
    steps_of_workflow,
    tool_key,
    UnusableSteps,
)
from hypothesis import (
    given,
    strategies as st,
)

_BWA = "toolshed.g2.bx.psu.edu/repos/devteam/bwa/bwa_mem/0.7.17.2"


def _tool(number: int, tool_id: str, *sources: int, **fields: Any) -> dict[str, Any]:
    connections = {f"input{i}": {"id": source, "output_name": "out"} for i, source in enumerate(sources)}
    return {"id": number, "type": "tool", "tool_id": tool_id, "input_connections": connections, **fields}


def _workflow(*steps: dict[str, Any]) -> dict[str, Any]:
    return {"a_galaxy_workflow": "true", "format-version": "0.1", "steps": {str(s["id"]): s for s in steps}}


def _tools(workflow: dict[str, Any]) -> list[str]:
    return [step.tool_id for step in steps_of_workflow(workflow)]


# Tool ids


@pytest.mark.parametrize(
    "tool_id, name",
    [
        (_BWA, "bwa_mem"),
        ("toolshed.g2.bx.psu.edu/repos/iuc/multiqc/multiqc/1.11+galaxy1", "multiqc"),
        ("toolshed.g2.bx.psu.edu/repos/iuc/multiqc/multiqc", "multiqc"),
        ("localhost:9009/repos/devteam/bwa/bwa_mem/1", "bwa_mem"),
        ("example.org/toolshed/repos/devteam/bwa/bwa_mem/1", "bwa_mem"),
        ("cat1", "cat1"),
        (" Show beginning1 ", " Show beginning1 "),
        ("repos/a", "repos/a"),
        ("host/repos/owner", "host/repos/owner"),
        ("", ""),
    ],
)
def test_a_tool_is_called_by_its_own_id(tool_id: str, name: str) -> None:
    assert short_id(tool_id) == name


@pytest.mark.parametrize(
    "one, other",
    [
        (_BWA, "bwa_mem"),
        (_BWA, _BWA.replace("0.7.17.2", "0.7.18+galaxy0")),
        (_BWA, "testtoolshed.g2.bx.psu.edu/repos/iuc/another_bwa/bwa_mem/1.0"),
        ("FastQC", "toolshed.g2.bx.psu.edu/repos/devteam/fastqc/fastqc/0.74"),
        ("upload1", "__DATA_FETCH__"),
        (" cat1 ", "cat1"),
    ],
)
def test_version_tool_shed_and_case_make_no_other_tool(one: str, other: str) -> None:
    assert tool_key(one) == tool_key(other)


def test_different_tools_of_one_repository_are_different() -> None:
    assert tool_key(_BWA) != tool_key(_BWA.replace("bwa_mem", "bwa_aln"))


# Lists


def test_a_list_has_one_tool_a_line_and_what_the_class_calls_it() -> None:
    text = f"# Morning\r\n  fastqc | Look at the reads  \r\n\r\n{_BWA}\n   # Afternoon\nmultiqc|\ncat1 | a | b"
    assert [(step.position, step.tool_id, step.label) for step in steps_of_list(text)] == [
        (1, "fastqc", "Look at the reads"),
        (2, _BWA, "bwa_mem"),
        (3, "multiqc", "multiqc"),
        (4, "cat1", "a | b"),
    ]


def test_what_is_written_as_a_list_is_read_as_the_same_steps() -> None:
    steps = steps_of_list(f"fastqc | Look at the reads\n[QC: a]\n{_BWA}\n[]\ncat1 | a | b\n[]\n[Last]\ncat1")
    assert [step.section for step in steps] == ["", "QC: a", "", "Last"]
    assert steps_of_list(as_list(steps)) == steps


@pytest.mark.parametrize(
    "text, reason",
    [
        ("", "no tool"),
        ("\n# nothing but words\n", "no tool"),
        ("cat1\n | a label", "Step 2 has no tool"),
        ("x" * 256, "not the id of a tool"),
        ("cat\x001", "not the id of a tool"),
        ("cat1\n" * (MOST_STEPS + 1), "more than 300"),
    ],
)
def test_a_list_without_usable_tools_says_why(text: str, reason: str) -> None:
    with pytest.raises(UnusableSteps, match=reason):
        steps_of_list(text)


def test_a_long_label_is_cut() -> None:
    (step,) = steps_of_list(f"cat1 | {'x' * 1000}")
    assert len(step.label) == 255


# Workflows


def test_tools_come_after_those_whose_results_they_use() -> None:
    workflow = _workflow(
        {"id": 0, "type": "data_input", "label": "reads"},
        _tool(1, "multiqc", 2, 4),
        _tool(2, "fastqc", 0),
        {"id": 3, "type": "parameter_input"},
        _tool(4, "cutadapt", 0, 3),
    )
    assert _tools(workflow) == ["fastqc", "cutadapt", "multiqc"]


def test_the_label_is_that_of_the_step_else_the_name_of_the_tool_else_its_id() -> None:
    workflow = _workflow(
        _tool(0, _BWA, label="Map the reads", name="Map with BWA-MEM"),
        _tool(1, _BWA, label=None, name="Map with BWA-MEM"),
        _tool(2, _BWA, label="", annotation="not this"),
    )
    assert [step.label for step in steps_of_workflow(workflow)] == ["Map the reads", "Map with BWA-MEM", "bwa_mem"]
    known = {_BWA: "BWA-MEM2"}.get
    assert [step.label for step in steps_of_workflow(workflow, known)] == ["Map the reads", "BWA-MEM2", "BWA-MEM2"]


def test_an_id_is_no_label_where_a_name_is_known() -> None:
    nothing: dict[str, str] = {}
    steps = steps_of_list(f"__BUILD_LIST__ | __BUILD_LIST__\n{_BWA} | bwa_mem\n{_BWA} | BWA", nothing.get)
    assert [step.label for step in steps] == ["__BUILD_LIST__", "bwa_mem", "BWA"]
    names = {"__BUILD_LIST__": "Build list", _BWA: "Map with BWA-MEM"}.get
    assert [step.label for step in steps_of_list(as_list(steps), names)] == ["Build list", "Map with BWA-MEM", "BWA"]


def test_a_subworkflow_stands_where_its_step_does() -> None:
    inner = _workflow({"id": 0, "type": "data_input"}, _tool(1, "b", 2), _tool(2, "a", 0))
    workflow = _workflow(_tool(0, "first"), {"id": 1, "type": "subworkflow", "subworkflow": inner}, _tool(2, "last", 1))
    assert _tools(workflow) == ["first", "a", "b", "last"]


def test_connections_may_be_lists_and_name_what_is_not_there() -> None:
    several = {"id": 0, "output_name": "x"}, {"id": 77, "output_name": "y"}, "nonsense", {"id": None}
    workflow = _workflow({**_tool(0, "b"), "input_connections": {"in": [{"id": 1}]}}, _tool(1, "a"))
    workflow["steps"]["2"] = {**_tool(2, "c"), "input_connections": {"in": list(several), "other": None}}
    assert _tools(workflow) == ["a", "b", "c"]


def test_steps_may_be_a_list_and_a_tool_somebody_wrote_has_its_id_in_its_description() -> None:
    steps = [{"type": "tool", "tool_id": None, "tool_representation": {"id": "mine"}}, {"type": "pause"}]
    assert [step.tool_id for step in steps_of_workflow({"steps": steps})] == ["mine"]


@given(st.integers(1, 12), st.randoms(use_true_random=False))
def test_the_order_is_one_in_which_the_workflow_can_run_and_every_tool_is_in_it_once(
    size: int, chance: random.Random
) -> None:
    numbers = list(range(size))
    chance.shuffle(numbers)
    sources = {number: chance.sample(numbers[:i], chance.randint(0, i)) for i, number in enumerate(numbers)}
    steps = [_tool(number, f"tool{number}", *sources[number]) for number in range(size)]
    chance.shuffle(steps)
    order = [int(tool.removeprefix("tool")) for tool in _tools(_workflow(*steps))]
    assert sorted(order) == list(range(size))
    assert all(order.index(source) < order.index(number) for number in order for source in sources[number])


@pytest.mark.parametrize(
    "workflow, reason",
    [
        ({}, "not a Galaxy workflow"),
        ({"steps": "none"}, "not a Galaxy workflow"),
        ({"steps": {"0": "none"}}, "not a Galaxy workflow"),
        ({"steps": {"zero": {"type": "tool", "tool_id": "a"}}}, "not a Galaxy workflow"),
        (_workflow({"id": 0, "type": "subworkflow", "label": "Part 2", "content_id": "x"}), "another one, Part 2"),
        (_workflow(), "no tool"),
        (_workflow({"id": 0, "type": "data_input"}), "no tool"),
        (_workflow(_tool(0, "a", 1), _tool(1, "b", 0)), "circle"),
        (_workflow(*(_tool(i, "a") for i in range(MOST_STEPS + 1))), "more than 300"),
        (_workflow(*({"id": i, "type": "data_input"} for i in range(3000))), "too many steps"),
    ],
)
def test_a_workflow_that_cannot_be_used_says_why(workflow: dict[str, Any], reason: str) -> None:
    with pytest.raises(UnusableSteps, match=reason):
        steps_of_workflow(workflow)


def test_workflows_in_each_other_are_read_so_deep_and_no_deeper() -> None:
    workflow = _workflow(_tool(0, "a"))
    for _ in range(10):
        workflow = _workflow({"id": 0, "type": "subworkflow", "subworkflow": workflow})
    assert _tools(workflow) == ["a"]
    with pytest.raises(UnusableSteps, match="deep"):
        steps_of_workflow(_workflow({"id": 0, "type": "subworkflow", "subworkflow": workflow}))
