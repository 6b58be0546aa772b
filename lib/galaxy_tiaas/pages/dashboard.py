"""How the dashboard of a class is arranged: states in a few groups, people in the order in which a teacher looks."""

from collections.abc import (
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from math import sqrt

from ..schema.activity import MemberCounts


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


def group_of(state: str) -> Group:
    """The group of a job state; what is not known is other."""
    return next((group for group in GROUPS if state in group.states), OTHER)


def grouped(states: Mapping[str, int]) -> list[tuple[Group, int]]:
    """Groups and the sums of their states, without those that are empty."""
    sums = {group: sum(count for state, count in states.items() if group_of(state) == group) for group in GROUPS}
    return [(group, count) for group, count in sums.items() if count]


def count(states: Mapping[str, int], group: Group) -> int:
    """The sum of a group's states."""
    return dict(grouped(states)).get(group, 0)


def in_order(people: Sequence[MemberCounts]) -> list[MemberCounts]:
    """Who may need help first: those with failed jobs, then those without a job, then all others; by name."""
    return sorted(people, key=lambda person: (not count(person.states, FAILED), person.total > 0, person.pseudonym))


def is_compact(people: int, wall: bool) -> bool:
    """Whether a class is so large that its tiles show icons and numbers without words."""
    return people > (36 if wall else 70)


def scale(people: int) -> float:
    """The size of letters in tiles on the wall, so that a class of up to about 200 fits a projector's picture.

    The factors are measured: at 1920 × 1080, tiles with words and without fill the space below the large numbers.
    """
    fitting = (5.6 if is_compact(people, wall=True) else 4.05) / sqrt(max(people, 1))
    return round(min(max(fitting, 0.4), 0.95), 2)
