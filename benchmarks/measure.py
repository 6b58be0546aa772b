"""What is measured: each call beside calls of Galaxy's own `users/current`, in the same seconds."""

import json
import threading
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager
from dataclasses import (
    dataclass,
    field,
)
from datetime import datetime
from statistics import median
from typing import Optional

from fixtures import PostgresServer
from galaxy.model.orm.now import now

from . import explain
from .client import (
    Client,
    Reply,
)

REFERENCE = "/api/users/current"
#: A shared result is old when it is this much older than the interval.
MARGIN = 0.5
#: A result that took long to compute is shared for so many times as long, if that is more than the interval,
TIMES_AS_LONG = 10
#: but for no more than so many seconds.
LONGEST_SHARED = 30
#: Calls in a row. A processor that slept for seconds is slow at first, which would flatter what comes after it.
WARM = 3
REPEATS = 6
VIEWERS = 16
#: Kinds of calls, as samples are named.
COLD, REPEATED, UNCHANGED, ALIKE = ", cold", ", repeated", ", unchanged (304)", ""
#: How often statements are counted.
COUNTED = 2


class WrongAnswer(Exception):
    """Numbers of a server that does not do what it is measured for would mean nothing."""


@dataclass
class Sample:
    """Calls of one kind, and those of the reference that were made between them."""

    what: str
    target: Optional[float] = None
    times: list[float] = field(default_factory=list)
    beside: list[float] = field(default_factory=list)
    size: int = 0
    note: str = ""
    #: Of one such call.
    statements: Optional[int] = None
    in_database: Optional[float] = None
    slowest: list[str] = field(default_factory=list)

    @property
    def milliseconds(self) -> float:
        return median(self.times)

    @property
    def spread(self) -> tuple[float, float]:
        """Between which milliseconds nine of ten calls were."""
        ordered = sorted(self.times)
        edge = len(ordered) // 20
        return ordered[edge], ordered[-1 - edge]

    @property
    def reference(self) -> float:
        return median(self.beside)

    @property
    def ratio(self) -> float:
        return self.milliseconds / self.reference

    @property
    def is_met(self) -> Optional[bool]:
        return None if self.target is None else self.ratio <= self.target


@dataclass(frozen=True)
class Call:
    """One address that is measured for one kind of viewer; the targets are times of the reference."""

    what: str
    path: str
    client: Client
    cold_target: Optional[float] = None
    repeated_target: Optional[float] = None
    #: The class whose results are shared for an interval: none of its addresses may have been asked for that long.
    shared_by: str = ""
    #: Done before each cold call: something happens in the class, or a result that is held is not true any more.
    before: Optional[Callable[[], object]] = None

    @property
    def is_held(self) -> bool:
        """Whether it matters if the result is there already; of others, all calls are alike."""
        return bool(self.shared_by or self.before)


class Measurement:
    """Measures one server. `interval` is how many seconds a result is shared."""

    def __init__(
        self,
        admin: Client,
        interval: float,
        rounds: int,
        phase_seconds: float,
        say: Callable[[str], None],
        postgres: PostgresServer,
    ):
        self.postgres = postgres
        self.admin = admin
        self.interval = interval
        self.rounds = rounds
        self.phase_seconds = phase_seconds
        self.say = say
        #: When a class was asked for last.
        self._asked: dict[str, float] = {}

    def warm_up(self) -> None:
        for _ in range(30):
            self._reference()

    def first(self, call: Call, sample: Sample) -> None:
        """A call of which nothing is known yet, by the database, Galaxy or Python."""
        sample.beside += [self._reference() for _ in range(REPEATS)]
        sample.times.append(_good(call.client.get(call.path)).milliseconds)

    def calls(self, calls: list[Call]) -> list[Sample]:
        """Each call when nothing is shared, and again at once while the result is shared: in turns."""
        cold = {call: Sample(f"{call.what}{COLD}", call.cold_target) for call in calls}
        repeated = {
            call: Sample(f"{call.what}{REPEATED if call.is_held else ALIKE}", call.repeated_target) for call in calls
        }
        unchanged = {call: Sample(f"{call.what}{UNCHANGED}", call.repeated_target) for call in calls}
        for number in range(1, self.rounds + 1):
            self.say(f"Round {number} of {self.rounds}")
            for call in calls:
                reply = self._cold(call, cold[call]) if call.is_held else None
                self._repeat(call, repeated[call])
                if reply and reply.etag:
                    self._repeat(call, unchanged[call], reply.etag)
        return [sample for call in calls for sample in (cold[call], repeated[call], unchanged[call])]

    def count(self, calls: list[Call], samples: list[Sample]) -> None:
        """What one call of each kind asks of the database; the least of several, since Galaxy is at work beside it."""
        by_what = {sample.what: sample for sample in samples}
        with explain.counting(self.postgres) as statements_of:
            for call in calls:
                for kind in (COLD, REPEATED) if call.is_held else (ALIKE,):
                    sample = by_what[f"{call.what}{kind}"]
                    found = []
                    for _ in range(COUNTED):
                        if kind == COLD:
                            self._make_old(call, sample)
                        found.append(statements_of(lambda: _good(call.client.get(call.path))))  # noqa: B023
                        self._asked[call.shared_by] = time.monotonic()
                    least = min(found, key=lambda statements: (statements.number, statements.milliseconds))
                    sample.statements, sample.in_database = least.number, least.milliseconds
                    sample.slowest = [*least.slowest()]

    def viewers(self, call: Call, target: Optional[float] = None) -> Sample:
        """What others wait while many watch the same class, in turns with times when nobody does."""
        sample = Sample(f"{REFERENCE} while {VIEWERS} watch {call.what}", target)
        for _ in range(max(3, self.rounds // 2)):
            self._others(sample.beside)
            with self._watching(call):
                self._others(sample.times)
        slow = sorted(sample.times)[int(len(sample.times) * 0.95)]
        sample.note = f"95 % within {slow:.1f} ms"
        return sample

    def _make_old(self, call: Call, sample: Sample) -> None:
        """Wait until no result for this class is shared any more, and let something happen."""
        if call.shared_by:
            last = sample.times[-1] / 1000 if sample.times else 0
            seconds = max(self.interval, min(last * TIMES_AS_LONG, LONGEST_SHARED)) + MARGIN
            time.sleep(max(0, self._asked.get(call.shared_by, 0) + seconds - time.monotonic()))
        if call.before:
            call.before()

    def _cold(self, call: Call, sample: Sample) -> Reply:
        while True:
            self._make_old(call, sample)
            before = [self._reference() for _ in range(WARM + REPEATS)]
            asked = now()
            reply = _good(call.client.get(call.path))
            self._asked[call.shared_by] = time.monotonic()
            if _is_fresh(reply, asked):
                break
            self.say(f"{call.what} was still shared; again")
        sample.beside += before[WARM:]
        sample.times.append(reply.milliseconds)
        sample.size = len(reply.body)
        return reply

    def _repeat(self, call: Call, sample: Sample, etag: Optional[str] = None) -> None:
        for _ in range(REPEATS):
            sample.beside.append(self._reference())
            reply = _good(call.client.get(call.path, etag))
            sample.times.append(reply.milliseconds)
            sample.size = len(reply.body)

    def _others(self, times: list[float]) -> None:
        deadline = time.monotonic() + self.phase_seconds
        while time.monotonic() < deadline:
            times.append(self._reference())

    def _reference(self) -> float:
        return _good(self.admin.get(REFERENCE)).milliseconds

    @contextmanager
    def _watching(self, call: Call) -> Iterator[None]:
        """Viewers who came one after the other and ask as often as there can be something new."""
        away = threading.Event()
        troubles: list[BaseException] = []

        def watch(late: float) -> None:
            etag = None
            away.wait(late)
            try:
                while not away.is_set():
                    etag = _good(call.client.get(call.path, etag)).etag or etag
                    away.wait(self.interval)
            except BaseException as trouble:
                troubles.append(trouble)

        viewers = [
            threading.Thread(target=watch, args=(self.interval * number / VIEWERS,), daemon=True)
            for number in range(VIEWERS)
        ]
        for viewer in viewers:
            viewer.start()
        # Until the last one has come.
        time.sleep(self.interval)
        try:
            yield
        finally:
            away.set()
            for viewer in viewers:
                viewer.join()
        if troubles:
            raise troubles[0]


def exists(client: Client, path: str) -> bool:
    """Whether this version of the extension has it."""
    status = client.get(path).status
    if status not in (200, 404):
        raise WrongAnswer(f"{path} answers {status}")
    return status == 200


def total_of(client: Client, path: str) -> tuple[str, int]:
    """When the status was made, and how many jobs it counts."""
    status = json.loads(_good(client.get(path)).body)
    return status["generated"], status["jobs"]["total"]


def _is_fresh(reply: Reply, asked: datetime) -> bool:
    """Whether an answer was made for this call; one that does not say when it was made is believed.

    Visitors are told the minute only.
    """
    if not reply.body.startswith(b"{"):
        return True
    generated = json.loads(reply.body).get("generated")
    if generated is None:
        return True
    made = datetime.fromisoformat(generated.rstrip("Z"))
    return made >= asked.replace(second=asked.second if made.second else 0, microsecond=0)


def _good(reply: Reply) -> Reply:
    if reply.status not in (200, 304):
        raise WrongAnswer(f"the answer is {reply.status}: {reply.body[:500]!r}")
    return reply
