"""What is due: cohorts to switch on or off, trainings to redact. Two queries, however many trainings there were."""

from datetime import (
    date,
    datetime,
)

from galaxy.model import GroupRoleAssociation
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    exists,
    or_,
    select,
)

from ..model import Training
from .redaction import RedactionManager
from .trainings import TrainingManager


class LifecycleManager:
    """Finds what is due."""

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager, redaction: RedactionManager):
        self.session = session
        self.trainings = trainings
        self.redaction = redaction

    def wrongly_switched(self, now: datetime) -> list[Training]:
        """Trainings of ours whose group–role association exists and should not, or does not and should."""
        is_on = exists().where(
            GroupRoleAssociation.group_id == Training.group_id, GroupRoleAssociation.role_id == Training.role_id
        )
        should_be_on = self.trainings.is_running(now)
        statement = (
            select(Training)
            .where(
                Training.group_id.is_not(None),
                Training.role_id.is_not(None),
                or_(and_(is_on, ~should_be_on), and_(~is_on, should_be_on)),
            )
            .order_by(Training.id)
        )
        return list(self.session.scalars(statement))

    def due_for_redaction(self, today: date) -> list[Training]:
        """Trainings whose personal data has been kept long enough."""
        return list(self.session.scalars(select(Training).where(self.redaction.due(today)).order_by(Training.id)))
