"""Files of workflows: Galaxy's ``.ga``, and ``.gxwf.yml`` in the format gxformat2."""

import json
from collections.abc import Mapping
from typing import Any

import yaml

from .steps import (
    MOST_STEPS,
    NO_WORKFLOW,
    UnusableSteps,
)

#: Bytes.
LARGEST_FILE = 1024 * 1024
#: To go through more values takes seconds.
_MOST_VALUES = 200_000
#: To convert more takes seconds, and some of them may be no steps.
_MOST_TOOLS = 2000
#: With those that they use themselves.
_MOST_SUBWORKFLOWS = 1000
#: Written in C, if PyYAML could be built so.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def parse_workflow(content: bytes) -> dict[str, Any]:
    """The content of a workflow's file.

    :raises UnusableSteps: if it is too large, or something else.
    """
    if len(content) > LARGEST_FILE:
        raise UnusableSteps("The file is larger than 1 MB; no workflow is.")
    if not content.strip():
        raise UnusableSteps("The file is empty.")
    try:
        workflow = json.loads(content)
    except (ValueError, RecursionError):
        workflow = _parse_yaml(content)
    if not isinstance(workflow, dict):
        raise UnusableSteps(NO_WORKFLOW)
    return workflow


def _parse_yaml(content: bytes) -> Any:
    if b"GalaxyWorkflow" not in content:
        raise UnusableSteps(NO_WORKFLOW)
    try:
        # A few kilobytes of aliases could stand for more values than there is memory.
        has_aliases = any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(content, _Loader))
        parsed = None if has_aliases else yaml.load(content, _Loader)
    except yaml.MarkedYAMLError as problem:
        mark = problem.problem_mark or problem.context_mark
        where = f" in line {mark.line + 1}" if mark else ""
        raise UnusableSteps(f"The workflow is not valid YAML{where}.") from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise UnusableSteps("The workflow is not valid YAML.") from None
    if has_aliases:
        raise UnusableSteps("The workflow has aliases of YAML (*name), which cannot be read here.")
    return parsed


def native(workflow: Mapping[str, Any]) -> Mapping[str, Any]:
    """A workflow as ``.ga`` files have it, whichever of the two formats it is in.

    :raises UnusableSteps: for one in the format gxformat2 that cannot be converted.
    """
    if workflow.get("class") != "GalaxyWorkflow" and "$graph" not in workflow:
        return workflow
    _ensure_complete(workflow)
    # Takes half a second, and few need it.
    from gxformat2 import (
        ImportOptions,
        python_to_workflow,
    )

    try:
        converted: Mapping[str, Any] = python_to_workflow(dict(workflow), None, "", ImportOptions())
    except Exception:
        # It raises whatever comes up, down to TypeError; all of it is about the content.
        raise UnusableSteps("This is not a workflow in the format gxformat2 that Galaxy can read.") from None
    return converted


def _ensure_complete(workflow: Mapping[str, Any]) -> None:
    """The library would read files of the server for a workflow that asks for it, and repeat workflows without end.

    :raises UnusableSteps: if the workflow has parts elsewhere, or is too large.
    """
    graph = workflow.get("$graph")
    parts = graph if isinstance(graph, list) else [workflow]
    uses = {_name(part): _used(part) for part in parts if isinstance(part, dict)}
    sizes: dict[str, int] = {}
    # Each time round, those are known that use only what is known.
    while ready := [name for name in uses if name not in sizes and all(use in sizes for use in uses[name])]:
        sizes.update({name: 1 + sum(sizes[use] for use in uses[name]) for name in ready})
    if len(sizes) < len(uses):
        raise UnusableSteps("The workflow uses another one that is not in the file, or itself.")
    if sum(sizes.values()) > _MOST_SUBWORKFLOWS:
        raise UnusableSteps("The workflow has too many subworkflows.")


def _name(part: Mapping[str, Any]) -> str:
    return str(part.get("id", "")).lstrip("#")


def _used(part: Mapping[str, Any]) -> list[str]:
    """Names of the workflows of the same file that one of them uses."""
    values: list[Any] = [part]
    used, seen, tools = [], 0, 0
    while values:
        value = values.pop()
        seen += 1
        if seen > _MOST_VALUES:
            raise UnusableSteps("The workflow is too large.")
        if isinstance(value, dict):
            run = value.get("run")
            if {"@import", "yaml_content"} & value.keys() or (isinstance(run, str) and not run.startswith("#")):
                raise UnusableSteps(
                    "The workflow uses another one that is not in the file. Import it into Galaxy, and take the steps"
                    " from your workflows there."
                )
            tools += "tool_id" in value
            if tools > _MOST_TOOLS:
                raise UnusableSteps(f"There are more than {MOST_STEPS} steps, which no dashboard can show.")
            if isinstance(run, str):
                used.append(run.lstrip("#"))
            values.extend(value.values())
        elif isinstance(value, list):
            values.extend(value)
    return used
