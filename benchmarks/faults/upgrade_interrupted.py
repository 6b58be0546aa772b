"""The upgrade of our tables is killed at each of its steps, on both databases; the next one does it all."""

import os
import random
import shutil
import signal
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import (
    contextmanager,
    redirect_stdout,
)
from functools import partial
from io import StringIO
from multiprocessing.context import ForkServerContext
from pathlib import Path
from typing import (
    Any,
    Optional,
)

import sqlalchemy
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from fixtures import PostgresServer
from galaxy_tiaas.cli import main
from galaxy_tiaas.core.model import (
    Base,
    migrate,
)
from in_process import (
    create_galaxy_tables,
    InProcess,
)
from processes import fork_server
from sqlalchemy import (
    inspect,
    NullPool,
)

from .site import (
    Outcome,
    scratch,
)

_TIMEOUT = 120


#: What an old version has stored, and the new one must find.
_OLD_TRAINING = """
INSERT INTO tiaas_training
    (identifier, title, description, name, email, start, "end", timezone, starts_at, ends_at, days, website, use_gtn,
     gtn_links, non_gtn_links, attendance, advertise, blogpost, retain_contact, other_requests, state, created, updated)
VALUES
    ('gryffindor', 'Charms', '', '', '', '2026-11-16', '2026-11-16', 'UTC', '2026-11-16', '2026-11-17', 1, '', false,
     '', '', 20, false, false, false, '', 'new', '2026-10-01', '2026-10-01')
"""


def upgrade(galaxy_yml: Path, step: int, part: float, statements: Any) -> None:
    """`galaxy-tiaas db upgrade`, in a process that is killed before one of the statements of one of the steps.

    A step ends with the statement that notes its revision. `statements` are those of each step; none are known before
    the upgrade has been done once. With step 0, it is not killed.
    """
    done: list[int] = [0]

    def count(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if len(done) == step and done[-1] >= int(part * statements[step - 1]):
            os.kill(os.getpid(), signal.SIGKILL)
        done[-1] += 1
        if migrate.VERSION_TABLE in statement and statement.split()[0] in ("INSERT", "UPDATE"):
            if not step:
                statements[len(done) - 1] = done[-1]
            done.append(0)

    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", count)
    with redirect_stdout(StringIO()):
        main(["-c", str(galaxy_yml), "db", "upgrade"])


class Case:
    """A database with Galaxy's tables, and with none of ours or those of the first revision, again and again."""

    def __init__(self, name: str, folder: Path, processes: ForkServerContext, fresh: Callable[[], str]) -> None:
        self.name = name
        self._fresh = fresh
        self._processes = processes
        self._folder = folder / name.replace(" ", "-")
        self._folder.mkdir()
        self._number = 0
        url = fresh()
        start = _revision(url)
        revisions = [script.revision for script in reversed(list(_scripts().walk_revisions()))]
        self.steps = revisions[revisions.index(start) + 1 :] if start else revisions
        # How many statements each step has.
        self._statements = processes.Array("i", len(self.steps) + 1)
        if self._attempt(self._write(url), 0, 0.0) != 0:
            raise RuntimeError(f"the upgrade of {name} fails without being interrupted")

    def round(self, number: int) -> Iterator[str]:
        """What is wrong after every other step was interrupted, each time in a database of its own."""
        chance = random.Random(number)
        for step in range(1 + number % 2, len(self.steps) + 1, 2):
            part = chance.random()
            where = f"step {self.steps[step - 1]}, killed after {part:.0%} of its statements"
            yield from (f"{where}: {found}" for found in self._interrupt(step, part))

    def _interrupt(self, step: int, part: float) -> Iterator[str]:
        url = self._fresh()
        galaxy_yml = self._write(url)
        before = _tables(url), _revision(url)
        if self._attempt(galaxy_yml, step, part) != -signal.SIGKILL:
            yield "it was not killed"
        if (_tables(url), _revision(url)) != before:
            yield f"it was half done: {_revision(url)}"
        if self._attempt(galaxy_yml, 0, 0.0) != 0:
            yield "the next upgrade fails"
            return
        if _revision(url) != migrate.head_revision():
            yield f"the next upgrade ends at {_revision(url)}"
        with _engine(url).connect() as connection:
            context = MigrationContext.configure(connection, opts={"include_object": _is_ours})
            yield from map(str, compare_metadata(context, Base.metadata))
            for table, expected in (("tiaas_secret", 1), ("tiaas_training", int(before[1] is not None))):
                count = connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one()
                if count != expected:
                    yield f"{table} has {count} rows instead of {expected}"

    def _write(self, url: str) -> Path:
        self._number += 1
        folder = self._folder / str(self._number)
        folder.mkdir()
        return InProcess(folder, url).galaxy_yml

    def _attempt(self, galaxy_yml: Path, step: int, part: float) -> Any:
        process = self._processes.Process(target=upgrade, args=(galaxy_yml, step, part, self._statements))
        process.start()
        process.join(_TIMEOUT)
        if process.is_alive():
            process.kill()
            return "never ends"
        return process.exitcode


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    with scratch() as folder:
        processes = fork_server()
        postgres = PostgresServer()
        try:
            cases = [
                Case(f"{name}, {start}", folder, processes, fresh)
                for name, make in (("SQLite", partial(_sqlite, folder)), ("PostgreSQL", partial(_postgres, postgres)))
                for start, fresh in zip(("none of our tables", "our first tables"), make(), strict=True)
            ]

            def round_(number: int) -> Outcome:
                outcome = Outcome()
                for case in cases:
                    outcome.checked[f"{case.name}: all or nothing, and the next upgrade does it"] = [
                        *case.round(number)
                    ]
                return outcome

            yield round_
        finally:
            postgres.stop()


def _sqlite(folder: Path) -> list[Callable[[], str]]:
    none, first, copy = (folder / name for name in ("none.sqlite", "first.sqlite", "galaxy.sqlite"))
    create_galaxy_tables(f"sqlite:///{none}")
    shutil.copy(none, first)
    _make_first_tables(f"sqlite:///{first}")

    def fresh(template: Path) -> str:
        for rest in folder.glob("galaxy.sqlite*"):
            rest.unlink()
        shutil.copy(template, copy)
        return f"sqlite:///{copy}?isolation_level=IMMEDIATE"

    return [partial(fresh, none), partial(fresh, first)]


def _postgres(postgres: PostgresServer) -> list[Callable[[], str]]:
    create_galaxy_tables(postgres.create_database("none"))
    execute = partial(_execute, postgres.url("postgres"))
    execute("CREATE DATABASE first TEMPLATE none")
    _make_first_tables(postgres.url("first"))

    def fresh(template: str) -> str:
        execute("DROP DATABASE IF EXISTS galaxy WITH (FORCE)")
        execute(f"CREATE DATABASE galaxy TEMPLATE {template}")
        return postgres.url("galaxy")

    return [partial(fresh, "none"), partial(fresh, "first")]


def _make_first_tables(url: str) -> None:
    config = migrate._alembic_config()
    with _engine(url).connect() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        connection.exec_driver_sql(_OLD_TRAINING)
        connection.commit()


def _execute(url: str, statement: str) -> None:
    with _engine(url, isolation_level="AUTOCOMMIT").connect() as connection:
        connection.exec_driver_sql(statement)


def _engine(url: str, **options: Any) -> sqlalchemy.Engine:
    return sqlalchemy.create_engine(url, poolclass=NullPool, **options)


def _revision(url: str) -> Optional[str]:
    return migrate.current_revision(_engine(url))


def _tables(url: str) -> dict[str, list[str]]:
    """Our tables and their columns."""
    with _engine(url).connect() as connection:
        found = inspect(connection)
        names = [name for name in found.get_table_names() if name.startswith("tiaas_")]
        return {name: [column["name"] for column in found.get_columns(name)] for name in names}


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(migrate._alembic_config())


def _is_ours(_object: Any, name: Any, kind: str, *_rest: Any) -> bool:
    return kind != "table" or name in Base.metadata.tables
