"""Trainings as the caller may see them."""

from datetime import datetime
from typing import (
    Any,
    cast,
    Optional,
)

from galaxy.security.idencoding import IdEncodingHelper

from ..config import TiaasConfig
from ..domain.doors import Door
from ..domain.states import TrainingState
from ..domain.usage import Usage
from ..model import (
    Training,
    TrainingEvent,
)
from ..schema.trainings import (
    EventView,
    RequestedChange,
    TrainingView,
    UsageView,
)
from .access import may_manage
from .actor import Actor


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
    """Builds views; decides which fields the caller gets."""

    def __init__(self, security: IdEncodingHelper, config: TiaasConfig):
        self.security = security
        self.config = config

    def view(self, training: Training, actor: Actor, now: datetime, members: int) -> TrainingView:
        window = training.window(self.config.join_flex_hours)
        fields: dict[str, Any] = {
            "identifier": training.identifier,
            "title": training.title,
            "description": training.description,
            "start": training.start,
            "end": training.end,
            "timezone": training.timezone,
            "website": training.website,
            "location": training.location,
            "use_gtn": training.use_gtn,
            "gtn_links": training.gtn_links,
            "non_gtn_links": training.non_gtn_links,
            "attendance": training.attendance,
            "advertise": training.advertise,
            "blogpost": training.blogpost,
            "retain_contact": training.retain_contact,
            "state": TrainingState(training.state),
            "phase": window.phase(now),
            "opens": window.opens,
            "closes": window.closes,
            "ended_at": training.ended_at,
            "created": training.created,
            "updated": training.updated,
            "destination": training.destination,
            "members": members,
            "join_url": f"{actor.base_url}/join-training/{training.identifier}",
            "status_url": f"{actor.base_url}/join-training/{training.identifier}/status",
        }
        if may_manage(actor, training):
            fields |= {
                "name": training.name,
                "email": training.email,
                "other_requests": training.other_requests,
                "requester_id": self.encoded(training.requester_id),
                "instructors": self._instructors(training),
                "requested_change": self._requested_change(training),
                "usage": usage_view(training.usage),
            }
        return TrainingView(**fields)

    def event(self, event: TrainingEvent, username: Optional[str]) -> EventView:
        """One line of a history, for those who may see it."""
        return EventView(
            time=event.time,
            user_id=self.encoded(event.user_id),
            username=username,
            via=cast(Optional[Door], event.via),
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
