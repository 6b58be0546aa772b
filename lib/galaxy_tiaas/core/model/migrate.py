"""Creates and upgrades our tables through Galaxy's engine, with an alembic history of our own."""

import os
from pathlib import Path
from typing import Optional

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from alembic.util.exc import CommandError
from sqlalchemy import (
    Connection,
    Engine,
    inspect,
    text,
)

VERSION_TABLE = "tiaas_alembic_version"

#: A table that Galaxy has had since its first release: its absence means that Galaxy has not made its
#: own tables yet, and Galaxy would take a database in which it finds ours for a broken one.
_GALAXY_TABLE = "galaxy_user"

#: Key of the PostgreSQL advisory lock that lets one process at a time upgrade ("tiaas" in ASCII).
_LOCK_KEY = int.from_bytes(b"tiaas", "big")


class DatabaseProblem(Exception):
    """Our tables cannot be created or upgraded."""


def current_revision(engine: Engine) -> Optional[str]:
    """The revision of our tables in this database, ``None`` if there are none yet."""
    with engine.connect() as connection:
        return _current(connection)


def head_revision() -> str:
    head = ScriptDirectory.from_config(_alembic_config()).get_current_head()
    assert head
    return head


def ensure_current(engine: Engine) -> None:
    """:raises DatabaseProblem: if our tables are missing, older or newer than this version needs."""
    if current_revision(engine) != head_revision():
        raise DatabaseProblem("the tables are not up to date; run `galaxy-tiaas db upgrade`")


def upgrade(engine: Engine) -> bool:
    """Bring our tables up to date; safe when several processes do so at once.

    :returns: whether anything had to be done.
    :raises DatabaseProblem: if Galaxy's own tables are missing, or if the tables were made by a newer
        version of this extension.
    """
    head = head_revision()
    if current_revision(engine) == head:
        return False
    with engine.connect() as connection:
        _lock(connection)
        if not inspect(connection).has_table(_GALAXY_TABLE):
            raise DatabaseProblem("Galaxy's own tables do not exist yet; start Galaxy or run `galaxy-manage-db` first")
        before = _current(connection)
        if before != head:
            config = _alembic_config()
            config.attributes["connection"] = connection
            try:
                command.upgrade(config, "head")
            except CommandError as problem:
                raise DatabaseProblem(
                    f"the tables have revision {before}, which this version does not know: {problem}."
                    " Was a newer version installed before?"
                ) from None
        connection.commit()
    return before != head


def _alembic_config() -> Config:
    config = Config()
    config.set_main_option("script_location", os.fspath(Path(__file__).parent / "migrations").replace("%", "%%"))
    return config


def _current(connection: Connection) -> Optional[str]:
    context = MigrationContext.configure(connection, opts={"version_table": VERSION_TABLE})
    return context.get_current_revision()


def _lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK_KEY})
    else:
        # pysqlite would begin a transaction at the first INSERT only, after the tables were looked at.
        connection.exec_driver_sql("BEGIN IMMEDIATE")
