"""Numbers for Prometheus."""

from collections.abc import (
    Iterator,
    Mapping,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timezone,
)
from typing import Optional

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
from ..notifications.outbox import (
    Channel,
    OutboxManager,
    Queue,
)
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .metrics_manager import (
    MetricsManager,
    Numbers,
)


class MetricsService:
    """Answers a scrape.

    Each scrape is computed: if one process answered from a cache, a counter could be smaller than in the answer that
    another process has just given, and Prometheus would take that for a restart.
    """

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        metrics: MetricsManager,
        outbox: OutboxManager,
        leases: LeaseManager,
        counters: CounterManager,
    ):
        self.session = session
        self.config = config
        self.metrics = metrics
        self.outbox = outbox
        self.leases = leases
        self.counters = counters

    def registry(self, actor: Actor, now: datetime, token: str = "") -> CollectorRegistry:
        """What there is at ``now`` and what has happened so far, in all processes of this server.

        :param token: what the caller sent as ``feed_token``.
        :raises AdminRequiredException: for those who are no admins and do not know the ``feed_token``.
        :raises DatabaseAway: if the database does not answer.
        """
        ensure_may_read_feeds(actor, self.config, token)
        try:
            lease = self.leases.get()
            collector = _Scrape(
                self.metrics.numbers(now),
                self.outbox.queues(),
                bool(lease and lease.is_held(now)),
                lease.finished_at if lease else None,
                self.counters.all(),
            )
        except SQLAlchemyError:
            self.session.rollback()
            raise DatabaseAway("Galaxy's database does not answer; the numbers are not known at the moment.") from None
        registry = CollectorRegistry()
        registry.register(collector)
        return registry


@dataclass(frozen=True, eq=False)
class _Scrape(Collector):
    """Numbers in the words of Prometheus."""

    numbers: Numbers
    queues: Mapping[Channel, Queue]
    lifecycle_running: bool
    lifecycle_finished_at: Optional[datetime]
    counts: Mapping[str, int]

    def collect(self) -> Iterator[Metric]:
        yield InfoMetricFamily("galaxy_tiaas", "The extension galaxy-tiaas.", value={"version": __version__})
        yield from self._trainings()
        yield from self._people()
        yield from self._lifecycle()
        yield from self._messages()

    def _trainings(self) -> Iterator[Metric]:
        trainings = GaugeMetricFamily("galaxy_tiaas_trainings", "Trainings.", labels=["state", "phase"])
        for (state, phase), count in self.numbers.trainings.items():
            trainings.add_metric([state.value, phase.value], count)
        yield trainings
        waiting = GaugeMetricFamily(
            "galaxy_tiaas_decisions_waiting", "What waits for a decision of an administrator.", labels=["kind"]
        )
        new = sum(self.numbers.trainings[TrainingState.NEW, phase] for phase in TrainingPhase)
        waiting.add_metric(["request"], new)
        waiting.add_metric(["change"], self.numbers.changes_waiting)
        yield waiting

    def _people(self) -> Iterator[Metric]:
        yield GaugeMetricFamily(
            "galaxy_tiaas_members", "People in running trainings, each counted once.", self.numbers.people
        )
        members = GaugeMetricFamily(
            "galaxy_tiaas_training_members", "People in a running training.", labels=["training"]
        )
        expected = GaugeMetricFamily(
            "galaxy_tiaas_training_attendance", "People expected in a running training.", labels=["training"]
        )
        for training in self.numbers.running:
            members.add_metric([training.identifier], training.members)
            expected.add_metric([training.identifier], training.attendance)
        yield members
        yield expected
        yield self._counter("joins", "How often somebody has joined a training.")

    def _lifecycle(self) -> Iterator[Metric]:
        yield self._counter("lifecycle_runs", "Lifecycle runs.")
        yield self._counter("lifecycle_failures", "Trainings with which a lifecycle run had trouble.")
        yield GaugeMetricFamily(
            "galaxy_tiaas_lifecycle_running", "Whether a lifecycle run is going on.", self.lifecycle_running
        )
        last = GaugeMetricFamily("galaxy_tiaas_lifecycle_last_run_timestamp_seconds", "End of the last lifecycle run.")
        if self.lifecycle_finished_at:
            last.add_metric([], self.lifecycle_finished_at.replace(tzinfo=timezone.utc).timestamp())
        yield last

    def _messages(self) -> Iterator[Metric]:
        deliveries = GaugeMetricFamily(
            "galaxy_tiaas_deliveries", "Messages that have not been delivered.", labels=["channel", "state"]
        )
        for channel, queue in self.queues.items():
            deliveries.add_metric([channel, "waiting"], queue.waiting)
            deliveries.add_metric([channel, "given_up"], queue.given_up)
        yield deliveries

    def _counter(self, name: str, what: str) -> Metric:
        return CounterMetricFamily(f"galaxy_tiaas_{name}", what, self.counts.get(f"{name}_total", 0))
