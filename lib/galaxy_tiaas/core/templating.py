"""Mako templates: a site's own first, then ours."""

import logging
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import (
    Any,
    Optional,
    TypeVar,
)

from mako.exceptions import RichTraceback
from mako.lookup import TemplateLookup
from markupsafe import escape

from .exceptions import describe

log = logging.getLogger(__name__)

T = TypeVar("T")

_SPECIAL = re.compile(r"""[&<>"']""")
_OURS = os.fspath(Path(__file__).parent.parent / "templates" / "galaxy_tiaas")


def escaped(value: Any) -> str:
    """What MarkupSafe makes of a value, in a third of the time if nothing in it needs escaping, as in most."""
    kind = type(value)
    if kind is int or kind is float or (kind is str and not _SPECIAL.search(value)):
        return str(value)
    return escape(value)


class TemplateRenderer:
    """Renders templates. Everything is escaped unless a template says ``| n``.

    A mistake in a site's own template costs that template, not what is made with it: ours is used instead.
    """

    def __init__(self, templates_dir: Optional[str]):
        self.templates_dir = templates_dir
        self.lookup = _lookup(_OURS)
        self.site = self._site_lookup()

    def render(self, name: str, values: dict[str, Any]) -> str:
        """The text of the template ``name`` (without ``.mako``)."""
        return self.read(name, values, str)

    def read(self, name: str, values: dict[str, Any], reader: Callable[[str], T]) -> T:
        """What ``reader`` makes of that text. Where it can make nothing of the site's, it gets ours."""
        if self.site is None:
            return reader(_render(self.lookup, name, values))
        try:
            return reader(_render(self.site, name, values))
        except Exception as problem:
            place = _place(problem)
            # Mako remembers lines by the name of a file without its directory, ours or the site's, whichever was
            # compiled last. A new lookup compiles the site's again.
            self.site = self._site_lookup()
            made = reader(_render(self.lookup, name, values))
            log.error(
                "galaxy-tiaas: a template in templates_dir cannot be used, '%s' is made without it: %s%s",
                name,
                describe(problem),
                place,
            )
            return made

    def _site_lookup(self) -> Optional[TemplateLookup]:
        return _lookup(self.templates_dir, _OURS) if self.templates_dir else None


def _lookup(*directories: str) -> TemplateLookup:
    return TemplateLookup(
        directories=directories,
        default_filters=["escaped"],
        imports=[f"from {__name__} import escaped"],
        strict_undefined=True,
        input_encoding="utf-8",
    )


def _render(lookup: TemplateLookup, name: str, values: dict[str, Any]) -> str:
    return str(lookup.get_template(f"{name}.mako").render(**values))


def _place(problem: Exception) -> str:
    """The file and line of a template at which a problem arose; what does not compile says so itself."""
    places = [(record[4], record[5]) for record in RichTraceback(problem, problem.__traceback__).records if record[4]]
    return f" ({places[-1][0]}, line {places[-1][1]})" if places else ""
