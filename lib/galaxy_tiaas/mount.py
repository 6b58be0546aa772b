"""Builds the extension into Galaxy's web application. The one file that knows how Galaxy starts."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import (
    Any,
    cast,
    Union,
)

from fastapi import FastAPI
from galaxy.jobs import JobConfiguration
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.schema.schema import MessageExceptionModel
from galaxy.structured_app import StructuredApp
from galaxy.version import VERSION
from galaxy.webapps.base.api import build_route_name_index
from galaxy.webapps.openapi.utils import get_openapi
from starlette.concurrency import run_in_threadpool
from starlette.routing import (
    BaseRoute,
    Mount,
)

from . import (
    __version__,
    api,
    pages,
)
from .config import (
    config_of,
    ConfigurationProblem,
    TiaasConfig,
)
from .core.cache import ResultCache
from .guard import is_strict
from .lifecycle.scheduler import SchedulerThread
from .managers.destinations import DestinationCatalogue
from .managers.watermarks import JobIdWatermarks
from .model import migrate
from .notifications.delivery import DeliveryWorker
from .notifications.outbox import WakeUpEvent
from .pages.templates import (
    STATIC_URL,
    Templates,
)
from .services.guessing import Attempts
from .services.members import RosterCache
from .web.static import ClientFiles

log = logging.getLogger(__name__)

_PACKAGE = Path(__file__).parent
#: Galaxy's setting for directories with entries of the admin panel; Galaxy 26.1 does not have it yet.
_EXTENSIONS_SETTING = "admin_extensions_dir"
#: As Galaxy describes the errors of its own API.
_ERRORS: dict[Union[int, str], dict[str, Any]] = {
    status: {"description": "Request Error" if status == "4XX" else "Server Error", "model": MessageExceptionModel}
    for status in ("4XX", "5XX")
}


def mount(asgi_app: Any, galaxy_app: StructuredApp) -> None:
    """Mount routers, pages, static files and webhooks; create or upgrade our tables first.

    Nothing of Galaxy is changed before everything that can fail has succeeded.

    :param asgi_app: what Galaxy's application factory returned.
    :raises ConfigurationProblem: for wrong settings.
    :raises galaxy_tiaas.model.migrate.DatabaseProblem: if the tables cannot be brought up to date.
    """
    web_app = _inner_app(asgi_app)
    if getattr(web_app.state, "tiaas_version", None):
        return
    config = config_of(galaxy_app.config)
    _check_destinations(galaxy_app, config)
    if migrate.upgrade(galaxy_app.model.engine):
        log.info("galaxy-tiaas brought its tables to revision %s", migrate.head_revision())
    templates = Templates(config, galaxy_app.config, galaxy_app.server_starttime)
    ours = _our_routes()
    schema, galaxys_schema = openapi_of(ours), web_app.openapi()

    container = cast(Any, galaxy_app)
    container[TiaasConfig] = config
    container[Templates] = templates
    container[ResultCache] = ResultCache(config, galaxy_app[galaxy_scoped_session])
    container[JobIdWatermarks] = JobIdWatermarks()
    container[Attempts] = Attempts()
    container[RosterCache] = RosterCache()
    container[WakeUpEvent] = DeliveryWorker(container)
    _add_routes(web_app, ours)
    _extend_openapi(galaxys_schema, schema)
    web_app.state.route_name_index = build_route_name_index(web_app)
    _add_webhooks(galaxy_app)
    run_while_serving(asgi_app, SchedulerThread(container, config.lifecycle_interval_seconds))
    web_app.state.tiaas_version = __version__
    log.info("galaxy-tiaas %s is mounted", __version__)


def _inner_app(asgi_app: Any) -> FastAPI:
    """Galaxy's FastAPI application: with a ``galaxy_url_prefix`` it is mounted in a parent of its own."""
    if hasattr(asgi_app.state, "route_name_index"):
        return asgi_app
    for route in asgi_app.routes:
        if isinstance(route, Mount) and isinstance(route.app, FastAPI):
            return route.app
    raise RuntimeError("This is not an application made by Galaxy's fast_factory")


def _check_destinations(galaxy_app: StructuredApp, config: TiaasConfig) -> None:
    """Say what is wrong with the destinations. Jobs still run: the rule falls back to what exists."""
    problems = DestinationCatalogue(galaxy_app[JobConfiguration], config).problems()
    if problems and is_strict():
        raise ConfigurationProblem("; ".join(problems))
    for problem in problems:
        log.error("galaxy-tiaas: %s", problem)


def _our_routes() -> list[BaseRoute]:
    """Our routes, built in an application of their own so that a mistake leaves Galaxy's untouched."""
    workshop = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    for router in api.routers:
        workshop.include_router(router, responses=_ERRORS)
    for router in pages.routers:
        workshop.include_router(router)
    workshop.mount(STATIC_URL, ClientFiles(directory=_PACKAGE / "static"), name="tiaas_static")
    workshop.include_router(pages.last_router)
    return list(workshop.routes)


def _add_routes(web_app: FastAPI, ours: list[BaseRoute]) -> None:
    """Put ours before the mount of Galaxy's WSGI application, which comes last and matches everything."""
    routes = web_app.router.routes
    catch_all = [index for index, route in enumerate(routes) if isinstance(route, Mount) and route.path == ""]
    position = catch_all[-1] if catch_all else len(routes)
    routes[position:position] = ours


def run_while_serving(asgi_app: Any, timer: SchedulerThread) -> None:
    """Start the timer when the server starts to serve, and so in the processes that do, after any fork."""
    rest = asgi_app.router.lifespan_context

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        timer.start()
        try:
            async with rest(app) as state:
                yield state
        finally:
            await run_in_threadpool(timer.stop)

    asgi_app.router.lifespan_context = lifespan


def openapi_of(ours: list[BaseRoute]) -> dict[str, Any]:
    """The schema of our routes.

    FastAPI describes errors in the media type of the answer, which may be text; Galaxy sends them as JSON.
    """
    schema = get_openapi(title="Galaxy API", version=VERSION, routes=ours)
    for operations in schema["paths"].values():
        for operation in operations.values():
            for status in _ERRORS:
                response = operation["responses"].get(status, {})
                if contents := [*response.get("content", {}).values()]:
                    response["content"] = {"application/json": contents[0]}
    return schema


def _extend_openapi(schema: dict[str, Any], ours: dict[str, Any]) -> None:
    """Add our paths to the schema that Galaxy has built; rebuilding it would take seconds."""
    schema["paths"].update(ours["paths"])
    schemas = schema.setdefault("components", {}).setdefault("schemas", {})
    for name, definition in ours.get("components", {}).get("schemas", {}).items():
        schemas.setdefault(name, definition)


def _add_to_admin_panel(galaxy_app: StructuredApp) -> bool:
    """Name our directory in ``admin_extensions_dir``, after those of the admin, if this Galaxy has that setting.

    A key that Galaxy does not know is kept in its configuration too, so its schema is asked, not its values.

    :returns: whether Galaxy itself shows our entry in the admin panel now.
    """
    config: Any = galaxy_app.config
    if _EXTENSIONS_SETTING not in config.schema.app_schema:
        return False
    named = [name.strip() for name in (getattr(config, _EXTENSIONS_SETTING) or "").split(",")]
    ours = str(_PACKAGE / "admin_extensions")
    setattr(config, _EXTENSIONS_SETTING, ",".join([*(name for name in named if name and name != ours), ours]))
    return True


def _add_webhooks(galaxy_app: StructuredApp) -> None:
    """Galaxy's hooks for masthead and admin panel, without touching ``webhooks_dir``.

    The one for the admin panel is left out where Galaxy has a place for it.
    """
    left_out = {"tiaas_admin"} if _add_to_admin_panel(galaxy_app) else set()
    for config_file in sorted((_PACKAGE / "webhooks").glob("*/config.yml")):
        if config_file.parent.name not in left_out:
            galaxy_app.webhooks_registry.load_webhook_from_config(str(config_file.parent), str(config_file))
