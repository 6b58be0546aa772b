"""The dashboard of a class."""

from collections import (
    Counter,
    defaultdict,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from ..config import TiaasConfig
from ..domain.pseudonyms import Pseudonym
from ..domain.states import TrainingState
from ..exceptions import NotYours
from ..managers.activity import (
    ActivityManager,
    JobGroup,
)
from ..managers.cohorts import CohortManager
from ..managers.trainings import TrainingManager
from ..model import Training
from ..schema.activity import (
    InvocationCounts,
    JobCounts,
    MemberCounts,
    QueuedInvocation,
    QueuedJob,
    ToolCounts,
    TrainingStatus,
)
from .access import may_manage
from .actor import Actor
from .memberships import MembershipsService

SHORTEST_HOURS = 1
LONGEST_HOURS = 64
USUAL_HOURS = 3
LONGEST_QUEUE = 300


class StatusService:
    """Puts together what the members of a training did in the last hours."""

    def __init__(
        self,
        config: TiaasConfig,
        trainings: TrainingManager,
        cohorts: CohortManager,
        activity: ActivityManager,
        memberships: MembershipsService,
    ):
        self.config = config
        self.trainings = trainings
        self.cohorts = cohorts
        self.activity = activity
        self.memberships = memberships

    def status(self, actor: Actor, identifier: str, hours: int, now: datetime) -> TrainingStatus:
        """The last ``hours`` (1 to 64) of a class.

        :raises TrainingNotFound: if there is no such training.
        :raises NotYours: if the setting ``status_visibility`` keeps it from the actor.
        """
        training = self.trainings.get(identifier)
        self._ensure_may_watch(actor, training)
        since = now - timedelta(hours=hours)
        assigned = self.memberships.pseudonyms(training)
        groups = self.activity.job_groups(training, since)
        members = self.cohorts.members(training)
        usernames = {user_id: username for user_id, username, _, _ in members} if self.config.expose_username else {}
        return TrainingStatus(
            identifier=training.identifier,
            title=training.title,
            hours=hours,
            generated=now,
            members=len(members),
            jobs=_job_counts(groups),
            tools=_by_tool(groups),
            users=_by_member(groups, [member[0] for member in members], assigned, usernames),
            queue=[
                QueuedJob(
                    pseudonym=assigned[job.user_id].name,
                    colour=assigned[job.user_id].colour,
                    tool_id=job.tool_id,
                    state=job.state,
                    create_time=job.create_time,
                    update_time=job.update_time,
                )
                for job in self.activity.newest_jobs(training, since, LONGEST_QUEUE)
                if job.user_id in assigned
            ],
            invocations=self._invocations(training, since, assigned),
        )

    def _invocations(self, training: Training, since: datetime, assigned: dict[int, Pseudonym]) -> InvocationCounts:
        states = self.activity.invocation_states(training, since)
        return InvocationCounts(
            states=states,
            total=sum(states.values()),
            queue=[
                QueuedInvocation(
                    pseudonym=assigned[invocation.user_id].name,
                    colour=assigned[invocation.user_id].colour,
                    state=invocation.state,
                    create_time=invocation.create_time,
                    update_time=invocation.update_time,
                )
                for invocation in self.activity.newest_invocations(training, since, LONGEST_QUEUE)
                if invocation.user_id in assigned
            ],
        )

    def _ensure_may_watch(self, actor: Actor, training: Training) -> None:
        if may_manage(actor, training):
            return
        if training.state != TrainingState.APPROVED:
            raise NotYours(f"The training '{training.title}' has no dashboard: it has not been approved.")
        visibility = self.config.status_visibility
        if visibility == "public":
            return
        user = actor.ensure_user()
        if visibility == "members" and self.cohorts.is_member(training, user.id):
            return
        audience = "those who joined it" if visibility == "members" else "its instructors"
        raise NotYours(f"The dashboard of the training '{training.title}' is open to {audience} only.")


def _job_counts(groups: list[JobGroup]) -> JobCounts:
    states: Counter[str] = Counter()
    for group in groups:
        states[group.state] += group.count
    return JobCounts(states=dict(states), total=states.total())


def _by_tool(groups: list[JobGroup]) -> list[ToolCounts]:
    by_tool: defaultdict[str, list[JobGroup]] = defaultdict(list)
    for group in groups:
        by_tool[group.tool_id or ""].append(group)
    tools = [ToolCounts(tool_id=tool_id, **_job_counts(of_tool).model_dump()) for tool_id, of_tool in by_tool.items()]
    return sorted(tools, key=lambda tool: (-tool.total, tool.tool_id))


def _by_member(
    groups: list[JobGroup],
    member_ids: list[int],
    assigned: dict[int, Pseudonym],
    usernames: dict[int, Optional[str]],
) -> list[MemberCounts]:
    by_member: defaultdict[int, list[JobGroup]] = defaultdict(list)
    for group in groups:
        by_member[group.user_id].append(group)
    counts = []
    for user_id in member_ids:
        if pseudonym := assigned.get(user_id):
            fields: dict[str, Any] = _job_counts(by_member[user_id]).model_dump()
            fields["last_active"] = max((group.newest for group in by_member[user_id]), default=None)
            if user_id in usernames:
                fields["username"] = usernames[user_id]
            counts.append(MemberCounts(pseudonym=pseudonym.name, colour=pseudonym.colour, **fields))
    return counts
