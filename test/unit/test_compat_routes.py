"""What we rely on of FastAPI and Starlette where routes are built late and found early: compat/routes.py."""

import threading
import time
from typing import Any

import pytest
from fastapi import (
    APIRouter,
    FastAPI,
    Request,
)
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from galaxy.webapps.galaxy.api import UrlBuilder
from galaxy_tiaas import routers
from galaxy_tiaas.compat import web
from galaxy_tiaas.compat.routes import (
    LazyRoute,
    RoutesBelow,
)
from galaxy_tiaas.mount import _our_routes
from starlette.routing import (
    BaseRoute,
    Match,
)

#: What the routes of FastAPI have that is asked for without building one.
_EARLY = ("path", "endpoint", "name", "methods", "include_in_schema", "path_regex", "path_format", "param_convertors")


def _is_built(route: BaseRoute) -> bool:
    return "app" in vars(route)


def _lazy(route_class: type[LazyRoute] = LazyRoute) -> APIRouter:
    router = APIRouter(route_class=route_class)

    @router.get("/tiaas/trainings/{identifier}")
    def training(identifier: str, number: int = 1) -> str:
        return f"{identifier} {number}"

    @router.post("/tiaas/trainings/{identifier}")
    def change(identifier: str) -> str:
        return f"changed {identifier}"

    return router


def test_each_of_our_routes_can_be_built_and_is_what_it_was_before() -> None:
    """A mistake in one would not be noticed before somebody asks for it."""
    for router in (*routers.api_routers, *routers.page_routers, routers.last_router):
        for route in router.routes:
            assert isinstance(route, LazyRoute)
            early = {name: vars(route)[name] for name in _EARLY}
            route.build()
            assert _is_built(route)
            assert {name: vars(route)[name] for name in _EARLY} == early


def test_a_route_is_built_when_it_is_first_asked_and_not_to_be_mounted_or_named() -> None:
    routes = _lazy().routes
    web_app = FastAPI()
    web_app.state.route_name_index = {}
    with web.Installation() as installation:
        web.install_openapi(installation, web_app, routes)
        web.install_routes(installation, web_app, routes)
        address = UrlBuilder(Request({"type": "http", "app": web_app, "headers": []}))("training", identifier="potions")
        client = TestClient(web_app)
        assert address == "/tiaas/trainings/potions"
        assert client.delete(address).status_code == 405
        assert [_is_built(route) for route in routes] == [False, False]
        assert client.get(f"{address}?number=7").json() == "potions 7"
        assert [_is_built(route) for route in routes] == [True, False]
        assert client.get(f"{address}?number=x").status_code == 422
        assert client.post(address).json() == "changed potions"
        assert [_is_built(route) for route in routes] == [True, True]


def test_a_schema_has_routes_that_nobody_has_asked() -> None:
    router = APIRouter()
    router.routes.extend(APIRoute(each.path, each.endpoint, methods=each.methods) for each in _lazy().routes)  # type: ignore[attr-defined]
    assert web.openapi_of(_lazy().routes) == web.openapi_of(router.routes)


def test_whoever_asks_at_once_has_the_same_route_built_once() -> None:
    built = []

    class Slow(LazyRoute):
        def get_route_handler(self) -> Any:
            built.append(self.dependant)
            time.sleep(0.05)
            return super().get_route_handler()

    route: Any = _lazy(Slow).routes[0]
    seen: list[Any] = []
    threads = [threading.Thread(target=lambda: seen.append((route.dependant, route.app))) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [(built[0], route.app)] * 5 and len(built) == 1


def test_a_route_that_cannot_be_built_says_so_each_time() -> None:
    class Broken(LazyRoute):
        def get_route_handler(self) -> Any:
            raise TypeError("cannot be run")

    route: Any = _lazy(Broken).routes[0]
    for _ in range(2):
        with pytest.raises(TypeError, match="cannot be run"):
            route.app  # noqa: B018
    assert not hasattr(_lazy().routes[0], "nothing")


_EXAMPLES = {"identifier": "potions", "pseudonym": "sly-otter", "token": "a1b2", "rest": "a/b.c", "path": "dist/a.js"}


def _paths() -> list[str]:
    paths = [route.path_format.format(**_EXAMPLES) for route in _our_routes() if isinstance(route, APIRoute)]
    more = [
        "/tiaas/static/dist/a.js",
        "/tiaas/trainings//edit",
        "/tiaas/trainings/edit",
        "/tiaas/trainings/status/status",
    ]
    return [*dict.fromkeys([*paths, *(f"{path}//" for path in paths), *(f"{path}/more" for path in paths), *more])]


@pytest.mark.parametrize("below", web.OUR_PATHS)
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_the_same_route_is_found_as_by_asking_all_of_them(below: str, method: str) -> None:
    ours: list[Any] = [route for route in _our_routes() if getattr(route, "path", "").startswith(below)]
    found = RoutesBelow(below, ours)
    for path in [path for path in _paths() if path.startswith(below)]:
        scope = {"type": "http", "method": method, "path": path, "headers": []}
        best: Any = max((route.matches(scope) for route in ours), key=lambda matched: matched[0].value)
        match, child_scope = found.matches(scope)
        assert match is best[0]
        assert {**best[1], "tiaas_route": child_scope.get("tiaas_route")} == child_scope or match is Match.NONE


def test_hardly_any_route_is_compared() -> None:
    below = RoutesBelow("/tiaas", [route for route in _our_routes() if getattr(route, "path", "").startswith("/tiaas")])
    assert len(below.routes) > 100
    assert max(len(below._candidates(path)) for path in _paths()) < 15
