"""Galaxy's web application as its own factory builds it, without its API and without a server."""

from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)
from unittest.mock import patch

from galaxy.di import Container
from galaxy.jobs import JobConfiguration
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.webapps.galaxy import fast_app
from galaxy.webhooks import WebhooksRegistry
from in_process import InProcess


class GalaxyApp(Container):
    """As much of Galaxy's application as building the web application and mounting into it ask for."""

    def __init__(self, galaxy: InProcess) -> None:
        super().__init__()
        host = galaxy.host
        self.config = host.config
        self.model = host.model
        self.server_starttime = 0
        self.webhooks_registry = WebhooksRegistry("")
        self.api_spec = SimpleNamespace(to_dict=lambda: {"paths": {"/api/legacy": {}}})
        self.haltables: list[Any] = []
        self[JobConfiguration] = lambda: host.job_config
        self[galaxy_scoped_session] = lambda: host.model.context  # type: ignore[assignment]

    def build_web_app(self) -> Any:
        """What Galaxy's factory returns; to include its API would take seconds."""
        with patch.object(fast_app, "include_all_package_routers"):
            return fast_app.initialize_fast_app(_wsgi, self)


def names_of(web_app: Any) -> Optional[dict[str, Any]]:
    """The index in which Galaxy finds routes by name; 25.1 has none."""
    return getattr(web_app.state, "route_name_index", None)


def _wsgi(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("200 OK", [("content-type", "text/plain")])
    return [b"Galaxy's older part"]
