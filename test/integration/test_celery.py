"""The lifecycle in Galaxy's Celery: a real worker and a real beat on Galaxy's database, without a web server."""

import os
import subprocess
import sys
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager
from datetime import (
    timedelta,
)
from pathlib import Path
from typing import Any

import pytest
from days import utc_today
from fixtures import wait_until
from in_process import (
    create_galaxy_tables,
    create_our_tables,
    InProcess,
)

from demo.instance import ROOT

_DAY = timedelta(days=1)


class CelerySite:
    """A Galaxy whose web processes are stopped, with Celery as its admin has set it up."""

    def __init__(self, directory: Path, **settings: Any) -> None:
        self.directory = directory
        queue = directory / "queue"
        queue.mkdir()
        database_url = f"sqlite:///{directory / 'galaxy.sqlite'}?isolation_level=IMMEDIATE&timeout=60"
        create_galaxy_tables(database_url)
        create_our_tables(database_url)
        folders = {"data_folder_in": str(queue), "data_folder_out": str(queue)}
        celery = {
            "broker_url": "filesystem://",
            "broker_transport_options": folders,
            "imports": ["galaxy_tiaas.tasks"],
            "result_backend": None,
        }
        self.galaxy = InProcess(
            directory, database_url, settings, galaxy_conf={"enable_celery_tasks": True, "celery_conf": celery}
        )

    @contextmanager
    def celery(self, *arguments: str) -> Iterator[Path]:
        """Run one of Celery's programs as Galaxy's documentation says; its log."""
        log = self.directory / f"{arguments[0]}.log"
        environment = {
            **os.environ,
            "GALAXY_CONFIG_FILE": str(self.galaxy.galaxy_yml),
            "PYTHONPATH": str(ROOT / "lib"),
            "PYTHONDONTWRITEBYTECODE": "1",
        }
        command = [sys.executable, "-m", "celery", "--app", "galaxy.celery", *arguments, "--loglevel", "INFO"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                command, cwd=self.directory, env=environment, stdout=output, stderr=subprocess.STDOUT
            )
        try:
            yield log
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def worker(self) -> Any:
        options = ["--pool", "threads", "--concurrency", "1", "--queues", "galaxy.internal"]
        return self.celery("worker", *options, "--without-gossip", "--without-mingle")

    def beat(self) -> Any:
        return self.celery("beat", "--schedule", str(self.directory / "beat"))


@pytest.fixture
def make_site(tmp_path: Path) -> Iterator[Callable[..., CelerySite]]:
    made: list[CelerySite] = []

    def make(**settings: Any) -> CelerySite:
        made.append(CelerySite(tmp_path, **settings))
        return made[-1]

    yield make
    for site in made:
        site.galaxy.close()


def test_beat_and_a_worker_run_the_lifecycle_again_and_again(make_site: Callable[..., CelerySite]) -> None:
    site = make_site(lifecycle_interval_seconds=1)
    galaxy = site.galaxy
    today = utc_today()
    galaxy.training(start=today - _DAY, end=today + _DAY)
    galaxy.session.remove()
    with site.worker() as log, site.beat():
        wait_until(lambda: galaxy.is_on("training-gryffindor"), f"a cohort that is on; see {log}", 600)
        galaxy.move("gryffindor", today + 20 * _DAY, today + 20 * _DAY)
        galaxy.session.remove()
        wait_until(lambda: not galaxy.is_on("training-gryffindor"), f"a cohort that is off; see {log}")
        said = log.read_text()
    assert "galaxy-tiaas lifecycle: switched on: 1" in said
    assert "Celery task execution failed" not in said
    runs = galaxy.query("SELECT value FROM tiaas_counter WHERE name = 'lifecycle_runs_total'")[0].value
    assert runs >= 2


def test_what_is_wrong_with_our_settings_leaves_galaxys_own_tasks_alone(tmp_path: Path) -> None:
    """Beat has them in its schedule, and says what is wrong in one line."""
    (tmp_path / "tiaas_conf.yml").write_text("lifecycle_interval_seconds: often\n")
    galaxy_yml = tmp_path / "galaxy.yml"
    celery = "celery_conf: {result_backend: null}"
    galaxy_yml.write_text(f"galaxy: {{config_dir: '{tmp_path}', tiaas_config_file: tiaas_conf.yml, {celery}}}\n")
    script = (
        "import logging; logging.basicConfig(format='%(name)s %(message)s');"
        " from galaxy.celery import celery_app; import galaxy_tiaas.tasks; celery_app.finalize();"
        " print(*celery_app.conf.beat_schedule)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script],
        cwd=tmp_path,
        env={**os.environ, "GALAXY_CONFIG_FILE": str(galaxy_yml), "PYTHONPATH": str(ROOT / "lib")},
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )
    names = done.stdout.split()
    assert "prune-history-audit-table" in names
    assert "galaxy-tiaas-lifecycle" not in names
    (line,) = [line for line in done.stderr.splitlines() if "galaxy_tiaas" in line]
    assert "lifecycle_interval_seconds" in line
