"""Mako templates: a site's own first, then ours."""

import logging
import os
from collections.abc import Hashable
from pathlib import Path
from typing import (
    Any,
    Optional,
)

from galaxy.config import GalaxyAppConfiguration
from mako.exceptions import RichTraceback
from mako.lookup import TemplateLookup

from ..config import TiaasConfig
from ..domain.countries import (
    countries,
    country,
)
from ..exceptions import describe
from . import (
    formats,
    links,
)
from .assets import Assets
from .rendered import RenderedOnce

log = logging.getLogger(__name__)

#: Where our static files are served.
STATIC_URL = "/tiaas/static"

_OURS = Path(__file__).parent.parent / "templates" / "galaxy_tiaas"


class Templates:
    """Renders templates with what every page needs. Everything is escaped unless a template says ``| n``.

    A mistake in a site's own template costs that template, not the page: ours is shown instead.
    """

    def __init__(self, config: TiaasConfig, galaxy_config: GalaxyAppConfiguration, server_starttime: int):
        self.prefix = galaxy_config.galaxy_url_prefix.rstrip("/")
        self.lookup = _lookup(os.fspath(_OURS))
        self.templates_dir = config.templates_dir
        self.site = self._site_lookup()
        self._once = RenderedOnce()
        self.shared = {
            "config": config,
            "brand": galaxy_config.brand or "",
            "contact_email": config.contact_email or galaxy_config.error_email_to or "",
            "countries": countries,
            "country": country,
            "formats": formats,
            "links": links,
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
        values = {**self.shared, **context}
        if self.site is None:
            return _render(self.lookup, name, values)
        try:
            return _render(self.site, name, values)
        except Exception as problem:
            place = _place(problem)
            # Mako remembers lines by the name of a file without its directory, ours or the site's, whichever was
            # compiled last. A new lookup compiles the site's again.
            self.site = self._site_lookup()
            text = _render(self.lookup, name, values)
            log.error(
                "galaxy-tiaas: a template in templates_dir cannot be used, the page '%s' is shown without it: %s%s",
                name,
                describe(problem),
                place,
            )
            return text

    def render_once(self, name: str, kind: Hashable, etag: str, **context: Any) -> str:
        """As :meth:`render`, for what is shown to many: once for each kind, until its entity tag is another one."""
        return self._once.get((name, kind), etag, lambda: self.render(name, **context))

    def _site_lookup(self) -> Optional[TemplateLookup]:
        return _lookup(self.templates_dir, os.fspath(_OURS)) if self.templates_dir else None


def _lookup(*directories: str) -> TemplateLookup:
    return TemplateLookup(directories=directories, default_filters=["h"], strict_undefined=True, input_encoding="utf-8")


def _render(lookup: TemplateLookup, name: str, values: dict[str, Any]) -> str:
    return str(lookup.get_template(f"{name}.mako").render(**values))


def _place(problem: Exception) -> str:
    """The file and line of a template at which a problem arose; what does not compile says so itself."""
    places = [(record[4], record[5]) for record in RichTraceback(problem, problem.__traceback__).records if record[4]]
    return f" ({places[-1][0]}, line {places[-1][1]})" if places else ""
