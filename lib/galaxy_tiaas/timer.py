"""Runs the lifecycle inside Galaxy: a thread in each web process, of which one at a time gets a turn."""

import logging
import random
import threading
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from galaxy.di import Container
from galaxy.model.orm.now import now as galaxy_now
from galaxy.model.scoped_session import galaxy_scoped_session

from .exceptions import describe
from .turns import LifecycleTurns

log = logging.getLogger(__name__)

#: Seconds after its start in which a process asks for the first time, at random, so that not all ask at once.
FIRST_SECONDS = (2.0, 7.0)
#: How soon it asks again after trouble, at the latest (sooner if the interval is shorter).
_AFTER_TROUBLE_SECONDS = 60.0
#: How much later than it could it asks at most, in seconds and as a part of the interval.
_LATER_SECONDS, _LATER_PART = 5.0, 0.1
#: How long the end of the process waits for a run that is under way.
_STOP_SECONDS = 5.0


class LifecycleTimer:
    """Asks for a turn again and again. Whatever goes wrong is a line in the log, one for each time of trouble."""

    def __init__(
        self,
        app: Container,
        interval_seconds: int,
        *,
        clock: Callable[[], datetime] = galaxy_now,
        first_seconds: tuple[float, float] = FIRST_SECONDS,
    ):
        """:param app: gives the lifecycle and the session, whose scope is the thread."""
        self.app = app
        self.interval = timedelta(seconds=interval_seconds)
        self.clock = clock
        self.first_seconds = first_seconds
        self._stopped = threading.Event()
        self._thread: Optional[threading.Thread] = None
        self._in_trouble = False

    def start(self) -> None:
        """Begin; with an interval of 0, never."""
        if not self.interval or self._thread:
            return
        # A daemon: the process ends without waiting for it.
        self._thread = threading.Thread(target=self._loop, name="galaxy-tiaas lifecycle", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """End; a run that is under way stops after what it is doing and gives back its turn."""
        self._stopped.set()
        if self._thread:
            self._thread.join(_STOP_SECONDS)

    def _loop(self) -> None:
        pause = random.uniform(*self.first_seconds)
        while not self._stopped.wait(pause):
            pause = self.tick()

    def tick(self) -> float:
        """Ask for a turn once.

        :returns: after how many seconds to ask again.
        """
        session: Any = None
        try:
            session = self.app[galaxy_scoped_session]
            turn = self.app[LifecycleTurns].take(self.clock, pause=self.interval, stopped=self._stopped.is_set)
            if self._in_trouble:
                self._in_trouble = False
                log.info("galaxy-tiaas lifecycle: it runs again")
            wait = self.interval if turn.again is None else turn.again - self.clock()
            return self._a_little_later(min(max(wait, timedelta()), self.interval))
        except Exception as problem:
            seconds = min(self.interval.total_seconds(), _AFTER_TROUBLE_SECONDS)
            if not self._in_trouble:
                self._in_trouble = True
                log.error(
                    "galaxy-tiaas lifecycle: it cannot run, and tries again every %d seconds: %s",
                    seconds,
                    describe(problem),
                )
            return seconds
        finally:
            _give_back(session)

    def _a_little_later(self, wait: timedelta) -> float:
        """Not all processes at the same moment, and never at once."""
        most = min(_LATER_SECONDS, self.interval.total_seconds() * _LATER_PART)
        return wait.total_seconds() + random.uniform(most / 2, most)


def _give_back(session: Any) -> None:
    """Return the thread's connection to the pool, dead or alive."""
    try:
        if session is not None:
            session.remove()
    except Exception as problem:
        log.debug("galaxy-tiaas lifecycle: a database session could not be closed: %s", describe(problem))
