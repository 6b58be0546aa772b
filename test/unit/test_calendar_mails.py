"""Mails that bring a training into somebody's calendar, move it there, and take it out again."""

from collections.abc import (
    Callable,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

import icalendar
import pytest
from galaxy_tiaas.notifications.delivery import Dispatcher
from galaxy_tiaas.reporting.service import StatisticsService
from galaxy_tiaas.trainings.schema import (
    Note,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    ANONYMOUS,
    BEFORE,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
)
from mail_server import (
    MailServer,
    ReceivedMail,
)

_DAY = timedelta(days=1)
_LATER = BEFORE + timedelta(minutes=1)
_LATER_STILL = BEFORE + timedelta(minutes=2)


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess], mail_server: MailServer) -> InProcess:
    galaxy_conf = {
        "smtp_server": mail_server.address,
        "admin_users": "admin@example.org",
        "email_from": "Galaxy <gx@example.org>",
        "galaxy_infrastructure_url": "https://galaxy.example.org",
    }
    return make_galaxy(galaxy_conf=galaxy_conf)


def _sent(galaxy: InProcess, server: MailServer, at: datetime = _LATER_STILL) -> dict[str, ReceivedMail]:
    """The mails that have arrived since the last time, by recipient."""
    galaxy[Dispatcher].deliver(at)
    received, server.received = server.received, []
    mails = {mail.to.removesuffix("@example.org"): mail for mail in received}
    assert len(mails) == len(received)
    return mails


def _approve(galaxy: InProcess, server: MailServer, *members: str) -> ReceivedMail:
    """The mail that says so to minerva; then the members join."""
    galaxy.request(title="Zaubertränke; für alle, Teil 1", location=["DE", "FR"])
    _sent(galaxy, server)
    galaxy.decide("gryffindor", "approved", at=BEFORE)
    galaxy.join("gryffindor", *(galaxy.user(name) for name in members), at=BEFORE)
    return _sent(galaxy, server)["minerva"]


def _change(galaxy: InProcess, **fields: Any) -> None:
    galaxy.perform(TrainingsService.update, galaxy.admin(), "gryffindor", TrainingUpdate(**fields), _LATER)


def _attachments(mail: ReceivedMail) -> list[Any]:
    return list(mail.message.iter_attachments())


def _entry(mail: ReceivedMail, method: str) -> Any:
    """The one entry of the file that a mail carries; both have to say what is to be done with it."""
    (file,) = _attachments(mail)
    assert (file.get_content_type(), file.get_filename()) == ("text/calendar", "training.ics")
    assert (file.get_param("method"), file.get_param("charset")) == (method, "UTF-8")
    text = file.get_payload(decode=True)
    assert text.count(b"\n") == text.count(b"\r\n") > 0
    calendar = icalendar.Calendar.from_ical(text)
    (event,) = calendar.walk("VEVENT")
    assert str(calendar["method"]) == method
    assert not calendar.errors and not event.errors
    assert str(event["organizer"]) == f"mailto:{mail.sender}"
    return event


@on_both_databases
def test_an_approval_brings_the_training_into_the_calendar_of_its_instructor(
    galaxy: InProcess, mail_server: MailServer
) -> None:
    mail = _approve(galaxy, mail_server)
    event = _entry(mail, "PUBLISH")
    assert (event.decoded("dtstart"), event.decoded("dtend")) == (FIRST_DAY, LAST_DAY + _DAY)
    assert str(event["summary"]) == "Zaubertränke; für alle, Teil 1"
    assert str(event["location"]) == "Germany, France"
    assert str(event["url"]) == "https://galaxy.example.org/join-training/gryffindor"
    assert str(event["status"]) == "CONFIRMED"
    (subscribed,) = icalendar.Calendar.from_ical(galaxy[StatisticsService].icalendar(ANONYMOUS, BEFORE)).walk("VEVENT")
    assert event["uid"] == subscribed["uid"]
    assert "approved for" in mail.text and "<strong>" in mail.html and mail.pictures


def test_new_days_move_it_for_all(galaxy: InProcess, mail_server: MailServer) -> None:
    before = _entry(_approve(galaxy, mail_server, "harry"), "PUBLISH")
    _change(galaxy, start=FIRST_DAY + _DAY, end=LAST_DAY + 2 * _DAY)
    mails = _sent(galaxy, mail_server)
    assert set(mails) == {"minerva", "harry"}
    for mail in mails.values():
        event = _entry(mail, "PUBLISH")
        assert event["uid"] == before["uid"]
        assert (event.decoded("dtstart"), event.decoded("dtend")) == (FIRST_DAY + _DAY, LAST_DAY + 3 * _DAY)
        assert event["sequence"] > before["sequence"]
        assert event.decoded("dtstamp") > before.decoded("dtstamp")


def test_a_new_link_takes_the_place_of_the_old_one(galaxy: InProcess, mail_server: MailServer) -> None:
    before = _entry(_approve(galaxy, mail_server, "harry"), "PUBLISH")
    _change(galaxy, identifier="phoenix")
    for mail in _sent(galaxy, mail_server).values():
        event = _entry(mail, "PUBLISH")
        assert event["uid"] == before["uid"]
        assert str(event["url"]) == "https://galaxy.example.org/join-training/phoenix"


def test_an_early_end_shortens_it(galaxy: InProcess, mail_server: MailServer) -> None:
    before = _entry(_approve(galaxy, mail_server), "PUBLISH")
    galaxy.perform(TrainingsService.end, galaxy.admin(), "gryffindor", Note(), DURING)
    event = _entry(_sent(galaxy, mail_server, DURING)["minerva"], "PUBLISH")
    assert event["uid"] == before["uid"] and event["sequence"] > before["sequence"]
    assert event.decoded("dtend") == DURING.date() + _DAY


@pytest.mark.parametrize("state", ["cancelled", "rejected"])
def test_what_does_not_take_place_leaves_the_calendars(galaxy: InProcess, mail_server: MailServer, state: str) -> None:
    before = _entry(_approve(galaxy, mail_server, "harry"), "PUBLISH")
    galaxy.decide("gryffindor", state, at=_LATER)
    mails = _sent(galaxy, mail_server)
    assert set(mails) == {"minerva", "harry"}
    for mail in mails.values():
        event = _entry(mail, "CANCEL")
        assert (event["uid"], str(event["status"])) == (before["uid"], "CANCELLED")
        assert event["sequence"] > before["sequence"]


def test_what_takes_place_after_all_comes_back(galaxy: InProcess, mail_server: MailServer) -> None:
    _approve(galaxy, mail_server, "harry")
    galaxy.decide("gryffindor", "rejected", at=_LATER)
    before = _entry(_sent(galaxy, mail_server)["harry"], "CANCEL")
    galaxy.decide("gryffindor", "approved", at=_LATER_STILL)
    for mail in _sent(galaxy, mail_server).values():
        event = _entry(mail, "PUBLISH")
        assert (event["uid"], str(event["status"])) == (before["uid"], "CONFIRMED")
        assert event["sequence"] > before["sequence"]


def test_what_was_never_approved_is_in_no_calendar(galaxy: InProcess, mail_server: MailServer) -> None:
    galaxy.request()
    _change(galaxy, end=LAST_DAY + _DAY)
    assert [_attachments(mail) for mail in _sent(galaxy, mail_server).values()] == [[]]
    galaxy.decide("gryffindor", "rejected", at=_LATER)
    assert _attachments(_sent(galaxy, mail_server)["minerva"]) == []


def test_other_changes_and_what_admins_are_told_carry_no_calendar(galaxy: InProcess, mail_server: MailServer) -> None:
    _approve(galaxy, mail_server)
    _change(galaxy, attendance=30)
    assert _attachments(_sent(galaxy, mail_server)["minerva"]) == []
    galaxy.admin()
    minerva = galaxy.user("minerva")
    galaxy.perform(TrainingsService.update, minerva, "gryffindor", TrainingUpdate(end=LAST_DAY + _DAY), _LATER)
    assert _attachments(_sent(galaxy, mail_server)["admin"]) == []
