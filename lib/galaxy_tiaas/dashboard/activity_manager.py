"""What the members of a training are doing: beside :mod:`.charts` the only place that reads jobs and invocations.

Galaxy has no index on the time at which a job was created, but ids grow with it. So the first id of the
hours in question is searched for (:meth:`ActivityManager.scope`), and of a training that is over the first one after
its end, and only what is between is read: the cost follows the jobs of these hours, not the size of the table.
"""

from collections.abc import (
    Callable,
    Collection,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from functools import partial
from operator import itemgetter
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.model import (
    History,
    HistoryTagAssociation,
    HistoryUserShareAssociation,
    Job,
    Tag,
    User,
    UserGroupAssociation,
    WorkflowInvocation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    BigInteger,
    case,
    cast,
    DateTime,
    func,
    Integer,
    literal,
    null,
    or_,
    Select,
    select,
    tuple_,
    type_coerce,
    union,
    union_all,
)
from sqlalchemy.orm import aliased

from ..core.cache import Cache
from ..core.db import (
    has_grouping_sets,
    is_among,
    is_one_of,
    json_object_of,
)
from ..core.model import Training
from ..routing.attribution_manager import (
    Attribution,
    AttributionManager,
)
from ..routing.manager import names_training

#: Galaxy's states of jobs that came to an end by themselves. What somebody stopped or deleted tells nothing.
SUCCEEDED, FAILED = ("ok",), ("error", "failed")
#: Galaxy's columns for states may be empty.
UNKNOWN = "unknown"
#: By how much the clocks of two of Galaxy's processes may differ, and a row be older than its neighbours.
_CLOCK_SKEW = timedelta(minutes=5)
#: The search for an id ends when so many are left: reading a few rows too many costs less than another query.
_CLOSE_ENOUGH = 2000
#: The newest rows by time are among this many times as many newest by id.
_OUT_OF_ORDER = 4
#: Up to so many members it is cheaper to begin with what is theirs than with what is new.
_SMALL = 300
#: So many rows are looked at where one would do, and the newest of them counts: what comes with an imported
#: history is older than its id says.
_NEIGHBOURS = 200
#: Times are rounded down to a multiple of this, so that all who ask for the last hours get the same id meanwhile.
_STEP = timedelta(minutes=2)
_MAX_IDS = 512


@dataclass(frozen=True)
class Scope:
    """Whose jobs count, of which time, and which of them."""

    group_id: Optional[int]
    #: Live accounts in the group.
    member_ids: tuple[int, ...]
    since: datetime
    #: Nothing counts that was created then or later; ``None``: there is no end yet.
    until: Optional[datetime]
    #: Nothing with a smaller id was created since then.
    first_job_id: int
    first_invocation_id: int
    #: Nothing from this id on came before ``until``; ``None``: there is no such row yet, or no end.
    end_job_id: Optional[int]
    end_invocation_id: Optional[int]
    #: Only what was done in histories that belong to the course: tagged with its identifier, or shared with
    #: one of those who teach it.
    course_only: bool
    identifier: str
    #: Empty unless ``course_only``.
    teacher_ids: tuple[int, ...]
    #: What counts for another training of its user is left out.
    attribution: Attribution


class MemberJobs(NamedTuple):
    """The jobs of one member."""

    #: A JSON object: state to number. There are thousands of members, and nothing but JSON is made of it.
    states: str
    total: int
    #: When the newest of them was created.
    last_active: datetime
    #: Whether the newest that came to an end by itself failed.
    last_failed: bool


@dataclass(frozen=True)
class RecentJobs:
    """All jobs in a scope: the number of them in each state, and the newest of them, newest first."""

    by_member: dict[int, MemberJobs]
    by_tool: dict[str, dict[str, int]]
    newest: "list[Activity]"


class ToolUse(NamedTuple):
    """What one member did with one tool, as far as it is in one state."""

    user_id: int
    tool_id: str
    state: Optional[str]
    jobs: int
    newest_id: int


@dataclass(frozen=True)
class Activity:
    """One job or invocation in a queue."""

    user_id: int
    state: str
    create_time: datetime
    update_time: datetime
    tool_id: Optional[str] = None


def _is_small(scope: Scope) -> bool:
    return len(scope.member_ids) <= _SMALL


def _ids_within(row_id: Any, first: int, end: Optional[int]) -> list[Any]:
    return [row_id >= first] if end is None else [row_id >= first, row_id < end]


def within(scope: Scope, created: Any) -> list[Any]:
    """Conditions on the time at which something was created."""
    return [created >= scope.since] if scope.until is None else [created >= scope.since, created < scope.until]


def made_here(table: Any) -> list[Any]:
    """Conditions that leave out what came with an imported history, as far as it can be told."""
    return [or_(table.imported.is_(None), table.imported.is_(False))] if hasattr(table, "imported") else []


def _guessed(time: Any) -> Any:
    """A time of which PostgreSQL does not believe to know how many rows have it."""
    return func.coalesce(time, datetime.min)


class JobIdWatermarks:
    """Ids found once for all trainings; one for each process.

    New rows have higher ids, so a lower bound stays right for later times: it is only lower than it could be, by the
    rows of two minutes. And an id after which there is nothing from before a time stays one.
    """

    def __init__(self) -> None:
        self._ids: Cache[tuple[str, str, datetime], int] = Cache(_MAX_IDS)

    def since(self, table: str, since: datetime, search: Callable[[datetime], int]) -> int:
        """An id below which the table has no row since then."""
        rounded = since - (since - datetime.min) % _STEP
        key = (table, "since", rounded)
        first_id = self._ids.get(key)
        return self._ids.put(key, search(rounded)) if first_id is None else first_id

    def after(self, table: str, until: datetime, search: Callable[[datetime], Optional[int]]) -> Optional[int]:
        """An id from which on the table has nothing from before exactly then, the end of a training.

        As long as there is none, each call searches, for there will be one.
        """
        key = (table, "after", until)
        end_id = self._ids.get(key)
        if end_id is None and (end_id := search(until)) is not None:
            self._ids.put(key, end_id)
        return end_id


@dataclass
class ActivityManager:
    """Counts are made by the database and are exact; lists are cut to the newest."""

    session: galaxy_scoped_session
    watermarks: JobIdWatermarks
    attribution: AttributionManager

    def scope(
        self,
        training: Training,
        since: datetime,
        course_only: bool,
        member_ids: Optional[Collection[int]] = None,
        *,
        until: Optional[datetime] = None,
    ) -> Scope:
        """What live members did since then.

        Jobs that came with an imported history have the times of their first life, and count if these are of the
        hours in question. After ``until`` nothing of the kind is added: whose import was asked for more than five
        minutes later is left out, whatever its time.

        :param until: before when, if that is over; of what goes on, nothing has an end yet.
        :param member_ids: those of all live members, if the caller has read them already.
        """
        return Scope(
            group_id=training.group_id,
            member_ids=self._live_members(training) if member_ids is None else tuple(member_ids),
            since=since,
            until=until,
            first_job_id=self.watermarks.since("job", since, partial(self._first_id, Job)),
            first_invocation_id=self.watermarks.since("invocation", since, partial(self._first_id, WorkflowInvocation)),
            end_job_id=self._end("job", Job, until),
            end_invocation_id=self._end("invocation", WorkflowInvocation, until),
            course_only=course_only,
            identifier=training.identifier,
            teacher_ids=tuple(training.teacher_ids) if course_only else (),
            attribution=self.attribution.of(training, since),
        )

    def jobs(self, scope: Scope, *columns: Any) -> Select[Any]:
        """These columns of all jobs in the scope, to be refined further."""
        created: Any = Job.create_time
        if _is_small(scope):
            is_members = is_one_of(self.session, Job.user_id, scope.member_ids)
        else:
            # PostgreSQL takes every condition for one more reason to find next to nothing, and would sort what it
            # had better hash. Of these two it believes that they leave much.
            is_members = is_among(self.session, Job.user_id, scope.member_ids)
            created = _guessed(created)
        ids = _ids_within(Job.id, scope.first_job_id, scope.end_job_id)
        counts_here = scope.attribution.jobs(self.session)
        statement = select(*columns).where(*ids, *within(scope, created), is_members, *counts_here)
        return statement.where(Job.history_id.in_(self._course_histories(scope))) if scope.course_only else statement

    def recent_jobs(self, scope: Scope, limit: int) -> RecentJobs:
        """These jobs, in one query."""
        state = func.coalesce(Job.state, UNKNOWN).label("state")
        columns = (Job.id, Job.user_id, Job.tool_id, state, Job.create_time, Job.update_time)
        # Few rows are found in a long way, which is not to be gone twice; many are not to be kept.
        keep = "MATERIALIZED" if _is_small(scope) else "NOT MATERIALIZED"
        recent = self.jobs(scope, *columns).cte("recent").prefix_with(keep, dialect="postgresql")
        job = self._newest(select(recent), recent.c.id, limit).subquery().c
        of_job: list[Any] = [job.user_id, job.tool_id, job.state, null(), job.create_time]
        statement = union_all(*self._counted(recent), select(*of_job, job.update_time, job.id))
        by_member: dict[int, MemberJobs] = {}
        by_tool: dict[str, dict[str, int]] = {}
        queue = []
        for user_id, tool_id, state, count, created, updated, job_id in self._rows(statement):
            if job_id:
                queue.append((created, job_id, Activity(user_id, state, created, updated, tool_id)))
            elif user_id:
                by_member[user_id] = MemberJobs(state, count, created, updated is not None)
            else:
                by_tool.setdefault(tool_id or "", {})[state] = count
        newest = [activity for *_, activity in sorted(queue, key=itemgetter(0, 1), reverse=True)]
        return RecentJobs(by_member, by_tool, newest)

    def tool_use(self, scope: Scope, states: Collection[str]) -> Sequence[ToolUse]:
        """Those of these jobs that are in one of the states, counted by member, tool and state."""
        columns = (Job.user_id, Job.tool_id, Job.state)
        counts = func.count().label("jobs"), func.max(Job.id).label("newest_id")
        statement = self.jobs(scope, *columns, *counts).group_by(*columns)
        statement = statement.where(Job.tool_id.is_not(None), Job.state.in_(states))
        return self._rows(statement)

    def _counted(self, recent: Any) -> list[Select[Any]]:
        """By member, with all states in one row, and by tool and state."""
        user_id, tool_id, state, created = recent.c.user_id, recent.c.tool_id, recent.c.state, recent.c.create_time
        no_time, no_id = cast(null(), DateTime), cast(null(), Integer)
        counts = func.count().label("jobs"), func.max(created).label("newest")
        by_member: Any
        by_tool: Any
        of_members: list[Any]
        of_tools: list[Any]
        if has_grouping_sets(self.session):
            # The rows are read once.
            sets = func.grouping_sets(tuple_(user_id, state), tuple_(tool_id, state))
            is_member = (func.grouping(user_id) == 0).label("is_member")
            counted = select(user_id, tool_id, state, *counts, is_member).group_by(sets).cte("counted").c
            of_members, of_tools = [counted.is_member], [~counted.is_member]
            by_member, by_tool = counted, counted
        else:
            by_member = select(user_id, state, *counts).group_by(user_id, state).subquery().c
            by_tool = select(tool_id, state, *counts).group_by(tool_id, state).subquery().c
            of_members, of_tools = [], []
        states = json_object_of(self.session, by_member.state, by_member.jobs)
        total = cast(func.sum(by_member.jobs), BigInteger)
        newest, failed = func.max(by_member.newest), self._newest_failure(by_member)
        members: list[Any] = [by_member.user_id, null(), states, total, newest, failed, no_id]
        tools: list[Any] = [null(), by_tool.tool_id, by_tool.state, by_tool.jobs, no_time, no_time, no_id]
        return [select(*members).where(*of_members).group_by(by_member.user_id), select(*tools).where(*of_tools)]

    @staticmethod
    def _newest_failure(by_member: Any) -> Any:
        """When the newest failed job was created, unless a newer one succeeded."""
        failed, succeeded = (
            func.max(case((by_member.state.in_(states), by_member.newest))) for states in (FAILED, SUCCEEDED)
        )
        return case((or_(succeeded.is_(None), failed > succeeded), failed))

    def invocations(self, scope: Scope, limit: int) -> tuple[dict[str, int], list[Activity]]:
        """Workflow invocations that live members started since then: their number by state, and the newest of them."""
        columns = (
            WorkflowInvocation.id,
            History.user_id,
            WorkflowInvocation.state,
            WorkflowInvocation.create_time,
            WorkflowInvocation.update_time,
        )
        recent = self._invocations(scope, *columns).cte("recent")
        newest = self._newest(select(recent), recent.c.id, limit).subquery()
        no_time = type_coerce(null(), DateTime)
        counts = select(null(), null(), recent.c.state, no_time, no_time, func.count()).group_by(recent.c.state)
        states: dict[str, int] = {}
        listed = []
        for row in self._rows(union_all(counts, select(newest, literal(0)))):
            row_id, user_id, state, created, updated, count = row
            if count:
                states[state or UNKNOWN] = count
            else:
                listed.append((created, row_id, Activity(user_id, state or UNKNOWN, created, updated)))
        return states, [invocation for *_, invocation in sorted(listed, key=itemgetter(0, 1), reverse=True)]

    def _rows(self, statement: Any) -> Any:
        """The rows with the names of their columns; there are many, and the ORM would look at each."""
        return self.session.connection().execute(statement).all()

    @staticmethod
    def _newest(rows: Select[Any], row_id: Any, limit: int) -> Select[Any]:
        """The newest rows by time, looked for among the newest by id alone: those are found without reading all."""
        candidates = rows.order_by(row_id.desc()).limit(_OUT_OF_ORDER * limit).subquery()
        return select(candidates).order_by(candidates.c.create_time.desc(), candidates.c.id.desc()).limit(limit)

    def _invocations(self, scope: Scope, *columns: Any) -> Select[Any]:
        created: Any = WorkflowInvocation.create_time
        if _is_small(scope):
            # PostgreSQL believes that next to nothing is so new, and would look up the history of each invocation.
            # Of this it believes nothing, and begins with the histories of a few people.
            created = _guessed(created)
        statement = (
            select(*columns)
            .select_from(WorkflowInvocation)
            .join(History, History.id == WorkflowInvocation.history_id)
            .where(
                *_ids_within(WorkflowInvocation.id, scope.first_invocation_id, scope.end_invocation_id),
                *within(scope, created),
                is_one_of(self.session, History.user_id, scope.member_ids),
                *scope.attribution.invocations(self.session),
            )
        )
        return statement.where(History.id.in_(self._course_histories(scope))) if scope.course_only else statement

    def _live_members(self, training: Training) -> tuple[int, ...]:
        statement = (
            select(UserGroupAssociation.user_id)
            .join(User, User.id == UserGroupAssociation.user_id)
            .where(UserGroupAssociation.group_id == training.group_id, User.deleted.is_(False))
        )
        return tuple(self.session.scalars(statement))

    def _course_histories(self, scope: Scope) -> Any:
        """Histories with a tag that names the training, or shared with a teacher."""
        tagged = (
            select(HistoryTagAssociation.history_id)
            .join(Tag, Tag.id == HistoryTagAssociation.tag_id)
            .where(names_training(scope.identifier))
        )
        shared = select(HistoryUserShareAssociation.history_id).where(
            HistoryUserShareAssociation.user_id.in_(scope.teacher_ids)
        )
        return union(tagged, shared)

    def _first_id(self, table: Any, since: datetime) -> int:
        """An id below which no row was created since then."""
        return self.session.scalar(self._last_of_older(table, since - _CLOCK_SKEW)) or 0

    def _end(self, name: str, table: Any, until: Optional[datetime]) -> Optional[int]:
        return None if until is None else self.watermarks.after(name, until, partial(self._end_id, table))

    def _end_id(self, table: Any, until: datetime) -> Optional[int]:
        """The id of a row that is so new that nothing from it on can have come before then, if there is one already.

        That a row came earlier cannot be told from its own time, which may be one of an imported history; but that
        it came later than another can be told from its id.
        """
        new_enough = until + _CLOCK_SKEW
        low = self._last_of_older(table, new_enough).scalar_subquery()
        newer = select(table.id).where(table.id >= low, _guessed(table.create_time) >= new_enough, *made_here(table))
        return self.session.scalar(newer.order_by(table.id).limit(1))

    def _last_of_older(self, table: Any, time: datetime) -> Select[Any]:
        """The last id found to have only older rows before it: a binary search through the primary key.

        The database does all steps by itself: each would take longer on its way than to make. A step looks
        ``width`` ahead of ``low`` and goes there if everything before is too old; then the width is halved.
        """
        first, last = func.coalesce(func.min(table.id), 0), func.coalesce(func.max(table.id), 0)
        search = select(first.label("low"), ((last - first + 2) // 2).label("width")).cte("search", recursive=True)
        ahead = search.c.low + search.c.width
        is_older = self._newest_of_neighbours(table, ahead, search).scalar_subquery() < time
        search = search.union_all(
            select(case((is_older, ahead), else_=search.c.low), (search.c.width + 1) // 2).where(
                search.c.width > _CLOSE_ENOUGH // 2
            )
        )
        return select(func.max(search.c.low))

    @staticmethod
    def _newest_of_neighbours(table: Any, first_id: Any, search: Any) -> Select[Any]:
        near = aliased(table)
        neighbours = select(near.create_time).where(near.id >= first_id, *made_here(near))
        neighbours = neighbours.order_by(near.id).limit(_NEIGHBOURS).correlate(search)
        return select(func.max(neighbours.subquery().c.create_time))
