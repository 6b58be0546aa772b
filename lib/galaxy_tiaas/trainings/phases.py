"""What the clock says about a training, as conditions of a query.

They say the same of a row as :meth:`galaxy_tiaas.core.model.Training.window` says of an object.
"""

from datetime import (
    datetime,
    timedelta,
)

from sqlalchemy import (
    and_,
    ColumnElement,
    or_,
)

from ..core.model import Training
from .states import TrainingPhase


def in_phase(phase: TrainingPhase, now: datetime, flex_hours: float) -> ColumnElement[bool]:
    """The condition that a training is in this phase at ``now``."""
    flex = timedelta(hours=flex_hours)
    # Never null, so that it can be negated.
    ended_early = and_(Training.ended_at.is_not(None), Training.ended_at <= now)
    over = or_(Training.ends_at <= now - flex, ended_early)
    if phase is TrainingPhase.FINISHED:
        return over
    opened = Training.starts_at <= now + flex
    return and_(~over, opened if phase is TrainingPhase.ONGOING else ~opened)
