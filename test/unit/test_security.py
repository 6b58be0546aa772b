"""What answers tell browsers, and that our own pages can live with it."""

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from unittest.mock import MagicMock, patch

import galaxy.app
import galaxy_tiaas
import pytest
from fastapi import (
    APIRouter,
    FastAPI,
    Response,
)
from fastapi.testclient import TestClient
from galaxy.exceptions import ObjectNotFound
from galaxy.webapps.base.api import add_exception_handler
from galaxy_tiaas import routers
from galaxy_tiaas.web import links
from galaxy_tiaas.web.api import ApiRoute
from galaxy_tiaas.web.pages import PageRoute
from galaxy_tiaas.web.security import (
    policy,
    ProtectedRoute,
)
from inline import INLINE

PACKAGE = Path(galaxy_tiaas.__file__).parent


@pytest.fixture
def client() -> Iterator[TestClient]:
    app = FastAPI()
    for path, route_class in (("/api", ApiRoute), ("/page", PageRoute)):
        router = APIRouter(route_class=route_class)

        @router.get(path)
        def answer(wrong: bool = False, cache: str = "") -> Response:
            if wrong:
                raise ObjectNotFound("There is none.")
            return Response("{}", headers={"cache-control": cache} if cache else {})

        app.include_router(router)
    add_exception_handler(app)
    with patch.object(PageRoute, "refuse", lambda _self, _request, status, *_: Response(status_code=status)):
        yield TestClient(app)


@pytest.mark.parametrize("wrong", [False, True])
@pytest.mark.parametrize("path", ["/api", "/page"])
@pytest.mark.parametrize(
    "credentials, query, cache",
    [
        ({}, {}, "private, no-cache"),
        ({"cookie": "galaxysession=abc"}, {}, "private, no-store"),
        ({"x-api-key": "abc"}, {}, "private, no-store"),
        ({"authorization": "Bearer abc"}, {}, "private, no-store"),
        ({}, {"key": "abc"}, "private, no-store"),
    ],
)
def test_nobody_keeps_what_one_person_was_answered(
    client: TestClient, path: str, wrong: bool, credentials: dict[str, str], query: dict[str, str], cache: str
) -> None:
    response = client.get(path, headers=credentials, params={**query, "wrong": wrong})
    assert response.status_code == (404 if wrong else 200)
    assert response.headers["cache-control"] == cache
    assert response.headers["x-content-type-options"] == "nosniff"
    assert response.headers["referrer-policy"] == "same-origin"
    assert response.headers.get("content-security-policy") == (policy() if path == "/page" else None)


@pytest.mark.parametrize("exposed, cache", [(False, "private, no-cache"), (True, "private, no-store")])
def test_what_visitors_see_of_people_is_not_kept_if_it_has_names(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, exposed: bool, cache: str
) -> None:
    app = MagicMock()
    app.__getitem__.return_value = SimpleNamespace(expose_username=exposed)
    monkeypatch.setattr(galaxy.app, "app", app)
    assert client.get("/api").headers["cache-control"] == cache


def test_what_an_answer_says_itself_stays(client: TestClient) -> None:
    assert client.get("/page", params={"cache": "public"}).headers["cache-control"] == "public"


def test_every_answer_of_ours_is_protected() -> None:
    ours = (*routers.api_routers, *routers.page_routers, routers.last_router)
    routes = [route for router in ours for route in router.routes]
    assert routes
    assert [route for route in routes if not isinstance(route, ProtectedRoute)] == []


def test_the_policy_forbids_everything_inline_and_from_elsewhere() -> None:
    directives: dict[str, Any] = dict(part.split(" ", 1) for part in policy().split("; "))
    assert "unsafe" not in policy() and "http" not in policy() and "*" not in policy()
    assert directives["default-src"] == directives["base-uri"] == "'none'"
    assert directives["script-src"] == directives["form-action"] == directives["frame-ancestors"] == "'self'"
    assert policy(embeddable=True) == policy().replace("frame-ancestors 'self'", "frame-ancestors *")


@pytest.mark.parametrize(
    "text",
    [
        '<p style="color: red">',
        "<p\nstyle='a'>",
        "<style>",
        '<a onclick="go()">',
        "<script>go()</script>",
        "<script type=module>",
    ],
)
def test_what_the_policy_forbids_is_found(text: str) -> None:
    assert INLINE.search(text)


@pytest.mark.parametrize(
    "text",
    ['<time data-style="short">', '<script src="a.js">', '<script type="application/json" id="a">', "version = 'a'"],
)
def test_what_the_policy_allows_is_not_complained_about(text: str) -> None:
    assert not INLINE.search(text)


def test_no_page_has_what_the_policy_forbids() -> None:
    """A page that a browser shows without it would look wrong, or do nothing."""
    files = [*PACKAGE.glob("templates/galaxy_tiaas/*.mako"), *PACKAGE.glob("*/*pages.py"), *PACKAGE.glob("web/*.py")]
    assert len(files) > 40
    assert {file.name: found[0] for file in files if (found := INLINE.search(file.read_text()))} == {}
    assert not INLINE.search(links.qr_svg("https://galaxy.example.org/join-training/gryffindor"))
