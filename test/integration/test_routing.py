"""Where Galaxy sends real jobs of all kinds of people; the job handler is a process of its own.

Jobs are stopped as soon as it is known where they went: each would take ten seconds of computing. Everything else
about the rule is in test/unit/test_sorting_hat.py.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from typing import (
    Any,
    Optional,
)

import pytest
import requests
from classroom import (
    Classroom,
    ok,
    PAST,
)
from fixtures import (
    GalaxyServer,
    PostgresServer,
    User,
    wait_until,
)

STEPS = 10
#: What only the rule's question says.
QUESTION = "newest_job"
#: Long enough to be stopped; not longer, since Galaxy's local runner misses a stop that comes while it starts a job,
#: and has two threads only.
SECONDS = 5


@pytest.fixture
def trained(classroom: Classroom) -> Classroom:
    """A running training with one trainee."""
    ok(classroom.join(classroom.approved(), classroom.trainee))
    return classroom


class Person:
    """Starts jobs through the API, with an API key or, without an account, with the cookies of a browser."""

    def __init__(self, galaxy: GalaxyServer, user: Optional[User]) -> None:
        self.galaxy = galaxy
        self.user = user
        self.session = requests.Session()
        if user:
            self.session.headers["x-api-key"] = user.api_key
            self.history = galaxy.create_history(user)
        else:
            self.session.get(f"{galaxy.url}/login/start", timeout=60).raise_for_status()
            self.history = ok(self.session.get(f"{galaxy.url}/history/current_history_json", timeout=60))["id"]

    def send(self, method: str, path: str, payload: dict[str, Any]) -> Any:
        return ok(self.session.request(method, f"{self.galaxy.url}/api/{path}", json=payload, timeout=120))

    def start(self, what: str) -> str:
        """The id of a new job."""
        if what == "upload":
            element = {"src": "pasted", "paste_content": "a\n", "ext": "txt", "name": "pasted"}
            targets = [{"destination": {"type": "hdas"}, "elements": [element]}]
            return str(
                self.send("POST", "tools/fetch", {"history_id": self.history, "targets": targets})["jobs"][0]["id"]
            )
        if what == "export":
            return str(self.send("PUT", f"histories/{self.history}/exports", {"force": True})["job_id"])
        inputs = {"seconds": SECONDS} if what == "test_sleep" else {}
        return self._job("tools", tool_id=what, inputs=inputs)

    def _job(self, path: str, **payload: Any) -> str:
        return str(self.send("POST", path, {"history_id": self.history, **payload})["jobs"][0]["id"])


@contextmanager
def stopped(galaxy: GalaxyServer, jobs: list[str]) -> Iterator[None]:
    """Jobs that are stopped in the end, newest first: most have not begun."""
    try:
        yield
    finally:
        for job in reversed(jobs):
            galaxy.cancel_job(galaxy.admin, job)


def _destination_of_a_job(classroom: Classroom, user: User) -> str:
    job = classroom.galaxy.submit_tool(user, "test_sleep", {"seconds": SECONDS})
    with stopped(classroom.galaxy, [job]):
        return classroom.galaxy.wait_for_destination(job)


def test_jobs_go_where_person_and_tool_say(trained: Classroom) -> None:
    galaxy = trained.galaxy
    ex_trainee = galaxy.create_user()
    over = trained.approved()
    ok(trained.join(over, ex_trainee))
    trained.move(over, PAST)
    of_the_trainee = {
        "upload": "local",
        "export": "local",
        "test_interactive": "regular",
        "test_sleep": "training",
        "test_tpv": "training",
    }
    people: dict[str, tuple[Optional[User], dict[str, str]]] = {
        "trainee": (trained.trainee, of_the_trainee),
        "ex-trainee": (ex_trainee, {"test_sleep": "regular", "test_tpv": "regular"}),
        "admin": (trained.admin, {"test_sleep": "regular"}),
        "not logged in": (None, {"upload": "local", "test_sleep": "regular"}),
    }
    jobs: dict[tuple[str, str], str] = {}
    started: list[str] = []
    with stopped(galaxy, started):
        for who, (user, places) in people.items():
            person = Person(galaxy, user)
            for tool in places:
                jobs[who, tool] = person.start(tool)
                started.append(jobs[who, tool])
        found = {key: galaxy.wait_for_destination(job) for key, job in jobs.items()}
    assert found == {(who, tool): place for who, (_, places) in people.items() for tool, place in places.items()}


def test_joining_takes_effect_for_the_next_job_and_an_early_end_too(classroom: Classroom) -> None:
    identifier = classroom.approved(destination="training-big")
    assert _destination_of_a_job(classroom, classroom.trainee) == "regular"
    ok(classroom.join(identifier, classroom.trainee))
    assert _destination_of_a_job(classroom, classroom.trainee) == "training-big"
    ok(classroom.put(f"trainings/{identifier}/end", classroom.instructor, json={"note": "Snow"}))
    assert not classroom.cohort_is_on(identifier)
    assert _destination_of_a_job(classroom, classroom.trainee) == "regular"
    session = classroom.galaxy.login(classroom.stranger)
    page = classroom.page(f"/join-training/{identifier}", session)
    assert (page.status_code, "ended early" in page.text) == (410, True)


def test_all_jobs_of_a_workflow_go_to_the_training_and_not_each_of_them_asks(
    trained: Classroom, postgres: PostgresServer
) -> None:
    galaxy, trainee = trained.galaxy, Person(trained.galaxy, trained.trainee)
    workflow = trainee.send("POST", "workflows", {"workflow": _workflow_of_sleeps()})["id"]
    jobs: list[str] = []
    with stopped(galaxy, jobs), postgres.statements() as statements:
        trainee.send("POST", f"workflows/{workflow}/invocations", {"history_id": trainee.history})
        wait_until(lambda: len(_jobs_of(galaxy, trainee)) == STEPS, f"a job for each of {STEPS} steps")
        jobs += _jobs_of(galaxy, trainee)
        assert {galaxy.wait_for_destination(job) for job in jobs} == {"training"}
    questions = sum(line.count(f"AS {QUESTION}") for line in statements)
    # Galaxy starts the first while it still makes the last: how many ask depends on how fast it is.
    assert 1 <= questions < STEPS


def _jobs_of(galaxy: GalaxyServer, person: Person) -> list[str]:
    number = galaxy.decode_id(person.history)
    rows = galaxy.query("SELECT id FROM job WHERE history_id = :number ORDER BY id", number=number)
    return [galaxy.encode_id(row.id) for row in rows]


def _workflow_of_sleeps() -> dict[str, Any]:
    """Steps that need nothing of each other, so that Galaxy starts them all at once."""
    step = {
        "type": "tool",
        "tool_id": "test_sleep",
        "tool_version": "1.0",
        "name": "Sleep",
        "annotation": "",
        "input_connections": {},
        "inputs": [],
        "outputs": [],
        "position": {"left": 0, "top": 0},
        "tool_state": json.dumps({"seconds": str(SECONDS)}),
        "workflow_outputs": [],
    }
    steps = {str(number): {"id": number, **step} for number in range(STEPS)}
    return {"a_galaxy_workflow": "true", "format-version": "0.1", "name": "Sleeps", "annotation": "", "steps": steps}
