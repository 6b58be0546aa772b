"""Whatever happens to the database or to our settings, the jobs of a class end well on a destination that exists.

A Galaxy of its own, with a PostgreSQL of its own: what is broken here, others need. Each job takes ten
seconds of computing.
"""

import re
from collections.abc import Iterator
from dataclasses import (
    dataclass,
    field,
)
from typing import Optional

import pytest
from classroom import (
    Classroom,
    ok,
)
from fixtures import (
    GalaxyServer,
    JobHandlerProcess,
    PostgresServer,
    SEPARATE_HANDLER,
    wait_until,
)
from postgres import ProgramsMissing

from demo.instance import example


@dataclass
class Site:
    """A Galaxy whose parts can be broken one by one."""

    postgres: PostgresServer
    galaxy: GalaxyServer
    handler: JobHandlerProcess
    settings: Optional[str] = field(default=None, init=False)

    def let_handler_read(self, settings: str) -> None:
        """Write tiaas_conf.yml and (re)start the job handler, if that is not what it has read already."""
        if settings != self.settings:
            (self.galaxy.directory / "tiaas_conf.yml").write_text(settings)
            self.handler.stop()
            self.handler.start()
            self.settings = settings

    def restart_database(self) -> None:
        """Cut all connections; come back when the web process has found new ones."""
        user = self.galaxy.admin
        self.postgres.restart()
        wait_until(lambda: self.galaxy.api("GET", "users/current", user).ok, "a web process with a database")

    def complaints(self) -> list[str]:
        """What we have logged in the handler, but for decisions, since it was started."""
        lines = self.handler.log_text().splitlines()
        return [line for line in lines if re.match(r"galaxy_tiaas\S* (WARNING|ERROR|CRITICAL) ", line)]


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    try:
        postgres = PostgresServer()
    except ProgramsMissing as problem:
        pytest.skip(str(problem))
    try:
        directory = tmp_path_factory.mktemp("galaxy_chaos")
        job_conf = {**example("job_conf.yml"), **SEPARATE_HANDLER}
        with GalaxyServer(directory, postgres.create_database("galaxy"), job_conf=job_conf) as galaxy:
            handler = JobHandlerProcess(galaxy)
            try:
                yield Site(postgres, galaxy, handler)
            finally:
                handler.stop()
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


def test_settings_that_cannot_be_read_send_jobs_to_the_default_and_the_log_says_so_once(
    site: Site, classroom: Classroom
) -> None:
    site.let_handler_read("join_flex_hours: [\n")
    assert two_jobs_of_the_trainee(classroom) == ["regular", "regular"]
    (complaint,) = site.complaints()
    assert "tiaas_conf.yml" in complaint


def test_settings_that_were_emptied_are_the_defaults(site: Site, classroom: Classroom) -> None:
    site.let_handler_read("")
    assert two_jobs_of_the_trainee(classroom) == ["training", "training"]
    assert site.complaints() == []


def test_after_a_restart_of_the_database_jobs_go_where_they_went_before(site: Site, classroom: Classroom) -> None:
    site.let_handler_read("")
    site.restart_database()
    assert two_jobs_of_the_trainee(classroom) == ["training", "training"]


def test_without_our_table_jobs_go_to_the_default_and_the_log_says_so_once(site: Site, classroom: Classroom) -> None:
    """The last test: there is no class after it."""
    site.let_handler_read("")
    before = len(site.complaints())
    with site.galaxy.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE tiaas_training CASCADE")
    assert two_jobs_of_the_trainee(classroom) == ["regular", "regular"]
    (complaint,) = site.complaints()[before:]
    assert "tiaas_training" in complaint
