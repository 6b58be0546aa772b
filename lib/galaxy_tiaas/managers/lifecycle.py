"""What is due: cohorts to switch on or off, trainings to redact. Two queries, however many trainings there were."""

from datetime import (
    date,
    datetime,
    timedelta,
)

from dateutil.relativedelta import relativedelta
from galaxy.model import GroupRoleAssociation
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    delete,
    exists,
    false,
    or_,
    select,
    update,
)

from ..config import TiaasConfig
from ..model import (
    Training,
    TrainingAnswer,
    TrainingEvent,
    TrainingMember,
    TrainingQuestion,
)
from .trainings import TrainingManager

#: Fields that identify a person; in a training's history their values go too.
PERSONAL_FIELDS = ("name", "email", "other_requests", "instructors")


class LifecycleManager:
    """Finds what is due and does the part of it that concerns our own tables."""

    def __init__(self, session: galaxy_scoped_session, config: TiaasConfig, trainings: TrainingManager):
        self.session = session
        self.config = config
        self.trainings = trainings

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
        if not self.config.gdpr_auto_redact:
            return []
        usual = today - timedelta(days=self.config.gdpr_redact_after_days)
        extended = min(usual, today - relativedelta(months=self.config.gdpr_retain_extra_months))
        kept_longer = Training.retain_contact.is_(True) if self.config.retain_contact_require_consent else ~false()
        statement = (
            select(Training)
            .where(
                Training.redacted_at.is_(None),
                Training.end < usual,
                or_(~kept_longer, Training.end < extended),
            )
            .order_by(Training.id)
        )
        return list(self.session.scalars(statement))

    def redact(self, training: Training, now: datetime) -> None:
        """Remove what identifies people from a training and its history, for good; numbers stay."""
        training.name = training.email = training.other_requests = ""
        training.requester_id = None
        training.instructors = []
        training.requested_change = None
        training.redacted_at = now
        asked = select(TrainingQuestion.id).where(TrainingQuestion.training_id == training.id)
        self.session.execute(delete(TrainingAnswer).where(TrainingAnswer.question_id.in_(asked)))
        self.session.execute(delete(TrainingQuestion).where(TrainingQuestion.training_id == training.id))
        self.session.execute(delete(TrainingMember).where(TrainingMember.training_id == training.id))
        events = select(TrainingEvent).where(TrainingEvent.training_id == training.id)
        for event in self.session.scalars(events):
            event.changes = {name: values for name, values in event.changes.items() if name not in PERSONAL_FIELDS}
        self.session.execute(
            update(TrainingEvent).where(TrainingEvent.training_id == training.id).values(user_id=None, note="")
        )
        self.session.flush()
        self.trainings.record(training, "redacted", now, user_id=None, via="lifecycle")
