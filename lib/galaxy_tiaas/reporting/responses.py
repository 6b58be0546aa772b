"""Statistics and calendars as they are sent: worked out once for all who may see the same."""

from collections.abc import (
    Callable,
    Hashable,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
)
from typing import (
    Optional,
    TypeVar,
)

import orjson

from ..core.actor import Actor
from ..core.cache import (
    CachedResponse,
    HeldResults,
    ReadyResponse,
)
from ..core.result_pages import ResultPage
from ..core.wording import BYTE_ORDER_MARK
from .manager import (
    MemberCounts,
    StatisticsManager,
)
from .schema import (
    Statistics,
    TrainingNumbers,
)
from .service import StatisticsService

V = TypeVar("V")

_CSV = "text/csv; charset=utf-8"
_ICALENDAR = "text/calendar; charset=utf-8"


@dataclass
class StatisticsResponses:
    """What :class:`StatisticsService` says, at most five minutes old.

    One statement finds out whether somebody has decided about a training, changed or joined one since, in whichever
    process; of what else may change, such as the accounts of members, it is known five minutes later. The
    members of a training that is over are counted as rarely: nobody can join it, but an admin may put somebody into its
    group.
    """

    service: StatisticsService
    statistics: StatisticsManager
    held: HeldResults

    def show(self, now: datetime) -> CachedResponse[Statistics]:
        counted = self._members(now)
        return self._held("statistics", now, lambda: CachedResponse(self.service.show(now, counted)), counted)

    def numbers(self, actor: Actor, now: datetime, number: int) -> ResultPage[TrainingNumbers]:
        """:raises AdminRequiredException: for everybody but admins."""
        actor.ensure_admin()
        return self._held(("numbers", number), now, lambda: self.service.numbers(actor, now, number))

    # Each of the files begins with a byte order mark for Excel, and is plain for all other programs.

    def countries_csv(self, now: datetime, *, excel: bool = False) -> ReadyResponse:
        return self._csv("countries.csv", excel, now, self.service.countries_csv)

    def numbers_csv(self, now: datetime, *, excel: bool = False) -> ReadyResponse:
        return self._csv("numbers.csv", excel, now, self.service.numbers_csv)

    def years_csv(self, now: datetime, *, excel: bool = False) -> ReadyResponse:
        counted = self._members(now)
        return self._csv("years.csv", excel, now, lambda: self.service.years_csv(now, counted), counted)

    def calendar(
        self, actor: Actor, now: datetime, first: Optional[date] = None, last: Optional[date] = None
    ) -> ReadyResponse:
        """As JSON, in the way of :class:`~galaxy_tiaas.reporting.schema.CalendarEvent`."""

        def compute() -> ReadyResponse:
            events = self.service.calendar_events(actor, first, last)
            return ReadyResponse(orjson.dumps(events), "application/json")

        return self._held(("calendar", *_reader(actor), first, last), now, compute)

    def icalendar(
        self, actor: Actor, now: datetime, first: Optional[date] = None, last: Optional[date] = None
    ) -> ReadyResponse:
        """Which months it has depends on the day, and so it is another one each day."""

        def compute() -> ReadyResponse:
            return ReadyResponse(self.service.icalendar(actor, now, first, last), _ICALENDAR)

        return self._held(("icalendar", *_reader(actor), now.date(), first, last), now, compute)

    def _members(self, now: datetime) -> MemberCounts:
        """Counted once in five minutes; with other counts, what was worked out from these is no longer right."""
        return self.held.get("members", None, now, lambda: self.statistics.count_members(now))

    def _csv(
        self, name: str, excel: bool, now: datetime, make: Callable[[], str], counted: Optional[MemberCounts] = None
    ) -> ReadyResponse:
        beginning = BYTE_ORDER_MARK if excel else ""
        return self._held((name, excel), now, lambda: ReadyResponse(f"{beginning}{make()}".encode(), _CSV), counted)

    def _held(
        self, key: Hashable, now: datetime, compute: Callable[[], V], counted: Optional[MemberCounts] = None
    ) -> V:
        version = (self.statistics.latest_change(), counted and counted.counted_at)
        return self.held.get(key, version, now, compute)


def _reader(actor: Actor) -> tuple[bool, str]:
    """On what of the reader a calendar depends: who may see everything, and the links in it."""
    return actor.is_admin, actor.base_url
