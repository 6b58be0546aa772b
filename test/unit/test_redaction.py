"""Forgetting people: trainings as a whole, deleted accounts, addresses without an account."""

import json
from collections.abc import (
    Iterable,
    Iterator,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.classroom.schema import (
    Answer,
    HandChange,
    QuestionAsked,
)
from galaxy_tiaas.classroom.service import ClassroomService
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.model import (
    Delivery,
    Message,
    Training,
    TrainingMember,
)
from galaxy_tiaas.dashboard.schema import (
    DashboardUpdate,
    StepPayload,
)
from galaxy_tiaas.dashboard.step_service import DashboardsService
from galaxy_tiaas.history.schema import HistoryFilter
from galaxy_tiaas.history.service import HistoryService
from galaxy_tiaas.lifecycle.redaction import (
    RedactionService,
    user_columns,
)
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.privacy.service import PrivacyService
from galaxy_tiaas.reporting.service import StatisticsService
from galaxy_tiaas.trainings.contact_manager import ContactManager
from galaxy_tiaas.trainings.schema import (
    Note,
    StateChange,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.web.permissions import may_manage
from in_process import (
    account_of,
    AFTER,
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    REQUESTED,
    SERVER,
)
from personal_columns import (
    CONTACT,
    DELETED,
    NEVER_PERSONAL,
    SCRUBBED,
    text_columns,
)
from sqlalchemy import (
    select,
    Text,
)

_MINUTE = timedelta(minutes=1)
#: In everything that anybody types. The instructor's name and address are made of it, her public name is it.
_MARK = "zaphod"
_NAME, _EMAIL = "Zaphod Beeblebrox", "zaphod@example.org"
_TEXT = f"Ask {_NAME} or {_EMAIL}, that is zaphod"


def _text_columns() -> Iterator[tuple[str, str]]:
    for name in (*CONTACT, *SCRUBBED, *DELETED):
        table, _, column = name.partition(".")
        yield table, column


def _full_of(galaxy: InProcess) -> tuple[Actor, Actor, Actor]:
    """A training in which the mark is wherever somebody can type: requester, co-instructor and member."""
    zaphod, trillian, arthur = galaxy.user(_MARK), galaxy.user("trillian"), galaxy.user("arthur")
    galaxy.training(
        "gryffindor",
        zaphod,
        instructors=["trillian"],
        name=_NAME,
        email=_EMAIL,
        location=["GB"],
        title=_TEXT,
        description=_TEXT,
        website=f"https://example.org/~{_MARK}",
        use_gtn=True,
        gtn_links=_TEXT,
        non_gtn_links=_TEXT,
        other_requests=_TEXT,
    )
    change = TrainingUpdate(title=f"{_TEXT}!", other_requests=f"{_TEXT}!", name="Z. B.", attendance=500)
    galaxy.perform(TrainingsService.update, zaphod, "gryffindor", change, REQUESTED)
    galaxy.perform(TrainingsService.update, galaxy.admin(), "gryffindor", TrainingUpdate(name=_NAME), REQUESTED)
    galaxy.perform(
        TrainingsService.update,
        zaphod,
        "gryffindor",
        TrainingUpdate(instructors=["trillian", _EMAIL.upper(), "ford"]),
        REQUESTED,
    )
    galaxy.perform(
        TrainingsService.update, trillian, "gryffindor", TrainingUpdate(instructors=["trillian", _MARK, _EMAIL]), DURING
    )
    galaxy.join("gryffindor", trillian, arthur)
    steps = [StepPayload(tool_id="cat1", label=_TEXT, section=_TEXT)]
    galaxy.perform(DashboardsService.update, zaphod, "gryffindor", DashboardUpdate(steps=steps), DURING)
    galaxy.perform(ClassroomService.set_hand, arthur, "gryffindor", HandChange(raised=True), DURING)
    galaxy.perform(ClassroomService.ask, zaphod, "gryffindor", QuestionAsked(text=_TEXT), DURING)
    place = galaxy.perform(ClassroomService.show, arthur, "gryffindor", DURING)
    assert place.question
    galaxy.perform(ClassroomService.answer, arthur, "gryffindor", Answer(question=place.question.id, done=True), DURING)
    galaxy.perform(TrainingsService.end, zaphod, "gryffindor", Note(note=_TEXT), DURING)
    galaxy.perform(TrainingsService.resume, galaxy.admin(), "gryffindor", Note(note=_TEXT), DURING)
    _tell(galaxy, zaphod, address=_EMAIL)
    galaxy[ContactManager].ask(galaxy.find("gryffindor"), _EMAIL, "token", DURING)
    training = galaxy.find("gryffindor")
    assert training.requested_change
    training.requested_change.changes = {**training.requested_change.changes, "title": _TEXT}
    galaxy.session.commit()
    return zaphod, trillian, arthur


def _tell(galaxy: InProcess, to: Actor, address: str = "") -> None:
    message = Message(
        training_id=galaxy.find("gryffindor").id,
        event="approved",
        audience="instructor",
        created=DURING,
        changes={"title": [_TEXT, _TEXT]},
        **{column.name: _TEXT for column in Message.__table__.columns if isinstance(column.type, Text)},
    )
    galaxy.session.add(message)
    galaxy.session.flush()
    values = {"message_id": message.id, "channel": "mail", "problem": _TEXT}
    galaxy.session.add(Delivery(**values, user_id=to.user_id))
    galaxy.session.add(Delivery(**values, address=address))
    galaxy.session.commit()


def _ours(galaxy: InProcess) -> dict[str, Any]:
    return {name: rows for name, rows in galaxy.dump().items() if name.startswith("tiaas_") and "alembic" not in name}


def _views(galaxy: InProcess) -> str:
    """What everybody is shown of the training, by all services that show something of it."""
    now = AFTER + timedelta(days=100)
    readers = (SERVER, ANONYMOUS, galaxy.user("trillian"))
    shown: list[Any] = [
        galaxy.perform(TrainingsService.show, reader, "gryffindor", now).model_dump_json() for reader in readers
    ]
    shown += [event.model_dump_json() for event in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")]
    shown += list(galaxy[HistoryService].csv(SERVER, HistoryFilter()))
    shown += list(galaxy[HistoryService].json(SERVER, HistoryFilter()))
    shown += [galaxy.perform(MembershipsService.members, SERVER, "gryffindor")]
    shown += [galaxy[DashboardsService].show(galaxy.found(may_manage, SERVER, "gryffindor")).model_dump_json()]
    statistics = galaxy[StatisticsService]
    shown += [statistics.numbers_csv(), statistics.icalendar(SERVER, AFTER), statistics.calendar(SERVER)]
    shown += [galaxy.perform(TrainingsService.people, SERVER, "gryffindor")]
    return repr(shown).lower()


def _user_ids_in_our_tables(galaxy: InProcess) -> set[int]:
    return {user_id for column in user_columns() for user_id in galaxy.session.scalars(select(column)) if user_id}


def _redact(galaxy: InProcess, now: datetime = AFTER) -> None:
    galaxy[RedactionService].redact(galaxy.find("gryffindor"), now)
    galaxy.session.commit()
    galaxy.session.remove()


# Trainings


def test_each_text_column_is_listed_with_what_becomes_of_it() -> None:
    """A new one is scrubbed, deleted or never personal: put it into the list, and see to it that it is true."""
    listed = [*CONTACT, *SCRUBBED, *DELETED, *NEVER_PERSONAL]
    assert sorted(listed) == sorted(text_columns())


def test_the_mark_is_in_every_column_in_which_people_type(galaxy: InProcess) -> None:
    """Else the next test would prove nothing. A new text column has to be filled here, unless it is never personal."""
    _full_of(galaxy)
    for table, column in _text_columns():
        values = galaxy.query(f"SELECT {column} FROM {table}")
        assert _MARK in repr(values).lower(), f"{table}.{column}"


@on_both_databases
def test_nothing_that_names_somebody_is_left_anywhere(galaxy: InProcess) -> None:
    people = _full_of(galaxy)
    ids = {person.user_id for person in people}
    encoded = {galaxy.host.security.encode_id(user_id) for user_id in ids}
    assert _MARK in _views(galaxy)
    _redact(galaxy)
    rows = repr(_ours(galaxy)).lower()
    for trace in (_MARK, "beeblebrox", "z. b.", "trillian", "arthur", "@example.org", *encoded):
        assert trace not in rows, trace
        assert trace not in _views(galaxy), trace
    assert _user_ids_in_our_tables(galaxy) == set()
    for table in ("training_member", "training_question", "training_answer", "training_change", "message", "delivery"):
        assert galaxy.query(f"SELECT * FROM tiaas_{table}") == []


def test_numbers_and_the_course_stay(galaxy: InProcess) -> None:
    _full_of(galaxy)
    before = galaxy.perform(TrainingsService.show, SERVER, "gryffindor", AFTER)
    statistics = galaxy[StatisticsService].show(AFTER)
    _redact(galaxy)
    after = galaxy.perform(TrainingsService.show, SERVER, "gryffindor", AFTER)
    assert after.title == "Ask [redacted] or [redacted], that is [redacted]!"
    assert after.website == ""
    for field in ("identifier", "start", "end", "attendance", "location", "state", "members", "use_gtn"):
        assert getattr(after, field) == getattr(before, field), field
    assert galaxy[StatisticsService].show(AFTER) == statistics


@on_both_databases
def test_what_people_write_after_a_redaction_is_redacted_in_its_turn(galaxy: InProcess) -> None:
    _full_of(galaxy)
    due = select(Training).where(galaxy[RedactionService].due((AFTER + timedelta(days=100)).date()))
    later = AFTER + timedelta(days=99)
    _redact(galaxy, later)
    assert galaxy.session.scalars(due).all() == []
    change = StateChange(state="rejected", note=_TEXT)
    galaxy.perform(TrainingsService.set_state, galaxy.admin(), "gryffindor", change, later)
    assert galaxy.session.scalars(due).one().identifier == "gryffindor"
    _redact(galaxy, later)
    assert _MARK not in repr(_ours(galaxy)).lower()
    assert galaxy.session.scalars(due).all() == []


def test_other_trainings_are_left_alone(galaxy: InProcess) -> None:
    _full_of(galaxy)
    galaxy.training("slytherin", galaxy.user("severus"), name="Severus Snape", other_requests="Quiet")
    galaxy.join("slytherin", galaxy.user("draco"))

    def of_slytherin() -> list[Any]:
        training = galaxy.find("slytherin")
        return [
            (training.name, training.other_requests, training.requester_id),
            galaxy.query(f"SELECT user_id, note FROM tiaas_training_event WHERE training_id = {training.id}"),
            galaxy.query(f"SELECT user_id FROM tiaas_training_member WHERE training_id = {training.id}"),
        ]

    before = of_slytherin()
    _redact(galaxy)
    assert of_slytherin() == before


# Accounts that were deleted


def _to_forget(galaxy: InProcess) -> list[int]:
    return sorted(galaxy.session.scalars(galaxy[RedactionService].people_to_forget()))


@on_both_databases
@pytest.mark.parametrize("who", ["requester", "instructor", "member", "admin"])
def test_a_deleted_account_is_forgotten_wherever_we_name_it(galaxy: InProcess, who: str) -> None:
    requester, instructor, member = _full_of(galaxy)
    admin = galaxy.admin()
    gone = {"requester": requester, "instructor": instructor, "member": member, "admin": admin}[who]
    user_id = gone.user_id
    assert user_id and _to_forget(galaxy) == []
    galaxy.delete_account(gone)
    assert _to_forget(galaxy) == [user_id]
    for _ in range(2):
        galaxy[RedactionService].forget_user(user_id, DURING)
        galaxy.session.commit()
    assert _to_forget(galaxy) == []
    assert user_id not in _user_ids_in_our_tables(galaxy)
    assert galaxy.host.security.encode_id(user_id) not in repr(_ours(galaxy))
    others = {person.user_id for person in (requester, instructor, member, admin)} - {user_id}
    assert others <= _user_ids_in_our_tables(galaxy)
    assert gone.user and (gone.user.username or "") not in galaxy.members("training-gryffindor")


@on_both_databases
def test_of_a_deleted_requester_nothing_is_left_and_the_training_goes_on(galaxy: InProcess) -> None:
    zaphod, trillian, arthur = _full_of(galaxy)
    assert zaphod.user_id
    galaxy.delete_account(zaphod)
    galaxy[RedactionService].forget_user(zaphod.user_id, DURING)
    galaxy.session.commit()
    galaxy.session.remove()
    rows = repr(_ours(galaxy)).lower()
    for trace in (_MARK, "beeblebrox", "z. b."):
        assert trace not in rows
    view = galaxy.perform(TrainingsService.show, galaxy.user("trillian"), "gryffindor", DURING)
    assert (view.name, view.email, view.requester_id, view.state.value) == ("", "", None, "approved")
    assert galaxy.is_on("training-gryffindor")
    assert galaxy.perform(MembershipsService.show, galaxy.user("arthur"), "gryffindor", DURING).active
    assert [event.action for event in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")][
        -1
    ] == "person forgotten"


def test_a_purged_account_is_forgotten_too(galaxy: InProcess) -> None:
    """Galaxy has put hashes in place of its name and address by then; what the training was told of it goes."""
    zaphod, *_ = _full_of(galaxy)
    account = account_of(zaphod)
    account.deleted = account.purged = True
    account.email = account.username = "0123456789abcdef"
    galaxy.session.commit()
    assert zaphod.user_id and _to_forget(galaxy) == [zaphod.user_id]
    galaxy[RedactionService].forget_user(zaphod.user_id, DURING)
    galaxy.session.commit()
    rows = repr(_ours(galaxy)).lower()
    assert "beeblebrox" not in rows and _EMAIL not in rows


def test_who_is_to_be_forgotten_is_asked_in_one_statement_that_starts_from_our_tables(galaxy: InProcess) -> None:
    _full_of(galaxy)
    galaxy.user("ford", deleted=True)
    with galaxy.statements() as sent:
        assert _to_forget(galaxy) == []
    assert len(sent) == 1
    plan = galaxy.query(f"EXPLAIN QUERY PLAN {galaxy[RedactionService].people_to_forget()}")
    users = [row.detail for row in plan if "galaxy_user" in row.detail]
    assert users and all("USING INTEGER PRIMARY KEY" in detail for detail in users)


# Addresses


@on_both_databases
def test_an_address_without_an_account_is_forgotten_with_the_name_beside_it(galaxy: InProcess) -> None:
    galaxy.training(
        "gryffindor", galaxy.admin(), name="Zoë O'Neill", email="Zoe@Elsewhere.example", other_requests="For Zoë"
    )
    update = TrainingUpdate(
        description="Zoë O'Neill (zoe@elsewhere.example) teaches", name="Z", email="zoe@elsewhere.example"
    )
    galaxy.perform(TrainingsService.update, galaxy.admin(), "gryffindor", update, REQUESTED)
    galaxy.training("slytherin", galaxy.admin(), title="Like zoe@elsewhere.example's course")
    galaxy[RedactionService].forget_address("ZOE@elsewhere.example", DURING)
    galaxy.session.commit()
    galaxy.session.remove()
    rows = json.dumps(_ours(galaxy), default=str, ensure_ascii=False).lower()
    assert "elsewhere" not in rows and "o'neill" not in rows and "zoë" not in rows and "zo\\u00eb" not in rows
    assert galaxy.find("gryffindor").requester_id == galaxy.admin().user_id
    assert galaxy.find("slytherin").title == "Like [redacted]'s course"


# Spellings


def _elsewhere(galaxy: InProcess, *texts: str, members: Iterable[Actor] = ()) -> None:
    """Somebody else's training whose texts, steps, question and history hold these texts."""
    minerva, text = galaxy.user("minerva"), ", ".join(texts)
    galaxy.training("slytherin", minerva, description=text, other_requests=text, name="Minerva")
    steps = [StepPayload(tool_id="cat1", label=text[:255], section=text[:255])]
    galaxy.perform(DashboardsService.update, minerva, "slytherin", DashboardUpdate(steps=steps), DURING)
    steps = [StepPayload(tool_id="cat1", label="Anything")]
    galaxy.perform(DashboardsService.update, minerva, "slytherin", DashboardUpdate(steps=steps), DURING)
    steps = [StepPayload(tool_id="cat1", label=text[:255], section=text[:255])]
    galaxy.perform(DashboardsService.update, minerva, "slytherin", DashboardUpdate(steps=steps), DURING)
    galaxy.join("slytherin", galaxy.user("ron"), *members)
    galaxy.perform(ClassroomService.ask, minerva, "slytherin", QuestionAsked(text=text[:255]), DURING)
    galaxy.perform(TrainingsService.end, minerva, "slytherin", Note(note=text), DURING)
    galaxy.session.commit()


_SPELLINGS = ["ZEBQUUX22f48", "mailto-zebquux22f48x", "@zebquux22f48's", "zebquux22f48%40example.org", "Zébquux22f48"]


@on_both_databases
@pytest.mark.parametrize("who", ["requester", "member", "stranger"])
def test_an_erasure_finds_every_spelling_in_texts_steps_questions_and_histories(galaxy: InProcess, who: str) -> None:
    """Also where the person is not one of those of the training, for their name is nobody else's."""
    zaphod = galaxy.user("zebquux22f48")
    _elsewhere(galaxy, *_SPELLINGS, members=[zaphod] if who == "member" else [])
    if who == "requester":
        galaxy.find("slytherin").requester_id = zaphod.user_id
        galaxy.session.commit()
    would = galaxy[PrivacyService].erase(SERVER, "zebquux22f48", DURING, dry_run=True)
    assert "slytherin" in (*would.named, *would.requested)
    galaxy[PrivacyService].erase(SERVER, "zebquux22f48", DURING)
    galaxy.session.remove()
    rows = json.dumps(_ours(galaxy), default=str, ensure_ascii=False).lower()
    assert "bquux22f48" not in rows
    assert galaxy.perform(TrainingsService.history, SERVER, "slytherin")[-1].action == "person forgotten"
    assert not galaxy[PrivacyService].erase(SERVER, "zebquux22f48", DURING)


@on_both_databases
def test_a_redaction_finds_every_spelling(galaxy: InProcess) -> None:
    _elsewhere(galaxy, *_SPELLINGS)
    galaxy.find("slytherin").requester_id = galaxy.account("zebquux22f48").id
    galaxy.session.commit()
    galaxy[RedactionService].redact(galaxy.find("slytherin"), AFTER)
    galaxy.session.remove()
    assert "bquux22f48" not in json.dumps(_ours(galaxy), default=str, ensure_ascii=False).lower()


@pytest.mark.parametrize("username", ["an", "data"])
def test_a_user_called_as_a_word_does_not_spoil_the_texts(galaxy: InProcess, username: str) -> None:
    by = galaxy.user(username)
    galaxy.training("slytherin", by, description="Data: an introduction to data", name="Nobody Else")
    galaxy.training("spew", description="More data for an elf")
    galaxy[PrivacyService].erase(SERVER, f"{username}@example.org", DURING)
    assert galaxy.find("slytherin").description == "Data: an introduction to data"
    assert galaxy.find("spew").description == "More data for an elf"
    assert galaxy.find("slytherin").requester_id is None


@on_both_databases
def test_texts_that_become_longer_fit_into_their_columns(galaxy: InProcess) -> None:
    _elsewhere(galaxy, "ab12c " * 60)
    galaxy.find("slytherin").requester_id = galaxy.account("ab12c").id
    galaxy.session.commit()
    assert galaxy[RedactionService].forget_user(galaxy.account("ab12c").id, DURING)
    assert galaxy.query("SELECT label FROM tiaas_training_step")[0].label.startswith("[redacted] [redacted]")


def test_a_requested_value_with_a_hole_is_no_request(galaxy: InProcess) -> None:
    galaxy.user("zebquux22f48")
    galaxy.training("slytherin", galaxy.user("minerva"))
    change = TrainingUpdate(identifier="zebquux22f48-course", attendance=99)
    galaxy.perform(TrainingsService.update, galaxy.user("minerva"), "slytherin", change, REQUESTED)
    galaxy[PrivacyService].erase(SERVER, "zebquux22f48", DURING)
    requested = galaxy.find("slytherin").requested_change
    assert requested and requested.changes == {"attendance": 99}


def test_messages_to_others_are_sent_without_the_person(galaxy: InProcess) -> None:
    galaxy.training(by=galaxy.user("minerva"))
    _tell(galaxy, galaxy.user("minerva"))
    galaxy.session.query(Message).update({"text": "Zebquux22f48 helps"})
    galaxy.session.commit()
    galaxy.session.remove()
    galaxy[RedactionService].forget_user(galaxy.account("zebquux22f48").id, DURING)
    assert galaxy.query("SELECT text FROM tiaas_message")[0].text == "[redacted] helps"


# Those who leave


@pytest.mark.parametrize("now, rows", [(DURING, 1), (AFTER, 0)])
def test_who_leaves_after_the_end_leaves_no_name(galaxy: InProcess, now: datetime, rows: int) -> None:
    """Before the end it is kept, so that nobody else gets it."""
    galaxy.training()
    arthur = galaxy.user("arthur")
    galaxy.join("gryffindor", arthur)
    galaxy.perform(MembershipsService.leave, arthur, "gryffindor", now)
    assert len(galaxy.session.scalars(select(TrainingMember)).all()) == rows
    assert galaxy.members("training-gryffindor") == []
