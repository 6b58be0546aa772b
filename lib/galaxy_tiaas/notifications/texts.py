"""What is said: a Mako template for each event and audience, a site's own first."""

from functools import lru_cache
from typing import Any

from galaxy.config import GalaxyAppConfiguration

from ..config import (
    contact_of,
    TiaasConfig,
)
from ..domain import wording
from ..model import Training
from ..templating import MakoFiles
from .letters import (
    Letter,
    read_letter,
    read_letter_without_links,
)

#: Compiled once in a process.
_files = lru_cache(maxsize=8)(MakoFiles)


class Texts:
    """Writes letters about trainings."""

    def __init__(self, config: TiaasConfig, galaxy_config: GalaxyAppConfiguration):
        self.config = config
        self.galaxy_config = galaxy_config

    def letter(self, event: str, audience: str, training: Training, site: str, **context: Any) -> Letter:
        """What this audience is told of the event; ``mail/<event>_<audience>.mako`` says it.

        :param site: where this Galaxy is reached, without a slash at its end. If nobody knows, the letter has paths in
            place of links.
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
        reader = read_letter if site else read_letter_without_links
        return _files(self.config.templates_dir).read(f"mail/{event}_{audience}", values, reader)


def join_url(training: Training, site: str) -> str:
    """The one link that trainees need."""
    return f"{site}/join-training/{training.identifier}"
