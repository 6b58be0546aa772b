"""How the dashboard of a class is arranged: states in a few groups, people in the order in which a teacher looks."""

from collections import Counter
from collections.abc import (
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    replace,
)
from datetime import datetime
from math import sqrt
from typing import (
    Any,
    Protocol,
    TypeVar,
)
from urllib.parse import urlencode

from ..core.result_pages import (
    page_of,
    ResultPage,
)
from ..membership.schema import PersonView
from .schema import (
    JobsShown,
    MemberCounts,
)
from .service import (
    LONGEST_HOURS,
    SHORTEST_HOURS,
    USUAL_HOURS,
)

#: A choice of hours for those who do not write them into the address.
HOURS = (1, 3, 6, 12, 24, 64)
#: What those see first who come back when all is over: the last day, which is followed by hours of nothing.
HOURS_AFTERWARDS = 24
#: So many are looked through, and quickly changed by a browser; the others are on further pages.
MOST_TILES = 240
#: The projector view is one picture without a scroll bar, whose smallest letters are read from the last row of a room.
MAX_TILES_ON_PROJECTOR = 60
#: In a larger class, people are looked for by name.
FEW_ENOUGH_TO_SEE = 24
#: Pages of people beyond any class.
_MOST_PAGES = 1000
_LONGEST_SEARCH = 40
#: Longer lists of jobs and workflow runs are fetched by those who open them: they are most of what a page weighs.
LONGEST_LIST = 25

P = TypeVar("P", bound=PersonView)


@dataclass(frozen=True)
class View:
    """What of a class somebody wants to see, as it stands in the address."""

    hours: int = USUAL_HOURS
    jobs: JobsShown = JobsShown.ALL
    projector: bool = False
    #: Which page of the tiles, and which of the rows of people and steps.
    people: int = 1
    rows: int = 1
    #: Only people whose name has this in it.
    find: str = ""
    #: With the newest jobs and workflow runs one by one, even if there are many.
    lists: bool = False

    @classmethod
    def of(cls, query: Mapping[str, str], usual_hours: int = USUAL_HOURS) -> "View":
        """Whatever makes no sense in an address is read as the usual."""
        hours = _number(query.get("hours", ""), usual_hours, SHORTEST_HOURS, LONGEST_HOURS)
        jobs = JobsShown.COURSE if query.get("jobs") == JobsShown.COURSE.value else JobsShown.ALL
        if query.get("view") == "wall":
            return cls(hours=hours, jobs=jobs, projector=True)
        return cls(
            hours=hours,
            jobs=jobs,
            people=_number(query.get("people", ""), 1, 1, _MOST_PAGES),
            rows=_number(query.get("rows", ""), 1, 1, _MOST_PAGES),
            find=" ".join(query.get("find", "").split())[:_LONGEST_SEARCH],
            lists=query.get("lists") == "all",
        )

    def address(self, **changes: Any) -> str:
        """The query of this view, or of one that differs in something."""
        return f"?{urlencode(replace(self, **changes).query())}"

    def query(self) -> dict[str, Any]:
        """What the address says of this view: the hours, and what is not as usual."""
        if self.projector:
            return {"hours": self.hours, **self._jobs(), "view": "wall"}
        unusual: dict[str, Any] = {
            name: value
            for name, value, usual in (
                ("people", self.people, 1),
                ("rows", self.rows, 1),
                ("find", self.find, ""),
                ("lists", "all" if self.lists else "", ""),
            )
            if value != usual
        }
        return {"hours": self.hours, **self._jobs(), **unusual}

    def _jobs(self) -> dict[str, str]:
        return {"jobs": self.jobs.value} if self.jobs is JobsShown.COURSE else {}


def found(people: Sequence[P], text: str) -> Sequence[P]:
    """Those whose name has the text in it, as people say and type it: ``Brave Otter`` finds brave-otter."""
    wanted = _plain(text)
    return [one for one in people if wanted in _plain(one.pseudonym) or wanted in _plain(one.username or "")]


def _plain(name: str) -> str:
    return name.strip().casefold().replace(" ", "-")


def _number(text: str, usual: int, least: int, most: int) -> int:
    """A number in the address, brought into the range that exists."""
    try:
        return min(max(int(text), least), most)
    except ValueError:
        return usual


@dataclass(frozen=True)
class Group:
    """Job states that mean the same to a teacher, and the icon that stands for them."""

    name: str
    icon: str
    states: frozenset[str] = frozenset()


OK = Group("ok", "fa-check", frozenset(["ok", "completed"]))
RUNNING = Group("running", "fa-play", frozenset(["running", "setting_metadata"]))
WAITING = Group(
    "waiting",
    "fa-hourglass-half",
    frozenset("new upload waiting queued resubmitted paused ready scheduled requires_materialization".split()),
)
FAILED = Group("failed", "fa-exclamation-triangle", frozenset(["error", "failed"]))
#: Stopped, deleted, skipped: nobody has to do anything about them.
OTHER = Group("other", "fa-ban")
GROUPS = (OK, RUNNING, WAITING, FAILED, OTHER)
_GROUP_OF = {state: group for group in GROUPS for state in group.states}

Sums = list[tuple[Group, int]]


def group_of(state: str) -> Group:
    """The group of a job state; what is not known is other."""
    return _GROUP_OF.get(state, OTHER)


def grouped(states: Mapping[str, int]) -> Sums:
    """Groups and the sums of their states, without those that are empty."""
    sums: Counter[str] = Counter()
    for state, count in states.items():
        sums[group_of(state).name] += count
    return [(group, sums[group.name]) for group in GROUPS if sums[group.name]]


def count(states: Mapping[str, int], group: Group) -> int:
    """The sum of a group's states."""
    return sum(number for state, number in states.items() if group_of(state) is group)


@dataclass(frozen=True)
class Tile:
    """One person on the dashboard."""

    person: MemberCounts
    sums: Sums

    @property
    def failed(self) -> bool:
        """Not whether any job failed: who has got over it needs nobody."""
        return self.person.last_failed

    @property
    def quiet(self) -> bool:
        return not self.person.total

    @property
    def place(self) -> tuple[bool, bool, str]:
        """Who may need help first: those whose last job failed, then those without a job, then all others; by name."""
        return (not self.failed, not self.quiet, self.person.pseudonym)


@dataclass(frozen=True)
class Tiles:
    """The people of a class, or as many as one can look at."""

    shown: ResultPage[Tile]
    #: Of those who come after the ones that are shown: whose last job failed, who has no job, and who neither.
    more_failed: int
    more_quiet: int
    more_others: int
    compact: bool
    scale: float

    @property
    def more(self) -> int:
        return self.more_failed + self.more_quiet + self.more_others

    @property
    def more_in_words(self) -> str:
        kinds = (
            (self.more_failed, "whose last job failed"),
            (self.more_quiet, "without a job"),
            (self.more_others, "at work"),
        )
        there = [(count, what) for count, what in kinds if count]
        if len(there) == 1:
            return f"and {self.more:,} more {there[0][1]}."
        return f"and {self.more:,} more: {', '.join(f'{count:,} {what}' for count, what in there)}."


def tiles(people: Sequence[MemberCounts], view: View) -> Tiles:
    """A tile for each, up to a number that fits the view."""
    all_tiles = sorted(map(_tile, found(people, view.find)), key=lambda tile: tile.place)
    shown = page_of(all_tiles, view.people, MAX_TILES_ON_PROJECTOR if view.projector else MOST_TILES)
    rest = all_tiles[shown.last :]
    failed, quiet = sum(tile.failed for tile in rest), sum(tile.quiet for tile in rest)
    return Tiles(
        shown=shown,
        more_failed=failed,
        more_quiet=quiet,
        more_others=len(rest) - failed - quiet,
        compact=is_compact(len(shown.items), view.projector),
        scale=scale(len(shown.items)),
    )


def _tile(person: MemberCounts) -> Tile:
    return Tile(person, grouped(person.states))


def is_compact(people: int, projector: bool) -> bool:
    """Whether a class is so large that its tiles show icons and numbers without words."""
    return people > (36 if projector else 70)


def scale(people: int) -> float:
    """The size of letters in tiles of the projector view, so that as many as are shown there fit a projector's picture.

    The factors are measured: at 1920 × 1080, tiles with words and without fill the space below the large numbers.
    """
    fitting = (4.4 if is_compact(people, projector=True) else 3.5) / sqrt(max(people, 1))
    return round(min(max(fitting, 0.55), 0.95), 2)


def is_listed(queue: Sequence[Any], view: View) -> bool:
    """Whether a list is there at once."""
    return view.lists or len(queue) <= LONGEST_LIST


class Queued(Protocol):
    """A job or a workflow run in a list."""

    @property
    def pseudonym(self) -> str: ...
    @property
    def create_time(self) -> datetime: ...


def rows(queue: Sequence[Queued], kind: str) -> Iterator[tuple[str, Queued]]:
    """The rows of a list, each with an id that stays the same in the next update of the page."""
    seen: Counter[str] = Counter()
    for entry in queue:
        name = f"{kind}-{entry.pseudonym}-{entry.create_time:%d%H%M%S%f}"
        seen[name] += 1
        yield (name if seen[name] == 1 else f"{name}-{seen[name]}"), entry


def number(count: int, one: str, many: str = "") -> str:
    """``1 job``, ``60,043 jobs``"""
    return f"{count:,} {one if count == 1 else many or f'{one}s'}"


def hours(count: int) -> str:
    """``hour``, ``3 hours``; after ``the last``."""
    return "hour" if count == 1 else f"{count} hours"
