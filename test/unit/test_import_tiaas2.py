"""A site moves in: trainings, groups and roles of a tiaas2 become ours, and nothing is lost in silence."""

import itertools
from collections.abc import (
    Callable,
    Iterator,
)
from datetime import (
    date,
    datetime,
    timedelta,
)
from pathlib import Path
from typing import (
    Any,
    Optional,
)

import pytest
from click.testing import (
    CliRunner,
    Result,
)
from fixtures import (
    PostgresServer,
    wait_until,
)
from galaxy.model import (
    Group,
    GroupRoleAssociation,
    Role,
)
from galaxy_tiaas.cli.import_tiaas2 import import_tiaas2 as command
from galaxy_tiaas.core.exceptions import SourceUnreadable
from galaxy_tiaas.core.model import Training
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.tiaas2.reader import read
from galaxy_tiaas.tiaas2.service import (
    ImportReport,
    ImportService,
)
from galaxy_tiaas.trainings.manager import TrainingManager
from galaxy_tiaas.trainings.schema import TrainingUpdate
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    AFTER,
    ANONYMOUS,
    BEFORE,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)
from old_service import OldService
from sqlalchemy import (
    create_engine,
    delete,
    NullPool,
    text,
    update,
)

_names = (f"tiaas{number}" for number in itertools.count(1))


@pytest.fixture
def make_old(database_url: str, tmp_path: Path, request: pytest.FixtureRequest) -> Callable[..., OldService]:
    """Makes a tiaas2 on the same kind of database as Galaxy's."""

    def make(**options: Any) -> OldService:
        if database_url.startswith("sqlite"):
            return OldService(f"sqlite:///{tmp_path / next(_names)}.sqlite3", **options)
        postgres: PostgresServer = request.getfixturevalue("postgres")
        return OldService(postgres.create_database(next(_names)), **options)

    return make


@pytest.fixture
def old(make_old: Callable[..., OldService]) -> OldService:
    return make_old()


def _import(galaxy: InProcess, old: OldService, now: datetime = DURING, **options: bool) -> ImportReport:
    galaxy.session.rollback()
    return galaxy[ImportService].import_tiaas2(SERVER, old.url, now, **options)


def _refused(report: ImportReport) -> dict[int, str]:
    return {remark.row_id: remark.text for remark in report.refused}


def _remarks(report: ImportReport) -> list[tuple[int, str]]:
    return [(remark.row_id, remark.text) for remark in report.remarks]


def _broken(report: ImportReport) -> dict[str, tuple[str, str]]:
    return {cohort.identifier: (cohort.trouble, cohort.outcome) for cohort in report.broken}


def _old_cohort(
    galaxy: InProcess,
    name: str,
    *people: str,
    linked: bool = True,
    role_type: str = "system",
    role: Optional[str] = None,
) -> None:
    """A group and a role as another service made them."""
    group = galaxy.foreign_group(name, *map(galaxy.user, people))
    made = Role(name, type=role_type)
    galaxy.session.add(made)
    galaxy.session.flush()
    if linked:
        galaxy.session.add(GroupRoleAssociation(group, made))
    galaxy.session.commit()


def _unlink(galaxy: InProcess) -> None:
    galaxy.session.execute(delete(GroupRoleAssociation))
    galaxy.session.commit()
    galaxy.session.remove()


# What becomes of a row


@on_both_databases
def test_everything_that_a_row_says_is_taken(galaxy: InProcess, old: OldService) -> None:
    minerva = galaxy.user("minerva")
    old.row(7)
    report = _import(galaxy, old)
    assert (report.rows, sum(report.taken.values()), report.refused, report.remarks) == (1, 1, [], [])
    view = galaxy.perform(TrainingsService.show, SERVER, "gryffindor", DURING)
    expected = {
        "title": "Transfiguration",
        "description": "Turn teapots into tortoises.",
        "name": "Minerva McGonagall",
        "email": "minerva@example.org",
        "start": date(2026, 11, 16),
        "end": date(2026, 11, 18),
        "timezone": "UTC",
        "website": "https://example.org/course",
        "location": ["GB", "FR"],
        "use_gtn": True,
        "gtn_links": "https://training.example.org/teapots",
        "non_gtn_links": "slides",
        "attendance": 25,
        "advertise": True,
        "retain_contact": False,
        "blogpost": False,
        "other_requests": "A quiet room",
        "created": datetime(2026, 10, 1),
        "destination": None,
    }
    assert {name: getattr(view, name) for name in expected} == expected
    assert view.state.value == "approved"
    assert galaxy.find("gryffindor").requester_id == minerva.user_id


@on_both_databases
def test_the_history_says_where_it_came_from(galaxy: InProcess, old: OldService) -> None:
    old.row(7, "Gryffindor")
    _import(galaxy, old)
    [(event, who)] = galaxy[TrainingManager].history(galaxy.find("gryffindor"))
    assert (event.action, event.via, event.to_state, event.time, who) == (
        "imported",
        "import",
        "approved",
        DURING,
        None,
    )
    assert event.changes == {"identifier": [None, "gryffindor"], "tiaas2_id": [None, 7]}


@on_both_databases
def test_redacted_rows_are_redacted_trainings(galaxy: InProcess, old: OldService) -> None:
    galaxy.account("redacted")
    old.row(1, name="redacted", email="redacted@example.org")
    assert _import(galaxy, old).redacted == 1
    training = galaxy.find("gryffindor")
    assert (training.name, training.email, training.other_requests, training.requester_id) == ("", "", "", None)
    assert training.redacted_at == DURING
    assert training.attendance == 25


def test_the_address_of_a_live_account_in_any_case_finds_who_asked(galaxy: InProcess, old: OldService) -> None:
    minerva = galaxy.user("minerva")
    galaxy.account("gone", deleted=True)
    old.row(1, "one", email="Minerva@Example.ORG")
    old.row(2, "two", email="gone@example.org")
    old.row(3, "three", email="nobody@example.org")
    _import(galaxy, old)
    found = [galaxy.find(name).requester_id for name in ("one", "two", "three")]
    assert found == [minerva.user_id, None, None]


def test_days_are_days_in_the_time_zone_of_the_settings(make_galaxy: Callable[..., InProcess], old: OldService) -> None:
    galaxy = make_galaxy(timezone="Pacific/Auckland")
    old.row(1)
    _import(galaxy, old)
    training = galaxy.find("gryffindor")
    assert (training.start, training.timezone) == (date(2026, 11, 16), "Pacific/Auckland")
    assert training.starts_at == datetime(2026, 11, 15, 11)


@on_both_databases
def test_an_old_tiaas2_without_some_columns_will_do(galaxy: InProcess, make_old: Callable[..., OldService]) -> None:
    absent = ("received", "website", "use_gtn", "retain_contact", "blogpost", "other_requests", "location")
    old = make_old(without=absent)
    old.row(1)
    report = _import(galaxy, old)
    assert set(report.absent_columns) == set(absent)
    training = galaxy.find("gryffindor")
    assert (training.website, training.use_gtn, training.location) == ("", False, [])
    assert training.created == datetime(2026, 11, 16)


def test_all_missing_columns_are_named_at_once(galaxy: InProcess, make_old: Callable[..., OldService]) -> None:
    old = make_old(without=("start", "processed"))
    with pytest.raises(SourceUnreadable, match="lacks the columns start, processed"):
        _import(galaxy, old)


@on_both_databases
def test_what_cannot_be_a_training_is_reported_and_the_rest_is_taken(galaxy: InProcess, old: OldService) -> None:
    old.row(1, "no good")
    old.row(2, "slytherin", processed="UN", location="XX")
    old.row(3, "ravenclaw", processed="RE")
    report = _import(galaxy, old)
    assert list(_refused(report)) == [1]
    assert _remarks(report) == [(2, "no country is called 'XX': left out")]
    assert {state.value: count for state, count in report.taken.items()} == {"new": 1, "rejected": 1}


def test_a_row_that_cannot_be_written_leaves_the_others_alone(
    galaxy: InProcess, old: OldService, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = TrainingManager.record

    def fail(self: TrainingManager, training: Training, *arguments: Any, **keywords: Any) -> None:
        if training.identifier == "slytherin":
            raise RuntimeError("minerva@example.org")
        record(self, training, *arguments, **keywords)

    monkeypatch.setattr(TrainingManager, "record", fail)
    for row_id, identifier in enumerate(("gryffindor", "slytherin", "ravenclaw")):
        old.row(row_id, identifier)
    assert _refused(_import(galaxy, old)) == {1: "it could not be written (RuntimeError)"}
    assert galaxy[TrainingManager].taken(["gryffindor", "slytherin", "ravenclaw"]) == {"gryffindor", "ravenclaw"}


@on_both_databases
def test_of_rows_that_differ_in_case_the_approved_one_is_taken(galaxy: InProcess, old: OldService) -> None:
    old.row(1, "Gryffindor", processed="RE", title="rejected")
    old.row(2, "gryffindor", title="approved")
    old.row(3, "GRYFFINDOR", title="approved too")
    report = _import(galaxy, old)
    assert galaxy.find("gryffindor").title == "approved"
    assert _refused(report) == dict.fromkeys((1, 3), "row 2 has the same identifier and was taken")
    again = _import(galaxy, old)
    assert (again.already_here, set(_refused(again))) == (1, {1, 3})


@on_both_databases
def test_a_training_of_that_name_which_is_not_from_there_is_left_alone(galaxy: InProcess, old: OldService) -> None:
    galaxy.training(title="Ours")
    old.row(1)
    before = galaxy.dump()
    assert _refused(_import(galaxy, old)) == {1: "there is a training 'gryffindor' here that was not imported"}
    assert galaxy.dump() == before


def test_an_identifier_that_leads_to_a_training_here_is_left_alone(galaxy: InProcess, old: OldService) -> None:
    galaxy.training("gryffindor")
    galaxy.perform(TrainingsService.update, SERVER, "gryffindor", TrainingUpdate(identifier="godric"), BEFORE)
    old.row(1)
    before = galaxy.dump()
    assert _refused(_import(galaxy, old)) == {1: "the training 'godric' here had this identifier before"}
    assert galaxy.dump() == before


def test_what_was_long_over_causes_neither_reminders_nor_thanks(galaxy: InProcess, old: OldService) -> None:
    old.row(1, "past", start="2026-01-01", end="2026-01-02")
    old.row(2, "now")
    old.row(3, "next", start="2026-12-01", end="2026-12-02")
    _import(galaxy, old)
    found = [(t.reminded_at, t.thanked_at) for t in map(galaxy.find, ("past", "now", "next"))]
    assert found == [(DURING, DURING), (DURING, None), (None, None)]


def test_only_admins_import(galaxy: InProcess, old: OldService) -> None:
    for actor in (ANONYMOUS, galaxy.user("minerva")):
        galaxy.refused(403, lambda actor=actor: galaxy[ImportService].import_tiaas2(actor, old.url, DURING))  # type: ignore[misc]


# Doing it twice, and trying it


@on_both_databases
def test_a_dry_run_says_the_same_and_changes_nothing(galaxy: InProcess, old: OldService) -> None:
    _old_cohort(galaxy, "training-Gryffindor", "harry", "ron", linked=False)
    old.row(1, "Gryffindor")
    old.row(2, "slytherin", start="2026-12-01", end="2026-12-02")
    old.row(3, "no good")
    before, before_there = galaxy.dump(), old.dump()
    tried = _import(galaxy, old, dry_run=True, repair=True)
    assert galaxy.dump() == before
    assert (tried.adopted, tried.made, tried.members, len(tried.refused)) == (1, 1, 2, 1)
    assert _import(galaxy, old, repair=True) == tried
    assert galaxy.dump() != before
    assert old.dump() == before_there


@on_both_databases
def test_a_second_run_takes_what_is_new_and_overwrites_nothing(galaxy: InProcess, old: OldService) -> None:
    old.row(1)
    old.row(2, "slytherin", processed="UN")
    _import(galaxy, old)
    galaxy.perform(TrainingsService.update, SERVER, "gryffindor", TrainingUpdate(title="Changed here"), DURING)
    galaxy.decide("slytherin", "rejected")
    old.row(3, "ravenclaw")
    old.set(2, processed="AP")
    report = _import(galaxy, old)
    assert (report.already_here, sum(report.taken.values()), report.refused) == (2, 1, [])
    assert _remarks(report) == [(2, "state is approved there and rejected here: left as it is here")]
    assert galaxy.find("gryffindor").title == "Changed here"
    assert galaxy.find("slytherin").state == "rejected"
    before = galaxy.dump()
    assert _import(galaxy, old).already_here == 3
    assert galaxy.dump() == before


def test_a_training_that_was_renamed_here_is_recognised(galaxy: InProcess, old: OldService) -> None:
    old.row(1)
    _import(galaxy, old)
    galaxy.perform(TrainingsService.update, SERVER, "gryffindor", TrainingUpdate(identifier="lions"), DURING)
    report = _import(galaxy, old)
    assert (report.already_here, sum(report.taken.values())) == (1, 0)


def test_two_old_services_can_move_into_one_galaxy(galaxy: InProcess, make_old: Callable[..., OldService]) -> None:
    one, two = make_old(), make_old()
    one.row(1)
    two.row(1, "slytherin")
    two.row(2)
    _import(galaxy, one)
    report = _import(galaxy, two)
    assert (sum(report.taken.values()), report.already_here) == (1, 0)
    assert _refused(report) == {2: "there is a training 'gryffindor' here that was imported from another row"}


@on_both_databases
def test_a_row_costs_a_few_statements_however_many_there_are(galaxy: InProcess, old: OldService) -> None:
    old.many(300)
    with galaxy.statements() as sent:
        report = _import(galaxy, old)
    assert sum(report.taken.values()) == 300
    assert len(sent) < 300 * 8
    with galaxy.statements() as sent:
        assert _import(galaxy, old).already_here == 300
    assert len(sent) < 12


# Groups and roles


@on_both_databases
def test_the_cohort_of_a_running_training_is_adopted_with_its_members(galaxy: InProcess, old: OldService) -> None:
    _old_cohort(galaxy, "training-gryffindor", "harry", "ron")
    old.row(1, "Gryffindor")
    report = _import(galaxy, old)
    assert (report.adopted, report.made, report.members, report.broken) == (1, 0, 2, [])
    assert galaxy.members("training-gryffindor") == ["harry", "ron"]
    assert galaxy.is_on("training-gryffindor")
    assert galaxy.query("SELECT count(*) AS n FROM galaxy_group")[0].n == 1
    galaxy.join("gryffindor", galaxy.user("hermione"))
    roster = galaxy[MembershipsService].read_roster(galaxy.find("gryffindor"))
    assert [member.username for member in roster.members] == ["harry", "ron", "hermione"]
    assert len({member.pseudonym.name for member in roster.members}) == 3


@on_both_databases
def test_a_cohort_whose_name_has_capitals_is_adopted_and_gets_our_name(galaxy: InProcess, old: OldService) -> None:
    _old_cohort(galaxy, "training-Gryffindor", "harry")
    old.row(1, "Gryffindor")
    assert _import(galaxy, old).adopted == 1
    assert galaxy.members("training-gryffindor") == ["harry"]
    assert galaxy.is_on("training-gryffindor")


def test_a_training_to_come_gets_the_cohort_that_it_lacks_and_a_past_one_does_not(
    galaxy: InProcess, old: OldService
) -> None:
    old.row(1, "past", start="2026-01-01", end="2026-01-02")
    old.row(2, "next", start="2026-12-01", end="2026-12-02")
    old.row(3, "asked", processed="UN", start="2026-12-01", end="2026-12-02")
    report = _import(galaxy, old)
    assert (report.adopted, report.made) == (0, 1)
    names = galaxy.query("SELECT name FROM galaxy_group UNION ALL SELECT name FROM role")
    assert [row.name for row in names] == ["training-next"] * 2
    assert not galaxy.is_on("training-next")
    assert galaxy.perform(MembershipsService.join, galaxy.user("harry"), "next", DURING).member


def test_of_several_roles_of_one_name_the_one_linked_to_the_group_is_meant(galaxy: InProcess, old: OldService) -> None:
    galaxy.foreign_role("training-gryffindor")
    _old_cohort(galaxy, "training-gryffindor", "harry", role_type="admin")
    galaxy.foreign_role("training-gryffindor")
    old.row(1)
    assert _import(galaxy, old).remarks == []
    training = galaxy.find("gryffindor")
    [link] = galaxy.query("SELECT group_id, role_id FROM group_role_association")
    assert (training.group_id, training.role_id) == (link.group_id, link.role_id)


@pytest.mark.parametrize(
    ("kinds", "remark"),
    [
        (
            ("admin",),
            "the role 'training-gryffindor' was made by hand and is not linked to the group: it was left alone",
        ),
        (("system", "system"), "none of 2 roles called 'training-gryffindor' is linked to the group: none was adopted"),
    ],
)
def test_a_role_that_only_looks_alike_is_left_alone(
    galaxy: InProcess, old: OldService, kinds: list[str], remark: str
) -> None:
    galaxy.foreign_group("training-gryffindor", galaxy.user("harry"))
    galaxy.session.add_all([Role("training-gryffindor", type=kind) for kind in kinds])
    galaxy.session.commit()
    old.row(1)
    report = _import(galaxy, old, repair=True)
    training = galaxy.find("gryffindor")
    assert (training.group_id is not None, training.role_id) == (True, None)
    texts = [text for _, text in _remarks(report)]
    assert texts[0] == remark
    assert "A Galaxy role called 'training-gryffindor' exists already" in texts[1]
    trouble, outcome = _broken(report)["gryffindor"]
    assert trouble == "it is running without a role"
    assert "exists already" in outcome
    assert not galaxy.query("SELECT id FROM group_role_association")


def test_a_group_of_another_training_is_left_to_it(galaxy: InProcess, old: OldService) -> None:
    galaxy.training("lions")
    galaxy.session.execute(update(Group).values(name="training-gryffindor"))
    galaxy.session.commit()
    old.row(1)
    report = _import(galaxy, old)
    assert _remarks(report)[0] == (1, "the group 'training-gryffindor' belongs to the training 'lions'")
    assert galaxy.find("gryffindor").group_id is None
    assert galaxy.find("lions").group_id is not None


@pytest.mark.parametrize(("linked", "kind", "adopted"), [(True, "system", 1), (True, "admin", 0), (False, "system", 0)])
def test_a_group_is_no_cohort_of_an_undecided_request_unless_its_role_says_so(
    galaxy: InProcess, old: OldService, linked: bool, kind: str, adopted: int
) -> None:
    """Else anybody could ask for the name of a group of somebody's and have it approved."""
    _old_cohort(galaxy, "training-staff", "argus", linked=linked, role_type=kind)
    old.row(1, "staff", processed="UN")
    report = _import(galaxy, old)
    assert report.adopted == adopted
    left = "the training is not approved: its group and role 'training-staff' was left alone"
    assert _remarks(report) == ([] if adopted else [(1, left)])


def test_foo_has_nothing_to_do_with_barfoo(galaxy: InProcess, old: OldService) -> None:
    _old_cohort(galaxy, "training-barfoo", "harry")
    _old_cohort(galaxy, "training-foo-bar", "ron")
    old.row(1, "foo")
    assert _import(galaxy, old, repair=True).adopted == 0
    assert galaxy.is_on("training-barfoo")
    assert galaxy.is_on("training-foo-bar")


# Broken cohorts


@on_both_databases
def test_a_running_training_whose_role_was_taken_off_is_listed_and_mended(galaxy: InProcess, old: OldService) -> None:
    _old_cohort(galaxy, "training-gryffindor", "harry", linked=False)
    old.row(1)
    trouble = "it is running, and its role is not linked to its group"
    assert _broken(_import(galaxy, old)) == {"gryffindor": (trouble, "")}
    assert not galaxy.is_on("training-gryffindor")
    assert _broken(_import(galaxy, old, repair=True)) == {"gryffindor": (trouble, "repaired")}
    assert galaxy.is_on("training-gryffindor")
    assert galaxy.members("training-gryffindor") == ["harry"]
    assert _broken(_import(galaxy, old)) == {}


@on_both_databases
@pytest.mark.parametrize("kind", [Group, Role])
def test_a_running_training_whose_group_or_role_has_gone_is_listed_and_mended(
    galaxy: InProcess, old: OldService, kind: Any
) -> None:
    old.row(1)
    _import(galaxy, old, repair=True)
    assert galaxy.is_on("training-gryffindor")
    galaxy.purge(kind, "training-gryffindor")
    name = "group" if kind is Group else "role"
    assert _broken(_import(galaxy, old)) == {"gryffindor": (f"it is running without a {name}", "")}
    assert _broken(_import(galaxy, old, repair=True))["gryffindor"][1] == "repaired"
    assert galaxy.is_on("training-gryffindor")


@pytest.mark.parametrize("kind", [Group, Role])
def test_what_is_marked_as_deleted_though_it_is_needed_is_mended(galaxy: InProcess, old: OldService, kind: Any) -> None:
    _old_cohort(galaxy, "training-gryffindor", "harry")
    galaxy.session.execute(update(kind).values(deleted=True))
    galaxy.session.commit()
    old.row(1)
    name = "group" if kind is Group else "role"
    assert _broken(_import(galaxy, old)) == {"gryffindor": (f"its {name} is marked as deleted in Galaxy", "")}
    _import(galaxy, old, repair=True)
    assert _broken(_import(galaxy, old)) == {}
    assert galaxy.members("training-gryffindor") == ["harry"]


@pytest.mark.parametrize(
    ("row", "now", "why"),
    [
        ({}, AFTER + timedelta(days=300), "it is over"),
        ({}, BEFORE, "it has not begun"),
        ({"processed": "RE"}, DURING, "it is rejected"),
    ],
)
def test_a_role_that_is_linked_when_it_should_not_be_is_listed_and_mended(
    galaxy: InProcess, old: OldService, row: dict[str, Any], now: datetime, why: str
) -> None:
    _old_cohort(galaxy, "training-gryffindor", "harry")
    old.row(1, **row)
    trouble = f"its role is linked to its group, and {why}"
    assert _broken(_import(galaxy, old, now)) == {"gryffindor": (trouble, "")}
    assert galaxy.is_on("training-gryffindor")
    assert _broken(_import(galaxy, old, now, repair=True)) == {"gryffindor": (trouble, "repaired")}
    assert not galaxy.is_on("training-gryffindor")
    assert galaxy.members("training-gryffindor") == ["harry"]


def test_only_cohorts_of_the_source_are_mended(galaxy: InProcess, old: OldService) -> None:
    galaxy.training("ours")
    galaxy.join("ours", galaxy.user("harry"))
    _unlink(galaxy)
    old.row(1, "slytherin")
    report = _import(galaxy, old, repair=True)
    assert set(_broken(report)) == {"slytherin"}
    assert not galaxy.is_on("training-ours")


def test_the_lifecycle_takes_care_of_what_was_imported(galaxy: InProcess, old: OldService) -> None:
    _old_cohort(galaxy, "training-gryffindor", "harry", linked=False)
    old.row(1)
    _import(galaxy, old)
    galaxy[LifecycleTasks].run(DURING)
    assert galaxy.is_on("training-gryffindor")
    galaxy[LifecycleTasks].run(AFTER)
    assert not galaxy.is_on("training-gryffindor")


# The source


def test_a_file_that_is_not_there_is_not_made(tmp_path: Path) -> None:
    missing = tmp_path / "tiaas.sqlite3"
    for source in (str(missing), f"sqlite:///{missing}"):
        with pytest.raises(SourceUnreadable, match="no such file"):
            read(source)
    assert not missing.exists()
    with pytest.raises(SourceUnreadable, match="is not a file"):
        read(str(tmp_path))


def test_a_file_is_named_by_path_or_url(old: OldService) -> None:
    old.row(1)
    assert len(read(old.url).rows) == len(read(old.url.removeprefix("sqlite:///")).rows) == 1


def test_what_is_no_database_of_a_tiaas2_is_named(tmp_path: Path) -> None:
    text, other = tmp_path / "a.txt", tmp_path / "b?%.sqlite3"
    text.write_text("Not a database, but long enough to look like one. " * 50)
    other.touch()
    with pytest.raises(SourceUnreadable, match="file is not a database"):
        read(str(text))
    with pytest.raises(SourceUnreadable, match="no table training_training"):
        read(str(other))


@pytest.mark.parametrize(
    "source",
    [
        "postgresql://tiaas:alohomora@127.0.0.1:1/tiaas",
        "postgres://tiaas:alohomora@127.0.0.1:1/tiaas",
        "postgresql://tiaas:alo@homora@127.0.0.1:1/tiaas",
        "postgresql://tiaas:alohomora@127.0.0.1:port/tiaas",
        "mysql+nothing://tiaas:alohomora@127.0.0.1/tiaas",
        "nothing://tiaas:alohomora@127.0.0.1/tiaas",
        "://alohomora",
    ],
)
def test_no_message_holds_the_password(source: str) -> None:
    with pytest.raises(SourceUnreadable) as problem:
        read(source)
    assert "homora" not in str(problem.value)


def test_text_in_another_encoding_does_not_stop_the_import(galaxy: InProcess, old: OldService) -> None:
    old.row(1)
    old._execute("UPDATE training_training SET title = CAST(x'47e4' AS TEXT)")
    _import(galaxy, old)
    assert galaxy.find("gryffindor").title.startswith("G")


# The command


@pytest.fixture
def run(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Result]]:
    monkeypatch.setattr("galaxy_tiaas.cli.application.CliApplication.now", lambda _: DURING)
    yield lambda *arguments: CliRunner().invoke(command, arguments, obj=str(galaxy.galaxy_yml))


def test_the_command_prints_counts_and_what_was_not_taken(
    galaxy: InProcess, old: OldService, run: Callable[..., Result]
) -> None:
    _old_cohort(galaxy, "training-gryffindor", "harry", linked=False)
    old.row(1, location="XX")
    old.row(2, "no good")
    tried = run(old.url, "--dry-run")
    assert tried.exit_code == 0
    assert tried.output.splitlines() == [
        "rows in the source       2",
        "taken                    1  (1 approved)",
        "of these redacted        0",
        "already here             0",
        "not taken                1",
        "cohorts adopted          1  (with 1 people)",
        "cohorts made             0",
        "cohorts broken           1",
        "",
        "Not taken:",
        "  row 2 'no good': an identifier here has letters without accents, digits, hyphens and underscores, 64 at"
        " most, and begins with a letter or digit; 'no-good' would do",
        "",
        "To know:",
        "  row 1 'gryffindor': no country is called 'XX': left out",
        "",
        "Broken cohorts, which --repair would repair:",
        "  gryffindor: it is running, and its role is not linked to its group",
        "",
        "This was a dry run: nothing was changed.",
    ]
    done = run(old.url, "--repair")
    assert (done.exit_code, "not linked to its group: repaired" in done.output) == (0, True)
    assert "Minerva" not in done.output + tried.output
    assert "already here             1" in run(old.url).output


def test_no_two_rows_are_proposed_the_same_identifier_nor_one_that_is_taken(galaxy: InProcess, old: OldService) -> None:
    """By a training here or there, now or before, or by a group or role, deleted or not."""
    galaxy.training("charms", state="new")
    galaxy.training("runes")
    galaxy.perform(TrainingsService.update, SERVER, "runes", TrainingUpdate(identifier="old-runes"), BEFORE)
    galaxy.foreign_group("training-Divination").deleted = True
    galaxy.foreign_role("training-history")
    galaxy.session.commit()
    alike = ["-potions", "potions!", "_Potions", "(potions)"]
    written = [*alike, "charms.", ".runes", "divination?", "~history", "a+b", "a/b", "a b", "????", "---"]
    old.row(1, "Potions")
    old.row(2, "a-b-2", start="soon")
    for row_id, identifier in enumerate(written, start=3):
        old.row(row_id, identifier, start="2026-11-16" if identifier != "a b" else "never")
    refused = {remark.identifier: remark.text for remark in _import(galaxy, old, dry_run=True).refused}
    proposed = {name: text.partition("; '")[2].partition("'")[0] for name, text in refused.items() if name in written}
    assert proposed == {
        "-potions": "potions-2026",
        "potions!": "potions-2",
        "_Potions": "potions-3",
        "(potions)": "potions-4",
        "charms.": "charms-2026",
        ".runes": "runes-2026",
        "divination?": "divination-2026",
        "~history": "history-2026",
        "a+b": "a-b",
        "a/b": "a-b-2026",
        "a b": "a-b-3",
        "????": "",
        "---": "",
    }


def test_of_many_rows_alike_each_is_proposed_another_identifier(galaxy: InProcess, old: OldService) -> None:
    for row_id in range(1, 41):
        old.row(row_id, f"{'x' * 64}{'!' * row_id}")
    proposed = [remark.text.partition("; '")[2] for remark in _import(galaxy, old, dry_run=True).refused]
    assert len(set(proposed)) == 40 and "" not in proposed


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_postgresql_says_who_reads_the_old_table(old: OldService) -> None:
    """With the statements in docs/moving-in.md."""
    page = Path(__file__).parents[2].joinpath("docs", "moving-in.md").read_text(encoding="utf-8")
    granted, connected, read_so_often = (page.partition("```sql\n")[2].partition("```")[0]).split(";\n")[:3]
    admin, rule = (create_engine(old.url, isolation_level="AUTOCOMMIT", poolclass=NullPool) for _ in range(2))
    reader = f"reader_of_{admin.url.database}"
    with admin.connect() as asking:
        asking.execute(text(f"CREATE ROLE {reader}"))
        asking.execute(text(f"GRANT SELECT ON training_training TO {reader}"))
        assert reader in asking.scalars(text(granted)).all()
        before = asking.scalar(text(read_so_often))
        with rule.connect() as connection:
            connection.execute(text("SELECT training_identifier FROM training_training")).all()
            assert len(asking.execute(text(connected)).all()) == 1
        wait_until(lambda: asking.scalar(text(read_so_often)) == before + 1, "a count of reads", timeout=60)
        assert asking.execute(text(connected)).all() == []
        asking.execute(text(f"DROP OWNED BY {reader}"))
        asking.execute(text(f"DROP ROLE {reader}"))


def test_the_command_fails_when_there_is_nothing_to_read(run: Callable[..., Result]) -> None:
    result = run("/nowhere/tiaas.sqlite3")
    assert result.exit_code == 1
    assert result.output == "Error: The source cannot be read: /nowhere/tiaas.sqlite3: no such file.\n"


def test_an_identifier_cannot_play_tricks_on_the_terminal(old: OldService, run: Callable[..., Result]) -> None:
    old.row(1, "\x1b[2J")
    assert "\x1b" not in run(old.url).output
