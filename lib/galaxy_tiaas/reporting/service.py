"""Numbers and dates of all trainings, for everybody, and for schedulers."""

import csv
import io
from collections.abc import (
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    timedelta,
)
from operator import itemgetter
from typing import (
    Any,
    Optional,
)

import icalendar
from galaxy.config import GalaxyAppConfiguration
from galaxy.structured_app import MinimalManagerApp

from ..core.actor import (
    Actor,
    ensure_may_read_feeds,
)
from ..core.cache import (
    CachedResponse,
    ResultCache,
)
from ..core.config import (
    site_address,
    TiaasConfig,
)
from ..core.countries import country
from ..core.model import Training
from ..core.result_pages import ResultPage
from ..membership.manager import CohortManager
from ..notifications.calendars import (
    feed,
    FeedEntry,
    new_calendar,
    places,
)
from ..routing.decision import (
    Policy,
    Settings,
)
from ..routing.destinations import DestinationCatalogue
from ..routing.job_rule import policy_of
from ..trainings.identifiers import cohort_name
from ..trainings.manager import (
    TrainingManager,
    TrainingQuery,
)
from ..trainings.states import TrainingState
from ..trainings.views import usage_view
from .manager import (
    MemberCounts,
    StatisticsManager,
    YearSums,
)
from .schema import (
    CalendarEvent,
    CountryCount,
    RunningTrainings,
    RunningView,
    Statistics,
    TrainingNumbers,
    YearCount,
)

#: Trainings on one page of the detail.
PAGE_SIZE = 25
#: How often a subscribed calendar is worth asking for.
_REFRESH = timedelta(hours=12)
#: How far it looks back and ahead by itself: a program that subscribes reads all of it each time.
_BEFORE, _AHEAD = timedelta(days=365), timedelta(days=2 * 365)


@dataclass
class StatisticsService:
    """What the statistics and calendar pages, the CSV files and the API show."""

    config: TiaasConfig
    galaxy_config: GalaxyAppConfiguration
    statistics: StatisticsManager
    trainings: TrainingManager
    cohorts: CohortManager

    def show(self, now: datetime, counted: Optional[MemberCounts] = None) -> Statistics:
        """Sums over approved trainings; the countries and years in which they took place.

        :param counted: the members of trainings that are over, as they were counted before.
        """
        by_country = [(country(code), count) for code, count in self.statistics.by_country()]
        by_year = self.statistics.by_year(now, counted)
        total = YearSums(*(sum(column) for column in zip(*by_year.values(), strict=True)))
        return Statistics(
            **total.fields(),
            waiting=self.statistics.count_waiting(),
            countries=[
                CountryCount(
                    name=where.name, alpha2=where.alpha2, code=where.alpha3, numeric=where.numeric, trainings=count
                )
                for where, count in by_country
            ],
            years=[YearCount(year=year, **sums.fields()) for year, sums in by_year.items()],
        )

    def numbers(self, actor: Actor, now: datetime, number: int) -> ResultPage[TrainingNumbers]:
        """The approved trainings one by one, the last first, in pages of 25 (from 1).

        :raises AdminRequiredException: for everybody but admins.
        """
        actor.ensure_admin()
        query = TrainingQuery(states=[TrainingState.APPROVED], limit=PAGE_SIZE, offset=PAGE_SIZE * (number - 1))
        found = self.trainings.page(query, now, user_id=actor.user_id, see_all=True)
        joined = self.cohorts.count_members(found.items)
        return found.of(
            TrainingNumbers(
                identifier=training.identifier,
                title=training.title,
                start=training.start,
                end=training.end,
                days=training.days,
                location=training.location,
                attendance=training.attendance,
                joined=joined.get(training.id, 0),
                usage=usage_view(training.usage),
            )
            for training in found
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
        return f"id,start,end,location,use_gtn,attendance\r\n{self.statistics.numbers_csv()}"

    def years_csv(self, now: datetime, counted: Optional[MemberCounts] = None) -> str:
        """``year,trainings,days,attendance,joined,jobs,job_hours,core_hours`` of the years with approved trainings.

        :param counted: as for :meth:`show`.
        """
        columns = list(YearCount.model_fields)
        years = ({"year": year, **sums.fields()} for year, sums in self.statistics.by_year(now, counted).items())
        return _csv(columns, (itemgetter(*columns)(year) for year in years))

    def calendar(self, actor: Actor, first: Optional[date] = None, last: Optional[date] = None) -> list[CalendarEvent]:
        """Approved trainings with a day between ``first`` and ``last``: the dates alone, all for admins.

        A training that was ended early has no days after that.
        """
        return [CalendarEvent(**event) for event in self.calendar_events(actor, first, last)]

    def calendar_events(self, actor: Actor, first: Optional[date], last: Optional[date]) -> list[dict[str, Any]]:
        """The same as plain values."""
        if not actor.is_admin:
            return [{"start": start, "end": end} for start, end in self.statistics.approved_between(first, last)]
        locations = self.statistics.locations_between(first, last)
        columns = (Training.id, Training.identifier, Training.title, Training.attendance)
        return [
            {
                "start": start,
                "end": end,
                "identifier": identifier,
                "title": title,
                "location": locations.get(training_id, []),
                "attendance": attendance,
                "url": _review_url(actor, identifier),
            }
            for start, end, training_id, identifier, title, attendance in self.statistics.approved_between(
                first, last, *columns
            )
        ]

    def icalendar(
        self, actor: Actor, now: datetime, first: Optional[date] = None, last: Optional[date] = None
    ) -> bytes:
        """The trainings with a day between ``first`` and ``last`` as iCalendar; by itself, one year ago and two ahead.

        As in :meth:`calendar`, only admins are told which trainings these are. A program that subscribes
        is not logged in.
        """
        name = f"Trainings on {self.config.owner}"
        calendar = new_calendar()
        calendar.add("name", name)
        calendar.add("x-wr-calname", name)
        calendar.add("url", f"{actor.base_url}/tiaas/calendar/")
        calendar.add("refresh-interval", icalendar.vDuration(_REFRESH, {"VALUE": "DURATION"}))
        calendar.add("x-published-ttl", icalendar.vDuration(_REFRESH))
        first, last = first or now.date() - _BEFORE, last or now.date() + _AHEAD
        return feed(calendar, self._feed_entries(actor, first, last), site_address(self.config, self.galaxy_config))

    def _feed_entries(self, actor: Actor, first: date, last: date) -> Iterator[FeedEntry]:
        identity = (Training.id, Training.created, Training.updated)
        if not actor.is_admin:
            for start, end, training_id, created, updated in self.statistics.approved_between(first, last, *identity):
                yield FeedEntry(start, end, training_id, created, updated, "Training")
            return
        locations = self.statistics.locations_between(first, last)
        columns = (*identity, Training.identifier, Training.title, Training.attendance)
        for (
            start,
            end,
            training_id,
            created,
            updated,
            identifier,
            title,
            attendance,
        ) in self.statistics.approved_between(first, last, *columns):
            yield FeedEntry(
                start,
                end,
                training_id,
                created,
                updated,
                summary=title,
                location=places(locations.get(training_id, ())),
                url=_review_url(actor, identifier),
                description=f"{identifier}: {attendance} people expected",
            )


@dataclass
class RunningService:
    """Tells schedulers what runs now and next: one list for all who ask within a few seconds."""

    app: MinimalManagerApp
    config: TiaasConfig
    trainings: TrainingManager
    cohorts: CohortManager
    destinations: DestinationCatalogue
    results: ResultCache

    def running(self, actor: Actor, now: datetime, token: str = "") -> CachedResponse[RunningTrainings]:
        """Approved trainings that are not over, the next one first.

        It is shared as long as nobody decides about or changes a training, so that a scheduler knows of that at once.

        :param token: what the caller sent as ``feed_token``.
        :raises AdminRequiredException: for those who are no admins and do not know the ``feed_token``.
        """
        ensure_may_read_feeds(actor, self.config, token)
        key = ("running", self.trainings.last_event_id())
        return self.results.get(key, now, lambda: CachedResponse(self._compute(now)))

    def _compute(self, now: datetime) -> RunningTrainings:
        trainings = self.trainings.running_and_upcoming(now)
        members = self.cohorts.count_members(trainings)
        rule = next(iter(self.destinations.rules()), None)
        policy = policy_of(self.app, rule.params, rule.id) if rule else None
        return RunningTrainings(
            [self._view(training, now, members.get(training.id, 0), policy) for training in trainings]
        )

    def _view(self, training: Training, now: datetime, members: int, policy: Optional[Policy]) -> RunningView:
        window = training.window(self.config.join_flex_hours)
        name = cohort_name(training.identifier)
        environment, settings = None, Settings()
        if policy:
            environment = policy.destination_of(training.identifier, training.destination)
            settings = policy.settings_for(training.identifier, name, environment)
        return RunningView(
            identifier=training.identifier,
            title=training.title,
            group=name,
            role=name,
            phase=window.phase(now),
            opens=window.opens,
            closes=window.closes,
            start=training.start,
            end=training.end,
            timezone=training.timezone,
            attendance=training.attendance,
            members=members,
            destination=training.destination,
            environment=environment,
            environment_title=self.destinations.title_of(environment),
            params=dict(settings.params),
        )


def _review_url(actor: Actor, identifier: str) -> str:
    return f"{actor.base_url}/tiaas/admin/trainings/{identifier}"


def _csv(header: list[str], rows: Iterable[Sequence[object]]) -> str:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(header)
    writer.writerows(rows)
    return text.getvalue()
