"""A version that is older than the tables, as during a rolling restart or after going back to the version before."""

from datetime import (
    datetime,
    timedelta,
)
from types import SimpleNamespace

import pytest
from click.testing import (
    CliRunner,
    Result,
)
from galaxy.jobs import JobDestination
from galaxy_tiaas import mount
from galaxy_tiaas.cli import main
from galaxy_tiaas.core.model import (
    Base,
    migrate,
)
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.privacy.service import PrivacyService
from galaxy_tiaas.routing import job_rule
from galaxy_tiaas.rules.gateway import sorting_hat
from in_process import (
    BEFORE,
    DURING,
    InProcess,
    LAST_DAY,
    on_both_databases,
    SERVER,
)
from sqlalchemy import text

_USABLE, _UNUSABLE = "0999", "9999"
_FORGOTTEN = datetime.combine(LAST_DAY + timedelta(days=61), datetime.min.time())
_NEW_TABLE = """
CREATE TABLE tiaas_novelty (
    id INTEGER PRIMARY KEY,
    training_id INTEGER NOT NULL REFERENCES tiaas_training (id) ON DELETE CASCADE
)
"""


@pytest.fixture(autouse=True)
def commands(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("logging.disable", lambda _: None)
    monkeypatch.setattr("galaxy_tiaas.cli.application.CliApplication", lambda _: galaxy.host)


def _set_revision(galaxy: InProcess, revision: str) -> None:
    galaxy.session.execute(text("UPDATE tiaas_alembic_version SET version_num = :revision"), {"revision": revision})
    galaxy.session.commit()


def _add_what_a_newer_version_may(galaxy: InProcess) -> None:
    for name in Base.metadata.tables:
        galaxy.session.execute(text(f"ALTER TABLE {name} ADD COLUMN novelty INTEGER NOT NULL DEFAULT 7"))
    galaxy.session.execute(text(_NEW_TABLE))
    _set_revision(galaxy, _USABLE)


def _command(galaxy: InProcess, *arguments: str) -> Result:
    result = CliRunner().invoke(main, arguments)
    galaxy.session.remove()
    return result


@on_both_databases
def test_with_tables_that_were_only_added_to_a_training_takes_place(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    _add_what_a_newer_version_may(galaxy)
    mount._prepare_tables(galaxy.host)  # type: ignore[arg-type]
    (warning,) = [record.getMessage() for record in caplog.records if record.name == mount.__name__]
    assert f"revision {_USABLE}" in warning and "a newer version made them" in warning
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry, at=BEFORE)
    assert galaxy[LifecycleTasks].run(DURING).switched_on == ("gryffindor",)
    monkeypatch.setattr(job_rule, "now", lambda: DURING)
    tool = SimpleNamespace(id="cat1", tool_type="default", all_ids=["cat1"])
    found = sorting_hat(galaxy.host, 1, user=harry.user, tool=tool, default="regular", training="training")
    assert isinstance(found, JobDestination) and found.id == "training"
    assert "gryffindor" in _command(galaxy, "trainings", "list").output


def test_personal_data_is_left_to_the_version_that_knows_all_columns(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.delete_account(galaxy.user("minerva"))
    _set_revision(galaxy, _USABLE)
    for now in (DURING, _FORGOTTEN):
        report = galaxy[LifecycleTasks].run(now)
        assert (report.redacted, report.people_forgotten, report.failed) == ((), 0, ())
    for ask in (PrivacyService.export, PrivacyService.erase):
        with pytest.raises(migrate.NewerTables):
            ask(galaxy[PrivacyService], SERVER, "minerva@example.org", DURING)
    _set_revision(galaxy, migrate.head_revision())
    assert galaxy[LifecycleTasks].run(DURING).people_forgotten == 1
    assert galaxy[LifecycleTasks].run(_FORGOTTEN).redacted == ("gryffindor",)


@pytest.mark.parametrize("revision, verdict", [(_USABLE, "works with them"), (_UNUSABLE, "cannot use them")])
def test_the_status_says_that_this_version_is_older(galaxy: InProcess, revision: str, verdict: str) -> None:
    _set_revision(galaxy, revision)
    status = _command(galaxy, "db", "status")
    assert status.exit_code == 1
    assert f"revision {revision}" in status.output and "is older" in status.output and verdict in status.output
    assert "db upgrade" not in status.output


@pytest.mark.parametrize("revision", [_USABLE, _UNUSABLE])
@pytest.mark.parametrize("command", [("db", "upgrade"), ("db", "drop", "--yes-really")])
def test_tables_of_a_newer_version_are_neither_upgraded_nor_dropped(
    galaxy: InProcess, revision: str, command: tuple[str, ...]
) -> None:
    _set_revision(galaxy, revision)
    refused = _command(galaxy, *command)
    assert refused.exit_code == 1
    assert refused.output.startswith(f"Error: the tables have revision {revision}")
    assert refused.output.endswith("is older. Install the newer version\n")


def test_tables_that_cannot_be_used_are_refused_clearly(galaxy: InProcess) -> None:
    _set_revision(galaxy, _UNUSABLE)
    with pytest.raises(migrate.NewerTables):
        mount._prepare_tables(galaxy.host)  # type: ignore[arg-type]
    refused = _command(galaxy, "trainings", "list")
    assert (refused.exit_code, f"revision {_UNUSABLE}" in refused.output) == (1, True)
