"""How far the members of a class are, seen from the jobs that they ran."""

from collections.abc import (
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from enum import Enum
from statistics import (
    median,
    median_high,
)
from typing import (
    NamedTuple,
    Optional,
)

import numpy as np

from .class_jobs import (
    ClassJobs,
    greatest,
    Ints,
    Mask,
)
from .steps import (
    Step,
    tool_key,
)

#: A job that was skipped because of a workflow's condition needs nobody any more, and who stops an interactive
#: tool keeps its results.
DONE = frozenset({"ok", "skipped", "stopped"})
FAILED = frozenset({"error", "failed"})
RUNNING = frozenset("new resubmitted upload waiting queued running setting_metadata paused stop".split())
#: Jobs in all other states, above all deleted ones, are ignored.
COUNTED = DONE | FAILED | RUNNING

#: Nobody who is less than two steps behind the median is well behind it.
_LEAST_GAP = 2
#: Nor is who is about as far from the median as most of the class is.
_USUAL_SPREAD = 2


class StepState(str, Enum):
    """Where a member is with a step."""

    NOT_STARTED = "not_started"
    #: Its job waits or runs.
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


class Work(NamedTuple):
    """What each member did with one tool; a place for each of them."""

    done: Ints
    running: Ints
    failed: Ints
    #: Whether the newest failure came after the newest success.
    failed_last: Mask


def works(jobs: ClassJobs, tools: Collection[str]) -> dict[str, Work]:
    """What the members did with these tools, which are given by their keys.

    Jobs are new in the order of their ids.
    """
    numbers = {tool: number for number, tool in enumerate(tools)}
    tool = np.array([numbers.get(tool_key(tool_id or ""), -1) for tool_id in jobs.tools], dtype=np.int64)[jobs.tool]
    place = jobs.person * len(numbers) + tool
    size = jobs.members * len(numbers)
    masks = [(tool >= 0) & jobs.is_in(states) for states in (DONE, RUNNING, FAILED)]
    by_state = [(place[mask], jobs.id[mask]) for mask in masks]
    done, running, failed = (np.bincount(places, minlength=size) for places, _ in by_state)
    failed_last = greatest(size, *by_state[2]) > greatest(size, *by_state[0])
    columns = (column.reshape(jobs.members, len(numbers)).T for column in (done, running, failed, failed_last))
    return {name: Work(*of_tool) for name, *of_tool in zip(numbers, *columns, strict=True)}


#: As rows of numbers have them.
STATES = tuple(StepState)
_NOT_STARTED, _RUNNING, _DONE, _FAILED = range(len(STATES))


class Plan:
    """The steps of a class, against which the work of its members is held.

    The n-th step with some tool is done when n jobs of that tool are, whatever else was done before or
    after: members may leave out steps and change their order, and a failed job is forgotten when the tool has
    succeeded later. The first step with the tool that is not done is running while any job of it waits or
    runs, else failed if its newest failure came after its newest success, else not started; further steps
    with the tool have not been started.
    """

    def __init__(self, steps: Sequence[Step]):
        self.steps = steps
        self._places: dict[str, list[int]] = {}
        for place, step in enumerate(steps):
            self._places.setdefault(tool_key(step.tool_id), []).append(place)
        #: Of each step the one before with the same tool, if there is one.
        self._earlier: dict[int, int] = {}
        for places in self._places.values():
            self._earlier.update(zip(places[1:], places, strict=False))

    @property
    def tools(self) -> set[str]:
        """Keys of the tools in it."""
        return set(self._places)

    def states(self, works: Mapping[str, Work], members: int) -> Ints:
        """Where each member is with each step: places in :data:`STATES`, a row for each member.

        :param works: by the key of the tool.
        """
        states = np.zeros((members, len(self.steps)), dtype=np.int64)
        for tool, places in self._places.items():
            work = works[tool]
            unfinished = np.select([work.running > 0, work.failed_last], [_RUNNING, _FAILED], _NOT_STARTED)
            for number, place in enumerate(places):
                states[:, place] = np.select([work.done > number, work.done == number], [_DONE, unfinished])
        return states

    def positions(self, states: Ints) -> Ints:
        """Where each member is: the number of the last step that they have begun, 0 before the first.

        Who runs a tool on several datasets at once has done, going by the jobs, a later step with the same tool
        too. So that does not count before something between these two steps was begun as well.
        """
        begun = states != _NOT_STARTED
        positions = np.zeros(len(states), dtype=np.int64)
        for place in range(len(self.steps)):
            counts = begun[:, place]
            between = begun[:, self._earlier.get(place, place) + 1 : place]
            if between.shape[1]:
                counts = counts & between.any(axis=1)
            positions[counts] = place + 1
        return positions


def median_position(positions: Iterable[int]) -> Optional[float]:
    """The median of those who have begun; ``None`` if nobody has."""
    begun = [position for position in positions if position]
    return float(median(begun)) if begun else None


def well_behind(positions: Sequence[int], finished: Sequence[bool]) -> list[bool]:
    """Who is well behind the class, in the order of the positions.

    That is who has steps to do, is at least two steps behind the median of those who have begun, and more than
    twice as far from it as half of the class is (the median absolute deviation, those who have not begun
    included). So it is never half of a class: where many are far from each other, or most have not begun,
    nobody is well behind.
    """
    middle = median_position(positions)
    if middle is None:
        return [False] * len(positions)
    spread = median_high(abs(position - middle) for position in positions)
    return [
        not done and middle - position >= _LEAST_GAP and middle - position > _USUAL_SPREAD * spread
        for position, done in zip(positions, finished, strict=True)
    ]
