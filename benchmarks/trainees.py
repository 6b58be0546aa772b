"""People who open the link of a course: locust runs this file, in a virtualenv of its own; `joins.py` starts it.

The environment variable TIAAS_VISITS names a JSON file with what :class:`joins.Visits` has. Each visit becomes a line
of the CSV file that it names; times are seconds since the first scheduled arrival.
"""

import csv
import json
import os
import time
from itertools import count
from pathlib import Path
from typing import Any

import gevent
from gevent.event import Event
from locust import (
    events,
    FastHttpUser,
    task,
)
from locust.exception import StopUser

VISITS: dict[str, Any] = json.loads(Path(os.environ["TIAAS_VISITS"]).read_text())
PEOPLE: list[dict[str, Any]] = VISITS["people"]
#: A second; `None`: each of those who are there at once comes as soon as the one before has been answered.
RATE = VISITS["rate"]
PATIENCE: float = VISITS["patience"]

_all_here = Event()
_numbers = count()
_lines: list[tuple[Any, ...]] = []


class Trainee(FastHttpUser):
    """One of a class that arrives at a given pace, or the next of those who wait behind each other."""

    connection_timeout = network_timeout = PATIENCE

    @task
    def visit(self) -> None:
        _all_here.wait()
        number = next(_numbers)
        if number >= len(PEOPLE):
            raise StopUser
        person = PEOPLE[number]
        arrival = number / RATE if RATE else _now()
        gevent.sleep(max(0, arrival - _now()))
        # A double click is two requests at once.
        gevent.joinall([gevent.spawn(self._ask, number, click, arrival, person) for click in range(person["clicks"])])
        if RATE:
            raise StopUser

    def _ask(self, number: int, click: int, arrival: float, person: dict[str, Any]) -> None:
        sent, attempts = _now(), 0
        while True:
            attempts += 1
            with self.client.request(
                VISITS["method"], VISITS["path"], headers=person["headers"], catch_response=True, allow_redirects=False
            ) as answer:
                wait = answer.headers.get("retry-after") if answer.headers else None
                if answer.status_code != 200:
                    answer.failure(str(answer.status_code))
            # The page tries again by itself, if it is told to.
            if answer.status_code != 503 or wait is None or _now() + float(wait) - arrival > PATIENCE:
                break
            gevent.sleep(float(wait))
        _lines.append((number, click, arrival, sent, _now(), answer.status_code, attempts))


def _now() -> float:
    return time.monotonic() - _began[0]


_began = [0.0]


@events.spawning_complete.add_listener
def _begin(user_count: int, **_: Any) -> None:
    _began[0] = time.monotonic() + 1
    _all_here.set()


@events.test_start.add_listener
def _end_with_the_last(environment: Any, **_: Any) -> None:
    expected = sum(person["clicks"] for person in PEOPLE)

    def watch() -> None:
        while len(_lines) < expected:
            gevent.sleep(0.2)
        environment.runner.quit()

    gevent.spawn(watch)


@events.quitting.add_listener
def _write(**_: Any) -> None:
    with Path(VISITS["lines"]).open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("number", "click", "arrival", "sent", "answered", "status", "attempts"))
        writer.writerows(_lines)
