"""The lifecycle in Galaxy's Celery, where ``celery_conf`` has ``imports: [galaxy_tiaas.tasks]``.

Workers and beat import this module. Whatever is wrong with us must not keep them from Galaxy's own tasks.
"""

import logging
from datetime import timedelta
from typing import Any

from galaxy.celery import (
    celery_app,
    galaxy_task,
    get_config,
)
from galaxy.di import Container
from galaxy.structured_app import MinimalManagerApp

from .config import (
    config_of,
    ConfigurationProblem,
    TiaasConfig,
)
from .model import migrate
from .turns import LifecycleTurns

log = logging.getLogger(__name__)

#: Pause of beat where the timer of the web processes is switched off and so says nothing about it.
USUAL_SECONDS = 300


@galaxy_task(ignore_result=True, action="do what the calendar asks of trainings")
def run_lifecycle(app: MinimalManagerApp) -> None:
    """Run the lifecycle, unless a web process or another worker does or has just done so.

    :raises ConfigurationProblem: for wrong settings.
    :raises galaxy_tiaas.model.migrate.DatabaseProblem: if the tables are missing or old.
    """
    config = config_of(app.config)
    migrate.ensure_current(app.model.engine)
    container: Any = Container(app)
    container[TiaasConfig] = config
    # Beat wakes us one interval after the last time, which is a little less after the last end.
    container[LifecycleTurns].take(pause=timedelta(seconds=_interval(config)) / 2)


def schedule(sender: Any, **_: Any) -> None:
    """Have beat run it; with wrong settings, say so and leave Galaxy's schedule alone."""
    try:
        interval = _interval(config_of(get_config()))
    except ConfigurationProblem as problem:
        log.error("galaxy-tiaas stays switched off in Celery: %s", problem)
        return
    # What waited while there was no worker is not done again and again when there is one.
    sender.add_periodic_task(float(interval), run_lifecycle.s(), name="galaxy-tiaas-lifecycle", expires=interval)


def _interval(config: TiaasConfig) -> int:
    return config.lifecycle_interval_seconds or USUAL_SECONDS


if celery_app.finalized:
    schedule(celery_app)
else:
    celery_app.on_after_finalize.connect(schedule, weak=False)
