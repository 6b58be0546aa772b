"""YAML in which every key is there once, as YAML demands; PyYAML takes the last one and says nothing."""

from collections.abc import Iterator
from typing import Any

import yaml

#: The key ``<<``, which brings in what stands elsewhere; several may stand beside each other.
_MERGE = "tag:yaml.org,2002:merge"


class RepeatedKeys(Exception):
    """Keys that are there more than once. The message names each, with its lines, and no values."""


class SingleKeyLoader(yaml.SafeLoader):
    """For ``yaml.load``. :raises RepeatedKeys: if a mapping has the same key more than once."""

    def construct_document(self, node: yaml.Node) -> Any:
        # Here, since constructing a mapping puts into it what << brings.
        if repeated := list(_repeated(node, (), set())):
            raise RepeatedKeys("; ".join(repeated))
        return super().construct_document(node)


def _repeated(node: yaml.Node, path: tuple[str, ...], seen: set[int]) -> Iterator[str]:
    if id(node) in seen:
        # An alias; what it stands for is looked at once.
        return
    seen.add(id(node))
    if isinstance(node, yaml.SequenceNode):
        for number, item in enumerate(node.value):
            yield from _repeated(item, (*path, str(number)), seen)
    elif isinstance(node, yaml.MappingNode):
        lines: dict[str, list[str]] = {}
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.tag != _MERGE:
                lines.setdefault(key.value, []).append(str(key.start_mark.line + 1))
        for name, found in lines.items():
            if len(found) > 1:
                yield f"{'.'.join((*path, name))}: is there more than once, in lines {' and '.join(found)}"
        for key, value in node.value:
            yield from _repeated(value, (*path, str(key.value)), seen)
