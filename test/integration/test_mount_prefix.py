"""Below `galaxy_url_prefix`, with two processes that start at once in a Galaxy that has never heard of us."""

import re
from dataclasses import (
    dataclass,
    field,
)
from datetime import (
    timedelta,
)
from html.parser import HTMLParser
from typing import Optional
from urllib.parse import (
    parse_qs,
    urljoin,
    urlsplit,
)

import pytest
import requests
from classroom import (
    Classroom,
    NOW,
    ok,
)
from days import utc_today
from fixtures import (
    FEED_TOKEN,
    GalaxyServer,
    User,
)
from galaxy_tiaas.web.security import policy
from inline import INLINE
from servers import (
    FRIENDLY_SITE,
    PREFIX,
)
from sqlalchemy import text

ALLOWED, NOT_ALLOWED = f"https://{FRIENDLY_SITE}", "https://elsewhere.example.com"


@pytest.fixture(scope="module")
def galaxy(galaxy_prefix: GalaxyServer) -> GalaxyServer:
    return galaxy_prefix


@dataclass(frozen=True)
class World:
    """A training that runs, with a trainee in it, and one that waits for a decision."""

    running: str
    waiting: str
    instructor: User
    trainee: User


@pytest.fixture(scope="module")
def world(galaxy: GalaxyServer) -> World:
    instructor, trainee = galaxy.create_user(), galaxy.create_user()
    today, later = utc_today(), utc_today() + timedelta(days=30)
    request = {"title": "Divination", "attendance": 5, "location": ["GB"], "advertise": True}
    for name in ("running", "waiting"):
        days = {"start": later.isoformat(), "end": later.isoformat()}
        payload = {"identifier": name, **request, **days, "website": "https://example.org/"}
        galaxy.api("POST", "tiaas/trainings", instructor, json=payload).raise_for_status()
    days = {"start": today.isoformat(), "end": today.isoformat()}
    for path, change in (("running/state", {"state": "approved"}), ("running", days)):
        galaxy.api("PUT", f"tiaas/trainings/{path}", galaxy.admin, json=change).raise_for_status()
    galaxy.api("POST", "tiaas/trainings/running/join", trainee).raise_for_status()
    return World("running", "waiting", instructor, trainee)


# The start


def test_of_two_processes_that_start_at_once_one_makes_the_tables(galaxy: GalaxyServer) -> None:
    galaxy.wait_for_log("is mounted", times=galaxy.workers)
    assert galaxy.log_text().count("brought its tables to revision") == 1
    assert "stays switched off" not in galaxy.log_text()
    assert len(galaxy.query("SELECT value FROM tiaas_secret")) == 1


# Where people can log in with OpenID Connect


@pytest.mark.parametrize("path", ["running", "metrics"])
def test_programs_are_known_by_their_token_although_galaxy_takes_it_for_one_of_the_provider(
    galaxy: GalaxyServer, world: World, path: str
) -> None:
    url = f"{galaxy.url}/api/tiaas/{path}"
    answer = requests.get(url, headers={"authorization": f"bearer {FEED_TOKEN}"}, timeout=60)
    assert answer.status_code == 200
    assert world.running in answer.text
    assert requests.get(url, params={"feed_token": FEED_TOKEN}, timeout=60).status_code == 200
    for headers, status in (({}, 403), ({"authorization": "Bearer open-sesame"}, 401)):
        refused = requests.get(url, headers=headers, timeout=60)
        assert (refused.status_code, refused.json().keys()) == (status, {"err_msg", "err_code"})


def test_a_token_of_ours_opens_nothing_else(galaxy: GalaxyServer) -> None:
    url = f"{galaxy.url}/api/tiaas/history"
    assert requests.get(url, headers={"authorization": f"Bearer {FEED_TOKEN}"}, timeout=60).status_code == 401


# Links


# Pages


class _Addresses(HTMLParser):
    """All addresses in a page that a browser would follow or load."""

    ATTRIBUTES = ("href", "src", "action", "formaction", "poster", "data")

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, str]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Optional[str]]]) -> None:
        values = dict(attrs)
        self.found += [(tag, value) for name in self.ATTRIBUTES if (value := values.get(name)) is not None]
        if tag == "meta" and (values.get("http-equiv") or "").lower() == "refresh":
            self.found.append((tag, (values.get("content") or "").partition("url=")[2]))
        if tag == "form" and "action" not in values:
            self.found.append((tag, ""))


@dataclass
class _Crawl:
    """Follows every link of ours from a few pages on, and notes what it has seen."""

    galaxy: GalaxyServer
    session: requests.Session
    pages: dict[str, requests.Response] = field(default_factory=dict)
    addresses: set[tuple[str, str, str]] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.origin = self.galaxy.url.removesuffix(PREFIX)

    def run(self, *starts: str) -> "_Crawl":
        waiting = [f"{PREFIX}{start}" for start in starts]
        while waiting:
            path = waiting.pop()
            if path in self.pages or len(self.pages) > 150:
                continue
            response = self.session.get(f"{self.origin}{path}", timeout=60, allow_redirects=False)
            self.pages[path] = response
            found = [("Location", response.headers["location"])] if "location" in response.headers else []
            if response.headers.get("content-type", "").startswith("text/html"):
                found += _Addresses(response.text).found
            for tag, address in found:
                self.addresses.add((path, tag, address))
                target = urlsplit(urljoin(f"{self.origin}{path}", address))
                below = target.path.removeprefix(PREFIX)
                if target.netloc == urlsplit(self.origin).netloc and below.startswith(("/tiaas", "/join-training")):
                    waiting.append(f"{target.path}?{target.query}" if target.query else target.path)
        return self


@pytest.fixture(scope="module", params=["anonymous", "trainee", "instructor", "admin"])
def crawl(request: pytest.FixtureRequest, galaxy: GalaxyServer, world: World) -> _Crawl:
    """Everything that one kind of visitor can get to."""
    who = request.param
    user = galaxy.admin if who == "admin" else getattr(world, who, None)
    session = galaxy.login(user) if user else requests.Session()
    running, waiting = world.running, world.waiting
    return _Crawl(galaxy, session).run(
        "/tiaas/",
        "/tiaas/new/",
        "/tiaas/trainings/",
        "/tiaas/admin/",
        "/tiaas/admin/routing",
        "/tiaas/stats/",
        "/tiaas/calendar/",
        *(f"/tiaas/{part}trainings/{name}" for part in ("", "admin/") for name in (running, waiting)),
        f"/tiaas/trainings/{waiting}/edit",
        f"/tiaas/trainings/{running}/slide",
        f"/join-training/{running}",
        f"/join-training/{running}/leave",
        f"/join-training/{running}/status",
        f"/join-training/{waiting}",
        "/join-training/nobody-knows-me",
    )


def test_every_address_in_every_page_keeps_the_prefix(crawl: _Crawl) -> None:
    assert len(crawl.pages) > 20
    wrong = []
    for page, tag, address in crawl.addresses:
        target = urlsplit(urljoin(f"{crawl.origin}{page}", address))
        inside = target.scheme in ("http", "https") and target.netloc == urlsplit(crawl.origin).netloc
        if inside and target.path != PREFIX and not target.path.startswith(f"{PREFIX}/"):
            wrong.append(f"{tag} {address!r} in {page}")
        if target.path.startswith(f"{PREFIX}{PREFIX}"):
            wrong.append(f"{tag} {address!r} in {page} has it twice")
    assert not wrong


def test_no_link_of_ours_leads_nowhere(crawl: _Crawl) -> None:
    expected = "nobody-knows-me"
    lost = {path: page.status_code for path, page in crawl.pages.items() if page.status_code in (404, 405, 422)}
    assert not {path: status for path, status in lost.items() if expected not in path}
    assert not {path: page for path, page in crawl.pages.items() if page.status_code >= 500}


def test_stylesheets_scripts_and_icons_of_pages_exist(crawl: _Crawl) -> None:
    assets = {address for _, tag, address in crawl.addresses if tag in ("script", "img", "link")}
    assert len(assets) >= 4
    for asset in assets:
        assert requests.head(urljoin(crawl.origin, asset), timeout=60).status_code == 200, asset


def test_no_page_has_what_its_policy_forbids(crawl: _Crawl) -> None:
    read = {path: page for path, page in crawl.pages.items() if "html" in page.headers.get("content-type", "")}
    assert len(read) > 10
    assert {page.headers.get("content-security-policy") for page in read.values()} == {policy()}
    assert {path: found[0] for path, page in read.items() if (found := INLINE.search(page.text))} == {}


def test_cookies_are_kept_to_the_prefix(crawl: _Crawl) -> None:
    for path, page in crawl.pages.items():
        for name, value in page.raw.headers.items():
            if name.lower() == "set-cookie" and "tiaas" in value:
                assert f"path={PREFIX};" in f"{value.lower()};", path


@pytest.mark.parametrize("path", ["/tiaas/new/", "/tiaas/new/?title=A%20%26%20B", "/tiaas/trainings"])
def test_the_way_to_the_login_leads_back_and_names_the_prefix_once(
    galaxy: GalaxyServer, world: World, path: str
) -> None:
    """Galaxy's client adds the prefix to what it is told to come back to."""
    response = requests.get(f"{galaxy.url}{path}", timeout=60, allow_redirects=False)
    assert response.status_code == 302
    location = urlsplit(response.headers["location"])
    assert location.path == f"{PREFIX}/login/start"
    assert f"path={PREFIX};" in f"{response.headers['set-cookie'].lower()};".partition("tiaas_return=")[2]
    (back,) = parse_qs(location.query)["redirect"]
    assert back == path.replace("%20", " ").replace("%26", "&")


def test_a_join_link_asks_to_log_in_and_is_remembered_below_the_prefix(galaxy: GalaxyServer, world: World) -> None:
    response = requests.get(f"{galaxy.url}/join-training/{world.running}", timeout=60)
    back = f"redirect=%2Fjoin-training%2F{world.running}"
    for page in ("login", "register"):
        assert f'href="{PREFIX}/{page}/start?{back}"' in response.text
    assert {(cookie.name, cookie.path) for cookie in response.cookies if cookie.name.startswith("tiaas")} == {
        ("tiaas_joining", PREFIX),
        ("tiaas_return", PREFIX),
    }


def test_the_whole_join_works_below_the_prefix(galaxy: GalaxyServer, world: World) -> None:
    user = galaxy.create_user()
    session = galaxy.login(user)
    page = session.get(f"{galaxy.url}/join-training/{world.running}", timeout=60)
    assert page.status_code == 200
    members = galaxy.api("GET", f"tiaas/trainings/{world.running}/members", galaxy.admin).json()
    assert user.username in [member["username"] for member in members]


def test_a_form_sends_the_browser_on_to_an_address_with_the_prefix(galaxy: GalaxyServer, world: World) -> None:
    session = galaxy.login(galaxy.create_user())
    form = {"session_csrf_token": galaxy.csrf_token(session), "identifier": world.running}
    response = session.post(f"{galaxy.url}/tiaas/trainings/", data=form, timeout=60, allow_redirects=False)
    assert response.headers["location"] == f"{PREFIX}/join-training/{world.running}"


# API


def test_the_api_and_its_description_are_below_the_prefix_and_nowhere_else(galaxy: GalaxyServer) -> None:
    assert "/api/tiaas/trainings" in requests.get(f"{galaxy.url}/openapi.json", timeout=60).json()["paths"]
    assert galaxy.api("GET", "docs").status_code == 200
    root = galaxy.url.removesuffix(PREFIX)
    for path in ("/api/tiaas/trainings", "/tiaas/", "/join-training/nobody-knows-me"):
        assert requests.get(f"{galaxy.url}{path}", timeout=60).headers["content-type"] != "text/plain"
        assert requests.get(f"{root}{path}", timeout=60).status_code == 404


def test_addresses_in_json_carry_the_prefix(galaxy: GalaxyServer, world: World) -> None:
    name = world.running
    training = galaxy.api("GET", f"tiaas/trainings/{name}", galaxy.admin).json()
    assert training["join_url"] == f"{galaxy.url}/join-training/{name}"
    assert training["status_url"] == f"{galaxy.url}/join-training/{name}/status"
    assert requests.get(training["status_url"], timeout=60).status_code == 200


def test_addresses_in_the_calendar_carry_the_prefix(galaxy: GalaxyServer, world: World) -> None:
    session = galaxy.login(galaxy.admin)
    for path in ("/tiaas/calendar/events.json", "/tiaas/calendar.ics"):
        text = session.get(f"{galaxy.url}{path}", timeout=60).text.replace("\r\n ", "")
        root = galaxy.url.removesuffix(PREFIX)
        assert text.count(f"{root}/") == text.count(f"{galaxy.url}/")


# Headers


@pytest.mark.parametrize("origin", [ALLOWED, NOT_ALLOWED])
@pytest.mark.parametrize("path", ["/tiaas/", "/tiaas/calendar/events.json", "/api/tiaas/statistics"])
def test_other_sites_may_read_what_galaxy_lets_them_read(galaxy: GalaxyServer, path: str, origin: str) -> None:
    def allowed(path: str) -> Optional[str]:
        response = requests.get(f"{galaxy.url}{path}", headers={"origin": origin}, timeout=60)
        return response.headers.get("access-control-allow-origin")

    assert allowed(path) == allowed("/api/version")
    assert (allowed(path) is None) == (origin == NOT_ALLOWED)


# Accounts that are not activated, as Galaxy is set up here


def test_who_has_not_activated_the_account_joins_and_is_told_what_to_do_first(galaxy: GalaxyServer) -> None:
    classroom, trainee = Classroom(galaxy), galaxy.create_user(active=False)
    identifier, browser = classroom.approved(NOW), galaxy.login(trainee)
    inputs = {"files_0|type": "upload_dataset", "files_0|url_paste": "a"}
    upload = {"tool_id": "upload1", "history_id": galaxy.create_history(trainee), "inputs": inputs}
    refused = galaxy.api("POST", "tools", trainee, json=upload)
    assert (refused.status_code, refused.json()["err_code"]) == (403, 403007)

    visit = {"headers": {"sec-fetch-site": "none", "sec-fetch-user": "?1", "sec-fetch-mode": "navigate"}}
    page = classroom.page(f"/join-training/{identifier}", browser, **visit).text
    assert f'href="{PREFIX}/user/resend_verification"' in page and trainee.email in page
    assert re.search(r'id="queue" hidden', page)
    assert len(classroom.members(identifier)) == 1
    resent = browser.get(f"{galaxy.url}/user/resend_verification", timeout=60)
    assert resent.status_code == 200 and "has not been activated yet" in resent.text
    assert "Activate your account first" in classroom.page(f"/join-training/{identifier}/status", browser).text
    training = classroom.page(f"/tiaas/trainings/{identifier}", galaxy.login(classroom.instructor)).text
    assert 'id="not-activated"' in training

    with galaxy.engine.begin() as connection:
        connection.execute(text("UPDATE galaxy_user SET active = true WHERE email = :email"), {"email": trainee.email})
    page = classroom.page(f"/join-training/{identifier}", browser, **visit).text
    assert "Your fast queue is open" in page
    assert "resend_verification" not in page and not re.search(r'id="queue" hidden', page)
    assert ok(classroom.join(identifier, trainee))["note"] is None
