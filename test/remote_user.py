"""Galaxy's older part behind a proxy that says who somebody is, around a Galaxy in this process."""

from types import SimpleNamespace
from typing import (
    Any,
    cast,
)
from unittest.mock import Mock

from a2wsgi import WSGIMiddleware
from galaxy.managers.session import GalaxySessionManager
from galaxy.model.security import GalaxyRBACAgent
from galaxy.web_stack import application_stack_instance
from galaxy.webapps.galaxy.buildapp import (
    GalaxyWebApplication,
    wrap_in_middleware,
)
from galaxy.webapps.galaxy.controllers.root import RootController
from in_process import InProcess
from starlette.types import ASGIApp


def older_part(galaxy: InProcess) -> ASGIApp:
    """Galaxy's own classes, as its ``app_pair`` puts them together, for a host that has a ``UserManager``."""
    host: Any = galaxy.host
    host.name = "galaxy"
    host.install_model = host.model
    host.authnz_manager = None
    # The controllers of 25.1 want to know it.
    host.object_store = Mock()
    host.genome_builds = SimpleNamespace(default_value="?")
    host.security_agent = GalaxyRBACAgent(host.model.context)
    host[GalaxySessionManager] = GalaxySessionManager(host.model)
    web_app = GalaxyWebApplication(host, session_cookie="galaxysession", name="galaxy")
    # The address of the second is the path of a cookie.
    for name in ("root", "tool_runner"):
        web_app.add_ui_controller(name, RootController(host))
    web_app.add_route("/{controller}/{action}", action="index")
    web_app.add_route("/{action}", controller="root", action="index")
    web_app.finalize_config()
    guarded = wrap_in_middleware(web_app, {}, application_stack_instance(config=host.config), use_remote_user=True)
    return cast(ASGIApp, WSGIMiddleware(guarded))
