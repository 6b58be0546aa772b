"""What the members of a training are doing: beside :mod:`.charts` the only place that reads jobs and invocations.

Galaxy has no index on the time at which a job was created, but ids grow with it. So the first id of the
hours in question is searched for (:meth:`ActivityManager.scope`), and of a training that is over the first one after
its end, and only what is between is read: the cost follows the jobs of these hours, not the size of the table.
"""

from collections.abc import (
    Callable,
    Collection,
    Hashable,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    replace,
)
from datetime import (
    datetime,
    timedelta,
)
from functools import (
    cached_property,
    partial,
)
from typing import (
    Any,
    Generic,
    NamedTuple,
    Optional,
    TypeVar,
)

import numpy as np
from galaxy.model import (
    History,
    HistoryDatasetAssociation,
    HistoryTagAssociation,
    HistoryUserShareAssociation,
    ImplicitCollectionJobsJobAssociation,
    Job,
    JobToInputDatasetAssociation,
    Tag,
    User,
    UserGroupAssociation,
    WorkflowInvocation,
    WorkflowInvocationStep,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    bindparam,
    case,
    cast,
    ColumnElement,
    DateTime,
    func,
    literal,
    null,
    or_,
    Select,
    select,
    String,
    true,
    union,
)
from sqlalchemy.orm import aliased

from ..core.cache import (
    Cache,
    SingleFlightCache,
)
from ..core.config import TiaasConfig
from ..core.db import (
    as_parameter,
    dialect_of,
    disable_jit,
    is_among,
    is_one_of,
    microseconds_since_1970,
)
from ..core.model import Training
from ..routing.attribution_manager import (
    Attribution,
    AttributionManager,
)
from ..routing.manager import names_training
from .class_jobs import (
    ClassJobs,
    Ints,
    Jobs,
    microseconds,
    of_members,
)

F = TypeVar("F")

#: By how much the clocks of two of Galaxy's processes may differ, and a row be older than its neighbours.
_CLOCK_SKEW = timedelta(minutes=5)
#: The search for an id ends when so many are left: reading a few rows too many costs less than another query.
_CLOSE_ENOUGH = 2000
#: Up to so many members it is cheaper to begin with what is theirs than with what is new.
_SMALL = 300
#: So many rows are looked at where one would do, and the newest of them counts: what comes with an imported
#: history is older than its id says.
_NEIGHBOURS = 200
#: Times are rounded down to a multiple of this, so that all who ask for the last hours get the same id meanwhile.
_STEP = timedelta(minutes=2)
_MAX_IDS = 512
#: How long jobs of a class are held without having been read whole.
_WHOLE_INTERVAL = timedelta(minutes=5)
#: For so long a change may be on its way into the database.
_OVERLAP = timedelta(minutes=2)
#: Up to this length, one copy of a class's jobs serves all hours within it: on the first day, and the hours before it
#: in which people may join.
_SHORT = timedelta(hours=36)
_HOUR = timedelta(hours=1)
#: Classes whose jobs are held, and for how many seconds.
_MAX_CLASSES = 32
_IDLE_SECONDS = 600
#: Of each kind.
_MAX_LOOKED_UP = 50_000
#: Scopes of pages that are being made, and for how many seconds that may take.
_MAX_SCOPES = 8
_PAGE_SECONDS = 5

#: Whose jobs and workflow runs are.
_USER_ID: dict[Any, Any] = {Job: Job.user_id, WorkflowInvocation: History.user_id}
_history = aliased(History)
#: By what they depend on; to put one together takes longer than the database does to find nothing new.
_statements: dict[tuple[Any, ...], Select[Any]] = {}
#: Looked up for each workflow run; else PostgreSQL may begin with all histories of the server.
_OWNER = select(_history.user_id).where(_history.id == WorkflowInvocation.history_id).scalar_subquery()


@dataclass(frozen=True)
class Scope:
    """Whose jobs count, of which time, and which of them."""

    group_id: Optional[int]
    #: Live accounts in the group.
    member_ids: tuple[int, ...]
    since: datetime
    #: Nothing counts that was created then or later; ``None``: there is no end yet.
    until: Optional[datetime]
    #: Only what was done in histories that belong to the course: tagged with its identifier, or shared with
    #: one of those who teach it.
    course_only: bool
    identifier: str
    #: Empty unless ``course_only``.
    teacher_ids: tuple[int, ...]
    #: When the window of the training opened.
    opens: datetime
    ids: "Ids"

    @cached_property
    def attribution(self) -> Attribution:
        """What counts for another training of its user is left out."""
        return self.ids.attribution()

    @cached_property
    def course_history_ids(self) -> Ints:
        return self.ids.course_histories()

    @property
    def key(self) -> Hashable:
        """The same for what is the same at the same time."""
        return (self.group_id, self.member_ids, self.since, self.until, self.course_only, self.teacher_ids)


class Ids(NamedTuple):
    """Looks for ids when they are needed."""

    #: Nothing in this table with a smaller id was created since the beginning of the scope.
    first: Callable[[Any], int]
    #: Nothing from this id on came before its end; ``None``: there is no such row yet, or no end.
    end: Callable[[Any], Optional[int]]
    course_histories: Callable[[], Ints]
    attribution: Callable[[], Attribution]


@dataclass(frozen=True)
class HeldRows:
    """Jobs of a class in memory, or workflow runs."""

    rows: Jobs
    #: None was created before.
    since: datetime
    #: Whose jobs are there.
    member_ids: frozenset[int]
    #: When all of them were read, and when those that had changed.
    whole_at: datetime
    read_at: datetime


class FirstRun(NamedTuple):
    """When a job that has run was created, and how many seconds it waited."""

    user_id: int
    created: datetime
    waited: float
    #: Whether it stood in a queue of this server as jobs of trainings do.
    counts: bool


class LookupCache(Generic[F]):
    """What never changes, by ids; one for each process."""

    def __init__(self, holds: bool) -> None:
        self._holds = holds
        self._rows: dict[int, F] = {}

    def look_up(self, ids: Sequence[int], read: Callable[[list[int]], Mapping[int, F]]) -> dict[int, F]:
        """In the order of the ids; what does not exist yet is looked up again next time."""
        known = self._rows
        missing = [row_id for row_id in ids if row_id not in known]
        found = read(missing) if missing else {}
        if found and self._holds:
            self._rows = {**(known if len(known) < _MAX_LOOKED_UP else {}), **found}
        return {row_id: rows[row_id] for row_id in ids for rows in (known, found) if row_id in rows}


class JobCache:
    """Jobs of classes that somebody watches; one for each process."""

    #: Of one class: 88 MB.
    most_rows = 1_000_000

    def __init__(self, config: TiaasConfig, session: galaxy_scoped_session) -> None:
        self._holds = config.status_refresh_seconds > 0
        # As in :class:`ResultCache`: who waits needs no connection.
        self._held: SingleFlightCache[Hashable, HeldRows] = SingleFlightCache(
            _MAX_CLASSES, session.rollback, _IDLE_SECONDS
        )
        self._in_scope: Cache[Hashable, Any] = Cache(_MAX_SCOPES, _PAGE_SECONDS)
        #: When jobs first ran, their parameters, whose results they replaced, whether they were made for a collection.
        self.first_runs: LookupCache[FirstRun] = LookupCache(self._holds)
        self.parameters: LookupCache[Hashable] = LookupCache(self._holds)
        self.remapped: LookupCache[int] = LookupCache(self._holds)
        self.was_element: LookupCache[bool] = LookupCache(self._holds)
        #: Steps of workflow runs, and tools of workflows.
        self.invoked_steps: LookupCache[Any] = LookupCache(self._holds)
        self.workflow_tools: LookupCache[Any] = LookupCache(self._holds)

    def in_scope(self, key: Hashable, find: Callable[[], F]) -> F:
        """What is in a scope at some time: the parts of a page have some scopes in common."""
        if not self._holds:
            return find()
        found: Optional[F] = self._in_scope.get(key)
        return self._in_scope.put(key, find()) if found is None else found

    def renewed(
        self, key: Hashable, renew: Callable[[Optional[HeldRows]], HeldRows], is_fresh: Callable[[HeldRows], bool]
    ) -> HeldRows:
        """What is held under a key, made by ``renew`` of what was held before unless that is fresh.

        What would take too much memory is not held, and read whole each time.
        """
        if not self._holds:
            return renew(None)
        held = self._held.renew(key, renew, is_fresh)
        if len(held.rows.id) > self.most_rows:
            self._held.forget(key)
        return held


def _is_small(scope: Scope) -> bool:
    return len(scope.member_ids) <= _SMALL


def _ids_within(row_id: Any, first: int, end: Optional[int]) -> list[Any]:
    return [row_id >= first] if end is None else [row_id >= first, row_id < end]


def _held_as(scope: Scope, now: datetime) -> tuple[tuple[Hashable, ...], datetime]:
    """Under which key the jobs of a scope are held, and since when.

    What one looks at on the first day of a class is all from one place; later, a few hours need not come with days.
    """
    opens, ends = scope.opens, scope.until or now
    if scope.since == opens or (scope.since > opens and ends - opens <= _SHORT):
        return (scope.group_id, scope.until, opens), opens
    return (scope.group_id, scope.until, round((ends - scope.since) / _HOUR)), _rounded(scope.since)


def _created(table: Any, since: Any, *columns: Any) -> Select[Any]:
    """Columns of jobs, or workflow runs with their histories, that were created since then."""
    statement = select(*columns).where(table.create_time >= since)
    return statement if table is Job else statement.join(History, History.id == table.history_id)


def _course_histories(identifier: str, teacher_ids: Collection[int]) -> Any:
    """Histories with a tag that names the training, or shared with a teacher."""
    tagged = (
        select(HistoryTagAssociation.history_id)
        .join(Tag, Tag.id == HistoryTagAssociation.tag_id)
        .where(names_training(identifier))
    )
    shared = select(HistoryUserShareAssociation.history_id).where(HistoryUserShareAssociation.user_id.in_(teacher_ids))
    return union(tagged, shared)


def _column(rows: Any) -> Ints:
    return np.array([row[0] for row in rows], dtype=np.int64)


def within(scope: Scope, created: Any) -> list[Any]:
    """Conditions on the time at which something was created."""
    return [created >= scope.since] if scope.until is None else [created >= scope.since, created < scope.until]


def made_here(table: Any) -> list[Any]:
    """Conditions that leave out what came with an imported history, as far as it can be told."""
    return [or_(table.imported.is_(None), table.imported.is_(False))] if hasattr(table, "imported") else []


def _guessed(time: Any) -> Any:
    """A time of which PostgreSQL does not believe to know how many rows have it."""
    return func.coalesce(time, datetime.min)


def _rounded(time: datetime) -> datetime:
    return time - (time - datetime.min) % _STEP


class JobIdWatermarks:
    """Ids found once for all trainings; one for each process.

    New rows have higher ids, so a lower bound stays right for later times: it is only lower than it could be, by the
    rows of two minutes. And an id after which there is nothing from before a time stays one.
    """

    def __init__(self) -> None:
        self._ids: Cache[tuple[str, str, datetime], int] = Cache(_MAX_IDS)

    def since(self, table: str, since: datetime, search: Callable[[datetime], int]) -> int:
        """An id below which the table has no row since then."""
        rounded = _rounded(since)
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
    held: JobCache
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
            course_only=course_only,
            identifier=training.identifier,
            teacher_ids=tuple(training.teacher_ids) if course_only else (),
            opens=self.attribution.window(training).opens,
            ids=Ids(
                partial(self._first_id, since),
                partial(self._end_id, until),
                partial(self._course_history_ids, training),
                partial(self.attribution.of, training, since),
            ),
        )

    def jobs(self, scope: Scope, *columns: Any) -> Select[Any]:
        """These columns of all jobs in the scope, to be refined further."""
        # PostgreSQL takes every condition for one more reason to find next to nothing, and would sort what it had
        # better hash. Of a guessed time it believes that much is so new.
        created = Job.create_time if _is_small(scope) else _guessed(Job.create_time)
        ids = _ids_within(Job.id, scope.ids.first(Job), scope.ids.end(Job))
        counts_here = scope.attribution.jobs(self.session)
        statement = select(*columns).where(*ids, *within(scope, created), self._is_members(Job, scope), *counts_here)
        if scope.course_only:
            statement = statement.where(Job.history_id.in_(_course_histories(scope.identifier, scope.teacher_ids)))
        return statement

    def class_jobs(self, scope: Scope, now: datetime) -> ClassJobs:
        """All jobs in the scope, from memory; only those are read that have changed since somebody looked last.

        Whole again every five minutes, and whenever the scope or the clock does not fit. Galaxy sets the time of a
        change before it commits it, perhaps on a host whose clock is behind: what it took longer to commit than
        :data:`_OVERLAP`, and what was written past Galaxy without that time, is noticed when all is read again.
        """
        return self.held.in_scope((Job, scope.key, now), lambda: self._in_scope(Job, scope, now))

    def class_invocations(self, scope: Scope, now: datetime) -> ClassJobs:
        """The same of workflow runs."""
        return self.held.in_scope(
            (WorkflowInvocation, scope.key, now), lambda: self._in_scope(WorkflowInvocation, scope, now)
        )

    def _in_scope(self, table: Any, scope: Scope, now: datetime) -> ClassJobs:
        key, since = _held_as(scope, now)
        held = self.held.renewed(
            (table, *key),
            lambda previous: self._renewed(previous, table, scope, since, now),
            is_fresh=lambda held: (
                timedelta() <= held.read_at - now < _CLOCK_SKEW
                and held.since <= since
                and held.member_ids.issuperset(scope.member_ids)
            ),
        )
        rows = of_members(held.rows, scope.member_ids)
        counts = rows.created >= microseconds(scope.since)
        if scope.until is not None:
            counts &= rows.created < microseconds(scope.until)
        end_id = scope.ids.end(table)
        if end_id is not None:
            counts &= rows.id < end_id
        if len(rows.id) and not set(rows.users).isdisjoint(scope.attribution.user_ids):
            counts &= ~np.isin(rows.id, self._count_elsewhere(table, scope, since))
        if scope.course_only:
            counts &= np.isin(rows.history_id, scope.course_history_ids)
        return rows.where(counts)

    def _renewed(self, held: Optional[HeldRows], table: Any, scope: Scope, since: datetime, now: datetime) -> HeldRows:
        """What is held of a class, with what has changed, or everything anew."""
        member_ids = frozenset(scope.member_ids)
        if held is None or held.since > since or not timedelta() <= now - held.whole_at < _WHOLE_INTERVAL:
            first_id = self._first_id(since, table)
            disable_jit(self.session)
            rows = self._read(table, since, scope.member_ids, first_id=first_id)
            return HeldRows(rows, since, member_ids, whole_at=now, read_at=now)
        changed = self._read(table, held.since, scope.member_ids, held.rows, changed_since=held.read_at - _OVERLAP)
        rows = held.rows.merged(changed)
        if newcomers := sorted(member_ids - held.member_ids):
            first_id = self._first_id(held.since, table)
            rows = rows.merged(self._read(table, held.since, newcomers, rows, first_id=first_id))
        # Of those who have left, nothing is read from now on.
        return replace(held, rows=rows, member_ids=member_ids, read_at=now)

    def _read(
        self,
        table: Any,
        since: datetime,
        user_ids: Sequence[int],
        like: Optional[Jobs] = None,
        *,
        first_id: Optional[int] = None,
        changed_since: Optional[datetime] = None,
    ) -> Jobs:
        """What these people have, from an id on or changed since some time, as :meth:`Jobs.of` takes it."""
        kind = (dialect_of(self.session), table, len(user_ids) <= _SMALL, first_id is None)
        if kind not in _statements:
            _statements[kind] = self._statement(*kind[1:])
        limit = changed_since if first_id is None else first_id
        parameters = {"since": since, "user_ids": as_parameter(self.session, user_ids), "limit": limit}
        return Jobs.of(self.session.connection().execute(_statements[kind], parameters).all(), like)

    def _statement(self, table: Any, is_small: bool, is_of_changes: bool) -> Select[Any]:
        """The columns of rows by ``since``, ``user_ids``, and ``limit``: the first id or time of change."""
        created, changed = (
            microseconds_since_1970(self.session, time) for time in (table.create_time, table.update_time)
        )
        numbers = (
            table.id,
            func.coalesce(table.history_id, 0),
            _USER_ID[table],
            created,
            func.coalesce(changed, created),
        )
        groups = (Job.tool_id if table is Job else null(), table.state)
        values = (*(cast(number, String) for number in numbers), *self._origins(table))
        texts = (func.aggregate_strings(value, " ") for value in values)
        limited = table.update_time if is_of_changes else table.id
        user_ids = bindparam("user_ids", type_=String)
        if is_small:
            is_theirs = is_one_of(self.session, _USER_ID[table], user_ids)
        else:
            is_theirs = is_among(self.session, Job.user_id if table is Job else _OWNER, user_ids)
        statement = _created(table, bindparam("since", type_=DateTime), *groups, *texts)
        statement = statement.where(limited >= bindparam("limit", type_=limited.type), is_theirs)
        return statement.group_by(*groups if table is Job else groups[1:])

    @staticmethod
    def _origins(table: Any) -> tuple[Any, ...]:
        """Of what a job is a part, and the ids of its inputs with commas between, as :meth:`Jobs.of` takes them."""
        if table is not Job:
            return (literal("0"),) * 3
        of_job = ImplicitCollectionJobsJobAssociation.job_id == Job.id
        mapped = select(func.max(ImplicitCollectionJobsJobAssociation.implicit_collection_jobs_id)).where(of_job)
        step = func.max(WorkflowInvocationStep.id)
        is_its_collection = (
            WorkflowInvocationStep.implicit_collection_jobs_id
            == ImplicitCollectionJobsJobAssociation.implicit_collection_jobs_id
        )
        invoked = (
            select(step).where(WorkflowInvocationStep.job_id == Job.id),
            select(step).join(ImplicitCollectionJobsJobAssociation, is_its_collection).where(of_job),
        )
        # Galaxy copies datasets into collections that somebody builds, and histories: the data stay the same.
        data_id = func.coalesce(HistoryDatasetAssociation.dataset_id, HistoryDatasetAssociation.id)
        inputs = (
            select(func.aggregate_strings(cast(data_id, String), ","))
            .select_from(JobToInputDatasetAssociation)
            .join(HistoryDatasetAssociation, HistoryDatasetAssociation.id == JobToInputDatasetAssociation.dataset_id)
            .where(JobToInputDatasetAssociation.job_id == Job.id)
        )
        return (
            cast(func.coalesce(mapped.scalar_subquery(), 0), String),
            cast(func.coalesce(*(found.scalar_subquery() for found in invoked), 0), String),
            func.coalesce(inputs.scalar_subquery(), "0"),
        )

    def _count_elsewhere(self, table: Any, scope: Scope, since: datetime) -> Ints:
        """Ids of rows of members that count for another training."""
        attribution = scope.attribution
        counts_here = attribution.jobs(self.session) if table is Job else attribution.invocations(self.session)
        shared = is_one_of(self.session, _USER_ID[table], attribution.user_ids)
        first = table.id >= self._first_id(since, table)
        return _column(
            self._rows(_created(table, since, table.id).where(first, shared, and_(true(), *counts_here).is_not(True)))
        )

    def _rows(self, statement: Any) -> Any:
        """The rows with the names of their columns; there are many, and the ORM would look at each."""
        return self.session.connection().execute(statement).all()

    def _is_members(self, table: Any, scope: Scope) -> ColumnElement[bool]:
        if _is_small(scope):
            return is_one_of(self.session, _USER_ID[table], scope.member_ids)
        return is_among(self.session, Job.user_id if table is Job else _OWNER, scope.member_ids)

    def _live_members(self, training: Training) -> tuple[int, ...]:
        statement = (
            select(UserGroupAssociation.user_id)
            .join(User, User.id == UserGroupAssociation.user_id)
            .where(UserGroupAssociation.group_id == training.group_id, User.deleted.is_(False))
        )
        return tuple(self.session.scalars(statement))

    def _course_history_ids(self, training: Training) -> Ints:
        return _column(self._rows(_course_histories(training.identifier, training.teacher_ids)))

    def _first_id(self, since: datetime, table: Any) -> int:
        """An id below which no row was created since then."""

        def search(since: datetime) -> int:
            return self.session.scalar(self._last_of_older(table, since - _CLOCK_SKEW)) or 0

        return self.watermarks.since(table.__tablename__, since, search)

    def _end_id(self, until: Optional[datetime], table: Any) -> Optional[int]:
        """The id of a row that is so new that nothing from it on can have come before then, if there is one already.

        That a row came earlier cannot be told from its own time, which may be one of an imported history; but that
        it came later than another can be told from its id.
        """

        def search(until: datetime) -> Optional[int]:
            new_enough = until + _CLOCK_SKEW
            low = self._last_of_older(table, new_enough).scalar_subquery()
            is_newer = (table.id >= low, _guessed(table.create_time) >= new_enough, *made_here(table))
            return self.session.scalar(select(table.id).where(*is_newer).order_by(table.id).limit(1))

        return None if until is None else self.watermarks.after(table.__tablename__, until, search)

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
