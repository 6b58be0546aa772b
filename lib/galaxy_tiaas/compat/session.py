"""Who sends a request, as Galaxy's sessions and API keys say: the cookie, the token of forms, the way to log in."""

import hmac
from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import (
    Any,
    cast,
    NamedTuple,
    Optional,
)
from urllib.parse import quote

from fastapi import (
    Depends,
    Header,
    Request,
    Security,
)
from fastapi.security import HTTPAuthorizationCredentials
from galaxy.exceptions import MalformedId
from galaxy.managers.users import UserManager
from galaxy.model import (
    APIKeys,
    GalaxySession,
    User,
)
from galaxy.schema.fields import DecodedDatabaseIdField
from galaxy.security.idencoding import IdEncodingHelper
from galaxy.webapps.galaxy.api import (
    api_bearer_token,
    api_key_cookie,
    api_key_header,
    api_key_query,
    DependsOnApp,
    get_api_user,
)
from sqlalchemy import (
    bindparam,
    false,
    Row,
    select,
    true,
)
from sqlalchemy.orm import aliased

from .accounts import requires_activation
from .web import older_part

#: The cookie that holds Galaxy's session.
SESSION_COOKIE = "galaxysession"
_TOKEN_KIND = "csrf"
#: A page of Galaxy's older part that reads and writes nothing itself.
_PLAIN_PAGE = "/welcome"
_OF_A_BODY = (b"content-length", b"content-type", b"transfer-encoding")
#: What Galaxy 25.1 and 26.0 append to the address of a page to which a provider leads somebody back for the first time.
ADDED_BY_FIRST_LOGIN = "user/external_ids"
_ACCOUNT_COLUMNS = (User.id, User.email, User.username, User.deleted, User.active)
#: The valid session of a key, with whoever has logged in.
_SESSION = (
    select(GalaxySession.id.label("session_id"), *_ACCOUNT_COLUMNS)
    .outerjoin(User, User.id == GalaxySession.user_id)
    .where(GalaxySession.session_key == bindparam("session_key"), GalaxySession.is_valid == true())
    .limit(1)
)
_keys = aliased(APIKeys)
_newest_key = (
    select(_keys.key)
    .where(_keys.user_id == User.id, _keys.deleted == false())
    .order_by(_keys.create_time.desc())
    .limit(1)
    .scalar_subquery()
)
#: The account whose newest API key this is.
_OWNER = (
    select(*_ACCOUNT_COLUMNS)
    .join(APIKeys, APIKeys.user_id == User.id)
    .where(
        APIKeys.key == bindparam("key"), APIKeys.deleted == false(), _newest_key == APIKeys.key, User.deleted == false()
    )
)


class Account(NamedTuple):
    """Somebody's account, as it was when the request came."""

    id: int
    email: str
    username: Optional[str]
    deleted: bool = False
    #: Whether it has been activated, or need not be.
    active: bool = True


@dataclass(frozen=True)
class Caller:
    """Whom Galaxy takes a request to come from.

    ``session_id`` is that of a session that is valid, whether somebody has logged in or not; ``token`` is Galaxy's
    token of that session, which every form that changes something must carry, and empty without one. The admin of
    ``bootstrap_admin_api_key`` has no account.
    """

    account: Optional[Account] = None
    is_admin: bool = False
    session_id: Optional[int] = None
    token: str = ""


def get_caller(
    request: Request,
    app: Any = DependsOnApp,
    cookie: Optional[str] = Security(api_key_cookie),
    key: Optional[str] = Security(api_key_query),
    x_api_key: Optional[str] = Security(api_key_header),
    bearer: Optional[HTTPAuthorizationCredentials] = Security(api_bearer_token),
    run_as: Optional[DecodedDatabaseIdField] = Header(None, description="For whom an admin acts: the id of a user."),
) -> Caller:
    """The caller, by one statement for a session and one for a key.

    Galaxy's own ``get_trans``, which comes to the same, takes four for a key, and as long as everything else in a short
    request. What is neither a valid session nor a valid key is left to Galaxy: tokens of OpenID Connect, acting for
    others, and what it says of wrong keys. As there, a key must be valid even if the session counts.

    Relies on the columns that ``GalaxySessionManager.get_session_from_session_key`` and ``UserManager.by_api_key``
    ask for, on ``get_api_user``, and on ``is_admin_user`` of the configuration looking at ``email`` and at
    ``bootstrap_admin_user``.

    :raises MalformedId: for a cookie that no Galaxy with this ``id_secret`` has made.
    :raises galaxy.exceptions.MessageException: for a key or token that is not valid.
    """
    session = _find_session(app, cookie) if cookie else None
    by_key = _caller_by_key(app, key, x_api_key, bearer, run_as) if key or x_api_key or bearer else Caller()
    if session is None:
        return by_key
    _, *columns = session
    account = None if session.id is None else Account(*columns)
    token = app.security.encode_id(session.session_id, kind=_TOKEN_KIND)
    return Caller(account, _is_admin(app, account), session.session_id, token)


DependsOnCaller = cast(Caller, Depends(get_caller))


def _caller_by_key(
    app: Any,
    key: Optional[str],
    x_api_key: Optional[str],
    bearer: Optional[HTTPAuthorizationCredentials],
    run_as: Optional[int],
) -> Caller:
    sent = key or x_api_key
    account = _find_owner(app, sent) if sent and run_as is None else None
    if account is None:
        user: Any = get_api_user(app[UserManager], key, x_api_key, bearer, run_as)  # type: ignore[arg-type]
        if user is None or user.bootstrap_admin_user:
            return Caller(is_admin=user is not None)
        account = Account(user.id, user.email, user.username, user.deleted, user.active)
    return Caller(account, _is_admin(app, account))


def _is_admin(app: Any, account: Optional[Account]) -> bool:
    return account is not None and account.email in app.config.admin_users_list


def _find_session(app: Any, cookie: str) -> Optional[Row[Any]]:
    """The valid session of a cookie, with whoever has logged in."""
    key = app.security.decode_guid(cookie)
    if not key:
        return None
    found: Optional[Row[Any]] = app.model.session.connection().execute(_SESSION, {"session_key": key}).first()
    return found


def _find_owner(app: Any, key: str) -> Optional[Account]:
    """Whose key this is; nobody if there is anything about it that Galaxy might object to."""
    bootstrap_key = getattr(app.config, "bootstrap_admin_api_key", None)
    if bootstrap_key and hmac.compare_digest(bootstrap_key.encode(), key.encode()):
        return None
    found = app.model.session.connection().execute(_OWNER, {"key": key}).all()
    return Account(*found[0]) if len(found) == 1 else None


def uses_remote_user(galaxy_config: Any) -> bool:
    """Whether a proxy says who somebody is; Galaxy's configuration says so with ``single_user``, too."""
    return bool(getattr(galaxy_config, "use_remote_user", False))


async def with_session_of_remote_user(request: Request, galaxy_config: Any) -> tuple[Request, list[str]]:
    """A page's request with the session that Galaxy has for whom the proxy names, and the cookies to be set.

    FastAPI's side takes every valid session. Galaxy's older part makes one for somebody new, and ends that of somebody
    else, before any of its pages is called; so one of them is asked, with the headers of the request. The header of the
    proxy, and its secret, are for Galaxy to judge: nothing changes for a request that it refuses.

    Relies on ``RemoteUser`` letting nobody else pass, on ``GalaxyWebTransaction`` ensuring the session of every
    request but those of the API, and on ``/welcome`` only redirecting. With ``session_duration``, an old session is
    followed by one of nobody, which the next request gives to whom the proxy names.
    """
    request, cookies = await _ask_older_part(request)
    if cookies and galaxy_config.session_duration:
        request, more = await _ask_older_part(request)
        cookies += more
    return request, cookies


async def _ask_older_part(request: Request) -> tuple[Request, list[str]]:
    cookies: list[str] = []

    async def receive() -> MutableMapping[str, Any]:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            cookies.extend(value.decode("latin-1") for name, value in message["headers"] if name == b"set-cookie")

    path = f"{request.scope.get('root_path', '')}{_PLAIN_PAGE}"
    asked = {"method": "GET", "path": path, "raw_path": path.encode(), "query_string": b""}
    headers = [header for header in request.scope["headers"] if header[0] not in _OF_A_BODY]
    await older_part(request.app)({**request.scope, **asked, "headers": headers}, receive, send)
    for cookie in cookies:
        name, _, value = cookie.partition(";")[0].partition("=")
        if name == SESSION_COOKIE:
            request = with_session(request, value)
    return request, cookies


def with_session(request: Request, value: Optional[str]) -> Request:
    """The same request with another value of Galaxy's cookie, or without it."""
    kept = {**request.cookies, SESSION_COOKIE: value}
    cookies = "; ".join(f"{name}={text}" for name, text in kept.items() if text is not None)
    headers = [header for header in request.scope["headers"] if header[0] != b"cookie"]
    return Request({**request.scope, "headers": [*headers, (b"cookie", cookies.encode("latin-1"))]}, request.receive)


def needs_activation(galaxy_config: Any, account: Optional[Account]) -> bool:
    """Whether Galaxy runs no tools for whoever asks; the opposite of ``user_is_active`` of Galaxy's contexts."""
    return account is not None and not account.active and requires_activation(galaxy_config)


def is_session_token(security: IdEncodingHelper, text: str) -> bool:
    """Whether this Galaxy has made a token, for whatever session."""
    try:
        session_id: Optional[int] = security.decode_id(text, kind=_TOKEN_KIND)
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

    Relies on three of them, and on Galaxy resolving the alias ``allow_user_creation`` of
    ``allow_local_account_creation``.
    """
    closed = uses_remote_user(galaxy_config) or getattr(galaxy_config, "disable_local_accounts", False)
    return bool(getattr(galaxy_config, "allow_local_account_creation", True)) and not closed
