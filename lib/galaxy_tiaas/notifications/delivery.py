"""Delivers the messages of the outbox, by mail (Galaxy's SMTP settings) and as Galaxy's notifications, and retries."""

import logging
import re
import threading
import time
from collections.abc import Callable
from contextlib import (
    closing,
    suppress,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timezone,
)
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import (
    format_datetime,
    parseaddr,
)
from io import BytesIO
from itertools import groupby
from smtplib import (
    SMTP,
    SMTP_SSL,
    SMTPDataError,
    SMTPException,
    SMTPNotSupportedError,
    SMTPRecipientsRefused,
    SMTPResponseException,
)
from typing import (
    Any,
    Optional,
)

import icalendar
import idna
import segno
from galaxy.config import GalaxyAppConfiguration
from galaxy.di import Container
from galaxy.model.orm.now import now as galaxy_now
from galaxy.model.scoped_session import galaxy_scoped_session

from ..compat.mail import (
    is_encrypted,
    write_to_file,
    writes_to_file,
)
from ..compat.notifications import GalaxyNotifications
from ..core.config import (
    contact_of,
    TiaasConfig,
)
from ..core.exceptions import describe
from .outbox import (
    OutboxManager,
    PendingDelivery,
    WakeUpEvent,
)
from .rendering import QR_CODE

log = logging.getLogger(__name__)

#: A call of :meth:`Dispatcher.deliver` starts no further delivery after this; the rest stays pending.
_TIME_LIMIT_SECONDS = 30
_BATCH_SIZE = 100
#: Events that are shown as a warning.
_WARNINGS = frozenset({"cancelled", "rejected", "change_declined", "ended_early"})
#: For each answer of the mail server.
_SMTP_TIMEOUT_SECONDS = 10
_DOMAIN = re.compile(r"(?<=@)[^\s<>,;@]+")
_ENHANCED_CODE = re.compile(r"^[245]\.\d{1,3}\.\d{1,3}\b")


class Unreachable(Exception):
    """The mail server cannot be used at the moment."""


class Refused(Exception):
    """This mail was refused.

    :param for_good: whether a retry is useless.
    """

    def __init__(self, problem: str, *, for_good: bool = False):
        super().__init__(problem)
        self.for_good = for_good


def mail_of(delivery: PendingDelivery, sender: str, reply_to: str) -> EmailMessage:
    """The mail of a delivery: plain text, HTML, the picture of its QR code, and an entry for calendars.

    :raises Refused: if its address is not valid.
    """
    mail = EmailMessage()
    try:
        mail["To"] = Address(addr_spec=_with_ascii_domains(delivery.address))
    except Exception:
        raise Refused("this is not an e-mail address", for_good=True) from None
    mail["From"] = sender = _with_ascii_domains(sender)
    mail["Subject"] = delivery.subject
    mail["Date"] = format_datetime(delivery.created.replace(tzinfo=timezone.utc))
    # Always the same for the same mail: should it ever be sent twice, mail programs show it once.
    host = parseaddr(sender)[1].rpartition("@")[2] or "localhost"
    mail["Message-ID"] = f"<tiaas-{delivery.id}-{delivery.created:%Y%m%d%H%M%S%f}@{host}>"
    mail["Auto-Submitted"] = "auto-generated"
    if reply_to:
        mail["Reply-To"] = _with_ascii_domains(reply_to)
    mail.set_content(delivery.text)
    mail.add_alternative(delivery.html, subtype="html")
    if delivery.link:
        picture = BytesIO()
        segno.make(delivery.link, error="m").save(picture, kind="png", scale=6, border=4)
        html: Any = mail.get_payload(1)
        html.add_related(picture.getvalue(), "image", "png", cid=f"<{QR_CODE.removeprefix('cid:')}>")
    if delivery.calendar:
        # ``PUBLISH`` or ``CANCEL``; the header repeats it.
        params = {"method": str(icalendar.Calendar.from_ical(delivery.calendar)["method"]), "charset": "UTF-8"}
        mail.add_attachment(delivery.calendar.encode(), "text", "calendar", filename="training.ics", params=params)
    return mail


class MailServer:
    """One SMTP connection for many mails, opened with the first."""

    def __init__(self, galaxy_config: GalaxyAppConfiguration):
        self._config: Any = galaxy_config
        self._smtp: Optional[SMTP] = None

    def send(self, mail: EmailMessage) -> None:
        """Send a mail to the address in it.

        :raises Unreachable: if the server cannot be spoken to. :raises Refused: if it does not take this mail.
        """
        host = self._config.smtp_server
        if not host:
            raise Unreachable("smtp_server is not set in galaxy.yml")
        if writes_to_file(self._config):
            try:
                write_to_file(self._config, mail)
            except OSError as problem:
                raise Unreachable(f"the mail cannot be written to a file ({type(problem).__name__})") from None
            return
        if self._smtp is None or self._smtp.sock is None:
            self._connect(host)
        assert self._smtp
        try:
            self._smtp.send_message(mail)
        except SMTPRecipientsRefused as problem:
            ((code, answer),) = problem.recipients.values()
            raise Refused(_said("the recipient", code, answer), for_good=code >= 500) from None
        except SMTPDataError as problem:
            words = _said("the message", problem.smtp_code, problem.smtp_error)
            raise Refused(words, for_good=problem.smtp_code >= 500) from None
        except SMTPResponseException as problem:
            raise Refused(_said("the sender", problem.smtp_code, problem.smtp_error)) from None
        except SMTPNotSupportedError:
            raise Refused("the mail server cannot write to this address", for_good=True) from None
        except (OSError, SMTPException) as problem:
            self.close()
            raise Refused(f"the connection to the mail server was lost ({type(problem).__name__})") from None

    def _connect(self, host: str) -> None:
        self.close()
        encrypted = is_encrypted(self._config)
        try:
            self._smtp = (SMTP_SSL if encrypted else SMTP)(host, timeout=_SMTP_TIMEOUT_SECONDS)
            if not encrypted:
                # As Galaxy does it: not every mail server offers it.
                with suppress(SMTPNotSupportedError, SMTPResponseException):
                    self._smtp.starttls()
            if self._config.smtp_username and self._config.smtp_password:
                self._smtp.login(self._config.smtp_username, self._config.smtp_password)
        except (OSError, SMTPException, ValueError) as problem:
            self.close()
            code = f" {problem.smtp_code}" if isinstance(problem, SMTPResponseException) else ""
            raise Unreachable(f"the mail server cannot be reached ({type(problem).__name__}{code})") from None

    def close(self) -> None:
        smtp, self._smtp = self._smtp, None
        if smtp is not None:
            with suppress(OSError, SMTPException):
                smtp.quit()
            smtp.close()


def _with_ascii_domains(addresses: str) -> str:
    """Addresses with their domains as DNS has them (IDNA, RFC 5891), for mail servers without SMTPUTF8."""

    def in_ascii(domain: re.Match[str]) -> str:
        try:
            return domain[0] if domain[0].isascii() else idna.encode(domain[0], uts46=True).decode()
        except idna.IDNAError:
            return domain[0]

    return _DOMAIN.sub(in_ascii, addresses)


def _said(what: str, code: int, words: Any) -> str:
    """What a server says about somebody, without that somebody: its words may hold the address."""
    text = words.decode("ascii", "replace") if isinstance(words, bytes) else str(words)
    enhanced = _ENHANCED_CODE.match(text.strip())
    return f"the mail server refuses {what} ({code}{f' {enhanced[0]}' if enhanced else ''})"


@dataclass
class DeliveryReport:
    """Numbers of deliveries."""

    delivered: int = 0
    postponed: int = 0
    given_up: int = 0
    #: The account has been deleted.
    dropped: int = 0
    #: Given up long ago, and deleted now.
    forgotten: int = 0
    #: Whether the time limit was reached before everything had been tried.
    unfinished: bool = False

    def __bool__(self) -> bool:
        return bool(self.delivered or self.postponed or self.given_up or self.dropped or self.forgotten)

    def __str__(self) -> str:
        numbers = {name.replace("_", " "): number for name, number in vars(self).items() if name != "unfinished"}
        return ", ".join(f"{name}: {number}" for name, number in numbers.items())


@dataclass
class _Run:
    """State of one call of :meth:`Dispatcher.deliver`."""

    server: MailServer
    report: DeliveryReport
    now: datetime
    deadline: float
    #: Why no mail can be sent now, once that is known.
    unreachable: Optional[Unreachable] = None


@dataclass
class Dispatcher:
    """Any number of processes and threads may deliver at once: each takes what no other has claimed.

    A delivery whose process is killed is retried when its claim expires. If it had arrived already, a mail arrives
    twice, with the same Message-ID; a notification does not.
    """

    session: galaxy_scoped_session
    config: TiaasConfig
    galaxy_config: GalaxyAppConfiguration
    outbox: OutboxManager
    galaxy_notifications: GalaxyNotifications

    def deliver(self, now: datetime) -> DeliveryReport:
        """Try what is pending at ``now`` (naive UTC), for half a minute at most. Commits as it goes."""
        deadline = time.monotonic() + _TIME_LIMIT_SECONDS
        report = DeliveryReport(forgotten=self.outbox.tidy(now))
        self.session.commit()
        with closing(MailServer(self.galaxy_config)) as server:
            run = _Run(server, report, now, deadline)
            while not report.unfinished and (batch := self.outbox.pending(now, _BATCH_SIZE)):
                self.session.commit()
                self._deliver(batch, run)
        self.session.commit()
        if report:
            log.info("galaxy-tiaas messages: %s", report)
        return report

    def _deliver(self, batch: list[PendingDelivery], run: _Run) -> None:
        """Each mail by itself, but one notification for all recipients of a message."""
        gone = [pending.id for pending in batch if not pending.address]
        if gone:
            self.outbox.drop(gone)
            self.session.commit()
            run.report.dropped += len(gone)
        mails = [pending for pending in batch if pending.address and pending.channel == "mail"]
        notifications = [pending for pending in batch if pending.address and pending.channel == "notification"]
        by_message = sorted(notifications, key=lambda pending: pending.message_id)
        for _, group in groupby(by_message, lambda pending: pending.message_id):
            self._try(list(group), self._notify, run)
        for mail in mails:
            self._try([mail], self._mail, run)

    def _try(
        self, found: list[PendingDelivery], send: Callable[[list[PendingDelivery], _Run], None], run: _Run
    ) -> None:
        if time.monotonic() > run.deadline:
            run.report.unfinished = True
            return
        claimed = self.outbox.claim([pending.id for pending in found], run.now)
        self.session.commit()
        ours = [pending for pending in found if pending.id in claimed]
        if not ours:
            return
        try:
            send(ours, run)
        except Exception as problem:
            self.session.rollback()
            self._record_failure(ours, problem, run)
        else:
            self.outbox.delivered(ours, run.now)
            run.report.delivered += len(ours)
        self.session.commit()

    def _mail(self, pending: list[PendingDelivery], run: _Run) -> None:
        if run.unreachable:
            raise run.unreachable
        reply_to = "" if pending[0].audience == "admin" else contact_of(self.config, self.galaxy_config)
        mail = mail_of(pending[0], self.config.send_email_from or self.galaxy_config.email_from or "", reply_to)
        try:
            run.server.send(mail)
        except Unreachable as problem:
            run.unreachable = problem
            log.warning("galaxy-tiaas: mails wait: %s", problem)
            raise

    def _notify(self, pending: list[PendingDelivery], _run: _Run) -> None:
        first, notifications = pending[0], self.galaxy_notifications
        # A process that was killed, or lost the database, may have sent it without recording that.
        tried = [each.user_id for each in pending if each.user_id and each.attempts]
        received = notifications.received(tried, first.subject, first.markdown, first.created) if tried else set()
        user_ids = [each.user_id for each in pending if each.user_id and each.user_id not in received]
        if user_ids:
            notifications.send(user_ids, first.subject, first.markdown, warning=first.event in _WARNINGS)

    def _record_failure(self, found: list[PendingDelivery], problem: Exception, run: _Run) -> None:
        known = isinstance(problem, (Refused, Unreachable))
        reason = str(problem) if known else describe(problem)
        for pending in found:
            if self.outbox.failed(pending, run.now, reason, for_good=getattr(problem, "for_good", False)):
                run.report.postponed += 1
            else:
                run.report.given_up += 1
                log.error(
                    "galaxy-tiaas: the %s %d (%s, to one %s) is abandoned: %s",
                    *(pending.channel, pending.id, pending.event, pending.audience, reason),
                )


class DeliveryWorker(WakeUpEvent):
    """A thread of a web process that delivers whenever the event is set: no request waits for a mail server.

    It starts when the event is set for the first time, hence after any fork.
    """

    def __init__(self, app: Container, *, clock: Callable[[], datetime] = galaxy_now):
        """:param app: gives the dispatcher and the session, whose scope is the thread."""
        super().__init__()
        self.app = app
        self.clock = clock
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None

    def set(self) -> None:
        super().set()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="galaxy-tiaas delivery", daemon=True)
                self._thread.start()

    def deliver(self) -> None:
        """Deliver what is pending."""
        try:
            while self.app[Dispatcher].deliver(self.clock()).unfinished:
                pass
        finally:
            self.app[galaxy_scoped_session].remove()

    def _run(self) -> None:
        while True:
            self.wait()
            self.clear()
            try:
                self.deliver()
            except Exception as problem:
                # What is not delivered stays in the outbox, for the next message or the lifecycle.
                log.error("galaxy-tiaas: messages could not be delivered: %s", describe(problem))
