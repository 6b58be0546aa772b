"""Galaxy's sessions in browsers: the cookie, the token of forms, the way to log in."""

from typing import (
    Any,
    Optional,
)
from urllib.parse import quote

from galaxy.exceptions import MalformedId
from galaxy.work.context import SessionRequestContext

#: The cookie that holds Galaxy's session.
SESSION_COOKIE = "galaxysession"
_TOKEN_KIND = "csrf"


def session_token(trans: SessionRequestContext) -> str:
    """Galaxy's token of the session, which every form that changes something must carry; empty without a session.

    Relies on the token being the session's id, encoded with the kind ``csrf``.
    """
    session = trans.galaxy_session
    return str(trans.security.encode_id(session.id, kind=_TOKEN_KIND)) if session else ""


def is_session_token(trans: SessionRequestContext, text: str) -> bool:
    """Whether this Galaxy has made a token, for whatever session."""
    try:
        session_id: Optional[int] = trans.security.decode_id(text, kind=_TOKEN_KIND)
    except MalformedId:
        return False
    return session_id is not None


def login_path(target: str, page: str = "login") -> str:
    """The path of Galaxy's login page, which comes back to a path of this server afterwards.

    Relies on the routes ``/login/start`` and ``/register/start`` of Galaxy's client, which adds the URL prefix to
    ``redirect`` and encodes it once more.

    :param page: ``login``, or ``register`` for the page on which people make an account.
    """
    return f"/{page}/start?redirect={quote(target, safe='')}"


def allows_registration(galaxy_config: Any) -> bool:
    """Whether visitors can make an account, as far as Galaxy's settings tell.

    Relies on four of them; ``allow_local_account_creation`` was ``allow_user_creation`` before 26.0.
    """
    names = ("allow_local_account_creation", "allow_user_creation")
    allowed = next((value for name in names if (value := getattr(galaxy_config, name, None)) is not None), True)
    closed = any(getattr(galaxy_config, name, False) for name in ("use_remote_user", "disable_local_accounts"))
    return bool(allowed) and not closed
