"""Our pages behind a proxy that says who somebody is; test/integration/test_remote_user.py has the journey."""

from collections.abc import (
    Callable,
    Iterator,
)
from re import search
from typing import Any

import pytest
from galaxy.model import GalaxySession
from galaxy_tiaas.compat.session import SESSION_COOKIE
from galaxy_tiaas.web.security import NO_STORE
from in_process import (
    DURING,
    InProcess,
)
from in_process_pages import Pages
from remote_user import older_part
from sqlalchemy import (
    func,
    select,
)

_LED = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}


@pytest.fixture
def pages(make_galaxy: Callable[..., InProcess]) -> Iterator[Pages]:
    """A browser without a session."""
    galaxy = make_galaxy(galaxy_conf={"use_remote_user": True})
    with Pages(galaxy) as pages:
        app: Any = pages.client.app
        app.mount("/", older_part(galaxy))
        pages.now = DURING
        pages.client.cookies.clear()
        pages.galaxy.training()
        yield pages


def _named(name: str, **more: str) -> dict[str, str]:
    return {"remote-user": f"{name}@example.org", **more}


def test_whoever_is_named_joins_at_once_and_for_themselves(pages: Pages) -> None:
    for name in ("harry", "ginny"):
        page = pages.client.get("/join-training/gryffindor", headers=_named(name))
        assert "<h1>You are in.</h1>" in page.text and SESSION_COOKIE in page.cookies
        assert page.headers["cache-control"] == NO_STORE
    assert pages.galaxy.members("training-gryffindor") == ["harry", "ginny"]


def test_whom_another_site_led_here_is_known_and_gets_the_button(pages: Pages) -> None:
    page = pages.client.get("/join-training/gryffindor", headers=_named("luna", **_LED))
    token: Any = search('name="session_csrf_token" value="([^"]+)"', page.text)
    assert pages.galaxy.members("training-gryffindor") == []
    form = {"session_csrf_token": token[1]}
    assert pages.client.post("/join-training/gryffindor", data=form, headers=_named("luna")).status_code == 303
    assert pages.galaxy.members("training-gryffindor") == ["luna"]


def test_a_page_that_says_what_is_wrong_brings_the_session_too(pages: Pages) -> None:
    page = pages.client.get("/join-training/slytherin", headers=_named("harry"))
    assert page.status_code == 404 and SESSION_COOKIE in page.cookies


@pytest.mark.parametrize(
    "path", ["/tiaas/calendar.ics", "/join-training/gryffindor/status/live", "/api/tiaas/trainings"]
)
def test_what_scripts_and_programs_ask_for_makes_no_session(pages: Pages, path: str) -> None:
    count = select(func.count(GalaxySession.id))
    before = pages.galaxy.session.scalar(count)
    assert "set-cookie" not in pages.client.get(path, headers=_named("harry")).headers
    assert pages.galaxy.session.scalar(count) == before


def test_whoever_is_not_named_may_look_but_not_join(pages: Pages) -> None:
    assert pages.client.get("/tiaas/").status_code == 200
    for path in ("/join-training/gryffindor", "/tiaas/trainings/"):
        page = pages.client.get(path)
        assert page.status_code == 403 and "did not learn from the login" in page.text
        assert "Log in</a>" not in page.text and "Create account" not in page.text
