"""People who join and an admin who approves while something goes wrong, and what they were answered."""

import itertools
import random
import threading
import time
from collections import (
    Counter,
    deque,
)
from collections.abc import Callable
from dataclasses import (
    dataclass,
    field,
)
from datetime import timedelta

import requests
from classroom import (
    Classroom,
    days_from_now,
    NOW,
    ok,
)
from fixtures import User

from .invariants import Promised

THREADS = 6
#: Seconds after which a request has no answer.
TIMEOUT = 90
#: Seconds after which all work must be done, once the fault is over.
PATIENCE = 120
_numbers = itertools.count(1)


@dataclass
class Task:
    """One thing that somebody wants done, and how often it is tried."""

    kind: str
    identifier: str
    user: User
    tries: int
    #: It may be done although nobody was told so: no server knows what became of a COMMIT that has no answer.
    may_be_done: bool = False


@dataclass
class Answers:
    """What came of one round of load."""

    done: Counter[str] = field(default_factory=Counter)
    refused: Counter[int] = field(default_factory=Counter)
    lost: int = 0
    #: Answers that nobody should get.
    wrong: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        done = ", ".join(f"{count} {kind}s" for kind, count in sorted(self.done.items()))
        refused = ", ".join(f"{count} times {status}" for status, count in sorted(self.refused.items()))
        return f"{done} acknowledged; refused: {refused or 'none'}; without an answer: {self.lost}"


class Load:
    """Prepares a round, works it off in several threads, and knows what was promised in all rounds.

    `may_lose`: connections may break, because the process at their other end is killed.
    """

    def __init__(
        self,
        classroom: Classroom,
        *,
        may_lose: bool = False,
        trainings: int = 3,
        approvals: int = 8,
        people: int = 12,
        words: str = "Matchsticks into needles",
    ) -> None:
        self.classroom = classroom
        self.promised = Promised()
        self.may_lose = may_lose
        self.sizes = (trainings, approvals, people)
        self.words = words
        self.urls = [classroom.galaxy.url]

    def request(self) -> str:
        """A request for a training that runs now, by somebody who has never asked for one; its identifier."""
        payload = self.classroom.payload(identifier=f"round-{next(_numbers)}", description=self.words)
        identifier = str(
            ok(self.classroom.post("trainings", self.classroom.galaxy.create_user(), json=payload))["identifier"]
        )
        days = {"start": days_from_now(NOW), "end": days_from_now(timedelta(days=1))}
        ok(self.classroom.put(f"trainings/{identifier}", self.classroom.admin, json=days))
        self.promised.requested.add(identifier)
        return identifier

    def round(self, seed: int) -> "Round":
        """Everything that is wanted in one round, in an order of its own."""
        trainings, approvals, people = self.sizes
        chance = random.Random(seed)
        running = [self.request() for _ in range(trainings)]
        for identifier in running:
            ok(self.classroom.decide(identifier, "approved"))
            self.promised.approved.add(identifier)
        users = [self.classroom.galaxy.create_user() for _ in range(people)]
        # Half of them do not try again: what became of their request must be all or nothing.
        tasks = [Task("join", identifier, user, chance.choice((1, 10_000))) for identifier in running for user in users]
        tasks += [
            Task("approval", self.request(), self.classroom.admin, chance.choice((1, 10_000))) for _ in range(approvals)
        ]
        chance.shuffle(tasks)
        return Round(self, tasks)


class Round:
    """Use it with `with`: threads work until all is done."""

    def __init__(self, load: Load, tasks: list[Task]) -> None:
        self.load = load
        self.answers = Answers()
        self._total = len(tasks)
        self._tasks = deque(tasks)
        self._busy = 0
        self._tried = 0
        self._lock = threading.Condition()
        self._threads = [threading.Thread(target=self._work, args=(number,), daemon=True) for number in range(THREADS)]

    def start(self) -> None:
        for thread in self._threads:
            thread.start()

    def wait_for(self, part: float) -> None:
        """Wait until so much of the work has been tried once."""
        with self._lock:
            self._lock.wait_for(lambda: self._tried >= part * self._total, PATIENCE)

    def finish(self) -> None:
        """Wait until all is done that is tried until it is."""
        deadline = time.monotonic() + PATIENCE
        for thread in self._threads:
            thread.join(max(0.0, deadline - time.monotonic()))
        if any(thread.is_alive() for thread in self._threads):
            self.answers.wrong.append(f"{len(self._tasks)} things are not done {PATIENCE} seconds after the fault")
            with self._lock:
                self._tasks.clear()

    def _work(self, number: int) -> None:
        url = self.load.urls[number % len(self.load.urls)]
        while (task := self._next()) is not None:
            again = self._try(task, url)
            task.tries -= 1
            with self._lock:
                self._busy -= 1
                self._tried += 1
                if again and task.tries > 0:
                    self._tasks.append(task)
                self._lock.notify_all()
            if again:
                time.sleep(0.1)

    def _next(self) -> "Task | None":
        with self._lock:
            self._lock.wait_for(lambda: self._tasks or not self._busy, PATIENCE)
            if not self._tasks:
                return None
            self._busy += 1
            return self._tasks.popleft()

    def _try(self, task: Task, url: str) -> bool:
        """Whether it is worth trying again."""
        try:
            answer = _ASK[task.kind](url, task)
        except requests.RequestException as problem:
            with self._lock:
                self.answers.lost += 1
                task.may_be_done = True
                if not self.load.may_lose or isinstance(problem, requests.Timeout):
                    self.answers.wrong.append(f"{task.kind}: {type(problem).__name__}")
            return True
        with self._lock:
            if answer.ok:
                self._keep(task, answer)
                return False
            self.answers.refused[answer.status_code] += 1
            if task.kind == "approval" and answer.status_code == 409 and task.may_be_done:
                self.load.promised.approved.add(task.identifier)
                return False
            task.may_be_done |= answer.status_code == 503
            self.answers.wrong += wrong_refusal(answer)
            return True

    def _keep(self, task: Task, answer: requests.Response) -> None:
        self.answers.done[task.kind] += 1
        promised = self.load.promised
        if task.kind == "approval":
            promised.approved.add(task.identifier)
        else:
            user_id = self.load.classroom.galaxy.decode_id(task.user.id)
            promised.joined[task.identifier, user_id] = answer.json()["pseudonym"]


def wrong_refusal(answer: requests.Response) -> list[str]:
    """What is wrong with an answer of a server whose database cannot be used."""
    where = f"{answer.request.method} {answer.status_code}"
    if answer.status_code != 503:
        return [f"{where}: {answer.text[:200]}"]
    if "retry-after" not in answer.headers:
        return [f"{where} without Retry-After"]
    if not answer.headers["content-type"].startswith("application/json") or "err_msg" not in answer.json():
        return [f"{where} is not an error as Galaxy has them: {answer.text[:200]}"]
    return []


def _join(url: str, task: Task) -> requests.Response:
    path = f"{url}/api/tiaas/trainings/{task.identifier}/join"
    return requests.post(path, headers={"x-api-key": task.user.api_key}, timeout=TIMEOUT)


def _approve(url: str, task: Task) -> requests.Response:
    path, headers = f"{url}/api/tiaas/trainings/{task.identifier}/state", {"x-api-key": task.user.api_key}
    return requests.put(path, json={"state": "approved"}, headers=headers, timeout=TIMEOUT)


_ASK: dict[str, Callable[[str, Task], requests.Response]] = {"join": _join, "approval": _approve}
