"""The one question that is asked for each job."""

from datetime import datetime

from galaxy.model import UserGroupAssociation
from sqlalchemy import (
    Engine,
    select,
)

from ..domain.routing import RunningTraining
from ..domain.states import (
    TrainingPhase,
    TrainingState,
)
from ..model import Training
from .phases import in_phase


def running_trainings_of(engine: Engine, user_id: int, now: datetime, flex_hours: float) -> list[RunningTraining]:
    """Trainings of which the user is a member and that are approved and open at ``now``.

    Dates and decisions are read here and now, so that a role that outlived its training has no effect.
    A connection of its own keeps trouble in this query out of the transaction of Galaxy's job handler.
    """
    statement = (
        select(Training.identifier, Training.starts_at, Training.destination)
        .join(UserGroupAssociation, UserGroupAssociation.group_id == Training.group_id)
        .where(
            UserGroupAssociation.user_id == user_id,
            Training.state == TrainingState.APPROVED.value,
            in_phase(TrainingPhase.ONGOING, now, flex_hours),
        )
    )
    with engine.connect() as connection:
        return [RunningTraining(*row) for row in connection.execute(statement)]
