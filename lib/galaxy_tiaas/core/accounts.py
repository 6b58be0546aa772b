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
    """Finds the account behind an encoded id, a public name or an e-mail address."""

    def __init__(self, session: galaxy_scoped_session, security: IdEncodingHelper):
        self.session = session
        self.security = security

    def find(self, text: str) -> list[Account]:
        """Accounts that are meant, live ones first. Case does not matter in names and addresses.

        An id comes first: anybody may choose a public name that looks like the id of somebody else.
        """
        user_id, wanted = decoded(self.security, text.strip()), text.strip().lower()
        by_id = [] if user_id is None else self._find(User.id == user_id)
        return by_id or self._find(or_(User.username == wanted, func.lower(User.email) == wanted))

    def get(self, text: str) -> Account:
        """The account that is meant.

        :raises InvalidValue: if there is none.
        """
        found = self.find(text)
        if not found:
            raise InvalidValue("user", f"There is no Galaxy account called '{text}'.")
        return found[0]

    def _find(self, which: ColumnElement[bool]) -> list[Account]:
        columns = User.id, User.username, User.email, User.deleted
        rows = self.session.execute(select(*columns).where(which).order_by(User.deleted, User.id))
        return [Account(id, username or "", email or "", bool(deleted)) for id, username, email, deleted in rows]


def decoded(security: IdEncodingHelper, text: str) -> Optional[int]:
    """The number behind an encoded id; ``None`` if the text is none."""
    try:
        return security.decode_id(text)
    except MalformedId:
        return None
