"""How far the members of a class are, seen from what they executed."""

from collections.abc import (
    Collection,
    Iterable,
    Sequence,
)
from difflib import SequenceMatcher
from enum import Enum
from functools import lru_cache
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
from .executions import (
    DONE,
    Executions,
    FAILED,
    numbers_within,
    QUEUED,
    RUNNING,
)
from .steps import (
    Step,
    tool_key,
)

#: Nobody who is less than two steps behind the median is well behind it.
_LEAST_GAP = 2
#: Nor is who is about as far from the median as most of the class is.
_USUAL_SPREAD = 2


class StepState(str, Enum):
    """Where a member is with a step."""

    NOT_STARTED = "not_started"
    #: Its job waits, or is paused.
    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"


#: As rows of numbers have them.
STATES = tuple(StepState)
_NOT_STARTED, _QUEUED, _RUNNING, _DONE, _FAILED = range(len(STATES))
#: Of the states of the elements of an execution, the first that is there is its own.
_BY_URGENCY = (_FAILED, _RUNNING, _QUEUED, _DONE)
#: Of more executions than there are steps, those count first whose state has the least number here.
_LAST_TO_COUNT = np.zeros(len(STATES), dtype=np.int64)
_LAST_TO_COUNT[[_DONE, _RUNNING, _QUEUED, _FAILED]] = range(4)


class Standing(NamedTuple):
    """Where each member is with each step: a row for each member, a column for each step."""

    #: Places in :data:`STATES`.
    states: Ints
    #: How many elements of a collection are in this state, and how many there are; 1 and 1 where there is none.
    counts: Ints
    totals: Ints


class Plan:
    """The steps of a class, against which what its members executed is held.

    Executions of a tool count for the steps with this tool: in a workflow run that has such a step, for this one, and
    of several runs the newest counts; all others for the steps that are left, in the order of their inputs, whatever
    else was done before or after. Members may leave out steps and change their order. Of more executions than steps
    those count that succeeded, else those that run, wait, or failed; a failed one without inputs is forgotten when the
    tool has been executed again, as is one without anything between it and the next execution of its tool, if the plan
    has something there.

    A step over a collection has failed if one of its elements has, else it runs if one runs, else it waits if one
    waits; only then it is done.
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
    def tools(self) -> tuple[str, ...]:
        """Keys of the tools in the order of the steps."""
        return tuple(tool_key(step.tool_id) for step in self.steps)

    def standing(self, executions: Executions, hints: Optional[Ints] = None) -> Standing:
        """Where each member is with each step.

        :param hints: of each execution the place of the step that it is in a workflow run, -1 for others.
        """
        hints = np.full(len(executions), -1) if hints is None else hints
        by_state = _by_state(executions)
        state = np.select([by_state[state] > 0 for state in _BY_URGENCY], _BY_URGENCY)
        found = np.full((executions.members, len(self.steps)), -1)
        is_of_run = hints >= 0
        # Of several runs the later one, for it was begun later.
        np.maximum.at(found, (executions.person[is_of_run], hints[is_of_run]), np.flatnonzero(is_of_run))
        for number, key in enumerate(executions.keys):
            if key in self._places:
                others = np.flatnonzero((executions.tool == number) & ~is_of_run)
                self._assign(executions, others, state, np.array(self._places[key]), found)
        self._forget_failures(executions, state, is_of_run, found)
        # At the place -1.
        states = np.append(state, _NOT_STARTED)[found]
        counts = np.column_stack([by_state, np.ones(len(STATES), dtype=np.int64)])[states, found]
        return Standing(states, counts, np.append(executions.elements, 1)[found])

    def _forget_failures(self, executions: Executions, state: Ints, is_of_run: Mask, found: Ints) -> None:
        """Who fails, and executes the tool again before anything that comes between two steps with it, tries once more:
        with a file that was corrected, or a collection without the element that failed."""
        failed = np.append((state == _FAILED) & ~is_of_run, False)
        others = np.append(~is_of_run, False)
        for place, earlier in sorted(self._earlier.items(), reverse=True):
            tries = failed[found[:, earlier]] & others[found[:, place]] & (found[:, place] > found[:, earlier])
            tries &= (found[:, earlier + 1 : place] < 0).all(axis=1) & (place > earlier + 1)
            # What comes after moves up, as if the failure had never been.
            later = [each for each in self._places[tool_key(self.steps[place].tool_id)] if each >= place]
            tries &= (others[found[:, later]] | (found[:, later] < 0)).all(axis=1)
            found[np.ix_(tries, [earlier, *later])] = np.column_stack(
                [found[np.ix_(tries, later)], np.full(int(tries.sum()), -1)]
            )

    @staticmethod
    def _assign(executions: Executions, others: Ints, state: Ints, places: Ints, found: Ints) -> None:
        """Write into ``found`` which execution of a tool is which of the steps that workflow runs have left.

        :param others: executions of this tool outside of such runs. :param places: steps with it.
        """
        person, newest_input = executions.person, executions.newest_input
        without_input = others[newest_input[others] == 0]
        last = greatest(executions.members, person[without_input], without_input)
        is_forgotten = (state[others] == _FAILED) & (newest_input[others] == 0) & (others < last[person[others]])
        others = others[~is_forgotten]
        is_free = found[:, places] < 0

        others = others[np.lexsort((others, newest_input[others], _LAST_TO_COUNT[state[others]], person[others]))]
        others = others[numbers_within(person[others]) < is_free.sum(axis=1)[person[others]]]
        is_later = (newest_input[others] == 0) & (state[others] != _DONE)
        others = others[np.lexsort((others, is_later, newest_input[others], person[others]))]
        free = np.argsort(~is_free, axis=1, kind="stable")
        found[person[others], places[free[person[others], numbers_within(person[others])]]] = others

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


@lru_cache(maxsize=256)
def aligned(tools: tuple[str, ...], of_plan: tuple[str, ...]) -> tuple[int, ...]:
    """For each tool of a workflow the place of its step in the plan, or -1.

    :param tools: keys, as :attr:`Plan.tools`.
    """
    places = [-1] * len(tools)
    for first, place, size in SequenceMatcher(None, tools, of_plan, autojunk=False).get_matching_blocks():
        places[first : first + size] = range(place, place + size)
    return tuple(places)


def _by_state(executions: Executions) -> Ints:
    """A row for each of the :data:`STATES`: how many elements of each execution are in it."""
    nothing = np.zeros(len(executions), dtype=np.int64)
    return np.stack([nothing, executions.queued, executions.running, executions.done, executions.failed])


def jobs_by_tool(jobs: ClassJobs, tools: Collection[str]) -> Ints:
    """How many jobs with each tool, given by its key, each member has done, has running, in the queue, and failed.

    Members × tools × these four.
    """
    numbers = {tool: number for number, tool in enumerate(tools)}
    tool = np.array([numbers.get(tool_key(tool_id or ""), -1) for tool_id in jobs.tools], dtype=np.int64)[jobs.tool]
    place = jobs.person * len(numbers) + tool
    size = jobs.members * len(numbers)
    masks = ((tool >= 0) & jobs.is_in(states) for states in (DONE, RUNNING, QUEUED, FAILED))
    counts = [np.bincount(place[mask], minlength=size).reshape(jobs.members, len(numbers)) for mask in masks]
    return np.stack(counts, axis=2)


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
