"""Whatever happens to the database, the jobs of a class end well on a destination that exists.

A Galaxy of its own, with a PostgreSQL of its own: what is broken here, others need. Each job takes ten
seconds of computing.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
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
