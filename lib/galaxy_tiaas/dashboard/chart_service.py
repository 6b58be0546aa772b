"""The charts of the dashboard: jobs over time, and how long they waited."""

from collections import Counter
from datetime import (
    datetime,
    timedelta,
)
from statistics import quantiles
from typing import (
    Optional,
    Union,
)

from ..core.actor import Actor
from ..core.cache import ResultCache
from ..core.cached_response import CachedResponse
from ..core.model import Training
from . import chart_manager as managers
from .chart_manager import (
    ChartManager,
    StateCount,
)
from .chart_schema import (
    Bucket,
    TrainingActivity,
    WaitingTimes,
    Waits,
    Withheld,
)
from .minutes import seconds_for
from .schema import JobsShown
from .service import StatusService

#: Nobody sees from a chart what happened within half a minute.
_TTL = timedelta(seconds=30)
_MINUTE = 60
#: Lengths that divide an hour or are hours.
_LENGTHS = tuple(minutes * _MINUTE for minutes in (2, 5, 10, 15, 20, 30, 60, 120))
#: As many bars as can be told apart on a phone.
_MOST_BUCKETS = 36

#: From how many jobs, of how many people, nobody can tell from quartiles how long a certain person waited.
#: Those who may see the dashboard know who is in the class, but not who else works on the server.
_ENOUGH_OF_MEMBERS = (20, 5)
_ENOUGH_OF_OTHERS = (50, 10)


class ChartsService:
    """Nothing in its answers belongs to one person."""

    def __init__(self, status: StatusService, charts: ChartManager, results: ResultCache):
        self.status = status
        self.charts = charts
        self.results = results

    def show(
        self, actor: Actor, training: Training, hours: int, now: datetime, shown: JobsShown = JobsShown.ALL
    ) -> CachedResponse[TrainingActivity]:
        """The last ``hours`` (1 to 64) of a class."""
        shown = JobsShown.COURSE if training.course_only else shown
        detailed = self.status.sees_details(actor, training)
        at = seconds_for(detailed)(now)
        key = ("charts", training.id, hours, shown, detailed)
        return self.results.get(key, now, lambda: CachedResponse(self._compute(training, hours, at, shown)), ttl=_TTL)

    def _compute(self, training: Training, hours: int, now: datetime, shown: JobsShown) -> TrainingActivity:
        scope = self.status.last_hours(training, hours, now, shown)
        seconds = bucket_seconds(hours)
        counts = self.charts.states(scope, seconds)
        jobs = sum(count.count for count in counts)
        members = waiting_times(self.charts.waits_of_members(scope, jobs), *_ENOUGH_OF_MEMBERS)
        others = waiting_times(self.charts.waits_of_others(scope), *_ENOUGH_OF_OTHERS)
        return TrainingActivity(
            identifier=training.identifier,
            hours=hours,
            shown=shown,
            generated=now,
            bucket_seconds=seconds,
            buckets=_buckets(counts, seconds, scope.since, scope.until or now),
            waits=Waits(
                unit="seconds",
                members=_if_known(members),
                members_withheld=_if_withheld(members),
                others=_if_known(others),
                others_withheld=_if_withheld(others),
            ),
        )


def bucket_seconds(hours: int) -> int:
    """A round length of spans of which so many hours have neither too many nor too few."""
    return next(length for length in _LENGTHS if hours * 60 * _MINUTE <= length * _MOST_BUCKETS)


def waiting_times(found: managers.Waits, fewest_jobs: int, fewest_people: int) -> Union[WaitingTimes, Withheld]:
    """Quartiles, in whole seconds, or why they are not told."""
    by_person = Counter(wait.user_id for wait in found.waits)
    jobs = len(found.waits)
    if jobs < fewest_jobs or len(by_person) < fewest_people:
        return Withheld.TOO_FEW
    if max(by_person.values()) > jobs / 2:
        return Withheld.ONE_PERSON
    p25, median, p75 = quantiles((wait.seconds for wait in found.waits), n=4, method="inclusive")
    return WaitingTimes(jobs=jobs, sampled=found.sampled, p25=round(p25), median=round(median), p75=round(p75))


def _if_known(found: Union[WaitingTimes, Withheld]) -> Optional[WaitingTimes]:
    return None if isinstance(found, Withheld) else found


def _if_withheld(found: Union[WaitingTimes, Withheld]) -> Optional[Withheld]:
    return found if isinstance(found, Withheld) else None


def _buckets(counts: list[StateCount], seconds: int, since: datetime, until: datetime) -> list[Bucket]:
    """All spans from the one with ``since`` to the one with ``until``, empty ones included."""
    length = timedelta(seconds=seconds)
    first, last = (moment - (moment - datetime(1970, 1, 1)) % length for moment in (since, until))
    states: dict[datetime, Counter[str]] = {
        first + number * length: Counter() for number in range((last - first) // length + 1)
    }
    for count in counts:
        # The clock of the process that created a job may be ahead of ours.
        states[min(count.start, last)][count.state] += count.count
    return [Bucket(start=start, states=dict(sorted(of_span.items()))) for start, of_span in states.items()]
