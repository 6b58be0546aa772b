"""Whom admins mean."""

from galaxy.exceptions import MessageException
from galaxy.security.idencoding import IdEncodingHelper

from ..exceptions import InvalidValue
from ..managers.accounts import (
    Account,
    AccountManager,
)


class AccountFinder:
    """Finds the account behind an encoded id, a public name or an e-mail address."""

    def __init__(self, accounts: AccountManager, security: IdEncodingHelper):
        self.accounts = accounts
        self.security = security

    def find(self, text: str) -> list[Account]:
        """Accounts that are meant, those that live first.

        An id comes first: anybody may choose a public name that looks like the id of somebody else.
        """
        try:
            by_id = self.accounts.with_id(self.security.decode_id(text.strip()))
        except (MessageException, ValueError):
            by_id = []
        return by_id or self.accounts.called(text)

    def get(self, text: str) -> Account:
        """The account that is meant.

        :raises InvalidValue: if there is none.
        """
        found = self.find(text)
        if not found:
            raise InvalidValue("user", f"There is no Galaxy account called '{text}'.")
        return found[0]
