"""Where a request comes from: the one judge for pages and API. It looks at headers only.

Browsers state it themselves (Fetch Metadata, https://www.w3.org/TR/fetch-metadata/), over https and to localhost. Over
plain http, and in old browsers, ``Origin`` and ``Referer`` are all there is.
"""

from collections.abc import (
    Collection,
    Mapping,
)
from enum import Enum
from typing import Optional
from urllib.parse import urlsplit

#: As RFC 9110, section 9.2.1, has them.
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
_PREFETCH_HEADERS = ("sec-purpose", "purpose", "x-purpose", "x-moz")
_PREFETCHES = ("prefetch", "prerender", "preview")
_WINDOW = "document"
_FRAMES = ("iframe", "frame")


class Source(str, Enum):
    """Where a request comes from."""

    #: Typed, a bookmark, a page of this Galaxy, or a program that says nothing.
    OWN = "own"
    #: Somebody followed a link on another site, or in a mail.
    CLICK = "click"
    #: A page of another site caused it, and its reader need not have noticed.
    FOREIGN = "foreign"


def source_of(headers: Mapping[str, str], own_hosts: Collection[str]) -> Source:
    """Where a request comes from.

    Safari does not say whether somebody clicked: its links from other sites are ``FOREIGN``. Another host of the same
    site is another site.

    :param headers: with names in lower case.
    :param own_hosts: hosts of this Galaxy, without ports: proxies often leave those out.
    """
    if site := headers.get("sec-fetch-site"):
        if site in ("none", "same-origin"):
            return Source.OWN
        clicked = headers.get("sec-fetch-user") == "?1" and _is_navigation(headers)
        return Source.CLICK if clicked and _destination(headers) == _WINDOW else Source.FOREIGN
    for name in ("origin", "referer"):
        if name in headers:
            return Source.OWN if host_of(headers[name]) in own_hosts else Source.FOREIGN
    return Source.OWN


def opens_window(method: str, headers: Mapping[str, str]) -> bool:
    """Whether a browser's window, not a frame, is to show the answer to somebody now, whoever wants it."""
    return _opens_page(method, headers) and _destination(headers) == _WINDOW


def is_visit(method: str, headers: Mapping[str, str], own_hosts: Collection[str]) -> bool:
    """Whether a person opened this page: typed it, or clicked a link, also within a frame of our own pages.

    Not a visit: HEAD, a prefetch, a picture or script of any page, a frame of another site, and where another site
    leads without a click.

    Over plain http, a page of another site can lead a browser here without any header that tells it from a typed
    address (``Referrer-Policy: no-referrer``). Only https helps against that.
    """
    return _opens_page(method, headers) and source_of(headers, own_hosts) is not Source.FOREIGN


def host_of(address: str) -> Optional[str]:
    """The host in an address, without its port; ``None`` if there is none, as in ``null``."""
    try:
        return urlsplit(address).hostname
    except ValueError:
        return None


def _opens_page(method: str, headers: Mapping[str, str]) -> bool:
    if method != "GET" or _is_prefetch(headers):
        return False
    return _is_navigation(headers) and _destination(headers) in (_WINDOW, *_FRAMES)


def _is_prefetch(headers: Mapping[str, str]) -> bool:
    purposes = [headers.get(name, "").lower() for name in _PREFETCH_HEADERS]
    return any(word in purpose for purpose in purposes for word in _PREFETCHES)


def _destination(headers: Mapping[str, str]) -> str:
    return headers.get("sec-fetch-dest", _WINDOW)


def _is_navigation(headers: Mapping[str, str]) -> bool:
    """Whether a window or frame is to show the answer; where nothing says so, whether it asks for a page.

    Pictures and scripts do not ask for HTML. Programs accept anything, and are no browsers.
    """
    if mode := headers.get("sec-fetch-mode"):
        return mode == "navigate"
    accepted = headers.get("accept", "").strip()
    if accepted in ("", "*/*"):
        return not headers.get("user-agent", "").startswith("Mozilla/")
    return "text/html" in accepted
