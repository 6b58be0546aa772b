"""Numbers about trainings, and what a class used, added up by the database."""

from collections import (
    Counter,
    defaultdict,
)
from collections.abc import (
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.model import (
    Job,
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    case,
    cast,
    ColumnElement,
    exists,
    extract,
    func,
    Select,
    select,
    String,
)
from sqlalchemy.orm import InstrumentedAttribute

from ..compat.jobs import (
    cores,
    runtime_seconds,
)
from ..core.config import TiaasConfig
from ..core.db import is_one_of
from ..core.model import (
    Training,
    TrainingChange,
    TrainingEvent,
    TrainingLocation,
)
from ..core.times import last_day
from ..dashboard.activity_manager import (
    ActivityManager,
    made_here,
)
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .usage import (
    hours,
    Usage,
)

_APPROVED = Training.state == TrainingState.APPROVED.value
#: Rows may be committed in another order than they get their ids; so many are looked at.
_LATEST = 100
#: So long after the end of a training, whoever was about to join it has joined, whatever the clocks say.
_SETTLED = timedelta(minutes=1)


class YearSums(NamedTuple):
    """Sums over approved trainings that begin in one year, or in any.

    What was used is known of those that are over and counted.
    """

    trainings: int = 0
    ongoing: int = 0
    upcoming: int = 0
    finished: int = 0
    days: int = 0
    attendance: int = 0
    joined: int = 0
    jobs: int = 0
    job_seconds: int = 0
    core_seconds: int = 0

    def fields(self) -> dict[str, Any]:
        """With the names that they have in the API."""
        fields = self._asdict()
        job_seconds, core_seconds = fields.pop("job_seconds"), fields.pop("core_seconds")
        return {**fields, "job_hours": hours(job_seconds), "core_hours": hours(core_seconds)}


@dataclass(frozen=True)
class MemberCounts:
    """Live members by the id of their group, as they were at a time."""

    counted_at: datetime
    by_group: Counter[int]


class StatisticsManager:
    """Answers come from the database in a fixed number of queries, however many trainings there were."""

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager):
        self.session = session
        self.trainings = trainings

    def latest_change(self) -> tuple[Any, ...]:
        """Differs after every decision about a training, every change of one, and after everybody who joins."""
        event, member = TrainingEvent, UserGroupAssociation
        events = select(event.id).order_by(event.id.desc()).limit(_LATEST).subquery().c
        # SQLite gives the id of the last row again once that is deleted; hence the accounts.
        members = select(member.id, member.user_id).order_by(member.id.desc()).limit(_LATEST).subquery().c
        sums = [func.max(events.id), func.sum(events.id), func.sum(members.id), func.sum(members.user_id)]
        return tuple(self.session.execute(select(*(select(each).scalar_subquery() for each in sums))).one())

    def count_waiting(self) -> int:
        """The number of requests that wait."""
        waiting = select(func.count()).select_from(Training).where(Training.state == TrainingState.NEW.value)
        return self.session.scalar(waiting) or 0

    def count_members(self, now: datetime) -> MemberCounts:
        """The live members of every group: most of what there is to count."""
        return MemberCounts(now, self._live_members())

    def by_year(self, now: datetime, counted: Optional[MemberCounts] = None) -> dict[int, YearSums]:
        """Sums over the approved trainings whose first day is in a year, the oldest year first.

        :param counted: earlier counts, for trainings that were over then; nobody joins these any more.
        """
        counted = counted or self.count_members(now)

        def number_of(phase: TrainingPhase) -> ColumnElement[int]:
            return func.sum(case((self.trainings.in_phase(phase, now), 1), else_=0))

        def groups_where(condition: ColumnElement[bool]) -> ColumnElement[str]:
            return func.aggregate_strings(case((condition, cast(Training.group_id, String))), " ")

        year = extract("year", Training.start)
        was_over = self.trainings.in_phase(TrainingPhase.FINISHED, counted.counted_at - _SETTLED)
        statement = (
            select(
                year,
                groups_where(was_over),
                groups_where(~was_over),
                func.count(),
                number_of(TrainingPhase.ONGOING),
                number_of(TrainingPhase.UPCOMING),
                number_of(TrainingPhase.FINISHED),
                func.sum(Training.days),
                func.sum(Training.attendance),
                *(
                    func.coalesce(func.sum(column), 0)
                    for column in (Training.usage_jobs, Training.usage_job_seconds, Training.usage_core_seconds)
                ),
            )
            .where(_APPROVED)
            .group_by(year)
            .order_by(year)
        )
        rows = self.session.execute(statement).all()
        current = self._live_members([group_id for _, _, others, *_ in rows for group_id in _ids(others)])
        years = {}
        for number, past, others, *sums in rows:
            joined = sum(map(counted.by_group.__getitem__, _ids(past))) + sum(map(current.__getitem__, _ids(others)))
            years[int(number)] = YearSums(*map(int, (*sums[:6], joined, *sums[6:])))
        return years

    def _live_members(self, group_ids: Optional[Sequence[int]] = None) -> Counter[int]:
        """Numbers of live members by group; without ids, of all groups that have any."""
        association = UserGroupAssociation
        # Most accounts are live: joined to those, PostgreSQL would read all users of the server.
        is_deleted = exists().where(User.id == association.user_id, User.deleted.is_(True))
        statement = select(association.group_id, func.count()).where(~is_deleted).group_by(association.group_id)
        if group_ids is not None:
            statement = statement.where(is_one_of(self.session, association.group_id, group_ids))
        return Counter(dict(map(tuple, self._rows(statement))))

    def by_country(self) -> list[tuple[str, int]]:
        """Alpha-2 code and number of approved trainings there, most first."""
        count = func.count()
        statement = (
            select(TrainingLocation.code, count)
            .join(Training, Training.id == TrainingLocation.training_id)
            .where(_APPROVED)
            .group_by(TrainingLocation.code)
            .order_by(count.desc(), TrainingLocation.code)
        )
        return [(code, number) for code, number in self.session.execute(statement)]

    def approved_between(
        self, first: Optional[date], last: Optional[date], *columns: InstrumentedAttribute[Any]
    ) -> Iterator[tuple[Any, ...]]:
        """First day, last day and these columns of the approved trainings with a day between ``first`` and ``last``.

        Both are included; in order of their start.
        """
        days = (Training.start, Training.end, Training.ended_at, Training.timezone)
        statement = select(*days, *columns).where(*_between(first, last)).order_by(Training.start, Training.id)
        for start, end, ended_at, timezone, *values in self._rows(statement):
            ends = max(start, last_day(end, timezone, ended_at)) if ended_at else end
            # The database does not know in which time zone somebody ended one of them early.
            if not first or ends >= first:
                yield start, ends, *values

    def locations_between(self, first: Optional[date], last: Optional[date]) -> Mapping[int, Sequence[str]]:
        """Where these trainings take place, if it is known: alpha-2 codes by the id of the training."""
        return self._locations(_between(first, last))

    def numbers_csv(self) -> str:
        """Lines of all approved trainings: id, first and last day, codes of countries, Y or N for the GTN, attendance.

        The database writes them; nothing in them needs quotes.
        """
        location = TrainingLocation
        ordered = select(location.training_id, location.code).order_by(location.training_id, location.position)
        each = ordered.subquery().c
        codes = func.aggregate_strings(each.code, "|").label("codes")
        where = select(each.training_id, codes).group_by(each.training_id).subquery().c
        line: ColumnElement[str] = cast(Training.id, String)
        for value in (
            Training.start,
            Training.end,
            func.coalesce(where.codes, ""),
            case((Training.use_gtn, "Y"), else_="N"),
            Training.attendance,
        ):
            line = line + "," + cast(value, String)
        lines = (
            select((line + "\r\n").label("line"))
            .outerjoin(where.training_id.table, where.training_id == Training.id)
            .where(_APPROVED)
            .order_by(Training.id)
            .subquery()
        )
        return self.session.scalar(select(func.aggregate_strings(lines.c.line, ""))) or ""

    def _locations(self, conditions: Sequence[ColumnElement[bool]]) -> Mapping[int, Sequence[str]]:
        """Alpha-2 codes by the id of the training, in the order in which they were given."""
        statement = (
            select(TrainingLocation.training_id, TrainingLocation.code)
            .join(Training, Training.id == TrainingLocation.training_id)
            .where(*conditions)
            .order_by(TrainingLocation.training_id, TrainingLocation.position)
        )
        codes: defaultdict[int, list[str]] = defaultdict(list)
        for training_id, code in self._rows(statement):
            codes[training_id].append(code)
        return codes

    def _rows(self, statement: Select[Any]) -> Sequence[Any]:
        """Many rows of columns, past the session: in half the time."""
        return self.session.connection().execute(statement).all()

    # What there is now. None of these queries gets slower with past trainings, but the first, which counts an index.

    def count_by_phase(self, now: datetime) -> dict[tuple[TrainingState, TrainingPhase], int]:
        """The number of trainings in each state and phase."""
        all_of_them = self.trainings.count_by_state()
        is_over = self.trainings.in_phase(TrainingPhase.FINISHED, now)
        is_ongoing = self.trainings.in_phase(TrainingPhase.ONGOING, now)
        phase = case((is_ongoing, TrainingPhase.ONGOING.value), else_=TrainingPhase.UPCOMING.value)
        statement = select(Training.state, phase, func.count()).where(~is_over).group_by(Training.state, phase)
        counts = {(state, phase): 0 for state in TrainingState for phase in TrainingPhase}
        for state, phase_now, count in self.session.execute(statement):
            counts[TrainingState(state), TrainingPhase(phase_now)] = count
        for state, total in all_of_them.items():
            current = sum(counts[state, phase] for phase in TrainingPhase)
            counts[state, TrainingPhase.FINISHED] = total - current
        return counts

    def changes_waiting(self) -> int:
        """The number of changes that wait for a decision."""
        return self.session.scalar(select(func.count()).select_from(TrainingChange)) or 0

    def running(self, now: datetime) -> list[tuple[str, int, int]]:
        """Trainings that are running: identifier, people expected, and members."""
        statement = (
            select(Training.identifier, Training.attendance, func.count(User.id))
            .outerjoin(UserGroupAssociation, UserGroupAssociation.group_id == Training.group_id)
            .outerjoin(User, and_(User.id == UserGroupAssociation.user_id, User.deleted.is_(False)))
            .where(self.trainings.is_running(now))
            .group_by(Training.id, Training.identifier, Training.attendance)
            .order_by(Training.identifier)
        )
        return [tuple(row) for row in self.session.execute(statement)]

    def people(self, now: datetime) -> int:
        """The members of all running trainings; who is in two counts once."""
        statement = (
            select(func.count(UserGroupAssociation.user_id.distinct()))
            .join(Training, Training.group_id == UserGroupAssociation.group_id)
            .join(User, User.id == UserGroupAssociation.user_id)
            .where(self.trainings.is_running(now), User.deleted.is_(False))
        )
        return self.session.scalar(statement) or 0


def _ids(text: Optional[str]) -> Iterator[int]:
    """Ids that the database has put into one text."""
    return map(int, (text or "").split())


def _between(first: Optional[date], last: Optional[date]) -> list[ColumnElement[bool]]:
    conditions = [_APPROVED]
    if first:
        conditions.append(Training.end >= first)
    if last:
        conditions.append(Training.start <= last)
    return conditions


@dataclass
class UsageManager:
    """Counts how many jobs a class ran, and how long they ran.

    Galaxy's ``core`` plugin of job metrics, which is on unless an admin configured others, measures how long each job
    ran and how many cores it had. Job hours are the sum of ``runtime_seconds``, core hours that of ``runtime_seconds``
    times ``galaxy_slots``, as in the reports of gxadmin (``query monthly-cpu-years``).
    """

    session: galaxy_scoped_session
    config: TiaasConfig
    activity: ActivityManager

    def count(self, training: Training, now: datetime) -> Usage:
        """What the live members of a training used while its window was open, as far as it is known at ``now``.

        Which jobs count is as on the dashboard: all, or only those of the course. What came with an imported history
        ran elsewhere.
        """
        window = training.window(self.config.join_flex_hours)
        scope = self.activity.scope(training, window.opens, training.course_only, until=window.closes)
        measured = runtime_seconds().label("runtime"), cores().label("cores")
        job = self.activity.jobs(scope, Job.user_id, *measured).where(*made_here(Job)).subquery().c
        statement = select(
            func.count(job.user_id.distinct()),
            func.count(),
            func.sum(job.runtime),
            func.sum(job.runtime * func.coalesce(job.cores, 1)),
        ).select_from(job.user_id.table)
        people, jobs, job_seconds, core_seconds = self.session.execute(statement).one()
        return Usage(now, people, jobs, _whole(job_seconds), _whole(core_seconds))


def _whole(seconds: Any) -> Optional[int]:
    return None if seconds is None else round(seconds)
