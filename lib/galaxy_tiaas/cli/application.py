"""The Galaxy that the commands work on."""

from pathlib import Path
from typing import Optional

import click
from galaxy.model.orm.now import now

from ..compat.commands import (
    GalaxyWithoutServer,
    usual_config_file,
)
from ..compat.release import ensure_supported
from ..core.actor import SERVER
from ..core.config import (
    config_of,
    ConfigurationProblem,
    TiaasConfig,
)
from ..core.model import migrate
from ..notifications.delivery import Dispatcher
from ..notifications.outbox import WakeUpEvent


class CliApplication(GalaxyWithoutServer):
    """Stands where Galaxy's application stands in a server, with what is ours."""

    #: Who runs the commands, and their clock.
    actor = SERVER
    now = staticmethod(now)

    def __init__(self, galaxy_config_file: Optional[str]):
        """:raises ConfigurationProblem: if there is no such file. :raises UnsupportedGalaxy: if Galaxy is too old."""
        ensure_supported()
        file = galaxy_config_file or usual_config_file()
        if not file or not Path(file).is_file():
            raise ConfigurationProblem(
                f"{file or 'galaxy.yml'}: no such file. Name Galaxy's configuration with -c or in"
                " the environment variable GALAXY_CONFIG_FILE."
            )
        super().__init__(file)
        self[TiaasConfig] = lambda: config_of(self.config)
        self[WakeUpEvent] = WakeUpEvent()

    def deliver(self) -> None:
        """Deliver the messages that a command has written; Galaxy retries what does not arrive now."""
        if not self[WakeUpEvent].is_set():
            return
        report = self[Dispatcher].deliver(self.now())
        if report.postponed or report.unfinished:
            click.echo(
                "Some messages are not delivered yet; Galaxy retries them. See `galaxy-tiaas mail list`.", err=True
            )


def ready_application(galaxy_config_file: Optional[str]) -> CliApplication:
    """One whose settings are right and whose tables can be used.

    :raises ConfigurationProblem: for wrong settings.
    :raises galaxy_tiaas.core.model.migrate.DatabaseProblem: if the tables are missing, too old or too new.
    """
    application = CliApplication(galaxy_config_file)
    config_of(application.config)
    migrate.ensure_usable(application.model.engine)
    return application
