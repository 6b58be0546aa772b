"""A real mail server on this machine that keeps what it is sent, or refuses it."""

import email
import email.policy
import ssl
import threading
from dataclasses import dataclass
from email.message import EmailMessage
from types import TracebackType
from typing import (
    Any,
    cast,
    Literal,
    Optional,
)

import trustme
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import (
    AuthResult,
    LoginPassword,
)
from postgres import free_port


@dataclass(frozen=True)
class ReceivedMail:
    """One mail, as it was sent to one recipient."""

    to: str
    sender: str
    message: EmailMessage
    encrypted: bool

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def pictures(self) -> dict[str, bytes]:
        """Content of the pictures by their Content-ID."""
        parts = [part for part in self.message.walk() if part.get_content_maintype() == "image"]
        return {part["Content-ID"]: cast(bytes, part.get_payload(decode=True)) for part in parts}

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        assert body
        return str(body.get_content()).replace("\r\n", "\n")


class MailServer:
    """Starts with `with`; `refusals` are what it answers to recipients, by address.

    `hangs_up` lets it close the connection when it is given a mail to one of these addresses.
    `encryption` is none, offered by STARTTLS and insisted on, or there from the beginning,
    with a certificate of its own. `knows_utf8`: whether it has SMTPUTF8 (RFC 6531).
    """

    def __init__(
        self,
        *,
        user: str = "",
        password: str = "",
        port: Optional[int] = None,
        encryption: Optional[Literal["STARTTLS", "SSL"]] = None,
        knows_utf8: bool = True,
    ) -> None:
        self.port = port or free_port()
        self.received: list[ReceivedMail] = []
        self.refusals: dict[str, str] = {}
        self.hangs_up: set[str] = set()
        self.connections = 0
        self.logins: list[str] = []
        #: Set as soon as a mail has come, whether it is answered or not.
        self.has_come = threading.Event()
        #: While it is not set, the server takes a mail and does not answer.
        self.answers = threading.Event()
        self.answers.set()
        self._account = (user, password)
        self._encryption = encryption
        self._knows_utf8 = knows_utf8
        self._controller: Optional[Controller] = None

    @property
    def address(self) -> str:
        """As in Galaxy's `smtp_server`."""
        return f"127.0.0.1:{self.port}"

    @property
    def told(self) -> list[tuple[str, str]]:
        """Whom the mails went to, and their subjects, in alphabetical order."""
        return sorted((mail.to, mail.subject) for mail in self.received)

    def __enter__(self) -> "MailServer":
        self.start()
        return self

    def __exit__(self, kind: Optional[type], problem: Optional[BaseException], trace: Optional[TracebackType]) -> None:
        self.stop()

    def start(self) -> None:
        options: dict[str, Any] = {}
        if self._account[0]:
            options = {"authenticator": self._authenticate, "auth_require_tls": self._encryption == "STARTTLS"}
        if self._encryption == "STARTTLS":
            options |= {"tls_context": _certified(), "require_starttls": True}
        elif self._encryption == "SSL":
            options["ssl_context"] = _certified()
        options["enable_SMTPUTF8"] = self._knows_utf8
        self._controller = Controller(self, hostname="127.0.0.1", port=self.port, **options)
        self._controller.start()
        # The controller has looked whether it answers.
        self.connections = 0

    def stop(self) -> None:
        self.answers.set()
        if self._controller:
            self._controller.stop()
            self._controller = None

    # What aiosmtpd calls

    async def handle_EHLO(self, server: Any, session: Any, envelope: Any, hostname: str, responses: Any) -> Any:
        self.connections += 1
        session.host_name = hostname
        return responses

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:
        if address in self.hangs_up:
            server.transport.abort()
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.has_come.set()
        await server.loop.run_in_executor(None, self.answers.wait, 30)
        (to,) = envelope.rcpt_tos
        message = email.message_from_bytes(envelope.content, policy=email.policy.default)
        encrypted = server.transport.get_extra_info("ssl_object") is not None
        self.received.append(ReceivedMail(to, envelope.mail_from, message, encrypted))
        return "250 OK"

    def _authenticate(self, server: Any, session: Any, envelope: Any, mechanism: str, data: Any) -> AuthResult:
        assert isinstance(data, LoginPassword)
        self.logins.append(data.login.decode())
        return AuthResult(success=(data.login.decode(), data.password.decode()) == self._account)


def _certified() -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    return context
