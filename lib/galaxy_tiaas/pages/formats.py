"""How dates, times and names of states are written for people."""

from datetime import (
    date,
    datetime,
)
from typing import (
    Any,
    Optional,
)

from markupsafe import (
    escape,
    Markup,
)


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


def moment(value: Optional[datetime]) -> Markup:
    """A ``time`` element for a moment in naive UTC; a script puts the reader's local time into it."""
    if value is None:
        return Markup("–")
    text = f"{value.day} {value:%b %Y, %H:%M} UTC"
    return Markup('<time datetime="{}Z">{}</time>').format(value.isoformat(timespec="seconds"), escape(text))


def tool_name(tool_id: Optional[str]) -> str:
    """A tool id without the Tool Shed's address: ``toolshed/repos/owner/repo/bwa/0.7`` becomes ``bwa``."""
    parts = (tool_id or "–").split("/")
    return parts[-2] if len(parts) > 4 and "repos" in parts else (tool_id or "–")


def until(start: date, today: date) -> str:
    """``in 12 days``, ``tomorrow``, ``today``, ``3 days ago``"""
    distance = (start - today).days
    special = {-1: "yesterday", 0: "today", 1: "tomorrow"}
    if distance in special:
        return special[distance]
    return f"in {distance} days" if distance > 0 else f"{-distance} days ago"


_FIELDS = {
    "attendance": "people expected",
    "blogpost": "blog post",
    "email": "e-mail address",
    "end": "last day",
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
    return f"{field(name)}: {_value(old)} → {_value(new)}"


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        value = ", ".join(str(item) for item in value)
    return str(value) if value not in (None, "") else "–"
