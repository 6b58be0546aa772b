"""Who may know that a training exists, and which of its fields they get."""

from collections.abc import Collection

from ..core.access import may_manage
from ..core.actor import Actor
from ..core.exceptions import (
    TrainingNotFound,
    TrainingRenamed,
)
from ..core.model import Training
from ..invitations.states import WAITING
from ..membership.manager import CohortManager
from .identifiers import normalise
from .manager import TrainingManager
from .schema import TrainingView
from .states import TrainingState

#: Fields that everybody gets who may know of a training. All others are for its instructors and admins.
PUBLIC_FIELDS = frozenset(
    {
        "identifier",
        "title",
        "description",
        "start",
        "end",
        "timezone",
        "website",
        "location",
        "use_gtn",
        "gtn_links",
        "non_gtn_links",
        "attendance",
        "advertise",
        "state",
        "phase",
        "opens",
        "closes",
        "ended_at",
        "created",
        "updated",
        "version",
        "members",
        "join_url",
        "status_url",
    }
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
