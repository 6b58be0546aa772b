"""Brings messages to people in the background of a web process, so that no request waits for a mail server."""

import logging
import threading
from collections.abc import Callable
from typing import Optional

from ..exceptions import describe
from .doorbell import Doorbell

log = logging.getLogger(__name__)


class Courier(Doorbell):
    """A thread that sleeps until the bell rings. It starts with the first ring, so after any fork."""

    def __init__(self, deliver: Callable[[], None]):
        """:param deliver: a round with a database session of its own, which it gives back."""
        super().__init__()
        self._deliver = deliver
        self._wanted = threading.Event()
        self._lock = threading.Lock()
        self._thread: Optional[threading.Thread] = None

    def ring(self) -> None:
        super().ring()
        self._wanted.set()
        with self._lock:
            if self._thread is None or not self._thread.is_alive():
                self._thread = threading.Thread(target=self._run, name="galaxy-tiaas courier", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            self._wanted.wait()
            self._wanted.clear()
            try:
                self._deliver()
            except Exception as problem:
                # What is not delivered stays in the database, for the next ring or the lifecycle.
                log.error("galaxy-tiaas: messages could not be delivered: %s", describe(problem))
