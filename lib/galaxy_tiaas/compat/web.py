"""Galaxy's web application: its dependency injection, routes and webhooks, how it starts and ends.

Changes to it can be undone.
"""

import logging
from collections.abc import (
    AsyncIterator,
    Callable,
    Mapping,
    Sequence,
)
from contextlib import (
    asynccontextmanager,
    ExitStack,
)
from pathlib import Path
from typing import (
    Any,
    cast,
    Optional,
    Union,
)

import galaxy.app
from fastapi import (
    FastAPI,
    Request,
    Response,
)
from galaxy.exceptions import MessageException
from galaxy.schema.schema import MessageExceptionModel
from galaxy.version import VERSION
from galaxy.webapps.base.api import get_error_response_for_request
from galaxy.webapps.openapi.utils import get_openapi
from galaxy.webhooks import (
    Webhook,
    WebhooksRegistry,
)
from starlette.concurrency import run_in_threadpool
from starlette.routing import (
    BaseRoute,
    Mount,
)
from starlette.types import ASGIApp

from ..core.exceptions import describe
from .routes import (
    routes_by_name,
    RoutesBelow,
)

log = logging.getLogger(__name__)

#: What the addresses of all our routes begin with.
OUR_PATHS = ("/api/tiaas", "/join-training", "/tiaas")
#: As ``include_all_package_routers`` describes the errors of Galaxy's API.
ERROR_RESPONSES: dict[Union[int, str], dict[str, Any]] = {
    status: {"description": "Request Error" if status == "4XX" else "Server Error", "model": MessageExceptionModel}
    for status in ("4XX", "5XX")
}
#: Galaxy's setting for directories with entries of the admin panel; Galaxy 26.1 does not have it yet.
_EXTENSIONS_SETTING = "admin_extensions_dir"


def current_app() -> Any:
    """Galaxy's application in this process, where no dependency injection reaches; ``None`` if none has been built.

    Relies on the global ``galaxy.app.app``, which Galaxy's application factory sets.
    """
    return galaxy.app.app


def release_connection() -> None:
    """End the transaction of this request and give its connection back, long before Galaxy does at the very end.

    Relies on ``model.context`` being the scoped session of the request.
    """
    if app := current_app():
        app.model.context.close()


class Installation(ExitStack):
    """Changes to Galaxy's objects. Without :meth:`keep`, the end of the ``with`` block undoes them, the last one first.

    The way back is noted before each change, so that one that fails halfway is undone too.
    """

    def note(self, owner: Any, name: str) -> None:
        """Note the value of an attribute that is about to be set, or that there is none."""
        if hasattr(owner, name):
            self.callback(setattr, owner, name, getattr(owner, name))
        else:
            self.callback(_delete, owner, name)

    def set(self, owner: Any, name: str, value: Any) -> None:
        self.note(owner, name)
        setattr(owner, name, value)

    def insert(self, items: list[Any], position: int, new: list[Any]) -> None:
        """Insert into a list in place: others refer to it."""
        self.callback(items.__setitem__, slice(None), [*items])
        items[position:position] = new

    def register(self, app: Any, instances: Mapping[type, object]) -> None:
        """Have dependency injection give these instances.

        Relies on ``galaxy.di.Container`` being lagom's, which registers each type once and for good: its dictionary
        ``_registered_types`` is the only way back.
        """
        types: dict[Any, Any] = app._registered_types
        before = dict(types)
        self.callback(types.update, before)
        self.callback(types.clear)
        for dependency, instance in instances.items():
            app[dependency] = instance

    def keep(self) -> None:
        """Nothing is undone any more."""
        self.pop_all()


def _delete(owner: Any, name: str) -> None:
    if hasattr(owner, name):
        delattr(owner, name)


def inner_app(asgi_app: Any) -> FastAPI:
    """Galaxy's FastAPI application in what its factory returned.

    Relies on ``initialize_fast_app``, which mounts Galaxy's older part at the end of its routes, and all of it in a
    parent of its own where there is a ``galaxy_url_prefix``.
    """
    mounts = [route for route in getattr(asgi_app, "routes", ()) if isinstance(route, Mount)]
    for mount in mounts:
        if isinstance(mount.app, FastAPI):
            return mount.app
    if not any(mount.path == "" for mount in mounts):
        raise RuntimeError("This is not an application made by Galaxy's fast_factory")
    return cast(FastAPI, asgi_app)


def older_part(web_app: Any) -> ASGIApp:
    """Galaxy's older part (WSGI), which serves what no route of FastAPI does.

    Relies on ``initialize_fast_app`` mounting it at ``/``, at the end of the routes.
    """
    mount = next(route for route in reversed(web_app.routes) if isinstance(route, Mount) and not route.path)
    return mount.app


def install_routes(
    installation: Installation, web_app: FastAPI, ours: list[BaseRoute], paths: Sequence[str] = OUR_PATHS
) -> None:
    """Put our routes before all of Galaxy's, each below the path that it begins with.

    Relies on routes being asked in their order, and on ``state.route_name_index``, in which ``url_for`` looks them up;
    Galaxy 25.1 has no such index and asks the routes.

    :raises ValueError: for a route that is below none of the paths.
    """
    below = {path: [route for route in ours if getattr(route, "path", "").startswith(path)] for path in paths}
    if sum(map(len, below.values())) != len(ours):
        raise ValueError(f"there are routes below others than {', '.join(paths)}")
    installation.insert(web_app.router.routes, 0, [RoutesBelow(path, routes) for path, routes in below.items()])
    index: Optional[dict[str, list[BaseRoute]]] = getattr(web_app.state, "route_name_index", None)
    if index is not None:
        both = {**routes_by_name(ours), **index}
        installation.set(web_app.state, "route_name_index", both)


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


def install_openapi(installation: Installation, web_app: FastAPI, routes: Sequence[BaseRoute]) -> None:
    """Add the schema of our routes to Galaxy's, whose parts stay where both name one.

    Both are built when somebody asks for them, unless Galaxy has built its own before: that takes seconds. If ours
    cannot be built, there is Galaxy's.

    Relies on FastAPI calling ``openapi()`` of the application for each request.
    """
    galaxys_openapi = web_app.openapi
    built: dict[str, dict[str, Any]] = {}

    def openapi() -> dict[str, Any]:
        galaxys = galaxys_openapi()
        if built.get("from") is not galaxys:
            try:
                both = _merged(galaxys, openapi_of(routes))
            except Exception as problem:
                log.error("galaxy-tiaas: our part of /openapi.json is missing: %s", describe(problem))
                both = galaxys
            built.update({"from": galaxys, "both": both})
        return built["both"]

    installation.set(web_app, "openapi", openapi)


def _merged(galaxys: dict[str, Any], ours: dict[str, Any]) -> dict[str, Any]:
    components = galaxys.get("components", {})
    schemas = {**ours.get("components", {}).get("schemas", {}), **components.get("schemas", {})}
    return {
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


def load_webhooks(directories: list[Path]) -> list[Webhook]:
    """The webhooks in these directories, in a registry of their own.

    Relies on ``WebhooksRegistry.load_webhook_from_config`` adding to ``webhooks``, one for each ``config.yml``.
    """
    registry = WebhooksRegistry("")
    for directory in directories:
        registry.load_webhook_from_config(str(directory), str(directory / "config.yml"))
    return registry.webhooks


def install_webhooks(installation: Installation, app: Any, webhooks: list[Webhook]) -> None:
    """Have Galaxy's client load webhooks, without touching ``webhooks_dir``.

    Relies on ``/api/webhooks`` and ``enable_webhooks`` of ``/api/configuration`` reading ``app.webhooks_registry``.
    """
    registered: list[Webhook] = app.webhooks_registry.webhooks
    installation.insert(registered, len(registered), webhooks)


def has_admin_extensions(app: Any) -> bool:
    """Whether this Galaxy shows extensions of the admin panel by itself.

    A key that Galaxy does not know is kept in its configuration too, so ``config.schema`` is asked, not the values.
    """
    return _EXTENSIONS_SETTING in app.config.schema.app_schema


def install_admin_extensions(installation: Installation, app: Any, directory: Path) -> None:
    """Name a directory in ``admin_extensions_dir``, after those of the admin.

    Relies on Galaxy reading that list, with commas, at the first request for the entries.
    """
    named = [name.strip() for name in (getattr(app.config, _EXTENSIONS_SETTING) or "").split(",")]
    ours = str(directory)
    value = ",".join([*(name for name in named if name and name != ours), ours])
    installation.set(app.config, _EXTENSIONS_SETTING, value)
