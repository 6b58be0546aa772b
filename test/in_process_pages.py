"""Our pages and our API over HTTP, without a server: Galaxy's web framework around a Galaxy in this process."""

from datetime import datetime
from functools import cache
from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from galaxy.config import GalaxyAppConfiguration
from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.webapps.base.api import add_exception_handler
from galaxy.webapps.galaxy.api import (
    DependsOnApp,
    get_trans,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.cache import ResultCache
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.dashboard.activity_manager import (
    JobCache,
    JobIdWatermarks,
)
from galaxy_tiaas.membership.service import RosterCache
from galaxy_tiaas.mount import _our_routes
from galaxy_tiaas.web.request import get_now
from galaxy_tiaas.web.templates import Templates
from in_process import InProcess
from starlette_context.middleware import RawContextMiddleware
from starlette_context.plugins import RequestIdPlugin

_SESSION_ID = 1
#: Made once: it takes a second.
_routes = cache(_our_routes)


class Pages:
    """Somebody's browser, with a session of Galaxy's. Use it with `with`."""

    def __init__(self, galaxy: InProcess) -> None:
        self.galaxy = galaxy
        host: Any = galaxy.host
        host.install_model = host.model
        host[Templates] = Templates(galaxy[TiaasConfig], galaxy[GalaxyAppConfiguration], 0)
        host[ResultCache] = ResultCache(galaxy[TiaasConfig], galaxy[galaxy_scoped_session])
        host[JobIdWatermarks] = JobIdWatermarks()
        host[JobCache] = JobCache(galaxy[TiaasConfig], galaxy[galaxy_scoped_session])
        host[RosterCache] = RosterCache()
        self._actor: Optional[Actor] = None
        #: The time of the requests; else that of the clock.
        self.now: Optional[datetime] = None
        self.token = str(host.security.encode_id(_SESSION_ID, kind="csrf"))
        app = FastAPI()
        routes = _routes()
        app.router.routes += routes
        app.add_middleware(RawContextMiddleware, plugins=(RequestIdPlugin(force_new_uuid=True),))
        add_exception_handler(app)
        self._patch = patch("galaxy.app.app", host, create=True)
        # Our routes are made by an application of their own, whose dependencies they ask for.
        for route in routes:
            if isinstance(route, APIRoute):
                asked: Any = route.dependency_overrides_provider
                asked.dependency_overrides[get_trans] = self._trans
                asked.dependency_overrides[get_now] = self._now
        self.client = TestClient(
            app, "https://galaxy.example.org", raise_server_exceptions=True, follow_redirects=False
        )

    def __enter__(self) -> "Pages":
        self._patch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._patch.stop()

    def login(self, actor: Actor) -> None:
        self._actor = actor

    def submit(self, path: str, **fields: Any) -> Any:
        """The answer to a form."""
        return self.client.post(path, data={"session_csrf_token": self.token, **fields})

    async def _now(self) -> datetime:
        return self.now or await get_now()

    def _trans(self, _app: Any = DependsOnApp) -> Any:
        actor = self._actor or Actor()
        session = self.galaxy.session
        return SimpleNamespace(
            app=self.galaxy.host,
            user=session.get(User, actor.user_id) if actor.user_id else None,
            user_is_admin=actor.is_admin,
            galaxy_session=SimpleNamespace(id=_SESSION_ID),
            sa_session=session,
            security=self.galaxy.host.security,
        )
