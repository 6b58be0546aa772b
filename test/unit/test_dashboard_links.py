"""Who is offered a way to the dashboard: those who may see it."""

from collections.abc import Callable
from datetime import datetime
from types import SimpleNamespace
from typing import (
    Any,
    cast,
)

import pytest
from galaxy_tiaas.classroom.service import ClassroomService
from galaxy_tiaas.core.actor import Actor, may_manage
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.own_trainings_service import OwnTrainingsService
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.web.templates import Templates
from in_process import (
    AFTER,
    DURING,
    InProcess,
)

GALAXY_CONFIG = cast(Any, SimpleNamespace(galaxy_url_prefix="/", brand="", error_email_to=None, smtp_server=None))
DASHBOARD = 'href="/join-training/gryffindor/status"'

MakeGalaxy = Callable[..., InProcess]


def _galaxy(make_galaxy: MakeGalaxy, visibility: str) -> tuple[InProcess, dict[str, Actor]]:
    galaxy = make_galaxy(status_visibility=visibility)
    people = {"trainee": galaxy.user("harry"), "instructor": galaxy.user("minerva"), "admin": galaxy.admin()}
    galaxy.training("gryffindor", people["instructor"])
    galaxy.join("gryffindor", *people.values())
    return galaxy, people


#: What *My trainings* shows besides.
_ELSE: dict[str, Any] = {"invitations": [], "done": "", "number": 1, "pages": 1, "typed": "", "problem": ""}


def _render(template: str, visibility: str, actor: Actor, now: datetime, **context: Any) -> str:
    templates = Templates(TiaasConfig(status_visibility=cast(Any, visibility)), GALAXY_CONFIG, 0)
    return templates.render(template, actor=actor, now=now, token="", framed=False, **context)


@pytest.mark.parametrize("timezone, distance", [("UTC", "in 2 days"), ("Pacific/Kiritimati", "tomorrow")])
def test_how_long_until_a_training_is_said_by_the_days_of_its_own_zone(
    make_galaxy: MakeGalaxy, timezone: str, distance: str
) -> None:
    galaxy = make_galaxy()
    minerva, eve = galaxy.user("minerva"), datetime(2026, 11, 14, 21)
    galaxy.training("lions", minerva, timezone=timezone)
    # At nine in the evening, UTC, the next day has begun on Kiritimati.
    mine = galaxy[OwnTrainingsService].show(minerva, eve, limit=25)
    page = _render("mine", "public", minerva, eve, trainings=mine, **_ELSE)
    assert distance in page


@pytest.mark.parametrize(
    "visibility, now, offered",
    [
        ("public", DURING, {"trainee", "instructor", "admin"}),
        ("members", DURING, {"trainee", "instructor", "admin"}),
        ("instructors", DURING, {"instructor", "admin"}),
        ("public", AFTER, {"instructor", "admin"}),
        ("instructors", AFTER, {"instructor", "admin"}),
    ],
)
def test_my_trainings_lead_to_the_dashboard_whom_it_is_open_to(
    make_galaxy: MakeGalaxy, visibility: str, now: datetime, offered: set[str]
) -> None:
    galaxy, people = _galaxy(make_galaxy, visibility)

    def page(who: str) -> str:
        mine = galaxy[OwnTrainingsService].show(people[who], now, limit=25)
        return _render("mine", visibility, people[who], now, trainings=mine, **_ELSE)

    pages = {who: page(who) for who in people}
    assert all("Course gryffindor" in page for page in pages.values())
    assert {who for who, page in pages.items() if DASHBOARD in page} == offered


@pytest.mark.parametrize(
    "visibility, offered",
    [
        ("public", {"trainee", "instructor", "admin"}),
        ("members", {"trainee", "instructor", "admin"}),
        ("instructors", {"instructor", "admin"}),
    ],
)
def test_who_has_joined_is_led_to_the_dashboard_if_it_is_open_to_them(
    make_galaxy: MakeGalaxy, visibility: str, offered: set[str]
) -> None:
    galaxy, people = _galaxy(make_galaxy, visibility)

    def page(who: str) -> str:
        actor = people[who]
        return _render(
            "joined",
            visibility,
            actor,
            DURING,
            training=galaxy.perform(TrainingsService.show, actor, "gryffindor", DURING),
            membership=galaxy.perform(MembershipsService.show, actor, "gryffindor", DURING),
            place=galaxy.perform(ClassroomService.show, actor, "gryffindor", DURING),
            teaches=may_manage(actor, galaxy.find("gryffindor")),
            seconds=10,
            tutorials=[],
            again=True,
        )

    pages = {who: page(who) for who in people}
    assert all("You are already in." in page for page in pages.values())
    assert {who for who, page in pages.items() if DASHBOARD in page} == offered
    # While somebody looks at the page, the training may end.
    assert {who for who, page in pages.items() if 'id="until-the-end"' in page} == offered & {"trainee"}
