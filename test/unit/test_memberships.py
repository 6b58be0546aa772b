"""Joining and leaving: who may, when, and what it does."""

from collections.abc import Callable
from dataclasses import replace
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.membership.schema import MembershipView
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.web.permissions import (
    may_join,
)
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DELETED,
    DURING,
    InProcess,
    on_both_databases,
    REQUESTED,
    SERVER,
)

_MOMENT = timedelta(microseconds=1)
_OPENS, _CLOSES = datetime(2026, 11, 15, 12), datetime(2026, 11, 19, 12)


def _join(galaxy: InProcess, actor: Actor, at: datetime = DURING, identifier: str = "gryffindor") -> MembershipView:
    return galaxy.perform(MembershipsService.join, actor, identifier, at)


def _leave(galaxy: InProcess, actor: Actor, at: datetime = DURING) -> MembershipView:
    return galaxy.perform(MembershipsService.leave, actor, "gryffindor", at)


# Join


@on_both_databases
def test_a_user_joins_and_is_told_what_happens_next(galaxy: InProcess) -> None:
    galaxy.training()
    view = _join(galaxy, galaxy.user("harry"))
    assert (view.identifier, view.title, view.member, view.changed, view.active) == (
        "gryffindor",
        "Course gryffindor",
        True,
        True,
        True,
    )
    assert (view.opens, view.closes) == (_OPENS, _CLOSES)
    assert view.pseudonym and view.colour
    assert galaxy.members("training-gryffindor") == ["harry"]
    assert galaxy.is_on("training-gryffindor")


@on_both_databases
def test_joining_again_changes_nothing(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    first = _join(galaxy, harry)
    before = galaxy.dump()
    again = _join(galaxy, harry, DURING + timedelta(hours=1))
    assert again == first.model_copy(update={"changed": False})
    assert galaxy.dump() == before


def test_the_case_of_the_identifier_does_not_matter(galaxy: InProcess) -> None:
    galaxy.training()
    assert _join(galaxy, galaxy.user("harry"), identifier="GryffinDOR").member


@pytest.mark.parametrize("actor", [ANONYMOUS, DELETED, SERVER], ids=["anonymous", "deleted account", "server"])
def test_who_has_no_account_joins_nothing(galaxy: InProcess, actor: Actor) -> None:
    galaxy.training()
    galaxy.refused(403, lambda: _join(galaxy, actor))
    galaxy.refused(403, lambda: _leave(galaxy, actor))


def test_a_deleted_account_is_told_so(galaxy: InProcess) -> None:
    galaxy.training()
    assert "deleted" in str(galaxy.refused(403, lambda: _join(galaxy, DELETED)))


@pytest.mark.parametrize(
    "identifier", ["slytherin", "", "gryffindo", "gryffindor2", "g\uff52yffindor", "gry\ufb00indor"]
)
def test_an_unknown_identifier_is_not_found(galaxy: InProcess, identifier: str) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.refused(404, lambda: _join(galaxy, harry, identifier=identifier))


def test_a_look_alike_of_the_letter_k_is_not_found(galaxy: InProcess) -> None:
    galaxy.training("kelvin")
    harry = galaxy.user("harry")
    galaxy.refused(404, lambda: _join(galaxy, harry, identifier="\u212aelvin"))


@pytest.mark.parametrize("who", ["requester", "admin"])
@pytest.mark.parametrize("state, status", [("new", 403), ("rejected", 403), ("cancelled", 410)])
def test_a_training_that_is_not_approved_cannot_be_joined(galaxy: InProcess, who: str, state: str, status: int) -> None:
    galaxy.training(state=state)
    actor = {"requester": galaxy.user("minerva"), "admin": galaxy.admin()}[who]
    galaxy.refused(status, lambda: _join(galaxy, actor))


@pytest.mark.parametrize("state, status", [("rejected", 403), ("cancelled", 410)])
def test_who_had_joined_is_told_that_a_training_does_not_take_place(galaxy: InProcess, state: str, status: int) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry, at=BEFORE)
    galaxy.decide("gryffindor", state, note="The room is closed", at=BEFORE)
    galaxy.refused(status, lambda: _join(galaxy, harry))
    assert _leave(galaxy, harry).changed is True


def test_who_follows_the_link_of_a_course_that_was_cancelled_is_told_so(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.decide("gryffindor", "cancelled", at=BEFORE)
    draco = galaxy.user("draco")
    assert "was cancelled" in str(galaxy.refused(410, lambda: _join(galaxy, draco)))
    galaxy.refused(404, lambda: galaxy.perform(TrainingsService.show, draco, "gryffindor", BEFORE))


@pytest.mark.parametrize("who", ["trainee", "requester", "admin"])
@pytest.mark.parametrize("now", [_CLOSES, AFTER])
def test_a_training_that_is_over_cannot_be_joined(galaxy: InProcess, who: str, now: datetime) -> None:
    galaxy.training()
    actor = {"trainee": galaxy.user("harry"), "requester": galaxy.user("minerva"), "admin": galaxy.admin()}[who]
    assert "18 November 2026" in str(galaxy.refused(410, lambda: _join(galaxy, actor, now)))


@pytest.mark.parametrize("now", [REQUESTED, BEFORE, _OPENS - _MOMENT])
def test_who_joins_early_is_a_member_at_once_and_has_the_resources_from_the_start(
    galaxy: InProcess, now: datetime
) -> None:
    galaxy.training()
    view = _join(galaxy, galaxy.user("harry"), now)
    assert (view.member, view.active) == (True, False)
    assert not galaxy.is_on("training-gryffindor")
    assert galaxy.perform(MembershipsService.show, galaxy.user("harry"), "gryffindor", _OPENS).active


@pytest.mark.parametrize("now", [_OPENS, DURING, _CLOSES - _MOMENT])
def test_who_joins_while_the_window_is_open_has_the_resources_at_once(galaxy: InProcess, now: datetime) -> None:
    galaxy.training()
    assert _join(galaxy, galaxy.user("harry"), now).active
    assert galaxy.is_on("training-gryffindor")


def test_where_joining_starts_with_the_training_earlier_is_too_early(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(join_before_start=False)
    galaxy.training(instructors=["albus"] if galaxy.user("albus") else [])
    harry = galaxy.user("harry")
    assert "16 November 2026" in str(galaxy.refused(403, lambda: _join(galaxy, harry, _OPENS - _MOMENT)))
    assert _join(galaxy, harry, _OPENS).active


@pytest.mark.parametrize("who", ["requester", "instructor", "admin"])
def test_instructors_and_admins_may_rehearse_earlier(make_galaxy: Callable[..., InProcess], who: str) -> None:
    galaxy = make_galaxy(join_before_start=False)
    people = {"requester": galaxy.user("minerva"), "instructor": galaxy.user("albus"), "admin": galaxy.admin()}
    galaxy.training(instructors=["albus"])
    assert _join(galaxy, people[who], BEFORE).member


def test_everybody_may_look_whether_a_training_can_be_joined(galaxy: InProcess) -> None:
    """The login page does, before it asks who it is."""
    galaxy.training()
    service, training = galaxy[MembershipsService], galaxy.found(may_join, ANONYMOUS, "Gryffindor")
    service.ensure_open(training, ANONYMOUS, DURING)
    galaxy.refused(410, lambda: service.ensure_open(training, ANONYMOUS, AFTER))
    galaxy.refused(404, lambda: galaxy.found(may_join, ANONYMOUS, "slytherin"))


def test_joining_is_no_change_of_the_training(galaxy: InProcess) -> None:
    galaxy.training()
    updated = galaxy.find("gryffindor").updated
    _join(galaxy, galaxy.user("harry"))
    galaxy.session.expire_all()
    assert galaxy.find("gryffindor").updated == updated


# Leave


def test_who_leaves_is_a_member_no_more(galaxy: InProcess) -> None:
    galaxy.training()
    harry, ron = galaxy.user("harry"), galaxy.user("ron")
    galaxy.join("gryffindor", harry, ron)
    view = _leave(galaxy, harry)
    assert (view.member, view.changed, view.active, view.pseudonym) == (False, True, False, None)
    assert galaxy.members("training-gryffindor") == ["ron"]
    assert galaxy.is_on("training-gryffindor")


def test_who_is_no_member_leaves_without_a_trace(galaxy: InProcess) -> None:
    galaxy.training()
    draco = galaxy.user("draco")
    before = galaxy.dump()
    assert _leave(galaxy, draco).changed is False
    assert galaxy.dump() == before


@pytest.mark.parametrize("now", [BEFORE, DURING, AFTER])
def test_one_can_leave_at_any_time(galaxy: InProcess, now: datetime) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert _leave(galaxy, galaxy.user("harry"), now).changed is True


def test_an_unknown_training_cannot_be_left(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.refused(404, lambda: _leave(galaxy, harry))


def test_who_left_can_come_back(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    pseudonym = _join(galaxy, harry).pseudonym
    _leave(galaxy, harry)
    assert _join(galaxy, harry).pseudonym == pseudonym


# Where one stands


def test_looking_changes_nothing(galaxy: InProcess) -> None:
    galaxy.training()
    harry, draco = galaxy.user("harry"), galaxy.user("draco")
    joined = _join(galaxy, harry)
    before = galaxy.dump()
    assert galaxy.perform(MembershipsService.show, harry, "gryffindor", DURING) == joined.model_copy(
        update={"changed": False}
    )
    stranger = galaxy.perform(MembershipsService.show, draco, "gryffindor", DURING)
    assert (stranger.member, stranger.active, stranger.pseudonym) == (False, False, None)
    assert galaxy.dump() == before


@pytest.mark.parametrize("now, active", [(BEFORE, False), (DURING, True), (AFTER, False)])
def test_resources_are_there_while_the_window_is_open(galaxy: InProcess, now: datetime, active: bool) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert galaxy.perform(MembershipsService.show, galaxy.user("harry"), "gryffindor", now).active is active


# Members


@pytest.mark.parametrize(
    "who, settings, shown",
    [
        ("requester", {}, set()),
        ("instructor", {}, set()),
        ("requester", {"expose_username": True}, {"username"}),
        ("instructor", {"instructors_see_usernames": True}, {"username"}),
        ("admin", {}, {"username", "email"}),
        ("server", {"expose_username": True}, {"username", "email"}),
    ],
)
def test_names_of_members_are_shown_as_settings_and_rank_allow(
    make_galaxy: Callable[..., InProcess], who: str, settings: dict[str, bool], shown: set[str]
) -> None:
    galaxy = make_galaxy(**settings)
    people = {
        "requester": galaxy.user("minerva"),
        "instructor": galaxy.user("albus"),
        "admin": galaxy.admin(),
        "server": SERVER,
    }
    galaxy.training(instructors=["albus"])
    galaxy.join("gryffindor", galaxy.user("harry"))
    (member,) = galaxy.perform(MembershipsService.members, people[who], "gryffindor")
    fields = member.model_dump(exclude_unset=True)
    assert set(fields) == {"pseudonym", "colour", "shape", "joined_at"} | shown
    assert member.joined_at == DURING
    if "email" in shown:
        assert (fields["username"], fields["email"]) == ("harry", "harry@example.org")


@pytest.mark.parametrize("who", ["anonymous", "deleted", "stranger", "member"])
def test_the_list_of_members_is_not_for_others(galaxy: InProcess, who: str) -> None:
    people = {
        "anonymous": ANONYMOUS,
        "deleted": DELETED,
        "stranger": galaxy.user("draco"),
        "member": galaxy.user("harry"),
    }
    galaxy.training()
    galaxy.join("gryffindor", people["member"])
    galaxy.refused(403, lambda: galaxy.perform(MembershipsService.members, people[who], "gryffindor"))


def test_members_come_in_the_order_in_which_they_joined_without_deleted_accounts(galaxy: InProcess) -> None:
    galaxy.training()
    people = [galaxy.user(name) for name in ("ron", "harry", "hermione")]
    names = [_join(galaxy, person).pseudonym for person in people]
    galaxy.delete_account(people[1])
    found = galaxy.perform(MembershipsService.members, SERVER, "gryffindor")
    assert [member.username for member in found] == ["ron", "hermione"]
    assert [member.pseudonym for member in found] == [names[0], names[2]]


def test_what_members_are_told_is_what_instructors_see(galaxy: InProcess) -> None:
    galaxy.training()
    told = {name: _join(galaxy, galaxy.user(name)).pseudonym for name in ("ron", "harry", "hermione")}
    seen = {m.username: m.pseudonym for m in galaxy.perform(MembershipsService.members, SERVER, "gryffindor")}
    assert seen == told


def test_the_same_person_has_another_pseudonym_in_another_training(galaxy: InProcess) -> None:
    galaxy.training("gryffindor")
    galaxy.training("slytherin")
    harry = galaxy.user("harry")
    assert _join(galaxy, harry).pseudonym != _join(galaxy, harry, identifier="slytherin").pseudonym


# Accounts that are not activated


def test_who_has_to_activate_the_account_joins_and_is_told_what_to_do_first(galaxy: InProcess) -> None:
    galaxy.training()
    inactive = replace(galaxy.user("harry"), needs_activation=True)
    joined = _join(galaxy, inactive)
    assert joined.member and joined.active and joined.note
    assert "https://galaxy.example.org/user/resend_verification" in joined.note
    assert _join(galaxy, inactive).note == joined.note
    assert _join(galaxy, galaxy.user("harry")).note is None
    assert _leave(galaxy, inactive).note is None


@pytest.mark.parametrize("required, activated", [(True, [False, True]), (False, [None, None])])
def test_instructors_see_whose_account_is_not_activated_where_that_matters(
    make_galaxy: Callable[..., InProcess], required: bool, activated: list[Optional[bool]]
) -> None:
    galaxy = make_galaxy(galaxy_conf={"user_activation_on": required})
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"), galaxy.user("ron"))
    galaxy.account("ron").active = True
    galaxy.session.commit()
    members = galaxy.perform(MembershipsService.members, galaxy.user("minerva"), "gryffindor")
    assert [member.activated for member in members] == activated
