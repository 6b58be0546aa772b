"""Scheduled maintenance of trainings: cohorts are switched, instructors reminded, personal data removed.

Joining and job routing look at the dates themselves, so a late run does no harm. The scheduler lets one process at a
time run it; two at once would still do everything once.
"""

import logging
from collections import defaultdict
from collections.abc import (
    Callable,
    Iterator,
)
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from ..core.db import limit_waiting
from ..core.exceptions import describe
from ..invitations.manager import InvitationManager
from ..membership.manager import CohortManager
from ..notifications.delivery import (
    DeliveryReport,
    Dispatcher,
)
from ..notifications.service import NotificationService
from ..reporting.manager import UsageManager
from ..trainings.manager import TrainingManager
from .manager import (
    DueTasks,
    LifecycleManager,
    NOTIFYING,
    TrainingTask,
)
from .redaction import (
    always,
    LONGEST_WAIT_SECONDS,
    RedactionService,
    ShouldContinue,
)

log = logging.getLogger(__name__)

#: Actions in the history of a training; a redaction records its own, and counting has none.
_RECORDED_AS = {
    TrainingTask.SWITCH_ON: "resources on",
    TrainingTask.SWITCH_OFF: "resources off",
    TrainingTask.REMIND: "reminded",
    TrainingTask.THANK: "thanked",
}


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


class LifecycleTasks:
    """Finds and does what is due; a second run does nothing."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        manager: LifecycleManager,
        trainings: TrainingManager,
        cohorts: CohortManager,
        redaction: RedactionService,
        usage: UsageManager,
        invitations: InvitationManager,
        notifications: NotificationService,
        dispatcher: Dispatcher,
    ):
        self.session = session
        self.manager = manager
        self.trainings = trainings
        self.cohorts = cohorts
        self.redaction = redaction
        self.usage = usage
        self.invitations = invitations
        self.notifications = notifications
        self.dispatcher = dispatcher

    def run(self, now: datetime, *, dry_run: bool = False, should_continue: ShouldContinue = always) -> LifecycleReport:
        """Do what is due at ``now`` (naive UTC).

        Each task is a transaction of its own, redactions several; a failure is logged and does not affect the others.

        :param dry_run: report what would be done, and write nothing.
        :param should_continue: asked before each step; the rest is left for the next run.
        :raises sqlalchemy.exc.SQLAlchemyError: if the database does not answer any more.
        """
        has_channel = bool(self.notifications.channels)
        due = self.manager.due(now, [task for task in TrainingTask if has_channel or task not in NOTIFYING])
        # Each task begins a transaction of its own.
        self.session.rollback()
        report = self._do(due, now, dry_run, should_continue)
        if report and not dry_run:
            log.info("galaxy-tiaas lifecycle: %s", report)
        return report

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
            if not dry_run and (due.messages or due.outdated or done.keys() & NOTIFYING):
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
            yield "invitations_expired", "invitations", lambda: self.invitations.delete_outdated(now) > 0

    def _do_for_training(
        self, training_id: int, task: TrainingTask, now: datetime, should_continue: ShouldContinue
    ) -> bool:
        training = self.manager.claim(training_id, task, now)
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

    def _forget(self, user_id: int, now: datetime, should_continue: ShouldContinue) -> bool:
        return self.manager.claim_person(user_id) and self.redaction.forget_user(
            user_id, now, should_continue=should_continue
        )

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
