"""Where the rows of the last hours begin, found once for all trainings."""

import threading
from collections import OrderedDict
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)

#: Times are rounded down to a multiple of this: for so long, who asks for the last hours is given the same id.
_STEP = timedelta(minutes=2)
_MOST_HELD = 512


class FirstIds:
    """One for each process.

    What was once the first id of the rows since a time stays right for later times: all new rows have higher
    ids. It is only lower than it could be, by as many rows as were made in two minutes.
    """

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, datetime], int] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, table: str, since: datetime, search: Callable[[datetime], int]) -> int:
        """An id below which the table has no row since then, by ``search`` if it has not been found just before."""
        rounded = since - (since - datetime.min) % _STEP
        key = (table, rounded)
        first_id = self._found.get(key)
        if first_id is None:
            first_id = search(rounded)
            with self._lock:
                self._found[key] = first_id
                if len(self._found) > _MOST_HELD:
                    self._found.popitem(last=False)
        return first_id
