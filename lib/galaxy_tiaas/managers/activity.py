"""What the members of a training are doing: the only place that reads jobs and workflow invocations."""

from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    Optional,
)

from galaxy.model import (
    History,
    Job,
    User,
    UserGroupAssociation,
    WorkflowInvocation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    func,
    Select,
    select,
)

from ..model import Training

#: Galaxy's columns for states may be empty.
_UNKNOWN = "unknown"


@dataclass(frozen=True)
class JobGroup:
    """Jobs of one member with one tool in one state; ``newest`` is when the last of them was created."""

    user_id: int
    tool_id: Optional[str]
    state: str
    count: int
    newest: datetime


@dataclass(frozen=True)
class Activity:
    """One job or invocation in a queue."""

    user_id: int
    state: str
    create_time: datetime
    update_time: datetime
    tool_id: Optional[str] = None


class ActivityManager:
    """Counts are made by the database and are exact; lists are cut to the newest."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def job_groups(self, training: Training, since: datetime) -> list[JobGroup]:
        """All jobs that live members created since then, counted by member, tool and state."""
        statement = (
            select(Job.user_id, Job.tool_id, Job.state, func.count(), func.max(Job.create_time))
            .where(Job.user_id.in_(self._live_members(training)), Job.create_time >= since)
            .group_by(Job.user_id, Job.tool_id, Job.state)
        )
        return [
            JobGroup(user_id, tool_id, state or _UNKNOWN, count, newest)
            for user_id, tool_id, state, count, newest in self.session.execute(statement)
        ]

    def newest_jobs(self, training: Training, since: datetime, limit: int) -> list[Activity]:
        """The newest of these jobs, newest first."""
        statement = (
            select(Job.user_id, Job.state, Job.create_time, Job.update_time, Job.tool_id)
            .where(Job.user_id.in_(self._live_members(training)), Job.create_time >= since)
            .order_by(Job.create_time.desc(), Job.id.desc())
            .limit(limit)
        )
        return [
            Activity(user_id, state or _UNKNOWN, created, updated, tool_id)
            for user_id, state, created, updated, tool_id in self.session.execute(statement)
        ]

    def invocation_states(self, training: Training, since: datetime) -> dict[str, int]:
        """Workflow invocations that live members started since then, by state."""
        statement = self._invocations(select(WorkflowInvocation.state, func.count()), training, since).group_by(
            WorkflowInvocation.state
        )
        return {state or _UNKNOWN: count for state, count in self.session.execute(statement)}

    def newest_invocations(self, training: Training, since: datetime, limit: int) -> list[Activity]:
        """The newest of these invocations, newest first."""
        columns = select(
            History.user_id, WorkflowInvocation.state, WorkflowInvocation.create_time, WorkflowInvocation.update_time
        )
        statement = (
            self._invocations(columns, training, since)
            .order_by(WorkflowInvocation.create_time.desc(), WorkflowInvocation.id.desc())
            .limit(limit)
        )
        return [
            Activity(user_id, state or _UNKNOWN, created, updated)
            for user_id, state, created, updated in self.session.execute(statement)
        ]

    def _invocations(self, statement: Select[Any], training: Training, since: datetime) -> Select[Any]:
        return (
            statement.select_from(WorkflowInvocation)
            .join(History, History.id == WorkflowInvocation.history_id)
            .where(History.user_id.in_(self._live_members(training)), WorkflowInvocation.create_time >= since)
        )

    def _live_members(self, training: Training) -> Select[tuple[int]]:
        return (
            select(UserGroupAssociation.user_id)
            .join(User, User.id == UserGroupAssociation.user_id)
            .where(UserGroupAssociation.group_id == training.group_id, User.deleted.is_(False))
        )
