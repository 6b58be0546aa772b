"""The seeded database: made once, copied for each run."""

import hashlib
import time
from collections.abc import Callable
from pathlib import Path
from typing import Union

import galaxy.version
from fixtures import (
    GalaxyServer,
    PostgresServer,
)
from sqlalchemy import (
    create_engine,
    Engine,
    NullPool,
    text,
)

from . import past
from .sizes import Sizes

RUN = "run"
UNFINISHED = "unfinished"

#: Nothing that makes a query faster: a server that was tuned can only do better. `explain` switches the last one on.
SETTINGS: dict[str, Union[str, int]] = {
    "max_wal_size": "4GB",
    "session_preload_libraries": "auto_explain",
}


def past_database(sizes: Sizes) -> str:
    """Its name, which changes with whatever makes a difference to its content."""
    version = galaxy.version.VERSION.replace(".", "_")
    source = hashlib.sha256(Path(past.__file__).read_bytes()).hexdigest()[:8]
    return f"past-{version}-{sizes.users}-{sizes.jobs}-{source}"


def ensure_past(postgres: PostgresServer, sizes: Sizes, directory: Path, say: Callable[[str], None]) -> str:
    """Seed the past unless this server has it already; the name of its database."""
    name = past_database(sizes)
    if _exists(postgres, name):
        say("The past is there from an earlier run")
        return name
    _maintain(postgres, f'DROP DATABASE IF EXISTS "{UNFINISHED}"')
    url = postgres.create_database(UNFINISHED)
    say("Galaxy creates its tables")
    with GalaxyServer(directory, url):
        pass
    started = time.monotonic()
    engine = create_engine(url, poolclass=NullPool)
    past.seed_past(engine, sizes, say)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))
    _maintain(postgres, f'ALTER DATABASE "{UNFINISHED}" RENAME TO "{name}"')
    say(f"The past took {time.monotonic() - started:.0f} s")
    return name


def copy_for_run(postgres: PostgresServer, source: str) -> str:
    """A fresh copy, which the run may change; its URL."""
    _maintain(postgres, f'DROP DATABASE IF EXISTS "{RUN}"')
    # Before PostgreSQL 15 there was no other strategy than to copy the files, and no word for it.
    strategy = "STRATEGY file_copy" if _version(postgres) >= 150000 else ""
    _maintain(postgres, f'CREATE DATABASE "{RUN}" TEMPLATE "{source}" {strategy}')
    return postgres.url(RUN)


def _exists(postgres: PostgresServer, name: str) -> bool:
    with _maintenance(postgres).connect() as connection:
        found = connection.execute(text("SELECT 1 FROM pg_database WHERE datname = :name"), {"name": name})
        return found.first() is not None


def _version(postgres: PostgresServer) -> int:
    with _maintenance(postgres).connect() as connection:
        return int(connection.execute(text("SHOW server_version_num")).scalar_one())


def _maintain(postgres: PostgresServer, statement: str) -> None:
    with _maintenance(postgres).connect() as connection:
        connection.exec_driver_sql(statement)


def _maintenance(postgres: PostgresServer) -> Engine:
    return create_engine(postgres.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
