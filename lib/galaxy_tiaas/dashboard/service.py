"""What a class is doing: the dashboard, and its charts."""

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from statistics import quantiles
from typing import (
    Any,
    NamedTuple,
    Optional,
)

import numpy as np

from ..compat.tools import ToolNames
from ..core.actor import (
    Actor,
    may_manage,
)
from ..core.cache import (
    CachedResponse,
    ResultCache,
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
    ActivityManager,
    Scope,
)
from .class_jobs import (
    Activity,
    as_time,
    ClassJobs,
    MICROSECONDS_PER_MINUTE,
)
from .execution_manager import ExecutionManager
from .executions import Executions
from .manager import (
    ChartManager,
    WaitSample,
)
from .people import (
    ClassResponse,
    People,
    Rows,
)
from .schema import (
    Bucket,
    JobsShown,
    MemberCounts,
    QueuedInvocation,
    QueuedJob,
    TrainingActivity,
    TrainingStatus,
    WaitingTimes,
    Waits,
    Withheld,
)

SHORTEST_HOURS = 1
LONGEST_HOURS = 64
USUAL_HOURS = 3
LONGEST_QUEUE = 300

#: Nobody sees from a chart what happened within half a minute.
_TTL = timedelta(seconds=30)
_MINUTE = 60
#: Lengths that divide an hour or are hours.
_LENGTHS = tuple(minutes * _MINUTE for minutes in (2, 5, 10, 15, 20, 30, 60, 120))
#: As many bars as can be told apart on a phone.
_MOST_BUCKETS = 36

#: From how many jobs, of how many people, nobody can tell from quartiles how long a certain person waited.
#: Those who may see the dashboard know who is in the class, but not who else works on the server.
_ENOUGH_OF_MEMBERS = (20, 5)
_ENOUGH_OF_OTHERS = (50, 10)


class Audience(NamedTuple):
    """Those who may see the same, and so share a result."""

    #: Which jobs.
    shown: JobsShown
    #: Jobs and workflow runs one by one, and times to the second.
    detailed: bool
    #: Who is behind a pseudonym.
    named: bool

    def time(self, time: datetime) -> datetime:
        """As it is shown: with its seconds, or as a whole minute.

        Datasets of published histories have the second of their job, and so would tell whose pseudonym did it.
        """
        return time if self.detailed else time.replace(second=0, microsecond=0)


@dataclass
class StatusService:
    """Puts together what the members of a training did in the last hours."""

    config: TiaasConfig
    cohorts: CohortManager
    memberships: MembershipsService
    activity: ActivityManager
    executions: ExecutionManager
    tools: ToolNames
    results: ResultCache

    def status(
        self,
        actor: Actor,
        training: Training,
        hours: int,
        now: datetime,
        shown: JobsShown = JobsShown.ALL,
        *,
        for_class: bool = False,
    ) -> "StatusResponse":
        """The last ``hours`` (1 to 64) of a class; everybody who may see the same gets the same object.

        Only instructors and admins see jobs and workflow runs one by one, with their seconds: whoever knows one of
        them, as from a published history, would know the person. All others see counts and whole minutes.

        :param for_class: what the class may see, whoever asks.
        """
        audience = self.audience(Actor() if for_class else actor, training, shown)
        key = ("status", training.id, hours, training.course_only, audience)
        return self.results.renew(key, now, lambda previous: self._compute(training, hours, now, audience, previous))

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

    def audience(self, actor: Actor, training: Training, shown: JobsShown) -> Audience:
        """What the actor may see.

        :param shown: which jobs; nothing but ``COURSE`` where the instructor wants it so.
        """
        teaches = may_manage(actor, training)
        named = self.config.expose_username or (self.config.instructors_see_usernames and teaches)
        return Audience(JobsShown.COURSE if training.course_only else shown, teaches, named)

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
        self, training: Training, hours: int, now: datetime, audience: Audience, previous: Optional["StatusResponse"]
    ) -> "StatusResponse":
        members = self.memberships.by_name(training, now)
        by_user = {member.user_id: member for member in members}
        # The hours begin with a minute too: it would be seen in which second a job drops out of them.
        scope = self.last_hours(training, hours, audience.time(now), audience.shown, by_user)
        longest_queue = LONGEST_QUEUE if audience.detailed else 0
        jobs = self.activity.class_jobs(scope, now)
        runs = self.activity.class_invocations(scope, now)
        invocations = _counted(runs.by_state())
        content = {
            "identifier": training.identifier,
            "title": training.title,
            "hours": hours,
            "until": scope.until and audience.time(scope.until),
            "shown": audience.shown,
            "course_only": training.course_only,
            "generated": audience.time(now),
            "members": len(members),
            "jobs": _counted(jobs.by_state()),
            "tools": self._by_tool(jobs.by_tool()),
            "invocations": invocations,
        }
        if audience.detailed:
            content["queue"] = [
                {
                    **_queued(job, by_user[job.user_id]),
                    "tool_id": job.tool_id,
                    "tool_name": self.tools.name(job.tool_id),
                }
                for job in jobs.newest(longest_queue)
            ]
            invocations["queue"] = [_queued(run, by_user[run.user_id]) for run in runs.newest(longest_queue)]
        people = _by_member(jobs, self.executions.of(scope, now), members, audience)
        return StatusResponse(TrainingStatus, content, people, previous)

    def _by_tool(self, by_tool: dict[str, dict[str, int]]) -> list[dict[str, Any]]:
        tools = [
            {"tool_id": tool_id, "name": self.tools.name(tool_id), **_counted(states)}
            for tool_id, states in by_tool.items()
        ]
        return sorted(tools, key=lambda tool: (-tool["total"], tool["tool_id"]))

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


def _by_member(
    jobs: ClassJobs, executed: Executions, members: list[Member], audience: Audience
) -> People[MemberCounts]:
    """
    :param executed: by these jobs. :param members: in the order of their names.
    """
    last, total = jobs.last(jobs.created), jobs.totals()
    if not audience.detailed:
        last -= np.where(total, last % MICROSECONDS_PER_MINUTE, 0)

    states = jobs.states

    def row(numbers: list[int], counts: list[int]) -> dict[str, Any]:
        total, last_failed, last = numbers
        return {
            "states": {state: count for state, count in zip(states, counts, strict=True) if count},
            "total": total,
            "last_failed": bool(last_failed),
            "last_active": as_time(last) if total else None,
        }

    columns = {"total": total, "last_failed": executed.failing_members.astype(np.int64), "last_active": last}
    return People(
        MemberCounts,
        members,
        named=audience.named,
        columns=columns,
        more=jobs.states_by_member(),
        kind=states,
        row=row,
    )


class StatusResponse(ClassResponse[TrainingStatus]):
    def _outlined(self, content: dict[str, Any]) -> TrainingStatus:
        queue, runs = content.get("queue"), content["invocations"].get("queue")
        invocations = {**content["invocations"], "queue": None}
        status = super()._outlined({**content, "queue": None, "invocations": invocations})
        status.queue = None if queue is None else Rows(QueuedJob, queue)  # type: ignore[assignment]
        status.invocations.queue = None if runs is None else Rows(QueuedInvocation, runs)  # type: ignore[assignment]
        return status


# Charts


@dataclass
class ChartsService:
    """Nothing in its answers belongs to one person."""

    status: StatusService
    memberships: MembershipsService
    activity: ActivityManager
    charts: ChartManager
    results: ResultCache

    def show(
        self, actor: Actor, training: Training, hours: int, now: datetime, shown: JobsShown = JobsShown.ALL
    ) -> CachedResponse[TrainingActivity]:
        """The last ``hours`` (1 to 64) of a class."""
        audience = self.status.audience(actor, training, shown)
        at = audience.time(now)
        key = ("charts", training.id, hours, audience)
        return self.results.get(
            key, now, lambda: CachedResponse(self._compute(training, hours, now, at, audience.shown)), ttl=_TTL
        )

    def _compute(
        self, training: Training, hours: int, now: datetime, at: datetime, shown: JobsShown
    ) -> TrainingActivity:
        """
        :param at: now, as it is shown.
        """
        member_ids = [member.user_id for member in self.memberships.by_name(training, now)]
        scope = self.status.last_hours(training, hours, at, shown, member_ids)
        seconds = bucket_seconds(hours)
        jobs = self.activity.class_jobs(scope, now)
        counts = jobs.by_time(seconds)
        members, members_withheld = waiting_times(self.charts.waits_of_members(jobs), *_ENOUGH_OF_MEMBERS)
        others, others_withheld = waiting_times(self.charts.waits_of_others(scope), *_ENOUGH_OF_OTHERS)
        return TrainingActivity(
            identifier=training.identifier,
            hours=hours,
            shown=shown,
            generated=at,
            bucket_seconds=seconds,
            buckets=_buckets(counts, seconds, scope.since, scope.until or at),
            waits=Waits(
                unit="seconds",
                members=members,
                members_withheld=members_withheld,
                others=others,
                others_withheld=others_withheld,
            ),
        )


def bucket_seconds(hours: int) -> int:
    """A round length of spans of which so many hours have neither too many nor too few."""
    return next(length for length in _LENGTHS if hours * 60 * _MINUTE <= length * _MOST_BUCKETS)


def waiting_times(
    found: WaitSample, fewest_jobs: int, fewest_people: int
) -> tuple[Optional[WaitingTimes], Optional[Withheld]]:
    """Quartiles, in whole seconds, or why they are not told."""
    by_person = Counter(user_id for user_id, _ in found.waits)
    jobs = len(found.waits)
    if jobs < fewest_jobs or len(by_person) < fewest_people:
        return None, Withheld.TOO_FEW
    if max(by_person.values()) > jobs / 2:
        return None, Withheld.ONE_PERSON
    p25, median, p75 = quantiles((seconds for _, seconds in found.waits), n=4, method="inclusive")
    return WaitingTimes(jobs=jobs, sampled=found.sampled, p25=round(p25), median=round(median), p75=round(p75)), None


def _buckets(counts: list[tuple[datetime, str, int]], seconds: int, since: datetime, until: datetime) -> list[Bucket]:
    """All spans from the one with ``since`` to the one with ``until``, empty ones included."""
    length = timedelta(seconds=seconds)
    first, last = (moment - (moment - datetime(1970, 1, 1)) % length for moment in (since, until))
    states: dict[datetime, Counter[str]] = {
        first + number * length: Counter() for number in range((last - first) // length + 1)
    }
    for start, state, count in counts:
        # The clock of the process that created a job may be ahead of ours.
        states[min(start, last)][state] += count
    return [Bucket(start=start, states=dict(sorted(of_span.items()))) for start, of_span in states.items()]
