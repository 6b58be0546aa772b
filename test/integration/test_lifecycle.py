"""The lifecycle runs by itself in a real server, however many processes it has and however they were started."""

import json
import subprocess
import sys
from typing import Any

from classroom import (
    Classroom,
    ok,
    wait_for_first_run,
)
from fixtures import (
    dataset,
    GalaxyServer,
    wait_until,
)

#: What the lifecycle does a day after the end; nobody waits for that here.
_COUNTING = """
import json, sys
from galaxy.model.orm.now import now
from galaxy_tiaas.cli.host import ready_host
from galaxy_tiaas.managers.trainings import TrainingManager
from galaxy_tiaas.managers.usage import UsageManager

galaxy_yml, identifier = sys.argv[1:]
host = ready_host(galaxy_yml)
print(json.dumps(vars(host[UsageManager].count(host[TrainingManager].get(identifier), now())), default=str))
"""


def _count(classroom: Classroom, identifier: str) -> dict[str, Any]:
    command = [sys.executable, "-c", _COUNTING, str(classroom.galaxy.galaxy_yml), identifier]
    counted = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return dict(json.loads(counted.stdout))


def _end_behind_everybodys_back(classroom: Classroom, identifier: str) -> None:
    with classroom.galaxy.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tiaas_training SET starts_at = '2020-01-01 00:00:00', ends_at = '2020-01-02 00:00:00'"
            f" WHERE identifier = '{identifier}'"
        )


def test_a_server_runs_it_soon_after_its_start(galaxy: GalaxyServer) -> None:
    """One has the extension from the application factory, one preloads Galaxy and forks."""
    wait_for_first_run(galaxy)
    standing = galaxy.query("SELECT value FROM tiaas_counter WHERE name = 'lifecycle_runs_total'")
    assert standing[0].value >= 1


def test_what_galaxy_measures_of_real_jobs_is_what_a_class_used(classroom: Classroom) -> None:
    galaxy = classroom.galaxy
    identifier = classroom.approved()
    assert _count(classroom, identifier)["jobs"] == 0
    ok(classroom.join(identifier, classroom.trainee))
    upload = galaxy.upload(classroom.trainee)
    galaxy.run_tool(classroom.trainee, "cat1", {"input1": dataset(upload.outputs[0])}, upload.history_id)
    galaxy.upload(classroom.stranger)
    measured = galaxy.query(
        "SELECT SUM(m.metric_value) AS seconds FROM job_metric_numeric m JOIN job j ON j.id = m.job_id"
        " WHERE m.metric_name = 'runtime_seconds' AND j.user_id = :user_id",
        user_id=galaxy.decode_id(classroom.trainee.id),
    )
    assert measured[0].seconds is not None
    used = _count(classroom, identifier)
    assert (used["people"], used["jobs"], used["job_seconds"]) == (1, 2, round(measured[0].seconds))
    assert used["core_seconds"] == used["job_seconds"], "each has one core"


def test_of_four_processes_one_puts_a_cohort_right_once(galaxy_prefix: GalaxyServer) -> None:
    classroom = Classroom(galaxy_prefix)
    identifier = classroom.approved()
    assert classroom.cohort_is_on(identifier)
    _end_behind_everybodys_back(classroom, identifier)
    wait_until(lambda: not classroom.cohort_is_on(identifier), "a cohort that is off")
    events = galaxy_prefix.query(
        "SELECT e.action, e.via, e.user_id FROM tiaas_training_event e JOIN tiaas_training t ON t.id = e.training_id"
        " WHERE t.identifier = :identifier AND e.via = 'lifecycle'",
        identifier=identifier,
    )
    assert [tuple(event) for event in events] == [("resources off", "lifecycle", None)]
