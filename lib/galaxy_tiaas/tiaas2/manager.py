"""What came from a tiaas2, and what of it is here already."""

from datetime import (
    datetime,
    time,
)
from typing import (
    NamedTuple,
    Optional,
)

from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import select

from ..core.config import TiaasConfig
from ..core.model import (
    Training,
    TrainingEvent,
)
from ..trainings.manager import TrainingManager
from ..trainings.states import TrainingState
from .rows import OldTraining

#: How the history calls it.
IMPORTED = "imported"
#: The field of that line of the history which says from which row; it is nothing personal and stays.
_ROW = "tiaas2_id"


class Here(NamedTuple):
    """A training of this server, as far as an import has to know."""

    id: int
    identifier: str
    state: str
    start: object
    end: object


class ImportManager:
    """Writes what comes, and recognises what came before."""

    def __init__(self, session: galaxy_scoped_session, config: TiaasConfig, trainings: TrainingManager):
        self.session = session
        self.config = config
        self.trainings = trainings

    def all_here(self) -> dict[int, Here]:
        """Every training of this server by its id."""
        statement = select(Training.id, Training.identifier, Training.state, Training.start, Training.end)
        return {row.id: Here(*row) for row in self.session.execute(statement)}

    def came_before(self) -> dict[tuple[int, str], int]:
        """Row and identifier of what was imported, to the id of the training, which may be called otherwise today."""
        statement = select(TrainingEvent.training_id, TrainingEvent.changes).where(TrainingEvent.action == IMPORTED)
        return {
            (changes[_ROW][1], changes["identifier"][1]): training_id
            for training_id, changes in self.session.execute(statement)
            if _ROW in changes and "identifier" in changes
        }

    def add(self, old: OldTraining, requester_id: Optional[int], now: datetime) -> Training:
        """Write a training and the first line of its history.

        Nobody is reminded of what has begun, nor thanked for what is over.
        """
        training = Training(
            **old.fields,
            identifier=old.identifier,
            state=old.state.value,
            requester_id=requester_id,
            email_confirmed=True,
            created=min(old.received or datetime.combine(old.start, time.min), now),
            redacted_at=now if old.redacted else None,
            updated=now,
        )
        training.set_days(old.start, old.end, self.config.timezone)
        training.reminded_at = now if training.starts_at <= now else None
        training.thanked_at = now if training.ends_at <= now else None
        training.location = old.location
        self.session.add(training)
        self.session.flush()
        changes = {"identifier": [None, old.identifier], _ROW: [None, old.row_id]}
        self.trainings.record(
            training, IMPORTED, now, user_id=None, via="import", to_state=TrainingState(old.state), changes=changes
        )
        return training
