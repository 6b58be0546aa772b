"""From a join link to a provider of OpenID Connect and back, over HTTP, below a prefix."""

import itertools
from html import unescape
from re import search
from typing import Any
from urllib.parse import (
    parse_qs,
    unquote,
    urljoin,
    urlsplit,
)

import pytest
import requests
from classroom import Classroom
from fixtures import GalaxyServer
from servers import PREFIX

#: As browsers say it of the page to which a provider sends somebody back.
_SENT_BACK = {
    "sec-fetch-site": "cross-site",
    "sec-fetch-mode": "navigate",
    "sec-fetch-dest": "document",
    "accept": "text/html",
}
_numbers = itertools.count(1)


@pytest.fixture
def classroom(galaxy_prefix: GalaxyServer) -> Classroom:
    return Classroom(galaxy_prefix)


def _provider_address(classroom: Classroom, browser: requests.Session, back: str) -> str:
    """Where Galaxy's client sends a browser when somebody clicks the provider on the login page."""
    url = f"{classroom.galaxy.url}/authnz/lifescience/login"
    answer = browser.post(url, data={"next": back} if back else {}, timeout=60)
    answer.raise_for_status()
    return str(answer.json()["redirect_uri"])


def _log_in(address: str, browser: requests.Session, email: str) -> requests.Response:
    """What the provider answers when somebody logs in there, followed to the end."""
    form = browser.get(address, timeout=60)
    action = search(r'<form[^>]*action="([^"]*)"', form.text)
    target = urljoin(form.url, unescape(action[1])) if action and action[1] else form.url
    sent = browser.post(target, data={"sub": email}, timeout=60, allow_redirects=False)
    return browser.get(urljoin(target, sent.headers["location"]), headers=_SENT_BACK, timeout=60)


@pytest.mark.parametrize("way_is_lost", [False, True], ids=["way kept", "way lost"])
def test_whoever_logs_in_at_a_provider_comes_back_joined(classroom: Classroom, way_is_lost: bool) -> None:
    identifier, browser = classroom.approved(), requests.Session()
    email = f"luna{next(_numbers)}@example.org"
    link = f"{classroom.galaxy.url}/join-training/{identifier}"
    page = browser.get(link, timeout=60)
    found: Any = search(r'href="([^"]*/login/start[^"]*)"', page.text)
    (back,) = parse_qs(urlsplit(unescape(found[1])).query)["redirect"]
    assert back == f"/join-training/{identifier}"
    browser.get(urljoin(link, unescape(found[1])), timeout=60).raise_for_status()

    landed = _log_in(_provider_address(classroom, browser, "" if way_is_lost else back), browser, email)

    assert landed.ok
    if way_is_lost:
        # Galaxy's page has the script that reads this cookie and offers the way.
        assert urlsplit(landed.url).path.removeprefix(PREFIX) in ("/", "/user/external_ids")
        assert classroom.members(identifier) == []
        cookies = {cookie.name: cookie.value for cookie in browser.cookies}
        landed = browser.get(urljoin(link, unquote(cookies["tiaas_return"] or "")), headers=_SENT_BACK, timeout=60)
    assert landed.url == link
    assert "<h1>You are in.</h1>" in landed.text
    assert len(classroom.members(identifier)) == 1
