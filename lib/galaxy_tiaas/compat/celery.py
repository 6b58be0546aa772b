"""Galaxy's Celery application, its settings and its tasks. To import this module reads Galaxy's configuration."""

from collections.abc import Callable
from typing import Any

from galaxy.celery import (
    celery_app,
    galaxy_task,
    get_config,
)

__all__ = ("galaxy_config", "galaxy_task", "when_ready")


def galaxy_config() -> Any:
    """Galaxy's configuration in a process that has no application, such as beat.

    Relies on ``galaxy.celery.get_config``, which reads the file named in ``GALAXY_CONFIG_FILE``.
    """
    return get_config()


def when_ready(schedule: Callable[..., None]) -> None:
    """Call ``schedule(celery_app)`` once beat's schedule can be added to.

    Relies on ``imports`` of ``celery_conf`` being imported by workers and beat, after Galaxy has written
    ``beat_schedule`` over what ``celery_conf`` says.
    """
    if celery_app.finalized:
        schedule(celery_app)
    else:
        celery_app.on_after_finalize.connect(schedule, weak=False)
