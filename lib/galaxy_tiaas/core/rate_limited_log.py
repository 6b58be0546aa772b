"""Logs each kind of problem once a minute: a job handler that starts thousands of jobs has one log.

Imports nothing but Python, since the job rule logs with it whatever is broken.
"""

import logging
import threading
import time
from collections.abc import Callable

#: Seconds between two lines about the same kind of problem.
SECONDS = 60.0


class RateLimitedLog:
    """Logs errors, each with the number of those of its kind that were left out since the last one."""

    def __init__(self, log: logging.Logger, clock: Callable[[], float] = time.monotonic) -> None:
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        #: Kind of problem to when it was last logged, and how often it has come since.
        self._logged: dict[str, tuple[float, int]] = {}

    def error(self, kind: str, message: str) -> None:
        now = self._clock()
        with self._lock:
            last, left_out = self._logged.get(kind, (now - SECONDS, 0))
            if due := now - last >= SECONDS:
                self._logged[kind] = (now, 0)
            else:
                self._logged[kind] = (last, left_out + 1)
        if due:
            self._log.error("%s%s", message, f" ({left_out} more of this kind since the last one)" if left_out else "")
