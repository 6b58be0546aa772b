"""Finds due tasks with two queries, however many trainings there are."""

from collections.abc import (
    Mapping,
    Sequence,
)
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

from ..core.config import TiaasConfig
from ..core.db import lock_row
from ..core.model import (
    Delivery,
    Training,
    TrainingInvitation,
)
from ..invitations.manager import InvitationManager
from ..notifications.outbox import OutboxManager
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .redaction import RedactionService

#: Most jobs of a class have ended by then; thanks contain the usage.
COUNTED_AFTER = timedelta(days=1)
#: No thanks after this: the training ended before thanks were switched on.
THANKS_AT_MOST_AFTER = timedelta(days=7)


class TrainingTask(str, Enum):
    """What may be due for a training, in the order in which it is done; the values are fields of the report."""

    SWITCH_ON = "switched_on"
    SWITCH_OFF = "switched_off"
    COUNT = "counted"
    REDACT = "redacted"
    REMIND = "reminded"
    THANK = "thanked"


#: Tasks that need a channel for messages.
NOTIFYING = frozenset({TrainingTask.REMIND, TrainingTask.THANK})


@dataclass(frozen=True)
class DueTasks:
    """What is due."""

    #: Ids and identifiers of trainings.
    trainings: Mapping[TrainingTask, Sequence[tuple[int, str]]]
    #: Ids of accounts to forget.
    people: Sequence[int]
    #: Numbers of deliveries to try and to delete, and of expired invitations.
    messages: int
    outdated: int
    invitations: int


class LifecycleManager:
    """Finds due tasks, and claims one if it is still due."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        trainings: TrainingManager,
        redaction: RedactionService,
    ):
        self.session = session
        self.config = config
        self.trainings = trainings
        self.redaction = redaction

    def due(self, now: datetime, tasks: Sequence[TrainingTask] = tuple(TrainingTask)) -> DueTasks:
        """What is due at ``now``.

        :param tasks: those to look for.
        """
        every = self._conditions(now)
        conditions = [every[task] for task in tasks]
        statement = (
            select(Training.id, Training.identifier, *(condition.label(None) for condition in conditions))
            .where(or_(*conditions))
            .order_by(Training.id)
        )
        trainings: dict[TrainingTask, list[tuple[int, str]]] = {task: [] for task in TrainingTask}
        for training_id, identifier, *flags in self.session.execute(statement):
            for task in compress(tasks, flags):
                trainings[task].append((training_id, identifier))
        people, numbers = [], {}
        for kind, number in self.session.execute(self._people_and_messages(now)):
            if kind == "person":
                people.append(number)
            else:
                numbers[kind] = number
        return DueTasks(trainings, sorted(people), **numbers)

    def claim(self, training_id: int, task: TrainingTask, now: datetime) -> Optional[Training]:
        """The training, locked until the transaction ends, if this task is still due."""
        lock_row(self.session, Training.__table__, training_id)  # type: ignore[arg-type]
        statement = select(Training).where(Training.id == training_id, self._conditions(now)[task])
        return self.session.scalars(statement.execution_options(populate_existing=True)).first()

    def claim_person(self, user_id: int) -> bool:
        """Whether an account is still to be forgotten; it is locked until the transaction ends.

        SQLite has no such lock: two processes may then forget the same account, with the same result.
        """
        self.session.execute(select(User.id).where(User.id == user_id).with_for_update())
        people = self.redaction.people_to_forget().subquery()
        return bool(self.session.scalar(select(people.c[0]).where(people.c[0] == user_id).limit(1)))

    def _conditions(self, now: datetime) -> dict[TrainingTask, ColumnElement[bool]]:
        """The condition on a training that a task is due."""
        running = self.trainings.is_running(now)
        # Compares ids, not names: foreign groups and roles may have our names.
        is_on = exists().where(
            GroupRoleAssociation.group_id == Training.group_id, GroupRoleAssociation.role_id == Training.role_id
        )
        approved = Training.state == TrainingState.APPROVED.value
        has_members = exists().where(UserGroupAssociation.group_id == Training.group_id)
        finished = self.trainings.in_phase(TrainingPhase.FINISHED, now - COUNTED_AFTER)
        conditions = {
            TrainingTask.SWITCH_ON: and_(running, ~is_on),
            TrainingTask.SWITCH_OFF: and_(is_on, ~running),
            TrainingTask.COUNT: and_(approved, Training.usage_counted_at.is_(None), finished, has_members),
            TrainingTask.REDACT: self.redaction.due(now.date()),
            TrainingTask.REMIND: false(),
            TrainingTask.THANK: false(),
        }
        if self.config.remind_days_before:
            conditions[TrainingTask.REMIND] = and_(
                approved,
                Training.reminded_at.is_(None),
                Training.redacted_at.is_(None),
                Training.ended_at.is_(None),
                Training.starts_at > now,
                Training.starts_at <= now + timedelta(days=self.config.remind_days_before),
            )
        if self.config.send_thanks:
            oldest = now - THANKS_AT_MOST_AFTER - timedelta(hours=self.config.join_flex_hours)
            conditions[TrainingTask.THANK] = and_(
                approved,
                Training.thanked_at.is_(None),
                Training.redacted_at.is_(None),
                Training.ends_at > oldest,
                or_(Training.ended_at.is_(None), Training.ended_at > oldest),
                finished,
            )
        return conditions

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
