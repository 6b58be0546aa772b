"""Ids between which the jobs and invocations of some hours lie, so that nothing else is read."""

from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

from ..core.cache import Cache

#: Times are rounded down to a multiple of this, so that all who ask for the last hours get the same id meanwhile.
_STEP = timedelta(minutes=2)
_MAX_IDS = 512


class JobIdWatermarks:
    """Ids found once for all trainings; one for each process.

    New rows have higher ids, so a lower bound stays right for later times: it is only lower than it could be, by the
    rows of two minutes. And an id after which there is nothing from before a time stays one.
    """

    def __init__(self) -> None:
        self._ids: Cache[tuple[str, str, datetime], int] = Cache(_MAX_IDS)

    def since(self, table: str, since: datetime, search: Callable[[datetime], int]) -> int:
        """An id below which the table has no row since then."""
        rounded = since - (since - datetime.min) % _STEP
        key = (table, "since", rounded)
        first_id = self._ids.get(key)
        return self._ids.put(key, search(rounded)) if first_id is None else first_id

    def after(self, table: str, until: datetime, search: Callable[[datetime], Optional[int]]) -> Optional[int]:
        """An id from which on the table has nothing from before exactly then, the end of a training.

        As long as there is none, each call searches, for there will be one.
        """
        key = (table, "after", until)
        end_id = self._ids.get(key)
        if end_id is None and (end_id := search(until)) is not None:
            self._ids.put(key, end_id)
        return end_id
