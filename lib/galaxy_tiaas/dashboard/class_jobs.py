"""The jobs of a class as columns in memory, from which all that its dashboard shows is counted."""

from collections.abc import (
    Collection,
    Iterable,
    Sequence,
)
from dataclasses import (
    dataclass,
    fields,
    replace,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    NamedTuple,
    Optional,
)

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

#: Galaxy's states of jobs that came to an end by themselves. What somebody stopped or deleted tells nothing.
SUCCEEDED, FAILED = ("ok",), ("error", "failed")
#: Galaxy's columns for states may be empty.
UNKNOWN = "unknown"
#: Comes before every time.
NEVER = np.iinfo(np.int64).min
_EPOCH = datetime(1970, 1, 1)


def microseconds(time: datetime) -> int:
    """Since 1970, as columns have times."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def as_times(column: Ints) -> list[datetime]:
    times: list[datetime] = column.astype("datetime64[us]").tolist()
    return times


class Activity(NamedTuple):
    """One job or invocation in a queue."""

    user_id: int
    state: str
    create_time: datetime
    update_time: datetime
    tool_id: Optional[str] = None


@dataclass(frozen=True)
class Jobs:
    """One place for each job in each column, in the order of their ids. Nobody may change a column: it is shared."""

    id: Ints
    user_id: Ints
    #: 0: in none.
    history_id: Ints
    #: Microseconds since 1970.
    created: Ints
    updated: Ints
    #: Places in :attr:`tools` and :attr:`states`.
    tool: Ints
    state: Ints
    tools: tuple[Optional[str], ...]
    states: tuple[str, ...]

    @classmethod
    def of(cls, rows: Sequence[Sequence[Any]], like: Optional["Jobs"] = None) -> "Jobs":
        """
        :param rows: values in the order of the columns.
        :param like: jobs whose numbers of tools and states are used.
        """
        ordered = sorted(rows, key=lambda row: row[0])
        *numbers, tools, states = zip(*ordered, strict=True) if ordered else ((),) * len(_COLUMNS)
        tool_places = {tool: place for place, tool in enumerate(like.tools if like else ())}
        state_places = {state: place for place, state in enumerate(like.states if like else ())}
        ids, user_ids, history_ids, created, updated = (np.array(column, dtype=np.int64) for column in numbers)
        return cls(
            ids,
            user_ids,
            history_ids,
            created,
            updated,
            tool=_places(tools, tool_places),
            state=_places([state or UNKNOWN for state in states], state_places),
            tools=tuple(tool_places),
            states=tuple(state_places),
        )

    def where(self, mask: Mask) -> "Jobs":
        """Those of them for which the mask is true."""
        columns: Any = {name: getattr(self, name)[mask] for name in _COLUMNS}
        return self if mask.all() else replace(self, **columns)

    def merged(self, changed: "Jobs") -> "Jobs":
        """The same with other jobs, which take the place of those with the same id.

        :param changed: made with ``like`` these.
        """
        if not len(changed.id):
            return self
        kept = self.where(~np.isin(self.id, changed.id))
        order = np.argsort(np.concatenate([kept.id, changed.id]), kind="stable")
        columns: Any = {name: np.concatenate([getattr(kept, name), getattr(changed, name)])[order] for name in _COLUMNS}
        return replace(changed, **columns)

    def is_in(self, states: Collection[str]) -> Mask:
        """Whether each of them is in one of these states."""
        mask: Mask = np.array([state in states for state in self.states], dtype=bool)[self.state]
        return mask

    def newest(self, limit: int) -> list[Activity]:
        """The newest of them, newest first."""
        if not limit or not len(self.id):
            return []
        least = np.partition(self.created, -limit)[-limit] if len(self.id) > limit else NEVER
        candidates = self.where(self.created >= least)
        newest_first = np.lexsort((candidates.id, candidates.created))[::-1][:limit]
        chosen = [getattr(candidates, name)[newest_first] for name in ("user_id", "state", "tool")]
        users, states, tools = (column.tolist() for column in chosen)
        times = (as_times(column[newest_first]) for column in (candidates.created, candidates.updated))
        return [
            Activity(user_id, self.states[state], created, updated, self.tools[tool])
            for user_id, state, tool, created, updated in zip(users, states, tools, *times, strict=True)
        ]

    def by_tool(self) -> dict[str, dict[str, int]]:
        """Numbers of jobs by tool and state."""
        counts = np.bincount(self.tool * len(self.states) + self.state, minlength=len(self.tools) * len(self.states))
        result: dict[str, dict[str, int]] = {}
        for place, count in _nonzero(counts):
            tool, state = divmod(place, len(self.states))
            of_tool = result.setdefault(self.tools[tool] or "", {})
            of_tool[self.states[state]] = of_tool.get(self.states[state], 0) + count
        return result

    def by_time(self, seconds: int) -> list[tuple[datetime, str, int]]:
        """Numbers of jobs by the time of their creation, in spans of so many seconds, and by state.

        Spans begin where the seconds since 1970 are a multiple of their length.
        """
        span, length = self.created // (seconds * 1_000_000), timedelta(seconds=seconds)
        first = span.min() if len(span) else 0
        counts = np.bincount((span - first) * len(self.states) + self.state)
        return [
            (_EPOCH + (int(first) + place // len(self.states)) * length, self.states[place % len(self.states)], count)
            for place, count in _nonzero(counts)
        ]


@dataclass(frozen=True)
class ClassJobs(Jobs):
    """The jobs of the members of a class."""

    #: Of each job the place of its user among the members.
    person: Ints
    #: How many there are.
    members: int

    def where(self, mask: Mask) -> "ClassJobs":
        if mask.all():
            return self
        return replace(self, **{name: getattr(self, name)[mask] for name in (*_COLUMNS, "person")})

    def counts(self, kinds: int, kind: Ints) -> Ints:
        """How many jobs of each kind each member has: a row for each member."""
        counted = np.bincount(self.person * kinds + kind, minlength=self.members * kinds)
        return counted.reshape(self.members, kinds)

    def totals(self) -> Ints:
        """How many jobs each member has."""
        return self.counts(1, np.zeros_like(self.person))[:, 0]

    def last(self, column: Ints) -> Ints:
        """Of each member the greatest value of a column; ``NEVER`` if there is none."""
        greatest = np.full(self.members, NEVER)
        np.maximum.at(greatest, self.person, column)
        return greatest

    def states_by_member(self) -> list[dict[str, int]]:
        """Of each member the number of jobs in each state."""
        result: list[dict[str, int]] = [{} for _ in range(self.members)]
        kinds = len(self.states)
        for place, count in _nonzero(self.counts(kinds, self.state).ravel() if kinds else np.zeros(0, dtype=np.int64)):
            person, state = divmod(place, kinds)
            result[person][self.states[state]] = count
        return result

    def last_failed(self) -> Mask:
        """Of each member whether the newest job that came to an end by itself failed."""
        failed, succeeded = (self.where(self.is_in(states)) for states in (FAILED, SUCCEEDED))
        is_later: Mask = failed.last(failed.created) > succeeded.last(succeeded.created)
        return is_later


_COLUMNS = tuple(field.name for field in fields(Jobs) if field.name not in ("tools", "states"))


def of_members(jobs: Jobs, member_ids: Sequence[int]) -> ClassJobs:
    """Those of the jobs whose user is a member.

    :param member_ids: in the order in which members are counted.
    """
    ids = np.array(member_ids, dtype=np.int64)
    order = np.argsort(ids)
    place = np.searchsorted(ids, jobs.user_id, sorter=order)
    place[place == len(ids)] = 0
    person = order[place] if len(ids) else place
    is_member = ids[person] == jobs.user_id if len(ids) else np.zeros(len(place), dtype=bool)
    columns = {field.name: getattr(jobs, field.name) for field in fields(Jobs)}
    return ClassJobs(**columns, person=person, members=len(ids)).where(is_member)


def _places(names: Iterable[Any], places: dict[Any, int]) -> Ints:
    """The number of each name, which is given one if it has none."""
    return np.array([places.setdefault(name, len(places)) for name in names], dtype=np.int64)


def _nonzero(counts: Ints) -> Iterable[tuple[int, int]]:
    places = np.flatnonzero(counts)
    return zip(places.tolist(), counts[places].tolist(), strict=True)
