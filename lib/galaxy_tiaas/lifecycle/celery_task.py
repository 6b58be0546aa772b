"""The lifecycle as a periodic task of Galaxy's Celery; :mod:`galaxy_tiaas.tasks` is what ``celery_conf`` imports."""

import logging
from datetime import timedelta
from typing import Any

from galaxy.di import Container
from galaxy.structured_app import MinimalManagerApp

from ..compat import celery
from ..core.config import (
    config_of,
    ConfigurationProblem,
    TiaasConfig,
)
from ..core.model import migrate
from .scheduler import LifecycleScheduler

log = logging.getLogger(__name__)

#: What workers and beat call the task, wherever its code is.
TASK_NAME = "galaxy_tiaas.tasks.run_lifecycle"
#: Interval of beat if ``lifecycle_interval_seconds`` is 0.
DEFAULT_INTERVAL_SECONDS = 300


@celery.galaxy_task(name=TASK_NAME, ignore_result=True, action="run the training lifecycle")
def run_lifecycle(app: MinimalManagerApp) -> None:
    """Run the lifecycle, unless a web process or another worker does or has just done so.

    :raises ConfigurationProblem: for wrong settings.
    :raises galaxy_tiaas.core.model.migrate.DatabaseProblem: if the tables are missing, too old or too new.
    """
    config = config_of(app.config)
    migrate.ensure_usable(app.model.engine)
    container: Any = Container(app)
    container[TiaasConfig] = config
    # Beat counts the interval from the start of the last run, the lease from its end.
    container[LifecycleScheduler].run(pause=timedelta(seconds=_interval(config)) / 2)


def schedule(sender: Any, **_: Any) -> None:
    """Add the task to beat's schedule; with wrong settings, log an error instead."""
    try:
        interval = _interval(config_of(celery.galaxy_config()))
    except ConfigurationProblem as problem:
        log.error("galaxy-tiaas stays switched off in Celery: %s", problem)
        return
    # Tasks that queue up without a worker expire.
    sender.add_periodic_task(float(interval), run_lifecycle.s(), name="galaxy-tiaas-lifecycle", expires=interval)


def _interval(config: TiaasConfig) -> int:
    return config.lifecycle_interval_seconds or DEFAULT_INTERVAL_SECONDS
