"""When something that did not work is tried again."""

from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

_PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]


def next_attempt(attempts: int, now: datetime) -> Optional[datetime]:
    """When to try again after this many failed attempts, the last of them at ``now``.

    :returns: ``None`` once the attempts have gone on for about three days.
    """
    return now + _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else None
