"""Slows down whoever looks for trainings by guessing their identifiers: an identifier is enough to join."""

import hashlib
import math
import secrets
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)

from cachetools import LRUCache

from .exceptions import TooManyRequests
from .wording import duration

#: How long an attempt counts.
WINDOW = timedelta(minutes=10)
#: Different identifiers that somebody may look up in vain within that time.
MOST_MISSES = 100
#: Different identifiers that somebody may try for a training of their own: the request form asks while they type.
MOST_TRIED = 500
#: Seconds by which visitors are delayed who cannot be told from one another.
DELAY = 2.0
#: Callers that are remembered: some megabytes at most. Whoever was active longest ago is forgotten.
_MAX_CALLERS = 2048


class FailedLookups:
    """The different identifiers that each caller tried lately. One for each process, in memory only.

    How often the same one is tried does not matter: a whole class may have been given a wrong link. Neither callers
    nor identifiers are kept, only hashes with a secret of this process.
    """

    def __init__(self, max_callers: int = _MAX_CALLERS) -> None:
        self._secret = secrets.token_bytes(16)
        self._tried: LRUCache[bytes, dict[bytes, datetime]] = LRUCache(max_callers)
        self._lock = threading.Lock()

    def add(self, caller: str, identifier: str, now: datetime, most: int) -> None:
        """Count this one, unless that many are counted already."""
        with self._lock:
            tried = self._recent(caller, now)
            if len(tried) < most:
                tried.setdefault(self._hash(identifier.lower()), now)
                self._tried[self._hash(caller)] = tried

    def seconds_left(self, caller: str, now: datetime, most: int) -> int:
        """Until the caller may try another one; 0: now."""
        with self._lock:
            tried = self._recent(caller, now)
            if len(tried) < most:
                return 0
            return max(1, math.ceil((min(tried.values()) + WINDOW - now).total_seconds()))

    def _recent(self, caller: str, now: datetime) -> dict[bytes, datetime]:
        """A clock that was set back must not shut anybody out for hours."""
        tried = self._tried.get(self._hash(caller), {})
        return {identifier: time for identifier, time in tried.items() if time <= now < time + WINDOW}

    def _hash(self, text: str) -> bytes:
        return hashlib.blake2b(text.encode(errors="replace"), key=self._secret, digest_size=8).digest()


@dataclass
class LookupLimit:
    """What one request looks up by identifier.

    ``caller`` is an account or the address of a visitor. ``shared``: many visitors may have that address, as behind a
    proxy that Galaxy does not know. They are delayed instead of refused, or one of them could shut out all.
    """

    attempts: FailedLookups
    caller: str
    now: datetime
    by_account: bool = True
    shared: bool = False
    #: Whether anything was looked up that is not the caller's own.
    foreign: bool = False

    def found_nothing(self, identifier: str) -> None:
        """:raises TooManyRequests: if the caller has guessed too much."""
        self.foreign = True
        self._refuse(self._seconds_left())
        self.attempts.add(self.caller, identifier, self.now, MOST_MISSES)

    def found(self, is_own: Callable[[], bool]) -> None:
        """:param is_own: whether it is the caller's own training, which is always shown; asked only if that matters.

        :raises TooManyRequests: if the caller has guessed too much, and this may be one guess more.
        """
        seconds = self._seconds_left()
        if seconds and not is_own():
            self.foreign = True
            self._refuse(seconds)

    def tried(self, identifier: str) -> None:
        """The caller asks whether an identifier is free, or takes it.

        :raises TooManyRequests: if that was asked of too many.
        """
        caller = f"{self.caller} tries"
        self._refuse(self.attempts.seconds_left(caller, self.now, MOST_TRIED))
        self.attempts.add(caller, identifier, self.now, MOST_TRIED)

    @property
    def delay(self) -> float:
        """Seconds by which the answer is to be delayed."""
        return DELAY if self.shared and self.foreign and self._seconds_left() else 0

    def _seconds_left(self) -> int:
        return self.attempts.seconds_left(self.caller, self.now, MOST_MISSES)

    def _refuse(self, seconds: int) -> None:
        if seconds and not self.shared:
            advice = "Please try" if self.by_account else "Please log in, or try"
            raise TooManyRequests(
                f"Too many identifiers of trainings were tried. {advice} again in {duration(seconds)}.", seconds
            )
