"""Caches in the memory of one process, for all its threads, and responses that many people share."""

import hashlib
import math
import re
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
from functools import cached_property
from typing import (
    Any,
    cast,
    Generic,
    Optional,
    TypeVar,
)

import orjson
from cachetools import TTLCache
from galaxy.model.scoped_session import galaxy_scoped_session
from pydantic import BaseModel

from .config import TiaasConfig

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")
M = TypeVar("M", bound=BaseModel)

#: More results than dashboards are looked at on any server at the same time.
_MAX_RESULTS = 256
#: Answers about all trainings of the past may have megabytes.
_MAX_HELD = 32
_HELD_FOR = timedelta(minutes=5)
#: Fraction of a process's time that may be spent on computing one result.
_MAX_LOAD = 0.1
#: A server may be slow for a moment only.
_MAX_SLOW_TTL = timedelta(seconds=30)
#: No text of anybody's can look like this: its quotes are escaped.
_GENERATED = re.compile(rb'"generated":"[^"]*",?')
#: Times as :data:`galaxy_tiaas.trainings.schema.UtcTime` has them.
_UTC_TIMES = orjson.OPT_NAIVE_UTC | orjson.OPT_UTC_Z | orjson.OPT_OMIT_MICROSECONDS


def as_json(value: Any) -> bytes:
    """Plain values as the API sends them."""
    return orjson.dumps(value, option=_UTC_TIMES)


class Cache(Generic[K, V]):
    """Drops values that were put ``ttl`` seconds ago, and beyond ``maxsize`` the least recently used."""

    def __init__(self, maxsize: int, ttl: float = math.inf, timer: Callable[[], float] = time.monotonic) -> None:
        self._values: TTLCache[K, V] = TTLCache(maxsize, ttl, timer)
        self._lock = threading.Lock()

    def get(self, key: K) -> Optional[V]:
        with self._lock:
            try:
                return self._values[key]
            except KeyError:
                return None

    def put(self, key: K, value: V) -> V:
        """:returns: the value."""
        with self._lock:
            self._values[key] = value
        return value


@dataclass
class _Slot(Generic[V]):
    lock: threading.Lock = field(default_factory=threading.Lock)
    value: Optional[V] = None


class SingleFlightCache(Generic[K, V]):
    """Keeps the ``maxsize`` most recently used values. Of several who need the same new one, one computes it."""

    def __init__(
        self, maxsize: int, before_waiting: Callable[[], object] = lambda: None, ttl: float = math.inf
    ) -> None:
        """
        :param ttl: for how many seconds, whether used or not.
        """
        self._slots: TTLCache[K, _Slot[V]] = TTLCache(maxsize, ttl)
        self._lock = threading.Lock()
        self._before_waiting = before_waiting

    def get(
        self,
        key: K,
        compute: Callable[[], V],
        is_fresh: Callable[[V], bool],
        is_usable: Callable[[V], bool] = lambda _: False,
    ) -> V:
        """A fresh value; while somebody else computes it, the previous one if that is usable.

        What ``compute`` raises is raised to each caller who would have computed, and the previous value is kept.
        """
        return self.renew(key, lambda _: compute(), is_fresh, is_usable)

    def renew(
        self,
        key: K,
        compute: Callable[[Optional[V]], V],
        is_fresh: Callable[[V], bool],
        is_usable: Callable[[V], bool] = lambda _: False,
    ) -> V:
        """The same where ``compute`` is given the previous value."""
        slot = self._slot(key)
        previous = slot.value
        if previous is not None and is_fresh(previous):
            return previous
        if not slot.lock.acquire(blocking=False):
            if previous is not None and is_usable(previous):
                return previous
            self._before_waiting()
            slot.lock.acquire()
        try:
            if slot.value is None or not is_fresh(slot.value):
                slot.value = compute(slot.value)
            return slot.value
        finally:
            slot.lock.release()

    def forget(self, key: K) -> None:
        with self._lock:
            self._slots.pop(key, None)

    def _slot(self, key: K) -> _Slot[V]:
        with self._lock:
            return self._slots.setdefault(key, _Slot())


@dataclass(frozen=True)
class _Result:
    value: Any
    computed_at: datetime
    expires_at: datetime


class ResultCache:
    """Results that many viewers share. Values must be plain data, which outlives its database session."""

    def __init__(self, config: TiaasConfig, session: galaxy_scoped_session) -> None:
        self._interval = timedelta(seconds=config.status_refresh_seconds)
        # The one who computes may need another connection, and there are fewer connections than viewers.
        self._results: SingleFlightCache[Hashable, _Result] = SingleFlightCache(_MAX_RESULTS, session.rollback)

    def get(self, key: Hashable, now: datetime, compute: Callable[[], V], ttl: timedelta = timedelta()) -> V:
        """The result of ``compute``, at most ``status_refresh_seconds`` old; older if ``ttl`` or a slow computation
        allows it, or while somebody else computes the next one.

        May roll back the session of the caller.
        """
        return self.renew(key, now, lambda _: compute(), ttl)

    def renew(
        self, key: Hashable, now: datetime, compute: Callable[[Optional[V]], V], ttl: timedelta = timedelta()
    ) -> V:
        """The same where ``compute`` is given the previous result."""
        if not self._interval:
            return compute(None)

        def compute_result(previous: Optional[_Result]) -> _Result:
            started = time.monotonic()
            value = compute(previous.value if previous else None)
            taken = timedelta(seconds=time.monotonic() - started)
            return _Result(value, now, now + max(self._interval, ttl, min(taken / _MAX_LOAD, _MAX_SLOW_TTL)))

        return self._results.renew(
            key,
            compute_result,
            # A clock that was set back must not keep a result for hours.
            is_fresh=lambda result: result.computed_at <= now < result.expires_at,
            is_usable=lambda result: now < result.expires_at + 2 * self._interval,
        ).value


@dataclass(frozen=True)
class _Held:
    value: Any
    version: Hashable
    computed_at: datetime


class HeldResults:
    """What is worked out from the whole past: kept for five minutes, or until something changes that it depends on."""

    def __init__(self, session: galaxy_scoped_session) -> None:
        self._results: SingleFlightCache[Hashable, _Held] = SingleFlightCache(_MAX_HELD, session.rollback)

    def get(self, key: Hashable, version: Hashable, now: datetime, compute: Callable[[], V]) -> V:
        """The result of ``compute``, no older than the version and five minutes. It must be plain data.

        May roll back the session of the caller.

        :param key: everything on which the result depends besides the database: who may see what, too.
        :param version: what was read from the database to learn whether anything has changed.
        """

        def is_usable(held: _Held) -> bool:
            # A clock that was set back must not keep a result for hours.
            return held.version == version and held.computed_at <= now < held.computed_at + _HELD_FOR + _HELD_FOR

        held = self._results.get(
            key,
            lambda: _Held(compute(), version, now),
            is_fresh=lambda held: is_usable(held) and now < held.computed_at + _HELD_FOR,
            is_usable=is_usable,
        )
        return cast(V, held.value)


@dataclass(frozen=True)
class ReadyResponse:
    """An answer as it is sent."""

    content: bytes
    media_type: str

    @cached_property
    def etag(self) -> str:
        """A weak one: some server in between may compress the answer."""
        return f'W/"{hashlib.sha256(self.content).hexdigest()[:32]}"'


class CachedResponse(Generic[M]):
    """A value, its JSON, and an entity tag that stays the same while only the time of the look changes."""

    media_type = "application/json"

    def __init__(self, value: M):
        self.value = value

    @cached_property
    def json(self) -> bytes:
        return self.value.model_dump_json(exclude_unset=True).encode()

    @property
    def outline(self) -> M:
        """The value as far as a page needs it."""
        return self.value

    @property
    def content(self) -> bytes:
        return self.json

    @cached_property
    def etag(self) -> str:
        """A weak one (RFC 9110, 8.8.3): the same tag means the same content, but for ``generated``."""
        content = _GENERATED.sub(b"", self.json, count=1)
        return f'W/"{hashlib.sha256(content).hexdigest()[:32]}"'


class RawCachedResponse(CachedResponse[M]):
    """The same from plain values: thousands of small parts become a model only when a page wants one.

    The API sends them as they are, without validation.
    """

    def __init__(self, model: type[M], content: dict[str, Any]):
        self._model = model
        self._content = content

    @cached_property
    def value(self) -> M:  # type: ignore[override]
        return self._model.model_validate_json(self.json)

    @cached_property
    def json(self) -> bytes:
        return as_json(self._content)
