"""Scheduled maintenance of trainings: cohorts are switched, instructors reminded, personal data removed.

Joining and job routing look at the dates themselves, so a late run does no harm. The scheduler lets one process at a
time run it; two at once would still do everything once.
"""

import logging
from collections import defaultdict
from collections.abc import (
    Callable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    replace,
)
from datetime import (
    datetime,
    timedelta,
)
from enum import Enum
from functools import partial
from itertools import compress
from typing import (
    Any,
    Optional,
)

from galaxy.model import (
    GroupRoleAssociation,
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    ColumnElement,
    delete,
    exists,
    false,
    func,
    literal,
    or_,
    select,
    union_all,
)
from sqlalchemy.exc import SQLAlchemyError

from ..core.config import TiaasConfig
from ..core.db import (
    limit_waiting,
    lock_training,
)
from ..core.exceptions import describe
from ..core.model import (
    Delivery,
    migrate,
    Training,
    TrainingInvitation,
)
from ..membership.manager import CohortManager
from ..notifications.delivery import (
    DeliveryReport,
    Dispatcher,
)
from ..notifications.outbox import OutboxManager
from ..notifications.service import NotificationService
from ..reporting.manager import UsageManager
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    InvitationState,
    oldest_valid,
    TrainingPhase,
    TrainingState,
)
from .redaction import (
    always,
    LONGEST_WAIT_SECONDS,
    RedactionService,
    ShouldContinue,
)

log = logging.getLogger(__name__)

#: Most jobs of a class have ended by then; thanks contain the usage.
COUNTED_AFTER = timedelta(days=1)
#: No thanks after this: the training ended before thanks were switched on.
_THANKS_AT_MOST_AFTER = timedelta(days=7)


class TrainingTask(str, Enum):
    """What may be due for a training, in the order in which it is done; the values are fields of the report."""

    SWITCH_ON = "switched_on"
    SWITCH_OFF = "switched_off"
    COUNT = "counted"
    REDACT = "redacted"
    REMIND = "reminded"
    THANK = "thanked"


#: Tasks that need a channel for messages.
_NOTIFYING = frozenset({TrainingTask.REMIND, TrainingTask.THANK})
#: Actions in the history of a training; a redaction records its own, and counting has none.
_RECORDED_AS = {
    TrainingTask.SWITCH_ON: "resources on",
    TrainingTask.SWITCH_OFF: "resources off",
    TrainingTask.REMIND: "reminded",
    TrainingTask.THANK: "thanked",
}


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


@dataclass(frozen=True)
class LifecycleReport:
    """What was done, or would be done: identifiers of trainings, and counts of the rest."""

    switched_on: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    #: Their members' usage.
    counted: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    reminded: tuple[str, ...] = ()
    thanked: tuple[str, ...] = ()
    #: Deleted accounts.
    people_forgotten: int = 0
    messages_delivered: int = 0
    #: Deliveries that were given up long ago.
    messages_forgotten: int = 0
    #: Invitations to teach.
    invitations_expired: int = 0
    #: Identifiers of trainings for which a task failed; else the name of the task.
    failed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def __str__(self) -> str:
        counts = {name: found if isinstance(found, int) else len(found) for name, found in vars(self).items()}
        return ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items() if count)


@dataclass
class LifecycleTasks:
    """Finds and does what is due; a second run does nothing."""

    session: galaxy_scoped_session
    config: TiaasConfig
    trainings: TrainingManager
    cohorts: CohortManager
    redaction: RedactionService
    usage: UsageManager
    notifications: NotificationService
    dispatcher: Dispatcher

    def run(self, now: datetime, *, dry_run: bool = False, should_continue: ShouldContinue = always) -> LifecycleReport:
        """Do what is due at ``now`` (naive UTC).

        Each task is a transaction of its own, redactions several; a failure is logged and does not affect the others.
        Under the tables of a newer version, redactions are left to that version.

        :param dry_run: report what would be done, and write nothing.
        :param should_continue: asked before each step; the rest is left for the next run.
        :raises sqlalchemy.exc.SQLAlchemyError: if the database does not answer any more.
        """
        has_channel = bool(self.notifications.channels)
        due = self.due(now, [task for task in TrainingTask if has_channel or task not in _NOTIFYING])
        if (due.people or due.trainings[TrainingTask.REDACT]) and migrate.newer_tables(self.session.connection()):
            # They may have columns with personal data that this version does not know.
            due = replace(due, people=(), trainings={**due.trainings, TrainingTask.REDACT: ()})
        # Each task begins a transaction of its own.
        self.session.rollback()
        report = self._do(due, now, dry_run, should_continue)
        if report and not dry_run:
            log.info("galaxy-tiaas lifecycle: %s", report)
        return report

    def due(self, now: datetime, tasks: Sequence[TrainingTask] = tuple(TrainingTask)) -> DueTasks:
        """What of these tasks is due at ``now``, by two queries however many trainings there are."""
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
        gone = self.redaction.people_to_forget().subquery()
        waiting = select(func.count()).select_from(Delivery).where(Delivery.next_attempt_at <= now)
        outdated = select(func.count()).select_from(Delivery).where(OutboxManager.is_outdated(now))
        expired = select(func.count()).select_from(TrainingInvitation).where(_has_expired(now))
        numbers = defaultdict(list)
        others = union_all(
            select(literal("person"), gone.c[0]),
            select(literal("messages"), waiting.scalar_subquery()),
            select(literal("outdated"), outdated.scalar_subquery()),
            select(literal("invitations"), expired.scalar_subquery()),
        )
        for kind, number in self.session.execute(others):
            numbers[kind].append(number)
        people = sorted(numbers.pop("person", []))
        return DueTasks(trainings, people, **{kind: number for kind, (number,) in numbers.items()})

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
            oldest = now - _THANKS_AT_MOST_AFTER - timedelta(hours=self.config.join_flex_hours)
            conditions[TrainingTask.THANK] = and_(
                approved,
                Training.thanked_at.is_(None),
                Training.redacted_at.is_(None),
                Training.ends_at > oldest,
                or_(Training.ended_at.is_(None), Training.ended_at > oldest),
                finished,
            )
        return conditions

    def _do(self, due: DueTasks, now: datetime, dry_run: bool, should_continue: ShouldContinue) -> LifecycleReport:
        done: defaultdict[str, list[str]] = defaultdict(list)
        failed: list[str] = []
        sent = DeliveryReport(delivered=due.messages, forgotten=due.outdated) if dry_run else DeliveryReport()
        for what, name, action in self._actions(due, now, should_continue):
            if not should_continue():
                break
            if dry_run:
                done[what].append(name)
                continue
            try:
                limit_waiting(self.session, LONGEST_WAIT_SECONDS)
                was_due = action()
                self.session.commit()
                if was_due:
                    done[what].append(name)
            except Exception as problem:
                self._note(problem, what, name, failed)
        else:
            if not dry_run and (due.messages or due.outdated or done.keys() & _NOTIFYING):
                try:
                    sent = self.dispatcher.deliver(now)
                except Exception as problem:
                    self._note(problem, "messages_delivered", "messages", failed)
        return LifecycleReport(
            **{task.value: tuple(done[task.value]) for task in TrainingTask},
            people_forgotten=len(done["people_forgotten"]),
            messages_delivered=sent.delivered,
            messages_forgotten=sent.forgotten,
            invitations_expired=due.invitations if "invitations_expired" in done else 0,
            failed=tuple(dict.fromkeys(failed)),
        )

    def _actions(
        self, due: DueTasks, now: datetime, should_continue: ShouldContinue
    ) -> Iterator[tuple[str, str, Callable[[], bool]]]:
        """Field of the report, name, and a function that returns whether it still had to be done."""
        for task in TrainingTask:
            for training_id, identifier in due.trainings[task]:
                yield task.value, identifier, partial(self._do_for_training, training_id, task, now, should_continue)
        for user_id in due.people:
            yield "people_forgotten", f"account {user_id}", partial(self._forget, user_id, now, should_continue)
        if due.invitations:
            yield "invitations_expired", "invitations", partial(self._delete_expired_invitations, now)

    def _do_for_training(
        self, training_id: int, task: TrainingTask, now: datetime, should_continue: ShouldContinue
    ) -> bool:
        training = self._claim(training_id, task, now)
        if training is None:
            return False
        if task is TrainingTask.COUNT:
            training.usage = self.usage.count(training, now)
            return True
        if task is TrainingTask.REDACT:
            return self.redaction.redact(training, now, should_continue=should_continue)
        if task is TrainingTask.REMIND:
            training.reminded_at = now
            self.notifications.reminder(training, now)
        elif task is TrainingTask.THANK:
            training.thanked_at = now
            self.notifications.thanks(training, now)
        else:
            self.cohorts.switch(training, now)
        self.trainings.record(training, _RECORDED_AS[task], now, user_id=None, via="lifecycle")
        return True

    def _claim(self, training_id: int, task: TrainingTask, now: datetime) -> Optional[Training]:
        """The training, locked until the transaction ends, if this task is still due."""
        lock_training(self.session, training_id)
        statement = select(Training).where(Training.id == training_id, self._conditions(now)[task])
        return self.session.scalars(statement.execution_options(populate_existing=True)).first()

    def _forget(self, user_id: int, now: datetime, should_continue: ShouldContinue) -> bool:
        """Forget an account, locked meanwhile, if that is still to be done.

        SQLite has no such lock: two processes may then forget the same account, with the same result.
        """
        self.session.execute(select(User.id).where(User.id == user_id).with_for_update())
        people = self.redaction.people_to_forget().subquery()
        if not self.session.scalar(select(people.c[0]).where(people.c[0] == user_id).limit(1)):
            return False
        return self.redaction.forget_user(user_id, now, should_continue=should_continue)

    def _delete_expired_invitations(self, now: datetime) -> bool:
        """:returns: whether there were any."""
        statement = delete(TrainingInvitation).where(_has_expired(now))
        result: Any = self.session.execute(statement.execution_options(synchronize_session=False))
        return result.rowcount > 0

    def _note(self, problem: Exception, what: str, name: str, failed: list[str]) -> None:
        """Log a failure and continue, unless the database is away.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is away.
        """
        self.session.rollback()
        if isinstance(problem, SQLAlchemyError):
            self.session.execute(select(1))
            self.session.rollback()
        failed.append(name)
        log.error("galaxy-tiaas lifecycle: '%s' (%s): %s", name, what.replace("_", " "), describe(problem))


def _has_expired(now: datetime) -> ColumnElement[bool]:
    """The condition that an invitation was not accepted in time."""
    return and_(
        TrainingInvitation.created <= oldest_valid(now), TrainingInvitation.state != InvitationState.ACCEPTED.value
    )
