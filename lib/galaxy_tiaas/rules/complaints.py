"""Trouble is said once a minute for each kind of it: a handler that starts thousands of jobs has one log."""

import logging
import threading
import time
from collections.abc import Callable

#: Pause between two lines about the same kind of trouble.
SECONDS = 60.0


class Complaints:
    """Writes errors to a log, and with each how many of its kind were left out since the last one."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        #: Kind of trouble to when it was last said, and how often it has come since.
        self._said: dict[str, tuple[float, int]] = {}

    def say(self, kind: str, message: str) -> None:
        now = self._clock()
        with self._lock:
            last, left_out = self._said.get(kind, (now - SECONDS, 0))
            if due := now - last >= SECONDS:
                self._said[kind] = (now, 0)
            else:
                self._said[kind] = (last, left_out + 1)
        if due:
            self._log.error("%s%s", message, f" ({left_out} more of this kind since the last one)" if left_out else "")

    def forget(self) -> None:
        with self._lock:
            self._said.clear()
