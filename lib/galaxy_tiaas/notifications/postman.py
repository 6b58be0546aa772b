"""Delivers what waits in the outbox, and tries again what did not arrive."""

import logging
import time
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import (
    Any,
    Optional,
)

from galaxy.config import GalaxyAppConfiguration
from galaxy.managers.notification import NotificationManager
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.schema.notifications import (
    MessageNotificationContent,
    NotificationCreateData,
    NotificationCreateRequest,
    NotificationRecipients,
    NotificationVariant,
    PersonalNotificationCategory,
)

from ..config import (
    contact_of,
    TiaasConfig,
)
from ..exceptions import describe
from ..managers.outbox import (
    Due,
    OutboxManager,
)
from .mail import (
    mail_of,
    MailServer,
    Refused,
    Unreachable,
)

log = logging.getLogger(__name__)

#: A round begins no other delivery after this; what is left is due still.
_LONGEST_ROUND_SECONDS = 30
_AT_ONCE = 100
#: Of notifications, as Galaxy stores it.
_SOURCE = "galaxy-tiaas"
#: What nobody likes to hear, and should not overlook.
_WARNINGS = frozenset({"cancelled", "rejected", "change_declined", "ended_early"})


@dataclass
class DeliveryReport:
    """What became of deliveries, in numbers."""

    delivered: int = 0
    postponed: int = 0
    given_up: int = 0
    #: To accounts that do not exist any more.
    dropped: int = 0
    #: Given up long ago, and deleted now.
    forgotten: int = 0
    #: Whether the time was over before everything had been tried.
    unfinished: bool = False

    def __bool__(self) -> bool:
        return bool(self.delivered or self.postponed or self.given_up or self.dropped or self.forgotten)

    def __str__(self) -> str:
        numbers = {name.replace("_", " "): number for name, number in vars(self).items() if name != "unfinished"}
        return ", ".join(f"{name}: {number}" for name, number in numbers.items())


class Postman:
    """Any number of them may be at work at once: each takes what no other has taken.

    Nothing is lost: what somebody was killed over is tried again some minutes later. Only then, and only if it had
    arrived already, a mail arrives twice; a notification does not.
    """

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        galaxy_config: GalaxyAppConfiguration,
        outbox: OutboxManager,
        notifications: NotificationManager,
    ):
        self.session = session
        self.config = config
        self.galaxy_config = galaxy_config
        self.outbox = outbox
        self.notifications = notifications

    def deliver(self, now: datetime) -> DeliveryReport:
        """Try what is due at ``now`` (naive UTC), for half a minute at most. Commits as it goes."""
        report = DeliveryReport()
        deadline = time.monotonic() + _LONGEST_ROUND_SECONDS
        report.forgotten = self.outbox.tidy(now)
        self.session.commit()
        with MailServer(self.galaxy_config) as server:
            round_ = _Round(self, server, report, now, deadline)
            while not report.unfinished and (due := self.outbox.due(now, _AT_ONCE)):
                self.session.commit()
                round_.try_all(due)
        self.session.commit()
        if report:
            log.info("galaxy-tiaas messages: %s", report)
        return report


class _Round:
    """One walk through what is due."""

    def __init__(
        self, postman: Postman, server: MailServer, report: DeliveryReport, now: datetime, deadline: float
    ) -> None:
        self.postman = postman
        self.session = postman.session
        self.outbox = postman.outbox
        self.server = server
        self.report = report
        self.now = now
        self.deadline = deadline
        #: Why no mail can be sent now, once that is known.
        self.unreachable: Optional[Unreachable] = None

    def try_all(self, found: list[Due]) -> None:
        """Each delivery by itself, but one notification for all who get the same."""
        gone = [due.id for due in found if not due.address]
        if gone:
            self.outbox.drop(gone)
            self.session.commit()
            self.report.dropped += len(gone)
        mails = [due for due in found if due.address and due.channel == "mail"]
        notifications = [due for due in found if due.address and due.channel == "notification"]
        for _, group in groupby(sorted(notifications, key=lambda due: due.message_id), lambda due: due.message_id):
            self._try(list(group), self._notify)
        for mail in mails:
            self._try([mail], self._mail)

    def _try(self, found: list[Due], action: Any) -> None:
        if time.monotonic() > self.deadline:
            self.report.unfinished = True
            return
        claimed = self.outbox.claim([due.id for due in found], self.now)
        self.session.commit()
        ours = [due for due in found if due.id in claimed]
        if not ours:
            return
        try:
            action(ours)
        except Exception as problem:
            self.session.rollback()
            self._note_failure(ours, problem)
        else:
            self.outbox.delivered(ours, self.now)
            self.report.delivered += len(ours)
        self.session.commit()

    def _mail(self, due: list[Due]) -> None:
        if self.unreachable:
            raise self.unreachable
        config, galaxy_config = self.postman.config, self.postman.galaxy_config
        reply_to = "" if due[0].audience == "admin" else contact_of(config, galaxy_config)
        mail = mail_of(due[0], config.send_email_from or galaxy_config.email_from or "", reply_to)
        try:
            self.server.send(mail)
        except Unreachable as problem:
            self.unreachable = problem
            log.warning("galaxy-tiaas: mails wait: %s", problem)
            raise

    def _notify(self, due: list[Due]) -> None:
        first = due[0]
        notified = self.outbox.notified(due, _SOURCE)
        for earlier in notified.values():
            earlier.dispatched = True
        user_ids = [each.user_id for each in due if each.user_id and each.user_id not in notified]
        if not user_ids:
            return
        request = NotificationCreateRequest(
            recipients=NotificationRecipients.model_construct(user_ids=user_ids),
            notification=NotificationCreateData(
                source=_SOURCE,
                category=PersonalNotificationCategory.message,
                variant=NotificationVariant.warning if first.event in _WARNINGS else NotificationVariant.info,
                content=MessageNotificationContent(subject=first.subject, message=first.markdown),
                publication_time=None,
                expiration_time=None,
            ),
        )
        notification, _ = self.postman.notifications.send_notification_to_recipients(request)
        if notification is not None:
            # Galaxy need not send it by mail too.
            notification.dispatched = True

    def _note_failure(self, found: list[Due], problem: Exception) -> None:
        known = isinstance(problem, (Refused, Unreachable))
        reason = str(problem) if known else describe(problem)
        for due in found:
            if self.outbox.failed(due, self.now, reason, for_good=getattr(problem, "for_good", False)):
                self.report.postponed += 1
            else:
                self.report.given_up += 1
                log.error(
                    "galaxy-tiaas: the %s %d (%s, to one %s) is given up: %s",
                    *(due.channel, due.id, due.event, due.audience, reason),
                )
