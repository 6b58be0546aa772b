"""The dashboard of a class."""

from collections import defaultdict
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from galaxy.model.scoped_session import galaxy_scoped_session

from ..config import TiaasConfig
from ..domain.states import (
    TrainingPhase,
    TrainingState,
)
from ..exceptions import (
    NotYours,
    TrainingOver,
)
from ..managers.activity import (
    ActivityManager,
    JobCount,
    Scope,
)
from ..managers.cohorts import CohortManager
from ..managers.members import (
    Member,
    MemberManager,
)
from ..managers.trainings import TrainingManager
from ..model import Training
from ..schema.activity import (
    InvocationCounts,
    JobCounts,
    JobsShown,
    MemberCounts,
    QueuedInvocation,
    QueuedJob,
    ToolCounts,
    TrainingStatus,
)
from .access import may_manage
from .actor import Actor
from .published import Published
from .shared import SharedResults

SHORTEST_HOURS = 1
LONGEST_HOURS = 64
USUAL_HOURS = 3
LONGEST_QUEUE = 300


class StatusService:
    """Puts together what the members of a training did in the last hours."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        trainings: TrainingManager,
        cohorts: CohortManager,
        members: MemberManager,
        activity: ActivityManager,
        shared: SharedResults,
    ):
        self.session = session
        self.config = config
        self.trainings = trainings
        self.cohorts = cohorts
        self.members = members
        self.activity = activity
        self.shared = shared

    def status(
        self, actor: Actor, identifier: str, hours: int, now: datetime, shown: JobsShown = JobsShown.ALL
    ) -> Published[TrainingStatus]:
        """The last ``hours`` (1 to 64) of a class; everybody who may see the same gets the same object.

        :param shown: which jobs; nothing but ``COURSE`` where the instructor wants it so.
        :raises TrainingNotFound: if there is no such training.
        :raises NotYours: if the setting ``status_visibility`` keeps it from the actor.
        :raises TrainingOver: after the end, for everybody but instructors and admins; once the training is redacted,
            for them too.
        """
        training = self.watched(actor, identifier, now)
        shown = JobsShown.COURSE if training.course_only else shown
        named = self.sees_usernames(actor, training)
        key = ("status", training.id, hours, shown, training.course_only, named)
        return self.shared.get(key, now, lambda: Published(self._compute(training, hours, now, shown, named)))

    def watched(self, actor: Actor, identifier: str, now: datetime) -> Training:
        """The training, if the actor may see its dashboard now; raises as :meth:`status`."""
        training = self.trainings.get(identifier)
        if may_manage(actor, training):
            if training.redacted_at:
                raise TrainingOver(f"Nobody can be told any more who took part in the training '{training.title}'.")
            return training
        if training.state != TrainingState.APPROVED:
            raise NotYours(f"The training '{training.title}' has no dashboard: it has not been approved.")
        self._ensure_visible(actor, training)
        if training.window(self.config.join_flex_hours).phase(now) is TrainingPhase.FINISHED:
            raise TrainingOver(f"The training '{training.title}' is over, and its dashboard is closed.")
        return training

    def sees_usernames(self, actor: Actor, training: Training) -> bool:
        """Whether the actor is shown who is behind a pseudonym."""
        if self.config.expose_username:
            return True
        return self.config.instructors_see_usernames and may_manage(actor, training)

    def _compute(self, training: Training, hours: int, now: datetime, shown: JobsShown, named: bool) -> TrainingStatus:
        members, named_now = self.members.all(training)
        if named_now:
            self.session.commit()
        by_user = {member.user_id: member for member in members}
        scope = self.activity.scope(training, now - timedelta(hours=hours), shown is JobsShown.COURSE, by_user)
        counts = self.activity.job_counts(scope)
        return TrainingStatus(
            identifier=training.identifier,
            title=training.title,
            hours=hours,
            shown=shown,
            course_only=training.course_only,
            generated=now,
            members=len(members),
            jobs=_job_counts(counts.by_tool),
            tools=_by_tool(counts.by_tool),
            users=_by_member(counts.by_member, members, named),
            queue=[
                QueuedJob(
                    **_who(by_user[job.user_id]),
                    tool_id=job.tool_id,
                    state=job.state,
                    create_time=job.create_time,
                    update_time=job.update_time,
                )
                for job in self.activity.newest_jobs(scope, LONGEST_QUEUE)
                if job.user_id in by_user
            ],
            invocations=self._invocations(scope, by_user),
        )

    def _invocations(self, scope: Scope, by_user: dict[int, Member]) -> InvocationCounts:
        states, newest = self.activity.invocations(scope, LONGEST_QUEUE)
        return InvocationCounts(
            states=states,
            total=sum(states.values()),
            queue=[
                QueuedInvocation(
                    **_who(by_user[invocation.user_id]),
                    state=invocation.state,
                    create_time=invocation.create_time,
                    update_time=invocation.update_time,
                )
                for invocation in newest
                if invocation.user_id in by_user
            ],
        )

    def _ensure_visible(self, actor: Actor, training: Training) -> None:
        visibility = self.config.status_visibility
        if visibility == "public":
            return
        user = actor.ensure_user()
        if visibility == "members" and self.cohorts.is_member(training, user.id):
            return
        audience = "those who joined it" if visibility == "members" else "its instructors"
        raise NotYours(f"The dashboard of the training '{training.title}' is open to {audience} only.")


def _who(member: Member) -> dict[str, Any]:
    pseudonym = member.pseudonym
    return {"pseudonym": pseudonym.name, "colour": pseudonym.colour, "shape": pseudonym.shape}


def _job_counts(groups: list[JobCount]) -> JobCounts:
    states = _states(groups)
    return JobCounts(states=states, total=sum(states.values()))


def _states(groups: list[JobCount]) -> dict[str, int]:
    states: dict[str, int] = {}
    for group in groups:
        states[group.state] = states.get(group.state, 0) + group.jobs
    return states


def _by_tool(groups: list[JobCount]) -> list[ToolCounts]:
    by_tool: defaultdict[str, list[JobCount]] = defaultdict(list)
    for group in groups:
        by_tool[group.tool_id or ""].append(group)
    tools = []
    for tool_id, of_tool in by_tool.items():
        states = _states(of_tool)
        tools.append(ToolCounts(tool_id=tool_id, states=states, total=sum(states.values())))
    return sorted(tools, key=lambda tool: (-tool.total, tool.tool_id))


def _by_member(groups: list[JobCount], members: list[Member], named: bool) -> list[MemberCounts]:
    states: defaultdict[Optional[int], dict[str, int]] = defaultdict(dict)
    newest: dict[Optional[int], datetime] = {}
    for user_id, _, state, count, created in groups:
        of_member = states[user_id]
        of_member[state] = of_member.get(state, 0) + count
        if created and (user_id not in newest or created > newest[user_id]):
            newest[user_id] = created
    counts = []
    for member in members:
        of_member = states[member.user_id]
        fields = {**_who(member), "last_active": newest.get(member.user_id)}
        if named:
            fields["username"] = member.username
        counts.append(MemberCounts(states=of_member, total=sum(of_member.values()), **fields))
    return counts
