"""Who asks, from where, and whether the request may change anything."""

from datetime import datetime
from typing import cast
from urllib.parse import urlsplit

from fastapi import (
    Depends,
    Request,
)
from galaxy.exceptions import RequestParameterInvalidException
from galaxy.model.orm.now import now
from galaxy.webapps.galaxy.api import DependsOnTrans
from galaxy.work.context import SessionRequestContext

from ..config import (
    site_address,
    TiaasConfig,
)
from ..domain.doors import Door
from ..exceptions import ForgedRequest
from ..services.actor import Actor

SESSION_COOKIE = "galaxysession"
#: A name of DNS (RFC 1035, 2.3.4) and a port.
_LONGEST_HOST = 253 + len(":65535")
#: As RFC 9110, section 9.2.1, has them.
_SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})


def url_prefix(trans: SessionRequestContext) -> str:
    """``galaxy_url_prefix`` without a slash at its end: empty for a Galaxy at the root."""
    return trans.app.config.galaxy_url_prefix.rstrip("/")


def public_scheme(request: Request) -> str:
    """``http`` or ``https``, as the reader's browser sees it.

    uvicorn believes ``X-Forwarded-Proto`` only of proxies at 127.0.0.1, and so not of one that is on another host or
    connects by a socket. Here it decides about nothing but links: who claims https gets links with https.
    """
    forwarded = request.headers.get("x-forwarded-proto", "").partition(",")[0].strip().lower()
    return "https" if "https" in (forwarded, request.url.scheme) else "http"


def get_actor(request: Request, trans: SessionRequestContext = DependsOnTrans) -> Actor:
    """The user behind the request's session or API key.

    A deleted account keeps its valid sessions in Galaxy's database; it is a visitor here.
    """
    base_url = _address(request, trans)
    via: Door = "api" if request.url.path.startswith(f"{url_prefix(trans)}/api/") else "page"
    user = trans.user
    if user is None:
        return Actor(base_url=base_url, via=via)
    if user.bootstrap_admin_user:
        return Actor(is_admin=True, base_url=base_url, via=via)
    if user.deleted:
        return Actor(account_deleted=True, base_url=base_url, via=via)
    return Actor(user=user, is_admin=trans.user_is_admin, base_url=base_url, via=via)


def _address(request: Request, trans: SessionRequestContext) -> str:
    """Where this Galaxy is reached, for links on pages: as its settings say, else as the reader's browser says.

    :raises RequestParameterInvalidException: if that is not the name of a host.
    """
    if configured := site_address(trans.app[TiaasConfig], trans.app.config):
        return configured
    if len(request.url.netloc) > _LONGEST_HOST:
        raise RequestParameterInvalidException("The header Host is longer than the name of a host can be.")
    return f"{public_scheme(request)}://{request.url.netloc}{url_prefix(trans)}"


def get_now() -> datetime:
    """The current time in naive UTC."""
    return now()


def ensure_not_forged(request: Request) -> None:
    """Refuse a change that a page of another site caused with the user's session cookie. Looking changes nothing.

    Browsers state where a request comes from (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/), old ones
    and those that reach Galaxy without encryption at least the origin of what changes something;
    clients with an API key have no cookie that could be abused.

    :raises ForgedRequest: if it comes from elsewhere.
    """
    if request.method in _SAFE_METHODS or SESSION_COOKIE not in request.cookies:
        return
    if _comes_from_elsewhere(request):
        raise ForgedRequest()


def _comes_from_elsewhere(request: Request) -> bool:
    headers = request.headers
    if site := headers.get("sec-fetch-site"):
        return site in ("cross-site", "same-site")
    if "origin" not in headers:
        return False
    # Hosts without their ports: proxies often leave those out. No page can send the second header to another site.
    try:
        ours = {request.url.hostname, urlsplit(f"//{headers.get('x-forwarded-host', '')}").hostname}
        return (urlsplit(headers["origin"]).hostname or "") not in ours
    except ValueError:
        return True


DependsOnActor = cast(Actor, Depends(get_actor))
DependsOnNow = cast(datetime, Depends(get_now))
