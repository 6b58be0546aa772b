"""Galaxy's way to send mail: its settings, and the file that takes the place of a mail server in tests."""

from email.message import EmailMessage
from typing import Any

from galaxy.util import (
    asbool,
    send_mail,
)

#: What ``smtp_server`` begins with where Galaxy writes each mail into a file, over the one before.
_FILE = "mock_emails_to_path://"


def is_encrypted(galaxy_config: Any) -> bool:
    """Whether the mail server is spoken to by TLS from the first byte.

    Relies on ``smtp_ssl`` being read by ``asbool``; its schema has no type for it.
    """
    return bool(asbool(galaxy_config.smtp_ssl))


def writes_to_file(galaxy_config: Any) -> bool:
    return (galaxy_config.smtp_server or "").startswith(_FILE)


def write_to_file(galaxy_config: Any, mail: EmailMessage) -> None:
    """Write a mail with text and HTML as Galaxy writes its own.

    Relies on ``send_mail`` looking for ``mock_emails_to_path://`` in ``smtp_server``.
    """
    text, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert text and html
    send_mail(
        mail["From"],
        mail["To"],
        mail["Subject"],
        text.get_content(),
        galaxy_config,
        html=html.get_content(),
        reply_to=mail["Reply-To"],
    )
