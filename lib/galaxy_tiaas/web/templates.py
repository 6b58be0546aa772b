"""What every page needs, and how it is made from its template."""

from collections.abc import (
    Callable,
    Hashable,
)
from typing import Any

from galaxy.config import GalaxyAppConfiguration
from markupsafe import Markup

from ..compat.accounts import ACTIVATION_PATH
from ..compat.session import (
    allows_registration,
    uses_remote_user,
)
from ..core.cache import (
    Cache,
    SingleFlightCache,
)
from ..core.config import (
    contact_of,
    TiaasConfig,
)
from ..core.countries import (
    countries,
    country,
)
from ..core.templating import TemplateRenderer
from . import (
    formats,
    links,
)
from .assets import Assets

#: Where our static files are served.
STATIC_URL = "/tiaas/static"
#: A fragment of a large class has some hundred kilobytes.
_MAX_FRAGMENTS = 64
#: Tiles and rows have some hundred characters, and large classes some hundred of them on a page.
_MAX_PIECES = 16_384
_PIECE_SECONDS = 600


class Templates:
    """Renders templates with what every page needs."""

    def __init__(self, config: TiaasConfig, galaxy_config: GalaxyAppConfiguration, server_starttime: int):
        self.prefix = galaxy_config.galaxy_url_prefix.rstrip("/")
        #: Whether visitors can make an account, as far as Galaxy's settings tell.
        self.allows_registration = allows_registration(galaxy_config)
        #: Whether a proxy says who somebody is, and nobody logs in here.
        self.uses_remote_user = uses_remote_user(galaxy_config)
        self._files = TemplateRenderer(config.templates_dir)
        #: Entity tag and text of the newest fragment of each kind.
        self._fragments: SingleFlightCache[tuple[str, Hashable], tuple[str, str]] = SingleFlightCache(_MAX_FRAGMENTS)
        self._pieces: Cache[tuple[str, Hashable], Markup] = Cache(_MAX_PIECES, _PIECE_SECONDS)
        self.shared = {
            "config": config,
            "brand": galaxy_config.brand or "",
            "contact_email": contact_of(config, galaxy_config),
            "sends_mail": bool(galaxy_config.smtp_server),
            "activation_path": ACTIVATION_PATH,
            "countries": countries,
            "country": country,
            "formats": formats,
            "links": links,
            "piece": self.piece,
            "url": self.url,
            # As in Galaxy's own pages, so that the browser has the stylesheet already.
            "stylesheet": self.url(f"/static/dist/base.css?v={server_starttime}"),
            "assets": Assets(lambda path: self.url(f"{STATIC_URL}{path}")),
        }

    def url(self, path: str) -> str:
        """The address of a path of this server, with Galaxy's URL prefix."""
        return f"{self.prefix}{path}"

    def render(self, name: str, **context: Any) -> str:
        """The text of the template ``name`` (without ``.mako``)."""
        return self._files.render(name, {**self.shared, **context})

    def piece(self, name: str, key: Hashable, make: Callable[[], str]) -> Markup:
        """A piece of a fragment, such as what it says of one person.

        :param key: all that it depends on; for the same, it is made once.
        """
        made = self._pieces.get((name, key))
        return self._pieces.put((name, key), Markup(make())) if made is None else made

    def render_once(self, name: str, kind: Hashable, etag: str, **context: Any) -> str:
        """As :meth:`render`, for what is shown to many: once for each kind, until its entity tag is another one."""
        _, text = self._fragments.get(
            (name, kind), lambda: (etag, self.render(name, **context)), is_fresh=lambda fragment: fragment[0] == etag
        )
        return text
