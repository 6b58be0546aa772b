"""One page of a longer list, whatever is in it."""

from collections.abc import (
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from typing import (
    Generic,
    TypeVar,
)

T = TypeVar("T")
U = TypeVar("U")


@dataclass(frozen=True)
class ResultPage(Generic[T]):
    """Some of a list: ``limit`` at most, after ``offset`` others. What people are told begins with 1."""

    items: Sequence[T]
    total: int
    limit: int
    offset: int = 0

    def __iter__(self) -> Iterator[T]:
        return iter(self.items)

    def __len__(self) -> int:
        return len(self.items)

    def of(self, items: Iterable[U]) -> "ResultPage[U]":
        """The same page with something made of each item."""
        return ResultPage([*items], self.total, self.limit, self.offset)

    @property
    def number(self) -> int:
        return self.offset // self.limit + 1

    @property
    def count(self) -> int:
        """Number of pages; of an empty list there is one."""
        return max(1, -(-self.total // self.limit))

    @property
    def first(self) -> int:
        return self.offset + 1

    @property
    def last(self) -> int:
        return self.offset + len(self.items)

    @property
    def has_next(self) -> bool:
        return self.number < self.count


def page_of(items: Sequence[T], number: int, limit: int) -> ResultPage[T]:
    """The page of this number, or the last one there is."""
    count = max(1, -(-len(items) // limit))
    offset = (min(max(number, 1), count) - 1) * limit
    return ResultPage(items[offset : offset + limit], len(items), limit, offset)
