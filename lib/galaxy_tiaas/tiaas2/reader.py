"""Reads the database of a tiaas2, and changes nothing there."""

import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import (
    column,
    create_engine,
    Engine,
    inspect,
    make_url,
    NullPool,
    select,
    table,
)
from sqlalchemy.exc import (
    ArgumentError,
    NoSuchModuleError,
    SQLAlchemyError,
)

from ..core.exceptions import SourceUnreadable
from .rows import (
    NEEDED_COLUMNS,
    OTHER_COLUMNS,
)

TABLE = "training_training"


@dataclass(frozen=True)
class OldRows:
    """The rows of a tiaas2 by id, and the columns that it does not have."""

    rows: Sequence[dict[str, Any]]
    absent_columns: Sequence[str]


def read(source: str) -> OldRows:
    """All rows of the source, an SQLAlchemy URL or the path of an SQLite file.

    :raises SourceUnreadable: if it cannot be read; the message holds no password.
    """
    engine = _engine(source)
    try:
        with engine.connect().execution_options(postgresql_readonly=True) as connection:
            inspector = inspect(connection)
            if not inspector.has_table(TABLE):
                raise SourceUnreadable(f"it has no table {TABLE}; is it the database of a tiaas2?")
            present = {found["name"] for found in inspector.get_columns(TABLE)}
            if missing := [name for name in NEEDED_COLUMNS if name not in present]:
                raise SourceUnreadable(f"its table {TABLE} lacks the columns {', '.join(missing)}")
            names = [name for name in (*NEEDED_COLUMNS, *OTHER_COLUMNS) if name in present]
            # Without types: what the database has is what the reader of rows wants.
            statement = select(*map(column, names)).select_from(table(TABLE)).order_by(column("id"))
            rows = [dict(row) for row in connection.execute(statement).mappings()]
    except (SQLAlchemyError, sqlite3.Error) as problem:
        raise SourceUnreadable(" ".join(str(getattr(problem, "orig", None) or problem).split())) from None
    finally:
        engine.dispose()
    return OldRows(rows, [name for name in OTHER_COLUMNS if name not in present])


def _engine(source: str) -> Engine:
    if "://" not in source:
        return _sqlite(source)
    if source.count("@") > 1:
        # Else a part of the password would count for the name of the host, which messages name.
        raise SourceUnreadable("an @ in the user name or the password of a URL is written %40")
    try:
        url = make_url(source.replace("postgres://", "postgresql://", 1))
        if url.get_backend_name() == "sqlite":
            if not url.database or url.database == ":memory:":
                raise SourceUnreadable("its URL names no file; sqlite:////a/path has four slashes")
            return _sqlite(url.database.removeprefix("file:"))
        return create_engine(url, poolclass=NullPool)
    except ArgumentError:
        raise SourceUnreadable("it is neither a file nor a URL as SQLAlchemy reads it") from None
    except (NoSuchModuleError, ModuleNotFoundError) as problem:
        raise SourceUnreadable(f"no driver for such a database is installed here ({problem})") from None
    except ValueError:
        raise SourceUnreadable("its URL has something else than a number for the port") from None


def _sqlite(path: str) -> Engine:
    file = Path(path)
    if not file.is_file():
        # SQLite would make an empty one.
        raise SourceUnreadable(f"{path}: {'is not a file' if file.exists() else 'no such file'}")
    address = f"{file.resolve().as_uri()}?mode=ro"

    def connect() -> sqlite3.Connection:
        connection = sqlite3.connect(address, uri=True)
        connection.text_factory = lambda text: text.decode("utf-8", errors="replace")
        return connection

    return create_engine("sqlite://", creator=connect, poolclass=NullPool)
