"""What is due. Two queries, however many trainings there have been."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from enum import Enum
from itertools import compress
from typing import Optional

from galaxy.model import (
    GroupRoleAssociation,
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    ColumnElement,
    CompoundSelect,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)

from ..config import TiaasConfig
from ..domain.states import (
    TrainingPhase,
    TrainingState,
)
from ..model import (
    Delivery,
    Training,
    TrainingInvitation,
)
from ..notifications.outbox import OutboxManager
from .dialects import lock_row
from .invitations import InvitationManager
from .redaction import RedactionManager
from .trainings import TrainingManager

#: Of most jobs that a class left running, it is known by then how long they took; whoever is thanked learns of it.
COUNTED_AFTER = timedelta(days=1)
#: Nobody is thanked for a training that has been over for longer: it was over before this server said thanks.
THANKS_AT_MOST_AFTER = timedelta(days=7)


class Duty(str, Enum):
    """What the calendar may ask for a training; the values are fields of a report. In this order they are done."""

    SWITCH_ON = "switched_on"
    SWITCH_OFF = "switched_off"
    COUNT = "counted"
    REDACT = "redacted"
    REMIND = "reminded"
    THANK = "thanked"


#: These need a way to tell people something.
TELLING = frozenset({Duty.REMIND, Duty.THANK})


@dataclass(frozen=True)
class DueTraining:
    """A training of which something is due."""

    id: int
    identifier: str
    duties: frozenset[Duty]


@dataclass(frozen=True)
class Due:
    """Everything that is due: of trainings; ids of accounts to forget; numbers of deliveries to try, and to delete.

    Last, the number of invitations to teach that have expired.
    """

    trainings: Sequence[DueTraining]
    people: Sequence[int]
    messages: int
    outdated: int
    invitations: int

    def having(self, duty: Duty) -> list[DueTraining]:
        return [training for training in self.trainings if duty in training.duties]


class LifecycleManager:
    """Finds what is due, and finds out again whether it still is."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        trainings: TrainingManager,
        redaction: RedactionManager,
    ):
        self.session = session
        self.config = config
        self.trainings = trainings
        self.redaction = redaction

    def due(self, now: datetime, duties: Sequence[Duty] = tuple(Duty)) -> Due:
        """Which of these duties are due at ``now``, and what else, asked in two queries."""
        conditions = [self._is_due(duty, now) for duty in duties]
        statement = (
            select(Training.id, Training.identifier, *(condition.label(None) for condition in conditions))
            .where(or_(*conditions))
            .order_by(Training.id)
        )
        trainings = [
            DueTraining(training_id, identifier, frozenset(compress(duties, flags)))
            for training_id, identifier, *flags in self.session.execute(statement)
        ]
        people, numbers = [], {}
        for kind, number in self.session.execute(self._people_and_messages(now)):
            if kind == "person":
                people.append(number)
            else:
                numbers[kind] = number
        return Due(trainings, sorted(people), **numbers)

    def claim(self, training_id: int, duty: Duty, now: datetime) -> Optional[Training]:
        """The training, kept from others until the transaction ends, if this is still to be done."""
        lock_row(self.session, Training.__table__, training_id)  # type: ignore[arg-type]
        statement = select(Training).where(Training.id == training_id, self._is_due(duty, now))
        return self.session.scalars(statement.execution_options(populate_existing=True)).first()

    def claim_person(self, user_id: int) -> bool:
        """Whether an account is still to be forgotten; until the transaction ends, nobody else will do so.

        SQLite, which has no such lock, may let two do it at once, which is doing it once.
        """
        self.session.execute(select(User.id).where(User.id == user_id).with_for_update())
        people = self.redaction.people_to_forget().subquery()
        return bool(self.session.scalar(select(people.c[0]).where(people.c[0] == user_id).limit(1)))

    def _is_due(self, duty: Duty, now: datetime) -> ColumnElement[bool]:
        if duty is Duty.SWITCH_ON:
            return and_(self.trainings.is_running(now), ~self._is_on())
        if duty is Duty.SWITCH_OFF:
            return and_(self._is_on(), ~self.trainings.is_running(now))
        if duty is Duty.COUNT:
            return self._is_count_due(now)
        if duty is Duty.REDACT:
            return self.redaction.due(now.date())
        return self._is_reminder_due(now) if duty is Duty.REMIND else self._are_thanks_due(now)

    def _is_on(self) -> ColumnElement[bool]:
        """Group and role are both ours by their ids, so that nobody else's are touched whatever they are called."""
        return exists().where(
            GroupRoleAssociation.group_id == Training.group_id, GroupRoleAssociation.role_id == Training.role_id
        )

    def _is_count_due(self, now: datetime) -> ColumnElement[bool]:
        """Of a training that nobody joined there is nothing to count."""
        return and_(
            Training.state == TrainingState.APPROVED.value,
            Training.usage_counted_at.is_(None),
            self.trainings.in_phase(TrainingPhase.FINISHED, now - COUNTED_AFTER),
            exists().where(UserGroupAssociation.group_id == Training.group_id),
        )

    def _is_reminder_due(self, now: datetime) -> ColumnElement[bool]:
        """Between some days before the first day and its beginning."""
        if not self.config.remind_days_before:
            return false()
        return and_(
            Training.state == TrainingState.APPROVED.value,
            Training.reminded_at.is_(None),
            Training.redacted_at.is_(None),
            Training.ended_at.is_(None),
            Training.starts_at > now,
            Training.starts_at <= now + timedelta(days=self.config.remind_days_before),
        )

    def _are_thanks_due(self, now: datetime) -> ColumnElement[bool]:
        if not self.config.send_thanks:
            return false()
        oldest = now - THANKS_AT_MOST_AFTER - timedelta(hours=self.config.join_flex_hours)
        return and_(
            Training.state == TrainingState.APPROVED.value,
            Training.thanked_at.is_(None),
            Training.redacted_at.is_(None),
            Training.ends_at > oldest,
            or_(Training.ended_at.is_(None), Training.ended_at > oldest),
            self.trainings.in_phase(TrainingPhase.FINISHED, now - COUNTED_AFTER),
        )

    def _people_and_messages(self, now: datetime) -> CompoundSelect[tuple[str, int]]:
        people = self.redaction.people_to_forget().subquery()
        waiting = select(func.count()).select_from(Delivery).where(Delivery.next_attempt_at <= now)
        outdated = select(func.count()).select_from(Delivery).where(OutboxManager.is_outdated(now))
        expired = select(func.count()).select_from(TrainingInvitation).where(InvitationManager.is_outdated(now))
        return union_all(
            select(literal("person"), people.c[0]),
            select(literal("messages"), waiting.scalar_subquery()),
            select(literal("outdated"), outdated.scalar_subquery()),
            select(literal("invitations"), expired.scalar_subquery()),
        )
