"""As much of a Galaxy as the commands need: its configuration, its database, its job configuration."""

from functools import cached_property
from pathlib import Path
from typing import (
    Any,
    Optional,
)

from galaxy.config import GalaxyAppConfiguration
from galaxy.di import Container
from galaxy.job_metrics import JobMetrics
from galaxy.jobs import JobConfiguration
from galaxy.model.mapping import (
    GalaxyModelMapping,
    init_models_from_config,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from galaxy.structured_app import MinimalManagerApp
from galaxy.util.properties import (
    find_config_file,
    load_app_properties,
)
from galaxy.web_stack import application_stack_instance

from ..config import (
    config_of,
    ConfigurationProblem,
    TiaasConfig,
)
from ..model import migrate
from ..notifications.outbox import WakeUpEvent


class Host(Container):
    """Stands where Galaxy's application stands in a server. Its parts are made when they are asked for."""

    def __init__(self, galaxy_config_file: Optional[str]):
        super().__init__()
        self.galaxy_config_file = galaxy_config_file or find_config_file("galaxy")
        if not self.galaxy_config_file or not Path(self.galaxy_config_file).is_file():
            raise ConfigurationProblem(
                f"{self.galaxy_config_file or 'galaxy.yml'}: no such file. Name Galaxy's configuration with -c or in"
                " the environment variable GALAXY_CONFIG_FILE."
            )
        self[TiaasConfig] = lambda: config_of(self.config)
        self[GalaxyAppConfiguration] = lambda: self.config
        self[galaxy_scoped_session] = lambda: self.model.context  # type: ignore[assignment]
        self[IdEncodingHelper] = lambda: self.security
        self[JobConfiguration] = lambda: self.job_config
        self[WakeUpEvent] = WakeUpEvent()
        self[MinimalManagerApp] = lambda: self  # type: ignore[assignment, type-abstract]

    @cached_property
    def config(self) -> GalaxyAppConfiguration:
        return GalaxyAppConfiguration(**load_app_properties(config_file=self.galaxy_config_file))

    @cached_property
    def model(self) -> GalaxyModelMapping:
        return init_models_from_config(self.config)

    @cached_property
    def security(self) -> IdEncodingHelper:
        return IdEncodingHelper(id_secret=self.config.id_secret)

    @cached_property
    def job_metrics(self) -> JobMetrics:
        return JobMetrics(self.config.job_metrics_config_file, self.config.job_metrics, app=self)

    @cached_property
    def application_stack(self) -> Any:
        return application_stack_instance(app=self)

    @cached_property
    def job_config(self) -> JobConfiguration:
        return JobConfiguration(self)  # type: ignore[arg-type]


def ready_host(galaxy_config_file: Optional[str]) -> Host:
    """A host whose settings are right and whose tables are up to date.

    :raises ConfigurationProblem: for wrong settings.
    :raises galaxy_tiaas.model.migrate.DatabaseProblem: if the tables are missing or old.
    """
    host = Host(galaxy_config_file)
    config_of(host.config)
    migrate.ensure_current(host.model.engine)
    return host
