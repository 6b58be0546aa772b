"""The Galaxy that the commands work on."""

from pathlib import Path
from typing import Optional

from ..compat.commands import (
    GalaxyWithoutServer,
    usual_config_file,
)
from ..core.config import (
    config_of,
    ConfigurationProblem,
    TiaasConfig,
)
from ..core.model import migrate
from ..notifications.outbox import WakeUpEvent


class CliApplication(GalaxyWithoutServer):
    """Stands where Galaxy's application stands in a server, with what is ours."""

    def __init__(self, galaxy_config_file: Optional[str]):
        """:raises ConfigurationProblem: if there is no such file."""
        file = galaxy_config_file or usual_config_file()
        if not file or not Path(file).is_file():
            raise ConfigurationProblem(
                f"{file or 'galaxy.yml'}: no such file. Name Galaxy's configuration with -c or in"
                " the environment variable GALAXY_CONFIG_FILE."
            )
        super().__init__(file)
        self[TiaasConfig] = lambda: config_of(self.config)
        self[WakeUpEvent] = WakeUpEvent()


def ready_application(galaxy_config_file: Optional[str]) -> CliApplication:
    """A host whose settings are right and whose tables are up to date.

    :raises ConfigurationProblem: for wrong settings.
    :raises galaxy_tiaas.core.model.migrate.DatabaseProblem: if the tables are missing or old.
    """
    host = CliApplication(galaxy_config_file)
    config_of(host.config)
    migrate.ensure_current(host.model.engine)
    return host
