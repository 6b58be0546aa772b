"""Templates of messages: a Mako file for each event and audience, a site's own first."""

from functools import lru_cache
from typing import Any

from galaxy.config import GalaxyAppConfiguration

from ..core import wording
from ..core.config import (
    contact_of,
    TiaasConfig,
)
from ..core.model import Training
from ..core.templating import TemplateRenderer
from .rendering import (
    render_message,
    render_without_links,
    RenderedMessage,
)

#: Compiles each template once in a process.
_renderers = lru_cache(maxsize=8)(TemplateRenderer)


class MessageTemplates:
    """Renders messages about trainings."""

    def __init__(self, config: TiaasConfig, galaxy_config: GalaxyAppConfiguration):
        self.config = config
        self.galaxy_config = galaxy_config

    def render(self, event: str, audience: str, training: Training, site: str, **context: Any) -> RenderedMessage:
        """The message about an event to an audience, from ``mail/<event>_<audience>.mako``.

        :param site: the URL of this Galaxy, without a slash at its end. Empty: the message has paths in place of links.
        """

        def link(path: str) -> str:
            return f"{site}{path}"

        values = {
            "config": self.config,
            "brand": self.galaxy_config.brand or "",
            "contact_email": contact_of(self.config, self.galaxy_config),
            "wording": wording,
            "training": training,
            "days": wording.days(training.start, training.end),
            "link": link,
            "join_url": join_url(training, site),
            "status_url": f"{join_url(training, site)}/status",
            "training_url": link(f"/tiaas/trainings/{training.identifier}"),
            "review_url": link(f"/tiaas/admin/trainings/{training.identifier}"),
            **context,
        }
        parse = render_message if site else render_without_links
        return _renderers(self.config.templates_dir).read(f"mail/{event}_{audience}", values, parse)


def join_url(training: Training, site: str) -> str:
    """The one link that trainees need."""
    return f"{site}/join-training/{training.identifier}"
