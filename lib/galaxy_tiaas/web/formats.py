"""How dates, times and names of states are written for people."""

from collections.abc import (
    Mapping,
    Sequence,
)
from datetime import (
    date,
    datetime,
    timedelta,
    timezone as datetime_timezone,
)
from functools import lru_cache
from itertools import groupby
from typing import (
    Any,
    Optional,
)
from zoneinfo import (
    available_timezones,
    ZoneInfo,
)

from markupsafe import (
    escape,
    Markup,
)
from pydantic import BaseModel

from ..core.times import CONTINENTS
from ..core.wording import (
    change,
    day,
    days,
    field,
    hours,
    relative,
    value,
)
from ..dashboard import steps
from ..membership.pseudonyms import SHAPES
from ..trainings.states import TrainingState
from .links import find_addresses

__all__ = ["change", "day", "days", "field", "hours", "value"]


#: As many as are shown on all pages together.
_MANY_PEOPLE = 16_384


def moment(value: Optional[datetime], style: str = "medium") -> Markup:
    """A ``time`` element for a moment in naive UTC; a script puts the reader's local time into it.

    :param style: ``medium`` has date and time, ``short`` leaves out today's date, ``day`` leaves out the time.
    """
    if value is None:
        return Markup("–")
    text = f"{value.day} {value:%b %Y}" if style == "day" else f"{value.day} {value:%b %Y, %H:%M} UTC"
    return Markup(f'<time datetime="{value.isoformat(timespec="seconds")}Z" data-style="{escape(style)}">{text}</time>')


@lru_cache(maxsize=_MANY_PEOPLE)
def person(pseudonym: str, colour: Optional[str], shape: Optional[str]) -> Markup:
    """A person's name, colour and shape. There are thousands, who are shown again and again.

    Content Security Policy forbids attributes with styles, but not those of SVG.
    """
    name = escape(pseudonym)
    return Markup(
        f'<span class="tiaas-person" data-person="{name}"><span class="tiaas-swatch"><svg aria-hidden="true">'
        f'<rect width="100%" height="100%" fill="{escape(colour)}"/></svg><span class="fas {shape_icon(shape)}"'
        f' aria-hidden="true"></span></span><span class="tiaas-pseudonym">{name}</span></span>'
    )


@lru_cache(maxsize=1024)
def _counted(word: str, icon: str, count: int) -> str:
    return (
        f'<span class="tiaas-count tiaas-is-{escape(word)}"><span class="fas {escape(icon)}" aria-hidden="true"></span>'
        f'<span><span class="tiaas-word">{escape(word)}</span> {count:,}</span></span>'
    )


def counts(sums: Sequence[tuple[Any, int]]) -> Markup:
    """How many jobs are in each group of states."""
    return Markup(" ".join(_counted(group.name, group.icon, count) for group, count in sums))


def shares(counts: Sequence[tuple[str, int]], classes: str, percent: int = 100) -> Markup:
    """Bars beside each other, each with its class, that share so many percent of the room as their counts do."""
    bars, done = [], 0
    for name, count in counts:
        bars.append(f'<rect class="{escape(name)}" x="{done}" width="{count}" height="1"/>')
        done += count
    return Markup(
        f'<svg class="{escape(classes)}" viewBox="0 0 {done * 100 // percent} 1" preserveAspectRatio="none"'
        f' aria-hidden="true">{"".join(bars)}</svg>'
    )


def linked(text: Optional[str]) -> Markup:
    """What somebody has written, with a link for each web address in it."""
    written, pieces, place = text or "", [], 0
    for address in find_addresses(written):
        link = Markup('<a href="{}" target="_blank" rel="noopener noreferrer">{}</a>')
        pieces += [
            escape(written[place : address.start]),
            link.format(address.link, written[address.start : address.end]),
        ]
        place = address.end
    return Markup("").join([*pieces, escape(written[place:])])


_SCRIPT_ESCAPES = {ord(character): f"\\u{ord(character):04x}" for character in "<>&\u2028\u2029"}


def script_json(value: BaseModel) -> Markup:
    """JSON for a ``script`` element, which no text in it can end."""
    return Markup(value.model_dump_json().translate(_SCRIPT_ESCAPES))


def spoken(value: datetime, timezone: str) -> Markup:
    """A ``time`` element for a moment in naive UTC, to be read in a sentence.

    A script makes ``today at 18:00`` of it, in the reader's local time; without it stand UTC and ``timezone``.
    """
    there = value.replace(tzinfo=datetime_timezone.utc).astimezone(ZoneInfo(timezone))
    day_there = "" if there.date() == value.date() else f"{there:%A} "
    text = f"{value:%A} {value.day} {value:%B}, {value:%H:%M} UTC"
    if timezone != "UTC":
        text = f"{text} ({day_there}{there:%H:%M} in {timezone})"
    return Markup('<time datetime="{}Z" data-style="spoken">{}</time>').format(
        value.isoformat(timespec="seconds"), text
    )


def time_until(value: datetime, now: datetime) -> str:
    """``in 40 minutes``, ``in 5 hours``, ``in 3 days``; for what is to come."""
    return relative(max(value - now, timedelta(minutes=1)))


def tool_id(full_id: str) -> str:
    """A tool's id as its menu in Galaxy and a list of tools have it: ``upload1``, ``bwa``."""
    return steps.short_id(full_id)


#: Icons of Font Awesome 5 whose names differ from those of our shapes.
_SHAPE_ICONS = {"drop": "fa-tint", "feather": "fa-feather-alt"}


def shape_icon(shape: Optional[str]) -> str:
    """The Font Awesome icon of a member's shape; whoever has a shape that no page knows is a circle."""
    if shape not in SHAPES:
        return "fa-circle"
    return _SHAPE_ICONS.get(shape, f"fa-{shape}")


def until(start: date, today: date) -> str:
    """``in 12 days``, ``tomorrow``, ``today``, ``3 days ago``, ``4 years ago``"""
    distance = start - today
    return {-1: "yesterday", 0: "today", 1: "tomorrow"}.get(distance.days) or relative(distance)


def distance(start: date, end: date, today: date, ended: Optional[date] = None) -> str:
    """Where the days of a training are, seen from today: ``in 12 days``, ``began yesterday``, ``ended 3 days ago``

    :param ended: the day on which it was ended early, if it was.
    """
    if ended:
        return f"ended early, {until(ended, today)}"
    if today < start:
        return until(start, today)
    if end < today:
        return f"ended {until(end, today)}"
    return "today" if start == today else f"began {until(start, today)}"


def urgency(start: date, today: date, notice: int) -> str:
    """How a training presses that waits for a decision: ``late`` when its days have come, else ``soon``, or not at all.

    :param notice: how many days before the start it becomes soon.
    """
    if start <= today:
        return "late"
    return "soon" if (start - today).days <= notice else ""


def stretches(load: Sequence[Any]) -> list[tuple[date, date, int]]:
    """Days on which equally many people are expected, put together: first day, last day, people."""
    return [
        (days_alike[0].day, days_alike[-1].day, seats)
        for seats, group in groupby(load, key=lambda entry: entry.seats)
        if (days_alike := list(group))
    ]


#: From done to not done, and last what needs somebody to look at it.
_JOB_STATES = (
    "ok completed scheduled running setting_metadata upload queued waiting ready new resubmitted paused"
    " requires_materialization skipped stop stopped deleting deleted cancelling cancelled error failed"
).split()


def in_order(states: Mapping[str, int]) -> list[tuple[str, int]]:
    """Job states and their counts, always in the same order."""
    known = {state: place for place, state in enumerate(_JOB_STATES)}
    return sorted(states.items(), key=lambda item: (known.get(item[0], len(known)), item[0]))


def job_state(state: str) -> str:
    """What a state of a job or workflow run is called on the pages."""
    return state.replace("_", " ")


def training_state(state: TrainingState) -> str:
    """What a state of a training is called on the pages."""
    return "waiting" if state is TrainingState.NEW else state.value


@lru_cache(maxsize=1)
def time_zones() -> list[str]:
    """Names of time zones to choose from: UTC and the places, without abbreviations and names of old."""
    return ["UTC", *sorted(name for name in available_timezones() if name.split("/")[0] in CONTINENTS)]


def initial(name: str, content: Any) -> str:
    """One field of a training as it was when it came here."""
    if name == "instructors":
        return f"{field(name)}: {len(content)}"
    return f"{field(name)}: {value(name, content)}"


#: Who it was where no account is known; of a person who was forgotten, only the source is left.
_NOBODY: dict[Optional[str], str] = {
    "lifecycle": "the server",
    "command": "the command line",
    "import": "the import",
    "page": "somebody",
    "api": "somebody",
    None: "–",
}


def done_by(username: Optional[str], via: Optional[str]) -> str:
    """Who did something, and the source where that is not one of the pages."""
    who = username or _NOBODY.get(via, "–")
    return f"{who} through the API" if via == "api" else who


_DOORS = {
    "page": "on a page",
    "api": "through the API",
    "command": "on the command line",
    "lifecycle": "by the server itself",
    "import": "by an import",
}


def source(via: str) -> str:
    """What a source is called among those to choose from."""
    return _DOORS.get(via, via)
