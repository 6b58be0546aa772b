"""The dashboard of a class."""

from collections import Counter
from collections.abc import (
    Callable,
    Collection,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import orjson

from ..core.access import may_manage
from ..core.actor import Actor
from ..core.cache import ResultCache
from ..core.cached_response import (
    CachedResponse,
    RawCachedResponse,
)
from ..core.config import TiaasConfig
from ..core.exceptions import (
    NotYours,
    TrainingOver,
)
from ..core.model import Training
from ..membership.manager import (
    CohortManager,
    Member,
)
from ..membership.service import MembershipsService
from ..trainings.states import TrainingState
from .activity_manager import (
    Activity,
    ActivityManager,
    RecentJobs,
    Scope,
)
from .minutes import seconds_for
from .schema import (
    JobsShown,
    TrainingStatus,
)

SHORTEST_HOURS = 1
LONGEST_HOURS = 64
USUAL_HOURS = 3
LONGEST_QUEUE = 300

_NONE = ("{}", 0, None, False)


class StatusService:
    """Puts together what the members of a training did in the last hours."""

    def __init__(
        self,
        config: TiaasConfig,
        cohorts: CohortManager,
        memberships: MembershipsService,
        activity: ActivityManager,
        results: ResultCache,
    ):
        self.config = config
        self.cohorts = cohorts
        self.memberships = memberships
        self.activity = activity
        self.results = results

    def status(
        self,
        actor: Actor,
        training: Training,
        hours: int,
        now: datetime,
        shown: JobsShown = JobsShown.ALL,
        *,
        for_class: bool = False,
    ) -> CachedResponse[TrainingStatus]:
        """The last ``hours`` (1 to 64) of a class; everybody who may see the same gets the same object.

        Only instructors and admins see jobs and workflow runs one by one, with their seconds: whoever knows one of
        them, as from a published history, would know the person. All others see counts and whole minutes.

        :param shown: which jobs; nothing but ``COURSE`` where the instructor wants it so.
        :param for_class: what the class may see, whoever asks.
        """
        shown = JobsShown.COURSE if training.course_only else shown
        if for_class:
            actor = Actor()
        detailed = self.sees_details(actor, training)
        named = self.sees_usernames(actor, training)
        key = ("status", training.id, hours, shown, training.course_only, detailed, named)
        return self.results.get(key, now, lambda: self._compute(training, hours, now, shown, detailed, named))

    def ensure_may_watch(self, actor: Actor, training: Training, now: datetime) -> None:
        """Whether the actor, who may know of the training, may see its dashboard now.

        :raises NotYours: if the setting ``status_visibility`` keeps it from the actor.
        :raises TrainingOver: after the end, for everybody but instructors and admins; once the training is redacted,
            for them too.
        """
        if may_manage(actor, training):
            if training.redacted_at:
                raise TrainingOver(f"Nobody can be told any more who took part in the training '{training.title}'.")
            return
        if training.state != TrainingState.APPROVED:
            raise NotYours(f"The training '{training.title}' has no dashboard: it has not been approved.")
        self._ensure_visible(actor, training)
        if self.is_over(training, now):
            raise TrainingOver(f"The training '{training.title}' is over, and its dashboard is closed.")

    def sees_details(self, actor: Actor, training: Training) -> bool:
        """Whether the actor is shown single jobs, and times to the second."""
        return may_manage(actor, training)

    def sees_usernames(self, actor: Actor, training: Training) -> bool:
        """Whether the actor is shown who is behind a pseudonym."""
        if self.config.expose_username:
            return True
        return self.config.instructors_see_usernames and may_manage(actor, training)

    def is_over(self, training: Training, now: datetime) -> bool:
        """Whether the window of the training has closed."""
        return training.window(self.config.join_flex_hours).is_over(now)

    def last_hours(
        self,
        training: Training,
        hours: int,
        now: datetime,
        shown: JobsShown,
        member_ids: Optional[Collection[int]] = None,
    ) -> Scope:
        """The last hours of a class; once its window has closed, those before: what people do later is their own.

        :param member_ids: as :meth:`ActivityManager.scope`.
        """
        window = training.window(self.config.join_flex_hours)
        until = window.closes if window.is_over(now) else None
        since = (until or now) - timedelta(hours=hours)
        return self.activity.scope(training, since, shown is JobsShown.COURSE, member_ids, until=until)

    def _compute(
        self, training: Training, hours: int, now: datetime, shown: JobsShown, detailed: bool, named: bool
    ) -> CachedResponse[TrainingStatus]:
        members = self.memberships.roster(training, now)
        by_user = {member.user_id: member for member in members}
        time = seconds_for(detailed)
        # The hours begin with a minute too: it would be seen in which second a job drops out of them.
        scope = self.last_hours(training, hours, time(now), shown, by_user)
        longest_queue = LONGEST_QUEUE if detailed else 0
        jobs = self.activity.recent_jobs(scope, longest_queue)
        states, newest = self.activity.invocations(scope, longest_queue)
        invocations = _counted(states)
        content = {
            "identifier": training.identifier,
            "title": training.title,
            "hours": hours,
            "until": scope.until and time(scope.until),
            "shown": shown,
            "course_only": training.course_only,
            "generated": time(now),
            "members": len(members),
            "jobs": _counted(_sum(jobs.by_tool)),
            "tools": _by_tool(jobs.by_tool),
            "users": _by_member(jobs, members, time, named),
            "invocations": invocations,
        }
        if detailed:
            content["queue"] = [
                {**_queued(job, by_user[job.user_id]), "tool_id": job.tool_id}
                for job in jobs.newest
                if job.user_id in by_user
            ]
            invocations["queue"] = [
                _queued(invocation, by_user[invocation.user_id])
                for invocation in newest
                if invocation.user_id in by_user
            ]
        return RawCachedResponse(TrainingStatus, content)

    def _ensure_visible(self, actor: Actor, training: Training) -> None:
        visibility = self.config.status_visibility
        if visibility == "public":
            return
        user = actor.ensure_user()
        if visibility == "members" and self.cohorts.is_member(training, user.id):
            return
        audience = "those who joined it" if visibility == "members" else "its instructors"
        raise NotYours(f"The dashboard of the training '{training.title}' is open to {audience} only.")


def _queued(activity: Activity, member: Member) -> dict[str, Any]:
    return {
        **member.pseudonym.fields(),
        "state": activity.state,
        "create_time": activity.create_time,
        "update_time": activity.update_time,
    }


def _counted(states: dict[str, int]) -> dict[str, Any]:
    return {"states": states, "total": sum(states.values())}


def _sum(by_tool: dict[str, dict[str, int]]) -> dict[str, int]:
    total: Counter[str] = Counter()
    for states in by_tool.values():
        total.update(states)
    return dict(total)


def _by_tool(by_tool: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
    tools = [{"tool_id": tool_id, **_counted(states)} for tool_id, states in by_tool.items()]
    return sorted(tools, key=lambda tool: (-tool["total"], tool["tool_id"]))


def _by_member(
    jobs: RecentJobs, members: list[Member], time: Callable[[datetime], datetime], named: bool
) -> list[dict[str, Any]]:
    """In the order of their names: that of joining could be known from elsewhere."""
    counts = []
    for member in sorted(members, key=lambda member: member.pseudonym.name):
        states, total, last_active, last_failed = jobs.by_member.get(member.user_id, _NONE)
        of_member = {
            "states": orjson.Fragment(states),
            "total": total,
            "last_active": last_active and time(last_active),
            "last_failed": last_failed,
        }
        counts.append(member.fields(named) | of_member)
    return counts
