"""Fills a fresh demonstration Galaxy with people and trainings.

Everything goes through the HTTP API, as a visitor's own requests would. Safe to
run again: what is there is left as it is.
"""

from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    timedelta,
    timezone,
)
from typing import (
    Any,
    Optional,
)

import requests

PASSWORD = "password"
ADMIN, INSTRUCTOR, TRAINEE = "admin", "minerva", "harry"


def email_of(username: str) -> str:
    return f"{username}@example.org"


@dataclass(frozen=True)
class Example:
    """One training; `starts` and `days` are relative to the day the demonstration first runs."""

    identifier: str
    title: str
    description: str
    location: list[str]
    attendance: int
    starts: int
    days: int
    state: str = "new"
    note: Optional[str] = None
    destination: Optional[str] = None
    tutorial: Optional[str] = None
    #: What the class does: ids of tools that the demonstration has, and what the class calls them.
    steps: tuple[tuple[str, str], ...] = ()

    def request(self) -> dict[str, Any]:
        """What the instructor sends. Nobody may ask for a past date, so a past training is asked for as today's."""
        start = _today() + timedelta(days=max(self.starts, 0))
        gtn = "https://training.galaxyproject.org/training-material/topics/"
        return {
            "identifier": self.identifier,
            "title": self.title,
            "description": self.description,
            "name": "Minerva McGonagall",
            "email": email_of(INSTRUCTOR),
            "start": start.isoformat(),
            "end": (start + timedelta(days=self.days - 1)).isoformat(),
            "timezone": "Europe/London",
            "website": f"https://example.org/{self.identifier}",
            "location": self.location,
            "use_gtn": self.tutorial is not None,
            "gtn_links": gtn + self.tutorial if self.tutorial else "",
            "attendance": self.attendance,
            "advertise": True,
        }

    def dates(self) -> dict[str, str]:
        start = _today() + timedelta(days=self.starts)
        return {"start": start.isoformat(), "end": (start + timedelta(days=self.days - 1)).isoformat()}


EXAMPLES = (
    Example(
        "hufflepuff",
        "Introduction to Galaxy",
        "First steps for people who have never seen Galaxy: histories, tools, workflows.",
        ["DE"],
        attendance=25,
        starts=30,
        days=1,
        tutorial="introduction/tutorials/galaxy-intro-101/tutorial.html",
    ),
    Example(
        "ravenclaw",
        "RNA-seq data analysis",
        "From reads to differentially expressed genes in two days.",
        ["FR", "BE"],
        attendance=40,
        starts=14,
        days=2,
        state="approved",
        note="Have a good course!",
        tutorial="transcriptomics/tutorials/ref-based/tutorial.html",
    ),
    Example(
        "slytherin",
        "Quality control of sequencing data",
        "Look at the data before you trust it.",
        ["GB"],
        attendance=30,
        starts=-1,
        days=4,
        state="approved",
        note="On the large nodes, because of the size of the class.",
        destination="training-big",
        tutorial="sequence-analysis/tutorials/quality-control/tutorial.html",
        steps=(
            ("upload1", "Upload the reads"),
            ("Show beginning1", "Look at the first lines"),
            ("wc_gnu", "Count the lines"),
            ("Filter1", "Throw out what is too short"),
            ("wc_gnu", "Count what is left"),
        ),
    ),
    Example(
        "dumbledores-army",
        "Genome assembly by night",
        "A hands-on course of the students, by the students.",
        ["GB", "NO", "AU"],
        attendance=28,
        starts=-24,
        days=3,
        state="approved",
        tutorial="assembly/tutorials/unicycler-assembly/tutorial.html",
    ),
    Example(
        "durmstrang",
        "Metagenomics for everyone",
        "An open course on the internet.",
        ["BG"],
        attendance=4000,
        starts=21,
        days=5,
        state="rejected",
        note="Four thousand people are more than this server can serve at once. Could you split the course?",
    ),
    Example(
        "beauxbatons",
        "Variant calling",
        "Find the differences that matter.",
        ["FR"],
        attendance=18,
        starts=45,
        days=2,
        state="cancelled",
        note="Postponed to next year.",
        tutorial="variant-analysis/tutorials/dip/tutorial.html",
    ),
)


#: What the statistics are made of besides: identifier, title, countries, people, years ago, month, days.
HISTORY = (
    ("sorting-hat", "Introduction to Galaxy", ["GB"], 22, 4, 3, 2),
    ("mandrake", "Plant genomics", ["FR", "ES"], 35, 4, 10, 3),
    ("basilisk", "Proteomics by mass spectrometry", ["DE"], 18, 3, 2, 2),
    ("buckbeak", "Single-cell RNA-seq", ["AU"], 60, 3, 6, 4),
    ("marauders-map", "Spatial transcriptomics", ["SG", "AU"], 45, 3, 11, 2),
    ("goblet-of-fire", "Climate data in Galaxy", ["NO"], 25, 2, 4, 5),
    ("portkey", "Cloud computing for biologists", ["BR"], 80, 2, 5, 2),
    ("pensieve", "Imaging and annotation", ["DE", "CZ"], 30, 2, 9, 3),
    ("veritaserum", "Metabolomics", ["ZA"], 40, 1, 2, 2),
    ("horcrux", "Assembly of large genomes", ["US", "CA"], 120, 1, 7, 5),
    ("thestral", "Outbreak surveillance", ["GB", "IN"], 150, 1, 10, 4),
)


class SeedFailed(Exception):
    """Galaxy answered a request of ours with an error."""


class Client:
    """Galaxy's API with one key; an error raises `SeedFailed` with Galaxy's own words."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url
        self._key = key

    def call(self, method: str, path: str, missing_is_none: bool = False, **kwargs: Any) -> Any:
        response = requests.request(
            method, f"{self._url}/api/{path}", headers={"x-api-key": self._key}, timeout=120, **kwargs
        )
        if response.status_code == 404 and missing_is_none:
            return None
        if not response.ok:
            raise SeedFailed(f"{method} /api/{path} answered {response.status_code}: {response.text[:500]}")
        return response.json() if response.content else None


def _today() -> date:
    """In UTC, as the server reckons."""
    return datetime.now(timezone.utc).date()


def seed(url: str, bootstrap_key: str) -> None:
    """Create the accounts and trainings that are not there yet."""
    bootstrap = Client(url, bootstrap_key)
    clients = {name: _account(url, bootstrap, name) for name in (ADMIN, INSTRUCTOR, TRAINEE)}
    for example in EXAMPLES:
        _training(clients[ADMIN], clients[INSTRUCTOR], example)
    for identifier, title, location, attendance, years_ago, month, days in HISTORY:
        start = date(_today().year - years_ago, month, 10)
        request = {"identifier": identifier, "title": title, "location": location, "attendance": attendance}
        request |= {"start": start.isoformat(), "end": (start + timedelta(days=days - 1)).isoformat()}
        _past(clients[ADMIN], request)


def _account(url: str, admin: Client, username: str) -> Client:
    found = admin.call("GET", "users", params={"f_email": email_of(username)})
    user = next((user for user in found if user["email"] == email_of(username)), None)
    if user is None:
        account = {"email": email_of(username), "username": username, "password": PASSWORD}
        user = admin.call("POST", "users", json=account)
    return Client(url, admin.call("GET", f"users/{user['id']}/api_key"))


def _training(admin: Client, instructor: Client, example: Example) -> None:
    """Bring one training to its state, unless somebody has decided about it since."""
    path = f"tiaas/trainings/{example.identifier}"
    training = admin.call("GET", path, missing_is_none=True)
    if training is None:
        training = instructor.call("POST", "tiaas/trainings", json=example.request())
    if training["state"] != "new" or example.state == "new":
        return
    if example.starts < 0:
        admin.call("PUT", path, json=example.dates())
    decision = {"state": example.state, "note": example.note, "destination": example.destination}
    admin.call("PUT", f"{path}/state", json={name: value for name, value in decision.items() if value})
    if example.steps:
        steps = [{"tool_id": tool_id, "label": label} for tool_id, label in example.steps]
        instructor.call("PUT", f"{path}/dashboard", json={"steps": steps})


def _past(admin: Client, request: dict[str, Any]) -> None:
    """An approved training of former years; only admins may ask for such dates."""
    path = f"tiaas/trainings/{request['identifier']}"
    if admin.call("GET", path, missing_is_none=True) is None:
        admin.call("POST", "tiaas/trainings", json=request)
        admin.call("PUT", f"{path}/state", json={"state": "approved"})
