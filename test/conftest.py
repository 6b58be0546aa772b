"""Servers that the whole run shares: starting Galaxy takes half a minute."""

from collections.abc import Iterator

import pytest
import yaml
from fixtures import (
    GalaxyServer,
    JobHandlerProcess,
    PostgresServer,
    SEPARATE_HANDLER,
)
from postgres import ProgramsMissing

from client import node_modules
from demo.instance import EXAMPLES

__all__ = ["node_modules"]


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
    """Galaxy as large sites run it: PostgreSQL, several web processes with the extension, a job handler of its own."""
    database_url = postgres.create_database("galaxy")
    directory = tmp_path_factory.mktemp("galaxy_postgres")
    job_conf = {**yaml.safe_load((EXAMPLES / "job_conf.yml").read_text()), **SEPARATE_HANDLER}
    with GalaxyServer(directory, database_url, workers=2, preload=True, job_conf=job_conf) as server:
        handler = JobHandlerProcess(server)
        handler.start()
        yield server
        handler.stop()
