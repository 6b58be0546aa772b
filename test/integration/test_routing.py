"""Real jobs, and where Galaxy sent them."""

from typing import Optional

import pytest
import requests
from classroom import (
    Classroom,
    FUTURE,
    NOW,
    ok,
    PAST,
)
from fixtures import (
    dataset,
    GalaxyServer,
    HANDLER,
    User,
)

#: Long enough to be stopped; not longer, since Galaxy's local runner misses a stop that comes while it starts a job,
#: and has two threads only.
SECONDS = 5


def destination_of_a_job(classroom: Classroom, user: User) -> str:
    """Start an ordinary tool, see where it goes, and stop it."""
    job = classroom.galaxy.submit_tool(user, "test_sleep", {"seconds": SECONDS})
    destination = classroom.galaxy.wait_for_destination(job)
    classroom.galaxy.cancel_job(user, job)
    return destination


def test_an_upload_stays_local_and_a_tool_goes_to_the_training(classroom: Classroom) -> None:
    identifier = classroom.approved()
    pseudonym = ok(classroom.join(identifier, classroom.trainee))["pseudonym"]
    upload = classroom.galaxy.upload(classroom.trainee, "one\ntwo\n")
    job = classroom.galaxy.run_tool(
        classroom.trainee, "cat1", {"input1": dataset(upload.outputs[0])}, upload.history_id
    )
    assert (upload.state, upload.destination_id) == ("ok", "local")
    assert (job.state, job.destination_id) == ("ok", "training")
    status = ok(classroom.get(f"trainings/{identifier}/status"))
    assert status["jobs"] == {"states": {"ok": 2}, "total": 2}
    assert {tool["tool_id"]: tool["total"] for tool in status["tools"]} == {"__DATA_FETCH__": 1, "cat1": 1}
    assert {(entry["pseudonym"], entry["tool_id"]) for entry in status["queue"]} == {
        (pseudonym, "__DATA_FETCH__"),
        (pseudonym, "cat1"),
    }
    page = classroom.page(f"/join-training/{identifier}/status")
    assert pseudonym in page.text
    assert classroom.trainee.username not in page.text


@pytest.mark.parametrize(
    "distance, state, destination, expected",
    [
        (NOW, "approved", "", "training"),
        (NOW, "approved", "training-big", "training-big"),
        (FUTURE, "approved", "", "regular"),
        (PAST, "approved", "", "regular"),
        (NOW, "cancelled", "", "regular"),
    ],
    ids=["running", "running with a destination of its own", "upcoming", "finished", "cancelled"],
)
def test_members_jobs_go_where_their_training_says(
    classroom: Classroom, distance: object, state: str, destination: str, expected: str
) -> None:
    identifier = classroom.approved(NOW, destination)
    ok(classroom.join(identifier, classroom.trainee))
    classroom.move(identifier, distance)  # type: ignore[arg-type]
    if state != "approved":
        ok(classroom.decide(identifier, state))
    assert destination_of_a_job(classroom, classroom.trainee) == expected


def test_a_role_that_outlived_its_training_has_no_effect(classroom: Classroom) -> None:
    identifier = classroom.approved(PAST)
    classroom.move(identifier, NOW)
    ok(classroom.join(identifier, classroom.trainee))
    past = "2020-01-01 00:00:00"
    with classroom.galaxy.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE tiaas_training SET starts_at = '{past}', ends_at = '{past}' WHERE identifier = '{identifier}'"
        )
    assert classroom.cohort_is_on(identifier)
    assert destination_of_a_job(classroom, classroom.trainee) == "regular"


def test_after_an_early_end_jobs_go_where_they_always_go_and_the_link_says_so(classroom: Classroom) -> None:
    identifier = classroom.approved()
    ok(classroom.join(identifier, classroom.trainee))
    assert destination_of_a_job(classroom, classroom.trainee) == "training"
    ok(classroom.put(f"trainings/{identifier}/end", classroom.instructor, json={"note": "Snow"}))
    assert not classroom.cohort_is_on(identifier)
    assert destination_of_a_job(classroom, classroom.trainee) == "regular"
    session = classroom.galaxy.login(classroom.stranger)
    page = classroom.page(f"/join-training/{identifier}", session)
    assert (page.status_code, "ended early" in page.text) == (410, True)


def test_joining_takes_effect_for_the_next_job_and_leaving_too(classroom: Classroom) -> None:
    identifier = classroom.approved()
    assert destination_of_a_job(classroom, classroom.trainee) == "regular"
    ok(classroom.join(identifier, classroom.trainee))
    assert destination_of_a_job(classroom, classroom.trainee) == "training"
    ok(classroom.post(f"trainings/{identifier}/leave", classroom.trainee))
    assert destination_of_a_job(classroom, classroom.trainee) == "regular"


def test_jobs_of_others_go_where_they_always_go(classroom: Classroom) -> None:
    identifier = classroom.approved()
    ok(classroom.join(identifier, classroom.trainee))
    assert destination_of_a_job(classroom, classroom.stranger) == "regular"
    assert destination_of_a_job(classroom, classroom.instructor) == "regular"
    assert destination_of_anonymous_upload(classroom) == "local"


def test_the_rule_runs_in_a_job_handler_without_a_web_application(galaxy_postgres: GalaxyServer) -> None:
    classroom = Classroom(galaxy_postgres)
    ok(classroom.join(classroom.approved(), classroom.trainee))
    job = galaxy_postgres.submit_tool(classroom.trainee, "test_sleep", {"seconds": SECONDS})
    assert galaxy_postgres.wait_for_destination(job) == "training"
    galaxy_postgres.cancel_job(classroom.trainee, job)
    number = galaxy_postgres.decode_id(job)
    (handled,) = galaxy_postgres.query("SELECT handler FROM job WHERE id = :id", id=number)
    assert handled.handler == HANDLER
    decision = f"({number}) galaxy-tiaas: training, because"
    assert decision in (galaxy_postgres.directory / f"{HANDLER}.log").read_text()
    assert decision not in galaxy_postgres.log_text()


def destination_of_anonymous_upload(classroom: Classroom) -> Optional[str]:
    """Upload something without logging in."""
    session = requests.Session()
    url = classroom.galaxy.url
    session.get(f"{url}/login/start", timeout=60)
    history = ok(session.get(f"{url}/history/current_history_json", timeout=60))
    element = {"src": "pasted", "paste_content": "a\n", "ext": "txt", "name": "pasted"}
    payload = {
        "history_id": history["id"],
        "targets": [{"destination": {"type": "hdas"}, "elements": [element]}],
    }
    job = ok(session.post(f"{url}/api/tools/fetch", json=payload, timeout=60))["jobs"][0]
    return classroom.galaxy.wait_for_destination(job["id"])
