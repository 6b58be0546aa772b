"""Gunicorn configuration: Galaxy's own, and a hook that mounts the extension into every worker.

Named in ``galaxy.yml`` as ``gravity.gunicorn.extra_args: "--config python:galaxy_tiaas.gunicorn"``. Of
several ``--config`` the last one wins, so everything Galaxy's own says must be here too.
"""

from typing import Any

from galaxy.web_stack.gunicorn_config import *  # noqa: F403


def post_worker_init(worker: Any) -> None:
    """Called by gunicorn in each worker once it has the application, preloaded or not."""
    from galaxy_tiaas.guard import mount_guarded

    mount_guarded(worker.wsgi)
