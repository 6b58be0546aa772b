"""Trainings in calendars: entries of feeds (RFC 5545) and iTIP messages in mails (RFC 5546, 6047)."""

from datetime import (
    timedelta,
    timezone,
)
from urllib.parse import urlsplit

import icalendar

from ..core.countries import country
from ..core.model import Training
from ..trainings.states import TrainingState
from .rendering import join_url


def new_calendar() -> icalendar.Calendar:
    """A calendar without entries."""
    calendar = icalendar.Calendar()
    calendar.add("prodid", "-//galaxy-tiaas//EN")
    calendar.add("version", "2.0")
    calendar.add("calscale", "GREGORIAN")
    return calendar


def entry(training: Training, site: str) -> icalendar.Event:
    """The days of a training, without a word of what it is: whole days, whose end is the day after the last.

    :param site: where this Galaxy is reached, if a setting says so; what a request says would change the identity.
    """
    changed = training.updated.replace(tzinfo=timezone.utc)
    event = icalendar.Event()
    host = urlsplit(site).netloc or f"{training.created:%Y%m%d%H%M%S%f}.galaxy-tiaas.invalid"
    event.add("uid", f"training-{training.id}@{host}")
    event.add("dtstamp", changed)
    event.add("last-modified", changed)
    event.add("dtstart", training.start)
    event.add("dtend", training.last_day + timedelta(days=1))
    event.add("transp", "TRANSPARENT")
    return event


def full_entry(training: Training, site: str, url: str) -> icalendar.Event:
    """The same for those who know the training, with a link for them unless ``url`` is empty."""
    event = entry(training, site)
    event.add("summary", training.title)
    if url:
        event.add("url", url)
    if training.location:
        event.add("location", ", ".join(country(code).name for code in training.location))
    return event


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
