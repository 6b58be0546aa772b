"""Builds the extension into Galaxy's web application."""

import gc
import logging
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.structured_app import StructuredApp
from starlette.routing import (
    BaseRoute,
    Mount,
)

from . import (
    __version__,
    routers,
)
from .compat import web
from .compat.connections import (
    connection_limit,
    pool_warning,
    WEB_THREADS,
)
from .compat.dependencies import (
    Line,
    Services,
)
from .compat.job_files import missing_file
from .compat.jobs import JobConfiguration
from .compat.release import (
    UnsupportedGalaxy,
    untried,
)
from .compat.tools import ToolNames
from .core.cache import (
    HeldResults,
    ResultCache,
)
from .core.config import (
    config_of,
    ConfigurationProblem,
    TiaasConfig,
)
from .core.lookup_limits import FailedLookups
from .core.model import migrate
from .dashboard.activity_manager import (
    JobCache,
    JobIdWatermarks,
)
from .guard import is_strict
from .lifecycle.scheduler import SchedulerThread
from .membership.service import RosterCache
from .notifications.delivery import DeliveryWorker
from .notifications.outbox import WakeUpEvent
from .routing.destinations import DestinationCatalogue
from .web.assets import ClientFiles
from .web.templates import (
    STATIC_URL,
    Templates,
)

log = logging.getLogger(__name__)

_PACKAGE = Path(__file__).parent
#: The webhook that is left out where Galaxy has a place for our entry of the admin panel.
_ADMIN_WEBHOOK = "tiaas_admin"


def mount(asgi_app: Any, galaxy_app: StructuredApp) -> None:
    """Mount routers, pages, static files and webhooks; create or upgrade our tables first.

    Everything is computed before the tables and Galaxy's application are changed, and what was changed of the
    application is undone if a later step fails.

    :param asgi_app: what Galaxy's application factory returned.
    :raises ConfigurationProblem: for wrong settings.
    :raises UnsupportedGalaxy: for a release that has not been tried, where the settings allow none.
    :raises galaxy_tiaas.core.model.migrate.DatabaseProblem: if the tables can neither be used nor brought up to date.
    """
    web_app = web.inner_app(asgi_app)
    if getattr(web_app.state, "tiaas_version", None):
        return
    config = config_of(galaxy_app.config)
    _check_release(config)
    _check_destinations(galaxy_app, config)
    singletons = _singletons(galaxy_app, config)
    scheduler = SchedulerThread(galaxy_app, config.lifecycle_interval_seconds)
    routes = _our_routes()
    has_admin_extensions = web.has_admin_extensions(galaxy_app)
    hooks = web.load_webhooks(_webhook_directories(without_admin=has_admin_extensions))
    _prepare_tables(galaxy_app)

    with web.Installation() as installation:
        installation.register(galaxy_app, singletons)
        web.install_openapi(installation, web_app, routes)
        web.install_routes(installation, web_app, routes)
        web.install_webhooks(installation, galaxy_app, hooks)
        if has_admin_extensions:
            web.install_admin_extensions(installation, galaxy_app, _PACKAGE / "admin_extensions")
        web.run_while_serving(installation, asgi_app, partial(_begin_to_serve, scheduler), scheduler.stop)
        installation.set(web_app.state, "tiaas_version", __version__)
        installation.keep()
    log.info("galaxy-tiaas %s is mounted", __version__)
    if warning := pool_warning(galaxy_app.config):
        log.warning("galaxy-tiaas: %s", warning)


def _begin_to_serve(scheduler: SchedulerThread) -> None:
    """In each process that serves, once.

    Galaxy's start has made a million objects that stay. Python's collector of garbage would look through them again
    and again, and stop everybody for a second or two each time; Galaxy takes them out itself only with ``--preload``.
    """
    scheduler.start()
    gc.freeze()


def _check_release(config: TiaasConfig) -> None:
    """:raises UnsupportedGalaxy: for an untried release, where the admin wants none."""
    if note := untried():
        if not config.allow_untried_galaxy:
            raise UnsupportedGalaxy(f"{note}; see allow_untried_galaxy in its settings")
        log.warning("%s; it is mounted all the same", note)


def _prepare_tables(galaxy_app: StructuredApp) -> None:
    """Create or upgrade our tables. Those of a newer version are used as they are if that version only added to them.

    :raises galaxy_tiaas.core.model.migrate.DatabaseProblem: if they cannot be used.
    """
    try:
        if migrate.upgrade(galaxy_app.model.engine):
            log.info("galaxy-tiaas brought its tables to revision %s", migrate.head_revision())
    except migrate.NewerTables as newer:
        if not newer.usable:
            raise
        log.warning("galaxy-tiaas: %s; until then, personal data is not removed", newer)


def _check_destinations(galaxy_app: StructuredApp, config: TiaasConfig) -> None:
    """Say what is wrong with the destinations. Jobs still run: the rule falls back to what exists.

    Galaxy does not start with a job configuration that it cannot read, but does with one that is missing.
    """
    missing = missing_file(galaxy_app.config)
    problems = [missing] if missing else DestinationCatalogue(galaxy_app[JobConfiguration], config).problems()
    if problems and is_strict():
        raise ConfigurationProblem("; ".join(problems))
    for problem in problems:
        log.error("galaxy-tiaas: %s", problem)


def _singletons(galaxy_app: StructuredApp, config: TiaasConfig) -> Mapping[type, object]:
    """What there is one of in each process, by the type for which dependency injection gives it."""
    return {
        TiaasConfig: config,
        Templates: Templates(config, galaxy_app.config, galaxy_app.server_starttime),
        ResultCache: ResultCache(config, galaxy_app[galaxy_scoped_session]),
        HeldResults: HeldResults(galaxy_app[galaxy_scoped_session]),
        JobCache: JobCache(config, galaxy_app[galaxy_scoped_session]),
        JobIdWatermarks: JobIdWatermarks(),
        ToolNames: ToolNames(galaxy_app),
        FailedLookups: FailedLookups(),
        RosterCache: RosterCache(),
        Line: Line(_places(galaxy_app)),
        Services: Services(galaxy_app),
        WakeUpEvent: DeliveryWorker(galaxy_app),
    }


def _places(galaxy_app: StructuredApp) -> int:
    """How many people a process lets join at once: half of its connections are left to everybody else."""
    return max(1, min(connection_limit(galaxy_app.config) or WEB_THREADS, WEB_THREADS) // 2)


def _our_routes() -> list[BaseRoute]:
    """Our routes, as their routers have built them: to include routers elsewhere builds each route once more."""
    api = [route for router in routers.api_routers for route in router.routes]
    pages = [route for router in routers.page_routers for route in router.routes]
    files = Mount(STATIC_URL, ClientFiles(directory=_PACKAGE / "static"), name="tiaas_static")
    return [*api, *pages, files, *routers.last_router.routes]


def _webhook_directories(*, without_admin: bool) -> list[Path]:
    directories = sorted(file.parent for file in (_PACKAGE / "webhooks").glob("*/config.yml"))
    return [directory for directory in directories if not (without_admin and directory.name == _ADMIN_WEBHOOK)]
