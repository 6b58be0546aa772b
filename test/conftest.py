"""Servers that the whole run shares: starting Galaxy takes half a minute."""

from collections.abc import Iterator

import pytest
from fixtures import (
    GalaxyServer,
    PostgresServer,
)
from postgres import ProgramsMissing


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer()
    except ProgramsMissing as problem:
        pytest.skip(str(problem))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def galaxy_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalaxyServer]:
    """The smallest Galaxy: one process, SQLite, no prefix; the extension comes with the application."""
    server = GalaxyServer(
        tmp_path_factory.mktemp("galaxy_sqlite"),
        application="galaxy_tiaas.asgi:factory()",
        gunicorn_config="python:galaxy.web_stack.gunicorn_config",
    )
    with server:
        yield server


@pytest.fixture(scope="session")
def galaxy_postgres(postgres: PostgresServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalaxyServer]:
    """Galaxy as large sites run it: PostgreSQL, several processes, mounted by gunicorn's hook."""
    database_url = postgres.create_database("galaxy")
    directory = tmp_path_factory.mktemp("galaxy_postgres")
    with GalaxyServer(directory, database_url, workers=2, preload=True) as server:
        yield server
