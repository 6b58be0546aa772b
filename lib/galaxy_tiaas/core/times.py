"""When a training's resources are available.

A training has a first and a last day in its own time zone. Its *window* runs from the start of the
first day to the end of the last, widened by ``join_flex_hours`` on both sides, unless somebody has
ended it early. All results are naive UTC, as are the times in Galaxy's database.
"""

from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    time,
    timedelta,
    timezone as datetime_timezone,
)
from functools import lru_cache
from typing import Optional
from zoneinfo import (
    available_timezones,
    ZoneInfo,
)

from ..trainings.states import TrainingPhase

#: Dates outside this range are typing errors; inside it no date arithmetic can overflow.
FIRST_DATE = date(2000, 1, 1)
LAST_DATE = date(2100, 12, 31)


#: Names in the database that mean no zone, or another one on each computer.
_NO_PLACES = frozenset({"Factory", "localtime"})
#: Where the names of time zones begin that are not abbreviations or names of old.
CONTINENTS = tuple("Africa America Antarctica Asia Atlantic Australia Europe Indian Pacific".split())


def is_time_zone(name: str) -> bool:
    """Whether ``name`` is a key of the IANA time zone database such as ``Europe/Berlin``."""
    return name in _time_zones()


def find_time_zone(text: str) -> Optional[str]:
    """The time zone meant by its name in any case, with blanks or underscores, or by its city alone."""
    return _by_any_name().get("_".join(text.split()).casefold())


@lru_cache(maxsize=1)
def _by_any_name() -> dict[str, str]:
    names = sorted(_time_zones())
    cities = {name.rsplit("/", 1)[-1].casefold(): name for name in reversed(names) if name.split("/")[0] in CONTINENTS}
    return {**cities, **{name.casefold(): name for name in names}}


@lru_cache(maxsize=1)
def _time_zones() -> frozenset[str]:
    return frozenset(available_timezones()) - _NO_PLACES


@dataclass(frozen=True)
class Window:
    """Half-open interval ``[opens, closes)`` in naive UTC."""

    opens: datetime
    closes: datetime

    def widened(self, flex_hours: float) -> "Window":
        flex = timedelta(hours=flex_hours)
        return Window(self.opens - flex, self.closes + flex)

    def ended_by(self, moment: Optional[datetime]) -> "Window":
        """The same window, closed at ``moment`` if that comes before its end."""
        return self if moment is None or moment >= self.closes else Window(self.opens, moment)

    def is_over(self, now: datetime) -> bool:
        return now >= self.closes

    def phase(self, now: datetime) -> TrainingPhase:
        if self.is_over(now):
            return TrainingPhase.FINISHED
        if now >= self.opens:
            return TrainingPhase.ONGOING
        return TrainingPhase.UPCOMING


def window_of_days(start: date, end: date, timezone: str) -> Window:
    """The days ``start`` to ``end``, both included, in ``timezone``; not yet widened.

    :raises zoneinfo.ZoneInfoNotFoundError: for an unknown time zone.
    """
    zone = ZoneInfo(timezone)
    return Window(_midnight(start, zone), _midnight(end + timedelta(days=1), zone))


def days_inclusive(start: date, end: date) -> int:
    """Number of days of a training, first and last included: one for a training of a single day."""
    return (end - start).days + 1


def today_in(timezone: str, now: datetime) -> date:
    """The calendar day in ``timezone`` at ``now`` (naive UTC)."""
    return now.replace(tzinfo=datetime_timezone.utc).astimezone(ZoneInfo(timezone)).date()


def last_day(end: date, timezone: str, ended_at: Optional[datetime]) -> date:
    """The last day of a training, or that on which it was ended early (naive UTC)."""
    return min(end, today_in(timezone, ended_at)) if ended_at else end


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time.min, tzinfo=zone).astimezone(datetime_timezone.utc).replace(tzinfo=None)
