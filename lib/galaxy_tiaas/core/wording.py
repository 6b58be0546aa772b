"""How days, durations and fields of a training are written for people, on pages and in mails."""

from datetime import (
    date,
    datetime,
    timedelta,
)
from functools import lru_cache
from math import ceil
from typing import Any

from babel.dates import format_timedelta


def day(value: date) -> str:
    """``5 March 2027``"""
    return f"{value.day} {value:%B %Y}"


def days(start: date, end: date) -> str:
    """``5 March 2027``, ``5 – 9 March 2027``, ``30 March – 2 April 2027``"""
    if start == end:
        return day(start)
    if (start.year, start.month) == (end.year, end.month):
        return f"{start.day} – {day(end)}"
    if start.year == end.year:
        return f"{start.day} {start:%B} – {day(end)}"
    return f"{day(start)} – {day(end)}"


def duration(seconds: float) -> str:
    """``1 minute``, ``90 minutes``, ``20 hours``; rounded up."""
    unit = 60 if seconds < 2 * 3600 else 3600
    return _in_words(timedelta(seconds=ceil(seconds / unit) * unit))


def relative(distance: timedelta) -> str:
    """``in 40 minutes``, ``in 36 hours``, ``in 12 days``, ``2 weeks ago``"""
    return _in_words(distance, add_direction=True)


@lru_cache(maxsize=1000)
def _in_words(delta: timedelta, add_direction: bool = False) -> str:
    # From two of a unit on: "in 1 day" leaves open which one is meant.
    return format_timedelta(delta, granularity="minute", threshold=2, add_direction=add_direction, locale="en")


def hours(value: float) -> str:
    """A number of hours: a tenth is worth telling as long as there are few."""
    return f"{value:,.0f}" if value >= 100 else f"{value:.1f}"


_FIELDS = {
    "attendance": "people expected",
    "blogpost": "blog post",
    "course_only": "only the course",
    "email": "e-mail address",
    "end": "last day",
    "ended_at": "ended early",
    "instructors": "other instructors",
    "invited": "invited to teach",
    "location": "countries",
    "non_gtn_links": "other materials",
    "start": "first day",
    "timezone": "time zone",
    "use_gtn": "GTN materials used",
    "gtn_links": "GTN materials",
}


def field(name: str) -> str:
    """What a field of a training is called on the pages."""
    return _FIELDS.get(name, name.replace("_", " "))


def change(name: str, old: Any, new: Any) -> str:
    """One changed field in the history; accounts are not spelled out there."""
    if name == "instructors":
        return "other instructors changed"
    return f"{field(name)}: {value(name, old)} → {value(name, new)}"


def value(name: str, content: Any) -> str:
    """What a field of a training holds."""
    if name == "resources":
        return "on" if content else "off"
    if name == "ended_at" and content:
        ended = datetime.fromisoformat(content.removesuffix("Z"))
        return f"{day(ended)}, {ended:%H:%M} UTC"
    if name in ("start", "end") and content:
        return day(content if isinstance(content, date) else date.fromisoformat(content))
    if isinstance(content, bool):
        return "yes" if content else "no"
    if isinstance(content, list):
        content = ", ".join(str(item) for item in content)
    return str(content) if content not in (None, "") else "–"


#: With this begins a file that Excel reads as UTF-8.
BYTE_ORDER_MARK = "\ufeff"
#: With these begins what such a program takes for a formula; a tab or line break may come before it.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "\uff1d", "\uff0b", "\uff0d", "\uff20")


def as_text(cell: object) -> str:
    """A cell that no program takes for a formula: https://owasp.org/www-community/attacks/CSV_Injection"""
    text = "" if cell is None else str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text
