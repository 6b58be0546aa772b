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
from galaxy.structured_app import MinimalManagerApp

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
from .manager import StepManager
from .people import (
    ClassResponse,
    People,
)
from .progress import (
    COUNTED,
    median_position,
    Plan,
    STATES,
    StepState,
    well_behind,
    works,
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
    Step,
    steps_of_workflow,
    tool_key,
    tool_name,
    UnusableSteps,
)

#: So many workflows can be chosen from; people have thousands.
LONGEST_CHOICE = 200
_SOURCES = ("steps", "workflow_id", "workflow")
MOST_TOOLS = 15


@dataclass
class DashboardsService:
    """For instructors and admins."""

    app: MinimalManagerApp
    session: galaxy_scoped_session
    security: IdEncodingHelper
    trainings: TrainingManager
    steps: StepManager

    def show(self, training: Training) -> DashboardView:
        """What is set up."""
        return DashboardView(
            identifier=training.identifier,
            title=training.title,
            course_only=training.course_only,
            steps=[StepView(**vars(step)) for step in self.steps.of(training)],
        )

    def not_installed(self, dashboard: DashboardView) -> list[str]:
        """Labels of the steps whose tool this Galaxy does not have, so that nobody can complete them.

        Where the tools are not loaded, as in a command, nothing is known of any.
        """
        toolbox: Any = getattr(self.app, "toolbox", None)
        if toolbox is None or not dashboard.steps:
            return []
        installed = {tool_key(tool_id) for tool_id, _ in toolbox.tools()}
        return [step.label for step in dashboard.steps if tool_key(step.tool_id) not in installed]

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
                return steps_of_workflow(payload.workflow)
            if payload.workflow_id is not None:
                return self.steps.of_workflow(self._workflow(actor, payload.workflow_id))
            if payload.steps is None:
                return None
            return numbered((step.tool_id, step.label) for step in payload.steps) if payload.steps else []
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
    steps: StepManager
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
        jobs = self.activity.class_jobs(scope, now)
        fields, columns = _against_steps(steps, jobs) if steps else _by_tool(jobs)
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


#: What is said of all together, and of each member as :class:`People` takes it.
Progress = tuple[dict[str, Any], dict[str, Any]]


def _against_steps(steps: Sequence[Step], jobs: ClassJobs) -> Progress:
    plan = Plan(steps)
    states = plan.states(works(jobs, plan.tools), jobs.members)
    positions = plan.positions(states)
    finished = (states == STATES.index(StepState.DONE)).all(axis=1).tolist()
    behind = np.array(well_behind(positions.tolist(), finished), dtype=np.int64)
    here = Counter(positions.tolist())
    fields = {
        "source": ProgressSource.STEPS,
        "steps": [
            {**vars(step), "counts": _step_counts(states[:, place]), "here": here[step.position]}
            for place, step in enumerate(steps)
        ],
        "median": median_position(positions.tolist()),
        "tools": [],
    }
    # As the members come in the order of their names, so do those who are equally far.
    order = np.lexsort((positions, -behind))
    columns = {"position": positions, "behind": behind}
    return fields, {"columns": columns, "more": states, "kind": len(steps), "row": _of_steps, "order": order}


def _of_steps(numbers: list[int], states: list[int]) -> dict[str, Any]:
    position, behind = numbers
    return {"position": position, "states": [STATES[state] for state in states], "behind": bool(behind)}


def _step_counts(states: Ints) -> dict[str, int]:
    counts = np.bincount(states, minlength=len(STATES)).tolist()
    return {state.value: count for state, count in zip(STATES, counts, strict=True)}


def _by_tool(jobs: ClassJobs) -> Progress:
    tools = _most_used(jobs, MOST_TOOLS)
    counts = [np.stack(work[:3], axis=1) for work in works(jobs, tools).values()]
    fields = {
        "source": ProgressSource.TOOLS,
        "steps": [],
        "median": None,
        "tools": [
            {"tool_id": name, "jobs": _counts(column.sum(axis=0).tolist()), "members": int(column.any(axis=1).sum())}
            for name, column in zip(tools.values(), counts, strict=True)
        ],
    }
    more = np.concatenate(counts, axis=1) if counts else np.zeros((jobs.members, 0), dtype=np.int64)
    return fields, {"columns": {}, "more": more, "kind": len(tools), "row": _of_tools}


def _of_tools(_: list[int], counts: list[int]) -> dict[str, Any]:
    return {"tools": [_counts(counts[first : first + 3]) for first in range(0, len(counts), 3)]}


def _most_used(jobs: ClassJobs, limit: int) -> dict[str, str]:
    """Keys of the tools with the most jobs, and what they are called."""
    counted = jobs.where(jobs.is_in(COUNTED))
    used = zip(jobs.tools, np.bincount(counted.tool, minlength=len(jobs.tools)).tolist(), strict=True)
    totals: Counter[str] = Counter()
    names: dict[str, str] = {}
    for tool_id, count in sorted(((tool_id, count) for tool_id, count in used if tool_id and count), key=_most_first):
        totals[tool_key(tool_id)] += count
        names.setdefault(tool_key(tool_id), tool_name(tool_id))
    return {tool: names[tool] for tool, _ in sorted(totals.items(), key=_most_first)[:limit]}


def _most_first(counted: tuple[str, int]) -> tuple[int, str]:
    return -counted[1], counted[0]


def _counts(jobs: Sequence[int]) -> dict[str, int]:
    done, running, failed = jobs
    return {"done": done, "running": running, "failed": failed}
