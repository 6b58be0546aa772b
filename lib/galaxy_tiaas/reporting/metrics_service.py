"""Numbers for Prometheus."""

from collections.abc import (
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timezone,
)
from typing import Any

from galaxy.model.scoped_session import galaxy_scoped_session
from prometheus_client import CollectorRegistry
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    InfoMetricFamily,
    Metric,
)
from prometheus_client.registry import Collector
from sqlalchemy.exc import SQLAlchemyError

from .. import __version__
from ..core.actor import (
    Actor,
    ensure_may_read_feeds,
)
from ..core.config import TiaasConfig
from ..core.db import CounterManager
from ..core.exceptions import DatabaseAway
from ..lifecycle.scheduler import LeaseManager
from ..notifications.outbox import OutboxManager
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .manager import StatisticsManager


@dataclass
class MetricsService:
    """Answers a scrape.

    Each scrape is computed: if one process answered from a cache, a counter could be smaller than in the answer that
    another process has just given, and Prometheus would take that for a restart.
    """

    session: galaxy_scoped_session
    config: TiaasConfig
    statistics: StatisticsManager
    outbox: OutboxManager
    leases: LeaseManager
    counters: CounterManager

    def registry(self, actor: Actor, now: datetime, token: str = "") -> CollectorRegistry:
        """What there is at ``now`` and what has happened so far, in all processes of this server.

        :param token: what the caller sent as ``feed_token``.
        :raises AdminRequiredException: for those who are no admins and do not know the ``feed_token``.
        :raises DatabaseAway: if the database does not answer.
        """
        ensure_may_read_feeds(actor, self.config, token)
        try:
            metrics = list(self._metrics(now))
        except SQLAlchemyError:
            self.session.rollback()
            raise DatabaseAway("Galaxy's database does not answer; the numbers are not known at the moment.") from None
        registry = CollectorRegistry()
        registry.register(_Collected(metrics))
        return registry

    def _metrics(self, now: datetime) -> Iterator[Metric]:
        counts = self.counters.all()

        def counter(name: str, what: str) -> Metric:
            return CounterMetricFamily(f"galaxy_tiaas_{name}", what, counts.get(f"{name}_total", 0))

        yield InfoMetricFamily("galaxy_tiaas", "The extension galaxy-tiaas.", value={"version": __version__})
        trainings = self.statistics.count_by_phase(now)
        of_each = {(state.value, phase.value): count for (state, phase), count in trainings.items()}
        yield _gauge("trainings", "Trainings.", ["state", "phase"], of_each)
        requests = sum(trainings[TrainingState.NEW, phase] for phase in TrainingPhase)
        waiting = {("request",): requests, ("change",): self.statistics.changes_waiting()}
        yield _gauge("decisions_waiting", "What waits for a decision of an administrator.", ["kind"], waiting)

        people = {(): self.statistics.people(now)}
        yield _gauge("members", "People in running trainings, each counted once.", [], people)
        running = self.statistics.running(now)
        members = {(identifier,): members for identifier, _, members in running}
        yield _gauge("training_members", "People in a running training.", ["training"], members)
        expected = {(identifier,): attendance for identifier, attendance, _ in running}
        yield _gauge("training_attendance", "People expected in a running training.", ["training"], expected)
        yield counter("joins", "How often somebody has joined a training.")

        yield counter("lifecycle_runs", "Lifecycle runs.")
        yield counter("lifecycle_failures", "Trainings with which a lifecycle run had trouble.")
        lease = self.leases.get()
        is_running = {(): bool(lease and lease.is_held(now))}
        yield _gauge("lifecycle_running", "Whether a lifecycle run is going on.", [], is_running)
        finished = lease.finished_at if lease else None
        ends = {(): finished.replace(tzinfo=timezone.utc).timestamp()} if finished else {}
        yield _gauge("lifecycle_last_run_timestamp_seconds", "End of the last lifecycle run.", [], ends)

        queues = {
            (channel, state): count
            for channel, queue in self.outbox.queues().items()
            for state, count in (("waiting", queue.waiting), ("given_up", queue.given_up))
        }
        yield _gauge("deliveries", "Messages that have not been delivered.", ["channel", "state"], queues)


def _gauge(name: str, what: str, labels: Sequence[str], values: Mapping[Any, float]) -> Metric:
    """:param values: each with a tuple of the values of its labels."""
    family = GaugeMetricFamily(f"galaxy_tiaas_{name}", what, labels=labels)
    for of_labels, value in values.items():
        family.add_metric(of_labels, value)
    return family


class _Collected(Collector):
    """What has been collected when its registry asks."""

    def __init__(self, metrics: Sequence[Metric]) -> None:
        self.metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self.metrics
