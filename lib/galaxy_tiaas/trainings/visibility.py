"""Who may know that a training exists, and which of its fields they get."""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType

from ..core.access import may_manage
from ..core.actor import Actor
from ..core.exceptions import (
    TrainingNotFound,
    TrainingRenamed,
)
from ..core.model import Training
from ..invitations.states import WAITING
from ..membership.cohorts import CohortManager
from .identifiers import normalise
from .manager import TrainingManager
from .states import TrainingState


class Audience(Enum):
    """Who gets a field of a training that they may know of."""

    EVERYONE = "everyone"
    INSTRUCTORS = "its instructors and admins"


#: The audience of every field of :class:`galaxy_tiaas.trainings.schema.TrainingView`; the only place that decides it.
AUDIENCES: Mapping[str, Audience] = MappingProxyType(
    {
        "identifier": Audience.EVERYONE,
        "title": Audience.EVERYONE,
        "description": Audience.EVERYONE,
        "start": Audience.EVERYONE,
        "end": Audience.EVERYONE,
        "timezone": Audience.EVERYONE,
        "website": Audience.EVERYONE,
        "location": Audience.EVERYONE,
        "use_gtn": Audience.EVERYONE,
        "gtn_links": Audience.EVERYONE,
        "non_gtn_links": Audience.EVERYONE,
        "attendance": Audience.EVERYONE,
        "advertise": Audience.EVERYONE,
        "state": Audience.EVERYONE,
        "phase": Audience.EVERYONE,
        "opens": Audience.EVERYONE,
        "closes": Audience.EVERYONE,
        "ended_at": Audience.EVERYONE,
        "created": Audience.EVERYONE,
        "updated": Audience.EVERYONE,
        "version": Audience.EVERYONE,
        "members": Audience.EVERYONE,
        "join_url": Audience.EVERYONE,
        "status_url": Audience.EVERYONE,
        "name": Audience.INSTRUCTORS,
        "email": Audience.INSTRUCTORS,
        "email_confirmed": Audience.INSTRUCTORS,
        "other_requests": Audience.INSTRUCTORS,
        "requester_id": Audience.INSTRUCTORS,
        "instructors": Audience.INSTRUCTORS,
        "invited": Audience.INSTRUCTORS,
        "blogpost": Audience.INSTRUCTORS,
        "retain_contact": Audience.INSTRUCTORS,
        "destination": Audience.INSTRUCTORS,
        "requested_change": Audience.INSTRUCTORS,
        "usage": Audience.INSTRUCTORS,
    }
)


def audiences_of(actor: Actor, training: Training) -> frozenset[Audience]:
    """The audiences that the actor belongs to."""
    return frozenset(Audience) if may_manage(actor, training) else frozenset({Audience.EVERYONE})


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
        training = self.trainings.find(identifier)
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
