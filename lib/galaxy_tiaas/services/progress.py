"""How far a class is."""

from collections import (
    Counter,
    defaultdict,
)
from collections.abc import (
    Iterable,
    Mapping,
    Sequence,
)
from datetime import datetime
from typing import Any

from galaxy.model.scoped_session import galaxy_scoped_session

from ..config import TiaasConfig
from ..domain.progress import (
    COUNTED,
    median_position,
    Plan,
    StepState,
    well_behind,
    Work,
)
from ..domain.steps import (
    Step,
    tool_key,
    tool_name,
)
from ..managers.activity import (
    ActivityManager,
    ToolUse,
)
from ..managers.members import (
    Member,
    MemberManager,
)
from ..managers.steps import StepManager
from ..model import Training
from ..schema.activity import JobsShown
from ..schema.progress import (
    MemberProgress,
    ProgressSource,
    StepCounts,
    StepProgress,
    ToolJobs,
    ToolProgress,
    TrainingProgress,
)
from .actor import Actor
from .published import Published
from .shared import SharedResults
from .status import StatusService

MOST_TOOLS = 15

#: What each member did with each tool, by user id and the key of the tool.
Works = defaultdict[int, defaultdict[str, Work]]


class ProgressService:
    """Holds what the members did since the training's window opened against its steps."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        status: StatusService,
        members: MemberManager,
        activity: ActivityManager,
        steps: StepManager,
        shared: SharedResults,
    ):
        self.session = session
        self.config = config
        self.status = status
        self.members = members
        self.activity = activity
        self.steps = steps
        self.shared = shared

    def progress(
        self, actor: Actor, identifier: str, now: datetime, shown: JobsShown = JobsShown.ALL
    ) -> Published[TrainingProgress]:
        """Members × steps, or members × tools; everybody who may see the same gets the same object.

        :param shown: which jobs; nothing but ``COURSE`` where the instructor wants it so.
        :raises TrainingNotFound, NotYours, TrainingOver: as :meth:`StatusService.status`.
        """
        training = self.status.watched(actor, identifier, now)
        shown = JobsShown.COURSE if training.course_only else shown
        named = self.status.sees_usernames(actor, training)
        # Other steps are a change of the training, and seen at once.
        key = ("progress", training.id, training.updated, shown, named)
        return self.shared.get(key, now, lambda: Published(self._compute(training, now, shown, named)))

    def _compute(self, training: Training, now: datetime, shown: JobsShown, named: bool) -> TrainingProgress:
        members, named_now = self.members.all(training)
        if named_now:
            self.session.commit()
        steps = self.steps.of(training)
        window = training.window(self.config.join_flex_hours)
        scope = self.activity.scope(training, window.opens, shown is JobsShown.COURSE)
        use = self.activity.tool_use(scope, window.closes)
        fields: dict[str, Any] = _against_steps(steps, use, members) if steps else _by_tool(use, members)
        who = [_who(member, named) for member in members]
        rows = [MemberProgress(**person, **row) for person, row in zip(who, fields.pop("rows"), strict=True)]
        rows.sort(key=lambda row: (not row.behind, row.position or 0, row.pseudonym))
        return TrainingProgress(
            identifier=training.identifier,
            title=training.title,
            generated=now,
            since=window.opens,
            shown=shown,
            course_only=training.course_only,
            members=len(members),
            users=rows,
            **fields,
        )


def _who(member: Member, named: bool) -> dict[str, Any]:
    pseudonym = member.pseudonym
    who = {"pseudonym": pseudonym.name, "colour": pseudonym.colour, "shape": pseudonym.shape}
    return {**who, "username": member.username} if named else who


def _against_steps(steps: Sequence[Step], use: Iterable[ToolUse], members: Sequence[Member]) -> dict[str, Any]:
    plan = Plan(steps)
    works = _works(use, _Keys(), plan.tools)
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
            StepProgress(
                position=step.position,
                label=step.label,
                tool_id=step.tool_id,
                counts=_step_counts(of_member[place] for of_member in states),
                here=here[step.position],
            )
            for place, step in enumerate(steps)
        ],
        "median": median_position(positions),
        "tools": [],
        "rows": rows,
    }


def _step_counts(states: Iterable[StepState]) -> StepCounts:
    counts = Counter(states)
    return StepCounts(**{state.value: counts[state] for state in StepState})


def _by_tool(use: Sequence[ToolUse], members: Sequence[Member]) -> dict[str, Any]:
    ids = {member.user_id for member in members}
    use = [row for row in use if row.user_id in ids and row.state in COUNTED]
    keys = _Keys()
    totals: Counter[str] = Counter()
    names: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for row in use:
        totals[keys[row.tool_id]] += row.jobs
        names[keys[row.tool_id]][tool_name(row.tool_id)] += row.jobs
    most_used = sorted(totals, key=lambda tool: (-totals[tool], tool))[:MOST_TOOLS]
    works = _works(use, keys, set(most_used))
    nothing: Mapping[str, Work] = {}
    return {
        "source": ProgressSource.TOOLS,
        "steps": [],
        "median": None,
        "tools": [
            ToolProgress(
                tool_id=names[tool].most_common(1)[0][0],
                jobs=_tool_jobs([of_member[tool] for of_member in works.values() if tool in of_member]),
                members=sum(tool in of_member for of_member in works.values()),
            )
            for tool in most_used
        ],
        "rows": [
            {"tools": [_tool_jobs([of_member[tool]] if tool in of_member else []) for tool in most_used]}
            for of_member in (works.get(member.user_id, nothing) for member in members)
        ],
    }


def _tool_jobs(works: Sequence[Work]) -> ToolJobs:
    return ToolJobs(
        done=sum(work.done for work in works),
        running=sum(work.running for work in works),
        failed=sum(work.failed for work in works),
    )


class _Keys(dict[str, str]):
    """Keys of tools by their ids, each worked out once."""

    def __missing__(self, tool_id: str) -> str:
        self[tool_id] = tool_key(tool_id)
        return self[tool_id]


def _works(use: Iterable[ToolUse], keys: Mapping[str, str], tools: set[str]) -> Works:
    works: Works = defaultdict(lambda: defaultdict(Work))
    for user_id, tool_id, state, count, newest_id in use:
        if (tool := keys[tool_id]) in tools:
            works[user_id][tool].add(state, count, newest_id)
    return works
