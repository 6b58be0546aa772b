"""What is said of each member of a class: written anew for those of whom it has changed, read for those shown."""

import json
from typing import Any

import numpy as np
import orjson
from galaxy_tiaas.dashboard.people import (
    column,
    People,
)
from galaxy_tiaas.dashboard.schema import MemberCounts
from galaxy_tiaas.membership.manager import Member
from galaxy_tiaas.membership.pseudonyms import Pseudonym

MEMBERS = [
    Member(number, f"user{number}", "", None, Pseudonym(f"otter-{number}", "#123456", "star"), number)
    for number in range(4)
]


def _people(
    totals: list[int], rows: list[int], kind: str = "", *, named: bool = False, members: list[Member] = MEMBERS
) -> People[MemberCounts]:
    """
    :param rows: where it is noted of whom something is read.
    """

    def row(numbers: list[int], more: list[int]) -> dict[str, Any]:
        rows.append(numbers[0])
        return {"states": {"ok": more[0]}, "total": numbers[0]}

    return People(
        MemberCounts,
        members,
        named=named,
        columns={"total": np.array(totals)},
        more=np.array(totals).reshape(-1, 1),
        kind=kind,
        row=row,
        order=np.array([3, 0, 1, 2]),
    )


def _written(people: People[MemberCounts], previous: Any = None) -> list[Any]:
    written: list[Any] = json.loads(orjson.dumps(people.written(previous)))
    return [(row["pseudonym"], row["total"], row["states"]) for row in written]


def test_who_has_not_changed_is_not_written_again() -> None:
    rows: list[int] = []
    first = _people([1, 2, 3, 4], [])
    _written(first)
    second = _people([1, 7, 3, 4], rows)
    assert _written(second, first) == [
        ("otter-3", 4, {"ok": 4}),
        ("otter-0", 1, {"ok": 1}),
        ("otter-1", 7, {"ok": 7}),
        ("otter-2", 3, {"ok": 3}),
    ]
    assert rows == [7]
    assert _written(first) == _written(_people([1, 2, 3, 4], []))


def test_all_are_written_when_numbers_mean_something_else_or_belong_to_others() -> None:
    first = _people([1, 2, 3, 4], [])
    _written(first)
    changes: list[dict[str, Any]] = [{"kind": "other"}, {"named": True}, {"members": [*MEMBERS]}]
    for change in changes:
        rows: list[int] = []
        _written(_people([1, 2, 3, 4], rows, **change), first)
        assert rows == [1, 2, 3, 4]


def test_only_who_is_looked_at_becomes_a_model() -> None:
    rows: list[int] = []
    people = _people([1, 2, 3, 4], rows, named=True)
    assert [(one.pseudonym, one.username, one.total) for one in people[:2]] == [
        ("otter-3", "user3", 4),
        ("otter-0", "user0", 1),
    ]
    assert rows == [4, 1]
    assert column(people, "total").tolist() == [4, 1, 2, 3] == column([*people], "total").tolist()
    assert len(people) == len([*people]) == 4
