"""How far a class is."""

from collections import (
    Counter,
    defaultdict,
)
from collections.abc import (
    Collection,
    Iterable,
    Sequence,
)
from datetime import datetime
from typing import (
    Any,
    Optional,
)

from ..core.actor import Actor
from ..core.cache import (
    CachedResponse,
    RawCachedResponse,
    ResultCache,
)
from ..core.config import TiaasConfig
from ..core.model import Training
from ..membership.manager import Member
from ..membership.service import MembershipsService
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
    JobsShown,
    ProgressSource,
    TrainingProgress,
)
from .service import (
    Audience,
    StatusService,
)
from .steps import (
    Step,
    tool_key,
    tool_name,
)

MOST_TOOLS = 15

#: What each member did with each tool, by user id and the key of the tool.
Works = defaultdict[int, defaultdict[str, Work]]


class ProgressService:
    """Holds what the members did since the training's window opened against its steps."""

    def __init__(
        self,
        config: TiaasConfig,
        status: StatusService,
        memberships: MembershipsService,
        activity: ActivityManager,
        steps: StepManager,
        results: ResultCache,
    ):
        self.config = config
        self.status = status
        self.memberships = memberships
        self.activity = activity
        self.steps = steps
        self.results = results

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
                "position": step.position,
                "label": step.label,
                "tool_id": step.tool_id,
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
