"""A class that joins: how many a second, beside `users/current`, and whole storms of people who arrive at a pace."""

import csv
import itertools
import json
import secrets
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import (
    dataclass,
    field,
)
from functools import partial
from pathlib import Path
from statistics import median
from typing import Optional

from classroom import Classroom
from fixtures import (
    GalaxyServer,
    PostgresServer,
)
from sqlalchemy import text

from . import explain
from .client import Client
from .measure import (
    COUNTED,
    REFERENCE,
    Sample,
    WrongAnswer,
)
from .programs import ensure_program

#: MIT
LOCUST = "locust>=2.30,<3"
AT_ONCE = 64
#: Whoever has not joined by then counts as an error.
PATIENCE_SECONDS = 10
#: Every so manieth clicks twice.
DOUBLE_CLICKS = 10
#: People who join while nobody else does.
ALONE = 50
#: Seconds between two looks at how Galaxy fares beside a storm.
PULSE = 0.2

Headers = dict[str, str]


@dataclass(frozen=True)
class Person:
    """Somebody with an account, a login and a key."""

    user_id: int
    cookie: Headers
    key: Headers


@dataclass(frozen=True)
class Visit:
    """One request, in seconds since the first arrival."""

    arrival: float
    sent: float
    answered: float
    status: int

    @property
    def waited(self) -> float:
        """From when the person came, not from when the client got round to asking."""
        return self.answered - self.arrival

    @property
    def is_good(self) -> bool:
        return self.status == 200 and self.waited <= PATIENCE_SECONDS


@dataclass
class Rate:
    """How many a second, one number for each round."""

    what: str
    reference: str = ""
    target: Optional[float] = None
    rounds: list[float] = field(default_factory=list)

    @property
    def median(self) -> float:
        return median(self.rounds)


@dataclass(frozen=True)
class Storm:
    """What became of everybody who came, and what others waited for `users/current` meanwhile."""

    pace: float
    workers: int
    visits: list[Visit]
    doubles: int
    #: Members who were answered with success and are not in the class.
    lost: int
    #: Milliseconds.
    beside: list[float]

    @property
    def errors(self) -> Counter[int]:
        """Status of each bad answer; 200 came too late."""
        return Counter(visit.status for visit in self.visits if not visit.is_good)

    def waited(self, share: float) -> float:
        return percentile([visit.waited for visit in self.visits], share)


def percentile(numbers: list[float], share: float) -> float:
    return sorted(numbers)[min(len(numbers) - 1, int(len(numbers) * share))]


def give_logins(galaxy: GalaxyServer, number: int) -> list[Person]:
    """So many of the seeded people get a session and a key, as Galaxy writes them."""
    with galaxy.engine.begin() as connection:
        # Not the members of the classes that are seeded, who are spread over all.
        chosen = (
            "SELECT id FROM galaxy_user WHERE NOT deleted AND active AND email LIKE 'person%' ORDER BY id DESC LIMIT :n"
        )
        ids = list(connection.scalars(text(chosen), {"n": number}))
        rows = [{"user": user_id, "key": secrets.token_hex(16), "api": secrets.token_hex(16)} for user_id in ids]
        connection.execute(
            text(
                "INSERT INTO galaxy_session (create_time, update_time, user_id, session_key, is_valid, last_action)"
                " VALUES (now(), now(), :user, :key, true, now())"
            ),
            rows,
        )
        connection.execute(
            text("INSERT INTO api_keys (create_time, user_id, key, deleted) VALUES (now(), :user, :api, false)"), rows
        )
    return [
        Person(row["user"], {"cookie": f"galaxysession={galaxy.session_cookie(row['key'])}"}, {"x-api-key": row["api"]})
        for row in rows
    ]


class Crowd:
    """People who ask one server, with locust between; its raw output is kept in a folder."""

    def __init__(self, galaxy: GalaxyServer, people: list[Person], output: Path) -> None:
        self.galaxy = galaxy
        self.classroom = Classroom(galaxy)
        self.people = people
        self.output = output
        self._locust = ensure_program("locust", LOCUST, "locust")
        self._numbers = itertools.count(1)

    def ask(
        self,
        name: str,
        path: str,
        everybody: list[Headers],
        *,
        method: str = "GET",
        at_once: int = AT_ONCE,
        pace: Optional[float] = None,
        double_clicks: int = 0,
    ) -> list[Visit]:
        """Everybody asks once: at a pace (arrivals a second), or so many at once, one behind the other."""
        stem = self.output / f"{next(self._numbers):02}-{name}"
        lines, log = stem.with_suffix(".csv"), stem.with_suffix(".log")
        visits = {
            "path": path,
            "method": method,
            "rate": pace,
            "patience": PATIENCE_SECONDS,
            "lines": str(lines),
            "people": [
                {"headers": headers, "clicks": 2 if double_clicks and number % double_clicks == 0 else 1}
                for number, headers in enumerate(everybody)
            ],
        }
        users = len(everybody) if pace else at_once
        # Without the people, whose logins are nobody's business.
        stem.with_suffix(".json").write_text(json.dumps({**visits, "people": len(everybody)}, indent=1))
        plan = self.output / "people"
        plan.write_text(json.dumps(visits))
        command = [str(self._locust), "--headless", "-f", str(Path(__file__).parent / "trainees.py")]
        options = [f"--users={users}", f"--spawn-rate={users}", f"--host={self.galaxy.url}", "--only-summary"]
        environment = {"TIAAS_VISITS": str(plan), "PATH": "/usr/bin:/bin"}
        with log.open("w") as output:
            # Its exit code is 1 if an answer was bad, which the lines say better.
            subprocess.run([*command, *options], env=environment, stdout=output, stderr=subprocess.STDOUT, timeout=600)
        plan.unlink()
        if not lines.exists():
            raise WrongAnswer(f"locust did not end well:\n{log.read_text()[-2000:]}")
        with lines.open() as file:
            return [
                Visit(float(row["arrival"]), float(row["sent"]), float(row["answered"]), int(row["status"]))
                for row in csv.DictReader(file)
            ]

    def rates(self, rounds: int, people: int) -> list[Rate]:
        """Joins by page and API, first and again, beside `users/current` with the same credentials."""
        cookies = [person.cookie for person in self.people[:people]]
        keys = [person.key for person in self.people[:people]]
        with_cookie, with_key = f"{REFERENCE} with cookie", f"{REFERENCE} with key"
        kinds = {
            with_cookie: Rate(with_cookie),
            "page": Rate("join, page, first time", with_cookie, 1.0),
            "page again": Rate("join, page, again", with_cookie, 1.0),
            with_key: Rate(with_key),
            "api": Rate("join, API, first time", with_key, 1.5),
            "api again": Rate("join, API, again", with_key, 1.5),
        }
        for _ in range(rounds):
            page, api = (self.classroom.approved(attendance=people) for _ in range(2))
            join, join_by_api = f"/join-training/{page}", _join_path(api)
            asked = {
                with_cookie: self.ask("current-cookie", REFERENCE, cookies),
                "page": self.ask("page-first", join, cookies),
                "page again": self.ask("page-again", join, cookies),
                with_key: self.ask("current-key", REFERENCE, keys),
                "api": self.ask("api-first", join_by_api, keys, method="POST"),
                "api again": self.ask("api-again", join_by_api, keys, method="POST"),
            }
            for kind, visits in asked.items():
                kinds[kind].rounds.append(_a_second(visits))
            for identifier in (page, api):
                if (lost := len(cookies) - self._members(identifier)[0]) != 0:
                    raise WrongAnswer(f"{lost} of {len(cookies)} are not in {identifier}")
        return list(kinds.values())

    def statements(self, postgres: PostgresServer) -> dict[str, tuple[int, int]]:
        """How many one person's joins ask, the first one and another: by page and by API, Galaxy's own included."""
        identifiers = [self.classroom.approved(attendance=100) for _ in range(2)]
        found: dict[str, list[tuple[int, int]]] = {"page": [], "API": []}
        with explain.counting(postgres) as statements_of:
            for person in self.people[:COUNTED]:
                page, api = Client(self.galaxy.url, headers=person.cookie), Client(self.galaxy.url, headers=person.key)
                ways = {
                    "page": partial(page.get, f"/join-training/{identifiers[0]}"),
                    "API": partial(api.post, _join_path(identifiers[1])),
                }
                for way, ask in ways.items():
                    found[way].append((statements_of(ask).number, statements_of(ask).number))
        # Galaxy is at work beside it, and the first to join makes what is the class's.
        return {way: (min(first for first, _ in both), min(again for _, again in both)) for way, both in found.items()}

    def alone(self, *identifiers: str) -> dict[int, Sample]:
        """Joins by API one by one, by people who are in none of these classes, by how many members they have."""
        found = {}
        for identifier in (*self._filled(0, len(self.people) // 5), *identifiers):
            members = self._members(identifier)[0]
            sample = Sample(f"join, API, alone, in a class of {members:,}")
            for person in self.people[-ALONE:]:
                client = Client(self.galaxy.url, headers=person.key)
                sample.beside.append(client.get(REFERENCE).milliseconds)
                reply = client.post(_join_path(identifier))
                if reply.status != 200:
                    raise WrongAnswer(f"the answer is {reply.status}: {reply.body[:500]!r}")
                sample.times.append(reply.milliseconds)
            found[members] = sample
        return found

    def _filled(self, *sizes: int) -> Iterator[str]:
        """New classes that so many have joined."""
        for size in sizes:
            identifier = self.classroom.approved(attendance=max(1, size))
            headers = [person.key for person in self.people[:size]]
            if headers:
                self.ask(f"fill-{size}", _join_path(identifier), headers, method="POST", at_once=8)
            yield identifier

    def storm(self, pace: float, people: int) -> tuple[str, Storm]:
        """A whole class opens the link, so many a second; the identifier of its training besides."""
        identifier = self.classroom.approved(attendance=people)
        everybody = [person.cookie for person in self.people[:people]]
        with self._pulse() as beside:
            name = f"storm-{pace:.0f}-{self.galaxy.workers}-workers"
            visits = self.ask(name, f"/join-training/{identifier}", everybody, pace=pace, double_clicks=DOUBLE_CLICKS)
        members, names = self._members(identifier)
        joined = len({visit.arrival for visit in visits if visit.status == 200})
        lost = max(0, joined - members)
        return identifier, Storm(pace, self.galaxy.workers, visits, members - names, lost, beside)

    def _members(self, identifier: str) -> tuple[int, int]:
        """How many memberships a class has, and how many different names: as many, if nothing is there twice."""
        (row,) = self.galaxy.query(
            "SELECT count(*), count(DISTINCT m.pseudonym) FROM tiaas_training t"
            " JOIN user_group_association uga ON uga.group_id = t.group_id"
            " LEFT JOIN tiaas_training_member m ON m.training_id = t.id AND m.user_id = uga.user_id"
            " WHERE t.identifier = :identifier",
            identifier=identifier,
        )
        return row[0], row[1]

    @contextmanager
    def _pulse(self) -> Iterator[list[float]]:
        """Milliseconds of `users/current`, asked now and then by somebody else meanwhile."""
        admin = Client(self.galaxy.url, self.classroom.admin.api_key)
        times: list[float] = []
        over = threading.Event()

        def ask() -> None:
            while not over.is_set():
                started = time.perf_counter()
                reply = admin.get(REFERENCE)
                times.append((time.perf_counter() - started) * 1000 if reply.status == 200 else float("inf"))
                over.wait(PULSE)

        thread = threading.Thread(target=ask, daemon=True)
        thread.start()
        try:
            yield times
        finally:
            over.set()
            thread.join()


def _join_path(identifier: str) -> str:
    return f"/api/tiaas/trainings/{identifier}/join"


def _a_second(visits: list[Visit]) -> float:
    if bad := Counter(visit.status for visit in visits if visit.status != 200):
        raise WrongAnswer(f"answers were {dict(bad)}")
    return len(visits) / (max(visit.answered for visit in visits) - min(visit.sent for visit in visits))
