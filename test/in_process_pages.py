"""Our pages and our API over HTTP, without a server: Galaxy's web framework around a Galaxy in this process."""

from datetime import datetime
from typing import (
    Any,
    Optional,
)
from unittest.mock import patch

from fastapi import FastAPI
from fastapi.testclient import TestClient
from galaxy.config import GalaxyAppConfiguration
from galaxy.managers.users import UserManager
from galaxy.model import GalaxySession
from galaxy.model.orm.now import now
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.webapps.base.api import add_exception_handler
from galaxy_tiaas.compat.dependencies import (
    Line,
    Services,
)
from galaxy_tiaas.compat.session import SESSION_COOKIE
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.cache import ResultCache
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.core.lookup_limits import FailedLookups
from galaxy_tiaas.dashboard.activity_manager import (
    JobCache,
    JobIdWatermarks,
)
from galaxy_tiaas.membership.service import RosterCache
from galaxy_tiaas.mount import _our_routes
from galaxy_tiaas.web.templates import Templates
from in_process import (
    account_of,
    InProcess,
)
from starlette_context.middleware import RawContextMiddleware
from starlette_context.plugins import RequestIdPlugin

_SESSION_KEY = "0123456789abcdef"


class Pages:
    """Somebody's browser, with a session of Galaxy's. Use it with `with`."""

    def __init__(self, galaxy: InProcess) -> None:
        self.galaxy = galaxy
        host: Any = galaxy.host
        host.install_model = host.model
        host[Templates] = Templates(galaxy[TiaasConfig], galaxy[GalaxyAppConfiguration], 0)
        host[ResultCache] = ResultCache(galaxy[TiaasConfig], galaxy[galaxy_scoped_session])
        host[JobIdWatermarks] = JobIdWatermarks()
        host[UserManager] = UserManager(host)
        host[FailedLookups] = FailedLookups()
        host[JobCache] = JobCache(galaxy[TiaasConfig], galaxy[galaxy_scoped_session])
        host[RosterCache] = RosterCache()
        host[Line] = Line(7)
        host[Services] = Services(host)
        #: The time of the requests; else that of the clock.
        self.now: Optional[datetime] = None
        self._session = GalaxySession(session_key=_SESSION_KEY, is_valid=True)
        galaxy.session.add(self._session)
        galaxy.session.commit()
        self.token = str(host.security.encode_id(self._session.id, kind="csrf"))
        app = FastAPI()
        app.router.routes += _our_routes()
        app.add_middleware(RawContextMiddleware, plugins=(RequestIdPlugin(force_new_uuid=True),))
        add_exception_handler(app)
        self._patches = (
            patch("galaxy.app.app", host, create=True),
            patch("galaxy_tiaas.web.request.now", lambda: self.now or now()),
        )
        self.client = TestClient(
            app, "https://galaxy.example.org", raise_server_exceptions=True, follow_redirects=False
        )
        self.client.cookies.set(SESSION_COOKIE, host.security.encode_guid(_SESSION_KEY).decode())

    def __enter__(self) -> "Pages":
        for each in self._patches:
            each.start()
        return self

    def __exit__(self, *_: object) -> None:
        for each in self._patches:
            each.stop()

    def login(self, actor: Actor) -> None:
        self._session.user_id = actor.user_id
        self.galaxy.session.commit()
        self.galaxy.host.config.admin_users_list = [account_of(actor).email] if actor.is_admin else []

    def submit(self, path: str, **fields: Any) -> Any:
        """The answer to a form."""
        return self.client.post(path, data={"session_csrf_token": self.token, **fields})
