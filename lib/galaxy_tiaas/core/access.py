"""Who teaches a training, and what follows from it."""

import secrets
from datetime import datetime
from typing import Optional

from ..trainings.states import (
    oldest_valid,
    WAITING,
)
from .actor import Actor
from .config import TiaasConfig
from .exceptions import (
    NotInvited,
    NotYours,
)
from .model import (
    Training,
    TrainingInvitation,
)


def teaches(actor: Actor, training: Training) -> bool:
    """Whether the actor requested the training or is one of its other instructors."""
    if actor.user_id is None:
        return False
    return actor.user_id == training.requester_id or any(i.user_id == actor.user_id for i in training.instructors)


def may_manage(actor: Actor, training: Training) -> bool:
    """Whether the actor may see everything about the training: its instructors and admins."""
    return actor.is_admin or teaches(actor, training)


def is_invited(actor: Actor, training: Training, now: datetime) -> bool:
    """Whether the actor can accept an invitation to teach the training, and so may look at it before."""
    return actor.user_id is not None and any(each.user_id == actor.user_id for each in invited(training, now))


def invited(training: Training, now: datetime) -> list[TrainingInvitation]:
    """The invitations to teach the training that can be accepted."""
    return [each for each in training.invitations if each.state in WAITING and each.created > oldest_valid(now)]


def ensure_may_manage(actor: Actor, training: Training) -> None:
    """:raises UserRequiredException: for visitors. :raises NotYours: for users who do not teach it."""
    if not may_manage(actor, training):
        actor.ensure_user()
        raise NotYours(f"Only the instructors of '{training.identifier}' and administrators may do this.")


def ensure_may_answer(actor: Actor, training: Optional[Training], identifier: str, now: datetime) -> None:
    """Whether the actor is or was invited to teach the training of this identifier.

    :raises NotInvited: if not, or if there is no such training.
    """
    if training is None or not (is_invited(actor, training, now) or teaches(actor, training)):
        raise NotInvited(identifier)


def ensure_may_read_feeds(actor: Actor, config: TiaasConfig, token: str) -> None:
    """Admins may read what is made for programs, and whoever knows the ``feed_token`` of the settings.

    :raises AdminRequiredException: for everybody else.
    """
    if not knows_feed_token(config, token):
        actor.ensure_admin()


def knows_feed_token(config: TiaasConfig, token: str) -> bool:
    """Whether this is the ``feed_token`` of the settings; never, if there is none."""
    return bool(config.feed_token) and secrets.compare_digest(token.encode(), config.feed_token.encode())
