"""What schedulers are told: the trainings that run now and next."""

from datetime import datetime
from typing import Optional

from galaxy.structured_app import MinimalManagerApp

from ..core.actor import (
    Actor,
    ensure_may_read_feeds,
)
from ..core.cache import (
    CachedResponse,
    ResultCache,
)
from ..core.config import TiaasConfig
from ..core.model import Training
from ..membership.manager import CohortManager
from ..routing.decision import (
    Policy,
    Settings,
)
from ..routing.destinations import DestinationCatalogue
from ..routing.job_rule import policy_of
from ..trainings.identifiers import cohort_name
from ..trainings.manager import TrainingManager
from .running_schema import (
    RunningTrainings,
    RunningView,
)


class RunningService:
    """Puts the list together, once for all who ask within a few seconds."""

    def __init__(
        self,
        app: MinimalManagerApp,
        config: TiaasConfig,
        trainings: TrainingManager,
        cohorts: CohortManager,
        destinations: DestinationCatalogue,
        results: ResultCache,
    ):
        self.app = app
        self.config = config
        self.trainings = trainings
        self.cohorts = cohorts
        self.destinations = destinations
        self.results = results

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
