"""What somebody requested, teaches or joined: the list, asking again, asking twice, asking for more days."""

from datetime import (
    date,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings import forms
from galaxy_tiaas.trainings.own_trainings_service import (
    OwnTrainings,
    OwnTrainingsService,
)
from galaxy_tiaas.trainings.schema import (
    StateChange,
    TrainingCreate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import TrainingState
from galaxy_tiaas.web import payloads
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DELETED,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
    SERVER,
)
from starlette.datastructures import QueryParams


def _mine(galaxy: InProcess, actor: Actor, at: Any = DURING, limit: int = 25, offset: int = 0) -> OwnTrainings:
    return galaxy[OwnTrainingsService].show(actor, at, limit=limit, offset=offset)


def _names(own: Any) -> list[str]:
    return [entry.view.identifier for entry in own]


# The list


@pytest.mark.parametrize("actor", [ANONYMOUS, DELETED], ids=["anonymous", "deleted account"])
def test_visitors_have_no_trainings(galaxy: InProcess, actor: Actor) -> None:
    galaxy.refused(403, lambda: _mine(galaxy, actor))


@on_both_databases
def test_what_still_matters_is_apart_from_what_is_over(galaxy: InProcess) -> None:
    minerva, later = galaxy.user("minerva"), timedelta(days=60)
    galaxy.training("running", minerva)
    galaxy.training("coming", minerva, start=FIRST_DAY + later, end=LAST_DAY + later)
    galaxy.request("waiting", minerva, start=FIRST_DAY + later, end=LAST_DAY + later)
    galaxy.request("rejected", minerva)
    galaxy.request("cancelled", minerva)
    galaxy.request("over", minerva, start=FIRST_DAY - later, end=LAST_DAY - later)
    galaxy.training("of-somebody-else", galaxy.user("severus"))
    for state in (TrainingState.REJECTED, TrainingState.CANCELLED):
        change = StateChange(state=state, destination=None)
        galaxy.perform(TrainingsService.set_state, SERVER, state.value, change, REQUESTED)
    mine = _mine(galaxy, minerva)
    assert sorted(_names(mine.current)) == ["coming", "rejected", "running", "waiting"]
    assert [own.view.start for own in mine.current] == sorted(own.view.start for own in mine.current)
    assert _names(mine.past) == ["cancelled", "over"]
    assert (mine.current.total, mine.past.total) == (4, 2)


def test_what_i_teach_is_told_from_what_i_joined_also_for_admins(galaxy: InProcess) -> None:
    minerva, harry, admin = galaxy.user("minerva"), galaxy.user("harry"), galaxy.admin()
    galaxy.training("one", minerva, instructors=["harry"])
    galaxy.training("two", minerva)
    galaxy.join("one", admin)
    galaxy.join("two", harry, minerva)

    def roles(actor: Actor) -> dict[str, tuple[bool, bool]]:
        return {own.view.identifier: (own.teaches, own.joined) for own in _mine(galaxy, actor).current}

    assert roles(harry) == {"one": (True, False), "two": (False, True)}
    assert roles(minerva) == {"one": (True, False), "two": (True, True)}
    assert roles(admin) == {"one": (False, True)}


def test_past_trainings_come_in_pages_the_latest_first(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    for number in range(5):
        day = FIRST_DAY + timedelta(days=number)
        galaxy.training(f"past-{number}", minerva, start=day, end=day)
    much_later = AFTER + timedelta(days=300)
    pages = [_mine(galaxy, minerva, much_later, limit=2, offset=offset) for offset in (0, 2, 4)]
    assert [_names(page.past) for page in pages] == [["past-4", "past-3"], ["past-2", "past-1"], ["past-0"]]
    assert {page.past.total for page in pages} == {5}


def test_a_long_list_asks_the_database_no_more_than_a_short_one(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")

    def asked() -> int:
        galaxy.session.expire_all()
        with galaxy.statements() as statements:
            _mine(galaxy, minerva)
        return len(statements)

    galaxy.training("first", minerva)
    short = asked()
    for number in range(4):
        galaxy.training(f"another-{number}", minerva)
    assert asked() == short


def test_members_see_who_they_are_until_it_is_over(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    for identifier in ("gryffindor", "quidditch"):
        galaxy.training(identifier)
    galaxy.join("gryffindor", harry)
    view = galaxy.perform(MembershipsService.show, harry, "gryffindor", DURING)
    (own,) = _mine(galaxy, harry).current
    assert own.shown_as and own.shown_as.model_dump().items() <= view.model_dump().items()
    assert {other.shown_as for other in _mine(galaxy, galaxy.user("minerva")).current} == {None}
    assert [past.shown_as for past in _mine(galaxy, harry, AFTER).past] == [None]


# Twice


def _payload(**fields: Any) -> TrainingCreate:
    usual = {"identifier": "gryffindor", "title": "Course", "start": FIRST_DAY, "end": LAST_DAY, "attendance": 20}
    return TrainingCreate(**{**usual, **fields})


def test_whoever_sends_a_form_twice_is_led_to_what_it_made(galaxy: InProcess) -> None:
    minerva, service = galaxy.user("minerva"), galaxy[TrainingsService]
    galaxy.user("severus")
    payload = _payload(location=["GB", "NO"], instructors=["severus"], name="Minerva", timezone="Europe/London")
    assert service.already_requested(minerva, payload, REQUESTED) is None
    view = service.create(minerva, payload, REQUESTED)
    assert service.already_requested(minerva, payload, REQUESTED) == view


@pytest.mark.parametrize(
    "other",
    [{"title": "Another"}, {"end": date(2026, 11, 19)}, {"location": ["NO"]}, {"instructors": ["albus"]}],
    ids=lambda other: next(iter(other)),
)
def test_another_request_with_the_same_identifier_is_another_one(galaxy: InProcess, other: dict[str, Any]) -> None:
    minerva, service = galaxy.user("minerva"), galaxy[TrainingsService]
    galaxy.user("albus")
    service.create(minerva, _payload(), REQUESTED)
    assert service.already_requested(minerva, _payload(**other), REQUESTED) is None


def test_the_same_request_of_somebody_else_is_another_one(galaxy: InProcess) -> None:
    service = galaxy[TrainingsService]
    service.create(galaxy.user("minerva"), _payload(), REQUESTED)
    for actor in (galaxy.user("severus"), galaxy.admin(), ANONYMOUS):
        assert service.already_requested(actor, _payload(), REQUESTED) is None


# Again


def _repeated(galaxy: InProcess, actor: Actor) -> payloads.FormValues:
    view = galaxy.perform(TrainingsService.show, actor, "gryffindor", AFTER)
    return forms.prefilled(
        QueryParams(""),
        actor,
        forms.repeated(view, galaxy.perform(TrainingsService.people, actor, "gryffindor"), actor),
    )


def test_a_training_is_asked_for_again_with_everything_but_identifier_days_and_consent(galaxy: InProcess) -> None:
    minerva = galaxy.user("minerva")
    galaxy.user("severus")
    fields: dict[str, Any] = {
        "title": "Potions",
        "description": "Brewing",
        "name": "Professor McGonagall",
        "email": "office@example.org",
        "timezone": "Europe/London",
        "location": ["GB", "NO"],
        "use_gtn": True,
        "gtn_links": "All of them",
        "attendance": 12,
        "advertise": True,
        "instructors": ["severus"],
    }
    galaxy.training(by=minerva, retain_contact=True, **fields)
    values = _repeated(galaxy, minerva)
    assert {name: values[name] for name in fields} == fields
    assert not {"identifier", "start", "end", "retain_contact"} & values.keys()


def test_a_co_instructor_asks_again_in_their_own_name(galaxy: InProcess) -> None:
    severus = galaxy.user("severus")
    galaxy.training(by=galaxy.user("minerva"), name="Minerva", email="office@example.org", instructors=["severus"])
    values = _repeated(galaxy, severus)
    assert (values["name"], values["email"]) == ("severus", "severus@example.org")
    assert values["instructors"] == ["minerva"]


def test_what_the_address_says_counts_more_than_the_earlier_training(galaxy: InProcess) -> None:
    values = forms.prefilled(QueryParams("title=Charms"), galaxy.user("minerva"), {"title": "Potions", "name": ""})
    assert (values["title"], values["name"]) == ("Charms", "minerva")


# More days


def test_a_request_is_extended_at_once_and_an_approved_training_when_an_admin_agrees(galaxy: InProcess) -> None:
    minerva, longer = galaxy.user("minerva"), LAST_DAY + timedelta(days=2)
    galaxy.request("new", minerva)
    galaxy.training("approved", minerva)
    assert galaxy.perform(TrainingsService.extend, minerva, "new", longer, BEFORE).end == longer
    view = galaxy.perform(TrainingsService.extend, minerva, "approved", longer, DURING)
    assert view.end == LAST_DAY
    assert view.requested_change
    assert view.requested_change.changes == {"end": longer.isoformat()}
    assert galaxy.perform(TrainingsService.extend, galaxy.admin(), "approved", longer, DURING).end == longer


@pytest.mark.parametrize("days", [0, -1])
def test_extending_makes_nothing_shorter(galaxy: InProcess, days: int) -> None:
    minerva = galaxy.user("minerva")
    galaxy.training(by=minerva)
    end = LAST_DAY + timedelta(days=days)
    galaxy.refused(400, lambda: galaxy.perform(TrainingsService.extend, minerva, "gryffindor", end, DURING))


@pytest.mark.parametrize("who", ["anonymous", "deleted account", "another user"])
def test_nobody_else_extends_a_training(galaxy: InProcess, who: str) -> None:
    galaxy.training()
    longer = LAST_DAY + timedelta(days=2)
    actor = {"anonymous": ANONYMOUS, "deleted account": DELETED}.get(who) or galaxy.user("draco")
    galaxy.refused(403, lambda: galaxy.perform(TrainingsService.extend, actor, "gryffindor", longer, DURING))
