"""What schedulers are told: the trainings that run now and next."""

import secrets
from datetime import datetime

from ..config import TiaasConfig
from ..domain.identifiers import cohort_name
from ..managers.cohorts import CohortManager
from ..managers.trainings import TrainingManager
from ..model import Training
from ..schema.running import (
    RunningTrainings,
    RunningView,
)
from .actor import Actor
from .published import Published
from .shared import SharedResults


class RunningService:
    """Puts the list together, once for all who ask within a few seconds."""

    def __init__(self, config: TiaasConfig, trainings: TrainingManager, cohorts: CohortManager, shared: SharedResults):
        self.config = config
        self.trainings = trainings
        self.cohorts = cohorts
        self.shared = shared

    def running(self, actor: Actor, now: datetime, token: str = "") -> Published[RunningTrainings]:
        """Approved trainings that are not over, the next one first.

        It is shared as long as nobody decides about or changes a training, so that a scheduler knows of that at once.

        :param token: what the caller sent as ``feed_token``.
        :raises AdminRequiredException: for those who are no admins and do not know the ``feed_token``.
        """
        if not self._knows_token(token):
            actor.ensure_admin()
        key = ("running", self.trainings.last_event_id())
        return self.shared.get(key, now, lambda: Published(self._compute(now)))

    def _compute(self, now: datetime) -> RunningTrainings:
        trainings = self.trainings.running_and_upcoming(now)
        members = self.cohorts.count_members(trainings)
        titles = {choice.id: choice.title or None for choice in self.config.destinations}
        return RunningTrainings(
            [self._view(training, now, members.get(training.id, 0), titles) for training in trainings]
        )

    def _view(self, training: Training, now: datetime, members: int, titles: "dict[str, str | None]") -> RunningView:
        window = training.window(self.config.join_flex_hours)
        name = cohort_name(training.identifier)
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
            destination_title=titles.get(training.destination or ""),
        )

    def _knows_token(self, token: str) -> bool:
        expected = self.config.feed_token
        return bool(expected) and secrets.compare_digest(token.encode(), expected.encode())
