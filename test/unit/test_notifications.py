"""Who is told what, when, and by which ways."""

import logging
import os
import re
from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)
from pathlib import Path
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import DatabaseAway
from galaxy_tiaas.core.model import ServerSecret
from galaxy_tiaas.notifications.outbox import WakeUpEvent
from galaxy_tiaas.notifications.service import NotificationService
from galaxy_tiaas.reporting.usage import Usage
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    Note,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from in_process import (
    AFTER,
    BEFORE,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
)
from sqlalchemy import update

MakeGalaxy = Callable[..., InProcess]

_SNAPSHOTS = Path(__file__).parent / "snapshots" / "mail"
_MAIL = {"smtp_server": "127.0.0.1:1", "admin_users": "admin@example.org"}
_BOTH = {**_MAIL, "enable_notification_system": True}


@pytest.fixture
def telling(make_galaxy: MakeGalaxy) -> InProcess:
    """A Galaxy with mail."""
    return make_galaxy(galaxy_conf=_MAIL)


def _told(galaxy: InProcess) -> set[tuple[str, str, str, str]]:
    """Event, audience, channel and person of everything in the outbox, which is empty afterwards."""
    rows = galaxy.query(
        "SELECT m.event, m.audience, d.channel, u.username, d.address FROM tiaas_delivery d"
        " JOIN tiaas_message m ON m.id = d.message_id LEFT JOIN galaxy_user u ON u.id = d.user_id"
    )
    _empty(galaxy)
    told = [(row.event, row.audience, row.channel, row.address or row.username) for row in rows]
    assert len(told) == len(set(told)), "somebody is told twice"
    return set(told)


def _empty(galaxy: InProcess) -> None:
    for table in ("tiaas_delivery", "tiaas_message"):
        galaxy.session.connection().exec_driver_sql(f"DELETE FROM {table}")
    galaxy.session.commit()


def _mails(galaxy: InProcess) -> set[tuple[str, str]]:
    return {(f"{event} {audience}", person) for event, audience, _, person in _told(galaxy)}


def _messages(galaxy: InProcess) -> dict[str, Any]:
    rows = galaxy.query("SELECT * FROM tiaas_message ORDER BY id")
    return {f"{row.event}_{row.audience}": row for row in rows}


def _payload(**fields: Any) -> TrainingCreate:
    usual = {"identifier": "gryffindor", "title": "Potions", "start": FIRST_DAY, "end": LAST_DAY, "attendance": 20}
    return TrainingCreate(**{**usual, **fields})


def _request(galaxy: InProcess, by: Actor, **fields: Any) -> None:
    galaxy[TrainingsService].create(by, _payload(**fields), REQUESTED)


def _update(galaxy: InProcess, by: Actor, at: datetime = BEFORE, **fields: Any) -> None:
    galaxy.perform(TrainingsService.update, by, "gryffindor", TrainingUpdate(**fields), at)


def _set_state(galaxy: InProcess, by: Actor, state: str, note: str = "") -> None:
    change = StateChange(state=TrainingState(state), note=note)
    galaxy.perform(TrainingsService.set_state, by, "gryffindor", change, BEFORE)


def _class(galaxy: InProcess, *trainees: str, state: str = "approved") -> Actor:
    """An approved training of minerva and severus with trainees in it, and nothing in the outbox."""
    severus = galaxy.user("severus")
    galaxy.training(state=state, title="Potions", instructors=[severus.user.username] if severus.user else [])
    galaxy.join("gryffindor", *(galaxy.user(name) for name in trainees), at=BEFORE)
    _empty(galaxy)
    return galaxy.user("minerva")


# Requests


def test_admins_are_told_of_a_request(telling: InProcess) -> None:
    telling.admin()
    _request(telling, telling.user("minerva"))
    assert _mails(telling) == {("requested admin", "admin")}


def test_the_request_of_an_admin_is_no_news_to_that_admin(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf={**_MAIL, "admin_users": "admin@example.org,albus@example.org"})
    galaxy.user("albus")
    _request(galaxy, galaxy.admin())
    assert _mails(galaxy) == {("requested admin", "albus")}


def test_a_site_names_those_who_are_told_of_requests(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf=_BOTH, send_email_to="tiaas@example.org, desk@example.org,")
    galaxy.admin()
    _request(galaxy, galaxy.user("minerva"))
    assert _told(galaxy) == {
        ("requested", "admin", "mail", "tiaas@example.org"),
        ("requested", "admin", "mail", "desk@example.org"),
        ("requested", "admin", "notification", "admin"),
        ("requested", "instructor", "notification", "minerva"),
    }


def test_admins_without_an_account_get_mail_and_those_whose_account_was_deleted_do_not(
    make_galaxy: MakeGalaxy,
) -> None:
    galaxy = make_galaxy(galaxy_conf={**_MAIL, "admin_users": "Albus@example.org,gone@example.org,new@example.org"})
    galaxy.user("albus")
    galaxy.user("gone", deleted=True)
    _request(galaxy, galaxy.user("minerva"))
    assert _mails(galaxy) == {("requested admin", "albus"), ("requested admin", "new@example.org")}


def test_a_request_is_confirmed_by_mail_where_the_site_wants_it(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf=_MAIL, send_email_to_requester=True)
    _request(galaxy, galaxy.user("minerva"), email="mcgonagall@example.org", instructors=[])
    confirmed = {told for told in _mails(galaxy) if told[0] == "requested instructor"}
    assert confirmed == {("requested instructor", "minerva")}


def test_a_request_in_the_name_of_somebody_without_an_account_is_confirmed_too(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf=_BOTH, send_email_to_requester=True, send_email_to="desk@example.org")
    server = Actor(is_admin=True, base_url="https://galaxy.example.org")
    _request(galaxy, server, name="Rubeus", email="rubeus@example.org")
    assert _told(galaxy) == {
        ("requested", "admin", "mail", "desk@example.org"),
        ("requested", "instructor", "mail", "rubeus@example.org"),
    }


# Decisions


@pytest.mark.parametrize("state", ["approved", "rejected"])
def test_all_who_teach_are_told_of_a_decision_even_where_requests_are_not_confirmed(
    telling: InProcess, state: str
) -> None:
    _class(telling, state="new")
    _set_state(telling, telling.admin(), state)
    assert _mails(telling) == {(f"{state} instructor", "minerva"), (f"{state} instructor", "severus")}


def test_a_decision_goes_to_the_address_that_an_admin_gave(telling: InProcess) -> None:
    telling.training(state="new", email="mcgonagall@example.org")
    _empty(telling)
    _set_state(telling, telling.admin(), "approved")
    assert _mails(telling) == {("approved instructor", "mcgonagall@example.org")}


def test_nobody_is_told_of_their_own_decision(telling: InProcess) -> None:
    admin = telling.admin()
    telling.training(by=admin, state="new")
    _empty(telling)
    _set_state(telling, admin, "approved")
    assert _told(telling) == set()


def test_instructors_and_members_and_admins_are_told_when_an_instructor_cancels(telling: InProcess) -> None:
    telling.admin()
    minerva = _class(telling, "harry", "ron", "severus")
    _set_state(telling, minerva, "cancelled")
    assert _mails(telling) == {
        ("cancelled instructor", "severus"),
        ("cancelled member", "harry"),
        ("cancelled member", "ron"),
        ("cancelled admin", "admin"),
    }


def test_admins_need_not_be_told_what_an_admin_cancels(telling: InProcess) -> None:
    _class(telling, "harry")
    _set_state(telling, telling.admin(), "cancelled")
    assert _mails(telling) == {
        ("cancelled instructor", "minerva"),
        ("cancelled instructor", "severus"),
        ("cancelled member", "harry"),
    }


def test_who_has_joined_is_told_when_a_decision_is_taken_back_and_given_again(telling: InProcess) -> None:
    _class(telling, "harry")
    _set_state(telling, telling.admin(), "rejected")
    assert ("cancelled member", "harry") in _mails(telling)
    _set_state(telling, telling.admin(), "approved")
    assert ("approved member", "harry") in _mails(telling)


def test_deleted_accounts_are_told_nothing(telling: InProcess) -> None:
    _class(telling, "harry", "ron")
    telling.delete_account(telling.user("severus"))
    telling.delete_account(telling.user("ron"))
    _set_state(telling, telling.admin(), "cancelled")
    assert _mails(telling) == {("cancelled instructor", "minerva"), ("cancelled member", "harry")}


# Changes


def test_a_change_of_an_instructor_is_told_to_the_others_who_teach(telling: InProcess) -> None:
    minerva = _class(telling, "harry")
    _update(telling, minerva, title="Advanced potions")
    assert _mails(telling) == {("changed instructor", "severus")}


@pytest.mark.parametrize("state", ["new", "rejected"])
def test_nobody_is_told_of_changes_of_what_is_not_approved(telling: InProcess, state: str) -> None:
    telling.admin()
    minerva = _class(telling, state=state)
    _update(telling, minerva, title="Advanced potions")
    _update(telling, telling.admin(), attendance=30)
    assert _told(telling) == set()


def test_who_is_invited_is_told_and_the_others_when_they_accept(telling: InProcess) -> None:
    minerva = _class(telling)
    telling.user("pomona")
    _update(telling, minerva, instructors=["severus", "pomona", "gilderoy"])
    assert _mails(telling) == {("invited instructor", "pomona"), ("invited instructor", None)}
    telling.accept_invitations("gryffindor", BEFORE)
    assert _mails(telling) == {("accepted instructor", "minerva"), ("accepted instructor", "severus")}


def test_admins_are_told_of_a_change_that_waits_for_them(telling: InProcess) -> None:
    telling.admin()
    minerva = _class(telling, "harry")
    _update(telling, minerva, end=LAST_DAY + timedelta(days=1))
    assert _mails(telling) == {("change_requested admin", "admin")}


@pytest.mark.parametrize(
    "fields", [{"end": LAST_DAY + timedelta(days=1)}, {"identifier": "hufflepuff"}, {"timezone": "Europe/London"}]
)
def test_members_are_told_of_new_days_and_of_a_new_link(telling: InProcess, fields: dict[str, Any]) -> None:
    minerva = _class(telling, "harry")
    _update(telling, minerva, **fields)
    _empty(telling)
    telling.perform(TrainingsService.decide_change, telling.admin(), "gryffindor", ChangeDecision(accept=True), BEFORE)
    assert _mails(telling) == {
        ("change_accepted instructor", "minerva"),
        ("change_accepted instructor", "severus"),
        ("changed member", "harry"),
    }


def test_members_are_not_told_of_other_changes_nor_of_days_that_are_over(telling: InProcess) -> None:
    _class(telling, "harry")
    changes: list[tuple[datetime, dict[str, Any]]] = [
        (BEFORE, {"attendance": 30}),
        (AFTER, {"end": LAST_DAY + timedelta(days=1)}),
    ]
    for at, fields in changes:
        _update(telling, telling.admin(), at, **fields)
        assert {event for event, _ in _mails(telling)} == {"changed instructor"}


def test_where_jobs_go_is_nobodys_business_but_the_admins(telling: InProcess) -> None:
    _class(telling, "harry")
    _update(telling, telling.admin(), destination="training-big")
    _update(telling, telling.admin(), title="Potions")
    assert _told(telling) == set()


def test_a_declined_change_is_told_to_those_who_teach(telling: InProcess) -> None:
    minerva = _class(telling, "harry")
    _update(telling, minerva, attendance=200)
    _empty(telling)
    telling.perform(TrainingsService.decide_change, telling.admin(), "gryffindor", ChangeDecision(accept=False), BEFORE)
    assert _mails(telling) == {
        ("change_declined instructor", "minerva"),
        ("change_declined instructor", "severus"),
    }


def test_ending_early_and_going_on_are_told_to_the_others_who_teach(telling: InProcess) -> None:
    minerva = _class(telling, "harry")
    telling.perform(TrainingsService.end, minerva, "gryffindor", Note(), DURING)
    assert _mails(telling) == {("ended_early instructor", "severus")}
    telling.perform(TrainingsService.resume, telling.admin(), "gryffindor", Note(), DURING)
    assert _mails(telling) == {("resumed instructor", "minerva"), ("resumed instructor", "severus")}


# What the calendar says


@on_both_databases
def test_a_reminder_says_who_has_joined_by_pseudonym(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf=_MAIL)
    _class(galaxy, "harry", "ron")
    galaxy[NotificationService].reminder(galaxy.find("gryffindor"), BEFORE)
    galaxy.session.commit()
    text = _messages(galaxy)["reminder_instructor"].text
    names = [row.pseudonym for row in galaxy.query("SELECT pseudonym FROM tiaas_training_member")]
    assert "2 people have joined so far; you expect 20." in text
    assert all(f"- {name}\n" in text for name in names)
    # A heron is no Ron.
    assert {"harry", "ron"}.isdisjoint(re.findall(r"\w+", text))
    assert _mails(galaxy) == {("reminder instructor", "minerva"), ("reminder instructor", "severus")}


@pytest.mark.parametrize("setting", ["expose_username", "instructors_see_usernames"])
def test_a_reminder_names_accounts_where_instructors_may_know_them(make_galaxy: MakeGalaxy, setting: str) -> None:
    galaxy = make_galaxy(galaxy_conf=_MAIL, **{setting: True})
    _class(galaxy, "harry")
    galaxy[NotificationService].reminder(galaxy.find("gryffindor"), BEFORE)
    galaxy.session.commit()
    assert " (harry)\n" in _messages(galaxy)["reminder_instructor"].text


@pytest.mark.parametrize(
    "usage, said",
    [
        (None, ""),
        (Usage(AFTER, 2, 1234, None, None), "- Jobs that they ran: 1,234\n"),
        (Usage(AFTER, 2, 3, 4500, 9000), "- Jobs that they ran: 3\n- Job hours: 1.2, core hours: 2.5\n"),
    ],
)
def test_thanks_come_with_what_was_counted(make_galaxy: MakeGalaxy, usage: Optional[Usage], said: str) -> None:
    galaxy = make_galaxy(galaxy_conf=_MAIL)
    _class(galaxy, "harry", "ron")
    galaxy.find("gryffindor").usage = usage
    galaxy[NotificationService].thanks(galaxy.find("gryffindor"), AFTER)
    galaxy.session.commit()
    text = _messages(galaxy)["thanks_instructor"].text
    assert f"- People who joined: 2 of 20 expected\n{said}\n" in text


# Ways


def test_without_mail_and_notifications_nothing_is_written(galaxy: InProcess) -> None:
    _class(galaxy, "harry")
    _set_state(galaxy, galaxy.admin(), "cancelled")
    galaxy[NotificationService].reminder(galaxy.find("gryffindor"), BEFORE)
    galaxy[NotificationService].thanks(galaxy.find("gryffindor"), BEFORE)
    assert _told(galaxy) == set()
    assert not galaxy[WakeUpEvent].is_set()


def test_what_happened_elsewhere_long_ago_is_no_news(telling: InProcess) -> None:
    admin = telling.admin()
    _request(telling, Actor(user=admin.user, is_admin=True, via="import"))
    assert _told(telling) == set()


@on_both_databases
def test_everybody_with_an_account_is_also_notified_in_galaxy(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf=_BOTH)
    minerva = _class(galaxy, "harry")
    _set_state(galaxy, minerva, "cancelled")
    assert {(audience, channel, person) for _, audience, channel, person in _told(galaxy)} == {
        ("admin", "mail", "admin@example.org"),
        ("instructor", "mail", "severus"),
        ("instructor", "notification", "severus"),
        ("member", "mail", "harry"),
        ("member", "notification", "harry"),
    }


def test_the_worker_is_woken_after_the_commit(telling: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    telling.admin()
    seen: list[int] = []
    monkeypatch.setattr(
        WakeUpEvent, "set", lambda _: seen.append(telling.query("SELECT count(*) FROM tiaas_message")[0][0])
    )
    _request(telling, telling.user("minerva"))
    assert seen == [1]


def test_a_class_of_hundreds_is_told_in_as_many_statements_as_a_small_one(telling: InProcess) -> None:
    def cancelled(*trainees: str, identifier: str) -> int:
        telling.training(identifier)
        telling.join(identifier, *(telling.user(name) for name in trainees), at=BEFORE)
        change = StateChange(state=TrainingState.CANCELLED)
        # As in a request: nothing is left in the session that Python has not collected yet.
        telling.session.remove()
        admin = telling.admin()
        with telling.statements() as sent:
            telling.perform(TrainingsService.set_state, admin, identifier, change, BEFORE)
        return len(sent)

    telling.admin()
    small = cancelled("harry", identifier="small")
    assert cancelled(*(f"trainee{number}" for number in range(60)), identifier="large") == small


# Addresses of this server


@pytest.mark.parametrize(
    "galaxy_conf, setting, prefix",
    [
        ({"galaxy_infrastructure_url": "https://use.example.org"}, "", "https://use.example.org"),
        ({"galaxy_infrastructure_url": "https://use.example.org/"}, "", "https://use.example.org"),
        (
            {"galaxy_infrastructure_url": "https://use.example.org", "galaxy_url_prefix": "/gx"},
            "",
            "https://use.example.org/gx",
        ),
        (
            {"galaxy_infrastructure_url": "https://use.example.org/gx", "galaxy_url_prefix": "/gx/"},
            "",
            "https://use.example.org/gx",
        ),
        (
            {"galaxy_infrastructure_url": "http://10.0.0.1:8080"},
            "https://courses.example.org/",
            "https://courses.example.org",
        ),
    ],
)
def test_links_lead_to_where_people_reach_this_galaxy(
    make_galaxy: MakeGalaxy, galaxy_conf: dict[str, Any], setting: str, prefix: str
) -> None:
    """Whatever a request claims about the server: others follow these links."""
    galaxy = make_galaxy(galaxy_conf={**_MAIL, **galaxy_conf}, base_url=setting)
    message = _approved_at(galaxy, "https://asked.example.org/gx")
    assert f"{prefix}/join-training/gryffindor\n" in message.text
    assert message.link == f"{prefix}/join-training/gryffindor"


def test_where_nothing_is_configured_there_are_no_links(telling: InProcess) -> None:
    telling.host.config.galaxy_infrastructure_url_set = False
    message = _approved_at(telling, "https://asked.example.org/gx")
    assert message.link == ""
    for text in (message.text, message.html, message.markdown, message.calendar):
        assert "asked.example.org" not in text and 'href="/' not in text and "qr-code" not in text
    assert "the page of your training: /tiaas/trainings/gryffindor." in " ".join(message.text.split())
    assert "\n/join-training/gryffindor\n" in message.text
    assert "UID:training-1@20" in message.calendar and ".galaxy-tiaas.invalid" in message.calendar
    assert "URL" not in message.calendar


def _approved_at(galaxy: InProcess, base_url: str) -> Any:
    galaxy.training(state="new")
    _set_state(galaxy, Actor(user=galaxy.admin().user, is_admin=True, base_url=base_url), "approved")
    return _messages(galaxy)["approved_instructor"]


# Mistakes


@on_both_databases
def test_a_message_that_cannot_be_written_does_not_stop_what_it_is_about(
    make_galaxy: MakeGalaxy, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy = make_galaxy(galaxy_conf=_MAIL)
    minerva = _class(galaxy, state="new")

    def fail(*_: Any, **__: Any) -> bool:
        galaxy.session.connection().exec_driver_sql("SELECT minerva FROM nowhere")
        raise AssertionError("the database has not refused")

    monkeypatch.setattr("galaxy_tiaas.notifications.outbox.OutboxManager.put", fail)
    with caplog.at_level(logging.ERROR):
        _set_state(galaxy, galaxy.admin(), "approved")
    assert galaxy.find("gryffindor").state == "approved"
    assert _told(galaxy) == set()
    (record,) = (record for record in caplog.records if record.levelno == logging.ERROR)
    assert "training 'gryffindor', approved: nobody is told" in record.getMessage()
    assert minerva.user and minerva.user.email not in record.getMessage()


@on_both_databases
def test_where_the_transaction_is_lost_with_a_message_nobody_is_told_that_it_was_kept(
    make_galaxy: MakeGalaxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite ends a transaction by itself when its disk is full, and would then commit nothing without an error."""
    galaxy = make_galaxy(galaxy_conf=_MAIL)
    _class(galaxy, state="new")

    def break_off(*_: Any, **__: Any) -> bool:
        connection = galaxy.session.connection()
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA max_page_count = 1")
            connection.exec_driver_sql("INSERT INTO tiaas_secret (value) VALUES (zeroblob(1000000))")
        else:
            connection.exec_driver_sql("SELECT pg_terminate_backend(pg_backend_pid())")
        raise AssertionError("the transaction goes on")

    monkeypatch.setattr("galaxy_tiaas.notifications.outbox.OutboxManager.put", break_off)
    with pytest.raises(DatabaseAway):
        _set_state(galaxy, galaxy.admin(), "approved")
    galaxy.session.rollback()
    assert galaxy.find("gryffindor").state == "new"


@pytest.mark.parametrize("text", ["<p>${nobody_knows_me}</p>", "<p>without a title</p>", "% if True:\n<p>", ""])
def test_a_broken_text_of_the_site_is_replaced_by_ours(
    make_galaxy: MakeGalaxy, tmp_path: Path, caplog: pytest.LogCaptureFixture, text: str
) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "approved_instructor.mako").write_text(text)
    galaxy = make_galaxy(galaxy_conf=_MAIL, templates_dir=str(tmp_path))
    galaxy.training(state="new")
    with caplog.at_level(logging.ERROR):
        _set_state(galaxy, galaxy.admin(), "approved")
    assert "is approved for" in _messages(galaxy)["approved_instructor"].text
    assert "a template in templates_dir cannot be used, 'mail/approved_instructor' is made without it" in caplog.text


def test_a_site_has_texts_of_its_own(make_galaxy: MakeGalaxy, tmp_path: Path) -> None:
    (tmp_path / "mail").mkdir()
    own = '<%inherit file="layout.mako"/><%def name="subject()">Hooray, ${training.title}</%def><p>Go: ${join_url}</p>'
    (tmp_path / "mail" / "approved_instructor.mako").write_text(own)
    galaxy = make_galaxy(galaxy_conf=_MAIL, templates_dir=str(tmp_path))
    galaxy.training(state="new", title="Potions")
    _set_state(galaxy, galaxy.admin(), "approved")
    message = _messages(galaxy)["approved_instructor"]
    assert message.subject == "Hooray, Potions"
    assert message.text.startswith("Hello,\n\nGo: https://galaxy.example.org/join-training/gryffindor\n")
    assert "because you teach this training" in message.html


# The words


def _everything(galaxy: InProcess) -> dict[str, Any]:
    """Each message that there is, from things that really happen."""
    galaxy.session.execute(update(ServerSecret).values(value=b"0" * 32))
    galaxy.session.commit()
    admin, minerva = galaxy.admin(), galaxy.user("minerva")
    severus = galaxy.user("severus")
    found: dict[str, Any] = {}

    def keep() -> None:
        galaxy.session.commit()
        found.update(_messages(galaxy))
        _empty(galaxy)

    note = "Welcome <b>all</b>!\n\nRoom 12,\nsecond floor & left."
    title = 'Bees & <i>Flowers</i>: "Potions"'
    names = {"title": title, "name": "Minerva <McG>", "email": "mcg@example.org"}
    _request(galaxy, minerva, **names, instructors=["severus"])
    galaxy.accept_invitations("gryffindor")
    _set_state(galaxy, admin, "approved", note)
    galaxy.join("gryffindor", galaxy.user("harry"), galaxy.user("ron"), at=BEFORE)
    keep()
    galaxy[NotificationService].reminder(galaxy.find("gryffindor"), BEFORE)
    galaxy.find("gryffindor").usage = Usage(AFTER, 1, 1234, 360_000, 720_000)
    galaxy[NotificationService].thanks(galaxy.find("gryffindor"), AFTER)
    _update(galaxy, minerva, end=date(2026, 12, 1), attendance=30)
    galaxy.perform(TrainingsService.decide_change, admin, "gryffindor", ChangeDecision(accept=True, note=note), BEFORE)
    keep()
    _update(galaxy, minerva, attendance=400)
    found["change_requested_admin"] = _messages(galaxy)["change_requested_admin"]
    galaxy.perform(TrainingsService.decide_change, admin, "gryffindor", ChangeDecision(accept=False, note=note), BEFORE)
    galaxy.user("pomona")
    _update(galaxy, minerva, instructors=["severus", "pomona"])
    galaxy.accept_invitations("gryffindor", BEFORE)
    keep()
    galaxy.perform(TrainingsService.end, minerva, "gryffindor", Note(note=note), DURING)
    galaxy.perform(TrainingsService.resume, admin, "gryffindor", Note(note=note), DURING)
    _set_state(galaxy, admin, "rejected", note)
    _set_state(galaxy, admin, "approved", note)
    keep()
    galaxy.join("gryffindor", severus, at=BEFORE)
    galaxy.perform(TrainingsService.update, admin, "gryffindor", TrainingUpdate(identifier="hufflepuff"), BEFORE)
    galaxy.perform(
        TrainingsService.set_state, minerva, "hufflepuff", StateChange(state=TrainingState.CANCELLED, note=note), BEFORE
    )
    keep()
    return found


def test_the_words_of_every_message(make_galaxy: MakeGalaxy, monkeypatch: pytest.MonkeyPatch) -> None:
    """Compares with what was agreed; TIAAS_SNAPSHOTS=1 in the environment writes it anew."""
    monkeypatch.setattr("galaxy_tiaas.trainings.contact_service.new_token", lambda: "the-token")
    settings = {"send_email_to_requester": True, "owner": "Hogwarts Galaxy", "contact_email": "help@example.org"}
    found = _everything(make_galaxy(galaxy_conf=_MAIL, **settings))
    words: dict[str, str] = {}
    for name, message in found.items():
        words[f"{name}.txt"] = f"Subject: {message.subject}\n\n{message.text}"
        words[f"{name}.html"] = message.html
    if os.environ.get("TIAAS_SNAPSHOTS"):
        _SNAPSHOTS.mkdir(parents=True, exist_ok=True)
        for file, text in words.items():
            (_SNAPSHOTS / file).write_text(text, encoding="utf-8")
    for file, text in words.items():
        assert (_SNAPSHOTS / file).read_text(encoding="utf-8") == text, file
    assert {file.name for file in _SNAPSHOTS.iterdir()} == set(words)
