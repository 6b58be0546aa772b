"""Creates and upgrades our tables through Galaxy's engine, with an alembic history of our own."""

import os
from pathlib import Path
from typing import Optional

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import (
    Connection,
    Engine,
    inspect,
    text,
)

from ... import __version__
from . import Base

VERSION_TABLE = "tiaas_alembic_version"

#: A table that Galaxy has had since its first release: its absence means that Galaxy has not made its
#: own tables yet, and Galaxy would take a database in which it finds ours for a broken one.
_GALAXY_TABLE = "galaxy_user"

#: Key of the PostgreSQL advisory lock that lets one process at a time upgrade ("tiaas" in ASCII).
_LOCK_KEY = int.from_bytes(b"tiaas", "big")


class DatabaseProblem(Exception):
    """Our tables cannot be created, upgraded or used."""


class NewerTables(DatabaseProblem):
    """A newer version has made our tables."""

    def __init__(self, revision: str, head: str):
        #: Whether this version works with them: migrations below the next thousand only add.
        self.usable = revision.isdigit() and revision[0] == head[0]
        super().__init__(
            f"the tables have revision {revision}, which this version does not know: a newer version made them, and"
            f" galaxy-tiaas {__version__} (revision {head}) is older. Install the newer version"
        )


def current_revision(engine: Engine) -> Optional[str]:
    """The revision of our tables in this database, ``None`` if there are none yet."""
    with engine.connect() as connection:
        return _current(connection)


def head_revision() -> str:
    head = _scripts().get_current_head()
    assert head
    return head


def newer_tables(connection: Connection) -> Optional[NewerTables]:
    """What is wrong if a newer version has made our tables."""
    revision = _current(connection)
    if revision is None or revision in {script.revision for script in _scripts().walk_revisions()}:
        return None
    return NewerTables(revision, head_revision())


def ensure_usable(engine: Engine) -> None:
    """:raises DatabaseProblem: if our tables are missing, older than this version needs, or newer than it can use."""
    with engine.connect() as connection:
        newer = newer_tables(connection)
        if newer and not newer.usable:
            raise newer
        if not newer and _current(connection) != head_revision():
            raise DatabaseProblem("the tables are not up to date; run `galaxy-tiaas db upgrade`")


def upgrade(engine: Engine) -> bool:
    """Bring our tables up to date; safe when several processes do so at once.

    :returns: whether anything had to be done.
    :raises NewerTables: if a newer version has made the tables; they are left alone.
    :raises DatabaseProblem: if Galaxy's own tables are missing.
    """
    head = head_revision()
    if current_revision(engine) == head:
        return False
    with engine.connect() as connection:
        _lock(connection)
        if not inspect(connection).has_table(_GALAXY_TABLE):
            raise DatabaseProblem("Galaxy's own tables do not exist yet; start Galaxy or run `galaxy-manage-db` first")
        if newer := newer_tables(connection):
            raise newer
        before = _current(connection)
        if before != head:
            config = _alembic_config()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
        connection.commit()
    return before != head


def existing_tables(connection: Connection) -> set[str]:
    """Our tables in this database, by name, with that of the revision."""
    return {VERSION_TABLE, *Base.metadata.tables} & set(inspect(connection).get_table_names())


def drop(connection: Connection) -> None:
    """Drop our tables and triggers; the caller commits."""
    if connection.dialect.name == "sqlite":
        triggers = text(r"SELECT name FROM sqlite_master WHERE type = 'trigger' AND name LIKE 'tiaas\_%' ESCAPE '\'")
        for name in connection.scalars(triggers).all():
            connection.exec_driver_sql(f"DROP TRIGGER {name}")
    Base.metadata.drop_all(connection)
    connection.exec_driver_sql(f"DROP TABLE IF EXISTS {VERSION_TABLE}")


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", os.fspath(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_alembic_config())


def _current(connection: Connection) -> Optional[str]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    else:
        # pysqlite would begin a transaction at the first INSERT only, after the tables were looked at.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
