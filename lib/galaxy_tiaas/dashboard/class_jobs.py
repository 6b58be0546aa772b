"""The jobs of a class as columns in memory, from which all that its dashboard shows is counted.

So are its workflow runs, which have no tool.
"""

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
MICROSECONDS_PER_MINUTE = 60_000_000


def microseconds(time: datetime) -> int:
    """Since 1970, as columns have times."""
    return (time - _EPOCH) // timedelta(microseconds=1)


def as_time(microseconds: int) -> datetime:
    return _EPOCH + timedelta(microseconds=microseconds)


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
    #: 0: in none.
    history_id: Ints
    #: Microseconds since 1970.
    created: Ints
    updated: Ints
    #: Galaxy's ``ImplicitCollectionJobs`` that a job over an element of a collection belongs to; 0: none.
    mapped: Ints
    #: Its step in a workflow run, a ``WorkflowInvocationStep``; 0: none.
    invoked: Ints
    #: The same for the same input data, whatever copies of them; 0: none.
    inputs: Ints
    #: The greatest id of these data; 0: none.
    newest_input: Ints
    #: Places in :attr:`users`, :attr:`tools` and :attr:`states`.
    user: Ints
    tool: Ints
    state: Ints
    #: Ids of accounts.
    users: tuple[int, ...]
    tools: tuple[Optional[str], ...]
    states: tuple[str, ...]

    @classmethod
    def of(cls, groups: Sequence[Sequence[Any]], like: Optional["Jobs"] = None) -> "Jobs":
        """
        :param groups: tool and state of some jobs, and of these the id of each, its history, user, two times,
            ``mapped`` and ``invoked``, as texts of numbers with spaces between: as rows they would be so many objects
            that Python stops to look which can be thrown away. Last, the ids of its input data, with commas between.
        :param like: jobs whose places of users, tools and states are used.
        """
        tools, states, *texts, inputs = zip(*groups, strict=True) if groups else ((),) * 10
        ids, histories, user_ids, created, updated, mapped, invoked = (
            np.fromstring(" ".join(column), dtype=np.int64, sep=" ") for column in texts
        )
        same_inputs, newest_input = _inputs(" ".join(inputs).split())
        sizes = [text.count(" ") + 1 for text in texts[0]]
        different, place = np.unique(user_ids, return_inverse=True)
        user_places, users = _places(different.tolist(), like.users if like else ())
        tool, tool_ids = _places(tools, like.tools if like else ())
        state, names = _places([state or UNKNOWN for state in states], like.states if like else ())
        jobs = cls(
            id=ids,
            history_id=histories,
            created=created,
            updated=updated,
            mapped=mapped,
            invoked=invoked,
            inputs=same_inputs,
            newest_input=newest_input,
            user=user_places[place],
            tool=np.repeat(tool, sizes),
            state=np.repeat(state, sizes),
            users=users,
            tools=tool_ids,
            states=names,
        )
        return jobs.taken(np.argsort(ids))

    def taken(self, places: Any) -> "Jobs":
        """Those at these places, or for which a mask is true."""
        columns: Any = {name: getattr(self, name)[places] for name in _COLUMNS}
        return replace(self, **columns)

    def where(self, mask: Mask) -> "Jobs":
        """Those of them for which the mask is true."""
        return self if mask.all() else self.taken(mask)

    def merged(self, changed: "Jobs") -> "Jobs":
        """The same with other jobs, which take the place of those with the same id.

        :param changed: made with ``like`` these.
        """
        if not len(changed.id):
            return self
        place = np.searchsorted(self.id, changed.id)
        is_known = np.isin(changed.id, self.id)
        known, new = place[is_known], place[~is_known]
        columns: Any = {}
        for name in _COLUMNS:
            column, values = getattr(self, name).copy(), getattr(changed, name)
            column[known] = values[is_known]
            columns[name] = np.insert(column, new, values[~is_known]) if len(new) else column
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
        chosen = [getattr(candidates, name)[newest_first] for name in ("user", "state", "tool")]
        users, states, tools = (column.tolist() for column in chosen)
        times = (as_times(column[newest_first]) for column in (candidates.created, candidates.updated))
        return [
            Activity(self.users[user], self.states[state], created, updated, self.tools[tool])
            for user, state, tool, created, updated in zip(users, states, tools, *times, strict=True)
        ]

    @property
    def request(self) -> Ints:
        """The same for the jobs that Galaxy made of one request for the elements of a collection."""
        return np.where(self.mapped > 0, self.mapped, -self.id)

    @property
    def user_ids(self) -> Ints:
        return np.array(self.users, dtype=np.int64)[self.user]

    def by_state(self) -> dict[str, int]:
        """Numbers of jobs by state."""
        return {self.states[place]: count for place, count in _nonzero(np.bincount(self.state))}

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

    def totals(self) -> Ints:
        """How many jobs each member has."""
        return np.bincount(self.person, minlength=self.members)

    def last(self, column: Ints, states: Optional[Collection[str]] = None) -> Ints:
        """Of each member the greatest value of a column; ``NEVER`` if there is none.

        :param states: of jobs in one of these; else of all.
        """
        chosen = slice(None) if states is None else self.is_in(states)
        return greatest(self.members, self.person[chosen], column[chosen])

    def states_by_member(self) -> Ints:
        """How many jobs each member has in each state: a row for each of them, a column for each state."""
        size = self.members * len(self.states)
        counts = np.bincount(self.person * len(self.states) + self.state, minlength=size)
        return counts.reshape(self.members, len(self.states))


def greatest(size: int, places: Ints, values: Ints) -> Ints:
    """At each of so many places the greatest of the values that are for it; ``NEVER`` if there is none."""
    result = np.full(size, NEVER)
    np.maximum.at(result, places, values)
    return result


_COLUMNS = tuple(field.name for field in fields(Jobs) if field.name not in ("users", "tools", "states"))


def of_members(jobs: Jobs, member_ids: Iterable[int]) -> ClassJobs:
    """Those of the jobs whose user is a member.

    :param member_ids: in the order in which members are counted.
    """
    ids = np.fromiter(member_ids, dtype=np.int64)
    order = np.argsort(ids)
    users = np.array(jobs.users, dtype=np.int64)
    is_member = np.isin(users, ids)
    places = np.full(len(users), -1)
    places[is_member] = order[np.searchsorted(ids, users[is_member], sorter=order)]
    person = places[jobs.user]
    columns = {field.name: getattr(jobs, field.name) for field in fields(Jobs)}
    return ClassJobs(**columns, person=person, members=len(ids)).where(person >= 0)


def _places(names: Iterable[Any], known: tuple[Any, ...]) -> tuple[Ints, tuple[Any, ...]]:
    """The place of each name among the different ones, and these: first those that are known."""
    places = {name: place for place, name in enumerate(known)}
    column = np.array([places.setdefault(name, len(places)) for name in names], dtype=np.int64)
    return column, tuple(places)


def _inputs(texts: Sequence[str]) -> tuple[Ints, Ints]:
    """What tells the inputs of each job from those of others, and the greatest of their ids."""
    ids = [sorted(map(int, text.split(","))) for text in texts]
    # Whoever compares the inputs of a million jobs has one chance in ten million to take different ones for the same.
    same = np.array([hash(tuple(of_job)) if of_job[-1] else 0 for of_job in ids], dtype=np.int64)
    return same, np.array([of_job[-1] for of_job in ids], dtype=np.int64)


def _nonzero(counts: Ints) -> Iterable[tuple[int, int]]:
    places = np.flatnonzero(counts)
    return zip(places.tolist(), counts[places].tolist(), strict=True)
