"""Whatever happens to the database, the jobs of a class end well on a destination that exists.

A Galaxy of its own, with a PostgreSQL of its own: what is broken here, others need. Each job takes ten
seconds of computing.
"""

import re
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pytest
import requests
import sqlalchemy
from classroom import (
    Classroom,
    ok,
)
from fixtures import (
    GalaxyServer,
    wait_until,
)
from postgres import (
    PostgresServer,
    ProgramsMissing,
)

pytestmark = pytest.mark.no_rerun


@dataclass
class Site:
    """A Galaxy whose database can be broken."""

    postgres: PostgresServer
    galaxy: GalaxyServer

    def restart_database(self) -> None:
        """Cut all connections; come back when the web process has found new ones."""
        user = self.galaxy.admin
        self.postgres.restart()
        wait_until(lambda: self.galaxy.api("GET", "users/current", user).ok, "a web process with a database")

    @contextmanager
    def broken_database(self, how: str, repaired: str) -> Iterator[None]:
        """Change the database so that new connections feel it, and cut the others."""
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'galaxy'"
        engine = sqlalchemy.create_engine(self.postgres.url("postgres"), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in (f"ALTER DATABASE galaxy {how}", cut):
                connection.exec_driver_sql(statement)
            try:
                yield
            finally:
                for statement in (f"ALTER DATABASE galaxy {repaired}", cut):
                    connection.exec_driver_sql(statement)
        engine.dispose()

    def errors(self) -> list[str]:
        """What our rule has logged, but for decisions."""
        lines = self.galaxy.log_text().splitlines()
        return [line for line in lines if re.match(r"galaxy_tiaas\.rout\S* (WARNING|ERROR|CRITICAL) ", line)]


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    try:
        postgres = PostgresServer()
    except ProgramsMissing as problem:
        pytest.skip(str(problem))
    try:
        with GalaxyServer(tmp_path, postgres.create_database("galaxy")) as galaxy:
            yield Site(postgres, galaxy)
    finally:
        postgres.stop()


@pytest.fixture
def classroom(site: Site) -> Classroom:
    """A running training with one trainee."""
    classroom = Classroom(site.galaxy)
    ok(classroom.join(classroom.approved(), classroom.trainee))
    return classroom


def two_jobs_of_the_trainee(classroom: Classroom) -> list[str]:
    """Where two jobs went, one after the other. The first ended well; the second is not waited for."""
    galaxy, trainee = classroom.galaxy, classroom.trainee
    history = galaxy.create_history(trainee)
    first = galaxy.submit_tool(trainee, "test_sleep", {"seconds": 0}, history)
    galaxy.wait_for_destination(first)
    second = galaxy.submit_tool(trainee, "test_sleep", {"seconds": 5}, history)
    destination = galaxy.wait_for_destination(second)
    galaxy.cancel_job(trainee, second)
    job = galaxy.wait_for_job(trainee, first)
    assert job.state == "ok"
    return [job.destination_id, destination]


def _is_ok(request: Callable[[], requests.Response]) -> bool:
    return request().ok


#: What the database becomes, how it recovers, and whether it can be read meanwhile.
BROKEN = (
    ("ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true", False),
    ("SET default_transaction_read_only = on", "RESET default_transaction_read_only", True),
)


def test_what_a_database_cannot_do_is_said_and_done_later_without_help(site: Site, classroom: Classroom) -> None:
    """With a session and with a key, by API and by pages."""
    session = site.galaxy.login(classroom.stranger)
    form = {"session_csrf_token": site.galaxy.csrf_token(session)}
    for how, repaired, reads in BROKEN:
        identifier = classroom.approved()
        path, url = f"/join-training/{identifier}", f"{site.galaxy.url}/api/tiaas/trainings/{identifier}"
        changes: list[Callable[[], requests.Response]] = [
            partial(session.post, f"{url}/join", json={}, timeout=60),
            partial(classroom.join, identifier, classroom.trainee),
            partial(classroom.page, path, session),
            partial(session.post, f"{site.galaxy.url}{path}", data=form, timeout=60, allow_redirects=False),
        ]
        look = partial(session.get, url, timeout=60)
        with site.broken_database(how, repaired):
            if reads:  # The first to use a connection that was cut learns it.
                wait_until(partial(_is_ok, look), "a web process that can read")
            for answer in (change() for change in changes):
                assert (answer.status_code, answer.headers["retry-after"]) == (503, "60"), answer.url
                assert "cannot use its database" in answer.text
            assert look().status_code == (200 if reads else 503)
        wait_until(partial(_is_ok, look), "a web process with a database")
        assert [change().status_code for change in changes] == [200, 200, 200, 303]
        assert classroom.members(identifier) == sorted([classroom.stranger.username, classroom.trainee.username])


def test_jobs_survive_a_restart_of_the_database_and_the_loss_of_our_table(site: Site, classroom: Classroom) -> None:
    site.restart_database()
    assert two_jobs_of_the_trainee(classroom) == ["training", "training"]
    assert site.errors() == []
    with site.galaxy.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE tiaas_training CASCADE")
    assert two_jobs_of_the_trainee(classroom) == ["regular", "regular"]
    # Logged once, not for each job.
    (error,) = site.errors()
    assert "tiaas_training" in error
