"""Co-instructors are invited and become such by accepting; whoever invites somebody learns nothing of them."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import (
    datetime,
    timedelta,
)
from itertools import pairwise
from threading import Barrier
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_tiaas.core.actor import (
    Actor,
    is_invited,
)
from galaxy_tiaas.core.exceptions import TooManyRequests
from galaxy_tiaas.core.model import (
    Training,
    TrainingInvitation,
)
from galaxy_tiaas.invitations.service import (
    InvitationAnswered,
    InvitationDecision,
    InvitationsService,
)
from galaxy_tiaas.lifecycle.redaction import RedactionService
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.trainings import forms
from galaxy_tiaas.trainings.manager import TrainingManager
from galaxy_tiaas.trainings.schema import (
    MOST_INSTRUCTORS,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import INVITATION_DAYS
from in_process import (
    ANONYMOUS,
    DELETED,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    REQUESTED,
    SERVER,
)
from sqlalchemy import (
    delete,
    select,
)

MakeGalaxy = Callable[..., InProcess]

_DAYS = timedelta(days=INVITATION_DAYS)
_SOON = REQUESTED + timedelta(days=5)
_MOMENT = timedelta(microseconds=1)
_MAIL = {"smtp_server": "127.0.0.1:1", "enable_notification_system": True}


@pytest.fixture
def minerva(galaxy: InProcess) -> Actor:
    """Has asked for `gryffindor` and teaches it alone."""
    minerva = galaxy.user("minerva")
    galaxy.request(by=minerva)
    return minerva


def _update(
    galaxy: InProcess, by: Actor, *names: str, at: datetime = REQUESTED, identifier: str = "gryffindor"
) -> TrainingView:
    return galaxy.perform(TrainingsService.update, by, identifier, TrainingUpdate(instructors=[*names]), at)


def _create(galaxy: InProcess, by: Actor, identifier: str, *names: str, at: datetime = REQUESTED) -> TrainingView:
    payload = TrainingCreate(
        identifier=identifier, title="Course", start=FIRST_DAY, end=LAST_DAY, attendance=20, instructors=[*names]
    )
    return galaxy[TrainingsService].create(by, payload, at)


def _answer(
    galaxy: InProcess, who: Actor, accept: bool = True, at: datetime = REQUESTED, identifier: str = "gryffindor"
) -> InvitationAnswered:
    return galaxy.perform(InvitationsService.answer, who, identifier, InvitationDecision(accept=accept), at)


def _invitations(galaxy: InProcess, who: Actor, at: datetime = REQUESTED) -> list[str]:
    return [view.identifier for view in galaxy[InvitationsService].index(who, at)]


def _teachers(galaxy: InProcess) -> list[str]:
    galaxy.session.expire_all()
    return [person.name for person in galaxy.perform(TrainingsService.people, SERVER, "gryffindor")]


def _shown(galaxy: InProcess, who: Actor, at: datetime = REQUESTED) -> str:
    """All that somebody who teaches the training is shown of it."""
    view = galaxy.perform(TrainingsService.show, who, "gryffindor", at)
    return repr(
        (
            view.model_dump(exclude={"updated", "version"}),
            [event.model_dump() for event in galaxy.perform(TrainingsService.history, who, "gryffindor")],
            galaxy.perform(TrainingsService.people, who, "gryffindor"),
            galaxy.perform(InvitationsService.of, who, "gryffindor", at),
            forms.stored(
                view, [person.handle for person in galaxy.perform(TrainingsService.people, who, "gryffindor")]
            ),
        )
    )


# Inviting


def test_whoever_is_named_is_invited_and_teaches_nothing(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    view = _update(galaxy, minerva, "Hermione", "nobody@example.org", "hermione")
    assert (view.instructors, view.invited) == ([view.requester_id], ["Hermione", "nobody@example.org"])
    galaxy.refused(403, lambda: galaxy.perform(TrainingsService.history, hermione, "gryffindor"))
    assert galaxy.perform(TrainingsService.show, hermione, "gryffindor", REQUESTED).invited is None
    (invitation,) = galaxy[InvitationsService].index(hermione, _SOON)
    assert (invitation.identifier, invitation.title, invitation.invited_by) == (
        "gryffindor",
        "Course gryffindor",
        "minerva",
    )
    assert (invitation.invited_at, invitation.expires_at) == (REQUESTED, REQUESTED + _DAYS)


@pytest.mark.parametrize("name", ["hermione", "Hermione@Example.ORG", "encoded"])
def test_people_are_invited_by_public_name_address_or_id(galaxy: InProcess, minerva: Actor, name: str) -> None:
    hermione = galaxy.user("hermione")
    encoded = galaxy.host.security.encode_id(hermione.user_id)
    view = _update(galaxy, minerva, encoded if name == "encoded" else name)
    assert view.invited == [encoded if name == "encoded" else name]
    assert _answer(galaxy, hermione).teaches
    assert _teachers(galaxy) == ["minerva", "hermione"]


def test_nobody_is_invited_by_a_name_that_looks_like_the_id_of_somebody_else(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    encoded = galaxy.host.security.encode_id(hermione.user_id)
    other = galaxy.user(encoded)
    _update(galaxy, minerva, encoded)
    assert (_invitations(galaxy, hermione), _invitations(galaxy, other)) == (["gryffindor"], [])


def test_admins_invite_too(galaxy: InProcess, minerva: Actor) -> None:
    galaxy.user("hermione")
    view = _update(galaxy, galaxy.admin(), "hermione", "minerva@example.org")
    assert (view.instructors, view.invited) == ([view.requester_id], ["hermione"])


def test_a_deleted_account_is_invited_like_one_that_never_was(galaxy: InProcess, minerva: Actor) -> None:
    gone = galaxy.user("hermione", deleted=True)
    encoded = galaxy.host.security.encode_id(gone.user_id)
    _update(galaxy, minerva, "hermione", "hermione@example.org", encoded)
    assert galaxy.query("SELECT 1 FROM tiaas_training_invitation WHERE user_id IS NOT NULL") == []


# One by one


def test_who_is_added_is_invited_beside_the_others_and_removed_alone(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    galaxy.perform(TrainingsService.add_instructors, minerva, "gryffindor", ["hermione", "gilderoy"], REQUESTED)
    _answer(galaxy, hermione)
    view = galaxy.perform(TrainingsService.add_instructors, minerva, "gryffindor", ["harry@example.org"], _SOON)
    own, hers = view.requester_id, galaxy.host.security.encode_id(hermione.user_id)
    assert (view.instructors, view.invited) == ([own, hers], ["gilderoy", "harry@example.org"])
    view = galaxy.perform(TrainingsService.remove_instructor, minerva, "gryffindor", "Gilderoy", _SOON)
    assert (view.instructors, view.invited) == ([own, hers], ["harry@example.org"])
    view = galaxy.perform(TrainingsService.remove_instructor, minerva, "gryffindor", hers, _SOON)
    assert (view.instructors, view.invited) == ([own], ["harry@example.org"])
    before = galaxy.dump()
    galaxy.perform(TrainingsService.remove_instructor, minerva, "gryffindor", hers, _SOON)
    assert galaxy.dump() == before
    add, remove = TrainingsService.add_instructors, TrainingsService.remove_instructor
    galaxy.refused(404, lambda: galaxy.perform(remove, hermione, "gryffindor", "harry@example.org", _SOON))
    galaxy.refused(404, lambda: galaxy.perform(add, hermione, "gryffindor", ["hermione"], _SOON))


def test_adding_somebody_does_not_renew_what_has_expired(galaxy: InProcess, minerva: Actor) -> None:
    _update(galaxy, minerva, "hermione")
    view = galaxy.perform(TrainingsService.add_instructors, minerva, "gryffindor", ["harry"], REQUESTED + _DAYS)
    assert view.invited == ["harry"]


def test_more_than_the_most_are_refused_one_by_one_too(galaxy: InProcess, minerva: Actor) -> None:
    admin, names = galaxy.admin(), [f"guest{number}" for number in range(MOST_INSTRUCTORS)]

    def add(names: list[str]) -> None:
        galaxy.perform(TrainingsService.add_instructors, admin, "gryffindor", names, REQUESTED)

    add(names)
    problem = galaxy.refused(400, lambda: add(["harry"]))
    assert "at most 50" in str(problem)


@on_both_databases
def test_of_people_added_and_removed_at_the_same_moment_nobody_is_lost(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione", "gilderoy")
    _answer(galaxy, hermione)
    hers = galaxy.host.security.encode_id(hermione.user_id)
    guests = [f"guest{number}" for number in range(6)]
    galaxy.session.remove()
    together = Barrier(len(guests) + 2)

    def change(name: str) -> None:
        try:
            actor = galaxy.user("minerva")
            galaxy.session.rollback()
            together.wait()
            if name in guests:
                galaxy.perform(TrainingsService.add_instructors, actor, "gryffindor", [name], _SOON)
            else:
                galaxy.perform(TrainingsService.remove_instructor, actor, "gryffindor", name, _SOON)
        finally:
            galaxy.session.remove()

    with ThreadPoolExecutor(together.parties) as pool:
        list(pool.map(change, [*guests, hers, "gilderoy"]))
    view = galaxy.perform(TrainingsService.show, galaxy.user("minerva"), "gryffindor", _SOON)
    assert (len(view.instructors or []), sorted(view.invited or [])) == (1, guests)
    noted = [event.changes for event in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")[-8:]]
    for earlier, later in pairwise(changes["invited"] for changes in noted if "invited" in changes):
        assert earlier[1] == later[0]


# What is told


_NAMES = ["%s", "%s@example.org"]


@pytest.mark.parametrize("told", [_MAIL, {}], ids=["with mail", "without"])
@pytest.mark.parametrize("name", _NAMES)
@pytest.mark.parametrize("way", ["request", "change"])
@on_both_databases
def test_known_and_unknown_names_cannot_be_told_apart(
    make_galaxy: MakeGalaxy, told: dict[str, Any], name: str, way: str
) -> None:
    """Not by what is answered or shown, nor by what is asked of the database, which takes time."""
    galaxy = make_galaxy(galaxy_conf=told)
    galaxy.user("hermione")
    asked: dict[str, Any] = {}
    # The first of all makes the services; each is invited by somebody else, so that nothing is known from before.
    for number, who in enumerate(("peter", "hermione", "gilderoy")):
        inviter, identifier = galaxy.user(f"minerva{number}"), f"course{number}"
        if way == "change":
            galaxy.request(identifier, inviter)
        # As in a request: nothing is left in the session that Python has not collected yet.
        galaxy.session.remove()
        inviter = galaxy.user(f"minerva{number}")
        with galaxy.statements() as statements:
            if way == "request":
                view = _create(galaxy, inviter, identifier, name % who)
            else:
                view = _update(galaxy, inviter, name % who, identifier=identifier)
        answer = view.model_dump_json(exclude={"requester_id", "instructors"})
        for text, same in ((identifier, "course"), (f"minerva{number}", "minerva"), (who, "name")):
            answer = answer.replace(text, same)
        asked[who] = [answer, *statements]
    assert asked["hermione"] == asked["gilderoy"]


@pytest.mark.parametrize("typed", ["hermione", "hermione@example.org"])
def test_inviting_shows_what_was_typed_and_nothing_else(galaxy: InProcess, minerva: Actor, typed: str) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, typed)
    shown = _shown(galaxy, minerva)
    assert typed in shown
    other = {"hermione": "hermione@", "hermione@example.org": "'hermione'"}[typed]
    assert other not in shown
    assert galaxy.host.security.encode_id(hermione.user_id) not in shown


def test_a_refusal_shows_nowhere(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione", "gilderoy")
    before, updated = _shown(galaxy, minerva), galaxy.find("gryffindor").updated
    assert not _answer(galaxy, hermione, accept=False, at=_SOON).teaches
    assert (_shown(galaxy, minerva), galaxy.find("gryffindor").updated) == (before, updated)
    assert _invitations(galaxy, hermione) == []
    (told, _) = galaxy.perform(InvitationsService.of, galaxy.admin(), "gryffindor", _SOON)
    assert told.declined


def test_only_admins_learn_whom_an_invitation_means(galaxy: InProcess, minerva: Actor) -> None:
    galaxy.user("hermione")
    _update(galaxy, minerva, "hermione@example.org", "gilderoy")
    assert [each.account for each in galaxy.perform(InvitationsService.of, minerva, "gryffindor", _SOON)] == [
        None,
        None,
    ]
    assert [each.account for each in galaxy.perform(InvitationsService.of, galaxy.admin(), "gryffindor", _SOON)] == [
        ("hermione", "hermione@example.org"),
        None,
    ]
    draco = galaxy.user("draco")
    galaxy.refused(404, lambda: galaxy.perform(InvitationsService.of, draco, "gryffindor", _SOON))


def test_the_address_of_somebody_who_teaches_cannot_be_confirmed(galaxy: InProcess, minerva: Actor) -> None:
    """It is invited as any other text is, and the person is not bothered."""
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione")
    _answer(galaxy, hermione)
    view = _update(galaxy, minerva, "hermione", "hermione@example.org")
    assert view.invited == ["hermione@example.org"]
    assert _invitations(galaxy, hermione) == []


def test_who_has_no_public_name_is_not_called_by_the_address(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione")
    _answer(galaxy, hermione)
    galaxy.account("hermione").username = None
    galaxy.session.commit()
    assert "hermione@example.org" not in _shown(galaxy, minerva)
    people = galaxy.perform(TrainingsService.people, minerva, "gryffindor")
    # What the form sends back means the same person.
    view = _update(galaxy, minerva, people[1].handle)
    assert len(view.instructors or []) == 2


# Answering


@on_both_databases
def test_who_accepts_teaches_and_everybody_who_teaches_knows(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione", "hermione@example.org", "gilderoy")
    assert _answer(galaxy, hermione, at=_SOON).teaches
    assert _teachers(galaxy) == ["minerva", "hermione"]
    view = galaxy.perform(TrainingsService.show, hermione, "gryffindor", _SOON)
    assert view.invited == ["gilderoy"]
    event = galaxy.perform(TrainingsService.history, minerva, "gryffindor")[-1]
    assert (event.action, event.username) == ("invitation accepted", "hermione")
    assert _invitations(galaxy, hermione) == []
    before = galaxy.dump()
    assert _answer(galaxy, hermione, at=_SOON).teaches
    assert galaxy.dump() == before


def test_who_has_declined_may_still_accept(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione")
    for _ in range(2):
        assert not _answer(galaxy, hermione, accept=False).teaches
    assert _answer(galaxy, hermione).teaches


@pytest.mark.parametrize("accept", [True, False])
@pytest.mark.parametrize(
    "why", ["unknown training", "not invited", "withdrawn", "expired", "cancelled", "removed", "anonymous", "deleted"]
)
def test_without_an_invitation_there_is_nothing_to_answer(
    galaxy: InProcess, minerva: Actor, why: str, accept: bool
) -> None:
    hermione: Actor = {"anonymous": ANONYMOUS, "deleted": DELETED}.get(why) or galaxy.user("hermione")
    at, identifier = REQUESTED, "slytherin" if why == "unknown training" else "gryffindor"
    if why != "not invited":
        _update(galaxy, minerva, "hermione")
    if why == "withdrawn":
        _update(galaxy, minerva)
    elif why == "expired":
        at = REQUESTED + _DAYS
    elif why == "cancelled":
        galaxy.decide("gryffindor", "cancelled")
    elif why == "removed":
        _answer(galaxy, hermione)
        _update(galaxy, minerva)
    if hermione.user:
        assert _invitations(galaxy, hermione, at) == (["gryffindor"] if why == "unknown training" else [])
    status = 404 if hermione.user else 403
    problem = galaxy.refused(status, lambda: _answer(galaxy, hermione, accept, at, identifier))
    assert status == 403 or str(problem).startswith("You have no invitation")


def test_an_invitation_that_has_expired_is_shown_to_nobody_and_deleted(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    harry = galaxy.user("harry")
    _update(galaxy, minerva, "hermione", "harry")
    _answer(galaxy, harry)
    last = REQUESTED + _DAYS - _MOMENT
    assert galaxy.perform(TrainingsService.show, minerva, "gryffindor", last).invited == ["hermione"]
    assert _invitations(galaxy, hermione, last) == ["gryffindor"]
    assert not galaxy[LifecycleTasks].run(last).invitations_expired
    assert galaxy.perform(TrainingsService.show, minerva, "gryffindor", REQUESTED + _DAYS).invited == []
    assert galaxy.perform(InvitationsService.of, minerva, "gryffindor", REQUESTED + _DAYS) == []
    assert galaxy[LifecycleTasks].run(REQUESTED + _DAYS, dry_run=True).invitations_expired == 1
    assert galaxy[LifecycleTasks].run(REQUESTED + _DAYS).invitations_expired == 1
    assert not galaxy[LifecycleTasks].run(REQUESTED + _DAYS)
    assert [row.typed for row in galaxy.query("SELECT typed FROM tiaas_training_invitation")] == ["harry"]


def test_somebody_can_be_invited_again_when_the_first_invitation_has_expired(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione")
    again = REQUESTED + _DAYS
    assert _update(galaxy, minerva, "hermione", at=again).invited == ["hermione"]
    assert _invitations(galaxy, hermione, again) == ["gryffindor"]


def test_who_is_invited_may_look_at_the_training(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione")
    training = galaxy.find("gryffindor")
    assert is_invited(hermione, training, _SOON)
    assert not is_invited(hermione, training, REQUESTED + _DAYS)
    assert not is_invited(ANONYMOUS, training, _SOON) and not is_invited(galaxy.user("draco"), training, _SOON)


@on_both_databases
def test_what_was_withdrawn_meanwhile_cannot_be_accepted(
    galaxy: InProcess, minerva: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever accepts has read the invitation before it was withdrawn in another process."""
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione")
    lock = TrainingManager.lock

    def late(manager: TrainingManager, training: Training) -> None:
        galaxy.session.rollback()
        with galaxy.host.model.engine.begin() as connection:
            connection.exec_driver_sql("UPDATE tiaas_training_invitation SET state = 'withdrawn'")
        lock(manager, training)

    galaxy.find("gryffindor").invitations  # noqa: B018
    monkeypatch.setattr(TrainingManager, "lock", late)
    with pytest.raises(Exception, match="You have no invitation"):
        _answer(galaxy, hermione)
    galaxy.session.rollback()
    assert _teachers(galaxy) == ["minerva"]


# Changing the list


def test_what_was_given_can_be_sent_back(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    view = _update(galaxy, minerva, "hermione@example.org", "Gilderoy")
    _answer(galaxy, hermione)
    view = galaxy.perform(TrainingsService.show, minerva, "gryffindor", _SOON)
    before = galaxy.dump()
    assert view.instructors and view.invited
    _update(galaxy, minerva, *view.instructors, *view.invited, at=_SOON)
    # Also what was typed at first, though it is an address.
    _update(galaxy, minerva, "Hermione@example.org", "gilderoy", at=_SOON)
    assert galaxy.dump() == before


def test_who_is_left_out_teaches_and_is_invited_no_longer(galaxy: InProcess, minerva: Actor) -> None:
    hermione, ron = galaxy.user("hermione"), galaxy.user("ron")
    _update(galaxy, minerva, "hermione", "ron")
    _answer(galaxy, hermione)
    view = _update(galaxy, minerva, at=_SOON)
    assert (view.instructors, view.invited) == ([view.requester_id], [])
    assert _invitations(galaxy, ron, _SOON) == []
    event = galaxy.perform(TrainingsService.history, minerva, "gryffindor")[-1]
    assert event.changes == {
        "instructors": [[galaxy.host.security.encode_id(hermione.user_id)], []],
        "invited": [["ron"], []],
    }
    assert _update(galaxy, minerva, "hermione", at=_SOON).invited == ["hermione"]


def test_an_instructor_who_was_there_before_there_were_invitations_stays(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione")
    _answer(galaxy, hermione)
    galaxy.session.execute(delete(TrainingInvitation))
    galaxy.session.commit()
    galaxy.session.expire_all()
    view = _update(galaxy, minerva, "hermione")
    assert len(view.instructors or []) == 2 and view.invited == []


# Mail


def _told(galaxy: InProcess) -> list[Optional[str]]:
    """Who gets a mail about an invitation."""
    rows = galaxy.query(
        "SELECT u.username FROM tiaas_delivery d JOIN tiaas_message m ON m.id = d.message_id"
        " LEFT JOIN galaxy_user u ON u.id = d.user_id"
        " WHERE m.event = 'invited' AND d.channel = 'mail' AND d.next_attempt_at IS NOT NULL ORDER BY d.id"
    )
    return [row.username for row in rows]


def test_each_person_is_told_once_and_nobody_else(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf=_MAIL)
    minerva = galaxy.user("minerva")
    galaxy.user("hermione")
    galaxy.request(by=minerva)
    _update(galaxy, minerva, "hermione", "hermione@example.org", "gilderoy", "gilderoy@example.org")
    assert _told(galaxy) == ["hermione"]
    for _ in range(3):
        _update(galaxy, minerva)
        _update(galaxy, minerva, "hermione")
    assert _told(galaxy) == ["hermione"]


def test_of_the_course_a_stranger_is_told_a_short_title_only(make_galaxy: MakeGalaxy) -> None:
    galaxy = make_galaxy(galaxy_conf=_MAIL)
    minerva = galaxy.user("minerva")
    galaxy.user("hermione")
    mark = "spam"
    fields: dict[str, Any] = {
        name: mark for name in ("description", "name", "gtn_links", "non_gtn_links", "other_requests")
    }
    galaxy.request(by=minerva, title="Charms " * 30 + mark, website=f"https://{mark}.example", **fields)
    _update(galaxy, minerva, "hermione")
    (message,) = galaxy.query("SELECT * FROM tiaas_message WHERE event = 'invited'")
    assert mark not in repr(message)
    assert "Charms Charms" in message.text and message.text.count("Charms") < 10


# How many


def _limited(make_galaxy: MakeGalaxy, limit: int = 3) -> tuple[InProcess, Actor]:
    galaxy = make_galaxy(invitations_per_hour=limit)
    minerva = galaxy.user("minerva")
    galaxy.request(by=minerva)
    return galaxy, minerva


@on_both_databases
@pytest.mark.parametrize("kind", ["%s", "known%s"])
def test_only_so_many_are_invited_by_one_person_in_an_hour(make_galaxy: MakeGalaxy, kind: str) -> None:
    galaxy, minerva = _limited(make_galaxy)
    for number in range(5):
        galaxy.user(f"known{number}")
    names = [kind % number for number in range(5)]
    _update(galaxy, minerva, *names[:2])
    later = REQUESTED + timedelta(minutes=40)
    problem = galaxy.refused(429, lambda: _update(galaxy, minerva, *names[:4], at=later))
    assert isinstance(problem, TooManyRequests)
    assert problem.retry_after == 20 * 60
    assert "3 people an hour, and 1 more at the moment" in str(problem)
    galaxy.refused(429, lambda: _create(galaxy, minerva, "hufflepuff", *names[2:4], at=later))
    assert galaxy.perform(TrainingsService.show, SERVER, "gryffindor", later).invited == names[:2]
    _update(galaxy, minerva, *names[:4], at=REQUESTED + timedelta(hours=1))


def test_what_is_withdrawn_declined_or_accepted_counts(make_galaxy: MakeGalaxy) -> None:
    galaxy, minerva = _limited(make_galaxy)
    _update(galaxy, minerva, "gilderoy")
    _update(galaxy, minerva)
    hermione, ron = galaxy.user("hermione"), galaxy.user("ron")
    _update(galaxy, minerva, "hermione", "ron")
    _answer(galaxy, hermione)
    _answer(galaxy, ron, accept=False)
    galaxy.refused(429, lambda: _update(galaxy, minerva, "hermione", "ron", "gilderoy"))
    _update(galaxy, minerva, "hermione")


def test_the_limit_is_each_persons_own_and_not_for_admins(make_galaxy: MakeGalaxy) -> None:
    galaxy, minerva = _limited(make_galaxy, 1)
    _update(galaxy, minerva, "one")
    _update(galaxy, galaxy.admin(), *"abc")
    severus = galaxy.user("severus")
    galaxy.request("slytherin", severus)
    _update(galaxy, severus, "two", identifier="slytherin")
    galaxy.refused(429, lambda: _create(galaxy, minerva, "hufflepuff", "three"))


def test_a_site_can_do_without_the_limit(make_galaxy: MakeGalaxy) -> None:
    galaxy, minerva = _limited(make_galaxy, 0)
    assert len(_update(galaxy, minerva, *(str(number) for number in range(50))).invited or []) == 50


def test_the_form_says_that_there_are_too_many() -> None:
    problem = TooManyRequests("Name fewer.", retry_after=60, field="instructors")
    assert forms.all_errors({}, [problem]) == {"instructors": "Name fewer."}
    assert forms.status_of({}, [problem]) == 429


# Forgetting


@on_both_databases
@pytest.mark.parametrize("who", ["the invited", "the inviter"])
def test_a_deleted_account_leaves_no_invitations(galaxy: InProcess, minerva: Actor, who: str) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "HERMIONE", "hermione@example.org", "gilderoy")
    _answer(galaxy, hermione, accept=False)
    gone = hermione if who == "the invited" else minerva
    assert gone.user_id
    galaxy.delete_account(gone)
    assert gone.user_id in set(galaxy.session.scalars(galaxy[RedactionService].people_to_forget()))
    galaxy[RedactionService].forget_user(gone.user_id, _SOON)
    galaxy.session.commit()
    rows = galaxy.query("SELECT typed, user_id, invited_by FROM tiaas_training_invitation")
    assert [row.typed for row in rows] == (["gilderoy"] if who == "the invited" else [])
    if who == "the invited":
        ours = repr({name: rows for name, rows in galaxy.dump().items() if name.startswith("tiaas_")})
        assert "hermione" not in ours.lower() and "gilderoy" in ours


def test_the_history_forgets_whom_an_invitation_named_that_is_gone(galaxy: InProcess, minerva: Actor) -> None:
    hermione = galaxy.user("hermione")
    _update(galaxy, minerva, "hermione", "gilderoy")
    galaxy.session.execute(delete(TrainingInvitation))
    galaxy.session.commit()
    galaxy.delete_account(hermione)
    assert hermione.user_id
    galaxy[RedactionService].forget_user(hermione.user_id, _SOON)
    galaxy.session.commit()
    changes = [event.changes for event in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")]
    assert {"invited": [[], ["[redacted]", "gilderoy"]]} in changes


def test_an_address_is_forgotten_in_invitations(galaxy: InProcess, minerva: Actor) -> None:
    _update(galaxy, minerva, "HG@elsewhere.example", "hg@elsewhere.example.org")
    galaxy[RedactionService].forget_address("hg@elsewhere.example", _SOON)
    galaxy.session.commit()
    assert galaxy.session.scalars(select(TrainingInvitation.typed)).all() == ["hg@elsewhere.example.org"]
    changes = [event.changes for event in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")]
    assert changes[1] == {"invited": [[], ["[redacted]", "hg@elsewhere.example.org"]]}
