"""Executions of tools: what people did, seen from the jobs that Galaxy made of it.

An execution is one job, or the jobs that Galaxy made of one request for the elements of a collection. A job that
repeats another one, with the same tool and inputs, takes its place: the newest counts.
"""

from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    replace,
)
from functools import cached_property
from typing import (
    Any,
    Optional,
)

import numpy as np

from .class_jobs import (
    ClassJobs,
    FAILED as _FAILED,
    greatest,
    Ints,
    Mask,
    SUCCEEDED,
)
from .steps import tool_key

#: Galaxy's states of jobs. A job that was skipped because of a workflow's condition needs nobody any more, and who
#: stops an interactive tool keeps its results.
DONE = frozenset({*SUCCEEDED, "skipped", "stopped"})
FAILED = frozenset(_FAILED)
#: Jobs that have not begun. Paused ones will not, unless somebody does something.
QUEUED = frozenset(("new", "upload", "waiting", "queued", "resubmitted", "paused"))
RUNNING = frozenset(("running", "setting_metadata", "stop"))
#: Jobs in all other states, above all deleted ones, are ignored.
COUNTED = DONE | FAILED | QUEUED | RUNNING


@dataclass(frozen=True)
class Executions:
    """One place for each execution in each column, in the order in which they were begun."""

    #: The place of its user among the members.
    person: Ints
    #: The place of its tool's key in :attr:`keys`.
    tool: Ints
    #: Its step in a workflow run; 0: none.
    invoked: Ints
    #: As :class:`Jobs` has it.
    newest_input: Ints
    #: Numbers of its elements.
    done: Ints
    failed: Ints
    running: Ints
    queued: Ints
    #: Whether one of them succeeded by itself.
    ok: Mask
    #: When the newest of its jobs was created.
    created: Ints
    #: Keys of tools.
    keys: tuple[str, ...]
    #: How many members there are.
    members: int

    def __len__(self) -> int:
        return len(self.person)

    @property
    def elements(self) -> Ints:
        return self.done + self.failed + self.running + self.queued

    @cached_property
    def last_success(self) -> Ints:
        """Of each member, when the newest execution that succeeded was begun; ``NEVER`` if there is none."""
        succeeded = self.ok & (self.done == self.elements)
        return greatest(self.members, self.person[succeeded], self.created[succeeded])

    @cached_property
    def failing(self) -> Mask:
        """Which of them failed, or some of their elements, and nothing of the same person succeeded since."""
        return (self.failed > 0) & (self.created > self.last_success[self.person])

    @property
    def failing_members(self) -> Mask:
        return np.bincount(self.person[self.failing], minlength=self.members) > 0


def retries(jobs: ClassJobs) -> tuple[Mask, Mask]:
    """Which jobs failed, by themselves, before somebody tried the tool again, and which came after such ones."""
    key_of_tool, _ = _keys(jobs.tools)
    group = _groups(jobs.person, key_of_tool[jobs.tool])
    size = len(group)
    alone = jobs.is_in(FAILED) & (jobs.mapped == 0)
    has_failed = alone & (jobs.id < greatest(size, group, jobs.id)[group])
    first_failure = -greatest(size, group[has_failed], -jobs.id[has_failed])[group]
    return has_failed, (first_failure > 0) & (jobs.id > first_failure)


def with_remaps(jobs: ClassJobs, remapped: Mapping[int, int], left: Collection[int]) -> ClassJobs:
    """The jobs, where what Galaxy took for a repetition is one, whatever its inputs.

    :param remapped: of a job the failed one whose results it replaced.
    :param left: failed jobs whose place in a collection another one has.
    """
    if remapped:
        inputs = jobs.inputs.copy()
        # The newest first: one may have taken over from another.
        for job_id, failed_id in sorted(remapped.items(), reverse=True):
            new, failed = np.searchsorted(jobs.id, (job_id, failed_id))
            if failed < len(inputs) and jobs.id[failed] == failed_id:
                inputs[failed] = inputs[new]
        jobs = replace(jobs, inputs=inputs)
    return jobs.where(~np.isin(jobs.id, list(left))) if left else jobs


def variants(
    jobs: ClassJobs, paths: Mapping[int, Hashable], parameters: Callable[[Sequence[int]], Mapping[int, Hashable]]
) -> Ints:
    """Of each job a number that differs from those of other jobs with the same tool and inputs that it does not repeat.

    It repeats what has the same parameters, or has failed; and the same step of another workflow run.
    Of two steps of a workflow that have the same inputs neither repeats the other.

    :param paths: where in its workflow each step of a run is. :param parameters: looks up those of jobs by their ids.
    """
    key_of_tool, _ = _keys(jobs.tools)
    nth = _ranks(jobs.request, jobs.inputs)
    group = _groups(jobs.person, key_of_tool[jobs.tool], jobs.inputs, nth)
    result = np.zeros(len(group), dtype=np.int64)
    alike = np.flatnonzero((jobs.inputs != 0) & (np.bincount(group)[group] > 1)) if len(group) else group
    has_failed = jobs.is_in(FAILED)
    groups: dict[int, list[int]] = {}
    for place, number in zip(alike.tolist(), group[alike].tolist(), strict=True):
        groups.setdefault(number, []).append(place)
    # Most repeat a failure, or are parts of workflow runs.
    unsure = [
        places for places in groups.values() if not jobs.invoked[places].all() and not has_failed[places[:-1]].all()
    ]
    known = parameters([job_id for places in unsure for job_id in jobs.id[places].tolist()]) if unsure else {}
    for places in groups.values():
        result[places] = _variants(
            [
                (paths.get(invoked), known.get(job_id), failed)
                for invoked, job_id, failed in zip(
                    *(column[places].tolist() for column in (jobs.invoked, jobs.id, has_failed)), strict=True
                )
            ]
        )
    return result


def _variants(jobs: Sequence[tuple[Optional[Hashable], Optional[Hashable], bool]]) -> list[int]:
    """
    :param jobs: of each its path in a workflow, its parameters, and whether it failed; those with the same inputs.
    """
    by_path: dict[Hashable, int] = {}
    by_parameters: dict[Hashable, int] = {}
    has_failed: list[bool] = []
    result = []
    for path, parameters, failed in jobs:
        if path is not None:
            number = by_path.setdefault(path, len(has_failed))
        elif (same := by_parameters.get(parameters)) is not None:
            number = same
        else:
            retried = [number for number, failed in enumerate(has_failed) if failed]
            number = retried[-1] if retried else len(has_failed)
        by_parameters[parameters] = number
        has_failed[number : number + 1] = [failed]
        result.append(number)
    return result


def executions(jobs: ClassJobs, variants: Ints) -> Executions:
    """What the members executed.

    :param jobs: that are :data:`COUNTED`.
    :param variants: as :func:`variants` tells them.
    """
    key_of_tool, keys = _keys(jobs.tools)
    tool, person, request = key_of_tool[jobs.tool], jobs.person, jobs.request
    # A list may have the same dataset twice.
    nth = _ranks(request, jobs.inputs)
    element = _groups(person, tool, np.where(jobs.inputs == 0, -jobs.id, jobs.inputs), variants, nth)
    newest = _last(element)
    # Of the requests that an element is in, the one with most elements is the execution; of these the first.
    _, place, sizes = np.unique(request, return_inverse=True, return_counts=True)
    first = np.full(len(sizes), np.iinfo(np.int64).max)
    np.minimum.at(first, place, jobs.id)
    order = np.lexsort((first[place], -sizes[place], element))
    chosen = np.empty(len(newest), dtype=np.int64)
    chosen[element[order[::-1]]] = first[place][order[::-1]]
    begun, execution = np.unique(chosen, return_inverse=True)
    at = np.searchsorted(jobs.id, begun)
    size = len(begun)

    def elements(states: Any) -> Ints:
        return np.bincount(execution[jobs.is_in(states)[newest]], minlength=size)

    own = execution[element]
    return Executions(
        person=person[at],
        tool=tool[at],
        invoked=np.maximum(greatest(size, own, jobs.invoked), 0),
        newest_input=np.maximum(greatest(size, execution, jobs.newest_input[newest]), 0),
        done=elements(DONE),
        failed=elements(FAILED),
        running=elements(RUNNING),
        queued=elements(QUEUED),
        ok=elements(SUCCEEDED) > 0,
        created=greatest(size, own, jobs.created),
        keys=keys,
        members=jobs.members,
    )


def _keys(tools: Sequence[Optional[str]]) -> tuple[Ints, tuple[str, ...]]:
    """Of each tool the place of its key among the different ones, and these."""
    places: dict[str, int] = {}
    column = [places.setdefault(tool_key(tool_id or ""), len(places)) for tool_id in tools]
    return np.array(column, dtype=np.int64), tuple(places)


def _groups(*columns: Ints) -> Ints:
    """The same number where all columns are the same; numbers begin at 0."""
    order = np.lexsort(columns)
    differs = np.zeros(len(order), dtype=bool)
    for column in columns:
        differs[1:] |= np.diff(column[order]) != 0
    groups = np.empty(len(order), dtype=np.int64)
    groups[order] = np.cumsum(differs)
    return groups


def _ranks(*columns: Ints) -> Ints:
    """How many before have the same in all columns."""
    group = _groups(*columns)
    order = np.argsort(group, kind="stable")
    ranks = np.empty(len(order), dtype=np.int64)
    ranks[order] = numbers_within(group[order])
    return ranks


def numbers_within(groups: Ints) -> Ints:
    """Of each place its number within its group, from 0; groups stand together."""
    places = np.arange(len(groups))
    return places - np.maximum.accumulate(np.where(np.diff(groups, prepend=-1) != 0, places, 0))


def _last(groups: Ints) -> Ints:
    """The last place of each group."""
    result = np.full(int(groups.max()) + 1 if len(groups) else 0, -1)
    np.maximum.at(result, groups, np.arange(len(groups)))
    return result
