"""Who runs the lifecycle: whichever process comes first, one at a time on all hosts."""

import logging
import os
import secrets
import socket
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    NamedTuple,
    Optional,
)

from galaxy.model.orm.now import now as galaxy_now
from galaxy.model.scoped_session import galaxy_scoped_session

from .exceptions import describe
from .lifecycle import (
    Lifecycle,
    LifecycleReport,
)
from .managers.counters import CounterManager
from .managers.leases import (
    LeaseManager,
    LIFECYCLE,
)

log = logging.getLogger(__name__)

#: For how long a process may be silent before another one may run the lifecycle.
LEASE_LASTS = timedelta(seconds=60)
#: How much of that may pass before the lease is renewed.
RENEWED_AFTER = LEASE_LASTS / 4

#: Counters in the database.
RUNS, FAILURES = "lifecycle_runs_total", "lifecycle_failures_total"


class Turn(NamedTuple):
    """What came of asking for a turn: a report, or when it is worth asking again."""

    report: Optional[LifecycleReport]
    again: Optional[datetime] = None


class Standing(NamedTuple):
    """Who runs the lifecycle, if anybody does; when it was last done; how often, and how much of it failed."""

    holder: Optional[str]
    finished_at: Optional[datetime]
    runs: int
    failures: int


def _never() -> bool:
    return False


class LifecycleTurns:
    """Runs the lifecycle while holding its lease, for the timer, for Celery and for the command."""

    def __init__(
        self, session: galaxy_scoped_session, lifecycle: Lifecycle, leases: LeaseManager, counters: CounterManager
    ):
        self.session = session
        self.lifecycle = lifecycle
        self.leases = leases
        self.counters = counters

    def take(
        self,
        clock: Callable[[], datetime] = galaxy_now,
        *,
        pause: timedelta = timedelta(),
        stopped: Callable[[], bool] = _never,
    ) -> Turn:
        """Run the lifecycle, unless another process does or has done so less than ``pause`` ago.

        :param stopped: asked between two things to do; what is left then is left for the next run.
        :raises sqlalchemy.exc.SQLAlchemyError: if the database does not answer.
        """
        holder = _holder()
        began = clock()
        again = self.leases.take(LIFECYCLE, holder, began, lasts=LEASE_LASTS, pause=pause)
        if again is not None:
            return Turn(None, again)
        renewed = began
        interrupted = False

        def go_on() -> bool:
            nonlocal renewed, interrupted
            if stopped():
                interrupted = True
            elif clock() - renewed >= RENEWED_AFTER:
                renewed = clock()
                interrupted = not self.leases.renew(LIFECYCLE, holder, renewed, lasts=LEASE_LASTS)
            return not interrupted

        try:
            report = self.lifecycle.run(began, go_on=go_on)
        except BaseException:
            self._give_up(holder)
            raise
        self.counters.add({RUNS: 1, FAILURES: len(report.failed)})
        self.leases.give_back(LIFECYCLE, holder, finished_at=None if interrupted else clock())
        return Turn(report)

    def standing(self, now: datetime) -> Standing:
        """What is known about it at ``now``."""
        lease, counts = self.leases.show(LIFECYCLE), self.counters.all()
        running = lease if lease and lease.is_held(now) else None
        return Standing(
            running.holder if running else None,
            lease.finished_at if lease else None,
            counts.get(RUNS, 0),
            counts.get(FAILURES, 0),
        )

    def _give_up(self, holder: str) -> None:
        """Let others try at once if the database can still be told so; else when the lease expires."""
        try:
            self.session.rollback()
            self.counters.add({RUNS: 1, FAILURES: 1})
            self.leases.give_back(LIFECYCLE, holder, finished_at=None)
        except Exception as problem:
            log.debug("galaxy-tiaas lifecycle: the lease was not given back: %s", describe(problem))


def _holder() -> str:
    """Different for each turn; says to an admin which process of which host it is."""
    return f"{socket.gethostname()[:36]} {os.getpid()} {secrets.token_hex(8)}"
