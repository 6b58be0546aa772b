"""Members who may need help, as far as their jobs tell.

Each kind is all of them in the order in which they are shown, under the names that they have in the API.
"""

from collections.abc import (
    Collection,
    Sequence,
)
from datetime import (
    datetime,
)
from typing import Any

import numpy as np

from ..membership.manager import Member
from .class_jobs import (
    as_times,
    ClassJobs,
    FAILED,
    Ints,
    microseconds,
)
from .executions import (
    Executions,
    QUEUED,
)

Rows = list[dict[str, Any]]


def failing(jobs: ClassJobs, executed: Executions) -> Rows:
    """Members for whom nothing has succeeded since they executed something that failed, be it for one element of a
    collection, and has not been repeated: those with most ``failures`` in a row first.

    Failures are requests with a failed job; those that were repeated count here.

    :param executed: by these jobs.
    """
    is_later = jobs.created > executed.last_success[jobs.person]
    failed = jobs.where(is_later & jobs.is_in(FAILED) & executed.failing_members[jobs.person])
    newest = failed.where(_firsts(failed.person, -failed.created, -failed.id))
    _, requests = np.unique(failed.request, return_index=True)
    failures = np.bincount(failed.person[requests], minlength=failed.members)[newest.person]
    user_ids = newest.user_ids
    order = np.lexsort((user_ids, newest.updated, -failures))
    columns = (user_ids, failures, newest.tool, newest.updated)
    users, counts, tools, times = (column[order] for column in columns)
    return [
        {"user_id": user_id, "failures": count, "tool_id": jobs.tools[tool], "failed_at": time}
        for user_id, count, tool, time in zip(
            users.tolist(), counts.tolist(), tools.tolist(), as_times(times), strict=True
        )
    ]


def waiting(jobs: ClassJobs) -> Rows:
    """Members with jobs that wait, and the oldest of these: those whose has waited longest first."""
    jobs = jobs.where(jobs.is_in(QUEUED))
    oldest = jobs.where(_firsts(jobs.person, jobs.created, jobs.id))
    user_ids = oldest.user_ids
    order = np.lexsort((user_ids, oldest.created))
    columns = (user_ids, jobs.totals()[oldest.person], oldest.tool, oldest.state, oldest.created)
    users, counts, tools, states, times = (column[order] for column in columns)
    rows = zip(users.tolist(), counts.tolist(), tools.tolist(), states.tolist(), as_times(times), strict=True)
    return [
        {
            "user_id": user_id,
            "waiting": count,
            "tool_id": jobs.tools[tool],
            "state": jobs.states[state],
            "since": time,
        }
        for user_id, count, tool, state, time in rows
    ]


def silent(
    jobs: ClassJobs,
    members: Sequence[Member],
    excused_ids: Collection[int],
    opens: datetime,
    latest: datetime,
) -> list[Member]:
    """Members but the excused ones who have started no job since they joined, in the order of joining.

    When that was is unknown of some who were put into the group by other means.

    :param jobs: from the opening of the training's window on.
    :param members: in the order in which the jobs count them.
    :param latest: by when somebody must have joined.
    """
    excused = set(excused_ids)
    # In half the time that numpy takes to make them of times.
    joined = np.array([microseconds(member.joined_at or opens) for member in members], dtype=np.int64)
    is_silent = (joined <= microseconds(latest)) & (jobs.last(jobs.created) < joined)
    found = [members[place] for place in np.flatnonzero(is_silent).tolist() if members[place].user_id not in excused]
    return sorted(found, key=lambda member: (member.joined_at or opens, member.membership_id))


def _firsts(person: Ints, *keys: Ints) -> Any:
    """Which job of each member is the first in the order of the keys."""
    order = np.lexsort((*keys[::-1], person))
    is_first = np.zeros(len(person), dtype=bool)
    is_first[order[np.flatnonzero(np.diff(person[order], prepend=-1))]] = True
    return is_first
