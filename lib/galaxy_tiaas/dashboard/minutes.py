"""Times on a dashboard."""

from collections.abc import Callable
from datetime import datetime


def whole_minute(time: datetime) -> datetime:
    """The beginning of its minute."""
    return time.replace(second=0, microsecond=0)


def seconds_for(detailed: bool) -> Callable[[datetime], datetime]:
    """How times are shown: with their seconds, or as whole minutes.

    Datasets of published histories have the second of their job, and so would tell whose pseudonym did it.
    """
    return _as_it_is if detailed else whole_minute


def _as_it_is(time: datetime) -> datetime:
    return time
