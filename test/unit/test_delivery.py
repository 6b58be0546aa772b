"""Messages reach people by a real mail server and Galaxy's real notifications, or wait, or are given up."""

import logging
import threading
import time
from collections.abc import (
    Callable,
)
from concurrent.futures import ThreadPoolExecutor
from datetime import (
    datetime,
    timedelta,
)
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from galaxy.managers.notification import NotificationManager
from galaxy.model.orm.now import now as galaxy_now
from galaxy.util import unicodify
from galaxy_tiaas.core.model import (
    Message,
    Training,
)
from galaxy_tiaas.lifecycle.tasks import (
    LifecycleReport,
    LifecycleTasks,
)
from galaxy_tiaas.notifications.delivery import (
    DeliveryReport,
    DeliveryWorker,
    Dispatcher,
)
from galaxy_tiaas.notifications.outbox import (
    next_attempt,
    OutboxManager,
    Recipient,
    WakeUpEvent,
)
from galaxy_tiaas.notifications.schema import (
    MailAction,
    MailView,
)
from galaxy_tiaas.notifications.service import NotificationService
from galaxy_tiaas.trainings.schema import StateChange
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from in_process import (
    ANONYMOUS,
    BEFORE,
    InProcess,
    on_both_databases,
    SERVER,
)
from mail_server import MailServer
from postgres import free_port
from pydantic import ValidationError
from sqlalchemy import text
from sqlalchemy.exc import OperationalError

MakeGalaxy = Callable[..., InProcess]

_MINUTE = timedelta(minutes=1)
_DAY = timedelta(days=1)


@pytest.fixture
def galaxy(make_galaxy: MakeGalaxy, mail_server: MailServer) -> InProcess:
    return make_galaxy(galaxy_conf=_galaxy_conf(mail_server), contact_email="help@example.org")


def _galaxy_conf(server: MailServer, **more: Any) -> dict[str, Any]:
    return {"smtp_server": server.address, "admin_users": "admin@example.org", "email_from": "gx@example.org", **more}


def _write(galaxy: InProcess, *people: str, at: datetime = BEFORE, channel: Any = "mail", link: str = "") -> None:
    """A message to the accounts of these names."""
    message = Message(
        event="approved",
        audience="instructor",
        subject="Approved: Potions",
        text="Come\n",
        html="<p>Come</p>\n",
        markdown="**Come**",
        link=link,
        created=at,
    )
    recipients = [Recipient(galaxy.user(person).user_id) for person in people]
    galaxy[OutboxManager].put(message, {channel: recipients})
    galaxy.session.commit()


def _deliver(galaxy: InProcess, at: datetime = BEFORE) -> DeliveryReport:
    return galaxy[Dispatcher].deliver(at)


class Worker(DeliveryWorker):
    """Says when it has delivered."""

    def __init__(self, galaxy: InProcess) -> None:
        super().__init__(galaxy.host, clock=lambda: BEFORE)
        self.delivered = threading.Semaphore(0)

    def deliver(self) -> None:
        try:
            super().deliver()
        finally:
            self.delivered.release()


def _left(galaxy: InProcess) -> list[Any]:
    return galaxy.query("SELECT * FROM tiaas_delivery ORDER BY id")


def _view(galaxy: InProcess) -> MailView:
    return galaxy[NotificationService].queue(SERVER)


def _act(galaxy: InProcess, action: MailAction, now: datetime) -> int:
    return galaxy[NotificationService].act_on_queue(galaxy.admin(), action, now)


# What arrives


def test_domains_are_written_as_any_mail_server_knows_them(make_galaxy: MakeGalaxy) -> None:
    site = {"send_email_from": "Kurse <kurse@exämple.org>", "contact_email": "hilfe@exämple.org"}
    with MailServer(knows_utf8=False) as server:
        galaxy = make_galaxy(galaxy_conf=_galaxy_conf(server), **site)
        _write(galaxy, "minerva")
        galaxy.account("minerva").email = "minerva@exämple.org"
        galaxy.session.commit()
        assert _deliver(galaxy) == DeliveryReport(delivered=1)
    (mail,) = server.received
    assert (mail.to, mail.sender) == ("minerva@xn--exmple-cua.org", "kurse@xn--exmple-cua.org")
    assert mail.message["Reply-To"] == "hilfe@xn--exmple-cua.org"


@on_both_databases
def test_a_mail_arrives_once_and_leaves_nothing_behind(make_galaxy: MakeGalaxy, mail_server: MailServer) -> None:
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server), contact_email="help@example.org")
    _write(galaxy, "minerva", "severus", link="https://galaxy.example.org/join-training/potions")
    assert _deliver(galaxy) == DeliveryReport(delivered=2)
    assert not _deliver(galaxy)
    assert mail_server.told == [
        ("minerva@example.org", "Approved: Potions"),
        ("severus@example.org", "Approved: Potions"),
    ]
    mail = mail_server.received[0]
    assert (mail.text, mail.html) == ("Come\n", "<p>Come</p>\n")
    assert mail.pictures["<qr-code>"].startswith(b"\x89PNG")
    assert mail.sender == "gx@example.org"
    assert mail.message["Reply-To"] == "help@example.org"
    assert mail.message["To"] == "minerva@example.org"
    assert mail_server.connections == 1
    assert galaxy.query("SELECT * FROM tiaas_message") == _left(galaxy) == []


def test_the_site_chooses_the_sender(make_galaxy: MakeGalaxy, mail_server: MailServer) -> None:
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server), send_email_from="TIaaS <tiaas@example.org>")
    _write(galaxy, "minerva")
    _deliver(galaxy)
    assert mail_server.received[0].message["From"] == "TIaaS <tiaas@example.org>"


def test_the_address_is_that_of_the_account_when_the_mail_is_sent(galaxy: InProcess, mail_server: MailServer) -> None:
    _write(galaxy, "minerva", "severus")
    minerva = galaxy.account("minerva")
    minerva.email = "mcgonagall@example.org"
    galaxy.session.commit()
    galaxy.delete_account(galaxy.user("severus"))
    assert _deliver(galaxy) == DeliveryReport(delivered=1, dropped=1)
    assert [mail.to for mail in mail_server.received] == ["mcgonagall@example.org"]
    assert _left(galaxy) == []


def test_a_server_may_want_a_password(make_galaxy: MakeGalaxy) -> None:
    with MailServer(user="galaxy", password="secret") as server:
        account = {"smtp_username": "galaxy", "smtp_password": "secret"}
        galaxy = make_galaxy(galaxy_conf=_galaxy_conf(server, **account))
        _write(galaxy, "minerva")
        assert _deliver(galaxy) == DeliveryReport(delivered=1)
        assert server.logins == ["galaxy"]


def test_a_wrong_password_is_a_reason_to_wait(make_galaxy: MakeGalaxy) -> None:
    with MailServer(user="galaxy", password="secret") as server:
        account = {"smtp_username": "galaxy", "smtp_password": "wrong"}
        galaxy = make_galaxy(galaxy_conf=_galaxy_conf(server, **account))
        _write(galaxy, "minerva", "severus")
        assert _deliver(galaxy) == DeliveryReport(postponed=2)
        assert len(server.logins) == 1
    assert all("the mail server cannot be reached" in row.problem for row in _left(galaxy))


@pytest.mark.parametrize("encryption", ["STARTTLS", "SSL"])
def test_a_server_may_be_encrypted(make_galaxy: MakeGalaxy, encryption: Any) -> None:
    """With a certificate of its own, as servers inside a university have."""
    with MailServer(user="galaxy", password="secret", encryption=encryption) as server:
        account = {"smtp_username": "galaxy", "smtp_password": "secret", "smtp_ssl": encryption == "SSL"}
        galaxy = make_galaxy(galaxy_conf=_galaxy_conf(server, **account))
        _write(galaxy, "minerva", "severus")
        assert _deliver(galaxy) == DeliveryReport(delivered=2)
        assert server.logins == ["galaxy"]
        assert [mail.encrypted for mail in server.received] == [True, True]


def test_a_server_that_is_not_encrypted_where_galaxy_expects_it_gets_nothing(
    make_galaxy: MakeGalaxy, mail_server: MailServer
) -> None:
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server, smtp_ssl=True))
    _write(galaxy, "minerva")
    assert _deliver(galaxy) == DeliveryReport(postponed=1)
    assert _left(galaxy)[0].problem == "the mail server cannot be reached (SSLError)"


def test_galaxys_mock_of_a_mail_server_is_understood(make_galaxy: MakeGalaxy, tmp_path: Path) -> None:
    galaxy = make_galaxy(galaxy_conf={"smtp_server": f"mock_emails_to_path://{tmp_path / 'mail.json'}"})
    _write(galaxy, "minerva")
    assert _deliver(galaxy) == DeliveryReport(delivered=1)
    assert '"to": "minerva@example.org"' in (tmp_path / "mail.json").read_text()


# What does not


def test_one_refusal_concerns_one_recipient(
    galaxy: InProcess, mail_server: MailServer, caplog: pytest.LogCaptureFixture
) -> None:
    mail_server.refusals = {
        "minerva@example.org": "550 5.1.1 <minerva@example.org> is unknown",
        "severus@example.org": "450 4.2.0 severus@example.org is greylisted",
    }
    _write(galaxy, "minerva", "severus", "pomona")
    with caplog.at_level(logging.INFO, "galaxy_tiaas"):
        assert _deliver(galaxy) == DeliveryReport(delivered=1, postponed=1, given_up=1)
    assert [mail.to for mail in mail_server.received] == ["pomona@example.org"]
    given_up, postponed, delivered = _left(galaxy)
    assert (given_up.next_attempt_at, given_up.problem) == (None, "the mail server refuses the recipient (550 5.1.1)")
    assert postponed.problem == "the mail server refuses the recipient (450 4.2.0)"
    assert delivered.address == delivered.problem == ""
    # The mail server of the tests may have a log of its own.
    logged = "\n".join(record.getMessage() for record in caplog.records if record.name.startswith("galaxy_tiaas"))
    assert "is abandoned: the mail server refuses the recipient (550 5.1.1)" in logged
    assert "example.org" not in logged and "minerva" not in logged


def test_a_connection_that_breaks_costs_one_mail_some_time(galaxy: InProcess, mail_server: MailServer) -> None:
    mail_server.hangs_up = {"minerva@example.org"}
    _write(galaxy, "minerva", "severus")
    assert _deliver(galaxy) == DeliveryReport(delivered=1, postponed=1)
    assert _left(galaxy)[0].problem == "the connection to the mail server was lost (SMTPServerDisconnected)"
    assert [mail.to for mail in mail_server.received] == ["severus@example.org"]


@on_both_databases
def test_a_dead_mail_server_loses_nothing(make_galaxy: MakeGalaxy, caplog: pytest.LogCaptureFixture) -> None:
    server = MailServer(port=free_port())
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(server))
    with caplog.at_level(logging.INFO, "galaxy_tiaas"):
        galaxy.training(state="new")
        galaxy.decide("gryffindor", "approved")
        assert _deliver(galaxy) == DeliveryReport(postponed=2)
    assert caplog.text.count("mails wait: the mail server cannot be reached (ConnectionRefusedError)") == 1
    assert galaxy.find("gryffindor").state == TrainingState.APPROVED
    assert not _deliver(galaxy, BEFORE + _MINUTE / 2)
    with server:
        assert _deliver(galaxy, BEFORE + _MINUTE) == DeliveryReport(delivered=2)
        assert {mail.to for mail in server.received} == {"admin@example.org", "minerva@example.org"}
    assert _left(galaxy) == []


def test_pauses_grow_until_it_is_given_up_after_three_days(
    make_galaxy: MakeGalaxy, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy = make_galaxy(galaxy_conf={"smtp_server": f"127.0.0.1:{free_port()}"})
    _write(galaxy, "minerva")
    now, pauses = BEFORE, []
    with caplog.at_level(logging.ERROR, "galaxy_tiaas"):
        while not _deliver(galaxy, now).given_up:
            again = datetime.fromisoformat(_left(galaxy)[0].next_attempt_at)
            assert not _deliver(galaxy, again - timedelta(seconds=1))
            pauses.append(again - now)
            now = again
    assert pauses == sorted(pauses)
    assert pauses[:4] == [_MINUTE, 5 * _MINUTE, 15 * _MINUTE, 60 * _MINUTE]
    assert 2.5 * _DAY < now - BEFORE < 3 * _DAY
    assert not _deliver(galaxy, now + 20 * _DAY)
    assert caplog.text.count("is abandoned: the mail server cannot be reached (ConnectionRefusedError)") == 1
    assert (_view(galaxy).waiting_total, _view(galaxy).given_up_total) == (0, 1)


def test_the_last_pause_is_the_last() -> None:
    assert next_attempt(9, BEFORE) and not next_attempt(10, BEFORE)


def test_what_was_given_up_is_deleted_after_a_month(galaxy: InProcess, mail_server: MailServer) -> None:
    mail_server.refusals = {"minerva@example.org": "550 no"}
    _write(galaxy, "minerva", "severus")
    _deliver(galaxy)
    _deliver(galaxy, BEFORE + 30 * _DAY)
    assert len(_left(galaxy)) == 2
    _deliver(galaxy, BEFORE + 30 * _DAY + _MINUTE)
    assert galaxy.query("SELECT * FROM tiaas_message") == _left(galaxy) == []


@on_both_databases
def test_what_was_given_up_is_deleted_though_nothing_else_is_sent(galaxy: InProcess, mail_server: MailServer) -> None:
    """The lifecycle does it; a month is what docs/privacy.md promises."""
    mail_server.refusals = {"minerva@example.org": "550 no"}
    _write(galaxy, "minerva")
    _deliver(galaxy)
    lifecycle, after = galaxy[LifecycleTasks], BEFORE + 30 * _DAY + _MINUTE
    assert not lifecycle.run(BEFORE + 30 * _DAY)
    assert lifecycle.run(after, dry_run=True) == LifecycleReport(messages_forgotten=1)
    assert len(_left(galaxy)) == 1
    assert lifecycle.run(after) == LifecycleReport(messages_forgotten=1)
    assert galaxy.query("SELECT * FROM tiaas_message") == _left(galaxy) == []
    assert not lifecycle.run(after)


def test_a_slow_mail_server_keeps_nobody_waiting(
    galaxy: InProcess, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The request is over while the mail is still on its way."""
    mail_server.answers.clear()
    worker = Worker(galaxy)
    monkeypatch.setattr(galaxy[WakeUpEvent], "set", worker.set)
    galaxy.request()
    assert not worker.delivered.acquire(blocking=False)
    assert galaxy.find("gryffindor").state == TrainingState.NEW
    galaxy.session.commit()
    mail_server.answers.set()
    assert worker.delivered.acquire(timeout=60)
    assert [mail.to for mail in mail_server.received] == ["admin@example.org"]


def test_a_run_ends_in_time_and_leaves_the_rest_pending(
    galaxy: InProcess, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    _write(galaxy, "minerva", "severus", "pomona")
    clock = iter([0.0, 0.0, 10.0, 31.0])
    monkeypatch.setattr(
        "galaxy_tiaas.notifications.delivery.time", type("Clock", (), {"monotonic": lambda: next(clock)})
    )
    assert _deliver(galaxy) == DeliveryReport(delivered=2, unfinished=True)
    monkeypatch.setattr("galaxy_tiaas.notifications.delivery.time", time)
    assert _deliver(galaxy) == DeliveryReport(delivered=1)
    assert len({mail.to for mail in mail_server.received}) == 3


def test_without_a_mail_server_what_was_written_before_waits(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy()
    _write(galaxy, "minerva")
    assert _deliver(galaxy) == DeliveryReport(postponed=1)
    assert _left(galaxy)[0].problem == "smtp_server is not set in galaxy.yml"


# Several at once


@on_both_databases
def test_four_dispatchers_at_once_send_each_mail_once(make_galaxy: MakeGalaxy, mail_server: MailServer) -> None:
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server, enable_notification_system=True))
    people = [f"trainee{number}" for number in range(25)]
    _write(galaxy, *people)
    _write(galaxy, *people, channel="notification")
    dispatchers = 4
    start = threading.Barrier(dispatchers)

    def deliver() -> DeliveryReport:
        try:
            dispatcher = galaxy[Dispatcher]
            start.wait(60)
            return dispatcher.deliver(BEFORE)
        finally:
            galaxy.session.remove()

    with ThreadPoolExecutor(dispatchers) as pool:
        reports = [future.result() for future in [pool.submit(deliver) for _ in range(dispatchers)]]
    assert sum(report.delivered for report in reports) == 2 * len(people)
    assert sorted(mail.to for mail in mail_server.received) == sorted(f"{person}@example.org" for person in people)
    received = galaxy.query("SELECT user_id, count(*) AS times FROM user_notification_association GROUP BY user_id")
    assert [row.times for row in received] == [1] * len(people)
    _deliver(galaxy, BEFORE + _DAY)
    assert len(mail_server.received) == len(people)
    assert galaxy.query("SELECT * FROM tiaas_message") == _left(galaxy) == []


def test_what_somebody_was_killed_over_is_tried_again_later(galaxy: InProcess, mail_server: MailServer) -> None:
    _write(galaxy, "minerva")
    (pending,) = galaxy[OutboxManager].pending(BEFORE, 10)
    assert galaxy[OutboxManager].claim([pending.id], BEFORE) == {pending.id}
    galaxy.session.commit()
    assert galaxy[OutboxManager].claim([pending.id], BEFORE) == set()
    assert not _deliver(galaxy, BEFORE + 9 * _MINUTE)
    assert _deliver(galaxy, BEFORE + 10 * _MINUTE) == DeliveryReport(delivered=1)


# After an upgrade


@on_both_databases
def test_what_the_first_version_left_is_delivered(make_galaxy: MakeGalaxy, mail_server: MailServer) -> None:
    """A digest, a mail whose worker was killed, and a notification, as rows of `tiaas_message` and `tiaas_delivery`."""
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server, enable_notification_system=True))
    values = {
        "user": galaxy.user("minerva").user_id,
        "training": galaxy.training().id,
        "link": "https://galaxy.example.org/join-training/gryffindor",
        "calendar": "BEGIN:VCALENDAR\r\nMETHOD:PUBLISH\r\nEND:VCALENDAR\r\n",
        "changes": '{"title": ["Potions", "Charms"]}',
        "then": f"{BEFORE:%Y-%m-%d %H:%M:%S}.000000",
    }
    _deliver(galaxy)
    mail_server.received.clear()
    for statement in (
        "INSERT INTO tiaas_message (id, training_id, event, audience, subject, text, html, markdown, link, calendar,"
        " changes, created) VALUES (71, :training, 'changed', 'instructor', 'Changed', 'Come', '<p>Come</p>', 'Come',"
        " '', NULL, :changes, :then), (72, :training, 'approved', 'instructor', 'Approved', 'Come', '<p>Come</p>',"
        " 'Come', :link, :calendar, NULL, :then)",
        "INSERT INTO tiaas_delivery (message_id, channel, user_id, address, attempts, next_attempt_at, claimed_until,"
        " problem) VALUES (71, 'mail', :user, '', 0, :then, NULL, ''), (72, 'mail', :user, '', 1, :then, :then, ''),"
        " (72, 'notification', :user, '', 0, :then, NULL, '')",
    ):
        galaxy.session.execute(text(statement), {n: v for n, v in values.items() if f":{n}" in statement})
    galaxy.session.commit()
    assert _deliver(galaxy) == DeliveryReport(delivered=3)
    assert {mail.subject: set(mail.pictures) for mail in mail_server.received} == {
        "Approved": {"<qr-code>"},
        "Changed": set(),
    }
    assert galaxy.query("SELECT * FROM tiaas_message") == _left(galaxy) == []


# Galaxy's notifications


@on_both_databases
def test_a_notification_is_there_in_galaxy_for_each_who_is_told(
    make_galaxy: MakeGalaxy, mail_server: MailServer
) -> None:
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server, enable_notification_system=True))
    _write(galaxy, "minerva", "severus", channel="notification")
    galaxy.delete_account(galaxy.user("severus"))
    assert _deliver(galaxy) == DeliveryReport(delivered=1, dropped=1)
    manager = galaxy[NotificationManager]
    (notification,) = manager.get_user_notifications(galaxy.account("minerva"))
    content = unicodify(notification.content)
    assert "**Come**" in content and "Approved: Potions" in content
    assert manager.get_user_notifications(galaxy.account("severus")) == []
    # Galaxy itself would send it by mail, where it can.
    assert manager.get_pending_notifications() == []
    assert mail_server.received == []
    assert galaxy.query("SELECT * FROM tiaas_message") == _left(galaxy) == []


@on_both_databases
def test_a_notification_that_is_there_is_not_sent_again_though_that_could_not_be_noted(
    make_galaxy: MakeGalaxy, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Galaxy commits a notification by itself: the database may go away before we note that it was sent."""
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server, enable_notification_system=True))
    now = galaxy_now()
    _write(galaxy, "minerva", channel="notification", at=now - _DAY)
    assert _deliver(galaxy, now) == DeliveryReport(delivered=1)
    # The same words as yesterday, to her and to somebody else.
    _write(galaxy, "minerva", "severus", channel="notification", at=now)
    noted = OutboxManager.delivered

    def away(*_: object) -> None:
        raise OperationalError("UPDATE", {}, Exception("no connection"))

    monkeypatch.setattr(OutboxManager, "delivered", away)
    with pytest.raises(OperationalError):
        _deliver(galaxy, now)
    galaxy.session.rollback()
    monkeypatch.setattr(OutboxManager, "delivered", noted)
    assert _deliver(galaxy, now + 10 * _MINUTE) == DeliveryReport(delivered=2)
    manager = galaxy[NotificationManager]
    received = {name: len(manager.get_user_notifications(galaxy.account(name))) for name in ("minerva", "severus")}
    assert received == {"minerva": 2, "severus": 1}
    assert manager.get_pending_notifications() == []


def test_notifications_reach_people_where_there_is_no_mail(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf={"enable_notification_system": True})
    galaxy.training()
    assert _deliver(galaxy).delivered == 2
    manager = galaxy[NotificationManager]
    assert len(manager.get_user_notifications(galaxy.account("minerva"))) == 2


# Forgetting


def test_what_is_said_about_a_training_can_be_forgotten(galaxy: InProcess, mail_server: MailServer) -> None:
    galaxy.training("gryffindor")
    galaxy.training("hufflepuff")
    training: Training = galaxy.find("gryffindor")
    galaxy[OutboxManager].forget_training(training.id)
    galaxy.session.commit()
    _deliver(galaxy)
    assert {mail.subject for mail in mail_server.received} == {
        "Training requested: Course hufflepuff",
        "Approved: Course hufflepuff",
    }


def test_what_is_said_to_somebody_can_be_forgotten(galaxy: InProcess, mail_server: MailServer) -> None:
    _write(galaxy, "minerva", "severus")
    _write(galaxy, "minerva")
    user_id = galaxy.user("minerva").user_id
    assert user_id
    galaxy[OutboxManager].forget_user(user_id)
    galaxy.session.commit()
    _deliver(galaxy)
    assert [mail.to for mail in mail_server.received] == ["severus@example.org"]
    assert galaxy.query("SELECT * FROM tiaas_message") == []


# Admins


def test_only_admins_see_who_could_not_be_told(galaxy: InProcess) -> None:
    action = MailAction(action="drop")
    for actor in (ANONYMOUS, galaxy.user("minerva")):
        galaxy.refused(403, partial(galaxy[NotificationService].queue, actor))
        galaxy.refused(403, partial(galaxy[NotificationService].act_on_queue, actor, action, BEFORE))


def test_admins_see_what_waits_and_what_was_given_up(galaxy: InProcess, mail_server: MailServer) -> None:
    mail_server.refusals = {"minerva@example.org": "550 5.1.1 no", "admin@example.org": "451 later"}
    galaxy.training()
    _deliver(galaxy)
    view = galaxy[NotificationService].queue(galaxy.admin())
    assert (view.waiting_total, view.given_up_total) == (1, 1)
    (waiting,), (given_up,) = view.waiting, view.given_up
    assert (waiting.event, waiting.audience, waiting.address) == ("requested", "admin", "admin@example.org")
    assert (given_up.username, given_up.address) == ("minerva", "minerva@example.org")
    assert (given_up.identifier, given_up.problem) == (
        "gryffindor",
        "the mail server refuses the recipient (550 5.1.1)",
    )
    assert (view.sends_mail, view.sends_notifications, view.knows_its_address) == (True, False, True)


@pytest.mark.parametrize("number", [0, -1, 2**31, 10**30])
def test_a_number_that_no_message_has_does_not_mean_all_of_them(number: int) -> None:
    with pytest.raises(ValidationError):
        MailAction(action="drop", delivery=number)


def test_times_are_utc_and_say_so(galaxy: InProcess, mail_server: MailServer) -> None:
    mail_server.refusals = {"minerva@example.org": "451 later"}
    galaxy.training()
    _deliver(galaxy)
    (waiting,) = galaxy[NotificationService].queue(galaxy.admin()).model_dump(mode="json")["waiting"]
    assert waiting["created"].endswith("Z") and waiting["next_attempt_at"].endswith("Z")
    assert waiting["given_up_at"] is None


def test_an_admin_has_one_or_all_tried_again(galaxy: InProcess, mail_server: MailServer) -> None:
    mail_server.refusals = {f"{name}@example.org": "550 no" for name in ("minerva", "severus", "pomona")}
    _write(galaxy, "minerva", "severus", "pomona")
    _deliver(galaxy)
    mail_server.refusals = {}
    one = _view(galaxy).given_up[0].id
    galaxy[WakeUpEvent].clear()
    assert (
        galaxy[NotificationService].act_on_queue(
            galaxy.admin(), MailAction(action="retry", delivery=one), BEFORE + _DAY
        )
        == 1
    )
    assert galaxy[WakeUpEvent].is_set()
    assert _deliver(galaxy, BEFORE + _DAY) == DeliveryReport(delivered=1)
    assert _act(galaxy, MailAction(action="retry"), BEFORE + _DAY) == 2
    assert _deliver(galaxy, BEFORE + _DAY) == DeliveryReport(delivered=2)
    assert (
        galaxy[NotificationService].act_on_queue(
            galaxy.admin(), MailAction(action="retry", delivery=one), BEFORE + _DAY
        )
        == 0
    )
    assert _left(galaxy) == []


@on_both_databases
def test_what_is_tried_again_while_it_is_being_sent_arrives_once(
    make_galaxy: MakeGalaxy, mail_server: MailServer
) -> None:
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server))
    _write(galaxy, "minerva")
    mail_server.answers.clear()

    def deliver() -> DeliveryReport:
        try:
            return _deliver(galaxy)
        finally:
            galaxy.session.remove()

    with ThreadPoolExecutor(1) as pool:
        sending = pool.submit(deliver)
        try:
            assert mail_server.has_come.wait(60)
            (one,) = _left(galaxy)
            again = MailAction(action="retry", delivery=one.id)
            assert _act(galaxy, again, BEFORE + _MINUTE) == 0
            assert galaxy[OutboxManager].pending(BEFORE + _MINUTE, 10) == []
            galaxy.session.commit()
        finally:
            mail_server.answers.set()
        assert sending.result() == DeliveryReport(delivered=1)
    assert not _deliver(galaxy, BEFORE + _DAY)
    assert len(mail_server.received) == 1


def test_what_somebody_was_killed_over_can_be_tried_again_when_it_is_free(
    galaxy: InProcess, mail_server: MailServer
) -> None:
    _write(galaxy, "minerva")
    (pending,) = galaxy[OutboxManager].pending(BEFORE, 10)
    galaxy[OutboxManager].claim([pending.id], BEFORE)
    galaxy.session.commit()
    again = MailAction(action="retry", delivery=pending.id)
    assert _act(galaxy, again, BEFORE + 9 * _MINUTE) == 0
    assert _act(galaxy, again, BEFORE + 10 * _MINUTE) == 1
    assert _deliver(galaxy, BEFORE + 10 * _MINUTE) == DeliveryReport(delivered=1)


def test_what_failed_can_be_tried_again_at_once(galaxy: InProcess, mail_server: MailServer) -> None:
    mail_server.refusals = {"minerva@example.org": "450 later"}
    _write(galaxy, "minerva")
    assert _deliver(galaxy) == DeliveryReport(postponed=1)
    mail_server.refusals = {}
    again = MailAction(action="retry", delivery=_view(galaxy).waiting[0].id)
    assert _act(galaxy, again, BEFORE) == 1
    assert _deliver(galaxy) == DeliveryReport(delivered=1)


@on_both_databases
def test_what_has_arrived_meanwhile_is_not_tried_again_though_others_still_wait(
    make_galaxy: MakeGalaxy, mail_server: MailServer
) -> None:
    mail_server.refusals = {"severus@example.org": "450 later"}
    galaxy = make_galaxy(galaxy_conf=_galaxy_conf(mail_server))
    _write(galaxy, "minerva", "severus")
    ids = [row.id for row in _left(galaxy)]
    _deliver(galaxy)
    assert galaxy[OutboxManager].retry(ids, BEFORE) == 1
    galaxy.session.commit()
    mail_server.refusals = {}
    _deliver(galaxy)
    assert sorted(mail.to for mail in mail_server.received) == ["minerva@example.org", "severus@example.org"]


def test_an_admin_drops_one_or_all(galaxy: InProcess, mail_server: MailServer) -> None:
    mail_server.refusals = {f"{name}@example.org": "550 no" for name in ("minerva", "severus", "pomona")}
    _write(galaxy, "minerva", "severus", "pomona")
    _deliver(galaxy)
    one = _view(galaxy).given_up[0].id
    assert _act(galaxy, MailAction(action="drop", delivery=one), BEFORE) == 1
    assert _view(galaxy).given_up_total == 2
    assert _act(galaxy, MailAction(action="drop"), BEFORE) == 2
    assert galaxy.query("SELECT * FROM tiaas_message") == _left(galaxy) == []


# In the background


def test_the_worker_survives_a_failure_and_goes_on(
    galaxy: InProcess, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def fail(*_: object) -> DeliveryReport:
        raise OSError("the database is away")

    worker = Worker(galaxy)
    _write(galaxy, "minerva")
    with monkeypatch.context() as patch:
        patch.setattr(Dispatcher, "deliver", fail)
        worker.set()
        assert worker.delivered.acquire(timeout=60)
    worker.set()
    assert worker.delivered.acquire(timeout=60)
    assert [mail.to for mail in mail_server.received] == ["minerva@example.org"]
    assert "messages could not be delivered: OSError: the database is away" in caplog.text


def test_a_decision_reaches_the_instructor_through_the_background(
    galaxy: InProcess, mail_server: MailServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker = Worker(galaxy)
    galaxy.request()
    _deliver(galaxy)
    mail_server.received.clear()
    monkeypatch.setattr(galaxy[WakeUpEvent], "set", worker.set)
    change = StateChange(state=TrainingState.APPROVED, note="Welcome")
    galaxy.perform(TrainingsService.set_state, galaxy.admin(), "gryffindor", change, BEFORE)
    assert worker.delivered.acquire(timeout=60)
    (mail,) = mail_server.received
    assert (mail.to, mail.subject) == ("minerva@example.org", "Approved: Course gryffindor")
    assert "> Welcome\n" in mail.text
