"""How far the members of a class are, seen from the jobs that they ran."""

from collections.abc import (
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from enum import Enum
from statistics import (
    median,
    median_high,
)
from typing import Optional

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


@dataclass(slots=True)
class Work:
    """What a member did with one tool."""

    done: int = 0
    running: int = 0
    failed: int = 0
    #: Ids of the newest jobs, which grow with time.
    newest_done: int = 0
    newest_failed: int = 0

    def add(self, state: Optional[str], count: int, newest_id: int) -> None:
        """Add jobs in the same state, the newest of which has this id."""
        if state in DONE:
            self.done += count
            if newest_id > self.newest_done:
                self.newest_done = newest_id
        elif state in FAILED:
            self.failed += count
            if newest_id > self.newest_failed:
                self.newest_failed = newest_id
        elif state in RUNNING:
            self.running += count


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

    def states(self, work: Mapping[str, Work]) -> list[StepState]:
        """The state of each step for the member who did this, by the key of the tool."""
        states = [StepState.NOT_STARTED] * len(self.steps)
        for tool, places in self._places.items():
            if tool not in work:
                continue
            of_tool = work[tool]
            for place in places[: of_tool.done]:
                states[place] = StepState.DONE
            if of_tool.done < len(places):
                states[places[of_tool.done]] = _unfinished(of_tool)
        return states

    def position(self, states: Sequence[StepState]) -> int:
        """Where a member is: the number of the last step that they have begun, 0 before the first.

        Who runs a tool on several datasets at once has done, going by the jobs, a later step with the same tool
        too. So that does not count before something between these two steps was begun as well.
        """
        for place in reversed(range(len(states))):
            if states[place] is not StepState.NOT_STARTED:
                between = states[self._earlier[place] + 1 : place] if place in self._earlier else ()
                if not between or any(state is not StepState.NOT_STARTED for state in between):
                    return place + 1
        return 0


def _unfinished(work: Work) -> StepState:
    if work.running:
        return StepState.RUNNING
    return StepState.FAILED if work.newest_failed > work.newest_done else StepState.NOT_STARTED


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
