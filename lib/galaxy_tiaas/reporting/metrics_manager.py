"""Numbers about trainings for those who watch the server. None of these questions gets slower with past trainings,
but the first, which counts an index.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import (
    NamedTuple,
)

from galaxy.model import (
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    case,
    func,
    select,
)

from ..core.model import (
    Training,
    TrainingChange,
)
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)


class RunningClass(NamedTuple):
    """A training that is running now."""

    identifier: str
    attendance: int
    members: int


@dataclass(frozen=True)
class Numbers:
    """What there is at one moment."""

    trainings: Mapping[tuple[TrainingState, TrainingPhase], int]
    changes_waiting: int
    running: list[RunningClass]
    people: int


class MetricsManager:
    """Asks the database, five times."""

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager):
        self.session = session
        self.trainings = trainings

    def numbers(self, now: datetime) -> Numbers:
        """What there is at ``now``."""
        return Numbers(
            trainings=self._trainings(now),
            changes_waiting=self.session.scalar(select(func.count()).select_from(TrainingChange)) or 0,
            running=self._running(now),
            people=self._people(now),
        )

    def _trainings(self, now: datetime) -> dict[tuple[TrainingState, TrainingPhase], int]:
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

    def _running(self, now: datetime) -> list[RunningClass]:
        statement = (
            select(Training.identifier, Training.attendance, func.count(User.id))
            .outerjoin(UserGroupAssociation, UserGroupAssociation.group_id == Training.group_id)
            .outerjoin(User, and_(User.id == UserGroupAssociation.user_id, User.deleted.is_(False)))
            .where(self.trainings.is_running(now))
            .group_by(Training.id, Training.identifier, Training.attendance)
            .order_by(Training.identifier)
        )
        return [RunningClass(*row) for row in self.session.execute(statement)]

    def _people(self, now: datetime) -> int:
        """Who is in two running trainings counts once."""
        statement = (
            select(func.count(UserGroupAssociation.user_id.distinct()))
            .join(Training, Training.group_id == UserGroupAssociation.group_id)
            .join(User, User.id == UserGroupAssociation.user_id)
            .where(self.trainings.is_running(now), User.deleted.is_(False))
        )
        return self.session.scalar(statement) or 0
