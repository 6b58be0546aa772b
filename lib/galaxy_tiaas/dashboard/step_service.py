"""The steps of a class: what instructors set up, and how far everybody is."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    Optional,
)

import numpy as np
from galaxy.exceptions import ItemAccessibilityException
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper

from ..compat.tools import ToolNames
from ..core.accounts import decoded
from ..core.actor import Actor
from ..core.cache import ResultCache
from ..core.config import TiaasConfig
from ..core.exceptions import InvalidValue
from ..core.model import Training
from ..membership.service import MembershipsService
from ..trainings.manager import TrainingManager
from .activity_manager import ActivityManager
from .class_jobs import (
    ClassJobs,
    Ints,
)
from .execution_manager import ExecutionManager
from .executions import (
    COUNTED,
    Executions,
)
from .manager import StepManager
from .people import (
    ClassResponse,
    People,
)
from .progress import (
    jobs_by_tool,
    median_position,
    Plan,
    STATES,
    StepState,
    well_behind,
)
from .schema import (
    DashboardUpdate,
    DashboardView,
    JobsShown,
    MemberProgress,
    ProgressSource,
    StepView,
    TrainingProgress,
    WorkflowOption,
)
from .service import (
    Audience,
    StatusService,
)
from .steps import (
    numbered,
    short_id,
    Step,
    steps_of_workflow,
    tool_key,
    ToolUse,
    UnusableSteps,
)
from .workflow_files import native

#: So many workflows can be chosen from; people have thousands.
LONGEST_CHOICE = 200
_SOURCES = ("steps", "workflow_id", "workflow")
MOST_TOOLS = 15


@dataclass
class DashboardsService:
    """For instructors and admins."""

    session: galaxy_scoped_session
    security: IdEncodingHelper
    trainings: TrainingManager
    steps: StepManager
    tools: ToolNames

    def show(self, training: Training) -> DashboardView:
        """What is set up."""
        return DashboardView(
            identifier=training.identifier,
            title=training.title,
            course_only=training.course_only,
            steps=[
                StepView(**vars(step), installed=self.tools.is_installed(step.tool_id))
                for step in self.steps.of(training)
            ],
        )

    def update(self, actor: Actor, training: Training, payload: DashboardUpdate, now: datetime) -> DashboardView:
        """Set up what the payload gives; of a workflow, its tools and labels are kept and nothing else.

        :raises InvalidValue: for more than one source of steps, and for one without usable steps.
        :raises ItemAccessibilityException: for a workflow that the actor may not use.
        """
        steps = self._steps(actor, payload)
        self.trainings.lock(training)
        changes: dict[str, Any] = {}
        if payload.course_only is not None and payload.course_only != training.course_only:
            changes["course_only"] = [training.course_only, payload.course_only]
            training.course_only = payload.course_only
        if steps is not None and steps != (before := self.steps.of(training)):
            changes["steps"] = [_written(before), _written(steps)]
            self.steps.replace(training, steps)
        if changes:
            self.trainings.record(
                training, "dashboard set up", now, user_id=actor.user_id, via=actor.via, changes=changes
            )
        view = self.show(training)
        self.session.commit()
        return view

    def workflows(self, actor: Actor) -> list[WorkflowOption]:
        """The actor's own workflows and those shared with them, the newest 200."""
        if actor.user_id is None:
            return []
        return [
            WorkflowOption(id=self.security.encode_id(stored_id), name=name, own=own)
            for stored_id, name, own in self.steps.workflows(actor.user_id, LONGEST_CHOICE)
        ]

    def _steps(self, actor: Actor, payload: DashboardUpdate) -> Optional[list[Step]]:
        """The steps that the payload gives, if it gives some."""
        sources = [name for name in _SOURCES if getattr(payload, name) is not None]
        if len(sources) > 1:
            raise InvalidValue(sources[1], f"Give the steps in one way only; here are {' and '.join(sources)}.")
        try:
            if payload.workflow is not None:
                return steps_of_workflow(native(payload.workflow), self.tools.known)
            if payload.workflow_id is not None:
                return self.steps.of_workflow(self._workflow(actor, payload.workflow_id))
            if payload.steps is None:
                return None
            uses = [ToolUse(step.tool_id, step.label, step.section) for step in payload.steps]
            return numbered(uses, self.tools.known) if uses else []
        except UnusableSteps as problem:
            raise InvalidValue(sources[0], str(problem)) from None

    def _workflow(self, actor: Actor, encoded_id: str) -> int:
        """The newest version of a workflow.

        :raises InvalidValue: if this is not an encoded id.
        :raises ItemAccessibilityException: if there is none that the actor may use.
        """
        stored_id = decoded(self.security, encoded_id)
        if stored_id is None:
            raise InvalidValue("workflow_id", "This is not the id of a workflow.")
        found = self.steps.newest_version(stored_id, actor.user_id, see_all=actor.is_admin)
        if found is None:
            raise ItemAccessibilityException("There is no such workflow, or it is not shared with you.")
        return found


def _written(steps: list[Step]) -> list[str]:
    """Steps as a history tells them."""
    return [step.label if step.label == step.tool_id else f"{step.label} ({step.tool_id})" for step in steps]


# Progress


@dataclass
class ProgressService:
    """Holds what the members did since the training's window opened against its steps."""

    config: TiaasConfig
    status: StatusService
    memberships: MembershipsService
    activity: ActivityManager
    executions: ExecutionManager
    steps: StepManager
    tools: ToolNames
    results: ResultCache

    def progress(
        self, actor: Actor, training: Training, now: datetime, shown: JobsShown = JobsShown.ALL
    ) -> ClassResponse[TrainingProgress]:
        """Members × steps, or members × tools; everybody who may see the same gets the same object."""
        audience = self.status.audience(actor, training, shown)
        # Other steps are a change of the training, and seen at once.
        key = ("progress", training.id, training.updated, audience)
        return self.results.renew(key, now, lambda previous: self._compute(training, now, audience, previous))

    def _compute(
        self,
        training: Training,
        now: datetime,
        audience: Audience,
        previous: Optional[ClassResponse[TrainingProgress]],
    ) -> ClassResponse[TrainingProgress]:
        members = self.memberships.by_name(training, now)
        steps = self.steps.of(training)
        window = training.window(self.config.join_flex_hours)
        member_ids = [member.user_id for member in members]
        course = audience.shown is JobsShown.COURSE
        until = window.closes if window.is_over(now) else None
        scope = self.activity.scope(training, window.opens, course, member_ids, until=until)
        if steps:
            fields, columns = self._against_steps(Plan(steps), self.executions.of(scope, now))
        else:
            fields, columns = self._by_tool(self.activity.class_jobs(scope, now))
        people = People(MemberProgress, members, named=audience.named, **columns)
        content = {
            "identifier": training.identifier,
            "title": training.title,
            "generated": audience.time(now),
            "since": audience.time(window.opens),
            "shown": audience.shown,
            "course_only": training.course_only,
            "members": len(members),
            **fields,
        }
        return ClassResponse(TrainingProgress, content, people, previous)

    def _against_steps(self, plan: Plan, executed: Executions) -> "Progress":
        standing = plan.standing(executed, self.executions.places(executed, plan))
        states = standing.states
        positions = plan.positions(states)
        finished = (states == STATES.index(StepState.DONE)).all(axis=1).tolist()
        behind = np.array(well_behind(positions.tolist(), finished), dtype=np.int64)
        here = Counter(positions.tolist())
        fields = {
            "source": ProgressSource.STEPS,
            "steps": [
                {
                    **vars(step),
                    "installed": self.tools.is_installed(step.tool_id),
                    "counts": _step_counts(states[:, place]),
                    "here": here[step.position],
                }
                for place, step in enumerate(plan.steps)
            ],
            "median": median_position(positions.tolist()),
            "tools": [],
        }
        # As the members come in the order of their names, so do those who are equally far.
        order = np.lexsort((positions, -behind))
        return fields, {
            "columns": {"position": positions, "behind": behind},
            "more": np.concatenate(standing, axis=1),
            "kind": len(plan.steps),
            "row": _of_steps,
            "order": order,
        }

    def _by_tool(self, jobs: ClassJobs) -> "Progress":
        tools = _most_used(jobs, MOST_TOOLS)
        counts = jobs_by_tool(jobs, tools)
        fields = {
            "source": ProgressSource.TOOLS,
            "steps": [],
            "median": None,
            "tools": [
                {
                    "tool_id": short_id(tool_id),
                    "name": self.tools.name(tool_id),
                    "jobs": _counts(counts[:, place].sum(axis=0).tolist()),
                    "members": int(counts[:, place].any(axis=1).sum()),
                }
                for place, tool_id in enumerate(tools.values())
            ],
        }
        more = counts.reshape(jobs.members, 4 * len(tools))
        return fields, {"columns": {}, "more": more, "kind": len(tools), "row": _of_tools}


#: What is said of all together, and of each member as :class:`People` takes it.
Progress = tuple[dict[str, Any], dict[str, Any]]


def _of_steps(numbers: list[int], standing: list[int]) -> dict[str, Any]:
    position, behind = numbers
    size = len(standing) // 3
    states = [STATES[state] for state in standing[:size]]
    elements = [
        {"position": place, "count": count, "total": total}
        for place, (state, count, total) in enumerate(
            zip(states, standing[size : 2 * size], standing[2 * size :], strict=True), start=1
        )
        if total > 1 and state is not StepState.DONE
    ]
    return {"position": position, "states": states, "elements": elements, "behind": bool(behind)}


def _step_counts(states: Ints) -> dict[str, int]:
    counts = np.bincount(states, minlength=len(STATES)).tolist()
    return {state.value: count for state, count in zip(STATES, counts, strict=True)}


def _of_tools(_: list[int], counts: list[int]) -> dict[str, Any]:
    return {"tools": [_counts(counts[first : first + 4]) for first in range(0, len(counts), 4)]}


def _most_used(jobs: ClassJobs, limit: int) -> dict[str, str]:
    """Keys of the tools with the most jobs, and of each the id that has most of them."""
    counted = jobs.where(jobs.is_in(COUNTED))
    used = zip(jobs.tools, np.bincount(counted.tool, minlength=len(jobs.tools)).tolist(), strict=True)
    totals: Counter[str] = Counter()
    ids: dict[str, str] = {}
    for tool_id, count in sorted(((tool_id, count) for tool_id, count in used if tool_id and count), key=_most_first):
        totals[tool_key(tool_id)] += count
        ids.setdefault(tool_key(tool_id), tool_id)
    return {tool: ids[tool] for tool, _ in sorted(totals.items(), key=_most_first)[:limit]}


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _counts(jobs: Sequence[int]) -> dict[str, int]:
    done, running, queued, failed = jobs
    return {"done": done, "running": running, "queued": queued, "failed": failed}
