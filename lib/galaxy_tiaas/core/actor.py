"""Who wants something done, and what they may do with a training."""

import secrets
from dataclasses import (
    dataclass,
    field,
)
from datetime import datetime
from typing import (
    Optional,
    Protocol,
)

from galaxy.exceptions import (
    AdminRequiredException,
    UserRequiredException,
)

from ..trainings.states import (
    ChangeSource,
    oldest_valid,
    WAITING,
)
from .config import TiaasConfig
from .exceptions import (
    AccountDeleted,
    NotInvited,
    NotYours,
)
from .lookup_limits import LookupLimit
from .model import (
    Training,
    TrainingInvitation,
)


class Person(Protocol):
    """An account of Galaxy, or what was read of one."""

    @property
    def id(self) -> int: ...

    @property
    def email(self) -> str: ...

    @property
    def username(self) -> Optional[str]: ...


@dataclass(frozen=True)
class Actor:
    """A Galaxy user, an anonymous visitor, or the server itself.

    ``user`` is ``None`` for visitors and for the server (command line, bootstrap admin key); a session
    of a deleted account counts as a visitor who is told so. ``base_url`` is where this Galaxy is reached,
    without a slash at its end. ``via`` is the source of what the actor changes. Whoever opens a page, and may
    be sent to another address, ``follows_renames``; everybody else is served under a former identifier, too.
    ``lookups`` counts what is guessed; nothing is counted of admins and commands. Galaxy runs no tools for whoever
    ``needs_activation`` of the account.
    """

    user: Optional[Person] = None
    is_admin: bool = False
    base_url: str = ""
    account_deleted: bool = False
    via: ChangeSource = "command"
    follows_renames: bool = False
    lookups: Optional[LookupLimit] = field(default=None, compare=False)
    needs_activation: bool = False

    @property
    def user_id(self) -> Optional[int]:
        return self.user.id if self.user else None

    def ensure_user(self) -> Person:
        """The user.

        :raises AccountDeleted: if the account was deleted.
        :raises UserRequiredException: if nobody is logged in.
        """
        if self.account_deleted:
            raise AccountDeleted()
        if self.user is None:
            raise UserRequiredException("Please log in to Galaxy first.")
        return self.user

    def ensure_admin(self) -> None:
        """:raises AdminRequiredException: if the actor is no admin of this Galaxy."""
        if not self.is_admin:
            raise AdminRequiredException("Only administrators of this Galaxy server may do this.")


#: Whoever can run a command here has the configuration and the database: no need to ask who it is.
SERVER = Actor(is_admin=True)


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
