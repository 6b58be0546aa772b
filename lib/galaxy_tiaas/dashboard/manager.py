"""What the charts and the steps of a class are made of.

Beside :mod:`.activity_manager` the only place of the dashboard that reads jobs.
"""

from collections.abc import (
    Collection,
    Sequence,
)
from datetime import datetime
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
    Workflow,
    WorkflowStep,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    bindparam,
    ColumnElement,
    delete,
    func,
    insert,
    or_,
    Select,
    select,
    String,
)

from ..compat.tools import ToolNames
from ..core.db import (
    as_parameter,
    dialect_of,
    is_one_of,
)
from ..core.model import (
    Training,
    TrainingStep,
)
from ..routing.decision import is_internal_tool
from .activity_manager import (
    FirstRun,
    JobCache,
    Scope,
)
from .class_jobs import ClassJobs
from .steps import (
    shown_label,
    Step,
    steps_of_workflow,
)

#: Of how many jobs the history is looked up.
MOST_LOOKED_AT = 5000
#: By the kind of database; to put it together takes a while.
_first_runs: dict[str, Select[Any]] = {}


class WaitSample(NamedTuple):
    """How long jobs waited from their creation until they first ran.

    Not those of Galaxy's internal tools: uploads and the like do not stand in the queues that a training is about.
    """

    #: Of each job, the id of its user and the seconds.
    waits: list[tuple[int, float]]
    #: Whether only some of the jobs were looked at.
    sampled: bool


class ChartManager:
    """How long jobs waited is looked up job by job, in the history of their states, and thus of a limited number of
    jobs, however busy the server is: of more than that, those whose ids are multiples of two, four …, so that most have
    been looked up before. When a job first ran never changes.
    """

    def __init__(self, session: galaxy_scoped_session, held: JobCache):
        self.session = session
        self.held = held

    def waits_of_members(self, jobs: ClassJobs) -> WaitSample:
        """How long these jobs waited; of those who have not run yet nothing is known."""
        step = _step(len(jobs.id))
        runs = self._first_runs(jobs.id[jobs.id % step == 0].tolist())
        return WaitSample([(run.user_id, run.waited) for run in runs if run.counts], sampled=step > 1)

    def waits_of_others(self, scope: Scope) -> WaitSample:
        """The same of all other accounts of the server in the same time."""
        first = scope.ids.first(Job)
        last = scope.ids.end(Job) or self.session.scalar(select(func.max(Job.id))) or 0
        step = _step(last - first + 1)
        members, until = frozenset(scope.member_ids), scope.until or datetime.max
        waits = [
            (run.user_id, run.waited)
            for run in self._first_runs(range(-(-first // step) * step, last + 1, step))
            if run.counts and scope.since <= run.created < until and run.user_id not in members
        ]
        return WaitSample(waits, sampled=step > 1)

    def _first_runs(self, job_ids: Sequence[int]) -> list[FirstRun]:
        """Of those that have run, in the order of their ids."""
        return list(self.held.first_runs.look_up(job_ids, self._read_first_runs).values())

    def _read_first_runs(self, job_ids: Sequence[int]) -> dict[int, FirstRun]:
        read = {}
        rows = self.session.connection().execute(self._statement(), {"ids": as_parameter(self.session, job_ids)})
        for job_id, user_id, tool_id, imported, created, started in rows:
            # What came with an imported history ran elsewhere, another time.
            counts = user_id is not None and not imported and not is_internal_tool(tool_id)
            if started is not None or not counts:
                # The clocks of the processes that create a job and start it may differ a little.
                waited = max((started - created).total_seconds(), 0) if started else 0
                read[job_id] = FirstRun(user_id, created, waited, counts)
        return read

    def _statement(self) -> Select[Any]:
        """When each job was created and first ran, whose it is, and what tells whether it counts; by ``ids``."""
        dialect = dialect_of(self.session)
        if dialect not in _first_runs:
            first_run = (
                select(func.min(JobStateHistory.create_time))
                .where(JobStateHistory.job_id == Job.id, JobStateHistory.state == Job.states.RUNNING.value)
                .scalar_subquery()
            )
            columns = (Job.id, Job.user_id, Job.tool_id, Job.imported, Job.create_time, first_run)
            is_wanted = is_one_of(self.session, Job.id, bindparam("ids", type_=String))
            _first_runs[dialect] = select(*columns).where(is_wanted)
        return _first_runs[dialect]


def _step(jobs: int) -> int:
    """A power of two, so that what is in a smaller sample was in the larger one."""
    step = 1
    while jobs > step * MOST_LOOKED_AT:
        step *= 2
    return step


class StepManager:
    """The steps of trainings, and the workflows that they can be taken from."""

    def __init__(self, session: galaxy_scoped_session, tools: ToolNames):
        self.session = session
        self.tools = tools

    def of(self, training: Training) -> list[Step]:
        """The steps of a training in their order; none if it has none."""
        statement = (
            select(TrainingStep.position, TrainingStep.label, TrainingStep.tool_id, TrainingStep.section)
            .where(TrainingStep.training_id == training.id)
            .order_by(TrainingStep.position)
        )
        return [
            Step(position, shown_label(label, tool_id, self.tools.known), tool_id, section)
            for position, label, tool_id, section in self.session.execute(statement)
        ]

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
        steps = workflow_steps(self.session, [workflow_id])
        workflows: dict[int, dict[str, list[Any]]] = {each: {"steps": []} for each in steps}
        for each, rows in steps.items():
            for row in rows:
                entry = {"type": row.type, "tool_id": row.tool_id, "label": row.label, "name": _name(row.dynamic)}
                if row.subworkflow_id is not None:
                    entry |= {"subworkflow": workflows[row.subworkflow_id], "name": row.subworkflow}
                workflows[each]["steps"].append(entry)
        return steps_of_workflow(workflows[workflow_id], self.tools.known)

    @staticmethod
    def _is_shared_with(user_id: int) -> ColumnElement[bool]:
        shared = select(StoredWorkflowUserShareAssociation.stored_workflow_id).where(
            StoredWorkflowUserShareAssociation.user_id == user_id
        )
        return StoredWorkflow.id.in_(shared)


def workflow_steps(session: galaxy_scoped_session, workflow_ids: Collection[int]) -> dict[int, list[Any]]:
    """The steps of workflows and of all their subworkflows, by workflow, in the order in which Galaxy can run them."""
    statement = (
        select(
            WorkflowStep.workflow_id,
            WorkflowStep.order_index,
            WorkflowStep.subworkflow_id,
            WorkflowStep.type,
            func.coalesce(WorkflowStep.tool_id, DynamicTool.tool_id).label("tool_id"),
            WorkflowStep.label,
            DynamicTool.value.label("dynamic"),
            Workflow.name.label("subworkflow"),
        )
        .outerjoin(DynamicTool, DynamicTool.id == WorkflowStep.dynamic_tool_id)
        .outerjoin(Workflow, Workflow.id == WorkflowStep.subworkflow_id)
        .order_by(WorkflowStep.order_index)
    )
    steps: dict[int, list[Any]] = {}
    wanted = set(workflow_ids)
    while wanted:
        steps.update({workflow_id: [] for workflow_id in wanted})
        are_wanted = is_one_of(session, WorkflowStep.workflow_id, sorted(wanted))
        rows = session.connection().execute(statement.where(are_wanted)).all()
        for row in rows:
            steps[row.workflow_id].append(row)
        wanted = {row.subworkflow_id for row in rows if row.subworkflow_id is not None} - steps.keys()
    return steps


def _name(description: Any) -> Any:
    """What somebody calls a tool that they have written themselves."""
    return description.get("name") if isinstance(description, dict) else None
