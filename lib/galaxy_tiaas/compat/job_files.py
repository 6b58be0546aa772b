"""Where a job configuration is wrong that Galaxy cannot read: it says what Python says, with a traceback.

Relies on ``JobConfiguration`` raising whatever is wrong, and on it taking its defaults when a file cannot be opened.
"""

import logging
from collections.abc import (
    Callable,
    Iterator,
)
from typing import (
    Any,
    Optional,
    TypeVar,
)

import yaml
from lxml import etree

T = TypeVar("T")

_KINDS = {"mapping": "settings by name", "sequence": "a list"}
#: What stands at which place of the file; a star is any name or number.
_SHAPES = {
    "": "mapping",
    "runners": "mapping",
    "runners.*": "mapping",
    "handling": "mapping",
    "handling.processes": "mapping",
    "execution": "mapping",
    "execution.environments": "mapping or sequence",
    "execution.environments.*": "mapping",
    "execution.environments.*.tags": "sequence",
    "resources": "mapping",
    "resources.groups": "mapping",
    "tools": "sequence",
    "tools.*": "mapping",
    "limits": "sequence",
    "limits.*": "mapping",
}


class JobConfigurationUnreadable(Exception):
    """The message says in which file, in which line if that is known, and why."""


def reading(galaxy_config: Any, galaxy_config_file: str, read: Callable[[], T]) -> T:
    """What Galaxy makes of its job configuration.

    :raises JobConfigurationUnreadable: if it cannot read it.
    """
    before = logging.root.manager.disable
    # Galaxy logs the traceback.
    logging.disable(logging.CRITICAL)
    try:
        return read()
    except Exception as problem:
        inline = "job_config" in galaxy_config.config_dict
        file = galaxy_config_file if inline else galaxy_config.job_config_file
        raise JobConfigurationUnreadable(f"{file}: {_what_is_wrong(file, inline, _first(problem))}") from None
    finally:
        logging.disable(before)


def missing_file(galaxy_config: Any) -> Optional[str]:
    """What is wrong with a file that Galaxy is told to read and cannot open: it runs all jobs locally then."""
    file = galaxy_config.job_config_file
    if "job_config" in galaxy_config.config_dict or not galaxy_config.is_set("job_config_file") or not file:
        return None
    try:
        with open(file):
            return None
    except OSError as problem:
        return f"{file}: {problem.strerror}; Galaxy runs all jobs locally while it cannot open job_config_file"


def _first(problem: BaseException) -> BaseException:
    """What was wrong before Galaxy made another exception of it."""
    while problem.__context__ is not None:
        problem = problem.__context__
    return problem


def _what_is_wrong(file: str, inline: bool, problem: BaseException) -> str:
    if isinstance(problem, yaml.MarkedYAMLError) and problem.problem_mark:
        line = problem.problem_mark.line + 1
        return f"is not YAML as Galaxy reads it: line {line}: {problem.problem or problem.context}"
    if isinstance(problem, etree.XMLSyntaxError):
        return f"is not XML: line {problem.lineno}: {problem.msg.partition(', line ')[0]}"
    with open(file, "rb") as opened:
        content = opened.read()
    if isinstance(problem, UnicodeDecodeError):
        return f"is not UTF-8: {_line_of_byte(content)}"
    if isinstance(problem, yaml.reader.ReaderError):
        before = content.decode(errors="replace")[: problem.position]
        return f"is not YAML: line {len(before.splitlines()) or 1}: a character that cannot stand there"
    # The words of Python are better than none.
    said = " ".join(str(problem).split()) or type(problem).__name__
    if ".xml" in file:
        lacking = [name for name in ("plugins", "destinations") if etree.fromstring(content).find(name) is None]
        return f"there is no <{lacking[0]}>" if lacking else f"Galaxy cannot read it: {said}"
    root = _root(content, inline)
    for node, words in _misshapen(root):
        return f"line {node.start_mark.line + 1}: {words}"
    quoted = said.rpartition(": ")[2].strip("'")
    meant = [node for node in _scalars(root) if node.value == quoted]
    where = f"line {meant[0].start_mark.line + 1}: " if len(meant) == 1 else ""
    return f"{where}Galaxy cannot read it: {said}"


def _line_of_byte(content: bytes) -> str:
    try:
        content.decode()
    except UnicodeDecodeError as problem:
        before = content[: problem.start]
        return f"line {len(before.splitlines()) or 1}"
    return "a line of it"


def _root(content: bytes, inline: bool) -> yaml.Node:
    root: Optional[yaml.Node] = yaml.compose(content, Loader=yaml.SafeLoader)
    if inline:
        root = dict(_parts(dict(_parts(root)).get("galaxy"))).get("job_config")
    return root or yaml.ScalarNode("", "", yaml.Mark("", 0, 0, 0, "", 0))


def _scalars(node: yaml.Node) -> Iterator[yaml.ScalarNode]:
    if isinstance(node, yaml.ScalarNode):
        yield node
    for _, part in _parts(node):
        yield from _scalars(part)


def _misshapen(root: yaml.Node) -> Iterator[tuple[yaml.Node, str]]:
    """Places where Galaxy expects something else, in the order in which it looks at them."""
    yield from _misshapen_below(root, "", "")
    top = dict(_parts(root))
    if "runners" not in top:
        yield root, "there are no 'runners'"
    execution = dict(_parts(top.get("execution")))
    environments, names = execution.get("environments"), set()
    for name, node in _parts(environments):
        fields = dict(_parts(node))
        if isinstance(environments, yaml.SequenceNode) and "id" not in fields:
            yield node, "an environment in a list needs an 'id'"
        names |= {str(fields["id"].value) if "id" in fields else name}
        names |= {str(tag.value) for _, tag in _parts(fields.get("tags"))}
    if (default := execution.get("default")) and default.value not in names:
        yield default, f"the default '{default.value}' is no environment"
    for kind, key in (("tools", ("id", "class")), ("limits", ("type",))):
        for _, node in _parts(top.get(kind)):
            if not any(name in dict(_parts(node)) for name in key):
                yield node, f"an entry of '{kind}' needs {' or '.join(repr(name) for name in key)}"


def _misshapen_below(node: yaml.Node, place: str, shape: str) -> Iterator[tuple[yaml.Node, str]]:
    expected = _SHAPES.get(shape)
    if expected and _kind(node) not in expected.split(" or "):
        kinds = " or ".join(_KINDS[kind] for kind in expected.split(" or "))
        what = f"'{place}'" if place else "the job configuration"
        yield node, f"{what} has to be {kinds}"
        return
    for name, part in _parts(node):
        below = next((each for each in (f"{shape}.{name}".strip("."), f"{shape}.*") if each in _SHAPES), None)
        if below:
            yield from _misshapen_below(part, f"{place}.{name}".strip("."), below)


def _kind(node: yaml.Node) -> str:
    if isinstance(node, yaml.CollectionNode):
        return "mapping" if isinstance(node, yaml.MappingNode) else "sequence"
    return "text"


def _parts(node: Optional[yaml.Node]) -> list[tuple[str, yaml.Node]]:
    """What stands in a mapping or list, by its name or number."""
    if isinstance(node, yaml.MappingNode):
        return [(str(key.value), value) for key, value in node.value]
    if isinstance(node, yaml.SequenceNode):
        return [(str(number), value) for number, value in enumerate(node.value)]
    return []
