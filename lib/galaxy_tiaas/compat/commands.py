"""As much of a Galaxy as a command needs: its configuration, its database, its job configuration."""

from functools import cached_property
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

from .job_files import reading


def usual_config_file() -> Optional[str]:
    """Where Galaxy finds ``galaxy.yml`` if nobody names one; ``None`` if it is nowhere."""
    return find_config_file("galaxy")


class GalaxyWithoutServer(Container):
    """Stands where Galaxy's application stands in a server. Its parts are made when they are asked for.

    Relies on ``NotificationManager`` and ``JobConfiguration`` asking the application for nothing but these attributes.
    """

    def __init__(self, galaxy_config_file: str) -> None:
        super().__init__()
        self.galaxy_config_file = galaxy_config_file
        self[GalaxyAppConfiguration] = lambda: self.config
        self[galaxy_scoped_session] = lambda: self.model.context  # type: ignore[assignment]
        self[IdEncodingHelper] = lambda: self.security
        self[JobConfiguration] = lambda: self.job_config
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
        """:raises JobConfigurationUnreadable: if Galaxy cannot read it."""
        return reading(self.config, self.galaxy_config_file, lambda: JobConfiguration(self))  # type: ignore[arg-type]
