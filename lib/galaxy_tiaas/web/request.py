"""Who asks, from where, how often in vain, and whether the request may change anything."""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from ipaddress import (
    ip_address,
    ip_network,
    IPv4Address,
    IPv6Address,
)
from typing import (
    Any,
    cast,
    Optional,
    Union,
)

from fastapi import (
    Depends,
    Request,
)
from galaxy.config import GalaxyAppConfiguration
from galaxy.exceptions import RequestParameterInvalidException
from galaxy.model.orm.now import now
from galaxy.webapps.galaxy.api import DependsOnApp

from ..compat.session import (
    Caller,
    DependsOnCaller,
    get_caller,
    needs_activation,
    SESSION_COOKIE,
)
from ..core.actor import Actor
from ..core.config import (
    site_address,
    TiaasConfig,
)
from ..core.exceptions import (
    AccountDeleted,
    ForgedRequest,
    LoginRequired,
    UnmarkedRequest,
)
from ..core.lookup_limits import (
    FailedLookups,
    LookupLimit,
)
from ..trainings.states import ChangeSource
from .origin import (
    host_of,
    SAFE_METHODS,
    Source,
    source_of,
)

#: A name of DNS (RFC 1035, 2.3.4) and a port.
_LONGEST_HOST = 253 + len(":65535")


def url_prefix(galaxy_config: GalaxyAppConfiguration) -> str:
    """``galaxy_url_prefix`` without a slash at its end: empty for a Galaxy at the root."""
    return galaxy_config.galaxy_url_prefix.rstrip("/")


def public_scheme(request: Request) -> str:
    """``http`` or ``https``, as the reader's browser sees it.

    uvicorn believes ``X-Forwarded-Proto`` only of proxies at 127.0.0.1, and so not of one that is on another host or
    connects by a socket. Here it decides about nothing but links: who claims https gets links with https.
    """
    forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return "https" if "https" in (forwarded, request.url.scheme) else "http"


def get_now() -> datetime:
    """The current time in naive UTC."""
    return now()


def get_actor(
    request: Request,
    caller: Caller = DependsOnCaller,
    app: Any = DependsOnApp,
    asked_at: datetime = Depends(get_now),
) -> Actor:
    """The user behind the request's session or API key, who is noted for pages of errors.

    A deleted account keeps its valid sessions in Galaxy's database; it is a visitor here.

    :raises LoginRequired: for visitors of a Galaxy with ``require_login``, unless they are admitted without. Forms of
        visitors are refused anyway, and may have texts that are shown again.
    :raises AccountDeleted: there, for deleted accounts.
    """
    request.state.actor = actor = _actor(request, caller, app, asked_at)
    if app.config.require_login and not _is_admitted(request, actor):
        if actor.account_deleted:
            raise AccountDeleted()
        raise LoginRequired()
    return actor


def admit(request: Request) -> None:
    """Answer this request although nobody is logged in: it has a secret that is enough."""
    request.state.admitted = True


def _is_admitted(request: Request, actor: Actor) -> bool:
    if actor.user is not None or actor.is_admin or getattr(request.state, "admitted", False):
        return True
    return actor.via == "page" and request.method not in SAFE_METHODS


def ensure_admitted(request: Request, app: Any = DependsOnApp) -> None:
    """For what need not know who asks, unless this Galaxy has ``require_login``.

    :raises: as :func:`get_actor`.
    """
    if app.config.require_login:
        cookie, key = request.cookies.get(SESSION_COOKIE), request.query_params.get("key")
        caller = get_caller(request, app, cookie, key, request.headers.get("x-api-key"), None, None)
        get_actor(request, caller, app, get_now())


def _actor(request: Request, caller: Caller, app: Any, asked_at: datetime) -> Actor:
    via: ChangeSource = "api" if request.url.path.startswith(f"{url_prefix(app.config)}/api/") else "page"
    # Only where the identifier is part of the address can another one take its place.
    is_page_of_a_training = via == "page" and "identifier" in request.path_params
    actor = Actor(
        base_url=_address(request, app),
        via=via,
        follows_renames=is_page_of_a_training and request.method in SAFE_METHODS,
        needs_activation=needs_activation(app.config, caller.account),
    )
    account = caller.account
    is_deleted = account is not None and account.deleted
    if caller.is_admin and not is_deleted:
        return replace(actor, user=account, is_admin=True)
    live = None if is_deleted else account
    lookups = lookup_limit_of(request, live.id if live else None, app[FailedLookups], asked_at)
    return replace(actor, user=live, account_deleted=is_deleted, lookups=lookups)


def _address(request: Request, app: Any) -> str:
    """Where this Galaxy is reached, for links on pages: as its settings say, else as the reader's browser says.

    :raises RequestParameterInvalidException: if that is not the name of a host.
    """
    if configured := site_address(app[TiaasConfig], app.config):
        return configured
    if len(request.url.netloc) > _LONGEST_HOST:
        raise RequestParameterInvalidException("The header Host is longer than the name of a host can be.")
    return f"{public_scheme(request)}://{request.url.netloc}{url_prefix(app.config)}"


def ensure_readable(request: Request) -> None:
    """Refuse a key that no database can be asked about: Galaxy looks up its owner before we look at anything.

    :raises RequestParameterInvalidException: if the key has the character NUL.
    """
    if any("\0" in key for key in request.query_params.getlist("key")):
        raise RequestParameterInvalidException("The key in the address has a character that cannot be understood.")


def own_hosts(request: Request, config: TiaasConfig, galaxy_config: GalaxyAppConfiguration) -> frozenset[str]:
    """The hosts by which this Galaxy is reached, without ports: as its settings say, and as the request does.

    No page can make a browser send the headers ``Host`` and ``X-Forwarded-Host`` of its choice to another site.
    """
    forwarded = request.headers.get("x-forwarded-host", "").split(",")
    addresses = [site_address(config, galaxy_config), str(request.url), *(f"//{host.strip()}" for host in forwarded)]
    return frozenset(filter(None, map(host_of, addresses)))


async def ensure_not_forged(request: Request, app: Any = DependsOnApp) -> None:
    """Refuse a change that a page of another site caused with the user's session cookie. Looking changes nothing.

    What has no header that such a page cannot send is refused too: forms of other sites can send neither JSON nor
    ``X-Requested-With``, and scripts there only if Galaxy lets them. A key in the address does not count beside a
    cookie: Galaxy then acts for the session, and the key may be anybody's.

    :raises ForgedRequest: if it comes from elsewhere. :raises UnmarkedRequest: if it may.
    """
    headers = request.headers
    if request.method in SAFE_METHODS or SESSION_COOKIE not in request.cookies or _has_key_in_header(headers):
        return
    if source_of(headers, own_hosts(request, app[TiaasConfig], app.config)) is not Source.OWN:
        raise ForgedRequest()
    if "x-requested-with" not in headers and not _is_json(headers.get("content-type", "")):
        raise UnmarkedRequest()


def _has_key_in_header(headers: Mapping[str, str]) -> bool:
    """Whether there is an API key or token in a header, where no page of another site can put it."""
    return bool(headers.get("x-api-key")) or headers.get("authorization", "").lower().startswith("bearer ")


def _is_json(content_type: str) -> bool:
    media_type = content_type.partition(";")[0].strip().lower()
    return media_type == "application/json" or media_type.startswith("application/") and media_type.endswith("+json")


def lookup_limit_of(request: Request, user_id: Optional[int], attempts: FailedLookups, now: datetime) -> LookupLimit:
    """What is counted for this request, which may belong to nobody."""
    if user_id is not None:
        lookups = LookupLimit(attempts, f"user {user_id}", now)
    else:
        caller, shared = _caller(request)
        lookups = LookupLimit(attempts, f"address {caller}", now, by_account=False, shared=shared)
    request.state.lookups = lookups
    return lookups


async def slow_down(request: Request) -> None:
    """Delay the answer to a visitor who cannot be told from others."""
    lookups: Optional[LookupLimit] = getattr(request.state, "lookups", None)
    if lookups is not None and (delay := lookups.delay):
        await asyncio.sleep(delay)


def _caller(request: Request) -> tuple[str, bool]:
    """The visitor's address, and whether it may be that of many.

    It is that of a proxy where Galaxy's web server does not know whom to believe: a private address, none at all (a
    socket), or one that is not in the header of the proxy. Providers give IPv6 addresses away in blocks of 2^64.
    """
    host = request.client.host if request.client else ""
    try:
        address = ip_address(host)
    except ValueError:
        return "", True
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    forwarded = request.headers.get("x-forwarded-for")
    hops = [hop.strip() for hop in forwarded.split(",")] if forwarded else [host]
    return _block(address), not address.is_global or host not in hops


def _block(address: Union[IPv4Address, IPv6Address]) -> str:
    return str(ip_network((address, 64), strict=False) if isinstance(address, IPv6Address) else address)


DependsOnActor = cast(Actor, Depends(get_actor))
DependsOnNow = cast(datetime, Depends(get_now))
