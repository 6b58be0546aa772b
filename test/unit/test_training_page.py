"""What instructors and admins read on the page of a training, in each of its phases."""

from datetime import datetime
from types import SimpleNamespace
from typing import (
    Any,
    cast,
    Optional,
)

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.invitations.service import InvitationsService
from galaxy_tiaas.lifecycle.redaction import RedactionService
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.contact_service import ContactsService
from galaxy_tiaas.trainings.schema import Note
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.web.templates import Templates
from in_process import (
    AFTER,
    DURING,
    InProcess,
)


def _page(
    galaxy: InProcess,
    actor: Actor,
    now: datetime,
    template: str = "training",
    *,
    sent: bool = False,
    smtp: Optional[str] = None,
) -> str:
    galaxy_config = SimpleNamespace(
        galaxy_url_prefix="/", brand="", error_email_to="help@example.org", smtp_server=smtp
    )
    return Templates(TiaasConfig(), cast(Any, galaxy_config), 0).render(
        template,
        actor=actor,
        now=now,
        token="",
        framed=False,
        training=galaxy.perform(TrainingsService.show, actor, "gryffindor", now),
        members=galaxy.perform(MembershipsService.members, actor, "gryffindor"),
        people=galaxy.perform(TrainingsService.people, actor, "gryffindor"),
        invited=galaxy.perform(InvitationsService.of, actor, "gryffindor", now),
        history=galaxy.perform(TrainingsService.history, actor, "gryffindor"),
        qr_code="",
        sent=sent,
        saved="",
        instructors="",
        contact=galaxy.perform(ContactsService.status, actor, "gryffindor", now),
        end="",
        errors={},
    )


@pytest.mark.parametrize("now, offered", [(DURING, True), (AFTER, False)])
@pytest.mark.parametrize("action", ["Withdraw this training", "Extend until", "Invite somebody to teach with you"])
def test_what_is_for_planning_is_not_offered_after_the_end(
    galaxy: InProcess, action: str, now: datetime, offered: bool
) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva)
    assert (action in _page(galaxy, minerva, now)) is offered


@pytest.mark.parametrize("now, offered", [(DURING, True), (AFTER, False)])
def test_a_page_for_more_days_that_is_opened_too_late_says_so(galaxy: InProcess, now: datetime, offered: bool) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva)
    page = _page(galaxy, minerva, now, "extend_page")
    assert ("Extend until" in page) is offered
    assert ("The training is over and cannot be extended." in page) is not offered


def test_the_address_of_a_co_instructor_is_not_on_the_page(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.user("albus")
    galaxy.training("gryffindor", minerva, instructors=["albus"])
    page = _page(galaxy, minerva, DURING)
    assert "<strong>albus</strong>" in page
    assert "albus@example.org" not in page
    assert "albus@example.org" in _page(galaxy, galaxy.admin(), DURING)


@pytest.mark.parametrize("now, sentence", [(DURING, "Nobody has joined yet."), (AFTER, "Nobody joined.")])
def test_an_empty_class_is_told_in_the_tense_of_its_phase(galaxy: InProcess, now: datetime, sentence: str) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva)
    assert f"<p>{sentence}</p>" in _page(galaxy, minerva, now)


def test_a_redacted_class_has_had_people_though_nobody_is_named(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy[RedactionService].redact(galaxy.find("gryffindor"), AFTER)
    galaxy.session.commit()
    page = _page(galaxy, galaxy.admin(), AFTER)
    assert "Personal data has been removed" in page
    assert "Nobody joined." not in page


def test_what_ended_early_says_so_and_why_and_who_can_let_it_go_on(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva)
    galaxy.perform(TrainingsService.end, minerva, "gryffindor", Note(note="We were faster than we thought."), DURING)
    page = _page(galaxy, minerva, DURING)
    assert "ended early, on" in page
    assert "Ended early by minerva:" in page and "We were faster than we thought." in page
    assert "An administrator can let it go on." in page


@pytest.mark.parametrize("smtp, sentence", [("localhost:25", "e-mail you the answer"), (None, "please check back")])
def test_who_has_asked_reads_how_the_answer_comes(galaxy: InProcess, smtp: Optional[str], sentence: str) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva, state="new")
    assert sentence in _page(galaxy, minerva, DURING, sent=True, smtp=smtp)


def test_who_was_rejected_can_write_to_the_admins(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva, state="rejected")
    assert 'write to <a href="mailto:help@example.org">' in _page(galaxy, minerva, DURING)


def test_materials_are_opened_with_a_click(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training("gryffindor", minerva, gtn_links="First https://example.org/tutorial?a=1&b=2, then <b>more</b>")
    page = _page(galaxy, minerva, DURING)
    assert '<a href="https://example.org/tutorial?a=1&amp;b=2"' in page
    assert "</a>, then &lt;b&gt;more&lt;/b&gt;" in page
