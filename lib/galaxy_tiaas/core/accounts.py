"""Galaxy accounts, deleted ones too, and how people name them."""

from dataclasses import dataclass
from typing import Optional

from galaxy.exceptions import MalformedId
from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from sqlalchemy import (
    ColumnElement,
    func,
    or_,
    select,
)

from .exceptions import InvalidValue


@dataclass(frozen=True)
class Account:
    """Somebody on this server. A purged account has hashes in place of name and address."""

    id: int
    username: str
    email: str
    deleted: bool

    @property
    def name(self) -> str:
        return self.username or self.email


class AccountManager:
    """Finds accounts; those that live come first."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def with_id(self, user_id: int) -> list[Account]:
        return self._find(User.id == user_id)

    def called(self, text: str) -> list[Account]:
        """Accounts with this public name or e-mail address, however it is written."""
        wanted = text.strip().lower()
        return self._find(or_(User.username == wanted, func.lower(User.email) == wanted))

    def _find(self, which: ColumnElement[bool]) -> list[Account]:
        statement = (
            select(User.id, User.username, User.email, User.deleted).where(which).order_by(User.deleted, User.id)
        )
        return [
            Account(user_id, username or "", email or "", bool(deleted))
            for user_id, username, email, deleted in self.session.execute(statement)
        ]


class AccountFinder:
    """Finds the account behind an encoded id, a public name or an e-mail address."""

    def __init__(self, accounts: AccountManager, security: IdEncodingHelper):
        self.accounts = accounts
        self.security = security

    def find(self, text: str) -> list[Account]:
        """Accounts that are meant, live ones first.

        An id comes first: anybody may choose a public name that looks like the id of somebody else.
        """
        user_id = decoded(self.security, text.strip())
        by_id = [] if user_id is None else self.accounts.with_id(user_id)
        return by_id or self.accounts.called(text)

    def get(self, text: str) -> Account:
        """The account that is meant.

        :raises InvalidValue: if there is none.
        """
        found = self.find(text)
        if not found:
            raise InvalidValue("user", f"There is no Galaxy account called '{text}'.")
        return found[0]


def decoded(security: IdEncodingHelper, text: str) -> Optional[int]:
    """The number behind an encoded id; ``None`` if the text is none."""
    try:
        return security.decode_id(text)
    except MalformedId:
        return None
