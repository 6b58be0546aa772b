"""Mail by Galaxy's SMTP settings."""

import re
from contextlib import suppress
from datetime import timezone
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import (
    format_datetime,
    parseaddr,
)
from io import BytesIO
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

from ..compat.mail import (
    is_encrypted,
    write_to_file,
    writes_to_file,
)
from .outbox import PendingDelivery
from .rendering import QR_CODE

_TIMEOUT_SECONDS = 10
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
            self._smtp = (SMTP_SSL if encrypted else SMTP)(host, timeout=_TIMEOUT_SECONDS)
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
