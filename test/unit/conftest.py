"""Databases with Galaxy's tables, copied from one that is made once, and a Galaxy in this process on each."""

import itertools
import shutil
from collections.abc import (
    Callable,
    Iterator,
)
from pathlib import Path
from typing import (
    Any,
    Optional,
)

import hypothesis
import pytest
import sqlalchemy
from fixtures import PostgresServer
from in_process import (
    create_galaxy_tables,
    InProcess,
)

from demo.instance import Settings

# The same examples in every run, no files beside the sources, and no verdict on how fast the machine is.
hypothesis.settings.register_profile("galaxy-tiaas", database=None, deadline=None, derandomize=True)
hypothesis.settings.load_profile("galaxy-tiaas")

_TEMPLATE = "galaxy_template"
_names = (f"unit{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("template") / "galaxy.sqlite"
    create_galaxy_tables(f"sqlite:///{file}")
    return file


@pytest.fixture(scope="session")
def postgres_template(postgres: PostgresServer) -> str:
    """A URL whose database may be replaced by another one."""
    url = postgres.create_database(_TEMPLATE)
    create_galaxy_tables(url)
    return url


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Galaxy's tables in a new SQLite database, as Galaxy connects to it by default."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'galaxy.sqlite')}?isolation_level=IMMEDIATE"


@pytest.fixture
def postgres_url(postgres_template: str) -> Iterator[str]:
    """Galaxy's tables in a new PostgreSQL database."""
    name = next(_names)
    engine = sqlalchemy.create_engine(
        postgres_template.replace(_TEMPLATE, "postgres"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
    )
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY FILE_COPY"))
    yield postgres_template.replace(_TEMPLATE, name)
    with engine.connect() as connection:
        connection.execute(sqlalchemy.text(f"DROP DATABASE {name} WITH (FORCE)"))


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """Galaxy's tables in a new database: SQLite, unless the test says `on_both_databases`."""
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
def make_galaxy(tmp_path: Path, database_url: str) -> Iterator[Callable[..., InProcess]]:
    """Makes a Galaxy in this process, with our settings as keywords."""
    made: list[InProcess] = []

    def make(*, job_conf: Optional[Settings] = None, **settings: Any) -> InProcess:
        directory = tmp_path / f"galaxy{len(made)}"
        directory.mkdir()
        made.append(InProcess(directory, database_url, settings, job_conf=job_conf))
        return made[-1]

    yield make
    for galaxy in made:
        galaxy.close()


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    """A Galaxy in this process with our default settings."""
    return make_galaxy()
