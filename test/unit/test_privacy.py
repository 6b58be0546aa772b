"""Requests of people for their data: what is told, and what is removed."""

import json
import logging
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import (
    CliRunner,
    Result,
)
from galaxy_tiaas.classroom.schema import (
    Answer,
    HandChange,
    QuestionAsked,
)
from galaxy_tiaas.classroom.service import ClassroomService
from galaxy_tiaas.cli import main
from galaxy_tiaas.core.model import (
    Delivery,
    Message,
)
from galaxy_tiaas.lifecycle.redaction import user_columns
from galaxy_tiaas.privacy.service import PrivacyService
from galaxy_tiaas.trainings.schema import TrainingUpdate
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    REQUESTED,
    SERVER,
)
from sqlalchemy import select


@pytest.fixture(autouse=True)
def _log_as_before() -> Iterator[None]:
    """The command switches logging off for the rest of its process."""
    yield
    logging.disable(logging.NOTSET)


def _busy(galaxy: InProcess) -> None:
    """Hermione is named in each of our columns that names accounts, and beside others everywhere."""
    hermione, ron = galaxy.user("hermione"), galaxy.user("ron")
    galaxy.training("spew", hermione, name="Hermione Granger", email="HG@elsewhere.example", other_requests="Elves")
    galaxy.training("gryffindor", galaxy.user("minerva"), instructors=["hermione"])
    change = TrainingUpdate(attendance=99, instructors=["luna"])
    galaxy.perform(TrainingsService.update, hermione, "spew", change, REQUESTED)
    galaxy.request("hufflepuff", galaxy.user("pomona"), instructors=["Hermione@example.org"], accept=False)
    galaxy.join("gryffindor", hermione, ron)
    galaxy.perform(ClassroomService.ask, galaxy.user("minerva"), "gryffindor", QuestionAsked(text="Done?"), DURING)
    for member in (hermione, ron):
        galaxy.perform(ClassroomService.set_hand, member, "gryffindor", HandChange(raised=True), DURING)
        galaxy.perform(ClassroomService.answer, member, "gryffindor", Answer(done=True), DURING)
    training_id = galaxy.find("gryffindor").id
    message = Message(training_id=training_id, event="e", audience="a", subject="Starts", text="Soon", created=DURING)
    galaxy.session.add(message)
    galaxy.session.flush()
    for user in (hermione.user, ron.user):
        assert user
        galaxy.session.add(Delivery(message_id=message.id, channel="mail", user_id=user.id))
    galaxy.session.commit()


def _export(galaxy: InProcess, user: str = "hermione") -> dict[str, Any]:
    return galaxy[PrivacyService].export(SERVER, user, DURING)


@on_both_databases
@pytest.mark.parametrize("spelling", ["hermione", "Hermione@example.org", "encoded"])
def test_an_export_tells_everything_about_one_person(galaxy: InProcess, spelling: str) -> None:
    _busy(galaxy)
    encoded = galaxy.host.security.encode_id(galaxy.account("hermione").id)
    found = _export(galaxy, encoded if spelling == "encoded" else spelling)
    assert found["person"]["accounts"] == [
        {"id": encoded, "username": "hermione", "email": "hermione@example.org", "deleted": False}
    ]
    (asked,) = found["requested"]
    assert (asked["identifier"], asked["name"], asked["email"], asked["other_requests"], asked["requester_id"]) == (
        "spew",
        "Hermione Granger",
        "HG@elsewhere.example",
        "Elves",
        encoded,
    )
    assert found["taught"] == ["gryffindor"]
    assert [(row["identifier"], row["typed"], row["state"]) for row in found["invited"]] == [
        ("gryffindor", "hermione", "accepted"),
        ("hufflepuff", "Hermione@example.org", "open"),
    ]
    assert [(row["identifier"], row["typed"]) for row in found["inviting"]] == [("spew", "luna")]
    assert [(row["identifier"], row["create_time"]) for row in found["joined"]] == [
        ("gryffindor", "2026-11-17T12:00:00Z")
    ]
    (shown,) = found["shown_as"]
    assert shown["pseudonym"] and shown["hand_raised_at"] == "2026-11-17T12:00:00Z"
    assert [(row["text"], row["done"]) for row in found["answers"]] == [("Done?", True)]
    assert [row["changes"] for row in found["requested_changes"]] == [{"attendance": 99}]
    assert [(row["action"], row["own"], row["user_id"]) for row in found["history"]] == [
        ("requested", True, encoded),
        ("approved", False, None),
        ("invitation accepted", True, encoded),
        ("change requested", True, encoded),
        ("changed", True, encoded),
    ]
    assert [(row["identifier"], row["subject"]) for row in found["messages"]] == [("gryffindor", "Starts")]
    json.dumps(found)


def test_each_column_that_names_an_account_is_exported(galaxy: InProcess) -> None:
    """A new one has to be asked for, too."""
    _busy(galaxy)
    user_id = galaxy.account("hermione").id
    for column in user_columns():
        assert user_id in set(galaxy.session.scalars(select(column))), str(column)
    exported = {"requested", "taught", "shown_as", "answers", "requested_changes", "history", "messages"}
    exported |= {"invited", "inviting"}
    assert len(exported) == len(user_columns())
    assert all(_export(galaxy)[part] for part in exported)


def test_nothing_of_others_is_told(galaxy: InProcess) -> None:
    _busy(galaxy)
    text = json.dumps(_export(galaxy))
    for other in ("ron", "minerva", galaxy.host.security.encode_id(galaxy.account("ron").id)):
        # A heron is nobody's name.
        assert not re.search(rf"\b{other}\b", text)


def test_an_address_need_not_belong_to_an_account(galaxy: InProcess) -> None:
    _busy(galaxy)
    found = _export(galaxy, "hg@elsewhere.example")
    assert found["person"] == {"accounts": [], "addresses": ["hg@elsewhere.example"]}
    assert [asked["identifier"] for asked in found["requested"]] == ["spew"]
    assert found["named_in"] == ["spew"]
    assert found["joined"] == []


@pytest.mark.parametrize("who", ["anonymous", "herself"])
def test_only_admins_may_ask(galaxy: InProcess, who: str) -> None:
    _busy(galaxy)
    actor = ANONYMOUS if who == "anonymous" else galaxy.user("hermione")
    galaxy.refused(403, lambda: galaxy[PrivacyService].export(actor, "hermione", DURING))
    galaxy.refused(403, lambda: galaxy[PrivacyService].erase(actor, "hermione", DURING))


def test_an_address_within_a_longer_one_is_neither_found_nor_recorded(galaxy: InProcess) -> None:
    galaxy.training("one", description="Ask bill.ron@uni.org or ron@uni.org.")
    galaxy.training("two", description="Ask xron@uni.org.")
    erase = galaxy[PrivacyService].erase
    assert erase(SERVER, "ron@uni.org", DURING, dry_run=True).named == ("one",)
    assert erase(SERVER, "ron@uni.org", DURING).named == ("one",)
    assert galaxy.find("one").description == "Ask bill.ron@uni.org or [redacted]."
    one, two = (galaxy.perform(TrainingsService.history, SERVER, identifier) for identifier in ("one", "two"))
    assert one[-1].action == "person forgotten"
    assert "person forgotten" not in {event.action for event in two}


@pytest.mark.parametrize("text", ["@", "@uni.org", "ron@", "ron@uni"])
def test_a_part_of_an_address_is_nobody(galaxy: InProcess, text: str) -> None:
    galaxy.training(description="Ask ron@uni.org.")
    galaxy.refused(400, lambda: galaxy[PrivacyService].erase(SERVER, text, DURING))


def test_who_is_neither_an_account_nor_an_address_is_unknown(galaxy: InProcess) -> None:
    galaxy.refused(400, lambda: galaxy[PrivacyService].export(SERVER, "voldemort", DURING))
    galaxy.refused(400, lambda: galaxy[PrivacyService].erase(SERVER, "voldemort", DURING))


@on_both_databases
def test_an_erasure_leaves_nothing_of_one_and_everything_of_the_others(galaxy: InProcess) -> None:
    _busy(galaxy)
    user_id, others = galaxy.account("hermione").id, galaxy.account("ron").id
    would = galaxy[PrivacyService].erase(SERVER, "hermione", DURING, dry_run=True)
    assert galaxy[PrivacyService].erase(SERVER, "hermione", DURING) == would
    assert (would.requested, would.taught, would.joined) == (("spew",), ("gryffindor",), ("gryffindor",))
    assert (would.pseudonyms, would.answers, would.events, would.messages) == (1, 1, 5, 1)
    assert would.invitations == 3
    galaxy.session.remove()
    ours = {name: rows for name, rows in galaxy.dump().items() if name.startswith("tiaas_")}
    for trace in ("hermione", "Hermione", "HG@", "Elves", galaxy.host.security.encode_id(user_id)):
        assert trace not in repr(ours), trace
    for column in user_columns():
        assert user_id not in set(galaxy.session.scalars(select(column))), str(column)
    assert galaxy.members("training-gryffindor") == ["ron"]
    assert others in {row.user_id for row in galaxy.query("SELECT user_id FROM tiaas_delivery")}
    assert not galaxy.account("hermione").deleted
    assert not galaxy[PrivacyService].erase(SERVER, "hermione", DURING)
    told = galaxy.perform(TrainingsService.history, SERVER, "spew")[-1]
    assert (told.action, told.via, told.user_id) == ("person forgotten", "command", None)


def test_a_dry_run_removes_nothing(galaxy: InProcess) -> None:
    _busy(galaxy)
    before = galaxy.dump()
    assert galaxy[PrivacyService].erase(SERVER, "hermione", DURING, dry_run=True)
    galaxy.session.commit()
    assert galaxy.dump() == before


# The command


def _command(galaxy: InProcess, *arguments: str, typed: str = "") -> Result:
    result = CliRunner().invoke(main, ["-c", str(galaxy.galaxy_yml), *arguments], input=typed)
    galaxy.session.remove()
    return result


def test_the_command_writes_a_file(galaxy: InProcess, tmp_path: Path) -> None:
    _busy(galaxy)
    output = tmp_path / "hermione.json"
    result = _command(galaxy, "privacy", "export", "--user", "hermione", "--output", str(output))
    assert (result.exit_code, result.stdout) == (0, "")
    assert json.loads(output.read_text(encoding="utf-8"))["taught"] == ["gryffindor"]


def test_the_command_asks_before_it_erases(galaxy: InProcess) -> None:
    _busy(galaxy)
    before = galaxy.dump()
    for arguments, typed in ((["--dry-run"], ""), ([], "n\n"), ([], "")):
        result = _command(galaxy, "privacy", "erase", "--user", "hermione", *arguments, typed=typed)
        assert "asked for, or contact of: spew" in result.stdout
        assert result.exit_code == (0 if arguments else 1)
        assert galaxy.dump() == before
    assert "removed" in _command(galaxy, "privacy", "erase", "--user", "hermione", typed="y\n").stdout
    assert galaxy.find("spew").name == ""
    assert "nothing is held" in _command(galaxy, "privacy", "erase", "--user", "hermione", "--yes").stdout


def test_the_command_says_that_there_is_nobody(galaxy: InProcess) -> None:
    result = _command(galaxy, "privacy", "export", "--user", "voldemort")
    assert result.exit_code == 1
    assert "There is no Galaxy account called 'voldemort'" in result.stderr


def test_the_command_lists_what_happened(galaxy: InProcess) -> None:
    _busy(galaxy)
    everything = _command(galaxy, "trainings", "history").stdout
    assert "spew" in everything and "gryffindor" in everything
    one = _command(galaxy, "trainings", "history", "spew", "--user", "hermione").stdout
    assert "requested" in one and "gryffindor" not in one and "approved" not in one
    assert json.loads(_command(galaxy, "trainings", "history", "spew", "--json").stdout)[0]["identifier"] == "spew"
    assert _command(galaxy, "trainings", "history", "--csv").stdout.startswith("time,training,")
    assert "DATE" in _command(galaxy, "trainings", "history", "--help").stdout
    wrong = _command(galaxy, "trainings", "history", "--since", "yesterday")
    assert (wrong.exit_code, "since" in wrong.stderr) == (1, True)
