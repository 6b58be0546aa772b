"""What each of our routes declares: nobody forgets to protect one."""

import inspect
from collections.abc import (
    Callable,
    Iterator,
)
from typing import Any

import pytest
from fastapi import (
    FastAPI,
    Request,
)
from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from galaxy.config import GalaxyAppConfiguration
from galaxy.jobs import JobConfiguration
from galaxy.security.idencoding import IdEncodingHelper
from galaxy_tiaas import (
    mount,
    routers,
)
from galaxy_tiaas.cli.application import CliApplication
from galaxy_tiaas.compat.dependencies import waits_in_line
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.web import forms
from galaxy_tiaas.web.api import (
    ApiRoute,
    ApiRouter,
)
from galaxy_tiaas.web.origin import SAFE_METHODS
from galaxy_tiaas.web.permissions import PERMISSIONS
from galaxy_tiaas.web.request import ensure_not_forged
from galaxy_web import GalaxyApp
from in_process import InProcess
from in_process_pages import Pages
from sqlalchemy.orm import scoped_session

_API = [route for router in routers.api_routers for route in router.routes if isinstance(route, APIRoute)]
_PAGES = [route for router in routers.page_routers for route in router.routes if isinstance(route, APIRoute)]

#: Forms that are taken from anybody, or that a page looks at itself before it changes anything.
_UNPROTECTED = {
    "/tiaas/new": forms.long_form,
    "/tiaas/trainings/{identifier}/edit": forms.long_form,
    "/tiaas/trainings": forms.open_form,
    "/tiaas/contact/{token}": forms.no_form,
}


def _calls(dependant: Dependant) -> Iterator[Callable[..., Any]]:
    """Everything that a route depends on, in the order in which it is asked."""
    for dependency in dependant.dependencies:
        yield from _calls(dependency)
        if dependency.call:
            yield inspect.unwrap(dependency.call)


def _changes(route: APIRoute) -> bool:
    return not SAFE_METHODS.issuperset(route.methods)


def _name(route: APIRoute) -> str:
    return f"{'/'.join(sorted(route.methods))} {route.path}"


@pytest.mark.parametrize("route", [route for route in _PAGES if _changes(route)], ids=_name)
def test_a_form_is_checked_before_its_page_is_called(route: APIRoute) -> None:
    readers = {forms.session_form, forms.session_form_with_file, *_UNPROTECTED.values()}
    read = {call for call in _calls(route.dependant) if call in readers}
    unprotected = _UNPROTECTED.get(route.path.rstrip("/"))
    assert len(read) == 1
    assert read <= ({unprotected} if unprotected else {forms.session_form, forms.session_form_with_file})


@pytest.mark.parametrize("route", _API, ids=_name)
def test_every_operation_of_the_api_looks_where_its_request_comes_from(route: APIRoute) -> None:
    assert ensure_not_forged in _calls(route.dependant)


def _names_a_training(route: APIRoute) -> bool:
    return "{identifier}" in route.path


@pytest.mark.parametrize("route", [route for route in [*_API, *_PAGES] if _names_a_training(route)], ids=_name)
def test_a_route_with_a_training_says_who_may_have_it(route: APIRoute) -> None:
    asked = [call for call in _calls(route.dependant) if call in PERMISSIONS]
    goes_back = route.endpoint.__name__ == "go_back"
    assert bool(asked) is not goes_back


def test_the_routes_of_a_class_are_built_once() -> None:
    built: list[str] = []

    class CountedRoute(ApiRoute):
        def __init__(self, path: str, *arguments: Any, **options: Any) -> None:
            built.append(path)
            super().__init__(path, *arguments, **options)

    router = ApiRouter(CountedRoute)

    @router.cbv
    class Operations:
        request: Request

        @router.get("/api/one")
        def one(self) -> str:
            return self.request.method

        @router.put("/api/two")
        def two(self, word: str) -> str:
            return f"{self.request.method} {word}"

    @router.get("/api/three")
    def three() -> str:
        return "3"

    paths = ["/api/one", "/api/one/", "/api/two", "/api/two/", "/api/three", "/api/three/"]
    assert built == [route.path for route in router.routes if isinstance(route, APIRoute)] == paths
    app = FastAPI()
    app.dependency_overrides[ensure_not_forged] = lambda: None
    app.include_router(router)
    client = TestClient(app)
    assert [client.get("/api/one/").json(), client.put("/api/two?word=x").json()] == ["GET", "PUT x"]


def _services() -> set[type]:
    """What routes get of dependency injection, which has one of each for all requests."""
    calls = {call for route in [*_API, *_PAGES] for call in _calls(route.dependant) if inspect.isfunction(call)}
    return {
        inspect.getclosurevars(call).nonlocals["dependency"]
        for call in calls
        if call.__qualname__ == "depends.<locals>.resolve"
    }


def _state(thing: Any, singletons: tuple[type, ...]) -> Iterator[str]:
    """What an object, or one of ours that it has, may remember of a request."""
    if isinstance(thing, singletons):
        return
    for name, value in vars(thing).items():
        if type(value).__module__.startswith("galaxy_tiaas."):
            yield from _state(value, singletons)
        elif not isinstance(value, (*singletons, CliApplication, str, bytes)):
            yield f"{type(thing).__name__}.{name}"


def test_what_is_made_once_for_all_requests_keeps_nothing_of_one(galaxy: InProcess) -> None:
    app: Any = GalaxyApp(galaxy)
    made = mount._singletons(app, galaxy[TiaasConfig])
    with Pages(galaxy):
        singletons = (*made, GalaxyAppConfiguration, IdEncodingHelper, JobConfiguration, scoped_session)
        kept = [state for service in _services() for state in _state(galaxy[service], singletons)]
    assert len(_services()) > 20
    assert kept == []


def test_who_joins_waits_in_line() -> None:
    in_line = {_name(route) for route in [*_API, *_PAGES] if waits_in_line(route.endpoint)}
    assert in_line == {
        f"{route}{end}"
        for route in (
            "POST /api/tiaas/trainings/{identifier}/join",
            "GET/HEAD /join-training/{identifier}",
            "POST /join-training/{identifier}",
        )
        for end in ("", "/")
    }
