"""A class on a real Galaxy: trainings and people made as they are needed, through the API."""

import itertools
import subprocess
import sys
from dataclasses import dataclass
from datetime import (
    timedelta,
)
from functools import cached_property
from typing import Any
from unittest.mock import patch

import requests
from click.testing import (
    CliRunner,
    Result,
)
from days import utc_today
from fixtures import (
    GalaxyServer,
    User,
    wait_until,
)
from galaxy_tiaas.cli import main

#: Beyond the notice period, so that instructors may ask for it.
FUTURE = timedelta(days=30)
PAST = timedelta(days=-30)
NOW = timedelta()

_numbers = itertools.count(1)


def days_from_now(distance: timedelta) -> str:
    return (utc_today() + distance).isoformat()


@dataclass
class Classroom:
    """One training's world on one server: an instructor, strangers to each other, and shorthand for the API."""

    galaxy: GalaxyServer

    @cached_property
    def admin(self) -> User:
        return self.galaxy.admin

    @cached_property
    def instructor(self) -> User:
        return self.galaxy.create_user()

    @cached_property
    def trainee(self) -> User:
        return self.galaxy.create_user()

    @cached_property
    def stranger(self) -> User:
        return self.galaxy.create_user()

    def get(self, path: str, user: Any = None, **kwargs: Any) -> requests.Response:
        return self.galaxy.api("GET", f"tiaas/{path}", user, **kwargs)

    def post(self, path: str, user: Any = None, **kwargs: Any) -> requests.Response:
        return self.galaxy.api("POST", f"tiaas/{path}", user, **kwargs)

    def put(self, path: str, user: Any = None, **kwargs: Any) -> requests.Response:
        return self.galaxy.api("PUT", f"tiaas/{path}", user, **kwargs)

    def payload(self, **fields: Any) -> dict[str, Any]:
        return {
            "identifier": f"course-{next(_numbers)}",
            "title": "Transfiguration",
            "description": "Matchsticks into needles",
            "start": days_from_now(FUTURE),
            "end": days_from_now(FUTURE),
            "attendance": 20,
            "location": ["GB"],
            "other_requests": "A cat may be present",
            **fields,
        }

    def request(self, **fields: Any) -> str:
        """A new request of the instructor; its identifier."""
        return str(ok(self.post("trainings", self.instructor, json=self.payload(**fields)))["identifier"])

    def accept(self, identifier: str, user: User) -> None:
        """Somebody who was invited to teach the training does so from now on."""
        ok(self.put(f"trainings/{identifier}/invitation", user, json={"accept": True}))

    def decide(self, identifier: str, state: str, **details: Any) -> requests.Response:
        return self.put(f"trainings/{identifier}/state", self.admin, json={"state": state, **details})

    def move(self, identifier: str, distance: timedelta) -> None:
        """An admin moves the training to the day at this distance from today and the next: midnight may come."""
        days = {"start": days_from_now(distance), "end": days_from_now(distance + timedelta(days=1))}
        ok(self.put(f"trainings/{identifier}", self.admin, json=days))

    def approved(self, distance: timedelta = NOW, destination: str = "", **fields: Any) -> str:
        """An approved training of two days, the first at this distance from today; its identifier."""
        identifier = self.request(**fields)
        ok(self.decide(identifier, "approved", **({"destination": destination} if destination else {})))
        self.move(identifier, distance)
        return identifier

    def join(self, identifier: str, user: User) -> requests.Response:
        return self.post(f"trainings/{identifier}/join", user)

    def members(self, identifier: str) -> list[str]:
        """Public names of the members."""
        members = ok(self.get(f"trainings/{identifier}/members", self.admin))
        return sorted(member["username"] for member in members)

    def cohort_is_on(self, identifier: str) -> bool:
        """Whether the group of the training has its role."""
        rows = self.galaxy.query(
            "SELECT 1 FROM group_role_association gra JOIN galaxy_group g ON g.id = gra.group_id"
            " JOIN role r ON r.id = gra.role_id WHERE g.name = :name AND r.name = :name",
            name=f"training-{identifier}",
        )
        return len(rows) == 1

    def command(self, *arguments: str) -> Result:
        """What `galaxy-tiaas` says beside the running server; here, since a process of its own takes 6 s to start."""
        with patch("logging.disable"):
            return CliRunner().invoke(main, ["-c", str(self.galaxy.galaxy_yml), *arguments])

    def process(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """The same in a process of its own."""
        command = [sys.executable, "-m", "galaxy_tiaas", "-c", str(self.galaxy.galaxy_yml), *arguments]
        return subprocess.run(command, capture_output=True, text=True, timeout=300)

    def page(self, path: str, session: Any = requests, **kwargs: Any) -> requests.Response:
        return session.get(f"{self.galaxy.url}{path}", **{"timeout": 60, "allow_redirects": False, **kwargs})

    def submit(self, path: str, session: requests.Session, **fields: Any) -> requests.Response:
        """Send a form of a page as a browser does, with Galaxy's session token."""
        form = {"session_csrf_token": self.galaxy.csrf_token(session), **fields}
        return session.post(f"{self.galaxy.url}{path}", data=form, timeout=60, allow_redirects=False)


def wait_for_first_run(galaxy: GalaxyServer) -> None:
    """Wait until a server that has just started has run the lifecycle by itself."""
    finished = "SELECT 1 FROM tiaas_lease WHERE finished_at IS NOT NULL"
    wait_until(lambda: bool(galaxy.query(finished)), "a lifecycle run")


def ok(response: requests.Response) -> Any:
    assert response.ok, f"{response.request.method} {response.url}: {response.status_code} {response.text[:1000]}"
    return response.json()
