"""Trouble of ours is one line in Galaxy's log, and Galaxy is as it would be without us."""

import json
import os
import re
import subprocess
import sys
import time
from collections.abc import (
    Callable,
    Iterator,
)
from pathlib import Path
from typing import Any

import pytest
import requests
from fixtures import GalaxyServer
from galaxy_tiaas.compat import web
from postgres import free_port

from demo.server import GalaxyProcess

pytestmark = pytest.mark.no_rerun

HERE = Path(__file__).parent
LIB = HERE.parent.parent / "lib"
OUR_PATHS = ("/tiaas/", "/tiaas/static/dist/manifest.json", "/join-training/gryffindor", "/api/tiaas/trainings")


# A Galaxy whose settings are wrong, started by uvicorn with galaxy_tiaas.asgi


class UvicornProcess(GalaxyProcess):
    """Galaxy as somebody starts it by hand."""

    def _command(self) -> list[str]:
        application = "galaxy_tiaas.asgi:factory"
        return [sys.executable, "-m", "uvicorn", "--factory", application, "--host=127.0.0.1", f"--port={self.port}"]


@pytest.fixture(scope="module")
def galaxy_with_wrong_settings(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalaxyServer]:
    server = GalaxyServer(
        tmp_path_factory.mktemp("galaxy_wrong_settings"),
        tiaas_conf={"join_flex_hours": "some", "houses": ["Gryffindor"], "feed_token": ["a secret of the admins"]},
        strict=False,
        process=UvicornProcess,
    )
    with server:
        yield server


def test_galaxy_starts_and_says_once_what_is_wrong_and_where(galaxy_with_wrong_settings: GalaxyServer) -> None:
    log = galaxy_with_wrong_settings.log_text().splitlines()
    (line,) = [line for line in log if "stays switched off" in line]
    assert re.match(r"galaxy_tiaas\S* ERROR ", line)
    assert str(galaxy_with_wrong_settings.directory / "tiaas_conf.yml") in line
    assert "join_flex_hours: must be a number from 0 to 168" in line
    assert "houses: is not a setting; known are" in line and "status_visibility" in line
    assert "a secret of the admins" not in "\n".join(log)


def test_of_a_galaxy_without_us_nothing_else_is_missing(galaxy_with_wrong_settings: GalaxyServer) -> None:
    galaxy = galaxy_with_wrong_settings
    for path in OUR_PATHS:
        assert requests.get(f"{galaxy.url}{path}", timeout=60).status_code == 404, path
    assert requests.get(f"{galaxy.url}/login/start", timeout=60).status_code == 200
    assert "tiaas" not in requests.get(f"{galaxy.url}/openapi.json", timeout=60).text
    assert galaxy.api("GET", "webhooks").json() == []
    assert not galaxy.query("SELECT name FROM sqlite_master WHERE name LIKE 'tiaas%'")


def test_jobs_go_to_the_default_destination_when_the_rule_cannot_read_its_settings(
    galaxy_with_wrong_settings: GalaxyServer,
) -> None:
    galaxy = galaxy_with_wrong_settings
    job = galaxy.run_tool(galaxy.create_user(), "test_sleep", {"seconds": 0})
    assert (job.state, job.destination_id) == ("ok", "regular")
    (line,) = [line for line in galaxy.log_text().splitlines() if "goes to the default destination" in line]
    assert "tiaas_conf.yml: join_flex_hours" in line


# One trouble after the other in one Galaxy; see gunicorn_with_troubles.py


@pytest.fixture(scope="module")
def galaxy_with_troubles(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalaxyServer]:
    directory = tmp_path_factory.mktemp("galaxy_troubles")
    server = GalaxyServer(
        directory,
        url_prefix="/galaxy",
        gunicorn_config=str(HERE / "gunicorn_with_troubles.py"),
        env={"TIAAS_OUTCOMES": str(directory / "outcomes.json")},
        strict=False,
    )
    with server:
        yield server


@pytest.fixture(scope="module")
def outcomes(galaxy_with_troubles: GalaxyServer) -> dict[str, Any]:
    return dict(json.loads((galaxy_with_troubles.directory / "outcomes.json").read_text()))


TROUBLES = {
    "missing library": r"ModuleNotFoundError: No module named 'icalendar'",
    "unknown key": r"tiaas_conf_\d+.yml: joinflexhours: is not a setting; known are .*\bjoin_flex_hours\b",
    "wrong value": r"tiaas_conf_\d+.yml: status_visibility: .*'public', 'members' or 'instructors'.*'everybody'",
    "not YAML": r"tiaas_conf_\d+.yml: is not YAML: line \d+: ",
    "no such file": r"tiaas_conf_\d+.yml: cannot be read: .*No such file",
    "newer tables": r"the tables have revision 9999, which this version does not know",
    "table name taken": r"tiaas_training",
}
STATE = ("routes", "names", "openapi", "webhooks", "tables")


@pytest.mark.parametrize("trouble, sentence", TROUBLES.items())
def test_trouble_is_one_line_and_changes_nothing(outcomes: dict[str, Any], trouble: str, sentence: str) -> None:
    outcome = outcomes[trouble]
    assert outcome["raised"] is None
    (said,) = outcome["said"]
    assert said.startswith("ERROR galaxy-tiaas stays switched off: ")
    assert "\n" not in said and len(said) < 1500
    assert re.search(sentence, said)
    for aspect in ("routes", "names", "openapi", "webhooks"):
        assert outcome[aspect] == outcomes["galaxy"][aspect]


@pytest.mark.parametrize("trouble, sentence", TROUBLES.items())
def test_trouble_is_raised_where_it_is_asked_for(outcomes: dict[str, Any], trouble: str, sentence: str) -> None:
    outcome = outcomes[f"{trouble} 1"]
    assert re.search(sentence, outcome["raised"])
    for aspect in ("routes", "names", "openapi", "webhooks"):
        assert outcome[aspect] == outcomes["galaxy"][aspect]


def test_tables_are_not_made_by_who_cannot_be_mounted(outcomes: dict[str, Any]) -> None:
    assert outcomes["unknown key"]["tables"] == outcomes["galaxy"]["tables"] == []
    assert outcomes["newer tables"]["tables"] == []
    assert outcomes["table name taken"]["tables"] == []


def test_a_wrong_destination_is_one_line_and_the_extension_is_there(outcomes: dict[str, Any]) -> None:
    """Its pages tell the admin, and the rule sends jobs where it can."""
    outcome = outcomes["destinations"]
    assert outcome["raised"] is None
    (said,) = [line for line in outcome["said"] if line.startswith("ERROR ")]
    assert said.startswith("ERROR galaxy-tiaas: environment sorting_hat: training: 'nowhere' is not an environment")
    assert "known are local, regular, sorting_hat, training, training-big" in said
    assert any("/tiaas/new/" in paths for paths in outcome["names"].values())


def test_a_wrong_destination_is_raised_where_it_is_asked_for(outcomes: dict[str, Any]) -> None:
    outcome = outcomes["destinations 1"]
    assert "training: 'nowhere' is not an environment" in outcome["raised"]
    assert outcome["routes"] == outcomes["galaxy"]["routes"]


def test_mounting_twice_is_mounting_once(outcomes: dict[str, Any]) -> None:
    assert outcomes["again"]["raised"] is None
    for aspect in STATE:
        assert outcomes["again"][aspect] == outcomes["destinations"][aspect]


def test_our_routes_come_before_all_of_galaxys_which_stay_as_they_are(outcomes: dict[str, Any]) -> None:
    before, after = outcomes["galaxy"]["routes"], outcomes["destinations"]["routes"]
    ours = len(web.OUR_PATHS)
    assert after[:ours] == [f"{path} []" for path in web.OUR_PATHS]
    assert after[ours:] == before


def test_galaxy_finds_our_routes_by_name_and_its_own_before_ours(outcomes: dict[str, Any]) -> None:
    before, after = outcomes["galaxy"]["names"], outcomes["destinations"]["names"]
    for name, paths in before.items():
        assert after[name][: len(paths)] == paths
    assert after["tiaas_static"] == ["/tiaas/static"]
    assert any("/join-training/{identifier}" in paths for paths in after.values())
    assert any("/api/tiaas/trainings/{identifier}/state" in paths for paths in after.values())


def test_after_all_that_the_pages_answer_below_the_prefix(galaxy_with_troubles: GalaxyServer) -> None:
    galaxy = galaxy_with_troubles
    assert requests.get(f"{galaxy.url}/tiaas/", timeout=60).status_code == 200
    assert galaxy.api("GET", "tiaas/trainings").json() == []
    assert galaxy.api("GET", "version").ok


# Gunicorn without a Galaxy: what becomes of its processes


MISSING = """
import sys

class Blocker:
    def find_spec(self, name, *_):
        if name == "galaxy.app":
            raise ModuleNotFoundError("No module named 'galaxy.app'", name=name)

sys.meta_path.insert(0, Blocker())
"""


@pytest.fixture
def no_galaxy(tmp_path: Path) -> Callable[[str], tuple[int, str]]:
    """Starts gunicorn with our configuration, two workers and an application that is no Galaxy."""
    (tmp_path / "nothing.py").write_text("async def app(scope, receive, send): ...\n")
    (tmp_path / "sitecustomize.py").write_text(MISSING)
    log = tmp_path / "log"

    def run(strict: str) -> tuple[int, str]:
        command = [sys.executable, "-m", "gunicorn", "nothing:app", "--config=python:galaxy_tiaas.gunicorn"]
        with log.open("wb") as output:
            process = subprocess.Popen(
                [*command, f"--bind=127.0.0.1:{free_port()}", "--workers=2", "--no-control-socket"],
                cwd=tmp_path,
                env={**os.environ, "PYTHONPATH": f"{tmp_path}{os.pathsep}{LIB}", "GALAXY_TIAAS_STRICT": strict},
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            deadline = time.monotonic() + 120
            while process.poll() is None and log.read_text().count("stays switched off") < 2:
                assert time.monotonic() < deadline, log.read_text()
                time.sleep(0.2)
        finally:
            process.terminate()
        return process.wait(60), log.read_text()

    return run


def test_every_worker_says_once_what_is_wrong(no_galaxy: Callable[[str], tuple[int, str]]) -> None:
    code, log = no_galaxy("")
    assert code == 0
    lines = [line for line in log.splitlines() if "galaxy-tiaas" in line]
    assert lines == ["galaxy-tiaas stays switched off: ModuleNotFoundError: No module named 'galaxy.app'"] * 2
    assert "Traceback" not in log


def test_a_strict_worker_does_not_start(no_galaxy: Callable[[str], tuple[int, str]]) -> None:
    code, log = no_galaxy("1")
    # 3 says that a worker failed to boot; a second worker that fails while gunicorn halts makes it 1.
    assert code in (1, 3)
    assert "Worker failed to boot" in log
    assert "No module named 'galaxy.app'" in log
    assert "stays switched off" not in log
