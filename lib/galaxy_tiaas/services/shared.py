"""Results that everybody who asks within a short time shares: many viewers cost what one costs."""

import threading
import time
from collections.abc import (
    Callable,
    Hashable,
)
from dataclasses import (
    dataclass,
    field,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
    TypeVar,
)

from galaxy.model.scoped_session import galaxy_scoped_session

from ..config import TiaasConfig

T = TypeVar("T")

#: A result that took long is kept longer, so that computing takes about this share of a process's time;
#: but not for long, since a server may be slow for a moment only.
_SHARE_OF_TIME = 0.1
_LONGEST_KEPT = timedelta(seconds=30)
#: More results than dashboards are looked at on any server at the same time.
_MOST_RESULTS = 256


@dataclass
class _Result:
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Any = None
    computed: Optional[datetime] = None
    fresh_until: Optional[datetime] = None

    def is_fresh(self, now: datetime) -> bool:
        # A clock that was set back must not make anything last for hours.
        return bool(self.computed and self.fresh_until and self.computed <= now < self.fresh_until)


class SharedResults:
    """One for each process. Values must be plain data, which outlives the database session that it was read in."""

    def __init__(self, config: TiaasConfig, session: galaxy_scoped_session):
        self._session = session
        self._interval = timedelta(seconds=config.status_refresh_seconds)
        self._results: dict[Hashable, _Result] = {}
        self._lock = threading.Lock()

    def get(
        self, key: tuple[Hashable, ...], now: datetime, compute: Callable[[], T], keep: timedelta = timedelta()
    ) -> T:
        """The result of ``compute``, at most ``status_refresh_seconds`` old, or older if it took long to compute.

        What need not be so fresh may be as old as ``keep``.

        Of several that ask at once, one computes and the others wait for it, or take the previous result if
        there is one. What ``compute`` raises is raised to those who would have computed.
        """
        if not self._interval:
            return compute()
        result = self._result(key, now)
        if result.is_fresh(now):
            return result.value
        if not result.lock.acquire(blocking=False):
            if self._is_usable(result, now):
                return result.value
            # Gives back the connection of this request: whoever computes may need another one, and there are fewer of
            # them than viewers.
            self._session.rollback()
            result.lock.acquire()
        try:
            if not result.is_fresh(now):
                started = time.monotonic()
                result.value = compute()
                taken = timedelta(seconds=time.monotonic() - started)
                result.computed, result.fresh_until = now, now + max(self._kept(taken), keep)
            return result.value
        finally:
            result.lock.release()

    def _kept(self, taken: timedelta) -> timedelta:
        return max(self._interval, min(taken / _SHARE_OF_TIME, _LONGEST_KEPT))

    def _is_usable(self, result: _Result, now: datetime) -> bool:
        """Whether a result that is not fresh any more still serves while somebody computes the next."""
        return bool(result.fresh_until and now < result.fresh_until + 2 * self._interval)

    def _result(self, key: Hashable, now: datetime) -> _Result:
        with self._lock:
            if len(self._results) >= _MOST_RESULTS and key not in self._results:
                kept = {key: result for key, result in self._results.items() if result.is_fresh(now)}
                self._results = kept if len(kept) < _MOST_RESULTS else {}
            return self._results.setdefault(key, _Result())
