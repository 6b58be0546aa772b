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
import yaml
from emptied_database import EmptiedDatabase
from fixtures import PostgresServer
from in_process import (
    create_galaxy_tables,
    create_our_tables,
    InProcess,
)
from mail_server import MailServer

from demo.instance import Settings

# The same examples in every run, no files beside the sources, and no verdict on how fast the machine is.
hypothesis.settings.register_profile("galaxy-tiaas", database=None, deadline=None, derandomize=True)
hypothesis.settings.load_profile("galaxy-tiaas")

# Each test writes and reads Galaxy's configuration; with libyaml that takes a tenth of the time.
if yaml.__with_libyaml__:
    yaml.SafeLoader, yaml.SafeDumper = yaml.CSafeLoader, yaml.CSafeDumper  # type: ignore[assignment,misc]

_names = (f"unit{number}" for number in itertools.count(1))


@pytest.fixture(scope="session")
def sqlite_templates(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory with two databases, `galaxy` with Galaxy's tables and `ours` with ours besides."""
    directory = tmp_path_factory.mktemp("templates")
    create_galaxy_tables(f"sqlite:///{directory / 'galaxy'}")
    create_our_tables(f"sqlite:///{shutil.copy(directory / 'galaxy', directory / 'ours')}")
    return directory


@pytest.fixture(scope="session")
def postgres_templates(postgres: PostgresServer) -> str:
    """The URL of a server with two databases, as above, without the name of a database at its end."""
    url = postgres.create_database("galaxy_template")
    create_galaxy_tables(url)
    server = url.removesuffix("galaxy_template")
    _copy(server, "galaxy_template", "ours_template")
    create_our_tables(f"{server}ours_template")
    return server


@pytest.fixture
def mail_server() -> Iterator[MailServer]:
    with MailServer() as server:
        yield server


@pytest.fixture
def template() -> str:
    """`ours`; a module whose tests make our tables themselves overrides it with `galaxy`."""
    return "ours"


@pytest.fixture
def sqlite_url(sqlite_templates: Path, tmp_path: Path, template: str) -> str:
    """A new SQLite database, connected to as Galaxy does by default."""
    return f"sqlite:///{shutil.copy(sqlite_templates / template, tmp_path / 'galaxy.sqlite')}?isolation_level=IMMEDIATE"


@pytest.fixture(scope="session")
def emptied_databases() -> dict[str, EmptiedDatabase]:
    """By template, what the test before has left."""
    return {}


@pytest.fixture
def postgres_url(
    postgres_templates: str, template: str, emptied_databases: dict[str, EmptiedDatabase]
) -> Iterator[str]:
    """A new PostgreSQL database, or one that is as good: to make one takes longer than most tests."""
    database = emptied_databases.pop(template, None)
    if database is None:
        name = next(_names)
        _copy(postgres_templates, f"{template}_template", name)
        database = EmptiedDatabase(postgres_templates + name)
    yield database.url
    if database.empty():
        emptied_databases[template] = database
    else:
        with _administration(postgres_templates) as connection:
            name = database.url.removeprefix(postgres_templates)
            connection.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")


def _copy(server: str, template: str, name: str) -> None:
    with _administration(server) as connection:
        # Before PostgreSQL 15 this was the only way; since then it is not the default, but still the cheaper one here.
        is_choice = (connection.dialect.server_version_info or ()) >= (15,)
        strategy = "STRATEGY FILE_COPY" if is_choice else ""
        connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE {template} {strategy}")


def _administration(server: str) -> sqlalchemy.Connection:
    engine = sqlalchemy.create_engine(f"{server}postgres", isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
    return engine.connect()


@pytest.fixture
def database_url(request: pytest.FixtureRequest) -> str:
    """A new database: SQLite, unless the test says `on_both_databases`."""
    return str(request.getfixturevalue(f"{getattr(request, 'param', 'sqlite')}_url"))


@pytest.fixture
def make_galaxy(tmp_path: Path, database_url: str) -> Iterator[Callable[..., InProcess]]:
    """Makes a Galaxy in this process, with our settings as keywords."""
    made: list[InProcess] = []

    def make(
        *, job_conf: Optional[Settings] = None, galaxy_conf: Optional[Settings] = None, **settings: Any
    ) -> InProcess:
        directory = tmp_path / f"galaxy{len(made)}"
        directory.mkdir()
        made.append(InProcess(directory, database_url, settings, job_conf=job_conf, galaxy_conf=galaxy_conf))
        return made[-1]

    yield make
    for galaxy in made:
        galaxy.close()


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    """A Galaxy in this process with our default settings."""
    return make_galaxy()
