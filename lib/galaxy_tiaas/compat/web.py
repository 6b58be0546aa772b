"""Galaxy's web application: where its routes are, what it knows of them, how it starts and ends."""

from collections.abc import (
    AsyncIterator,
    Callable,
    Sequence,
)
from contextlib import asynccontextmanager
from typing import (
    Any,
    Union,
)

from fastapi import (
    FastAPI,
    Request,
    Response,
)
from galaxy.exceptions import MessageException
from galaxy.schema.schema import MessageExceptionModel
from galaxy.version import VERSION
from galaxy.webapps.base.api import (
    build_route_name_index,
    get_error_response_for_request,
)
from galaxy.webapps.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.routing import (
    BaseRoute,
    Mount,
)

from .application import Installation

#: As ``include_all_package_routers`` describes the errors of Galaxy's API.
ERROR_RESPONSES: dict[Union[int, str], dict[str, Any]] = {
    status: {"description": "Request Error" if status == "4XX" else "Server Error", "model": MessageExceptionModel}
    for status in ("4XX", "5XX")
}


def inner_app(asgi_app: Any) -> FastAPI:
    """Galaxy's FastAPI application in what its factory returned.

    Relies on ``initialize_fast_app``, which mounts it in a parent of its own where there is a ``galaxy_url_prefix``.
    """
    if hasattr(asgi_app.state, "route_name_index"):
        return asgi_app
    for route in asgi_app.routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            return route.app
    raise RuntimeError("This is not an application made by Galaxy's fast_factory")


def install_routes(installation: Installation, web_app: FastAPI, ours: list[BaseRoute]) -> None:
    """Put routes before the mount of Galaxy's WSGI application, which comes last and matches everything.

    Relies on that mount being at ``/``, and on ``state.route_name_index``, in which ``url_for`` looks routes up.
    """
    routes = web_app.router.routes
    catch_all = [index for index, route in enumerate(routes) if isinstance(route, Mount) and route.path == ""]
    installation.insert(routes, catch_all[-1] if catch_all else len(routes), ours)
    installation.set(web_app.state, "route_name_index", build_route_name_index(web_app))


def openapi_of(routes: Sequence[BaseRoute]) -> dict[str, Any]:
    """The schema of routes, as Galaxy makes its own.

    FastAPI describes errors in the media type of the answer, which may be text; Galaxy sends them as JSON.
    """
    schema = get_openapi(title="Galaxy API", version=VERSION, routes=routes)
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status in ERROR_RESPONSES:
                response = operation["responses"].get(status, {})
                if contents := [*response.get("content", {}).values()]:
                    response["content"] = {"application/json": contents[0]}
    return schema


def install_openapi(installation: Installation, web_app: FastAPI, ours: dict[str, Any]) -> None:
    """Add our schema to Galaxy's, whose parts stay where both name one. To build it anew would take seconds.

    Relies on Galaxy serving what ``openapi_schema`` holds, which ``openapi()`` builds where Galaxy has not yet.
    """
    installation.note(web_app, "openapi_schema")
    galaxys = web_app.openapi()
    components = galaxys.get("components", {})
    schemas = {**ours.get("components", {}).get("schemas", {}), **components.get("schemas", {})}
    web_app.openapi_schema = {
        **galaxys,
        "paths": {**galaxys["paths"], **ours["paths"]},
        "components": {**components, "schemas": schemas},
    }


def run_while_serving(
    installation: Installation, asgi_app: Any, start: Callable[[], None], stop: Callable[[], None]
) -> None:
    """Start something when the server starts to serve, and so in the processes that do, after any fork.

    Relies on Starlette's ``lifespan_context``; the server calls that of the outermost application only.
    """
    rest = asgi_app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        start()
        try:
            async with rest(app) as state:
                yield state
        finally:
            await run_in_threadpool(stop)

    installation.set(asgi_app.router, "lifespan_context", lifespan)


def error_response(request: Request, problem: MessageException) -> Response:
    """What Galaxy's API answers when an operation raises this.

    Relies on ``get_error_response_for_request``, which Galaxy's own exception handlers call.
    """
    return get_error_response_for_request(request, problem)
