"""Forgetting people: all of a training when its time is over, one person wherever we name them."""

from datetime import (
    date,
    datetime,
    timedelta,
)

from dateutil.relativedelta import relativedelta
from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    ColumnElement,
    delete,
    false,
    or_,
    Select,
    select,
    union,
    update,
)

from ..config import TiaasConfig
from ..model import (
    Training,
    TrainingAnswer,
    TrainingChange,
    TrainingEvent,
    TrainingInstructor,
    TrainingMember,
    TrainingQuestion,
)
from .trainings import TrainingManager

#: Fields that identify a person; in a training's history their values go too.
PERSONAL_FIELDS = ("name", "email", "other_requests", "instructors")


class RedactionManager:
    """Removes what identifies people from our tables, for good. It flushes; the caller locks and commits."""

    def __init__(self, session: galaxy_scoped_session, config: TiaasConfig, trainings: TrainingManager):
        self.session = session
        self.config = config
        self.trainings = trainings

    def due(self, today: date) -> ColumnElement[bool]:
        """The condition that the people of a training have been remembered long enough."""
        if not self.config.gdpr_auto_redact:
            return false()
        usual = today - timedelta(days=self.config.gdpr_redact_after_days)
        extended = min(usual, today - relativedelta(months=self.config.gdpr_retain_extra_months))
        kept_longer = Training.retain_contact.is_(True) if self.config.retain_contact_require_consent else ~false()
        return and_(Training.redacted_at.is_(None), Training.end < usual, or_(~kept_longer, Training.end < extended))

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

    def people_to_forget(self) -> Select[tuple[int]]:
        """A query for the ids of accounts that were deleted or purged and are still named in our tables."""
        columns = [model.user_id for model in (TrainingInstructor, TrainingMember, TrainingAnswer, TrainingEvent)]
        named = union(*(select(column) for column in (Training.requester_id, *columns))).subquery()
        is_gone = (
            select(or_(User.deleted.is_(True), User.purged.is_(True))).where(User.id == named.c[0]).scalar_subquery()
        )
        return select(named.c[0]).where(is_gone)

    def forget_user(self, user_id: int, now: datetime) -> None:
        """Remove one account from all trainings; doing it twice is doing it once."""
        asked = update(Training).where(Training.requester_id == user_id)
        self.session.execute(asked.values(requester_id=None, name="", email="", other_requests=""))
        for model in (TrainingEvent, TrainingChange):
            self.session.execute(update(model).where(model.user_id == user_id).values(user_id=None))
        for kind in (TrainingInstructor, TrainingMember, TrainingAnswer):
            self.session.execute(delete(kind).where(kind.user_id == user_id))
