"""Hands, questions and answers: who may, when, and what the others see."""

from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

import pytest
from galaxy.model import (
    Group,
    UserGroupAssociation,
)
from galaxy_tiaas.classroom.schema import (
    Answer,
    ClassMembershipView,
    HandChange,
    QuestionAsked,
    QuestionView,
)
from galaxy_tiaas.classroom.service import ClassroomService
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.model import (
    TrainingAnswer,
    TrainingMember,
    TrainingQuestion,
    TrainingStep,
)
from galaxy_tiaas.dashboard.help_service import HelpService
from galaxy_tiaas.dashboard.schema import TrainingHelp
from galaxy_tiaas.lifecycle.redaction import RedactionService
from galaxy_tiaas.membership.service import MembershipsService
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DELETED,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)
from pydantic import ValidationError
from sqlalchemy import (
    func,
    select,
)

_MINUTE = timedelta(minutes=1)


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    """Who teaches sees usernames, so that these tests can tell people apart."""
    return make_galaxy(instructors_see_usernames=True)


def _class(galaxy: InProcess, *names: str) -> list[Actor]:
    galaxy.training()
    people = [galaxy.user(name) for name in names or ("harry", "ron", "hermione")]
    galaxy.join("gryffindor", *people)
    return people


def _place(galaxy: InProcess, actor: Actor, at: datetime = DURING) -> ClassMembershipView:
    return galaxy.perform(ClassroomService.show, actor, "gryffindor", at)


def _raise(galaxy: InProcess, actor: Actor, at: datetime = DURING, *, up: bool = True) -> ClassMembershipView:
    return galaxy.perform(ClassroomService.set_hand, actor, "gryffindor", HandChange(raised=up), at)


def _answer(
    galaxy: InProcess, actor: Actor, done: bool, at: datetime = DURING, question: Optional[str] = None
) -> ClassMembershipView:
    return galaxy.perform(ClassroomService.answer, actor, "gryffindor", Answer(done=done, question=question), at)


def _ask(
    galaxy: InProcess, actor: Actor = SERVER, text: str = "", position: Optional[int] = None, at: datetime = DURING
) -> QuestionView:
    return galaxy.perform(ClassroomService.ask, actor, "gryffindor", QuestionAsked(text=text, position=position), at)


def _help(galaxy: InProcess, actor: Actor = SERVER, at: datetime = DURING) -> TrainingHelp:
    return galaxy.perform(HelpService.help, actor, "gryffindor", 3, at).value


def _raised(galaxy: InProcess, at: datetime = DURING) -> list[Optional[str]]:
    """Who is seen with a raised hand by an instructor who sees usernames."""
    return [person.username for person in _help(galaxy, at=at).hands.people]


# Hands


@on_both_databases
def test_a_raised_hand_is_seen_at_once_and_the_longest_raised_first(galaxy: InProcess) -> None:
    harry, ron, hermione = _class(galaxy)
    assert _help(galaxy).hands.total == 0
    assert _raise(galaxy, ron, DURING).hand_raised_at == DURING
    _raise(galaxy, harry, DURING + _MINUTE)
    hands = _help(galaxy).hands
    assert [(person.username, person.raised_at) for person in hands.people] == [
        ("ron", DURING),
        ("harry", DURING + _MINUTE),
    ]
    assert hands.total == 2
    assert hands.people[0].pseudonym == _place(galaxy, ron).pseudonym
    assert _place(galaxy, hermione).hand_raised_at is None


@on_both_databases
def test_a_hand_that_is_up_stays_up_since_when_it_was(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    _raise(galaxy, harry)
    assert _raise(galaxy, harry, DURING + _MINUTE).hand_raised_at == DURING
    assert _raise(galaxy, harry, up=False).hand_raised_at is None
    before = galaxy.dump()
    assert _raise(galaxy, harry, up=False).hand_raised_at is None
    assert galaxy.dump() == before


def test_who_is_not_in_the_class_has_no_hand_and_looking_joins_nobody(galaxy: InProcess) -> None:
    _class(galaxy)
    _ask(galaxy)
    draco = galaxy.user("draco")
    before = galaxy.dump()
    view = _place(galaxy, draco)
    assert (view.member, view.hand_raised_at, view.question) == (False, None, None)
    assert galaxy.dump() == before
    galaxy.refused(403, lambda: _raise(galaxy, draco))
    galaxy.refused(403, lambda: _answer(galaxy, draco, True))


@pytest.mark.parametrize("actor", [ANONYMOUS, DELETED, SERVER], ids=["anonymous", "deleted account", "server"])
def test_who_has_no_account_has_no_place(galaxy: InProcess, actor: Actor) -> None:
    _class(galaxy)
    galaxy.refused(403, lambda: _place(galaxy, actor))
    galaxy.refused(403, lambda: _raise(galaxy, actor))
    galaxy.refused(403, lambda: _answer(galaxy, actor, True))


def test_an_unknown_training_has_no_hands(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    for action in (
        lambda: _place(galaxy, harry),
        lambda: _raise(galaxy, harry),
        lambda: _answer(galaxy, harry, True),
        lambda: _ask(galaxy),
        lambda: _help(galaxy),
    ):
        galaxy.refused(404, action)


def test_after_the_end_hands_are_down_and_nothing_is_asked(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    _raise(galaxy, harry)
    _ask(galaxy)
    view = _place(galaxy, harry, AFTER)
    assert (view.member, view.active, view.hand_raised_at, view.question) == (True, False, None, None)
    after = _help(galaxy, at=AFTER)
    assert (after.live, after.hands.total, after.question) == (False, 0, None)
    galaxy.refused(410, lambda: _raise(galaxy, harry, AFTER))
    galaxy.refused(410, lambda: _answer(galaxy, harry, True, AFTER))
    galaxy.refused(410, lambda: _ask(galaxy, at=AFTER))


def test_a_hand_can_be_raised_before_the_training_begins(galaxy: InProcess) -> None:
    """The instructor who rehearses sees how it works."""
    galaxy.training()
    minerva = galaxy.user("minerva")
    galaxy.join("gryffindor", minerva, at=BEFORE)
    _raise(galaxy, minerva, BEFORE)
    assert _raised(galaxy, at=BEFORE) == ["minerva"]


def test_who_leaves_takes_the_hand_down(galaxy: InProcess) -> None:
    harry, *_ = _class(galaxy)
    _raise(galaxy, harry)
    galaxy.perform(MembershipsService.leave, harry, "gryffindor", DURING)
    assert _raised(galaxy) == []
    galaxy.join("gryffindor", harry)
    assert _place(galaxy, harry).hand_raised_at is None


def test_the_hands_of_people_who_are_gone_are_not_seen(galaxy: InProcess) -> None:
    """Neither that of a deleted account nor that of somebody whom an admin took out of the group."""
    harry, ron, hermione = _class(galaxy)
    for person in (harry, ron, hermione):
        _raise(galaxy, person)
    galaxy.delete_account(ron)
    assert _raised(galaxy) == ["harry", "hermione"]


def test_a_member_who_was_put_into_the_group_by_an_admin_has_a_hand_too(galaxy: InProcess) -> None:
    _class(galaxy)
    luna = galaxy.user("luna")
    group = galaxy.session.scalars(select(Group).where(Group.name == "training-gryffindor")).one()
    galaxy.session.add(UserGroupAssociation(luna.user, group))
    galaxy.session.commit()
    assert _raise(galaxy, luna).hand_raised_at == DURING
    assert _raised(galaxy) == ["luna"]


@on_both_databases
def test_an_instructor_lowers_a_hand(galaxy: InProcess) -> None:
    harry, ron, _ = _class(galaxy)
    name = _raise(galaxy, harry).pseudonym
    _raise(galaxy, ron)
    assert name
    minerva = galaxy.user("minerva")
    assert galaxy.perform(ClassroomService.lower_hand, minerva, "gryffindor", name.upper()).changed
    assert _raised(galaxy) == ["ron"]
    before = galaxy.dump()
    assert not galaxy.perform(ClassroomService.lower_hand, minerva, "gryffindor", name).changed
    assert galaxy.dump() == before
    for nobody in ("nobody-newt", "nobody\0newt"):
        galaxy.refused(404, lambda: galaxy.perform(ClassroomService.lower_hand, minerva, "gryffindor", nobody))  # noqa: B023


def test_nobody_lowers_the_hand_of_somebody_in_another_training(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    name = _raise(galaxy, harry).pseudonym
    assert name
    galaxy.training("slytherin", galaxy.user("severus"))
    severus = galaxy.user("severus")
    galaxy.refused(404, lambda: galaxy.perform(ClassroomService.lower_hand, severus, "slytherin", name))
    galaxy.refused(403, lambda: galaxy.perform(ClassroomService.lower_hand, severus, "gryffindor", name))


@pytest.mark.parametrize("who", ["anonymous", "stranger", "member"])
def test_only_who_teaches_asks_lowers_closes_and_sees_who_needs_help(galaxy: InProcess, who: str) -> None:
    (harry,) = _class(galaxy, "harry")
    actor = {"anonymous": ANONYMOUS, "stranger": galaxy.user("draco"), "member": harry}[who]
    name = _raise(galaxy, harry).pseudonym
    assert name
    for action in (
        lambda: _help(galaxy, actor),
        lambda: _ask(galaxy, actor),
        lambda: galaxy.perform(ClassroomService.close_question, actor, "gryffindor", DURING),
        lambda: galaxy.perform(ClassroomService.lower_hand, actor, "gryffindor", name),
    ):
        galaxy.refused(403, action)


# Questions


@on_both_databases
def test_answers_are_counted_and_named(galaxy: InProcess) -> None:
    harry, ron, hermione = _class(galaxy)
    asked = _ask(galaxy, galaxy.user("minerva"), text="Have you all seen the report?")
    assert _place(galaxy, harry).question is not None
    _answer(galaxy, hermione, True)
    answered = _answer(galaxy, ron, False).question
    assert answered
    assert (answered.text, answered.done, answered.id) == ("Have you all seen the report?", False, asked.id)
    question = _help(galaxy).question
    assert question
    found = {
        name: (group.total, [person.username for person in group.people])
        for name, group in (("done", question.done), ("working", question.working), ("none", question.none))
    }
    assert found == {"done": (1, ["hermione"]), "working": (1, ["ron"]), "none": (1, ["harry"])}


@on_both_databases
def test_the_last_answer_counts_and_the_same_again_changes_nothing(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    _ask(galaxy)
    _answer(galaxy, harry, False)
    view = _answer(galaxy, harry, True, DURING + _MINUTE).question
    assert view and view.done
    before = galaxy.dump()
    _answer(galaxy, harry, True, DURING + 2 * _MINUTE)
    assert galaxy.dump() == before
    assert galaxy.session.scalar(select(func.count()).select_from(TrainingAnswer)) == 1


def test_counts_of_answers_are_exact_where_lists_are_cut(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("galaxy_tiaas.dashboard.help_service.LONGEST_LIST", 2)
    people = _class(galaxy, *(f"student{number}" for number in range(9)))
    _ask(galaxy)
    for number, person in enumerate(people[:7]):
        _answer(galaxy, person, number < 4)
        _raise(galaxy, person)
    view = _help(galaxy)
    assert view.question
    groups = (view.question.done, view.question.working, view.question.none)
    assert [(group.total, len(group.people)) for group in groups] == [(4, 2), (3, 2), (2, 2)]
    names = [person.pseudonym for person in view.question.done.people]
    assert names == sorted(str(_place(galaxy, person).pseudonym) for person in people[:4])[:2]
    assert (view.hands.total, len(view.hands.people)) == (7, 2)


def test_another_question_closes_the_one_before_and_begins_without_answers(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    first = _ask(galaxy, text="One?")
    _answer(galaxy, harry, True)
    second = _ask(galaxy, text="Two?", at=DURING + _MINUTE)
    assert first.id != second.id
    view = _place(galaxy, harry).question
    assert view and (view.text, view.done) == ("Two?", None)
    open_questions = select(TrainingQuestion).where(TrainingQuestion.closed_at.is_(None))
    assert [question.text for question in galaxy.session.scalars(open_questions)] == ["Two?"]


def test_an_answer_to_a_question_that_was_replaced_meanwhile_is_not_taken_for_the_new_one(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    first = _ask(galaxy, text="One?")
    second = _ask(galaxy, text="Two?")
    galaxy.refused(409, lambda: _answer(galaxy, harry, True, question=first.id))
    galaxy.refused(409, lambda: _answer(galaxy, harry, True, question="no such thing"))
    answered = _answer(galaxy, harry, True, question=second.id).question
    assert answered and answered.done


def test_a_double_click_asks_once_and_asking_again_later_asks_anew(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    first = _ask(galaxy)
    _answer(galaxy, harry, True)
    assert _ask(galaxy, at=DURING + timedelta(seconds=2)) == first
    again = _ask(galaxy, at=DURING + _MINUTE)
    assert again.id != first.id
    view = _place(galaxy, harry).question
    assert view and view.done is None


def test_nothing_can_be_answered_where_nothing_is_asked(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    galaxy.refused(409, lambda: _answer(galaxy, harry, True))
    asked = _ask(galaxy)
    assert galaxy.perform(ClassroomService.close_question, galaxy.user("minerva"), "gryffindor", DURING) == asked
    assert galaxy.perform(ClassroomService.close_question, galaxy.user("minerva"), "gryffindor", DURING) is None
    galaxy.refused(409, lambda: _answer(galaxy, harry, True))
    assert _help(galaxy).question is None


def test_the_usual_question_names_the_step(galaxy: InProcess) -> None:
    training = galaxy.training()
    labels = {1: "FastQC", 2: "Map with BWA-MEM", 3: "x" * 255}
    galaxy.session.add_all(
        TrainingStep(training_id=training.id, position=position, label=label, tool_id="cat1")
        for position, label in labels.items()
    )
    galaxy.session.commit()
    assert _ask(galaxy).text == "Are you done?"
    assert _ask(galaxy, position=2).text == "Are you done with step 2: Map with BWA-MEM?"
    assert _ask(galaxy, position=2, text="Has it begun?").text == "Has it begun?"
    assert len(_ask(galaxy, position=3).text) == 255
    assert {step.position: step.label for step in _help(galaxy).steps} == labels
    galaxy.refused(400, lambda: _ask(galaxy, position=4))


@pytest.mark.parametrize("text", ["x" * 256, "two\nlines", "bell\x07"])
def test_a_question_is_one_line_that_fits(text: str) -> None:
    with pytest.raises(ValidationError):
        QuestionAsked(text=text)


def test_who_teaches_is_not_expected_to_answer_but_may(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    minerva = galaxy.user("minerva")
    galaxy.join("gryffindor", minerva)
    _ask(galaxy)
    question = _help(galaxy).question
    assert question and [person.username for person in question.none.people] == ["harry"]
    _answer(galaxy, minerva, True)
    question = _help(galaxy).question
    assert question and [person.username for person in question.done.people] == ["minerva"]


def test_answers_of_those_who_left_do_not_count_until_they_are_back(galaxy: InProcess) -> None:
    harry, *_ = _class(galaxy)
    _ask(galaxy)
    _answer(galaxy, harry, True)
    galaxy.perform(MembershipsService.leave, harry, "gryffindor", DURING)
    question = _help(galaxy).question
    assert question and (question.done.total, question.none.total) == (0, 2)
    galaxy.join("gryffindor", harry)
    question = _help(galaxy).question
    assert question and question.done.total == 1


@pytest.mark.parametrize("named", [True, False])
def test_instructors_see_usernames_only_where_the_settings_say_so(
    make_galaxy: Callable[..., InProcess], named: bool
) -> None:
    galaxy = make_galaxy(instructors_see_usernames=named)
    (harry,) = _class(galaxy, "harry")
    _raise(galaxy, harry)
    _ask(galaxy)
    document = galaxy.perform(HelpService.help, galaxy.user("minerva"), "gryffindor", 3, DURING).json
    assert (b'"username":"harry"' in document) == named
    assert (b"harry" in document) == named


def test_redaction_leaves_no_hand_no_question_and_no_answer(galaxy: InProcess) -> None:
    (harry,) = _class(galaxy, "harry")
    _raise(galaxy, harry)
    _ask(galaxy, text="Harry, are you done?")
    _answer(galaxy, harry, True)
    training = galaxy.find("gryffindor")
    galaxy[RedactionService].redact(training, AFTER)
    galaxy.session.commit()
    for table in (TrainingMember, TrainingQuestion, TrainingAnswer):
        assert galaxy.session.scalar(select(func.count()).select_from(table)) == 0
