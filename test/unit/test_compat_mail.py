"""What we rely on of Galaxy's way to send mail: compat/mail.py."""

import json
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import pytest
from galaxy_tiaas.compat import mail
from in_process import InProcess


@pytest.mark.parametrize(("value", "encrypted"), [(True, True), ("true", True), (None, False), ("false", False)])
def test_galaxys_settings_say_whether_the_mail_server_wants_tls(
    make_galaxy: Callable[..., InProcess], value: object, encrypted: bool
) -> None:
    galaxy = make_galaxy(galaxy_conf={} if value is None else {"smtp_ssl": value})
    assert mail.is_encrypted(galaxy.host.config) is encrypted


def test_galaxy_writes_a_mail_into_a_file(make_galaxy: Callable[..., InProcess], tmp_path: Path) -> None:
    file = tmp_path / "mail.json"
    config = make_galaxy(galaxy_conf={"smtp_server": f"mock_emails_to_path://{file}"}).host.config
    assert mail.writes_to_file(config)
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "a@example.org", "b@example.org", "Approved"
    message["Reply-To"] = "c@example.org"
    message.set_content("Come")
    message.add_alternative("<p>Come</p>", subtype="html")
    mail.write_to_file(config, message)
    assert json.loads(file.read_text()) == {
        "from": "a@example.org",
        "to": "b@example.org",
        "subject": "Approved",
        "body": "Come\n",
        "html": "<p>Come</p>\n",
        "reply_to": "c@example.org",
    }


@pytest.mark.parametrize("server", [None, "mail.example.org"])
def test_else_it_speaks_to_a_server(make_galaxy: Callable[..., InProcess], server: object) -> None:
    assert not mail.writes_to_file(make_galaxy(galaxy_conf={"smtp_server": server}).host.config)
