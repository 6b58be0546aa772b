"""Who in a class may need help, as far as their jobs tell."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

from galaxy.model import (
    Job,
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    case,
    func,
    or_,
    select,
)
from sqlalchemy.orm import aliased

from .activity_manager import (
    ActivityManager,
    FAILED,
    Scope,
    SUCCEEDED,
)

#: States of jobs that have not begun. Paused ones will not, unless somebody does something.
WAITING = ("new", "upload", "waiting", "queued", "resubmitted", "paused")


@dataclass(frozen=True)
class Failing:
    """A member whose newest job that came to an end failed, as did ``failures`` in a row."""

    user_id: int
    failures: int
    tool_id: Optional[str]
    failed_at: datetime


@dataclass(frozen=True)
class Waiting:
    """A member with jobs that wait, and the oldest of these jobs."""

    user_id: int
    waiting: int
    tool_id: Optional[str]
    state: str
    since: datetime


@dataclass(frozen=True)
class Silent:
    """A member without a job; when they joined is unknown of some who were put into the group by other means."""

    user_id: int
    joined_at: Optional[datetime]


class HelpManager:
    """Totals are counted by the database and are exact; lists are cut. One query for each."""

    def __init__(self, session: galaxy_scoped_session, activity: ActivityManager):
        self.session = session
        self.activity = activity

    def failing(self, scope: Scope, limit: int) -> tuple[int, list[Failing]]:
        """Members whose newest job that came to an end failed: those with most failures in a row first."""
        # Of each member one row for each job that failed, and one for all that succeeded.
        failed_id = case((Job.state.in_(FAILED), Job.id)).label("failed_id")
        newest = [func.max(column).label(column.key) for column in (Job.create_time, Job.tool_id, Job.update_time)]
        jobs = self.activity.jobs(scope, Job.user_id, failed_id, *newest).where(Job.state.in_(SUCCEEDED + FAILED))
        ended = jobs.group_by(Job.user_id, failed_id).cte("ended")
        success = aliased(ended)
        job = ended.c
        newest_first = (job.create_time.desc(), job.failed_id.desc())
        in_a_row = (
            select(
                job.user_id,
                job.tool_id,
                job.update_time,
                func.count().over(partition_by=job.user_id).label("failures"),
                func.row_number().over(partition_by=job.user_id, order_by=newest_first).label("number"),
            )
            .outerjoin(success, and_(success.c.user_id == job.user_id, success.c.failed_id.is_(None)))
            .where(job.failed_id.is_not(None))
            .where(or_(success.c.create_time.is_(None), job.create_time > success.c.create_time))
            .subquery()
            .c
        )
        statement = (
            select(func.count().over(), in_a_row.user_id, in_a_row.failures, in_a_row.tool_id, in_a_row.update_time)
            .where(in_a_row.number == 1)
            .order_by(in_a_row.failures.desc(), in_a_row.update_time, in_a_row.user_id)
            .limit(limit)
        )
        rows = list(self.session.execute(statement))
        return rows[0][0] if rows else 0, [Failing(*row[1:]) for row in rows]

    def waiting(self, scope: Scope, limit: int) -> tuple[int, list[Waiting]]:
        """Members with jobs that wait: those whose oldest one has waited longest first."""
        oldest_first = (Job.create_time, Job.id)
        jobs = (
            self.activity.jobs(
                scope,
                Job.user_id,
                func.count().over(partition_by=Job.user_id).label("waiting"),
                Job.tool_id,
                Job.state,
                Job.create_time,
                func.row_number().over(partition_by=Job.user_id, order_by=oldest_first).label("number"),
            )
            .where(Job.state.in_(WAITING))
            .subquery()
        )
        oldest = (jobs.c.user_id, jobs.c.waiting, jobs.c.tool_id, jobs.c.state, jobs.c.create_time)
        statement = (
            select(func.count().over(), *oldest)
            .where(jobs.c.number == 1)
            .order_by(jobs.c.create_time, jobs.c.user_id)
            .limit(limit)
        )
        rows = list(self.session.execute(statement))
        return rows[0][0] if rows else 0, [Waiting(*row[1:]) for row in rows]

    def silent(
        self, scope: Scope, teacher_ids: Collection[int], now: datetime, grace: timedelta, limit: int
    ) -> tuple[int, list[Silent]]:
        """Members but the teachers who have started no job in the scope since they joined, in the order of joining.

        :param scope: from the opening of the training's window on.
        :param grace: how long somebody may have been in before it is said.
        """
        membership, user = aliased(UserGroupAssociation), aliased(User)
        joined = func.coalesce(membership.create_time, scope.since)
        newest = self.activity.jobs(scope, Job.user_id, func.max(Job.create_time).label("created"))
        job = newest.group_by(Job.user_id).subquery()
        statement = (
            select(func.count().over(), user.id, membership.create_time)
            .select_from(membership)
            .join(user, user.id == membership.user_id)
            .outerjoin(job, job.c.user_id == user.id)
            .where(
                membership.group_id == scope.group_id,
                user.deleted.is_(False),
                user.id.not_in(teacher_ids),
                joined <= now - grace,
                or_(job.c.created.is_(None), job.c.created < joined),
            )
            .order_by(joined, membership.id)
            .limit(limit)
        )
        rows = list(self.session.execute(statement))
        return rows[0][0] if rows else 0, [Silent(*row[1:]) for row in rows]
