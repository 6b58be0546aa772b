"""Which trainings somebody may know of, and what of them they get."""

from collections.abc import (
    Callable,
    Collection,
)
from datetime import datetime
from functools import lru_cache
from typing import (
    Any,
    cast,
    Optional,
)

from galaxy.security.idencoding import IdEncodingHelper

from ..core.actor import (
    Actor,
    invited,
    may_manage,
)
from ..core.config import TiaasConfig
from ..core.exceptions import (
    TrainingNotFound,
    TrainingRenamed,
)
from ..core.model import (
    Training,
    TrainingEvent,
)
from ..history.schema import EventView
from ..membership.manager import (
    CohortManager,
    Seat,
)
from ..reporting.usage import Usage
from .identifiers import normalise
from .manager import TrainingManager
from .schema import (
    RequestedChange,
    TrainingView,
    UsageView,
)
from .states import (
    ChangeSource,
    TrainingState,
    WAITING,
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
    """Builds views with the fields that the caller gets: :data:`galaxy_tiaas.trainings.views.PUBLIC_FIELDS`."""

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
        return None if user_id is None else _encoded(self.security, user_id)

    def _instructors(self, training: Training) -> list[str]:
        return [_encoded(self.security, user_id) for user_id in training.teacher_ids]

    def _requested_change(self, training: Training) -> Optional[RequestedChange]:
        change = training.requested_change
        return RequestedChange(time=change.time, changes=change.changes) if change else None


@lru_cache(maxsize=1000)
def _encoded(security: IdEncodingHelper, user_id: int) -> str:
    """Of a list, most are often by the same few people."""
    return cast(str, security.encode_id(user_id))


#: Fields that everybody gets who may know of a training. All others are for its instructors and admins.
PUBLIC_FIELDS = frozenset(
    (
        "identifier title description start end timezone website location use_gtn gtn_links non_gtn_links"
        " attendance advertise state phase opens closes ended_at created updated version members join_url"
        " status_url"
    ).split()
)


def fields_for(actor: Actor, training: Training) -> Collection[str]:
    """The names of the fields of :class:`TrainingView` that the actor gets."""
    return TrainingView.model_fields if may_manage(actor, training) else PUBLIC_FIELDS


class VisibleTrainings:
    """Finds trainings by their identifiers, for those who may know of them."""

    def __init__(self, trainings: TrainingManager, cohorts: CohortManager):
        self.trainings = trainings
        self.cohorts = cohorts

    def get(self, actor: Actor, identifier: str, *, to_join: bool = False) -> Training:
        """The training with this identifier. An approved one costs nobody another statement.

        :param to_join: whoever follows the link of a training that was approved and then cancelled is told so.
        :raises TrainingNotFound: if there is none, and just so if the actor may not know of it.
        :raises TooManyRequests: for those who have guessed too much, unless the training is their own.
        :raises TrainingRenamed: if it only had this identifier before, for those who follow renames.
        """
        return self._for(actor, identifier, self.trainings.find(identifier), to_join=to_join)

    def seat(self, actor: Actor, identifier: str) -> Seat:
        """The same for whoever follows its link, and what they are in it."""
        seat = self.cohorts.seat(identifier, actor.user_id)
        training = self._for(actor, identifier, seat.training if seat else None, to_join=True)
        return seat or Seat(training)

    def _for(self, actor: Actor, identifier: str, training: Optional[Training], *, to_join: bool) -> Training:
        if training is None or not (self._may_know(actor, training) or (to_join and _was_cancelled(training))):
            if actor.lookups:
                actor.lookups.found_nothing(identifier)
            raise TrainingNotFound(identifier)
        if actor.lookups:
            actor.lookups.found(lambda: self._is_own(actor, training))
        if actor.follows_renames and training.identifier != normalise(identifier):
            raise TrainingRenamed(training.identifier)
        return training

    def _may_know(self, actor: Actor, training: Training) -> bool:
        return (
            training.state == TrainingState.APPROVED
            or self._is_own(actor, training)
            or (actor.user_id is not None and _is_invited(actor.user_id, training))
        )

    def _is_own(self, actor: Actor, training: Training) -> bool:
        """Whether the actor asked for it, teaches it, has joined it or is an admin."""
        if may_manage(actor, training):
            return True
        return training.group_id is not None and self.cohorts.is_member(training, actor.user_id)


def _is_invited(user_id: int, training: Training) -> bool:
    return any(each.user_id == user_id and each.state in WAITING for each in training.invitations)


def _was_cancelled(training: Training) -> bool:
    """Whether it was cancelled after its approval, when people may have had its link already."""
    has_cohort = training.group_id is not None or training.role_id is not None
    return training.state == TrainingState.CANCELLED and has_cohort
