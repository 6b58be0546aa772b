"""A long list of people: one part of it at a time, or those of a name."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import (
    Generic,
    Optional,
    Protocol,
    TypeVar,
)


class Named(Protocol):
    """Somebody in a class; the user name is there for those who may see it."""

    @property
    def pseudonym(self) -> str: ...
    @property
    def username(self) -> Optional[str]: ...


T = TypeVar("T")
N = TypeVar("N", bound=Named)


@dataclass(frozen=True)
class Portion(Generic[T]):
    """Some of a list. ``first`` and ``last`` are what people call them: the first of all is number 1."""

    items: Sequence[T]
    number: int
    count: int
    first: int
    total: int

    @property
    def last(self) -> int:
        return self.first + len(self.items) - 1

    @property
    def has_next(self) -> bool:
        return self.number < self.count


def portion(items: Sequence[T], number: int, size: int) -> Portion[T]:
    """The part of this number, or the last one there is."""
    count = max(1, -(-len(items) // size))
    number = min(max(number, 1), count)
    begin = (number - 1) * size
    return Portion(items[begin : begin + size], number, count, begin + 1, len(items))


def found(people: Sequence[N], text: str) -> Sequence[N]:
    """Those whose name has the text in it, as people say and type it: ``Brave Otter`` finds brave-otter."""
    wanted = _plain(text)
    return [one for one in people if wanted in _plain(one.pseudonym) or wanted in _plain(one.username or "")]


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "-")
