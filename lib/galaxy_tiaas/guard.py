"""Keeps trouble of ours from becoming Galaxy's."""

import logging
import os
from traceback import format_tb
from typing import Any

log = logging.getLogger(__name__)

#: Set to 1 to have trouble raised at start instead of logged, as the tests do.
STRICT_VARIABLE = "GALAXY_TIAAS_STRICT"


def is_strict() -> bool:
    return os.environ.get(STRICT_VARIABLE, "").lower() in ("1", "true", "yes")


def mount_guarded(asgi_app: Any) -> bool:
    """Mount the extension into a Galaxy that has been built in this process.

    Whatever goes wrong, be it a missing library, a wrong setting or the database, is one line in the
    log, and Galaxy starts without the extension.

    :returns: whether it is mounted.
    :raises Exception: whatever went wrong, if ``GALAXY_TIAAS_STRICT`` is set.
    """
    try:
        from .compat.release import ensure_supported

        ensure_supported()
        from .compat.web import current_app
        from .mount import mount

        if current_app() is None:
            raise RuntimeError("no Galaxy has been built in this process")
        mount(asgi_app, current_app())
    except Exception as problem:
        if is_strict():
            raise
        log.error("galaxy-tiaas stays switched off: %s", _one_line(problem))
        if not (_is_ours(problem) or isinstance(problem, ModuleNotFoundError)):
            log.debug("galaxy-tiaas could not be mounted:\n%s", "".join(format_tb(problem.__traceback__)))
        return False
    return True


def _is_ours(problem: Exception) -> bool:
    return type(problem).__module__.startswith("galaxy_tiaas")


def _one_line(problem: Exception) -> str:
    said = " ".join(str(problem).split())
    if _is_ours(problem):
        return said
    if isinstance(problem, ImportError):
        return f"{type(problem).__name__}: {said}{_in_untried_galaxy()}"
    # Not before: perhaps this cannot be imported either.
    from .core.exceptions import describe

    return describe(problem)


def _in_untried_galaxy() -> str:
    """Why something may be missing of Galaxy."""
    try:
        from .compat.release import untried

        return f" ({note})" if (note := untried()) else ""
    except ImportError:
        return ""
