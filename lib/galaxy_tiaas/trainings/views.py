"""Trainings as the caller may see them."""

from collections.abc import Callable
from datetime import datetime
from typing import (
    Any,
    cast,
    Optional,
)

from galaxy.security.idencoding import IdEncodingHelper

from ..core.access import invited
from ..core.actor import Actor
from ..core.config import TiaasConfig
from ..core.model import (
    Training,
    TrainingEvent,
)
from ..core.sources import ChangeSource
from ..history.schema import EventView
from ..reporting.usage import Usage
from .schema import (
    RequestedChange,
    TrainingView,
    UsageView,
)
from .states import TrainingState
from .visibility import (
    fields_for,
)


def usage_view(usage: Optional[Usage]) -> Optional[UsageView]:
    """What a class used, in hours."""
    if usage is None:
        return None
    return UsageView(
        counted=usage.counted_at,
        people=usage.people,
        jobs=usage.jobs,
        job_hours=usage.job_hours,
        core_hours=usage.core_hours,
    )


class TrainingViews:
    """Builds views with the fields that the caller gets: :data:`galaxy_tiaas.trainings.visibility.PUBLIC_FIELDS`."""

    def __init__(self, security: IdEncodingHelper, config: TiaasConfig):
        self.security = security
        self.config = config

    def view(self, training: Training, actor: Actor, now: datetime, members: int) -> TrainingView:
        window = training.window(self.config.join_flex_hours)
        values: dict[str, Callable[[], Any]] = {
            "phase": lambda: window.phase(now),
            "opens": lambda: window.opens,
            "closes": lambda: window.closes,
            "members": lambda: members,
            "join_url": lambda: f"{actor.base_url}/join-training/{training.identifier}",
            "status_url": lambda: f"{actor.base_url}/join-training/{training.identifier}/status",
            "email_confirmed": lambda: training.email_confirmed or training.has_account_email,
            "requester_id": lambda: self.encoded(training.requester_id),
            "instructors": lambda: self._instructors(training),
            "invited": lambda: [each.typed for each in invited(training, now)],
            "requested_change": lambda: self._requested_change(training),
            "usage": lambda: usage_view(training.usage),
        }
        return TrainingView(
            **{
                name: values[name]() if name in values else getattr(training, name)
                for name in fields_for(actor, training)
            }
        )

    def event(self, event: TrainingEvent, username: Optional[str]) -> EventView:
        """One line of a history, for those who may see it."""
        return EventView(
            time=event.time,
            user_id=self.encoded(event.user_id),
            username=username,
            via=cast(Optional[ChangeSource], event.via),
            action=event.action,
            from_state=TrainingState(event.from_state) if event.from_state else None,
            to_state=TrainingState(event.to_state) if event.to_state else None,
            note=event.note,
            changes=event.changes,
        )

    def encoded(self, user_id: Optional[int]) -> Optional[str]:
        return None if user_id is None else self.security.encode_id(user_id)

    def _instructors(self, training: Training) -> list[str]:
        return [self.security.encode_id(user_id) for user_id in training.teacher_ids]

    def _requested_change(self, training: Training) -> Optional[RequestedChange]:
        change = training.requested_change
        return RequestedChange(time=change.time, changes=change.changes) if change else None
