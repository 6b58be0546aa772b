"""Numbers about all trainings, added up by the database."""

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
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    case,
    ColumnElement,
    extract,
    func,
    Select,
    select,
)

from ..core.model import (
    Training,
    TrainingLocation,
)
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .usage import hours

_APPROVED = Training.state == TrainingState.APPROVED.value
_USED = [
    func.coalesce(func.sum(column), 0)
    for column in (Training.usage_jobs, Training.usage_job_seconds, Training.usage_core_seconds)
]


@dataclass(frozen=True)
class Totals:
    """Sums over approved trainings, and the number of requests that wait.

    What was used is known of those that are over and counted.
    """

    trainings: int
    ongoing: int
    upcoming: int
    finished: int
    waiting: int
    days: int
    attendance: int
    joined: int
    jobs: int
    job_hours: float
    core_hours: float


@dataclass(frozen=True)
class Year:
    """Sums over the approved trainings whose first day is in this year."""

    year: int
    trainings: int
    days: int
    attendance: int
    joined: int
    jobs: int
    job_hours: float
    core_hours: float


class StatisticsManager:
    """Answers come from the database in a fixed number of queries, however many trainings there were."""

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager):
        self.session = session
        self.trainings = trainings

    def totals(self, now: datetime) -> Totals:
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
        return Totals(
            trainings=trainings,
            ongoing=ongoing,
            upcoming=upcoming,
            finished=finished,
            waiting=self.session.scalar(waiting) or 0,
            days=days,
            attendance=attendance,
            joined=self.session.scalar(_joined(func.count())) or 0,
            **_usage(*used),
        )

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

    def by_year(self) -> list[Year]:
        """Years in which approved trainings began, oldest first."""
        year = extract("year", Training.start)
        joined = {int(y): n for y, n in self.session.execute(_joined(year, func.count()).group_by(year))}
        statement = (
            select(year, func.count(), func.sum(Training.days), func.sum(Training.attendance), *_USED)
            .where(_APPROVED)
            .group_by(year)
            .order_by(year)
        )
        return [
            Year(int(y), trainings, days, attendance, joined.get(int(y), 0), **_usage(*used))
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
