"""Our tables in Galaxy's database: made, upgraded, removed, by one process or by many at once."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from galaxy.model import User
from galaxy_tiaas.core.model import (
    Base,
    migrate,
    SECRET_BYTES,
)
from in_process import on_both_databases
from processes import (
    fork_server,
    upgrade,
)
from sqlalchemy import (
    Connection,
    Engine,
    inspect,
    MetaData,
    text,
)

_PROCESSES = 4
_OURS = {
    "tiaas_training",
    "tiaas_training_former_identifier",
    "tiaas_training_location",
    "tiaas_training_instructor",
    "tiaas_training_invitation",
    "tiaas_training_change",
    "tiaas_training_contact",
    "tiaas_training_event",
    "tiaas_secret",
    "tiaas_training_member",
    "tiaas_training_step",
    "tiaas_training_question",
    "tiaas_training_answer",
    "tiaas_message",
    "tiaas_delivery",
    "tiaas_lease",
    "tiaas_counter",
}


_OLD_TRAINING = """
INSERT INTO tiaas_training
    (identifier, title, description, name, email, start, "end", timezone, starts_at, ends_at, days, website, use_gtn,
     gtn_links, non_gtn_links, attendance, advertise, blogpost, retain_contact, other_requests, state, created, updated)
VALUES
    ('gryffindor', 'Charms', '', '', '', '2026-11-16', '2026-11-16', 'UTC', '2026-11-16', '2026-11-17', 1, '', false,
     '', '', 20, false, false, false, '', 'new', '2026-10-01', '2026-10-01')
"""


@pytest.fixture
def template() -> str:
    return "galaxy"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = sqlalchemy.create_engine(database_url)
    yield engine
    engine.dispose()


def _tables(engine: Engine) -> set[str]:
    return set(inspect(engine).get_table_names())


def _secrets(engine: Engine) -> list[bytes]:
    with engine.connect() as connection:
        return [bytes(value) for value in connection.scalars(text("SELECT value FROM tiaas_secret"))]


def _set_revision(engine: Engine, revision: str) -> None:
    with engine.begin() as connection:
        connection.execute(text("UPDATE tiaas_alembic_version SET version_num = :revision"), {"revision": revision})


def _downgrade(engine: Engine, revision: str) -> None:
    config = migrate._alembic_config()
    with engine.connect() as connection:
        config.attributes["connection"] = connection
        command.downgrade(config, revision)
        connection.commit()


# Made


@on_both_databases
def test_a_galaxy_that_never_heard_of_us_gets_our_tables_and_keeps_its_own(engine: Engine) -> None:
    galaxys = _tables(engine)
    assert migrate.current_revision(engine) is None
    assert migrate.upgrade(engine)
    assert _tables(engine) - galaxys == _OURS | {"tiaas_alembic_version"}
    assert galaxys <= _tables(engine)
    assert migrate.current_revision(engine) == migrate.head_revision()


def test_all_tables_of_the_model_carry_our_name() -> None:
    assert set(Base.metadata.tables) == _OURS


@on_both_databases
def test_the_migrations_make_what_the_models_say(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.connect() as connection:
        assert _differences(connection) == []


@on_both_databases
def test_a_difference_between_migrations_and_models_would_be_noticed(engine: Engine) -> None:
    migrate.upgrade(engine)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE tiaas_training ADD COLUMN surprise INTEGER"))
        assert [difference[0] for difference in _differences(connection)] == ["remove_column"]


@on_both_databases
def test_columns_that_must_be_filled_are_so_in_the_database(engine: Engine) -> None:
    migrate.upgrade(engine)
    for name, table in Base.metadata.tables.items():
        found = {column["name"]: column["nullable"] for column in inspect(engine).get_columns(name)}
        assert found == {column.name: column.nullable for column in table.columns}, name


@on_both_databases
def test_trainings_of_the_first_version_are_there_after_the_upgrade(engine: Engine) -> None:
    migrate.upgrade(engine)
    _downgrade(engine, "0001")
    assert "ended_at" not in {column["name"] for column in inspect(engine).get_columns("tiaas_training")}
    with engine.begin() as connection:
        connection.execute(text(_OLD_TRAINING))
    assert migrate.upgrade(engine)
    with engine.connect() as connection:
        rows = connection.execute(text("SELECT identifier, ended_at FROM tiaas_training")).all()
    assert [tuple(row) for row in rows] == [("gryffindor", None)]


@on_both_databases
def test_contact_addresses_that_an_admin_has_seen_count_as_confirmed_after_the_upgrade(engine: Engine) -> None:
    migrate.upgrade(engine)
    _downgrade(engine, "0008")
    with engine.begin() as connection:
        connection.execute(
            text("INSERT INTO galaxy_user (id, email, password, active) VALUES (7, 'm@x.org', '-', true)")
        )
        for number, state in enumerate(("approved", "new", "rejected", "cancelled")):
            connection.execute(text(_OLD_TRAINING.replace("gryffindor", state).replace("'new'", f"'{state}'")))
            if number:
                connection.execute(text("UPDATE tiaas_training SET requester_id = 7"))
        connection.execute(text(_OLD_TRAINING.replace("gryffindor", "imported")))
    assert migrate.upgrade(engine)
    with engine.connect() as connection:
        confirmed = connection.scalars(text("SELECT identifier FROM tiaas_training WHERE email_confirmed"))
        assert set(confirmed) == {"approved", "imported"}


@on_both_databases
def test_the_secret_is_made_with_the_tables_and_kept(engine: Engine) -> None:
    migrate.upgrade(engine)
    (secret,) = _secrets(engine)
    assert len(secret) == SECRET_BYTES
    migrate.upgrade(engine)
    assert _secrets(engine) == [secret]


def test_two_servers_have_two_secrets(sqlite_url: str, postgres_url: str) -> None:
    found = []
    for url in (sqlite_url, postgres_url):
        engine = sqlalchemy.create_engine(url)
        migrate.upgrade(engine)
        found += _secrets(engine)
        engine.dispose()
    assert len(set(found)) == 2


@on_both_databases
def test_a_second_upgrade_has_nothing_to_do(engine: Engine) -> None:
    assert migrate.upgrade(engine) is True
    assert migrate.upgrade(engine) is False


def test_galaxys_own_metadata_does_not_know_our_tables() -> None:
    """Or Galaxy would make them, and its own migrations would want to drop them."""
    from galaxy.model import mapper_registry

    assert not {name for name in mapper_registry.metadata.tables if name.startswith("tiaas")}


def test_galaxys_own_migrations_leave_ours_alone(postgres_url: str) -> None:
    """Galaxy's cannot go back on SQLite."""
    # At the top of this module, it would set the level of the root logger for all tests.
    from galaxy.model.migrations import (
        AlembicManager,
        GXY,
    )

    engine = sqlalchemy.create_engine(postgres_url)
    migrate.upgrade(engine)
    galaxys = AlembicManager(engine)
    before = _schema_of_ours(engine)
    command.downgrade(galaxys.alembic_cfg, f"{GXY}@-1")
    assert not AlembicManager(engine).is_up_to_date(GXY)
    galaxys.upgrade(GXY)
    assert AlembicManager(engine).is_up_to_date(GXY)
    assert _schema_of_ours(engine) == before
    assert migrate.upgrade(engine) is False
    engine.dispose()


def _schema_of_ours(engine: Engine) -> dict[str, str]:
    inspector = inspect(engine)
    aspects = (inspector.get_columns, inspector.get_foreign_keys, inspector.get_indexes)
    return {table: str([aspect(table) for aspect in aspects]) for table in _OURS}


# Refused


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_before_galaxys_own_tables_exist_nothing_is_made(
    request: pytest.FixtureRequest, tmp_path: Path, kind: str
) -> None:
    """Galaxy takes a database that is not empty for one of its own."""
    if kind == "sqlite":
        url = f"sqlite:///{tmp_path / 'empty.sqlite'}"
    else:
        url = request.getfixturevalue("postgres").create_database("empty")
    engine = sqlalchemy.create_engine(url)
    with pytest.raises(migrate.DatabaseProblem, match="Galaxy's own tables do not exist"):
        migrate.upgrade(engine)
    assert _tables(engine) == set()
    engine.dispose()


@on_both_databases
def test_tables_of_a_newer_version_are_left_alone(engine: Engine) -> None:
    migrate.upgrade(engine)
    _set_revision(engine, "9999")
    with pytest.raises(migrate.DatabaseProblem, match="revision 9999.*newer version"):
        migrate.upgrade(engine)
    assert migrate.current_revision(engine) == "9999"
    assert len(_secrets(engine)) == 1


@on_both_databases
def test_after_a_refusal_the_next_one_need_not_wait(engine: Engine) -> None:
    migrate.upgrade(engine)
    _set_revision(engine, "9999")
    for _ in range(2):
        with pytest.raises(migrate.DatabaseProblem):
            migrate.upgrade(engine)
    _set_revision(engine, migrate.head_revision())
    assert migrate.upgrade(engine) is False


@on_both_databases
def test_an_upgrade_that_fails_halfway_leaves_nothing_behind(engine: Engine) -> None:
    """Here because the name of one of our tables is taken."""
    with engine.begin() as connection:
        connection.execute(text("CREATE TABLE tiaas_secret (id INTEGER)"))
    before = _tables(engine)
    with pytest.raises(Exception, match="tiaas_secret"):
        migrate.upgrade(engine)
    assert _tables(engine) == before
    assert migrate.current_revision(engine) is None
    with engine.begin() as connection:
        connection.execute(text("DROP TABLE tiaas_secret"))
    assert migrate.upgrade(engine) is True


def test_migrations_of_the_same_thousand_only_add(engine: Engine) -> None:
    """So that a version works with the tables of newer ones; a migration that does more begins the next thousand."""
    config = migrate._alembic_config()
    before: dict[str, Any] = {}
    for script in reversed([*migrate._scripts().walk_revisions()]):
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, script.revision)
            after = _columns(connection)
        if script.down_revision and script.down_revision[0] == script.revision[0]:
            for table, columns in before.items():
                assert columns.items() <= after[table].items(), script.revision
                added = [after[table][name] for name in after[table].keys() - columns.keys()]
                assert all(nullable or has_default for _, nullable, has_default in added), script.revision
        before = after
    assert before


def _columns(connection: Connection) -> dict[str, dict[str, tuple[str, bool, bool]]]:
    """Of our tables, each column and each uniqueness: type, whether it may be null, whether it has a default."""
    inspector = inspect(connection)
    found: dict[str, dict[str, tuple[str, bool, bool]]] = {}
    for table in sorted(_OURS & set(inspector.get_table_names())):
        found[table] = {
            column["name"]: (str(column["type"]), column["nullable"], column["default"] is not None)
            for column in inspector.get_columns(table)
        }
        # A new one is seen as a column that may not be null and has no default.
        unique = [index for index in inspector.get_indexes(table) if index["unique"]]
        for each in (*unique, *inspector.get_unique_constraints(table)):
            found[table][f"unique {each['column_names']}"] = ("", False, False)
    return found


# Removed


@on_both_databases
def test_a_downgrade_removes_everything_of_ours(engine: Engine) -> None:
    galaxys = _tables(engine)
    migrate.upgrade(engine)
    _downgrade(engine, "base")
    assert _tables(engine) - galaxys == {"tiaas_alembic_version"}
    assert migrate.current_revision(engine) is None
    assert migrate.upgrade(engine) is True


# At once


@on_both_databases
def test_of_many_processes_that_start_at_once_one_makes_the_tables_and_none_fails(
    engine: Engine, database_url: str
) -> None:
    results = _at_once(upgrade, database_url)
    assert sorted(results) == ["nothing to do"] * (_PROCESSES - 1) + ["upgraded"]
    assert len(_secrets(engine)) == 1
    assert migrate.current_revision(engine) == migrate.head_revision()


def _at_once(target: Any, *arguments: Any) -> list[str]:
    context = fork_server()
    barrier, queue = context.Barrier(_PROCESSES), context.SimpleQueue()
    processes = [context.Process(target=target, args=(barrier, queue, *arguments)) for _ in range(_PROCESSES)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()
    return [queue.get() for _ in processes]


def _differences(connection: Connection) -> list[Any]:
    """What alembic would change to bring our tables to our models; Galaxy's tables are none of its business."""
    options = {
        "compare_type": True,
        "include_object": lambda _, name, kind, *__: (
            kind != "table" or name.startswith("tiaas_training") or name in _OURS
        ),
        "version_table": migrate.VERSION_TABLE,
    }
    # The alembic of Galaxy 26.0 follows our foreign keys to Galaxy's tables.
    models = MetaData()
    for table in (*User.metadata.tables.values(), *Base.metadata.tables.values()):
        table.to_metadata(models)
    return list(_flat(compare_metadata(MigrationContext.configure(connection, opts=options), models)))


def _flat(differences: list[Any]) -> Iterator[Any]:
    for difference in differences:
        if isinstance(difference, list):
            yield from _flat(difference)
        else:
            yield difference
