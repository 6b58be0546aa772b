"""Who asks, from where, and whether the request may change anything."""

from datetime import datetime
from typing import cast

from fastapi import (
    Depends,
    Request,
)
from galaxy.util import now
from galaxy.webapps.galaxy.api import DependsOnTrans
from galaxy.work.context import SessionRequestContext

from ..domain.doors import Door
from ..exceptions import ForgedRequest
from ..services.actor import Actor

SESSION_COOKIE = "galaxysession"


def url_prefix(trans: SessionRequestContext) -> str:
    """``galaxy_url_prefix`` without a slash at its end: empty for a Galaxy at the root."""
    return trans.app.config.galaxy_url_prefix.rstrip("/")


def get_actor(request: Request, trans: SessionRequestContext = DependsOnTrans) -> Actor:
    """The user behind the request's session or API key.

    A deleted account keeps its valid sessions in Galaxy's database; it is a visitor here.
    """
    base_url = f"{request.url.scheme}://{request.url.netloc}{url_prefix(trans)}"
    via: Door = "api" if request.url.path.startswith(f"{url_prefix(trans)}/api/") else "page"
    user = trans.user
    if user is None:
        return Actor(base_url=base_url, via=via)
    if user.bootstrap_admin_user:
        return Actor(is_admin=True, base_url=base_url, via=via)
    if user.deleted:
        return Actor(account_deleted=True, base_url=base_url, via=via)
    return Actor(user=user, is_admin=trans.user_is_admin, base_url=base_url, via=via)


def get_now() -> datetime:
    """The current time in naive UTC."""
    return now()


def ensure_not_forged(request: Request) -> None:
    """Refuse a change that a page of another site caused with the user's session cookie.

    Browsers state where a request comes from (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/);
    clients with an API key have no cookie that could be abused.

    :raises ForgedRequest: if it comes from elsewhere.
    """
    site = request.headers.get("sec-fetch-site", "none")
    if site in ("cross-site", "same-site") and SESSION_COOKIE in request.cookies:
        raise ForgedRequest()


DependsOnActor = cast(Actor, Depends(get_actor))
DependsOnNow = cast(datetime, Depends(get_now))
