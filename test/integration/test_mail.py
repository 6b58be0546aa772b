"""Mails and notifications of a real Galaxy: from a request over HTTP to what a mail server receives."""

import re

import requests
from classroom import (
    Classroom,
    ok,
)
from fixtures import wait_until
from mail_server import (
    MailServer,
    ReceivedMail,
)


def _mail(server: MailServer, to: str, identifier: str, subject: str) -> ReceivedMail:
    """The one mail to somebody about a training, which may still be on its way."""

    def found() -> list[ReceivedMail]:
        mine = [mail for mail in server.received if mail.to == to and mail.subject.startswith(subject)]
        return [mail for mail in mine if f"/{identifier}" in mail.text or f"={identifier}" in mail.text]

    wait_until(lambda: bool(found()), f"a mail '{subject}' about {identifier}")
    (mail,) = found()
    return mail


def test_a_request_and_its_decision_reach_people(classroom: Classroom, galaxy_mails: MailServer) -> None:
    admin, instructor = classroom.admin, classroom.instructor
    identifier = classroom.request()
    asked = _mail(galaxy_mails, admin.email, identifier, "Training requested: Transfiguration")
    assert f"{classroom.galaxy.url}/tiaas/admin/trainings/{identifier}" in asked.text
    decision = {"state": "approved", "note": "Bring a cat"}
    ok(classroom.put(f"trainings/{identifier}/state", admin, json=decision))
    approved = _mail(galaxy_mails, instructor.email, identifier, "Approved: Transfiguration")
    assert "> Bring a cat\n" in approved.text
    assert f"{classroom.galaxy.url}/join-training/{identifier}\n" in approved.text
    assert approved.pictures["<qr-code>"].startswith(b"\x89PNG")
    notified = ok(classroom.galaxy.api("GET", "notifications", instructor))
    assert "Approved: Transfiguration" in {notification["content"]["subject"] for notification in notified}


def test_an_admin_has_tried_again_what_was_refused(classroom: Classroom, galaxy_mails: MailServer) -> None:
    admin, instructor = classroom.admin, classroom.instructor
    galaxy_mails.refusals[instructor.email] = "550 5.1.1 unknown"
    identifier = classroom.request()
    ok(classroom.decide(identifier, "approved"))

    def given_up() -> list[int]:
        found = ok(classroom.get("mail", admin))["given_up"]
        return [each["id"] for each in found if each["identifier"] == identifier]

    wait_until(lambda: bool(given_up()), f"a mail about {identifier} that was given up")
    (delivery,) = given_up()
    assert f"  {delivery}  mail  {identifier}  approved to instructor" in classroom.command("mail", "list").stdout
    browser = classroom.galaxy.login(admin)
    page = f"{classroom.galaxy.url}/tiaas/admin/mail"
    assert instructor.email in browser.get(page, timeout=60).text
    form = {"action": "retry", "delivery": delivery}
    assert browser.post(page, data=form, timeout=60).status_code == 403
    form["session_csrf_token"] = classroom.galaxy.csrf_token(browser)
    del galaxy_mails.refusals[instructor.email]
    done = browser.post(page, data=form, timeout=60)
    assert "Retry queued" in done.text
    _mail(galaxy_mails, instructor.email, identifier, "Approved")
    assert given_up() == []
    assert "is not in the queue any more" in browser.post(page, data=form, timeout=60).text


def test_only_admins_see_who_could_not_be_told(classroom: Classroom) -> None:
    for user in (None, classroom.instructor):
        assert classroom.get("mail", user).status_code == 403
        assert classroom.post("mail", user, json={"action": "drop"}).status_code == 403
    browser = classroom.galaxy.login(classroom.instructor)
    assert browser.get(f"{classroom.galaxy.url}/tiaas/admin/mail", timeout=60).status_code == 403
    refused = classroom.post("mail", classroom.admin, json={"action": "burn"})
    assert refused.status_code in (400, 422)


def test_a_contact_address_gets_mails_once_its_owner_has_followed_the_link(
    classroom: Classroom, galaxy_mails: MailServer
) -> None:
    identifier = classroom.payload()["identifier"]
    address = f"{identifier}@hogwarts.example.org"
    classroom.request(identifier=identifier, email=address)
    wait_until(lambda: any(mail.to == address for mail in galaxy_mails.received), f"a mail to {address}")
    (mail,) = [mail for mail in galaxy_mails.received if mail.to == address]
    (link,) = set(re.findall(r"http\S+/tiaas/contact/[\w-]+", mail.text))

    def is_confirmed() -> bool:
        return bool(ok(classroom.get(f"trainings/{identifier}", classroom.instructor))["email_confirmed"])

    for _ in range(2):
        # As programs do that check mails.
        asked = requests.get(link, timeout=60)
        assert (asked.status_code, asked.headers["referrer-policy"]) == (200, "no-referrer")
    assert not is_confirmed()
    for _ in range(2):
        assert "Address confirmed" in requests.post(link, timeout=60).text
    assert is_confirmed()
    for method in ("GET", "POST"):
        unknown = requests.request(method, f"{link}x", timeout=60)
        assert unknown.status_code == 404 and "not valid" in unknown.text
