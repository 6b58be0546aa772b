"""Who may know of a training, and which of its fields they get."""

import csv
import io
from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from galaxy_tiaas.classroom.schema import (
    Answer,
    HandChange,
    QuestionAsked,
)
from galaxy_tiaas.classroom.service import ClassroomService
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import TrainingNotFound
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.schema import DashboardUpdate
from galaxy_tiaas.dashboard.service import (
    ChartsService,
    StatusService,
)
from galaxy_tiaas.dashboard.step_service import (
    DashboardsService,
    ProgressService,
)
from galaxy_tiaas.invitations.service import InvitationsService
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.reporting.service import StatisticsService
from galaxy_tiaas.trainings.contact_service import ContactsService
from galaxy_tiaas.trainings.manager import (
    SORT_COLUMNS,
    TrainingQuery,
)
from galaxy_tiaas.trainings.schema import (
    Note,
    StateChange,
    TrainingUpdate,
    TrainingView,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.trainings.states import (
    TrainingPhase,
    TrainingState,
)
from galaxy_tiaas.trainings.views import (
    PUBLIC_FIELDS,
    VisibleTrainings,
)
from galaxy_tiaas.web.permissions import (
    may_join,
    may_manage,
)
from in_process import (
    ANONYMOUS,
    BEFORE,
    DELETED,
    DURING,
    InProcess,
)

_CANCEL = StateChange(state=TrainingState.CANCELLED)
#: Everything that can be asked or done by somebody who has the identifier of a training.
_OPERATIONS: dict[str, Callable[[InProcess, Actor, str], object]] = {
    "show": lambda galaxy, actor, name: galaxy.perform(TrainingsService.show, actor, name, DURING),
    "manage": lambda galaxy, actor, name: galaxy.perform(TrainingsService.show, actor, name, DURING),
    "update": lambda galaxy, actor, name: galaxy.perform(
        TrainingsService.update, actor, name, TrainingUpdate(title="x"), DURING
    ),
    "problems of a change": lambda galaxy, actor, name: galaxy.perform(
        TrainingsService.problems_of_change, actor, name, TrainingUpdate(title="x"), frozenset(), DURING
    ),
    "extend": lambda galaxy, actor, name: galaxy.perform(
        TrainingsService.extend, actor, name, date(2027, 1, 1), DURING
    ),
    "take back": lambda galaxy, actor, name: galaxy.perform(TrainingsService.take_back, actor, name, DURING),
    "state": lambda galaxy, actor, name: galaxy.perform(TrainingsService.set_state, actor, name, _CANCEL, DURING),
    "end": lambda galaxy, actor, name: galaxy.perform(TrainingsService.end, actor, name, Note(), DURING),
    "history": lambda galaxy, actor, name: galaxy.perform(TrainingsService.history, actor, name),
    "people": lambda galaxy, actor, name: galaxy.perform(TrainingsService.people, actor, name),
    "members": lambda galaxy, actor, name: galaxy.perform(MembershipsService.members, actor, name),
    "look before joining": lambda galaxy, actor, name: galaxy.found(may_join, actor, name),
    "join": lambda galaxy, actor, name: galaxy.perform(MembershipsService.join, actor, name, DURING),
    "leave": lambda galaxy, actor, name: galaxy.perform(MembershipsService.leave, actor, name, DURING),
    "membership": lambda galaxy, actor, name: galaxy.perform(MembershipsService.show, actor, name, DURING),
    "status": lambda galaxy, actor, name: galaxy.perform(StatusService.status, actor, name, 3, DURING),
    "progress": lambda galaxy, actor, name: galaxy.perform(ProgressService.progress, actor, name, DURING),
    "activity": lambda galaxy, actor, name: galaxy.perform(ChartsService.show, actor, name, 3, DURING),
    "help": lambda galaxy, actor, name: galaxy.perform(HelpService.help, actor, name, 3, DURING),
    "dashboard": lambda galaxy, actor, name: galaxy[DashboardsService].show(galaxy.found(may_manage, actor, name)),
    "set up dashboard": lambda galaxy, actor, name: galaxy.perform(
        DashboardsService.update, actor, name, DashboardUpdate(course_only=True), DURING
    ),
    "place": lambda galaxy, actor, name: galaxy.perform(ClassroomService.show, actor, name, DURING),
    "hand": lambda galaxy, actor, name: galaxy.perform(
        ClassroomService.set_hand, actor, name, HandChange(raised=True), DURING
    ),
    "answer": lambda galaxy, actor, name: galaxy.perform(
        ClassroomService.answer, actor, name, Answer(done=True), DURING
    ),
    "lower hand": lambda galaxy, actor, name: galaxy.perform(ClassroomService.lower_hand, actor, name, "brave-otter"),
    "ask": lambda galaxy, actor, name: galaxy.perform(ClassroomService.ask, actor, name, QuestionAsked(), DURING),
    "invitations": lambda galaxy, actor, name: galaxy.perform(InvitationsService.of, actor, name, DURING),
    "contact": lambda galaxy, actor, name: galaxy.perform(ContactsService.status, actor, name, DURING),
    "ask the contact": lambda galaxy, actor, name: galaxy.perform(ContactsService.ask, actor, name, DURING),
    "close question": lambda galaxy, actor, name: galaxy.perform(ClassroomService.close_question, actor, name, DURING),
}
#: These ask for a login before they look.
_LOGIN_FIRST = {"join", "leave", "membership", "place", "hand", "answer"}


def _strangers(galaxy: InProcess) -> dict[str, Actor]:
    return {"anonymous": ANONYMOUS, "deleted": DELETED, "stranger": galaxy.user("draco")}


# Who


@pytest.mark.parametrize("state", ["new", "rejected", "cancelled"])
def test_strangers_cannot_tell_a_training_that_is_not_approved_from_none(galaxy: InProcess, state: str) -> None:
    galaxy.training(state=state, title="A secret", advertise=True)
    strangers, before = _strangers(galaxy), galaxy.dump()
    for who, actor in strangers.items():
        for operation, run in _OPERATIONS.items():
            answers = []
            for name in ("gryffindor", "slytherin"):
                with pytest.raises(Exception) as problem:
                    run(galaxy, actor, name)
                galaxy.session.rollback()
                fields = {key: str(value).replace(name, "…") for key, value in vars(problem.value).items()}
                answers.append((problem.type, str(problem.value).replace(name, "…"), fields))
            assert answers[0] == answers[1], (who, operation)
            assert (answers[0][0] is TrainingNotFound) == (who == "stranger" or operation not in _LOGIN_FIRST), (
                operation
            )
    assert galaxy.dump() == before


@pytest.mark.parametrize("state", ["new", "rejected", "cancelled"])
def test_those_whose_training_it_is_know_of_it_in_every_state(galaxy: InProcess, state: str) -> None:
    galaxy.user("albus")
    galaxy.training(state=state, instructors=["albus"])
    for actor in (galaxy.user("minerva"), galaxy.user("albus"), galaxy.admin()):
        assert galaxy.perform(TrainingsService.show, actor, "gryffindor", DURING).state == state


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_those_who_joined_know_what_became_of_it(galaxy: InProcess, state: str) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry, at=BEFORE)
    galaxy.decide("gryffindor", state, note="The room is closed", at=BEFORE)
    assert galaxy.perform(TrainingsService.show, harry, "gryffindor", DURING).state == state
    with pytest.raises(TrainingNotFound):
        galaxy.perform(TrainingsService.show, galaxy.user("draco"), "gryffindor", DURING)
    galaxy.perform(MembershipsService.leave, harry, "gryffindor", DURING)
    with pytest.raises(TrainingNotFound):
        galaxy.perform(TrainingsService.show, harry, "gryffindor", DURING)


def test_nobody_asks_who_has_joined_a_training_that_never_had_a_group(galaxy: InProcess) -> None:
    galaxy.training(state="rejected")
    with galaxy.statements() as sent, pytest.raises(TrainingNotFound):
        galaxy[VisibleTrainings].get(galaxy.user("draco"), "gryffindor")
    assert not [statement for statement in sent if "user_group_association" in statement]


def test_nobody_asks_who_has_joined_an_approved_training(galaxy: InProcess) -> None:
    galaxy.training()
    actors = [ANONYMOUS, galaxy.user("draco")]
    galaxy.session.commit()
    for actor in actors:
        galaxy.session.expunge_all()
        with galaxy.statements() as known:
            galaxy.find("gryffindor")
        galaxy.session.expunge_all()
        with galaxy.statements() as sent:
            galaxy[VisibleTrainings].get(actor, "gryffindor")
        assert sent == known


# Lists


def test_nothing_in_a_list_depends_on_what_its_reader_may_not_know(galaxy: InProcess) -> None:
    galaxy.training("open", advertise=True, title="Charms", description="for everybody")
    strangers = _strangers(galaxy)
    queries = [
        TrainingQuery(search=word, states=states, phase=phase, sort_by=column, limit=1, offset=offset)
        for word in ("", "charms", "secret", "minerva", "everybody")
        for states in ([], *([state] for state in TrainingState))
        for phase in (None, *TrainingPhase)
        for column in (sorted(SORT_COLUMNS) if word == "" and not states else ["start"])
        for offset in (0, 1)
    ]

    def listed(actor: Actor) -> list[Any]:
        found = [galaxy[TrainingsService].index(actor, query, DURING) for query in queries]
        return [([view.identifier for view in page], page.total) for page in found]

    before = {who: listed(actor) for who, actor in strangers.items()}
    assert all(answers[0] == (["open"], 1) for answers in before.values())
    galaxy.training("hidden", advertise=False, title="Secret charms", description="not for everybody")
    for state in ("new", "rejected", "cancelled"):
        galaxy.training(f"secret-{state}", state=state, advertise=True, title="Secret charms")
    assert {who: listed(actor) for who, actor in strangers.items()} == before


# Fields


def test_what_everybody_gets_is_there() -> None:
    assert PUBLIC_FIELDS < TrainingView.model_fields.keys()


def test_what_not_everybody_gets_is_optional_in_the_schema() -> None:
    for name, field in TrainingView.model_fields.items():
        assert field.is_required() == (name in PUBLIC_FIELDS), name


@pytest.mark.parametrize(
    "name",
    ["name", "email", "other_requests", "requester_id", "instructors", "destination", "retain_contact", "blogpost"],
)
def test_people_and_consents_are_not_for_everybody(name: str) -> None:
    assert name not in PUBLIC_FIELDS


def test_each_actor_gets_the_fields_of_the_table_and_no_others(galaxy: InProcess) -> None:
    galaxy.user("albus")
    galaxy.training(instructors=["albus"], destination="training-big", advertise=True, retain_contact=True)
    member = galaxy.user("harry")
    galaxy.join("gryffindor", member, at=BEFORE)
    entitled = [galaxy.user("minerva"), galaxy.user("albus"), galaxy.admin()]
    for actors, fields in (
        ([*_strangers(galaxy).values(), member], PUBLIC_FIELDS),
        (entitled, TrainingView.model_fields.keys()),
    ):
        for actor in actors:
            views = galaxy[TrainingsService].index(actor, TrainingQuery(), DURING)
            for view in (*views, galaxy.perform(TrainingsService.show, actor, "gryffindor", DURING)):
                assert view.model_dump(exclude_unset=True).keys() == fields
            assert len(views) == 1


def test_files_and_calendars_for_everybody_hold_what_everybody_gets(galaxy: InProcess) -> None:
    galaxy.training(advertise=True, destination="training-big")
    service = galaxy[StatisticsService]
    (columns,) = list(csv.reader(io.StringIO(service.numbers_csv())))[:1]
    assert set(columns) - {"id"} <= PUBLIC_FIELDS
    (event,) = service.calendar(galaxy.user("draco"))
    assert event.model_dump(exclude_unset=True).keys() <= PUBLIC_FIELDS
