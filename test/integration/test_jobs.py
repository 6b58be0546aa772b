"""Two real jobs of a class: where Galaxy sends them, and what dashboards, charts and numbers make of them."""

import json
import subprocess
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from bioblend.galaxy import GalaxyInstance
from classroom import (
    Classroom,
    ok,
)
from fixtures import (
    dataset,
    GalaxyServer,
    HANDLER,
    Job,
    wait_until,
)
from galaxy_tiaas.bioblend import TrainingsClient

#: What the lifecycle does a day after the end; nobody waits for that here.
_COUNTING = """
import json, sys
from galaxy.model.orm.now import now
from galaxy_tiaas.cli.application import ready_application
from galaxy_tiaas.trainings.manager import TrainingManager
from galaxy_tiaas.reporting.manager import UsageManager

galaxy_yml, identifier = sys.argv[1:]
host = ready_application(galaxy_yml)
print(json.dumps(vars(host[UsageManager].count(host[TrainingManager].get(identifier), now())), default=str))
"""


@dataclass
class Class(Classroom):
    """A running training whose trainee has uploaded a file and run a tool on it."""

    identifier: str
    pseudonym: str
    upload: Job
    job: Job


@pytest.fixture(scope="module")
def at_work(galaxy_postgres: GalaxyServer) -> Class:
    classroom = Classroom(galaxy_postgres)
    identifier = classroom.approved()
    pseudonym = ok(classroom.join(identifier, classroom.trainee))["pseudonym"]
    upload = galaxy_postgres.upload(classroom.trainee, "one\ntwo\n")
    inputs = {"input1": dataset(upload.outputs[0])}
    job = galaxy_postgres.run_tool(classroom.trainee, "cat1", inputs, upload.history_id)
    made = Class(galaxy_postgres, identifier, pseudonym, upload, job)
    vars(made).update({who: getattr(classroom, who) for who in ("admin", "instructor", "trainee")})
    return made


def test_an_upload_stays_local_and_a_tool_goes_to_the_training(at_work: Class) -> None:
    assert (at_work.upload.state, at_work.upload.destination_id) == ("ok", "local")
    assert (at_work.job.state, at_work.job.destination_id) == ("ok", "training")


def test_the_rule_runs_in_a_job_handler_without_a_web_application(at_work: Class) -> None:
    galaxy = at_work.galaxy
    number = galaxy.decode_id(at_work.job.id)
    (handled,) = galaxy.query("SELECT handler FROM job WHERE id = :id", id=number)
    assert handled.handler == HANDLER
    decision = f"({number}) galaxy-tiaas: training, because"
    assert decision in (galaxy.directory / f"{HANDLER}.log").read_text()
    assert decision not in galaxy.log_text()


def test_the_status_counts_them_under_a_pseudonym(at_work: Class) -> None:
    status = ok(at_work.get(f"trainings/{at_work.identifier}/status", at_work.instructor))
    assert status["jobs"] == {"states": {"ok": 2}, "total": 2}
    assert {tool["tool_id"]: tool["total"] for tool in status["tools"]} == {"__DATA_FETCH__": 1, "cat1": 1}
    assert {(entry["pseudonym"], entry["tool_id"]) for entry in status["queue"]} == {
        (at_work.pseudonym, "__DATA_FETCH__"),
        (at_work.pseudonym, "cat1"),
    }
    page = at_work.page(f"/join-training/{at_work.identifier}/status")
    assert at_work.pseudonym in page.text
    assert at_work.trainee.username not in page.text


def test_a_class_is_held_against_the_steps_of_its_course(at_work: Class) -> None:
    path = f"trainings/{at_work.identifier}"
    steps = [{"tool_id": "upload1", "label": "Upload"}, {"tool_id": "wc_gnu"}]
    view = ok(at_work.put(f"{path}/dashboard", at_work.instructor, json={"steps": steps}))
    assert [(step["position"], step["label"]) for step in view["steps"]] == [
        *((1, "Upload"), (2, "Line/Word/Character count"))
    ]
    progress = ok(at_work.get(f"{path}/progress"))
    (user,) = progress["users"]
    assert (user["states"], user["position"]) == (["done", "not_started"], 1)
    assert progress["steps"][0]["counts"] == {"not_started": 0, "queued": 0, "running": 0, "done": 1, "failed": 0}
    assert (progress["source"], progress["median"]) == ("steps", 1.0)
    ok(at_work.put(f"{path}/dashboard", at_work.instructor, json={"steps": []}))
    progress = ok(at_work.get(f"{path}/progress"))
    assert progress["source"] == "tools"
    done = {tool["tool_id"]: tool["jobs"]["done"] for tool in progress["tools"]}
    assert done == {"__DATA_FETCH__": 1, "cat1": 1}


def test_a_tool_that_runs_on_a_list_is_one_step_and_a_failed_element_may_be_run_again(at_work: Class) -> None:
    """Galaxy puts the new job into the place of the failed one, though it has another input."""
    galaxy, classroom = at_work.galaxy, Classroom(at_work.galaxy)
    identifier = classroom.approved()
    path, trainee = f"trainings/{identifier}", classroom.trainee
    ok(classroom.join(identifier, trainee))
    steps = [{"tool_id": tool} for tool in ("test_fail_if_bad", "test_missing", "test_fail_if_bad")]
    ok(classroom.put(f"{path}/dashboard", classroom.instructor, json={"steps": steps}))
    history = galaxy.create_history(trainee)
    files = galaxy.upload_list(trainee, {"one": "good\n", "two": "bad\n"}, history)
    inputs = {"input": {"batch": True, "values": [{"src": "hdca", "id": files.id}]}}
    payload = {"history_id": history, "tool_id": "test_fail_if_bad", "inputs": inputs}
    jobs = [
        galaxy.wait_for_job(trainee, job["id"])
        for job in ok(galaxy.api("POST", "tools", trainee, json=payload))["jobs"]
    ]
    assert [job.state for job in jobs] == ["ok", "error"]
    progress = ok(classroom.get(f"{path}/progress", classroom.instructor))
    (user,) = progress["users"]
    assert user["states"] == ["failed", "not_started", "not_started"]
    assert user["elements"] == [{"position": 1, "count": 1, "total": 2}]
    assert [(step["label"], step["installed"]) for step in progress["steps"]] == [
        *(("Refuse bad files", True), ("test_missing", False), ("Refuse bad files", True))
    ]
    (failing,) = ok(classroom.get(f"{path}/help", classroom.instructor))["failed"]["people"]
    assert (failing["tool_name"], failing["failures"]) == ("Refuse bad files", 1)
    again = {"input": dataset(files.elements["one"]), "rerun_remap_job_id": jobs[1].id}
    assert galaxy.run_tool(trainee, "test_fail_if_bad", again, history).state == "ok"

    def states() -> list[str]:
        (user,) = ok(classroom.get(f"{path}/progress", classroom.instructor))["users"]
        return list(user["states"])

    # A result is shared for some seconds.
    wait_until(lambda: states() == ["done", "not_started", "not_started"], "the step to be done")


def test_jobs_in_a_history_without_the_tag_are_not_of_the_course(at_work: Class) -> None:
    path = f"trainings/{at_work.identifier}"
    assert ok(at_work.get(f"{path}/progress"))["tools"]
    assert ok(at_work.get(f"{path}/progress?jobs=course"))["tools"] == []
    ok(at_work.put(f"{path}/dashboard", at_work.instructor, json={"course_only": True}))
    progress = ok(at_work.get(f"{path}/progress"))
    assert (progress["tools"], progress["shown"], progress["course_only"]) == ([], "course", True)
    ok(at_work.put(f"{path}/dashboard", at_work.instructor, json={"course_only": False}))


def test_they_are_drawn_over_time(at_work: Class) -> None:
    """One person's waits are not told, and a tag saves sending it all again."""
    path = f"trainings/{at_work.identifier}/activity"
    answer = at_work.get(path, params={"hours": 1})
    activity = ok(answer)
    assert activity["identifier"] == at_work.identifier
    assert [bucket["states"] for bucket in activity["buckets"] if bucket["states"]] in (
        [{"ok": 2}],
        [{"ok": 1}, {"ok": 1}],
    )
    assert activity["buckets"][-1]["start"] <= activity["generated"]
    assert activity["waits"]["members"] is None
    assert activity["waits"]["members_withheld"] == "too_few"
    client = TrainingsClient(GalaxyInstance(at_work.galaxy.url, key=at_work.trainee.api_key))
    course = client.get_activity(at_work.identifier, hours=1, jobs="course")
    assert (course["shown"], [bucket for bucket in course["buckets"] if bucket["states"]]) == ("course", [])


def test_what_galaxy_measured_is_what_the_class_used(at_work: Class) -> None:
    measured = at_work.galaxy.query(
        "SELECT SUM(m.metric_value) AS seconds FROM job_metric_numeric m JOIN job j ON j.id = m.job_id"
        " WHERE m.metric_name = 'runtime_seconds' AND j.user_id = :user_id",
        user_id=at_work.galaxy.decode_id(at_work.trainee.id),
    )
    assert measured[0].seconds is not None
    used = _count(at_work, at_work.identifier)
    assert (used["people"], used["jobs"], used["job_seconds"]) == (1, 2, round(measured[0].seconds))
    assert used["core_seconds"] == used["job_seconds"], "each has one core"


def _count(classroom: Classroom, identifier: str) -> dict[str, Any]:
    command = [sys.executable, "-c", _COUNTING, str(classroom.galaxy.galaxy_yml), identifier]
    counted = subprocess.run(command, check=True, capture_output=True, text=True, timeout=300)
    return dict(json.loads(counted.stdout))
