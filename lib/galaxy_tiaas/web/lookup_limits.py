"""Who looks trainings up, as far as a request tells; see :mod:`galaxy_tiaas.core.lookup_limits`."""

import asyncio
from datetime import datetime
from ipaddress import (
    ip_address,
    ip_network,
    IPv4Address,
    IPv6Address,
)
from typing import (
    Optional,
    Union,
)

from fastapi import Request
from starlette.concurrency import run_in_threadpool

from ..compat.web import current_app
from ..core.lookup_limits import FailedLookups, LookupLimit


def lookup_limit_of(request: Request, user_id: Optional[int], attempts: FailedLookups, now: datetime) -> LookupLimit:
    """What is counted for this request, which may belong to nobody."""
    if user_id is not None:
        lookups = LookupLimit(attempts, f"user {user_id}", now)
    else:
        caller, shared = _address(request)
        lookups = LookupLimit(attempts, f"address {caller}", now, by_account=False, shared=shared)
    request.state.lookups = lookups
    return lookups


async def slow_down(request: Request) -> None:
    """Delay the answer to a visitor who cannot be told from others, without a thread or a database connection."""
    lookups: Optional[LookupLimit] = getattr(request.state, "lookups", None)
    if lookups is not None and (delay := lookups.delay):
        await run_in_threadpool(_give_back_connection)
        await asyncio.sleep(delay)


def _give_back_connection() -> None:
    current_app().model.context.rollback()


def _address(request: Request) -> tuple[str, bool]:
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
