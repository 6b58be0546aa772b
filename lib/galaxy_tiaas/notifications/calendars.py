"""Trainings in calendars: entries of feeds (RFC 5545) and iTIP messages in mails (RFC 5546, 6047)."""

import re
from collections.abc import Iterable
from datetime import (
    date,
    datetime,
    timedelta,
    timezone,
)
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import urlsplit

import icalendar
from icalendar.parser import Contentline

from ..core.countries import country
from ..core.model import Training
from ..trainings.states import TrainingState
from .rendering import join_url

_DAY = timedelta(days=1)
#: Entries of one year on a large server, for admins and for all others; each has half a kilobyte.
_MAX_WRITTEN = 30_000
#: Characters of a line that the library may fold.
_SHORTEST_FOLDED = 75
#: What a text may have that the library escapes.
_ESCAPED = re.compile(r"[\x00-\x1f\\;,]")


def new_calendar() -> icalendar.Calendar:
    """A calendar without entries."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//galaxy-tiaas//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


class FeedEntry(NamedTuple):
    """A training in a feed. Texts are empty that are not for the reader."""

    start: date
    last_day: date
    id: int
    created: datetime
    updated: datetime
    summary: str
    location: str = ""
    url: str = ""
    description: str = ""


def feed(calendar: icalendar.Calendar, entries: Iterable[FeedEntry], site: str) -> bytes:
    """A calendar with these entries, as the library would write it if they were its components.

    The library takes 0.3 ms for each of the thousands of entries; here it writes what needs escaping or folding, and
    what has not changed is kept.

    :param site: as for :func:`full_entry`.
    """
    host = urlsplit(site).netloc
    written = [_written(entry, host) for entry in entries]
    if not written:
        # RFC 5545, 3.6: a calendar has at least one component. This one says of no day that anything is on it.
        calendar.add_component(_utc())
    head, end = calendar.to_ical().decode().rsplit("END:VCALENDAR", 1)
    return "".join([head, *written, "END:VCALENDAR", end]).encode()


def _utc() -> icalendar.Timezone:
    """The definition of UTC (RFC 5545, 3.6.5)."""
    standard = icalendar.TimezoneStandard()
    standard.add("dtstart", datetime(1970, 1, 1))
    standard.add("tzoffsetfrom", timedelta())
    standard.add("tzoffsetto", timedelta())
    zone = icalendar.Timezone()
    zone.add("tzid", "UTC")
    zone.add_component(standard)
    return zone


@lru_cache(maxsize=_MAX_WRITTEN)
def _written(entry: FeedEntry, host: str) -> str:
    changed = f"{entry.updated:%Y%m%dT%H%M%SZ}"
    uid = _line(f"UID:{_uid(entry.id, entry.created, host)}")
    description = _line(f"DESCRIPTION:{_escaped(entry.description)}") if entry.description else ""
    location = _line(f"LOCATION:{_escaped(entry.location)}") if entry.location else ""
    url = _line(f"URL:{entry.url}") if entry.url else ""
    return (
        f"BEGIN:VEVENT\r\n{_line(f'SUMMARY:{_escaped(entry.summary)}')}"
        f"DTSTART;VALUE=DATE:{_date(entry.start)}\r\nDTEND;VALUE=DATE:{_date(entry.last_day + _DAY)}\r\n"
        f"DTSTAMP:{changed}\r\n{uid}{description}LAST-MODIFIED:{changed}\r\n{location}TRANSP:TRANSPARENT\r\n{url}"
        "END:VEVENT\r\n"
    )


def _line(content: str) -> str:
    """A line of a calendar; long ones are folded."""
    if len(content) >= _SHORTEST_FOLDED or not content.isascii():
        content = Contentline(content).to_ical().decode()
    return f"{content}\r\n"


def _escaped(text: str) -> str:
    return icalendar.vText(text).to_ical().decode() if _ESCAPED.search(text) else text


@lru_cache(maxsize=1000)
def _date(day: date) -> str:
    return f"{day:%Y%m%d}"


def _uid(training_id: int, created: datetime, host: str) -> str:
    """The identity of an entry; it depends on nothing that a request says.

    :param host: of this Galaxy, if a setting says so.
    """
    return f"training-{training_id}@{host or f'{created:%Y%m%d%H%M%S%f}.galaxy-tiaas.invalid'}"


def full_entry(training: Training, site: str, url: str) -> icalendar.Event:
    """The days of a training and what it is: whole days, whose end is the day after the last.

    :param site: where this Galaxy is reached, if a setting says so; what a request says would change the identity.
    :param url: a link for the reader; there is none if it is empty.
    """
    changed = training.updated.replace(tzinfo=timezone.utc)
    event = icalendar.Event()
    event.add("uid", _uid(training.id, training.created, urlsplit(site).netloc))
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", training.start)
    event.add("dtend", training.last_day + _DAY)
    event.add("transp", "TRANSPARENT")
    event.add("summary", training.title)
    if url:
        event.add("url", url)
    if training.location:
        event.add("location", places(training.location))
    return event


def places(codes: Iterable[str]) -> str:
    """The names of countries, as an entry has them."""
    return ", ".join(country(code).name for code in codes)


def itip_message(training: Training, site: str, organiser: str) -> str:
    """Adds or updates an approved training in the calendar of the recipient, and removes any other.

    :param organiser: the address of the sender.
    """
    approved = training.state == TrainingState.APPROVED
    event = full_entry(training, site, join_url(training, site) if site else "")
    event.add("status", "CONFIRMED" if approved else "CANCELLED")
    # It has to grow with each change.
    event.add("sequence", max(0, int((training.updated - training.created).total_seconds())))
    event.add("organizer", f"mailto:{organiser}")
    calendar = new_calendar()
    calendar.add("method", "PUBLISH" if approved else "CANCEL")
    calendar.add_component(event)
    return calendar.to_ical().decode()
