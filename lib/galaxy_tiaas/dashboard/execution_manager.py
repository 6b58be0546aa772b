"""What the members of a training executed, and which step of a workflow an execution is.

What is looked up here never changes, and is kept in memory.
"""

from collections.abc import (
    Collection,
    Hashable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    NamedTuple,
)

import numpy as np
from galaxy.model import (
    HistoryDatasetAssociation,
    JobParameter,
    JobToOutputDatasetAssociation,
    WorkflowInvocationStep,
    WorkflowInvocationToSubworkflowInvocationAssociation,
    WorkflowStep,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    func,
    select,
)
from sqlalchemy.orm import aliased

from ..core.db import is_one_of
from .activity_manager import (
    ActivityManager,
    JobCache,
    Scope,
)
from .class_jobs import (
    ClassJobs,
    Ints,
)
from .executions import (
    COUNTED,
    Executions,
    executions,
    retries,
    variants,
    with_remaps,
)
from .manager import workflow_steps
from .progress import (
    aligned,
    Plan,
)
from .steps import tool_key

#: Of a step: the ``order_index`` of those of its subworkflows in the workflow that runs, and its own.
Path = tuple[int, ...]

#: Parameters of a job that differ when nobody has changed anything; others that do have ``__`` in their names.
_NOT_CHOSEN = ("dbkey", "chromInfo", "rerun_remap_job_id")


class InvokedStep(NamedTuple):
    """A step of a workflow run."""

    #: The workflow that somebody ran, which may have the step in a subworkflow.
    workflow_id: int
    path: Path


@dataclass
class ExecutionManager:
    session: galaxy_scoped_session
    activity: ActivityManager
    held: JobCache

    def of(self, scope: Scope, now: datetime) -> Executions:
        """What was executed by the jobs in the scope."""
        return self.held.in_scope((Executions, scope.key, now), lambda: self._find(scope, now))

    def _find(self, scope: Scope, now: datetime) -> Executions:
        jobs = self.activity.class_jobs(scope, now)
        jobs = jobs.where(jobs.is_in(COUNTED))
        jobs = self._with_remaps(jobs)
        paths = {step_id: step.path for step_id, step in self._invoked(jobs.invoked).items()}
        return executions(jobs, variants(jobs, paths, self._parameters))

    def places(self, executions: Executions, plan: Plan) -> Ints:
        """Of each execution the place of the step that it is in a workflow run, -1 for others.

        Steps of workflows are those of the plan where the tools are the same in the same order, as far as they are.
        """
        invoked = self._invoked(executions.invoked)
        workflows = self._workflows({step.workflow_id for step in invoked.values()})
        place_of: dict[int, dict[Path, int]] = {
            workflow_id: dict(zip(tools, aligned(tuple(tools.values()), plan.tools), strict=True))
            for workflow_id, tools in workflows.items()
        }
        places = {
            step_id: place_of[step.workflow_id].get(step.path, -1)
            for step_id, step in invoked.items()
            if step.workflow_id in place_of
        }
        return np.array([places.get(step_id, -1) for step_id in executions.invoked.tolist()], dtype=np.int64)

    def _with_remaps(self, jobs: ClassJobs) -> ClassJobs:
        """Whoever runs a failed job again can let those that wait for it go on with the new results. Galaxy does not
        write down which job was repeated, but the new one takes its place in a collection, and its results have the
        numbers of the old ones in the history."""
        failed, later = retries(jobs)
        if not failed.any():
            return jobs
        remapped = self.held.remapped.look_up(jobs.id[later].tolist(), self._read_remapped)
        was_element = self.held.was_element.look_up(jobs.id[failed].tolist(), self._read_was_element)
        return with_remaps(
            jobs,
            {job_id: failed_id for job_id, failed_id in remapped.items() if failed_id},
            [job_id for job_id, was in was_element.items() if was],
        )

    def _read_remapped(self, job_ids: Sequence[int]) -> dict[int, int]:
        """Of each job the one whose results it replaced; 0: none."""
        output, failed_output = aliased(JobToOutputDatasetAssociation), aliased(JobToOutputDatasetAssociation)
        dataset, failed_dataset = aliased(HistoryDatasetAssociation), aliased(HistoryDatasetAssociation)
        same_number = (
            failed_dataset.history_id == dataset.history_id,
            failed_dataset.hid == dataset.hid,
            failed_dataset.id < dataset.id,
        )
        rows = self._rows(
            select(output.job_id, func.max(failed_output.job_id))
            .join(dataset, dataset.id == output.dataset_id)
            .join(failed_dataset, and_(*same_number))
            .join(failed_output, failed_output.dataset_id == failed_dataset.id)
            .where(failed_output.job_id < output.job_id)
            .group_by(output.job_id),
            output.job_id,
            job_ids,
        )
        return {**dict.fromkeys(job_ids, 0), **dict(map(tuple, rows))}

    def _read_was_element(self, job_ids: Sequence[int]) -> dict[int, bool]:
        """Whether a job was made for an element of a collection."""
        is_identifier = JobParameter.name.endswith("|__identifier__", autoescape=True)
        found = self._rows(select(JobParameter.job_id).where(is_identifier), JobParameter.job_id, job_ids)
        elements = {job_id for (job_id,) in found}
        return {job_id: job_id in elements for job_id in job_ids}

    def _invoked(self, step_ids: Ints) -> dict[int, InvokedStep]:
        return self.held.invoked_steps.look_up(np.unique(step_ids[step_ids > 0]).tolist(), self._read_invoked)

    def _read_invoked(self, step_ids: Sequence[int]) -> dict[int, InvokedStep]:
        steps = self._rows(
            select(
                WorkflowInvocationStep.id,
                WorkflowInvocationStep.workflow_invocation_id,
                WorkflowStep.workflow_id,
                WorkflowStep.order_index,
            ).join(WorkflowStep, WorkflowStep.id == WorkflowInvocationStep.workflow_step_id),
            WorkflowInvocationStep.id,
            step_ids,
        )
        #: Where the runs of subworkflows are: run, workflow and step that they are in.
        parents: dict[int, tuple[int, int, int]] = {}
        association = WorkflowInvocationToSubworkflowInvocationAssociation
        run_ids = {step.workflow_invocation_id for step in steps}
        while run_ids:
            found = self._rows(
                select(
                    association.subworkflow_invocation_id,
                    association.workflow_invocation_id,
                    WorkflowStep.workflow_id,
                    WorkflowStep.order_index,
                ).join(WorkflowStep, WorkflowStep.id == association.workflow_step_id),
                association.subworkflow_invocation_id,
                run_ids,
            )
            parents.update({run_id: tuple(parent) for run_id, *parent in found})
            run_ids = {parents[row[0]][0] for row in found} - parents.keys()
        invoked = {}
        for step_id, run_id, workflow_id, order_index in steps:
            path = [order_index]
            while run_id in parents:
                run_id, workflow_id, order_index = parents[run_id]
                path.insert(0, order_index)
            invoked[step_id] = InvokedStep(workflow_id, tuple(path))
        return invoked

    def _workflows(self, workflow_ids: Collection[int]) -> dict[int, dict[Path, str]]:
        """Keys of the tools of each workflow, those of subworkflows included, in its order."""
        return self.held.workflow_tools.look_up(sorted(workflow_ids), self._read_workflows)

    def _read_workflows(self, workflow_ids: Sequence[int]) -> dict[int, dict[Path, str]]:
        steps = workflow_steps(self.session, workflow_ids)
        return {workflow_id: dict(_tools(steps, workflow_id)) for workflow_id in workflow_ids}

    def _parameters(self, job_ids: Sequence[int]) -> Mapping[int, Hashable]:
        return self.held.parameters.look_up(job_ids, self._read_parameters)

    def _read_parameters(self, job_ids: Sequence[int]) -> dict[int, Hashable]:
        """What stands for those that somebody chose."""
        chosen: dict[int, list[tuple[str, str]]] = {job_id: [] for job_id in job_ids}
        rows = self._rows(
            select(JobParameter.job_id, JobParameter.name, JobParameter.value), JobParameter.job_id, job_ids
        )
        for job_id, name, value in rows:
            if "__" not in name and name not in _NOT_CHOSEN:
                chosen[job_id].append((name, value or ""))
        return {job_id: hash(tuple(sorted(parameters))) for job_id, parameters in chosen.items()}

    def _rows(self, statement: Any, column: Any, ids: Collection[int]) -> Any:
        if not ids:
            return []
        return self.session.connection().execute(statement.where(is_one_of(self.session, column, sorted(ids)))).all()


def _tools(steps: Mapping[int, Sequence[Any]], workflow_id: int, within: Path = ()) -> Any:
    for step in steps.get(workflow_id, ()):
        path = (*within, step.order_index)
        if step.subworkflow_id is not None:
            yield from _tools(steps, step.subworkflow_id, path)
        elif step.tool_id:
            yield path, tool_key(step.tool_id)
