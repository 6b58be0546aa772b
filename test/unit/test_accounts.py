"""Who has to log in, where Galaxy has `require_login`, and who is offered an account."""

from collections.abc import (
    Callable,
    Iterator,
)
from re import sub
from urllib.parse import (
    parse_qs,
    urlsplit,
)

import pytest
from fastapi.routing import APIRoute
from galaxy.exceptions.error_codes import error_codes_by_name
from galaxy_tiaas import routers
from galaxy_tiaas.web.pages import (
    FeedPageRoute,
    PartRoute,
    SecretRoute,
)
from in_process import (
    DURING,
    InProcess,
)
from in_process_pages import Pages

_TOKEN = "alohomora"
_LED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


def _paths(found: tuple[object, ...], *kinds: type[APIRoute]) -> list[str]:
    """Addresses that can be looked at, of routes of these classes alone."""
    routes = [route for router in found for route in getattr(router, "routes", ()) if isinstance(route, APIRoute)]
    looked_at = [route for route in routes if "GET" in route.methods and (not kinds or type(route) in kinds)]
    return sorted({sub(r"{[^}]*}", "1", route.path) for route in looked_at})


_FEEDS = _paths(routers.page_routers, FeedPageRoute)
_PARTS = _paths(routers.page_routers, PartRoute)
_SECRET = _paths(routers.page_routers, SecretRoute)
_PAGES = sorted({*_paths((*routers.page_routers, routers.last_router))} - {*_FEEDS, *_PARTS, *_SECRET})


@pytest.fixture
def pages(make_galaxy: Callable[..., InProcess]) -> Iterator[Pages]:
    galaxy = make_galaxy(galaxy_conf={"require_login": True}, feed_token=_TOKEN)
    with Pages(galaxy) as pages:
        pages.now = DURING
        yield pages


def test_visitors_are_sent_to_the_login_and_back(pages: Pages) -> None:
    assert len(_PAGES) > 50
    for path in _PAGES:
        answer = pages.client.get(path, params={"page": "1"})
        location = urlsplit(answer.headers.get("location", ""))
        assert (answer.status_code, location.path) == (302, "/login/start"), path
        assert parse_qs(location.query)["redirect"] == [f"{path}?page=1"]


def test_programs_are_told_to_log_in(pages: Pages) -> None:
    paths = _paths(routers.api_routers)
    # Galaxy itself guards what is for admins alone.
    refusals = [(403, error_codes_by_name[name].code) for name in ("USER_REQUIRED", "ADMIN_REQUIRED")]
    assert len(paths) > 20
    for path in paths:
        answer = pages.client.get(path)
        assert (answer.status_code, answer.json()["err_code"]) in refusals, path
    for path in (*_PARTS, *_FEEDS):
        assert pages.client.get(path).status_code == 403, path


@pytest.mark.parametrize("path", ["/tiaas/calendar/", "/tiaas/stats.csv", "/api/tiaas/statistics"])
def test_whoever_is_logged_in_gets_in_but_no_deleted_account(pages: Pages, path: str) -> None:
    pages.login(pages.galaxy.user())
    assert pages.client.get(path).status_code == 200
    pages.login(pages.galaxy.user("gone", deleted=True))
    refused = pages.client.get(path)
    assert refused.status_code == 403 and "was deleted" in refused.text


@pytest.mark.parametrize("path", [*{path.rstrip("/") for path in _FEEDS}, "/api/tiaas/running", "/api/tiaas/metrics"])
def test_the_feed_token_opens_what_is_made_for_programs(pages: Pages, path: str) -> None:
    assert pages.client.get(path, params={"feed_token": _TOKEN}).status_code == 200
    assert pages.client.get(path, headers={"authorization": f"Bearer {_TOKEN}"}).status_code == 200
    assert pages.client.get(path, params={"feed_token": "open sesame"}).status_code == 403
    assert pages.client.get("/api/tiaas/calendar", params={"feed_token": _TOKEN}).status_code == 403


def test_a_calendar_program_gets_the_days_alone(pages: Pages) -> None:
    pages.galaxy.training(title="Charms")
    calendar = pages.client.get("/tiaas/calendar.ics", params={"feed_token": _TOKEN}).text
    assert "DTSTART" in calendar and "Charms" not in calendar


def test_no_token_opens_anything_where_there_is_none(make_galaxy: Callable[..., InProcess]) -> None:
    with Pages(make_galaxy(galaxy_conf={"require_login": True})) as pages:
        assert pages.client.get("/tiaas/calendar.ics", params={"feed_token": ""}).status_code == 403


@pytest.mark.parametrize("is_admin", [False, True])
def test_the_calendar_says_what_programs_need_and_tells_no_secret(pages: Pages, is_admin: bool) -> None:
    pages.login(pages.galaxy.admin() if is_admin else pages.galaxy.user())
    page = pages.client.get("/tiaas/calendar/").text
    assert _TOKEN not in page and "webcal:" not in page
    assert ("calendar.ics?feed_token=…" in page) is is_admin


def test_who_came_by_themselves_comes_back_joined(pages: Pages) -> None:
    galaxy, harry = pages.galaxy, pages.galaxy.user("harry")
    galaxy.training()
    sent = pages.client.get("/join-training/Gryffindor")
    assert sent.headers["location"] == "/login/start?redirect=%2Fjoin-training%2FGryffindor"
    assert {"tiaas_return", "__Host-tiaas_joining"} <= {*sent.cookies}
    pages.login(harry)
    assert "<h1>You are in.</h1>" in pages.client.get("/join-training/gryffindor", headers=_LED).text
    assert galaxy.members("training-gryffindor") == ["harry"]


def test_whom_another_site_led_here_does_not(pages: Pages) -> None:
    galaxy, harry = pages.galaxy, pages.galaxy.user("harry")
    galaxy.training()
    assert "__Host-tiaas_joining" not in pages.client.get("/join-training/gryffindor", headers=_LED).cookies
    pages.login(harry)
    assert "<button" in pages.client.get("/join-training/gryffindor", headers=_LED).text
    assert galaxy.members("training-gryffindor") == []


def test_nobody_learns_whether_there_is_such_a_training(pages: Pages) -> None:
    pages.galaxy.training()
    known, unknown = (pages.client.get(f"/join-training/{name}") for name in ("gryffindor", "slytherin"))
    assert known.status_code == unknown.status_code == 302
    assert {*known.cookies} == {*unknown.cookies}


def test_a_contact_without_an_account_can_follow_the_link_of_a_mail(pages: Pages) -> None:
    (path,) = {path.rstrip("/") for path in _SECRET}
    assert path == "/tiaas/contact/1"
    answer = pages.client.get(path)
    assert answer.status_code != 302 and "log in" not in answer.text.lower()


def test_a_form_is_not_lost_with_the_login(pages: Pages) -> None:
    answer = pages.submit("/tiaas/new/", title="Charms")
    assert 'value="Charms"' in answer.text and "You are not logged in any more." in answer.text


@pytest.mark.parametrize(
    ("settings", "offered"),
    [({}, True), ({"allow_local_account_creation": False}, False), ({"allow_user_creation": False}, False)],
)
def test_an_account_is_offered_where_visitors_can_make_one(
    make_galaxy: Callable[..., InProcess], settings: dict[str, bool], offered: bool
) -> None:
    galaxy = make_galaxy(galaxy_conf=settings)
    galaxy.training()
    with Pages(galaxy) as pages:
        pages.now = DURING
        page = pages.client.get("/join-training/gryffindor").text
    assert "Log in</a>" in page
    assert ("Create account" in page) is ("/register/" in page) is offered


@pytest.mark.parametrize("path", ["/join-training/gryffindor", "/tiaas/new/"])
def test_what_galaxy_appends_to_the_way_back_from_a_provider_is_taken_off(galaxy: InProcess, path: str) -> None:
    with Pages(galaxy) as pages:
        answer = pages.client.get(f"{path}user/external_ids", params={"notification": "linked"})
        assert (answer.status_code, answer.headers["location"]) == (303, path)
        assert pages.client.get(f"{path}user/ids").status_code == 404
