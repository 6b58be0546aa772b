"""What the charts, the list of those who need help, and the steps of a class are made of.

Beside :mod:`.activity_manager` the only place of the dashboard that reads jobs.
"""

from collections import defaultdict
from collections.abc import (
    Collection,
    Sequence,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.model import (
    DynamicTool,
    Job,
    JobStateHistory,
    StoredWorkflow,
    StoredWorkflowUserShareAssociation,
    User,
    UserGroupAssociation,
    WorkflowStep,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    case,
    ColumnElement,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    RowMapping,
    Select,
    select,
)
from sqlalchemy.orm import aliased

from ..core.db import seconds_since_1970
from ..core.model import (
    Training,
    TrainingStep,
)
from ..routing.decision import is_internal_tool
from .activity_manager import (
    ActivityManager,
    FAILED,
    made_here,
    Scope,
    SUCCEEDED,
    UNKNOWN,
    within,
)
from .steps import (
    Step,
    steps_of_workflow,
)

#: Of how many jobs the history is looked up.
MOST_LOOKED_AT = 5000
#: States of jobs that have not begun. Paused ones will not, unless somebody does something.
WAITING = ("new", "upload", "waiting", "queued", "resubmitted", "paused")

#: How many rows there are without a limit.
_TOTAL = func.count().over().label("total")


class WaitSample(NamedTuple):
    """How long jobs waited from their creation until they first ran.

    Not those of Galaxy's internal tools: uploads and the like do not stand in the queues that a training is about.
    """

    #: Of each job, the id of its user and the seconds.
    waits: list[tuple[int, float]]
    #: Whether only some of the jobs were looked at.
    sampled: bool


class ChartManager:
    """Sums are made by the database and are exact; waits are of a bounded number of jobs.

    How long jobs waited is looked up job by job, in the history of their states, and thus of so many at most, however
    busy the server is: of more than that, every second, third … one.
    """

    def __init__(self, session: galaxy_scoped_session, activity: ActivityManager):
        self.session = session
        self.activity = activity

    def states(self, scope: Scope, seconds: int) -> list[tuple[datetime, str, int]]:
        """The jobs in the scope by the time of their creation, in spans of so many seconds, and their present state.

        Spans begin where the seconds since 1970 are a multiple of their length.
        """
        created = seconds_since_1970(self.session, Job.create_time)
        start = created - created % seconds
        statement = self.activity.jobs(scope, start, Job.state, func.count()).group_by(start, Job.state)
        return [
            (datetime(1970, 1, 1) + timedelta(seconds=int(since_1970)), state or UNKNOWN, count)
            for since_1970, state, count in self.session.execute(statement)
        ]

    def waits_of_members(self, scope: Scope, jobs: int) -> WaitSample:
        """How long the jobs in the scope waited; of those who have not run yet nothing is known.

        :param jobs: how many jobs there are in the scope.
        """
        step = -(-jobs // MOST_LOOKED_AT)
        number = func.row_number().over(order_by=Job.id).label("number")
        ours = self.activity.jobs(scope, Job.id, number).subquery()
        statement = _runs().join(ours, ours.c.id == Job.id).where(ours.c.number % max(step, 1) == 0)
        return self._sample(statement, sampled=step > 1)

    def waits_of_others(self, scope: Scope) -> WaitSample:
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
        return self._sample(statement, sampled=step > 1)

    def _sample(self, statement: Select[Any], sampled: bool) -> WaitSample:
        # The clocks of the processes that create a job and start it may differ a little.
        waits = [
            (user_id, max((started - created).total_seconds(), 0))
            for user_id, tool_id, created, started in self.session.execute(statement)
            if started is not None and not is_internal_tool(tool_id)
        ]
        return WaitSample(waits, sampled)


def _runs() -> Select[Any]:
    """Whose each job is, of which tool, when it was created, and when it first ran.

    What came with an imported history ran elsewhere, another time.
    """
    first_run = (
        select(func.min(JobStateHistory.create_time))
        .where(JobStateHistory.job_id == Job.id, JobStateHistory.state == Job.states.RUNNING.value)
        .scalar_subquery()
    )
    return select(Job.user_id, Job.tool_id, Job.create_time, first_run).select_from(Job).where(*made_here(Job))


class HelpManager:
    """Members who may need help, as far as their jobs tell: one query for each kind.

    Each answers with the first of them, under the names that they have in the API, and says in each row how many there
    are in ``total``.
    """

    def __init__(self, session: galaxy_scoped_session, activity: ActivityManager):
        self.session = session
        self.activity = activity

    def failing(self, scope: Scope, limit: int) -> Sequence[RowMapping]:
        """Members whose newest job that came to an end failed, as did ``failures`` in a row: those with most first."""
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
            select(
                _TOTAL, in_a_row.user_id, in_a_row.failures, in_a_row.tool_id, in_a_row.update_time.label("failed_at")
            )
            .where(in_a_row.number == 1)
            .order_by(in_a_row.failures.desc(), in_a_row.update_time, in_a_row.user_id)
            .limit(limit)
        )
        return self.session.execute(statement).mappings().all()

    def waiting(self, scope: Scope, limit: int) -> Sequence[RowMapping]:
        """Members with jobs that wait, and the oldest of these: those whose has waited longest first."""
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
        oldest = (jobs.c.user_id, jobs.c.waiting, jobs.c.tool_id, jobs.c.state, jobs.c.create_time.label("since"))
        statement = (
            select(_TOTAL, *oldest).where(jobs.c.number == 1).order_by(jobs.c.create_time, jobs.c.user_id).limit(limit)
        )
        return self.session.execute(statement).mappings().all()

    def silent(
        self, scope: Scope, teacher_ids: Collection[int], now: datetime, grace: timedelta, limit: int
    ) -> Sequence[RowMapping]:
        """Members but the teachers who have started no job in the scope since they joined, in the order of joining.

        When that was is unknown of some who were put into the group by other means.

        :param scope: from the opening of the training's window on.
        :param grace: how long somebody may have been in before it is said.
        """
        membership, user = aliased(UserGroupAssociation), aliased(User)
        joined = func.coalesce(membership.create_time, scope.since)
        newest = self.activity.jobs(scope, Job.user_id, func.max(Job.create_time).label("created"))
        job = newest.group_by(Job.user_id).subquery()
        statement = (
            select(_TOTAL, user.id.label("user_id"), membership.create_time.label("joined_at"))
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
        return self.session.execute(statement).mappings().all()


class StepManager:
    """The steps of trainings, and the workflows that they can be taken from."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def of(self, training: Training) -> list[Step]:
        """The steps of a training in their order; none if it has none."""
        statement = (
            select(TrainingStep.position, TrainingStep.label, TrainingStep.tool_id)
            .where(TrainingStep.training_id == training.id)
            .order_by(TrainingStep.position)
        )
        return [Step(*row) for row in self.session.execute(statement)]

    def replace(self, training: Training, steps: Sequence[Step]) -> None:
        """Give a training these steps instead of those that it has."""
        self.session.execute(delete(TrainingStep).where(TrainingStep.training_id == training.id))
        rows = [{"training_id": training.id, **vars(step)} for step in steps]
        if rows:
            self.session.execute(insert(TrainingStep), rows)

    def workflows(self, user_id: int, limit: int) -> list[tuple[int, str, bool]]:
        """Workflows that somebody owns or others have shared with them, those changed last first.

        :returns: of each its id, its name, and whether it is their own.
        """
        statement = (
            select(StoredWorkflow.id, StoredWorkflow.name, StoredWorkflow.user_id == user_id)
            .where(
                or_(StoredWorkflow.user_id == user_id, self._is_shared_with(user_id)),
                StoredWorkflow.deleted.is_(False),
                StoredWorkflow.hidden.is_(False),
            )
            .order_by(StoredWorkflow.update_time.desc(), StoredWorkflow.id.desc())
            .limit(limit)
        )
        return [(id, name or "unnamed", bool(own)) for id, name, own in self.session.execute(statement)]

    def newest_version(self, stored_id: int, user_id: Optional[int], *, see_all: bool) -> Optional[int]:
        """The id of the newest version of a stored workflow, if somebody may use it.

        As in Galaxy's ``WorkflowsManager.get_stored_accessible_workflow``, that are its owner, those it is shared
        with, and everybody if it is accessible by link or published.

        :param see_all: for admins.
        """
        statement = select(StoredWorkflow.latest_workflow_id).where(
            StoredWorkflow.id == stored_id, StoredWorkflow.deleted.is_(False)
        )
        if not see_all:
            is_open = [StoredWorkflow.importable.is_(True), StoredWorkflow.published.is_(True)]
            own = [] if user_id is None else [StoredWorkflow.user_id == user_id, self._is_shared_with(user_id)]
            statement = statement.where(or_(*is_open, *own))
        return self.session.scalar(statement)

    def of_workflow(self, workflow_id: int) -> list[Step]:
        """The tools of a version of a workflow in the order in which they run, those of subworkflows in their place.

        :raises UnusableSteps: if there are none, or too many.
        """
        workflows: defaultdict[int, dict[str, list[Any]]] = defaultdict(lambda: {"steps": []})
        wanted = {workflow_id}
        while wanted:
            found: set[int] = set()
            for row in self.session.execute(self._entries(wanted)):
                entry = {"type": row.type, "tool_id": row.tool_id, "label": row.label}
                if row.subworkflow_id is not None:
                    entry["subworkflow"] = workflows[row.subworkflow_id]
                    found.add(row.subworkflow_id)
                workflows[row.workflow_id]["steps"].append(entry)
            read = {id for id, workflow in workflows.items() if workflow["steps"]} | wanted
            wanted = found - read
        return steps_of_workflow(workflows[workflow_id])

    @staticmethod
    def _entries(workflow_ids: Collection[int]) -> Select[Any]:
        """The steps of workflows; Galaxy has put them in the order in which they can run."""
        return (
            select(
                WorkflowStep.workflow_id,
                WorkflowStep.subworkflow_id,
                WorkflowStep.type,
                func.coalesce(WorkflowStep.tool_id, DynamicTool.tool_id).label("tool_id"),
                WorkflowStep.label,
            )
            .outerjoin(DynamicTool, DynamicTool.id == WorkflowStep.dynamic_tool_id)
            .where(WorkflowStep.workflow_id.in_(workflow_ids))
            .order_by(WorkflowStep.order_index)
        )

    @staticmethod
    def _is_shared_with(user_id: int) -> ColumnElement[bool]:
        shared = select(StoredWorkflowUserShareAssociation.stored_workflow_id).where(
            StoredWorkflowUserShareAssociation.user_id == user_id
        )
        return StoredWorkflow.id.in_(shared)
