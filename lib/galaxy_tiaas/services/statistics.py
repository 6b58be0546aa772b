"""Numbers and dates of all trainings, for everybody."""

import csv
import io
from collections.abc import (
    Iterable,
    Sequence,
)
from datetime import (
    date,
    datetime,
    timedelta,
    timezone,
)
from typing import Optional

import icalendar

from ..config import TiaasConfig
from ..domain.countries import country
from ..managers.statistics import StatisticsManager
from ..schema.statistics import (
    CalendarEvent,
    CountryCount,
    Statistics,
    YearCount,
)
from .actor import Actor


class StatisticsService:
    """What the statistics and calendar pages, the CSV files and the API show."""

    def __init__(self, config: TiaasConfig, statistics: StatisticsManager):
        self.config = config
        self.statistics = statistics

    def show(self, now: datetime) -> Statistics:
        """Sums over approved trainings; the countries and years in which they took place."""
        by_country = [(country(code), count) for code, count in self.statistics.by_country()]
        return Statistics(
            **vars(self.statistics.totals(now)),
            countries=[
                CountryCount(name=where.name, alpha2=where.alpha2, code=where.alpha3, trainings=count)
                for where, count in by_country
            ],
            years=[
                YearCount(year=year, trainings=trainings, days=days, attendance=attendance)
                for year, trainings, days, attendance in self.statistics.by_year()
            ],
        )

    def countries_csv(self) -> str:
        """``name,code,pop``: country, its ISO 3166-1 alpha-3 code, number of approved trainings (as tiaas2 has it)."""
        rows = ((country(code), count) for code, count in self.statistics.by_country())
        return _csv(["name", "code", "pop"], ((where.name, where.alpha3, count) for where, count in rows))

    def numbers_csv(self) -> str:
        """``id,start,end,location,use_gtn,attendance`` of every approved training (as tiaas2 has it).

        ``id`` is a number and not the identifier, with which one could join; ``location`` holds alpha-2
        codes separated by ``|``, ``use_gtn`` is Y or N.
        """
        return _csv(
            ["id", "start", "end", "location", "use_gtn", "attendance"],
            (
                (t.id, t.start, t.end, "|".join(t.location), "Y" if t.use_gtn else "N", t.attendance)
                for t in self.statistics.approved_numbers()
            ),
        )

    def calendar(self, actor: Actor, first: Optional[date] = None, last: Optional[date] = None) -> list[CalendarEvent]:
        """Approved trainings with a day between ``first`` and ``last``: the dates alone, all for admins."""
        trainings = self.statistics.approved_between(first, last)
        if not actor.is_admin:
            return [CalendarEvent(start=training.start, end=training.end) for training in trainings]
        return [
            CalendarEvent(
                start=training.start,
                end=training.end,
                identifier=training.identifier,
                title=training.title,
                location=training.location,
                attendance=training.attendance,
                url=f"{actor.base_url}/tiaas/admin/trainings/{training.identifier}",
            )
            for training in trainings
        ]

    def icalendar(self, actor: Actor, now: datetime) -> bytes:
        """The calendar as iCalendar (RFC 5545): all-day events, whose end is the day after the last."""
        calendar = icalendar.Calendar()
        calendar.add("prodid", "-//galaxy-tiaas//EN")
        calendar.add("version", "2.0")
        calendar.add("x-wr-calname", f"Trainings on {self.config.owner}")
        stamp = now.replace(tzinfo=timezone.utc)
        for training in self.statistics.approved_between(None, None):
            event = icalendar.Event()
            event.add("uid", f"training-{training.id}@{actor.base_url.split('//')[-1].split('/')[0]}")
            event.add("dtstamp", stamp)
            event.add("dtstart", training.start)
            event.add("dtend", training.end + timedelta(days=1))
            event.add("summary", training.title if actor.is_admin else "Training")
            calendar.add_component(event)
        return calendar.to_ical()


def _csv(header: list[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
