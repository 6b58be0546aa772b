"""Galaxy's way to the job rule.

Galaxy fails a job whose rule raises or cannot be imported. So this module imports nothing but Python at its top; the
rest is imported in a ``try``, and when anything is wrong the job goes to the rule's default.
"""

import logging
from functools import cache
from typing import (
    Any,
    Optional,
    TYPE_CHECKING,
)

if TYPE_CHECKING:
    from ..core.rate_limited_log import RateLimitedLog

log = logging.getLogger(__name__)

_DYNAMIC = "dynamic"


# Galaxy passes only arguments that it finds by name.
def sorting_hat(
    app: Any,
    job_id: Optional[int] = None,
    job: Any = None,
    user: Any = None,
    tool: Any = None,
    tool_id: Optional[str] = None,
    referrer: Any = None,
    default: Optional[str] = None,
    training: Optional[str] = None,
    local: Optional[str] = None,
) -> Any:
    """Where a job goes; the arguments are those Galaxy knows by these names.

    ``default``, ``training`` and ``local`` come from beside the rule in ``job_conf.yml``, else from the
    settings; see :class:`galaxy_tiaas.routing.decision.Policy`.

    :returns: a job destination: a copy of an environment, with the decision in its parameters. If the decision could
        not be made, the name of an environment: ``default``, else the first that is not dynamic.
    """
    try:
        from ..routing.job_rule import destination_of

        params = {"default": default, "training": training, "local": local}
        return destination_of(app, job_id, job, user, tool, tool_id, referrer, params)
    except Exception as problem:
        log_broken(f"({job_id}) galaxy-tiaas: this job goes to the default destination", problem)
        return _fallback(app, default, referrer)


def log_broken(consequence: str, problem: Exception) -> None:
    """Log that the rule could not even be asked. Only import errors say more: others may hold personal data."""
    details = f": {problem}" if isinstance(problem, ImportError) else ""
    message = f"{consequence}: {type(problem).__name__}{details}"
    try:
        _errors().error(type(problem).__name__, message)
    except ImportError:
        log.error(message)


@cache
def _errors() -> "RateLimitedLog":
    from ..core.rate_limited_log import RateLimitedLog

    return RateLimitedLog(log)


def _fallback(app: Any, default: Optional[str], referrer: Any) -> Optional[str]:
    environments = app.job_config.destinations
    if default in environments and default != getattr(referrer, "id", None):
        return default
    return next((name for name, same in environments.items() if same[0].runner != _DYNAMIC), default)
