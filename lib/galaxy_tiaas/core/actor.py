"""Who wants something done."""

from dataclasses import (
    dataclass,
    field,
)
from typing import Optional

from galaxy.exceptions import (
    AdminRequiredException,
    UserRequiredException,
)
from galaxy.model import User

from .exceptions import AccountDeleted
from .lookup_limits import LookupLimit
from .sources import ChangeSource


@dataclass(frozen=True)
class Actor:
    """A Galaxy user, an anonymous visitor, or the server itself.

    ``user`` is ``None`` for visitors and for the server (command line, bootstrap admin key); a session
    of a deleted account counts as a visitor who is told so. ``base_url`` is where this Galaxy is reached,
    without a slash at its end. ``via`` is the source of what the actor changes. Whoever opens a page, and may
    be sent to another address, ``follows_renames``; everybody else is served under a former identifier, too.
    ``lookups`` counts what is guessed; nothing is counted of admins and commands.
    """

    user: Optional[User] = None
    is_admin: bool = False
    base_url: str = ""
    account_deleted: bool = False
    via: ChangeSource = "command"
    follows_renames: bool = False
    lookups: Optional[LookupLimit] = field(default=None, compare=False)

    @property
    def user_id(self) -> Optional[int]:
        return self.user.id if self.user else None

    def ensure_user(self) -> User:
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
