"""What arrives over the web: whose wish it is, what may be asked, and what is answered when that goes wrong."""

import logging
from typing import (
    Any,
    Optional,
)
from unittest.mock import MagicMock

import pytest
from fastapi import (
    APIRouter,
    Body,
    FastAPI,
    Request,
)
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from galaxy.exceptions import RequestParameterInvalidException
from galaxy.webapps.base.api import add_exception_handler
from galaxy_tiaas import (
    api,
    pages,
)
from galaxy_tiaas.api.routes import ApiRoute
from galaxy_tiaas.config import TiaasConfig
from galaxy_tiaas.exceptions import ForgedRequest
from galaxy_tiaas.web.request import (
    ensure_not_forged,
    get_actor,
    public_scheme,
)
from sqlalchemy.exc import OperationalError

_COOKIE = {"cookie": "galaxysession=abc"}

# Forged requests


def _request(headers: dict[str, str], method: str = "POST", scheme: str = "http") -> Request:
    raw = {"host": "galaxy.example.org", **headers}
    return Request(
        {
            "type": "http",
            "method": method,
            "scheme": scheme,
            "path": "/api/tiaas/trainings/gryffindor/join",
            "query_string": b"",
            "headers": [(name.encode(), value.encode()) for name, value in raw.items()],
        }
    )


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example.com"},
        {"origin": "http://galaxy.example.org.evil.example.com"},
        {"origin": "null"},
        {"origin": "http://["},
        {"origin": ""},
        {"sec-fetch-site": "cross-site", "origin": "http://galaxy.example.org"},
    ],
)
def test_what_another_site_caused_with_the_cookie_is_refused(headers: dict[str, str]) -> None:
    """Browsers state ``Sec-Fetch-Site`` to Galaxies with https only, and old ones never do."""
    with pytest.raises(ForgedRequest):
        ensure_not_forged(_request({**_COOKIE, **headers}))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "none"},
        {"origin": "http://galaxy.example.org"},
        {"origin": "https://galaxy.example.org:8443"},
        {"host": "127.0.0.1:8080", "x-forwarded-host": "galaxy.example.org", "origin": "https://galaxy.example.org"},
        {"sec-fetch-site": "same-origin", "host": "127.0.0.1:8080", "origin": "https://galaxy.example.org"},
    ],
)
def test_what_a_page_of_ours_or_a_program_asks_for_is_done(headers: dict[str, str]) -> None:
    ensure_not_forged(_request({**_COOKIE, **headers}))


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_who_follows_a_link_from_another_site_may_look(method: str) -> None:
    """Scripts of that site get to see nothing: that is for Galaxy's CORS to allow."""
    ensure_not_forged(_request({**_COOKIE, "sec-fetch-site": "cross-site"}, method))


def test_who_has_no_cookie_may_come_from_anywhere() -> None:
    ensure_not_forged(_request({"x-api-key": "abc", "origin": "https://evil.example.com"}))


# Links


@pytest.mark.parametrize(
    "scheme, headers, expected",
    [
        ("http", {}, "http"),
        ("https", {}, "https"),
        ("http", {"x-forwarded-proto": "https"}, "https"),
        ("http", {"x-forwarded-proto": "HTTPS, http"}, "https"),
        ("https", {"x-forwarded-proto": "http"}, "https"),
        ("http", {"x-forwarded-proto": "javascript"}, "http"),
    ],
)
def test_links_have_https_where_a_proxy_says_so(scheme: str, headers: dict[str, str], expected: str) -> None:
    """uvicorn does not believe proxies on other hosts and sockets, such as those of most large sites."""
    assert public_scheme(_request(headers, scheme=scheme)) == expected


def test_a_host_that_cannot_be_one_is_refused() -> None:
    """Where no setting says where this Galaxy is, links on pages repeat the header."""
    app = MagicMock()
    app.__getitem__.return_value = TiaasConfig()
    app.config.galaxy_infrastructure_url_set, app.config.galaxy_url_prefix = False, "/gx/"
    visitor = MagicMock(app=app, user=None)
    assert get_actor(_request({}), visitor).base_url == "http://galaxy.example.org/gx"
    with pytest.raises(RequestParameterInvalidException, match="Host"):
        get_actor(_request({"host": "a" * 2400}), visitor)


# What may be asked


def _parameter(routers: tuple[APIRouter, ...], path: str, name: str) -> Any:
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    route = next(route for route in routes if route.path == path and "GET" in route.methods)
    return next(field for field in get_flat_dependant(route.dependant).query_params if field.name == name)


@pytest.mark.parametrize(
    "routers, path, name",
    [
        (api.routers, "/api/tiaas/trainings", "search"),
        (api.routers, "/api/tiaas/history", "training"),
        (api.routers, "/api/tiaas/history", "user"),
        (api.routers, "/api/tiaas/history", "action"),
        (api.routers, "/api/tiaas/routing", "user"),
        (api.routers, "/api/tiaas/routing", "tool_id"),
        (api.routers, "/api/tiaas/routing", "job"),
        (pages.routers, "/tiaas/admin/", "search"),
    ],
)
@pytest.mark.parametrize("value", ["a\0b", "a" * 256])
def test_what_no_database_can_look_for_is_refused(
    routers: tuple[APIRouter, ...], path: str, name: str, value: str
) -> None:
    """PostgreSQL knows no NUL, not even in a question."""
    field = _parameter(routers, path, name)
    _, problems = field.validate(value, {}, loc=("query", name))
    assert problems
    assert field.validate("Minerva", {}, loc=("query", name)) == ("Minerva", [])


# What is answered


@pytest.fixture
def client() -> TestClient:
    """An operation on a database that is away as long as ``trouble`` is said, with Galaxy's way to answer errors."""
    app, router = FastAPI(), APIRouter(route_class=ApiRoute)

    @router.post("/")
    def operation(trouble: str = "", payload: Optional[dict[str, str]] = Body(None)) -> dict[str, str]:
        if trouble:
            raise OperationalError("SELECT 1", {"email": "cat@example.org"}, Exception(trouble))
        return payload or {}

    app.include_router(router)
    add_exception_handler(app)
    return TestClient(app)


def test_an_answer_is_for_one_person(client: TestClient) -> None:
    response = client.post("/", json={"a": "b"})
    assert (response.status_code, response.json()) == (200, {"a": "b"})
    assert response.headers["cache-control"] == "private, no-cache"


def test_a_database_that_is_away_is_a_sentence_and_one_line_without_values(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    response = client.post("/", params={"trouble": "it is locked"})
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert "cannot use its database" in response.json()["err_msg"]
    (record,) = [record for record in caplog.records if record.levelno == logging.ERROR]
    assert record.getMessage() == "galaxy-tiaas: POST /: Exception: it is locked"
    assert record.exc_info is None


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"title": "\xff"}'], ids=["too deep", "not UTF-8"])
def test_a_body_that_cannot_be_read_is_a_sentence(client: TestClient, body: bytes) -> None:
    response = client.post("/", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["err_msg"] == "What was sent cannot be read as JSON."


def test_every_operation_of_the_api_answers_so() -> None:
    routes = [route for router in api.routers for route in router.routes]
    assert routes
    assert [route for route in routes if not isinstance(route, ApiRoute)] == []
