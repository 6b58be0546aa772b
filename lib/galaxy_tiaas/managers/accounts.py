"""Galaxy accounts, deleted ones too."""

from dataclasses import dataclass

from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    ColumnElement,
    func,
    or_,
    select,
)


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
