"""Contact addresses other than that of the account: asked once, by one mail, and used only when confirmed."""

import hashlib
import re
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from types import SimpleNamespace
from typing import (
    Any,
    cast,
)

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.core.exceptions import TooManyRequests
from galaxy_tiaas.lifecycle.redaction import RedactionService
from galaxy_tiaas.notifications.service import NotificationService
from galaxy_tiaas.privacy.service import PrivacyService
from galaxy_tiaas.trainings.contact_service import (
    ContactsService,
    MOST_PER_DAY,
)
from galaxy_tiaas.trainings.schema import (
    StateChange,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from galaxy_tiaas.web.templates import Templates
from in_process import (
    account_of,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
    SERVER,
)

MakeGalaxy = Callable[..., InProcess]

_STRANGER = "stranger@elsewhere.example"
_DAY = timedelta(days=1)
_EXPIRED = REQUESTED + 14 * _DAY


@pytest.fixture
def telling(make_galaxy: MakeGalaxy) -> InProcess:
    return make_galaxy(galaxy_conf={"smtp_server": "127.0.0.1:1", "admin_users": "admin@example.org"})


def _request(
    galaxy: InProcess, by: Actor, identifier: str = "gryffindor", at: datetime = REQUESTED, **fields: Any
) -> TrainingView:
    days = {"start": FIRST_DAY, "end": LAST_DAY, "attendance": 5}
    payload = TrainingCreate(**{"identifier": identifier, "title": "T", **days, "email": _STRANGER, **fields})
    return galaxy[TrainingsService].create(by, payload, at)


def _update(galaxy: InProcess, by: Actor, at: datetime = REQUESTED, **fields: Any) -> TrainingView:
    return galaxy.perform(TrainingsService.update, by, "gryffindor", TrainingUpdate(**fields), at)


def _approve(galaxy: InProcess, identifier: str = "gryffindor") -> None:
    galaxy.perform(
        TrainingsService.set_state, galaxy.admin(), identifier, StateChange(state=TrainingState.APPROVED), REQUESTED
    )


def _mails_to(galaxy: InProcess, address: str) -> list[Any]:
    return galaxy.query(
        "SELECT m.event, m.subject, m.text, m.html FROM tiaas_delivery d JOIN tiaas_message m ON m.id = d.message_id"
        " WHERE d.address = :address ORDER BY d.id",
        address=address,
    )


def _token(galaxy: InProcess, address: str = _STRANGER) -> str:
    """That of the last link sent to an address."""
    found = re.search(r"https://galaxy\.example\.org/tiaas/contact/([\w-]+)", _mails_to(galaxy, address)[-1].text)
    assert found
    return found[1]


def _confirm(galaxy: InProcess, at: datetime = REQUESTED) -> None:
    galaxy[ContactsService].confirm(_token(galaxy), at)


# The attack


def test_sixty_edits_of_a_request_send_one_mail_to_a_stranger_and_none_of_the_words(telling: InProcess) -> None:
    telling.admin()
    mallory = telling.user("mallory")
    telling.user("severus")
    _request(telling, mallory, title="Buy pills 0", name="Pills", instructors=["severus"])
    for number in range(1, 61):
        text = f"Buy pills {number}"
        _update(telling, mallory, title=text, description=text, website="https://pills.example", name=text)
        _update(telling, mallory, email="mallory@example.org" if number % 2 else _STRANGER)
    (mail,) = _mails_to(telling, _STRANGER)
    assert mail.event == "confirm"
    for text in (mail.subject, mail.text, mail.html):
        assert "pills" not in text.lower() and "gryffindor" not in text and "mallory" not in text
    others = telling.query(
        "SELECT m.event FROM tiaas_message m JOIN tiaas_delivery d ON d.message_id = m.id WHERE d.address <> :address",
        address=_STRANGER,
    )
    assert sorted(row.event for row in others) == ["invited", "requested"]


def test_new_addresses_are_asked_only_a_few_times_a_day(telling: InProcess) -> None:
    mallory = telling.user("mallory")
    telling.request(by=mallory, at=REQUESTED)
    for number in range(MOST_PER_DAY):
        _update(telling, mallory, email=f"stranger{number}@elsewhere.example")
    problem = telling.refused(429, lambda: _update(telling, mallory, email=_STRANGER))
    assert isinstance(problem, TooManyRequests)
    assert problem.retry_after == _DAY.total_seconds()
    telling.refused(429, lambda: _request(telling, mallory, "another"))
    _update(telling, mallory, REQUESTED + _DAY, email=_STRANGER)
    assert len(_mails_to(telling, _STRANGER)) == 1


# Confirming


@on_both_databases
def test_mails_go_to_the_account_until_the_address_is_confirmed(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf={"smtp_server": "127.0.0.1:1"})
    minerva = galaxy.user("minerva")
    assert _request(galaxy, minerva, email="Cat@Elsewhere.example").email_confirmed is False
    _approve(galaxy)
    token = _token(galaxy, "Cat@Elsewhere.example")
    service = galaxy[ContactsService]
    question = service.question(token, REQUESTED)
    assert (question.address, question.identifier, question.confirmed) == ("cat@elsewhere.example", "gryffindor", False)
    assert galaxy.perform(TrainingsService.show, minerva, "gryffindor", DURING).email_confirmed is False
    assert service.confirm(token, REQUESTED).confirmed
    assert service.confirm(token, _EXPIRED + _DAY).confirmed
    assert galaxy.perform(TrainingsService.show, minerva, "gryffindor", DURING).email_confirmed is True
    galaxy.perform(TrainingsService.update, galaxy.admin(), "gryffindor", TrainingUpdate(title="U"), REQUESTED)
    sent = [mail.event for mail in _mails_to(galaxy, "Cat@Elsewhere.example")]
    assert sent == ["confirm", "changed"]
    to_account = galaxy.query(
        "SELECT m.event FROM tiaas_delivery d JOIN tiaas_message m ON m.id = d.message_id"
        " WHERE d.user_id = :id AND d.address = ''",
        id=minerva.user_id,
    )
    assert [row.event for row in to_account] == ["approved"]


def test_only_a_hash_of_the_token_is_stored(telling: InProcess) -> None:
    _request(telling, telling.user("minerva"))
    token = _token(telling)
    assert len(token) >= 43
    (row,) = telling.query("SELECT * FROM tiaas_training_contact")
    assert token not in str(row)
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()


def test_a_link_is_valid_for_two_weeks_and_then_another_one_can_be_sent(telling: InProcess) -> None:
    minerva, draco, service = telling.user("minerva"), telling.user("draco"), telling[ContactsService]
    _request(telling, minerva)
    first = _token(telling)
    telling.refused(404, lambda: service.question("guessed", REQUESTED))
    telling.refused(404, lambda: service.confirm(first, _EXPIRED))
    telling.perform(ContactsService.ask, minerva, "gryffindor", _EXPIRED - timedelta(seconds=1))
    assert len(_mails_to(telling, _STRANGER)) == 1
    telling.refused(404, lambda: telling.perform(ContactsService.ask, draco, "gryffindor", _EXPIRED))
    telling.perform(ContactsService.ask, minerva, "gryffindor", _EXPIRED)
    assert len(_mails_to(telling, _STRANGER)) == 2
    telling.refused(404, lambda: service.confirm(first, _EXPIRED))
    _confirm(telling, _EXPIRED)
    telling.perform(ContactsService.ask, minerva, "gryffindor", _EXPIRED + 20 * _DAY)
    assert len(_mails_to(telling, _STRANGER)) == 2


def test_another_address_needs_another_confirmation_and_a_known_one_none(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    _request(telling, minerva)
    _confirm(telling)
    assert _update(telling, minerva, email="other@elsewhere.example").email_confirmed is False
    assert _update(telling, minerva, email=_STRANGER.upper()).email_confirmed is True
    assert _request(telling, minerva, "hufflepuff").email_confirmed is True
    assert len(_mails_to(telling, _STRANGER)) == 1
    assert _request(telling, telling.user("draco"), "slytherin").email_confirmed is False
    assert len(_mails_to(telling, _STRANGER)) == 2


def test_one_link_confirms_an_address_for_all_trainings_of_who_gave_it(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    _request(telling, telling.user("draco"), "slytherin")
    _request(telling, minerva)
    _request(telling, minerva, "hufflepuff")
    assert len(_mails_to(telling, _STRANGER)) == 2
    _confirm(telling)
    confirmed = {row.identifier for row in telling.query("SELECT * FROM tiaas_training WHERE email_confirmed")}
    assert confirmed == {"gryffindor", "hufflepuff"}


def test_the_address_of_the_account_needs_no_confirmation(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    assert _request(telling, minerva, email="Minerva@Example.org").email_confirmed is True
    assert telling.query("SELECT * FROM tiaas_training_contact") == []
    account_of(minerva).email = "elsewhere@example.org"
    telling.session.commit()
    assert telling.perform(TrainingsService.show, minerva, "gryffindor", DURING).email_confirmed is False


def test_the_word_of_an_admin_counts(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    _request(telling, minerva)
    assert _update(telling, telling.admin(), email="desk@example.org").email_confirmed is True
    assert _update(telling, minerva, email="other@example.org").email_confirmed is False
    assert _request(telling, SERVER, "by-command", name="Rubeus").email_confirmed is True


def test_without_an_address_of_this_server_nobody_is_asked(telling: InProcess) -> None:
    minerva = telling.user("minerva")
    telling.host.config.galaxy_infrastructure_url_set = False
    _request(telling, minerva)
    assert _mails_to(telling, _STRANGER) == []
    status = telling.perform(ContactsService.status, minerva, "gryffindor", DURING)
    assert status and not status.can_ask
    assert "This server cannot send a link" in _note(telling, minerva)
    assert "galaxy_infrastructure_url" in _note(telling, telling.admin())
    telling.host.config.galaxy_infrastructure_url_set = True
    assert "No valid link has been sent there." in _note(telling, minerva)
    telling.perform(ContactsService.ask, minerva, "gryffindor", REQUESTED)
    assert len(_mails_to(telling, _STRANGER)) == 1


def test_pages_say_where_mails_go_meanwhile_and_tell_nobody_an_address_of_an_account(telling: InProcess) -> None:
    minerva, severus, draco = (telling.user(name) for name in ("minerva", "severus", "draco"))
    _request(telling, minerva, instructors=["severus"])
    telling.accept_invitations("gryffindor", REQUESTED)
    assert "mails go to the address of your account" in _note(telling, minerva)
    assert "mails go to the address of the requester's account" in _note(telling, severus)
    assert "minerva@example.org" not in _note(telling, severus)
    assert "15 Oct 2026" in _note(telling, severus)
    _confirm(telling)
    assert telling.perform(ContactsService.status, minerva, "gryffindor", REQUESTED) is None
    telling.refused(404, lambda: telling.perform(ContactsService.status, draco, "gryffindor", REQUESTED))


def _note(galaxy: InProcess, actor: Actor) -> str:
    templates = _templates()
    part = templates._files.lookup.get_template("parts.mako").get_def("contact_note")
    contact = galaxy.perform(ContactsService.status, actor, "gryffindor", REQUESTED)
    return " ".join(str(part.render_unicode(contact, **{**templates.shared, "actor": actor})).split())


def test_the_page_of_a_link_asks_and_has_nothing_that_the_requester_wrote(telling: InProcess) -> None:
    _request(telling, telling.user("mallory"), title="Buy pills", name="Pills", description="pills")
    token = _token(telling)
    question = telling[ContactsService].question(token, REQUESTED)
    page = _templates("/gx").render(
        "contact", actor=Actor(), now=DURING, token="", framed=False, question=question, address_token=token
    )
    assert f'<form method="post" action="/gx/tiaas/contact/{token}">' in page
    assert _STRANGER in page and "gryffindor" in page and "pills" not in page.lower()


def _templates(prefix: str = "/") -> Templates:
    config = SimpleNamespace(galaxy_url_prefix=prefix, brand="", error_email_to="", smtp_server=None)
    return Templates(TiaasConfig(), cast(Any, config), 0)


# Forgetting


@on_both_databases
@pytest.mark.parametrize("how", ["redaction", "account", "address"])
def test_an_address_that_was_asked_is_forgotten_with_everything_else(make_galaxy: MakeGalaxy, how: str) -> None:
    galaxy = make_galaxy(galaxy_conf={"smtp_server": "127.0.0.1:1"})
    minerva = galaxy.user("minerva")
    _request(galaxy, minerva)
    token = _token(galaxy)
    redaction = galaxy[RedactionService]
    if how == "redaction":
        redaction.redact(galaxy.find("gryffindor"), DURING)
    elif how == "account":
        redaction.forget_user(minerva.user_id or 0, DURING)
    else:
        redaction.forget_address(_STRANGER, DURING)
    galaxy.session.commit()
    assert galaxy.query("SELECT * FROM tiaas_training_contact") == []
    assert _mails_to(galaxy, _STRANGER) == []
    galaxy.refused(404, lambda: galaxy[ContactsService].question(token, REQUESTED))


def test_an_export_says_which_addresses_were_asked(telling: InProcess) -> None:
    _request(telling, telling.user("minerva"))
    for person in ("minerva", _STRANGER):
        (row,) = telling[PrivacyService].export(SERVER, person, DURING)["contacts"]
        assert (row["identifier"], row["address"], row["confirmed_at"]) == ("gryffindor", _STRANGER, None)
        assert "token_hash" not in row
    assert telling[PrivacyService].erase(SERVER, _STRANGER, DURING, dry_run=True).contacts == 1


def test_a_link_that_was_not_delivered_is_in_the_mail_queue(telling: InProcess) -> None:
    _request(telling, telling.user("minerva"))
    waiting = telling[NotificationService].queue(SERVER).waiting
    assert (_STRANGER, "contact") in {(each.address, each.audience) for each in waiting}
