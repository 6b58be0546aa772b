"""Mako templates: a site's own first, then ours."""

import os
from pathlib import Path
from typing import Any

from galaxy.config import GalaxyAppConfiguration
from mako.lookup import TemplateLookup

from ..config import TiaasConfig
from ..domain.countries import (
    countries,
    country,
)
from . import formats
from .assets import Assets

#: Where our static files are served.
STATIC_URL = "/tiaas/static"

_OURS = Path(__file__).parent.parent / "templates" / "galaxy_tiaas"


class Templates:
    """Renders templates with what every page needs. Everything is escaped unless a template says ``| n``."""

    def __init__(self, config: TiaasConfig, galaxy_config: GalaxyAppConfiguration, server_starttime: int):
        self.prefix = galaxy_config.galaxy_url_prefix.rstrip("/")
        directories = [config.templates_dir, os.fspath(_OURS)]
        self.lookup = TemplateLookup(
            directories=[directory for directory in directories if directory],
            default_filters=["h"],
            strict_undefined=True,
            input_encoding="utf-8",
        )
        self.shared = {
            "config": config,
            "brand": galaxy_config.brand or "",
            "contact_email": config.contact_email or galaxy_config.error_email_to or "",
            "countries": countries,
            "country": country,
            "formats": formats,
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
        return self.lookup.get_template(f"{name}.mako").render(**{**self.shared, **context})
