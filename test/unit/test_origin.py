"""Where a request comes from, and whether somebody visits a page."""

from types import SimpleNamespace
from typing import (
    Any,
    cast,
)

import pytest
from fastapi import (
    Request,
    Response,
)
from galaxy_tiaas.membership.pages import JoiningCookie
from galaxy_tiaas.web.origin import (
    is_visit,
    opens_window,
    Source,
    source_of,
)
from in_process import DURING as NOW

pytestmark = pytest.mark.no_rerun

OURS = frozenset({"galaxy.example.org"})
BROWSER = {"user-agent": "Mozilla/5.0 (X11; Linux x86_64)"}
PAGE = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8", **BROWSER}
PICTURE = {"accept": "image/avif,image/webp,*/*;q=0.8", **BROWSER}
WINDOW = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
CLICK = {**WINDOW, "sec-fetch-user": "?1"}

OWN = {
    "curl": {},
    "typed": {**WINDOW, "sec-fetch-site": "none"},
    "a link of ours": {**WINDOW, "sec-fetch-site": "same-origin"},
    "our script": {"sec-fetch-site": "same-origin", "sec-fetch-mode": "cors", "sec-fetch-dest": "empty"},
    "our script behind a proxy": {"sec-fetch-site": "same-origin", "origin": "https://other.example.org"},
    "our form without https": {"origin": "http://galaxy.example.org", **BROWSER},
    "our page without https": {"referer": "http://galaxy.example.org:8080/tiaas/", **PAGE},
}
CLICKED = {
    "a link in a learning platform": {**CLICK, "sec-fetch-site": "cross-site"},
    "a link on another host of ours": {**CLICK, "sec-fetch-site": "same-site"},
}
FOREIGN = {
    "location=": {**WINDOW, "sec-fetch-site": "cross-site"},
    "location= of the same site": {**WINDOW, "sec-fetch-site": "same-site"},
    "a click in Safari": {**WINDOW, "sec-fetch-site": "cross-site", "referer": "https://galaxy.example.org/"},
    "a site that pretends": {**WINDOW, "sec-fetch-site": "cross-site", "sec-fetch-user": "?0"},
    "something new": {**CLICK, "sec-fetch-site": "other-planet", "sec-fetch-user": "?0"},
    "a click in a frame": {**CLICK, "sec-fetch-site": "cross-site", "sec-fetch-dest": "iframe"},
    "a picture": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    "a clicked script": {"sec-fetch-site": "cross-site", "sec-fetch-mode": "cors", "sec-fetch-user": "?1"},
    "its picture without https": {"referer": "http://evil.example.com/", **PICTURE},
    "its form without https": {"origin": "http://evil.example.com", "referer": "http://galaxy.example.org/", **PAGE},
    "its page without https": {"referer": "http://evil.example.com/", **PAGE},
    "a name that looks like ours": {"referer": "http://galaxy.example.org.evil.example.com/", **PAGE},
    "our name before an at sign": {"referer": "http://galaxy.example.org@evil.example.com/", **PAGE},
    "a form that hides its site": {"origin": "null", **PAGE},
    "no address": {"origin": "http://[", **PAGE},
    "nothing": {"origin": "", **PAGE},
}


@pytest.mark.parametrize(
    "headers, source",
    [
        *((headers, Source.OWN) for headers in OWN.values()),
        *((headers, Source.CLICK) for headers in CLICKED.values()),
        *((headers, Source.FOREIGN) for headers in FOREIGN.values()),
    ],
    ids=[*OWN, *CLICKED, *FOREIGN],
)
def test_headers_tell_where_a_request_comes_from(headers: dict[str, str], source: Source) -> None:
    assert source_of(headers, OURS) is source


VISITS = {
    "curl": {},
    "a program": {"accept": "*/*", "user-agent": "python-requests/2.32"},
    "typed": {**WINDOW, "sec-fetch-site": "none", **PAGE},
    "typed without https": PAGE,
    "a link of ours": {**WINDOW, "sec-fetch-site": "same-origin"},
    "a link of ours without https": {"referer": "http://galaxy.example.org/tiaas/", **PAGE},
    "the centre panel": {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"},
    "a link in a learning platform": {**CLICK, "sec-fetch-site": "cross-site"},
}
NO_VISITS = {
    **FOREIGN,
    "our script": OWN["our script"],
    "our picture": {"sec-fetch-site": "same-origin", "sec-fetch-mode": "no-cors", "sec-fetch-dest": "image"},
    "our picture without https": {"referer": "http://galaxy.example.org/", **PICTURE},
    "a picture that hides its site": PICTURE,
    "a script that hides its site": {"accept": "*/*", **BROWSER},
    "a picture of an old browser": {"accept": "*/*", **BROWSER},
    "a prefetch": {**WINDOW, "sec-fetch-site": "none", "sec-purpose": "prefetch;prerender"},
    "a prefetch of an old browser": {"x-moz": "prefetch", **PAGE},
    "a preview of Safari": {"x-purpose": "preview", **PAGE},
    "an embedded object": {"sec-fetch-site": "same-origin", "sec-fetch-mode": "navigate", "sec-fetch-dest": "object"},
}


@pytest.mark.parametrize("headers", VISITS.values(), ids=VISITS)
def test_whoever_opens_a_page_visits_it(headers: dict[str, str]) -> None:
    assert is_visit("GET", headers, OURS)
    assert not is_visit("HEAD", headers, OURS)


@pytest.mark.parametrize("headers", NO_VISITS.values(), ids=NO_VISITS)
def test_what_a_page_of_another_site_causes_is_no_visit(headers: dict[str, str]) -> None:
    assert not is_visit("GET", headers, OURS)


def test_a_provider_of_logins_leads_a_window_back_and_nothing_else() -> None:
    back = FOREIGN["location="]
    assert opens_window("GET", back)
    assert not opens_window("HEAD", back)
    for name in ("a click in a frame", "a picture", "its picture without https"):
        assert not opens_window("GET", FOREIGN[name]), name
    assert not opens_window("GET", {**back, "sec-purpose": "prefetch"})


# The cookie of those who were sent to log in


def _request(cookie: str = "", scheme: str = "http") -> Request:
    headers = [(b"host", b"galaxy.example.org"), (b"cookie", cookie.encode())]
    return Request({"type": "http", "method": "GET", "scheme": scheme, "path": "/", "headers": headers})


def _cookie(secret: str = "a secret", prefix: str = "/") -> JoiningCookie:
    return JoiningCookie(cast(Any, SimpleNamespace(id_secret=secret, galaxy_url_prefix=prefix)))


def _given(cookie: JoiningCookie, identifier: str = "gryffindor", scheme: str = "http") -> str:
    response = Response()
    cookie.give(_request(scheme=scheme), response, identifier, NOW)
    return response.headers["set-cookie"]


def test_the_cookie_is_for_one_training_a_short_time_and_pages_of_ours() -> None:
    header = _given(_cookie(prefix="/galaxy/"))
    assert header.startswith("tiaas_joining=gryffindor~")
    assert "; HttpOnly; Max-Age=1800; Path=/galaxy; SameSite=lax" in header
    held, cookie = _request(header.partition(";")[0]), _cookie(prefix="/galaxy/")
    assert cookie.is_held(held, "gryffindor", NOW)
    assert cookie.is_held(held, "gryffindor", NOW.replace(minute=NOW.minute + 29))
    assert not cookie.is_held(held, "gryffindor", NOW.replace(minute=NOW.minute + 31))
    assert not cookie.is_held(held, "gryffindor", NOW.replace(hour=NOW.hour - 1))
    assert not cookie.is_held(held, "slytherin", NOW)
    assert not cookie.is_held(_request(), "gryffindor", NOW)


def test_nobody_else_can_write_the_cookie() -> None:
    genuine = _given(_cookie()).partition(";")[0]
    name, _, value = genuine.partition("=")
    identifier, began, signature = value.split("~")
    forged = [
        _given(_cookie("another secret")).partition(";")[0],
        f"{name}=slytherin~{began}~{signature}",
        f"{name}={identifier}~{int(began) + 60}~{signature}",
        f"{name}={identifier}~{began}~",
        f"{name}={identifier}~{began}~\u00e9",
        f"{name}={identifier}~{began}",
        f"{name}={identifier}~{'9' * 5000}~{signature}",
        f"{name}=~~",
    ]
    for cookie in forged:
        for trained in (identifier, "slytherin"):
            assert not _cookie().is_held(_request(cookie), trained, NOW), cookie


def test_over_https_another_host_of_the_domain_cannot_plant_the_cookie() -> None:
    """Interactive tools, which people write, have hosts below Galaxy's."""
    header = _given(_cookie(), scheme="https")
    assert header.startswith("__Host-tiaas_joining=")
    assert header.endswith("; Path=/; SameSite=lax; Secure")
    value = header.partition(";")[0].partition("=")[2]
    assert _cookie().is_held(_request(f"__Host-tiaas_joining={value}", "https"), "gryffindor", NOW)
    assert not _cookie().is_held(_request(f"tiaas_joining={value}", "https"), "gryffindor", NOW)
    response = Response()
    _cookie().take(_request(f"__Host-tiaas_joining={value}", "https"), response)
    assert response.headers["set-cookie"].startswith('__Host-tiaas_joining="";')
    assert "Max-Age=0" in response.headers["set-cookie"] and "Secure" in response.headers["set-cookie"]
