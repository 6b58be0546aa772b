"""The steps of trainings in the database, and workflows that they can be taken from."""

from collections import defaultdict
from collections.abc import (
    Collection,
    Sequence,
)
from dataclasses import dataclass
from typing import (
    Any,
    Optional,
)

from galaxy.model import (
    DynamicTool,
    StoredWorkflow,
    StoredWorkflowUserShareAssociation,
    WorkflowStep,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    ColumnElement,
    delete,
    func,
    insert,
    or_,
    Select,
    select,
)

from ..core.model import (
    Training,
    TrainingStep,
)
from .steps import (
    Step,
    steps_of_workflow,
)


@dataclass(frozen=True)
class WorkflowChoice:
    """A workflow that somebody may choose."""

    id: int
    name: str
    own: bool


class StepManager:
    """Reads steps, and replaces all those of a training at once."""

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
        rows = [
            {"training_id": training.id, "position": step.position, "label": step.label, "tool_id": step.tool_id}
            for step in steps
        ]
        if rows:
            self.session.execute(insert(TrainingStep), rows)

    def workflows(self, user_id: int, limit: int) -> list[WorkflowChoice]:
        """Workflows that somebody owns or others have shared with them, those changed last first."""
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
        return [WorkflowChoice(id, name or "unnamed", bool(own)) for id, name, own in self.session.execute(statement)]

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
