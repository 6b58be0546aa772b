"""Finding accounts by what admins type."""

from galaxy.security.idencoding import IdEncodingHelper

from ..exceptions import InvalidValue
from ..managers.accounts import (
    Account,
    AccountManager,
)
from .encoded_ids import decoded


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
