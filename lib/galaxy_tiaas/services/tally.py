"""Counts things that happen too often to write each of them down."""

import logging
import threading
from collections import Counter
from typing import (
    cast,
    Optional,
)

from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.structured_app import MinimalManagerApp
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from ..exceptions import describe
from ..managers.counters import CounterManager

log = logging.getLogger(__name__)


class Tally:
    """One for each process: what it counted is added to the counters in the database now and then.

    So the processes of a server add up, and none loses more than it counted since the last time.
    """

    def __init__(self, app: MinimalManagerApp):
        self._app = app
        self._lock = threading.Lock()
        self._counts: Counter[str] = Counter()
        self._pause: Optional[float] = None
        self._timer: Optional[threading.Timer] = None

    def write_every(self, seconds: float) -> "Tally":
        """Write what has been counted by itself, at most so long after it was counted."""
        self._pause = seconds
        return self

    def add(self, name: str, count: int = 1) -> None:
        """Count; writes nothing yet."""
        with self._lock:
            self._counts[name] += count
            if self._pause and self._timer is None:
                self._timer = threading.Timer(self._pause, self._write_later)
                self._timer.daemon = True
                self._timer.start()

    def write(self) -> None:
        """Add what has been counted since the last time, in a transaction of its own.

        What cannot be written is kept for the next time.
        """
        with self._lock:
            counts, self._counts = self._counts, Counter()
        if not counts:
            return
        try:
            with Session(self._app.model.engine) as session, session.begin():
                CounterManager(cast(galaxy_scoped_session, session)).add(counts)
        except SQLAlchemyError as problem:
            with self._lock:
                self._counts += counts
            log.debug("galaxy-tiaas could not write its counters: %s", describe(problem))

    def _write_later(self) -> None:
        with self._lock:
            self._timer = None
        self.write()
