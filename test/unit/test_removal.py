"""The extension is taken out of Galaxy's database: ``galaxy-tiaas db drop``."""

from typing import Any

import pytest
import sqlalchemy
from click.testing import (
    CliRunner,
    Result,
)
from galaxy.model import (
    Group,
    GroupRoleAssociation,
    Role,
)
from galaxy_tiaas.cli import main
from galaxy_tiaas.core.model import migrate
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.rules.gateway import sorting_hat
from in_process import (
    DURING,
    InProcess,
    on_both_databases,
)
from in_process_pages import Pages
from sqlalchemy import (
    inspect,
    select,
)


@pytest.fixture
def running(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> InProcess:
    """A Galaxy with a running training, whose group has another role too, and one that is to come."""
    monkeypatch.setattr("logging.disable", lambda _: None)
    monkeypatch.setattr("galaxy_tiaas.cli.application.CliApplication", lambda _: galaxy.host)
    galaxy.training()
    galaxy.training("ravenclaw")
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.decide("ravenclaw", "cancelled")
    galaxy[LifecycleTasks].run(DURING)
    other = Role(name="large jobs", type=Role.types.ADMIN)
    galaxy.session.add_all([other, GroupRoleAssociation(_cohort(galaxy, Group), other), Group(name="training-staff")])
    galaxy.session.commit()
    return galaxy


def _cohort(galaxy: InProcess, model: Any, name: str = "training-gryffindor") -> Any:
    return galaxy.session.scalars(select(model).where(model.name == name)).one()


def _drop(galaxy: InProcess, *arguments: str) -> Result:
    result = CliRunner().invoke(main, ["db", "drop", *arguments])
    galaxy.session.remove()
    return result


def _schema(galaxy: InProcess) -> dict[str, list[str]]:
    """Galaxy's tables and ours, and triggers of SQLite."""
    names = inspect(galaxy.host.model.engine).get_table_names()
    is_sqlite = galaxy.host.model.engine.dialect.name == "sqlite"
    triggers = galaxy.query("SELECT name FROM sqlite_master WHERE type = 'trigger'") if is_sqlite else []
    return {
        "ours": [name for name in names if name.startswith("tiaas")],
        "galaxys": [name for name in names if not name.startswith("tiaas")],
        "triggers": [row.name for row in triggers if row.name.startswith("tiaas")],
    }


def _roles_of_groups(galaxy: InProcess) -> set[tuple[str, str]]:
    statement = select(Group.name, Role.name).join(GroupRoleAssociation, Group.id == GroupRoleAssociation.group_id)
    rows = galaxy.session.execute(statement.join(Role, Role.id == GroupRoleAssociation.role_id))
    return {(group, role) for group, role in rows}


@on_both_databases
def test_without_the_word_it_says_what_it_would_do_and_changes_nothing(running: InProcess) -> None:
    before = _schema(running), _roles_of_groups(running)
    asked = _drop(running)
    assert asked.exit_code == 1
    assert "tables dropped: 18, with 2 trainings" in asked.output
    assert "roles taken off groups: 1\n" in asked.output
    assert "left in Galaxy: 2 groups and 2 roles of trainings" in asked.output
    assert asked.output.endswith("Nothing has been changed. Add --yes-really to do it.\n")
    assert (_schema(running), _roles_of_groups(running)) == before


@on_both_databases
def test_tables_triggers_and_links_go_and_cohorts_stay(running: InProcess) -> None:
    galaxys = _schema(running)["galaxys"]
    done = _drop(running, "--yes-really")
    assert done.exit_code == 0, done.output
    assert _schema(running) == {"ours": [], "galaxys": galaxys, "triggers": []}
    assert _roles_of_groups(running) == {("training-gryffindor", "large jobs")}
    assert running.members("training-gryffindor") == ["harry"]
    assert not _cohort(running, Group).deleted and not _cohort(running, Role).deleted
    # As an admin purges it in Galaxy.
    running.session.delete(_cohort(running, Group, "training-ravenclaw"))
    running.session.commit()


@on_both_databases
def test_cohorts_are_deleted_as_galaxys_admins_would_if_asked_for(running: InProcess) -> None:
    assert "deleted in Galaxy: 2 groups and 2 roles" in _drop(running, "--yes-really", "--cohorts").output
    for identifier in ("gryffindor", "ravenclaw"):
        assert _cohort(running, Group, f"training-{identifier}").deleted
        assert _cohort(running, Role, f"training-{identifier}").deleted
    assert not _cohort(running, Group, "training-staff").deleted
    assert not _cohort(running, Role, "large jobs").deleted


def test_a_second_time_there_is_nothing_to_drop(running: InProcess) -> None:
    _drop(running, "--yes-really")
    for arguments in ((), ("--yes-really",), ("--yes-really", "--cohorts")):
        again = _drop(running, *arguments)
        assert (again.exit_code, again.output) == (0, "nothing to drop\n")


def test_afterwards_everything_can_begin_anew(running: InProcess) -> None:
    _drop(running, "--yes-really")
    assert migrate.upgrade(running.host.model.engine)
    assert running.request("hufflepuff").identifier == "hufflepuff"


@on_both_databases
def test_all_of_it_happens_or_nothing(running: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    before = _schema(running), _roles_of_groups(running)
    drop = migrate.drop

    def drop_and_fail(connection: sqlalchemy.Connection) -> None:
        drop(connection)
        connection.exec_driver_sql("SELECT 1 FROM nowhere")

    monkeypatch.setattr(migrate, "drop", drop_and_fail)
    failed = _drop(running, "--yes-really", "--cohorts")
    assert (failed.exit_code, failed.output.startswith("Error: Galaxy's database: ")) == (1, True), failed.output
    assert (_schema(running), _roles_of_groups(running)) == before
    assert not _cohort(running, Group).deleted


@on_both_databases
def test_wrong_settings_are_no_obstacle(running: InProcess) -> None:
    (running.directory / "tiaas_conf.yml").unlink()
    assert _drop(running, "--yes-really").exit_code == 0


@on_both_databases
def test_a_server_that_still_runs_sends_jobs_to_the_default_and_answers_500(
    running: InProcess,
) -> None:
    with Pages(running) as browser:
        browser.login(running.user("harry"))
        _drop(running, "--yes-really")
        assert sorting_hat(running.host, 1, user=running.user("harry").user, default="regular") == "regular"
        page = browser.client.get("/join-training/gryffindor")
        assert (page.status_code, "Traceback" in page.text) == (500, False)
