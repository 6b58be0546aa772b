"""Numbers about trainings, and what a class used, added up by the database."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
)
from typing import (
    Any,
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
    ColumnElement,
    extract,
    func,
    Select,
    select,
)

from ..compat.jobs import (
    cores,
    runtime_seconds,
)
from ..core.config import TiaasConfig
from ..core.model import (
    Training,
    TrainingChange,
    TrainingLocation,
)
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
_USED = [
    func.coalesce(func.sum(column), 0)
    for column in (Training.usage_jobs, Training.usage_job_seconds, Training.usage_core_seconds)
]


class StatisticsManager:
    """Answers come from the database in a fixed number of queries, however many trainings there were.

    Sums have the names that they have in the API.
    """

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager):
        self.session = session
        self.trainings = trainings

    def totals(self, now: datetime) -> dict[str, Any]:
        """Sums over approved trainings, and the number of requests that wait.

        What was used is known of those that are over and counted.
        """

        def counted(phase: TrainingPhase) -> ColumnElement[int]:
            return func.coalesce(func.sum(case((self.trainings.in_phase(phase, now), 1), else_=0)), 0)

        statement = select(
            func.count(),
            counted(TrainingPhase.ONGOING),
            counted(TrainingPhase.UPCOMING),
            counted(TrainingPhase.FINISHED),
            func.coalesce(func.sum(Training.days), 0),
            func.coalesce(func.sum(Training.attendance), 0),
            *_USED,
        ).where(_APPROVED)
        trainings, ongoing, upcoming, finished, days, attendance, *used = self.session.execute(statement).one()
        waiting = select(func.count()).select_from(Training).where(Training.state == TrainingState.NEW.value)
        return {
            "trainings": trainings,
            "ongoing": ongoing,
            "upcoming": upcoming,
            "finished": finished,
            "waiting": self.session.scalar(waiting) or 0,
            "days": days,
            "attendance": attendance,
            "joined": self.session.scalar(_joined(func.count())) or 0,
            **_usage(*used),
        }

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

    def by_year(self) -> list[dict[str, Any]]:
        """Sums over the approved trainings whose first day is in a year, the oldest year first."""
        year = extract("year", Training.start)
        joined = {int(y): n for y, n in self.session.execute(_joined(year, func.count()).group_by(year))}
        statement = (
            select(year, func.count(), func.sum(Training.days), func.sum(Training.attendance), *_USED)
            .where(_APPROVED)
            .group_by(year)
            .order_by(year)
        )
        return [
            {
                "year": int(y),
                "trainings": trainings,
                "days": days,
                "attendance": attendance,
                "joined": joined.get(int(y), 0),
                **_usage(*used),
            }
            for y, trainings, days, attendance, *used in self.session.execute(statement)
        ]

    def approved_between(self, first: Optional[date], last: Optional[date]) -> list[Training]:
        """Approved trainings with at least one day between these two, both included; in order of their start."""
        statement = select(Training).where(_APPROVED).order_by(Training.start, Training.id)
        if first:
            statement = statement.where(Training.end >= first)
        if last:
            statement = statement.where(Training.start <= last)
        # The database does not know in which time zone somebody ended one of them early.
        return [training for training in self.session.scalars(statement) if not first or training.last_day >= first]

    def approved_numbers(self) -> Iterator[Training]:
        """All approved trainings, read in portions."""
        statement = select(Training).where(_APPROVED).order_by(Training.id).execution_options(yield_per=500)
        yield from self.session.scalars(statement)

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


def _usage(jobs: int, job_seconds: Any, core_seconds: Any) -> dict[str, Any]:
    return {"jobs": jobs, "job_hours": hours(int(job_seconds)), "core_hours": hours(int(core_seconds))}


def _joined(*columns: Any) -> Select[Any]:
    """A question about those who joined approved trainings and still have an account."""
    return (
        select(*columns)
        .select_from(UserGroupAssociation)
        .join(Training, Training.group_id == UserGroupAssociation.group_id)
        .join(User, User.id == UserGroupAssociation.user_id)
        .where(_APPROVED, User.deleted.is_(False))
    )


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
