"""What a dashboard says of each member of a class: thousands of rows, of which few are shown, and few change."""

from collections.abc import (
    Callable,
    Hashable,
    Sequence,
)
from functools import cached_property
from typing import (
    Any,
    Optional,
    overload,
    TypeVar,
    Union,
)

import numpy as np
import orjson
from pydantic import BaseModel

from ..core.cache import (
    as_json,
    RawCachedResponse,
)
from ..membership.manager import Member
from .class_jobs import Ints

R = TypeVar("R", bound=BaseModel)
M = TypeVar("M", bound=BaseModel)


class Rows(Sequence[R]):
    """Rows of plain values; those that somebody looks at become models."""

    def __init__(self, model: type[R], rows: Sequence[dict[str, Any]]):
        self._model = model
        self._rows = rows

    def __len__(self) -> int:
        return len(self._rows)

    def _row(self, number: int) -> dict[str, Any]:
        return self._rows[number]

    @overload
    def __getitem__(self, number: int) -> R: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[R]: ...
    def __getitem__(self, number: Union[int, slice]) -> Union[R, Sequence[R]]:
        if isinstance(number, slice):
            return [self[each] for each in range(*number.indices(len(self)))]
        if number >= len(self):
            raise IndexError(number)
        return self._model.model_validate(self._row(number))


class People(Rows[R]):
    """The members of a class in the order in which they are shown."""

    def __init__(
        self,
        model: type[R],
        members: Sequence[Member],
        *,
        named: bool,
        columns: dict[str, Ints],
        more: Ints,
        kind: Hashable,
        row: Callable[[list[int], list[int]], dict[str, Any]],
        order: Optional[Ints] = None,
    ):
        """
        :param columns: a number of each member under each name. :param more: further numbers of each member in a row.
        :param row: what is said of somebody with these numbers and further numbers.
        :param kind: whatever else that depends on.
        :param order: the places of the members in the order in which they are shown.
        """
        super().__init__(model, ())
        self.members = members
        self.columns = columns
        self._named = named
        self._more = more
        self._kind = (kind, named)
        self._row_of = row
        self.order = np.arange(len(members)) if order is None else order

    def __len__(self) -> int:
        return len(self.order)

    def _row(self, number: int) -> dict[str, Any]:
        place = int(self.order[number])
        return self._at(place, self._numbers[place].tolist())

    def _at(self, place: int, numbers: list[int]) -> dict[str, Any]:
        named = len(self.columns)
        return {**self.members[place].fields(self._named), **self._row_of(numbers[:named], numbers[named:])}

    @cached_property
    def _numbers(self) -> Ints:
        return np.column_stack([*self.columns.values(), self._more])

    def written(self, previous: Optional["People[R]"] = None) -> list[orjson.Fragment]:
        """The JSON of each of them. Of those who are as they were in the previous one, it is taken from there."""
        changed = np.arange(len(self.members))
        self._written: list[Any] = [None] * len(self.members)
        if previous is not None and previous.members is self.members and previous._kind == self._kind:
            changed = np.flatnonzero((self._numbers != previous._numbers).any(axis=1))
            self._written = previous._written.copy()
        for place, numbers in zip(changed.tolist(), self._numbers[changed].tolist(), strict=True):
            self._written[place] = orjson.Fragment(as_json(self._at(place, numbers)))
        return [self._written[place] for place in self.order.tolist()]


def column(people: Sequence[Any], name: str) -> Ints:
    """A number that is said of each of them, in the order in which they are shown."""
    if isinstance(people, People):
        return people.columns[name][people.order]
    return np.array([getattr(person, name) for person in people], dtype=np.int64)


class ClassResponse(RawCachedResponse[M]):
    """A response that has a row for each member of a class."""

    def __init__(
        self,
        model: type[M],
        content: dict[str, Any],
        people: People[Any],
        previous: Optional["ClassResponse[M]"] = None,
    ):
        super().__init__(model, {**content, "users": people.written(previous.people if previous else None)})
        self.people: People[Any] = people

    @cached_property
    def outline(self) -> M:
        """The same for pages: of long lists, those rows become models that are shown."""
        return self._outlined(self._content).model_copy(update={"users": self.people})

    def _outlined(self, content: dict[str, Any]) -> M:
        return self._model.model_validate_json(as_json({**content, "users": []}))
