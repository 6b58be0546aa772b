"""What the calendar does to trainings: cohorts go on and off, instructors are reminded, people are forgotten.

Joining and job routing look at the dates themselves, so a run that comes late harms nobody. Who runs it, and that one
does at a time, is the matter of :mod:`galaxy_tiaas.turns`; two at once would do everything once all the same.
"""

import logging
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

from .domain.pauses import (
    for_ever,
    GoOn,
)
from .exceptions import describe
from .managers.cohorts import CohortManager
from .managers.dialects import limit_waiting
from .managers.invitations import InvitationManager
from .managers.lifecycle import (
    Due,
    DueTraining,
    Duty,
    LifecycleManager,
    TELLING,
)
from .managers.redaction import (
    LONGEST_WAIT_SECONDS,
    RedactionManager,
)
from .managers.trainings import TrainingManager
from .managers.usage import UsageManager
from .notifications.delivery import (
    DeliveryReport,
    Dispatcher,
)
from .notifications.service import NotificationService

log = logging.getLogger(__name__)

#: What the history of a training says; redaction writes its line itself, and counting changes nothing for anybody.
_RECORDED_AS = {
    Duty.SWITCH_ON: "resources on",
    Duty.SWITCH_OFF: "resources off",
    Duty.REMIND: "reminded",
    Duty.THANK: "thanked",
}


@dataclass(frozen=True)
class LifecycleReport:
    """What was done, or would be done: identifiers of the trainings concerned, and counts of what has none."""

    switched_on: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    #: What their members used.
    counted: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    reminded: tuple[str, ...] = ()
    thanked: tuple[str, ...] = ()
    #: Accounts that Galaxy has deleted and we named.
    people_forgotten: int = 0
    messages_delivered: int = 0
    #: To one recipient each; they were given up long ago.
    messages_forgotten: int = 0
    #: To teach; nobody has accepted them in time.
    invitations_expired: int = 0
    #: Identifiers of trainings for which something could not be done; else what could not be done.
    failed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return any(vars(self).values())

    def __str__(self) -> str:
        counts = {name: found if isinstance(found, int) else len(found) for name, found in vars(self).items()}
        return ", ".join(f"{name.replace('_', ' ')}: {count}" for name, count in counts.items() if count)


class Lifecycle:
    """Finds and does what is due. Running it twice does nothing the second time."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        manager: LifecycleManager,
        trainings: TrainingManager,
        cohorts: CohortManager,
        redaction: RedactionManager,
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

    def run(self, now: datetime, *, dry_run: bool = False, go_on: GoOn = for_ever) -> LifecycleReport:
        """Do what is due at ``now`` (naive UTC).

        Everything is a transaction of its own, the removal of people several; what fails is logged and leaves the rest
        alone.

        :param dry_run: say what would be done, and write nothing whatever.
        :param go_on: asked before each step; what is left when it says no is left for the next run.
        :raises sqlalchemy.exc.SQLAlchemyError: if the database does not answer any more.
        """
        can_tell = bool(self.notifications.channels)
        due = self.manager.due(now, [duty for duty in Duty if can_tell or duty not in TELLING])
        # Whatever is written here begins a transaction of its own.
        self.session.rollback()
        if dry_run:
            return _expected(due)
        report = self._do(due, now, go_on)
        if report:
            log.info("galaxy-tiaas lifecycle: %s", report)
        return report

    def _do(self, due: Due, now: datetime, go_on: GoOn) -> LifecycleReport:
        done: dict[str, list[str]] = {}
        failed: list[str] = []
        sent = DeliveryReport()
        for what, name, action in self._actions(due, now, go_on):
            if not go_on():
                break
            try:
                if self._in_transaction(action):
                    done.setdefault(what, []).append(name)
            except Exception as problem:
                self._note(problem, what, name, failed)
        else:
            if due.messages or due.outdated or done.keys() & TELLING:
                try:
                    sent = self.dispatcher.deliver(now)
                except Exception as problem:
                    self._note(problem, "messages_delivered", "messages", failed)
        return LifecycleReport(
            **{duty.value: tuple(done.get(duty.value, ())) for duty in Duty},
            people_forgotten=len(done.get("people_forgotten", ())),
            messages_delivered=sent.delivered,
            messages_forgotten=sent.forgotten,
            invitations_expired=due.invitations if "invitations_expired" in done else 0,
            failed=tuple(dict.fromkeys(failed)),
        )

    def _actions(self, due: Due, now: datetime, go_on: GoOn) -> Iterator[tuple[str, str, Callable[[], bool]]]:
        """Field of the report, name, and what to do, which says whether it still had to be done."""
        for duty in Duty:
            for training in due.having(duty):
                yield duty.value, training.identifier, partial(self._attend_to, training, duty, now, go_on)
        for user_id in due.people:
            yield "people_forgotten", f"account {user_id}", partial(self._forget, user_id, now, go_on)
        if due.invitations:
            yield "invitations_expired", "invitations", lambda: self.invitations.delete_outdated(now) > 0

    def _attend_to(self, found: DueTraining, duty: Duty, now: datetime, go_on: GoOn) -> bool:
        training = self.manager.claim(found.id, duty, now)
        if training is None:
            return False
        if duty is Duty.COUNT:
            training.usage = self.usage.count(training, now)
            return True
        if duty is Duty.REDACT:
            return self.redaction.redact(training, now, go_on=go_on)
        if duty is Duty.REMIND:
            training.reminded_at = now
            self.notifications.reminder(training, now)
        elif duty is Duty.THANK:
            training.thanked_at = now
            self.notifications.thanks(training, now)
        else:
            self.cohorts.switch(training, now)
        self.trainings.record(training, _RECORDED_AS[duty], now, user_id=None, via="lifecycle")
        return True

    def _forget(self, user_id: int, now: datetime, go_on: GoOn) -> bool:
        return self.manager.claim_person(user_id) and self.redaction.forget_user(user_id, now, go_on=go_on)

    def _in_transaction(self, action: Callable[[], bool]) -> bool:
        limit_waiting(self.session, LONGEST_WAIT_SECONDS)
        result = action()
        self.session.commit()
        return result

    def _note(self, problem: Exception, what: str, name: str, failed: list[str]) -> None:
        """Log it and go on, unless nothing else could succeed either.

        :raises sqlalchemy.exc.SQLAlchemyError: if the database is away.
        """
        self.session.rollback()
        if isinstance(problem, SQLAlchemyError):
            self.session.execute(select(1))
            self.session.rollback()
        failed.append(name)
        log.error("galaxy-tiaas lifecycle: '%s' (%s): %s", name, what.replace("_", " "), describe(problem))


def _expected(due: Due) -> LifecycleReport:
    """What a run would say, if nothing fails."""
    return LifecycleReport(
        **{duty.value: tuple(training.identifier for training in due.having(duty)) for duty in Duty},
        people_forgotten=len(due.people),
        messages_delivered=due.messages,
        messages_forgotten=due.outdated,
        invitations_expired=due.invitations,
    )
