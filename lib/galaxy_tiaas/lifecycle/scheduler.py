"""Runs the lifecycle at an interval: a thread in each web process asks, one process of all hosts at a time runs it."""

import logging
import os
import random
import secrets
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.di import Container
from galaxy.model.orm.now import now as galaxy_now
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    or_,
    select,
    Update,
    update,
)

from ..core.db import (
    CounterManager,
    insert_once,
)
from ..core.exceptions import describe
from ..core.model import Lease
from .tasks import (
    LifecycleReport,
    LifecycleTasks,
)

log = logging.getLogger(__name__)

#: How long a process may be silent before another one may run the lifecycle.
LEASE_DURATION = timedelta(seconds=60)
#: How much of that may pass before the lease is renewed.
RENEWAL_INTERVAL = LEASE_DURATION / 4
#: Name of the lease in the database.
_LEASE = "lifecycle"
#: Names of counters in the database.
_RUNS, _FAILURES = "lifecycle_runs_total", "lifecycle_failures_total"

#: Range of the delay, in seconds, before a process asks for the first time.
INITIAL_DELAY = (2.0, 7.0)
#: Maximum pause after a failure, in seconds.
_RETRY_SECONDS = 60.0
#: Maximum jitter, in seconds and as a fraction of the interval.
_JITTER_SECONDS, _JITTER_FRACTION = 5.0, 0.1
#: How long the end of a process waits for its run, in seconds.
_STOP_SECONDS = 5.0


class RunResult(NamedTuple):
    """The report of a run; or when to ask again, if another process runs the lifecycle or has just done so."""

    report: Optional[LifecycleReport]
    retry_at: Optional[datetime] = None


class LifecycleStatus(NamedTuple):
    """The process that runs the lifecycle now, the end of the last complete run, and counters."""

    holder: Optional[str]
    finished_at: Optional[datetime]
    runs: int
    failures: int


class LeaseManager:
    """The lease is a row with a holder and an expiry time: whoever is killed or loses the database loses it then.

    The clocks of the hosts must agree to within :data:`LEASE_DURATION`.
    """

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def acquire(self, holder: str, now: datetime, *, pause: timedelta = timedelta()) -> Optional[datetime]:
        """Take the lease if nobody holds it and the last complete run ended at least ``pause`` ago.

        Times too far in the future come from a wrong clock and are ignored.

        :returns: when to ask again; ``None``: acquired.
        """
        expires_at = now + LEASE_DURATION
        free = or_(Lease.holder.is_(None), Lease.expires_at <= now, Lease.expires_at > expires_at + LEASE_DURATION)
        rested = or_(Lease.finished_at.is_(None), Lease.finished_at <= now - pause, Lease.finished_at > expires_at)
        taken = update(Lease).where(Lease.name == _LEASE, free, rested).values(holder=holder, expires_at=expires_at)
        values = {"name": _LEASE, "holder": holder, "expires_at": expires_at}
        if self._updates(taken) or insert_once(self.session, Lease, values):
            return None
        held = self.session.execute(select(Lease.expires_at, Lease.finished_at).where(Lease.name == _LEASE)).one()
        moments = [held.expires_at, held.finished_at + pause if held.finished_at else None]
        return max([now, *(moment for moment in moments if moment)])

    def renew(self, holder: str, now: datetime) -> bool:
        """Extend the lease; ``False`` if another process has taken it since it expired."""
        own = update(Lease).where(Lease.name == _LEASE, Lease.holder == holder)
        return self._updates(own.values(expires_at=now + LEASE_DURATION))

    def release(self, holder: str, *, finished_at: Optional[datetime]) -> None:
        """Give the lease back, unless another process has taken it.

        :param finished_at: the end of a complete run; ``None``: it was not complete.
        """
        own = update(Lease).where(Lease.name == _LEASE, Lease.holder == holder)
        finished = {"finished_at": finished_at} if finished_at else {}
        self.session.execute(own.values(holder=None, expires_at=None, **finished))

    def get(self) -> Optional[Lease]:
        """The lease, if it has ever been acquired."""
        return self.session.get(Lease, _LEASE, populate_existing=True)

    def _updates(self, statement: Update) -> bool:
        return self.session.execute(statement).rowcount > 0  # type: ignore[attr-defined]


@dataclass
class LifecycleScheduler:
    """Runs the lifecycle while it holds the lease: for the thread, for Celery and for the command. It commits."""

    session: galaxy_scoped_session
    tasks: LifecycleTasks
    leases: LeaseManager
    counters: CounterManager

    def run(
        self,
        clock: Callable[[], datetime] = galaxy_now,
        *,
        pause: timedelta = timedelta(),
        stopped: Callable[[], bool] = lambda: False,
    ) -> RunResult:
        """Run the lifecycle, unless another process does or finished less than ``pause`` ago.

        :param stopped: asked between two tasks; the rest is left for the next run.
        :raises sqlalchemy.exc.SQLAlchemyError: if the database does not answer.
        """
        # Unique to this run; says to an admin which process of which host it is.
        holder = f"{socket.gethostname()[:36]} {os.getpid()} {secrets.token_hex(8)}"
        started = renewed = clock()
        retry_at = self.leases.acquire(holder, started, pause=pause)
        self.session.commit()
        if retry_at is not None:
            return RunResult(None, retry_at)
        interrupted = False

        def should_continue() -> bool:
            nonlocal renewed, interrupted
            if stopped():
                interrupted = True
            elif clock() - renewed >= RENEWAL_INTERVAL:
                renewed = clock()
                interrupted = not self.leases.renew(holder, renewed)
                self.session.commit()
            return not interrupted

        try:
            report = self.tasks.run(started, should_continue=should_continue)
        except BaseException:
            try:
                self.session.rollback()
                self._finish(holder, 1, None)
            except Exception as problem:
                # Without a database, the lease expires.
                log.debug("galaxy-tiaas lifecycle: the lease was not released: %s", describe(problem))
            raise
        self._finish(holder, len(report.failed), None if interrupted else clock())
        return RunResult(report)

    def status(self, now: datetime) -> LifecycleStatus:
        """What is known at ``now``."""
        lease, counts = self.leases.get(), self.counters.all()
        return LifecycleStatus(
            lease.holder if lease and lease.is_held(now) else None,
            lease.finished_at if lease else None,
            counts.get(_RUNS, 0),
            counts.get(_FAILURES, 0),
        )

    def _finish(self, holder: str, failures: int, finished_at: Optional[datetime]) -> None:
        self.counters.add({_RUNS: 1, _FAILURES: failures})
        self.leases.release(holder, finished_at=finished_at)
        self.session.commit()


class SchedulerThread:
    """Asks again and again, in a web process. A failure is logged once until the next success."""

    def __init__(
        self,
        app: Container,
        interval_seconds: int,
        *,
        clock: Callable[[], datetime] = galaxy_now,
        initial_delay: tuple[float, float] = INITIAL_DELAY,
    ):
        """:param app: gives the scheduler and the session, whose scope is the thread."""
        self.app = app
        self.interval = timedelta(seconds=interval_seconds)
        self.clock = clock
        self.initial_delay = initial_delay
        self._stopped = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._failing = False

    def start(self) -> None:
        """Start the thread, unless the interval is 0."""
        if not self.interval or self._thread:
            return
        # A daemon: the process ends without waiting for it.
        self._thread = threading.Thread(target=self._loop, name="galaxy-tiaas lifecycle", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop the thread; a run ends after its current task and releases the lease."""
        self._stopped.set()
        if self._thread:
            self._thread.join(_STOP_SECONDS)

    def _loop(self) -> None:
        pause = random.uniform(*self.initial_delay)
        while not self._stopped.wait(pause):
            pause = self.tick()

    def tick(self) -> float:
        """Ask once.

        :returns: seconds until the next time.
        """
        session: Any = None
        try:
            session = self.app[galaxy_scoped_session]
            result = self.app[LifecycleScheduler].run(self.clock, pause=self.interval, stopped=self._stopped.is_set)
            if self._failing:
                self._failing = False
                log.info("galaxy-tiaas lifecycle: it runs again")
            wait = self.interval if result.retry_at is None else result.retry_at - self.clock()
            # The jitter keeps processes apart, and the pause is never 0.
            jitter = min(_JITTER_SECONDS, self.interval.total_seconds() * _JITTER_FRACTION)
            return min(max(wait, timedelta()), self.interval).total_seconds() + random.uniform(jitter / 2, jitter)
        except Exception as problem:
            seconds = min(self.interval.total_seconds(), _RETRY_SECONDS)
            if not self._failing:
                self._failing = True
                log.error(
                    "galaxy-tiaas lifecycle: it cannot run, and tries again every %d seconds: %s",
                    seconds,
                    describe(problem),
                )
            return seconds
        finally:
            try:
                # Its connection goes back to the pool, dead or alive.
                if session is not None:
                    session.remove()
            except Exception as problem:
                log.debug("galaxy-tiaas lifecycle: a database session could not be closed: %s", describe(problem))
