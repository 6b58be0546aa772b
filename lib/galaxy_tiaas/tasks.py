"""What ``celery_conf`` names: ``imports: [galaxy_tiaas.tasks]``.

Celery's workers and beat stop if this module cannot be imported. So it imports nothing but Python at its top; when
anything is wrong, one line is logged and Galaxy's own tasks run.
"""

import logging

log = logging.getLogger(__name__)

try:
    from .compat.release import ensure_supported

    ensure_supported()
    from .compat.celery import when_ready
    from .lifecycle.celery_task import schedule

    when_ready(schedule)
except Exception as problem:
    log.error("galaxy-tiaas stays switched off in Celery: %s: %s", type(problem).__name__, problem)
