"""What a class will do, one tool after the other, and where that can be read from."""

import heapq
import itertools
from collections.abc import (
    Callable,
    Iterable,
    Iterator,
    Mapping,
)
from dataclasses import dataclass
from typing import (
    Any,
    NamedTuple,
    Optional,
)

MOST_STEPS = 300
LONGEST_TEXT = 255
#: Inputs and subworkflows count here too, so that a small file cannot stand for a very large workflow.
_MOST_ENTRIES = 2000
_DEEPEST = 10

_UPLOAD = "__DATA_FETCH__"
_ANOTHER_NAME_OF = {"upload1": _UPLOAD, "upload": _UPLOAD}


class UnusableSteps(ValueError):
    """What was given has no steps that a dashboard could show; says why, for the reader."""


@dataclass(frozen=True)
class Step:
    """One thing that the class will do: jobs of this tool count for it. Positions begin at 1."""

    position: int
    label: str
    tool_id: str
    #: The part of the course that it belongs to, such as a subworkflow.
    section: str = ""


class ToolUse(NamedTuple):
    """What a step is made of."""

    tool_id: str
    label: str = ""
    section: str = ""
    #: What a workflow calls the tool.
    name: str = ""


#: What the server calls a tool; ``None`` if it does not have it.
Known = Callable[[str], Optional[str]]


def _unknown(_: str) -> Optional[str]:
    return None


def short_id(tool_id: str) -> str:
    """A tool's own id: ``bwa_mem`` for the Tool Shed's ``host/repos/owner/repository/bwa_mem/0.7.17``."""
    parts = tool_id.strip().split("/")
    if "repos" in parts[1:]:
        own = parts.index("repos", 1) + 3
        return parts[own] if own < len(parts) and parts[own] else tool_id
    return tool_id


def tool_key(tool_id: str) -> str:
    """Tools with the same key are the same tool to us.

    Neither version, Tool Shed, owner and repository nor case matter; the two tools that upload are one.
    """
    name = short_id(tool_id).strip()
    return _ANOTHER_NAME_OF.get(name, name).casefold()


def numbered(uses: Iterable[ToolUse], known: Known = _unknown) -> list[Step]:
    """Steps with their labels; a step without one is called as its tool: by the server, else by the workflow.

    :raises UnusableSteps: if there are none, or more, or longer ones, than a dashboard can show.
    """
    steps = []
    for position, (tool_id, *texts) in enumerate(uses, start=1):
        tool_id = tool_id.strip()
        label, section, name = (_printable(" ".join(text.split()))[:LONGEST_TEXT] for text in texts)
        if not tool_id:
            raise UnusableSteps(f"Step {position} has no tool.")
        if len(tool_id) > LONGEST_TEXT or not tool_id.isprintable():
            raise UnusableSteps(f"The tool of step {position} is not the id of a tool.")
        steps.append(Step(position, shown_label(label, tool_id, known, name), tool_id, section))
        if len(steps) > MOST_STEPS:
            raise UnusableSteps(f"There are more than {MOST_STEPS} steps, which no dashboard can show.")
    if not steps:
        raise UnusableSteps("There is no tool in it.")
    return steps


def shown_label(label: str, tool_id: str, known: Known, name: str = "") -> str:
    """What a step is called: as somebody chose, unless that is the mere id of its tool, else as its tool."""
    ids = ("", tool_id, short_id(tool_id))
    if label not in ids:
        return label
    return (known(tool_id) or (short_id(tool_id) if name in ids else name))[:LONGEST_TEXT]


def _printable(text: str) -> str:
    return "".join(character for character in text if character.isprintable())


# Lists of tools


def steps_of_list(text: str, known: Known = _unknown) -> list[Step]:
    """Steps from lines of ``tool_id`` or ``tool_id | label``; ``[Title]`` begins a section, ``[]`` ends it.

    Empty lines and those that begin with ``#`` do not count.

    :raises UnusableSteps: as :func:`numbered`.
    """
    uses, section = [], ""
    for line in map(str.strip, text.splitlines()):
        if line.startswith("[") and line.endswith("]"):
            section = line[1:-1]
        elif line and not line.startswith("#"):
            tool_id, _, label = line.partition("|")
            uses.append(ToolUse(tool_id, label, section))
    return numbered(uses, known)


def as_list(steps: Iterable[Step]) -> str:
    """The steps as :func:`steps_of_list` reads them."""
    lines, section = [], ""
    for step in steps:
        if step.section != section:
            section = step.section
            lines.append(f"[{section}]")
        lines.append(f"{step.tool_id} | {step.label}")
    return "\n".join(lines)


# Workflows


NO_WORKFLOW = (
    "This is not a Galaxy workflow. In Galaxy, download the workflow (“Download workflow in .ga format”) and use that"
    " file."
)


def steps_of_workflow(workflow: Mapping[str, Any], known: Known = _unknown) -> list[Step]:
    """The tools of a workflow (the JSON of its ``.ga`` file) in the order in which they run.

    A tool comes after those whose results it uses, else in the order of the workflow's own numbers. Those
    of a subworkflow stand where the subworkflow does, in a section of its name; inputs, parameters and pauses are
    left out.

    :raises UnusableSteps: if it is no workflow, or has none or too many of them.
    """
    try:
        return numbered(_tools(workflow, itertools.count(1)), known)
    except RecursionError:
        raise UnusableSteps(NO_WORKFLOW) from None


def _tools(workflow: Mapping[str, Any], entries: Iterator[int], depth: int = 0, section: str = "") -> Iterator[ToolUse]:
    """:param entries: numbers the entries of the workflow and its subworkflows."""
    if depth > _DEEPEST:
        raise UnusableSteps(f"The workflow has subworkflows more than {_DEEPEST} levels deep.")
    for entry in _in_order_of_execution(_entries(workflow)):
        if next(entries) > _MOST_ENTRIES:
            raise UnusableSteps("The workflow has too many steps, those of its subworkflows included.")
        subworkflow = entry.get("subworkflow")
        label, name = _text(entry.get("label")), _text(entry.get("name"))
        if isinstance(subworkflow, dict):
            title = section or label or _text(subworkflow.get("name")) or name
            yield from _tools(subworkflow, entries, depth + 1, title)
        elif entry.get("type") == "subworkflow":
            raise UnusableSteps(
                f"The workflow uses another one, {label or name or 'without a name'}, which is not in the file. Import"
                " it into Galaxy, and take the steps from your workflows there."
            )
        elif entry.get("type", "tool") == "tool" and (tool_id := _tool_id(entry)):
            yield ToolUse(tool_id, label, section, name)


def _entries(workflow: Mapping[str, Any]) -> dict[int, Mapping[str, Any]]:
    """The steps of a workflow by their numbers, which connections refer to."""
    steps = workflow.get("steps")
    if not isinstance(steps, (dict, list)):
        raise UnusableSteps(NO_WORKFLOW)
    keyed: Iterable[tuple[Any, Any]] = steps.items() if isinstance(steps, dict) else enumerate(steps)
    entries: dict[int, Mapping[str, Any]] = {}
    for key, entry in keyed:
        number = entry.get("id", key) if isinstance(entry, dict) else None
        if not isinstance(entry, dict) or (number := _number(number)) is None or number in entries:
            raise UnusableSteps(NO_WORKFLOW)
        entries[number] = entry
    return entries


def _in_order_of_execution(entries: Mapping[int, Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    waits_for = {number: _sources(entry) & entries.keys() for number, entry in entries.items()}
    feeds: dict[int, list[int]] = {number: [] for number in entries}
    for number, sources in waits_for.items():
        for source in sources:
            feeds[source].append(number)
    ready = [number for number, sources in waits_for.items() if not sources]
    heapq.heapify(ready)
    done = 0
    while ready:
        number = heapq.heappop(ready)
        yield entries[number]
        done += 1
        for fed in feeds[number]:
            waits_for[fed].discard(number)
            if not waits_for[fed]:
                heapq.heappush(ready, fed)
    if done < len(entries):
        raise UnusableSteps("The steps of this workflow go round in a circle, so it cannot run.")


def _sources(entry: Mapping[str, Any]) -> set[int]:
    """Numbers of the steps whose results a step uses."""
    connections = entry.get("input_connections")
    found: set[int] = set()
    for connection in connections.values() if isinstance(connections, dict) else ():
        for source in connection if isinstance(connection, list) else [connection]:
            number = _number(source.get("id")) if isinstance(source, dict) else None
            if number is not None:
                found.add(number)
    return found


def _tool_id(entry: Mapping[str, Any]) -> str:
    """Of a tool that somebody has written themselves, the id is in its description."""
    description = entry.get("tool_representation")
    own = description.get("id") if isinstance(description, dict) else None
    return _text(entry.get("tool_id")) or _text(entry.get("content_id")) or _text(own)


def _text(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


def _number(value: Any) -> Optional[int]:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError):
        return None
