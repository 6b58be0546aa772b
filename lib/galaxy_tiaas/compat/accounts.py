"""Accounts that have to be activated before Galaxy runs tools for them."""

from typing import Any

#: Where Galaxy sends the e-mail with the link that activates an account once more, to whoever is logged in.
#: Relies on ``resend_verification`` of the controller ``user``.
ACTIVATION_PATH = "/user/resend_verification"


def requires_activation(galaxy_config: Any) -> bool:
    """Whether Galaxy runs no tools for accounts, not even those of admins, before they are activated."""
    return bool(getattr(galaxy_config, "user_activation_on", False))
