"""The steps of a class: what instructors set up, and how far everybody is."""

from collections import (
    Counter,
    defaultdict,
)
from collections.abc import (
    Collection,
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    Optional,
)

from galaxy.exceptions import ItemAccessibilityException
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from galaxy.structured_app import MinimalManagerApp

from ..core.accounts import decoded
from ..core.actor import Actor
from ..core.cache import (
    CachedResponse,
    RawCachedResponse,
    ResultCache,
)
from ..core.config import TiaasConfig
from ..core.exceptions import InvalidValue
from ..core.model import Training
from ..membership.manager import Member
from ..membership.service import MembershipsService
from ..trainings.manager import TrainingManager
from .activity_manager import (
    ActivityManager,
    Scope,
)
from .manager import StepManager
from .progress import (
    COUNTED,
    median_position,
    Plan,
    StepState,
    well_behind,
    Work,
)
from .schema import (
    DashboardUpdate,
    DashboardView,
    JobsShown,
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

#: What each member did with each tool, by user id and the key of the tool.
Works = defaultdict[int, defaultdict[str, Work]]


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
    ) -> CachedResponse[TrainingProgress]:
        """Members × steps, or members × tools; everybody who may see the same gets the same object."""
        audience = self.status.audience(actor, training, shown)
        # Other steps are a change of the training, and seen at once.
        key = ("progress", training.id, training.updated, audience)
        return self.results.get(key, now, lambda: self._compute(training, now, audience))

    def _compute(self, training: Training, now: datetime, audience: Audience) -> CachedResponse[TrainingProgress]:
        members = self.memberships.roster(training, now)
        steps = self.steps.of(training)
        window = training.window(self.config.join_flex_hours)
        member_ids = [member.user_id for member in members]
        course = audience.shown is JobsShown.COURSE
        until = window.closes if window.is_over(now) else None
        scope = self.activity.scope(training, window.opens, course, member_ids, until=until)
        class_jobs = _ClassJobs(self.activity, scope)
        fields = _against_steps(steps, class_jobs, members) if steps else _by_tool(class_jobs, members)
        rows = [member.fields(audience.named) | row for member, row in zip(members, fields.pop("rows"), strict=True)]
        rows.sort(key=lambda row: (not row.get("behind"), row.get("position") or 0, row["pseudonym"]))
        return RawCachedResponse(
            TrainingProgress,
            {
                "identifier": training.identifier,
                "title": training.title,
                "generated": audience.time(now),
                "since": audience.time(window.opens),
                "shown": audience.shown,
                "course_only": training.course_only,
                "members": len(members),
                "users": rows,
                **fields,
            },
        )


class _ClassJobs:
    """The jobs of a class, by the keys of their tools."""

    def __init__(self, activity: ActivityManager, scope: Scope):
        self._uses = activity.tool_use(scope, COUNTED)
        self._keys = {tool_id: tool_key(tool_id) for tool_id in {use.tool_id for use in self._uses}}

    def most_used(self, limit: int) -> dict[str, str]:
        """Keys of the tools with the most jobs, and what they are called."""
        used: Counter[str] = Counter()
        for use in self._uses:
            used[use.tool_id] += use.jobs
        totals: Counter[str] = Counter()
        names: dict[str, str] = {}
        for tool_id, jobs in sorted(used.items(), key=lambda used: (-used[1], used[0])):
            totals[self._keys[tool_id]] += jobs
            names.setdefault(self._keys[tool_id], tool_name(tool_id))
        ordered = sorted(totals, key=lambda tool: (-totals[tool], tool))
        return {tool: names[tool] for tool in ordered[:limit]}

    def works(self, tools: Collection[str]) -> Works:
        """What each member did with these tools."""
        wanted = {tool_id: tool for tool_id, tool in self._keys.items() if tool in tools}
        works: Works = defaultdict(lambda: defaultdict(Work))
        for user_id, tool_id, state, jobs, newest_id in self._uses:
            if tool_id in wanted:
                works[user_id][wanted[tool_id]].add(state, jobs, newest_id)
        return works


def _against_steps(steps: Sequence[Step], jobs: _ClassJobs, members: Sequence[Member]) -> dict[str, Any]:
    plan = Plan(steps)
    works = jobs.works(plan.tools)
    states = [plan.states(works[member.user_id]) for member in members]
    positions = [plan.position(of_member) for of_member in states]
    finished = [all(state is StepState.DONE for state in of_member) for of_member in states]
    behind = well_behind(positions, finished)
    here = Counter(positions)
    rows = [
        {"position": position, "states": of_member, "behind": is_behind}
        for position, of_member, is_behind in zip(positions, states, behind, strict=True)
    ]
    return {
        "source": ProgressSource.STEPS,
        "steps": [
            {
                **vars(step),
                "counts": _step_counts(of_member[place] for of_member in states),
                "here": here[step.position],
            }
            for place, step in enumerate(steps)
        ],
        "median": median_position(positions),
        "tools": [],
        "rows": rows,
    }


def _step_counts(states: Iterable[StepState]) -> dict[str, int]:
    counts = Counter(states)
    return {state.value: counts[state] for state in StepState}


def _by_tool(jobs: _ClassJobs, members: Sequence[Member]) -> dict[str, Any]:
    tools = jobs.most_used(MOST_TOOLS)
    works = jobs.works(tools)
    of_members = [[works[member.user_id].get(tool) for tool in tools] for member in members]
    columns = zip(tools.values(), zip(*of_members, strict=True), strict=True) if members else ()
    return {
        "source": ProgressSource.TOOLS,
        "steps": [],
        "median": None,
        "tools": [
            {"tool_id": name, "jobs": _sum(column), "members": sum(work is not None for work in column)}
            for name, column in columns
        ],
        "rows": [{"tools": [_sum([work]) for work in of_member]} for of_member in of_members],
    }


def _sum(works: Iterable[Optional[Work]]) -> dict[str, int]:
    done = running = failed = 0
    for work in works:
        if work:
            done, running, failed = done + work.done, running + work.running, failed + work.failed
    return {"done": done, "running": running, "failed": failed}
