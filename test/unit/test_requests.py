"""What arrives over the web: whose wish it is, what may be asked, and what is answered when that goes wrong."""

import asyncio
import logging
from datetime import datetime
from typing import (
    Any,
    Optional,
)
from unittest.mock import MagicMock

import pytest
from fastapi import (
    APIRouter,
    Body,
    Depends,
    FastAPI,
    Request,
)
from fastapi.dependencies.utils import get_flat_dependant
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from galaxy.exceptions import RequestParameterInvalidException
from galaxy.webapps.base.api import add_exception_handler
from galaxy_tiaas import routers
from galaxy_tiaas.compat.session import Caller
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.core.exceptions import (
    ForgedRequest,
    UnmarkedRequest,
)
from galaxy_tiaas.web.api import ApiRoute
from galaxy_tiaas.web.pages import PageRoute
from galaxy_tiaas.web.request import (
    ensure_not_forged,
    get_actor,
    public_scheme,
)
from sqlalchemy.exc import (
    OperationalError,
    PendingRollbackError,
    ProgrammingError,
    TimeoutError,
)

_COOKIE = {"cookie": "galaxysession=abc"}

# Forged requests


def _request(headers: dict[str, str], method: str = "POST", scheme: str = "http", query: str = "") -> Request:
    raw = {"host": "galaxy.example.org", **headers}
    return Request(
        {
            "type": "http",
            "method": method,
            "scheme": scheme,
            "path": "/api/tiaas/trainings/gryffindor/join",
            "query_string": query.encode(),
            "headers": [(name.encode(), value.encode()) for name, value in raw.items()],
        }
    )


_JSON = {"content-type": "application/json"}
_OURS = TiaasConfig(base_url="https://public.example.org")


class _App(dict[type, Any]):
    """What Galaxy's application is to the judge: the settings of both."""

    config = None


def _judge(headers: dict[str, str], method: str = "POST", query: str = "", *, with_cookie: bool = True) -> None:
    request = _request({**(_COOKIE if with_cookie else {}), **headers}, method, query=query)
    asyncio.run(ensure_not_forged(request, _App({TiaasConfig: _OURS})))


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-user": "?1"},
        {"origin": "https://evil.example.com"},
        {"origin": "null"},
        {"referer": "https://evil.example.com/page"},
        {"origin": "https://evil.example.com", "x-requested-with": "XMLHttpRequest"},
        {"origin": "https://evil.example.com", "authorization": "Basic YWxiOnVz"},
    ],
)
def test_what_another_site_caused_with_the_cookie_is_refused(headers: dict[str, str]) -> None:
    with pytest.raises(ForgedRequest):
        _judge({**_JSON, **headers})


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "text/json", "json"])
@pytest.mark.parametrize("headers", [{}, {"origin": "http://galaxy.example.org"}, {"authorization": "Basic YWxiOnVz"}])
def test_what_a_form_of_another_site_could_have_sent_is_refused(headers: dict[str, str], content_type: str) -> None:
    """Such a form sends no ``Origin`` in old browsers, and scripts can send some types of content anywhere."""
    typed = {"content-type": content_type} if content_type else {}
    with pytest.raises(UnmarkedRequest, match="X-Requested-With"):
        _judge({**headers, **typed})


@pytest.mark.parametrize(
    "headers",
    [
        _JSON,
        {"content-type": "Application/JSON; charset=utf-8"},
        {"content-type": "application/merge-patch+json"},
        {"x-requested-with": "XMLHttpRequest"},
        {"x-api-key": "abc"},
        {"authorization": "Bearer abc"},
        {**_JSON, "sec-fetch-site": "same-origin"},
        {**_JSON, "origin": "https://galaxy.example.org:8443"},
        {**_JSON, "origin": "https://public.example.org"},
        {**_JSON, "host": "127.0.0.1:8080", "x-forwarded-host": "a, galaxy.example.org", "origin": "https://a"},
    ],
)
def test_what_a_page_of_ours_or_a_program_asks_for_is_done(headers: dict[str, str]) -> None:
    _judge(headers)


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
def test_who_follows_a_link_from_another_site_may_look(method: str) -> None:
    """Scripts of that site get to see nothing: that is for Galaxy's CORS to allow."""
    _judge({"sec-fetch-site": "cross-site"}, method)


def test_who_has_no_cookie_may_come_from_anywhere() -> None:
    _judge({"x-api-key": "abc", "origin": "https://evil.example.com"}, with_cookie=False)


def test_a_key_in_the_address_does_not_speak_for_the_cookie() -> None:
    """Galaxy acts for the session, so a page of another site could put its own key there."""
    with pytest.raises(UnmarkedRequest):
        _judge({}, query="key=abc")
    _judge({}, query="key=abc", with_cookie=False)


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

    def address(headers: dict[str, str]) -> str:
        return get_actor(_request(headers), Caller(), app, datetime(2026, 11, 17)).base_url

    assert address({}) == "http://galaxy.example.org/gx"
    assert address({"x-forwarded-proto": "https"}) == "https://galaxy.example.org/gx"
    with pytest.raises(RequestParameterInvalidException, match="Host"):
        address({"host": "a" * 2400})


# What may be asked


def _parameter(routers: tuple[APIRouter, ...], path: str, name: str) -> Any:
    routes = [route for router in routers for route in router.routes if isinstance(route, APIRoute)]
    route = next(route for route in routes if route.path == path and "GET" in route.methods)
    return next(field for field in get_flat_dependant(route.dependant).query_params if field.name == name)


@pytest.mark.parametrize(
    "routers, path, name",
    [
        (routers.api_routers, "/api/tiaas/trainings", "search"),
        (routers.api_routers, "/api/tiaas/history", "training"),
        (routers.api_routers, "/api/tiaas/history", "user"),
        (routers.api_routers, "/api/tiaas/history", "action"),
        (routers.api_routers, "/api/tiaas/routing", "user"),
        (routers.api_routers, "/api/tiaas/routing", "tool_id"),
        (routers.api_routers, "/api/tiaas/routing", "job"),
        (routers.page_routers, "/tiaas/admin/", "search"),
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


_TROUBLES = {
    "in the session": PendingRollbackError("reconnect first", code="8s2b"),
    "in the pool": TimeoutError("QueuePool limit reached"),
    "on the way": OperationalError("SELECT 1", {"email": "cat@example.org"}, Exception("no connection")),
}


@pytest.mark.parametrize("trouble", _TROUBLES.values(), ids=_TROUBLES)
@pytest.mark.parametrize("route_class", [ApiRoute, PageRoute])
def test_a_database_that_is_away_before_our_code_begins_is_a_sentence_too(
    trouble: Exception, route_class: type[APIRoute], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Galaxy looks for session and user first."""

    def session() -> None:
        raise trouble

    app, router = FastAPI(), APIRouter(route_class=route_class, dependencies=[Depends(session)])
    router.get("/")(lambda: {})
    app.include_router(router)
    add_exception_handler(app)
    monkeypatch.setattr(PageRoute, "refuse", lambda _self, _request, status, text: PlainTextResponse(text, status))
    response = TestClient(app, raise_server_exceptions=False).get("/")
    assert (response.status_code, response.headers["retry-after"]) == (503, "60")
    assert "cannot use its database" in response.text
    assert ("err_code" in response.text) == (route_class is ApiRoute)


@pytest.mark.parametrize("path, tries_again", [("/join-training/gryffindor", True), ("/tiaas/", False)])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_whoever_joins_while_the_database_is_away_tries_again_by_themselves(
    path: str, tries_again: bool, method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away() -> None:
        raise _TROUBLES["in the pool"]

    app, router = FastAPI(), APIRouter(route_class=PageRoute)
    router.add_api_route(path, away, methods=[method])
    app.include_router(router)
    monkeypatch.setattr(PageRoute, "refuse", lambda _self, _request, status, text: PlainTextResponse(text, status))
    response = TestClient(app).request(method, path)
    assert response.status_code == 503
    assert ("refresh" in response.headers) is (tries_again and method == "GET")


@pytest.mark.parametrize("route_class", [ApiRoute, PageRoute])
def test_a_mistake_of_ours_is_logged_with_its_lines_and_without_values(
    route_class: type[APIRoute], monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    app, router = FastAPI(), APIRouter(route_class=route_class)
    email = "cat@example.org"

    @router.get("/")
    def operation() -> None:
        raise ProgrammingError("SELECT :email", {"email": email}, Exception("no such function"))

    app.include_router(router)
    add_exception_handler(app)
    monkeypatch.setattr(PageRoute, "refuse", lambda _self, _request, status, text: PlainTextResponse(text, status))
    response = TestClient(app, raise_server_exceptions=False).get("/")
    assert response.status_code == 500
    assert ("err_code" in response.text) == (route_class is ApiRoute)
    assert "galaxy-tiaas: GET /: Exception: no such function\n" in caplog.text
    assert "in operation" in caplog.text
    assert email not in caplog.text


@pytest.mark.parametrize("route_class", [ApiRoute, PageRoute])
def test_a_key_that_no_database_can_be_asked_for_is_refused(
    route_class: type[APIRoute], monkeypatch: pytest.MonkeyPatch
) -> None:
    """PostgreSQL's driver would say so with an error of Python, when Galaxy looks for the key's owner."""
    app, router = FastAPI(), APIRouter(route_class=route_class)
    router.get("/")(lambda: {})
    app.include_router(router)
    add_exception_handler(app)
    monkeypatch.setattr(PageRoute, "refuse", lambda _self, _request, status, text, *_: PlainTextResponse(text, status))
    client = TestClient(app)
    assert client.get("/", params={"key": "a%00b", "hours": "\0"}).status_code == 200
    response = client.get("/", params={"key": ["a\0b", "c"]})
    assert response.status_code == 400
    assert "cannot be understood" in response.text


@pytest.mark.parametrize("body", [b"[" * 100_000, b'{"title": "\xff"}'], ids=["too deep", "not UTF-8"])
def test_a_body_that_cannot_be_read_is_a_sentence(client: TestClient, body: bytes) -> None:
    response = client.post("/", content=body, headers={"content-type": "application/json"})
    assert response.status_code == 400
    assert response.json()["err_msg"] == "What was sent cannot be read as JSON."


def test_every_operation_of_the_api_answers_so() -> None:
    routes = [route for router in routers.api_routers for route in router.routes]
    assert routes
    assert [route for route in routes if not isinstance(route, ApiRoute)] == []
