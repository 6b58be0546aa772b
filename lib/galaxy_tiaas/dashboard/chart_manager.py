"""What the charts of the dashboard are drawn from: jobs over time, and how long they waited before they ran.

Beside :mod:`.activity` the only place that reads jobs. How long jobs waited is looked up job by job, in the
history of their states, and thus of so many at most, however busy the server is: of more than that, every
second, third … one.
"""

from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

from galaxy.model import (
    Job,
    JobStateHistory,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    exists,
    func,
    literal,
    ScalarSelect,
    Select,
    select,
)

from ..core.db import seconds_since_1970
from ..routing.decision import is_internal_tool
from .activity_manager import (
    ActivityManager,
    made_here,
    Scope,
    within,
)

#: Galaxy's column for the state may be empty.
_UNKNOWN = "unknown"
#: Of how many jobs the history is looked up.
MOST_LOOKED_AT = 5000


@dataclass(frozen=True)
class StateCount:
    """A number of jobs in one state that were created within one span of time."""

    start: datetime
    state: str
    count: int


@dataclass(frozen=True)
class Wait:
    """How long a job of somebody waited from its creation until it first ran.

    Not of Galaxy's internal tools: uploads and the like do not stand in the queues that a training is about.
    """

    user_id: int
    seconds: float


@dataclass(frozen=True)
class Waits:
    waits: list[Wait]
    #: Whether only some of the jobs were looked at.
    sampled: bool


class ChartManager:
    """Sums are made by the database and are exact; waits are of a bounded number of jobs."""

    def __init__(self, session: galaxy_scoped_session, activity: ActivityManager):
        self.session = session
        self.activity = activity

    def states(self, scope: Scope, seconds: int) -> list[StateCount]:
        """The jobs in the scope by their present state and the time of their creation, in spans of so many seconds.

        Spans begin where the seconds since 1970 are a multiple of their length.
        """
        created = seconds_since_1970(self.session, Job.create_time)
        start = created - created % seconds
        statement = self.activity.jobs(scope, start, Job.state, func.count()).group_by(start, Job.state)
        return [
            StateCount(datetime(1970, 1, 1) + timedelta(seconds=int(since_1970)), state or _UNKNOWN, count)
            for since_1970, state, count in self.session.execute(statement)
        ]

    def waits_of_members(self, scope: Scope, jobs: int) -> Waits:
        """How long the jobs in the scope waited; of those who have not run yet nothing is known.

        :param jobs: how many jobs there are in the scope.
        """
        step = -(-jobs // MOST_LOOKED_AT)
        number = func.row_number().over(order_by=Job.id).label("number")
        ours = self.activity.jobs(scope, Job.id, number).subquery()
        statement = _runs().join(ours, ours.c.id == Job.id).where(ours.c.number % max(step, 1) == 0)
        return Waits(self._waits(statement), sampled=step > 1)

    def waits_of_others(self, scope: Scope) -> Waits:
        """The same of all other accounts of the server in the same time."""
        first = scope.first_job_id
        last = scope.end_job_id or self.session.scalar(select(func.max(Job.id))) or 0
        step = -(-(last - first + 1) // MOST_LOOKED_AT)
        ids = select(literal(first).label("id")).cte("ids", recursive=True)
        ids = ids.union_all(select(ids.c.id + max(step, 1)).where(ids.c.id + max(step, 1) <= last))
        is_member = exists().where(
            UserGroupAssociation.group_id == scope.group_id, UserGroupAssociation.user_id == Job.user_id
        )
        statement = (
            _runs()
            .join(ids, ids.c.id == Job.id)
            .where(*within(scope, Job.create_time), Job.user_id.is_not(None), ~is_member)
        )
        return Waits(self._waits(statement), sampled=step > 1)

    def _waits(self, statement: Select[Any]) -> list[Wait]:
        # The clocks of the processes that create a job and start it may differ a little.
        return [
            Wait(user_id, max((started - created).total_seconds(), 0))
            for user_id, tool_id, created, started in self.session.execute(statement)
            if started is not None and not is_internal_tool(tool_id)
        ]


def _runs() -> Select[Any]:
    """Whose each job is, of which tool, when it was created, and when it first ran.

    What came with an imported history ran elsewhere, another time.
    """
    return select(Job.user_id, Job.tool_id, Job.create_time, _first_run()).select_from(Job).where(*made_here(Job))


def _first_run() -> ScalarSelect[datetime]:
    return (
        select(func.min(JobStateHistory.create_time))
        .where(JobStateHistory.job_id == Job.id, JobStateHistory.state == Job.states.RUNNING.value)
        .scalar_subquery()
    )
