"""How the dashboard of a class is arranged: states in a few groups, people in the order in which a teacher looks,
and what stands for their progress."""

from collections import Counter
from collections.abc import (
    Hashable,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    replace,
)
from itertools import groupby
from math import sqrt
from typing import (
    Any,
    TypeVar,
)
from urllib.parse import urlencode

import numpy as np

from ..core.result_pages import (
    page_of,
    ResultPage,
)
from ..membership.schema import PersonView
from .people import column
from .progress import StepState
from .schema import (
    JobsShown,
    MemberCounts,
    MemberProgress,
    QueuedInvocation,
    QueuedJob,
    StepCounts,
    StepProgress,
    StepView,
    ToolJobs,
    TrainingProgress,
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
#: More rows than this at once are not read by anybody, and more cells take a browser seconds.
MOST_ROWS = 100
MOST_CELLS = 10_000
#: Of a longer course, the steps further away are shown to those who ask.
MOST_STEPS_AT_ONCE = 20
#: So many steps fit beside the people on the projector.
MAX_STEPS_ON_PROJECTOR = 9

P = TypeVar("P", bound=PersonView)
S = TypeVar("S", bound=StepView)
Q = TypeVar("Q", QueuedJob, QueuedInvocation)


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
        query: dict[str, Any] = {"hours": self.hours}
        if self.jobs is JobsShown.COURSE:
            query["jobs"] = self.jobs.value
        if self.projector:
            return {**query, "view": "wall"}
        unusual = {"people": self.people != 1, "rows": self.rows != 1, "find": self.find != ""}
        query |= {name: getattr(self, name) for name, is_unusual in unusual.items() if is_unusual}
        return {**query, "lists": "all"} if self.lists else query


def found(people: Sequence[P], text: str) -> Sequence[P]:
    """Those whose name has the text in it, as people say and type it: ``Brave Otter`` finds brave-otter."""
    wanted = _plain(text)
    if not wanted:
        return people
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
QUEUED = Group(
    "queued",
    "fa-hourglass-half",
    frozenset("new upload waiting queued resubmitted paused ready scheduled requires_materialization".split()),
)
FAILED = Group("failed", "fa-exclamation-triangle", frozenset(["error", "failed"]))
#: Stopped, deleted, skipped: nobody has to do anything about them.
OTHER = Group("other", "fa-ban")
GROUPS = (OK, RUNNING, QUEUED, FAILED, OTHER)
_NAMES = [group.name for group in GROUPS]
_GROUP_OF = {state: group for group in GROUPS for state in group.states}

Sums = list[tuple[Group, int]]


def group_of(state: str) -> Group:
    """The group of a job state; what is not known is other."""
    return _GROUP_OF.get(state, OTHER)


def grouped(states: Mapping[str, int]) -> Sums:
    """Groups and the sums of their states, without those that are empty."""
    sums = dict.fromkeys(_NAMES, 0)
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

    @property
    def key(self) -> Hashable:
        """The same for tiles that look the same."""
        one = self.person
        who = (one.pseudonym, one.colour, one.shape, one.username)
        return (*who, one.last_active, one.last_failed, *one.states.items())

    @property
    def sums(self) -> Sums:
        return grouped(self.person.states)

    @property
    def failed(self) -> bool:
        """Not whether any job failed: who has got over it needs nobody."""
        return self.person.last_failed

    @property
    def quiet(self) -> bool:
        return not self.person.total


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
    """A tile for each, up to a number that fits the view.

    :param people: in the order of their names.
    """
    people = found(people, view.find)
    failed, quiet = column(people, "last_failed") > 0, column(people, "total") == 0
    # Who may need help first: those whose last job failed, then those without a job, then all others; by name.
    order = np.argsort(np.select([failed, quiet], [0, 1], 2), kind="stable")
    shown = page_of(order.tolist(), view.people, MAX_TILES_ON_PROJECTOR if view.projector else MOST_TILES)
    rest = order[shown.last :]
    more_failed, more_quiet = int(failed[rest].sum()), int(quiet[rest].sum())
    return Tiles(
        shown=shown.of(Tile(people[place]) for place in shown),
        more_failed=more_failed,
        more_quiet=more_quiet,
        more_others=len(rest) - more_failed - more_quiet,
        compact=is_compact(len(shown.items), view.projector),
        scale=scale(len(shown.items)),
    )


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


def rows(queue: Sequence[Q], kind: str) -> Iterator[tuple[str, Q]]:
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


# Progress


@dataclass(frozen=True)
class Look:
    """What stands for a state."""

    state: StepState
    words: str
    icon: str


LOOKS = {
    look.state: look
    for look in (
        Look(StepState.DONE, "done", "fa-check"),
        Look(StepState.RUNNING, "running", "fa-play"),
        Look(StepState.QUEUED, "queued", "fa-hourglass-half"),
        Look(StepState.FAILED, "failed", "fa-exclamation-triangle"),
        Look(StepState.NOT_STARTED, "not started", "fa-minus"),
    )
}


def member_rows(progress: TrainingProgress, view: View) -> ResultPage[MemberProgress]:
    """Those who get a row of their own; the first are those furthest behind."""
    size = min(MOST_ROWS, MOST_CELLS // max(len(progress.steps), 1))
    return page_of(found(progress.users, view.find), view.rows, size)


def columns(progress: TrainingProgress) -> Hashable:
    """What the cells of a row are about."""
    return (*((step.position, step.label) for step in progress.steps), *(tool.tool_id for tool in progress.tools))


def row_key(user: MemberProgress) -> tuple[Hashable, ...]:
    """The same for rows that look the same, in the same columns."""
    who = (user.pseudonym, user.colour, user.shape, user.username, user.behind)
    elements = ((step.position, step.count, step.total) for step in user.elements)
    tools = ((jobs.done, jobs.running, jobs.queued, jobs.failed) for jobs in user.tools)
    return (*who, *user.states, *elements, *tools)


def sections(steps: Iterable[S]) -> list[tuple[str, list[S]]]:
    """Steps in groups, each with its title; empty: they are in none."""
    return [(title, list(group)) for title, group in groupby(steps, key=lambda step: step.section)]


def around_the_middle(progress: TrainingProgress, most: int) -> Sequence[StepProgress]:
    """So many steps, those at which most of the class is among them."""
    middle = int(progress.median or 0)
    first = min(max(middle - 1 - most // 2, 0), max(len(progress.steps) - most, 0))
    return progress.steps[first : first + most]


def in_three(progress: TrainingProgress) -> tuple[Sequence[StepProgress], ...]:
    """The steps where the class is, between those before and those after them; nothing there if all are few."""
    middle = around_the_middle(progress, MOST_STEPS_AT_ONCE)
    first, last = middle[0].position, middle[-1].position
    return progress.steps[: first - 1], middle, progress.steps[last:]


def parts_of_step(counts: StepCounts) -> list[tuple[Look, int]]:
    """States of a step and the members in them, without those with nobody in them."""
    return [(look, count) for state, look in LOOKS.items() if (count := getattr(counts, state.value))]


def parts_of(jobs: ToolJobs) -> list[tuple[Look, int]]:
    """The same for a member's jobs with one tool."""
    states = (StepState.DONE, StepState.RUNNING, StepState.QUEUED, StepState.FAILED)
    return [(LOOKS[state], count) for state in states if (count := getattr(jobs, state.value))]


def state_of(jobs: ToolJobs) -> StepState:
    """The state that a cell with these jobs is coloured as: what needs somebody first."""
    if jobs.failed:
        return StepState.FAILED
    if jobs.running:
        return StepState.RUNNING
    if jobs.queued:
        return StepState.QUEUED
    return StepState.DONE if jobs.done else StepState.NOT_STARTED


def legend(progress: TrainingProgress) -> list[Look]:
    """What the cells need explained; without steps, who has not used a tool has an empty one."""
    return [look for look in LOOKS.values() if progress.steps or look.state is not StepState.NOT_STARTED]


def left_out(progress: TrainingProgress, shown: ResultPage[MemberProgress]) -> str:
    """Who of those that do not fit on one page has a row on this one."""
    if progress.steps and shown.number == 1:
        return f"Below are the {shown.last:,} people who are furthest behind; the bars count all {progress.members:,}."
    order = "from those furthest behind on" if progress.steps else "by name"
    return f"Below are the people {shown.first:,} to {shown.last:,} of {shown.total:,}, {order}."


def is_middle(progress: TrainingProgress, position: int) -> bool:
    """Whether the median of the class is at this step; one between two steps is at neither."""
    return progress.median == position


def summary(progress: TrainingProgress) -> str:
    """Where the class is, in words."""
    if progress.median is None:
        return "Nobody has begun yet."
    step, between = int(progress.median), progress.median % 1
    where = f"between the steps {step} and {step + 1}" if between else f"at step {step}"
    sentences = [f"The middle of the class is {where} of {len(progress.steps)}."]
    if behind := int(column(progress.users, "behind").sum()):
        sentences.append(f"{behind:,} {'person is' if behind == 1 else 'people are'} well behind it.")
    if idle := int((column(progress.users, "position") == 0).sum()):
        sentences.append(f"{idle:,} {'person has' if idle == 1 else 'people have'} not begun.")
    return " ".join(sentences)
