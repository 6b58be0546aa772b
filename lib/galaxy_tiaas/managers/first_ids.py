"""Where the rows of the last hours begin, and those after an end; found once for all trainings."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

#: Times are rounded down to a multiple of this: for so long, who asks for the last hours is given the same id.
_STEP = timedelta(minutes=2)
_MOST_HELD = 512


class FirstIds:
    """One for each process.

    New rows have higher ids, so what was once the first id of the rows since a time stays right for later times. It
    is only lower than it could be, by as many rows as were made in two minutes. And an id after which there is nothing
    from before a time stays one.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, str, datetime], int] = OrderedDict()
        self._lock = threading.Lock()

    def since(self, table: str, since: datetime, search: Callable[[datetime], int]) -> int:
        """An id below which the table has no row since then, by ``search`` if it has not been found just before."""
        rounded = since - (since - datetime.min) % _STEP
        key = (table, "since", rounded)
        first_id = self._found.get(key)
        return self._hold(key, search(rounded)) if first_id is None else first_id

    def after(self, table: str, until: datetime, search: Callable[[datetime], Optional[int]]) -> Optional[int]:
        """An id from which on the table has nothing from before then, by ``search`` if it has not been found before.

        It is held for exactly that time, which is the end of a training. As long as there is none, it is searched for
        each time, for there will be one.
        """
        key = (table, "after", until)
        end_id = self._found.get(key)
        if end_id is None:
            end_id = search(until)
            if end_id is not None:
                self._hold(key, end_id)
        return end_id

    def _hold(self, key: tuple[str, str, datetime], row_id: int) -> int:
        with self._lock:
            self._found[key] = row_id
            if len(self._found) > _MOST_HELD:
                self._found.popitem(last=False)
        return row_id
