"""Files of workflows: Galaxy's and those in the format gxformat2."""

import json
from pathlib import Path
from typing import Any

import pytest
from galaxy_tiaas.dashboard.steps import (
    Step,
    steps_of_workflow,
    UnusableSteps,
)
from galaxy_tiaas.dashboard.workflow_files import (
    LARGEST_FILE,
    native,
    parse_workflow,
)

_SORT = "toolshed.g2.bx.psu.edu/repos/bgruening/text_processing/tp_sort_header_tool/9.3+galaxy1"
_FORMAT_2 = f"""
class: GalaxyWorkflow
label: Peaks – Übung
inputs:
  peaks: data
  genes: {{type: collection, collection_type: list}}
outputs:
  best: {{outputSource: top/out_file1}}
steps:
  top:
    tool_id: Show beginning1
    in: {{input: sort/outfile}}
  Keep three columns:
    tool_id: Cut1
    in: {{input: peaks}}
    state: {{columnList: "c1,c2,c3", delimiter: T}}
  sort:
    tool_id: {_SORT}
    tool_version: 9.3+galaxy1
    in: {{infile: Quality control/result}}
  Quality control:
    in: {{table: Keep three columns/out_file1}}
    run:
      class: GalaxyWorkflow
      inputs: {{table: data}}
      outputs:
        result: {{outputSource: unique/outfile}}
      steps:
        - tool_id: Filter1
          in: {{input: table}}
        - label: unique
          tool_id: Unique
          in: {{infile: 1/out_file1}}
"""


def _steps(content: bytes) -> list[Step]:
    return steps_of_workflow(native(parse_workflow(content)))


def test_a_file_is_read_as_galaxy_writes_it() -> None:
    workflow = {"steps": {"0": {"id": 0, "type": "tool", "tool_id": "cat1", "label": "Kartierung – ä"}}}
    assert _steps(json.dumps(workflow, indent=4).encode())[0].label == "Kartierung – ä"


def test_a_workflow_of_format_2_is_read_in_the_order_in_which_it_runs() -> None:
    assert [(step.tool_id, step.label, step.section) for step in _steps(_FORMAT_2.encode())] == [
        ("Cut1", "Keep three columns", ""),
        ("Filter1", "Filter1", "Quality control"),
        ("Unique", "unique", "Quality control"),
        (_SORT, "sort", ""),
        ("Show beginning1", "top", ""),
    ]


def test_a_workflow_of_format_2_may_be_json_and_have_several_in_a_graph() -> None:
    inner = {"class": "GalaxyWorkflow", "id": "inner", "inputs": {"x": "data"}, "outputs": {}}
    inner["steps"] = {"second": {"tool_id": "sort1", "in": {"input": "x"}}}
    main = {"class": "GalaxyWorkflow", "id": "main", "inputs": {"a": "data"}, "outputs": {}}
    main["steps"] = {
        "first": {"tool_id": "cat1", "in": {"input1": "a"}},
        "more": {"run": "#inner", "in": {"x": "first/out_file1"}},
    }
    graph = {"format-version": "v2.0", "$graph": [inner, main]}
    assert [step.tool_id for step in _steps(json.dumps(graph).encode())] == ["cat1", "sort1"]


def _graph(uses: dict[str, str]) -> bytes:
    """Workflows of one file by their names, each with one tool and those that it uses."""
    graph = [
        {
            **{"class": "GalaxyWorkflow", "id": name, "inputs": {}, "outputs": {}},
            "steps": [{"tool_id": "cat1"}, *({"run": f"#{other}"} for other in used.split())],
        }
        for name, used in uses.items()
    ]
    return json.dumps({"format-version": "v2.0", "$graph": graph}).encode()


def test_a_workflow_that_is_used_twice_is_there_twice() -> None:
    assert len(_steps(_graph({"main": "a a", "a": "b", "b": ""}))) == 5


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b"\x89PNG\r\n", "not a Galaxy workflow"),
        (b"[]", "not a Galaxy workflow"),
        (b"name: cat\n", "not a Galaxy workflow"),
        (b"class: GalaxyWorkflow\nsteps: []\n", "no tool"),
        (b"class: GalaxyWorkflow\nsteps:\n  a: {tool_id: [\n", "not valid YAML in line"),
        (b"class: GalaxyWorkflow\nsteps:\n\ta: b\n", "not valid YAML in line 3"),
        (b"class: GalaxyWorkflow\nx: !!python/object/apply:os.getpid []\n", "not valid YAML in line 2"),
        (b"class: GalaxyWorkflow\nsteps: 7\n", "not a workflow in the format gxformat2"),
        (b"class: GalaxyWorkflow\nx: &x [1]\ny: [*x, *x]\nsteps: []\n", "aliases"),
        (b"class: GalaxyWorkflow\nsteps:\n  a: {run: other.gxwf.yml}\n", "another one"),
        (b"class: GalaxyWorkflow\nsteps:\n  a: {run: 'https://example.org/w.ga'}\n", "another one"),
        (b"class: GalaxyWorkflow\nsteps: [" + b"{tool_id: a}," * 40_000 + b"]", "more than 300 steps"),
        (_graph({"main": "a", "a": "b", "b": "a"}), "or itself"),
        (_graph({"main": "a"}), "not in the file"),
        (_graph({"main": "x0", **{f"x{n}": f"x{n + 1} x{n + 1}" for n in range(40)}, "x40": ""}), "too many"),
        (b"[" * 100_000, "not a Galaxy workflow"),
        (b"class: GalaxyWorkflow\nx: " + b"[" * 100_000, "not valid YAML"),
        (b"class: GalaxyWorkflow\nx: [" + b"1," * 300_000 + b"]", "too large"),
        (b"{" + b" " * LARGEST_FILE + b"}", "1 MB"),
    ],
)
def test_a_file_that_is_no_workflow_says_so(content: bytes, reason: str) -> None:
    with pytest.raises(UnusableSteps, match=reason):
        _steps(content)


def test_no_file_of_the_server_is_read(tmp_path: Path) -> None:
    other = tmp_path / "other.gxwf.yml"
    other.write_text(_FORMAT_2)
    imported: dict[str, Any] = {"class": "GalaxyWorkflow", "inputs": {}, "outputs": {}, "steps": {}}
    imported["steps"]["a"] = {"run": {"@import": str(other)}}
    with pytest.raises(UnusableSteps, match="another one"):
        native(imported)
    with pytest.raises(UnusableSteps, match="another one"):
        native({"class": "GalaxyWorkflow", "yaml_content": _FORMAT_2})
