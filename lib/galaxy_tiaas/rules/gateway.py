"""Adapter between Galaxy's dynamic destinations and :mod:`galaxy_tiaas.domain.routing`.

It runs in Galaxy's job handlers, which have no web application. Whatever goes wrong here, the job goes
to a destination that exists and one line is logged: Galaxy fails a job whose rule raises.
"""

import logging
from collections.abc import (
    Iterator,
    Sequence,
)
from typing import (
    Any,
    Optional,
)

from galaxy.util import now

from ..config import config_of
from ..domain.routing import (
    decide,
    decide_without_user,
    Decision,
    Destinations,
)
from ..exceptions import describe
from ..managers.routing import running_trainings_of

log = logging.getLogger(__name__)

#: Kinds of tools that Galaxy runs for itself, whatever their id.
_INTERNAL_TOOL_TYPES = frozenset({"set_metadata", "import_history", "export_history", "expression"})
_LOCAL = "local"
_DYNAMIC = "dynamic"


def sorting_hat(
    app: Any,
    job_id: Optional[int] = None,
    user: Any = None,
    tool: Any = None,
    tool_id: Optional[str] = None,
    referrer: Any = None,
    default: Optional[str] = None,
    training: Optional[str] = None,
    local: Optional[str] = None,
) -> str:
    """The job environment for one job of Galaxy; the arguments are those Galaxy knows by these names.

    ``default``, ``training`` and ``local`` come from beside the rule in ``job_conf.yml``, else from the
    settings; see :class:`galaxy_tiaas.domain.routing.Destinations`.

    :returns: the id of an environment that exists.
    """
    wanted: list[Optional[str]] = [default]
    try:
        destinations = destinations_of(app, default, training, local)
        wanted = [destinations.default]
        decision = decide_for(app, user.id if user else None, tool_id, getattr(tool, "tool_type", None), destinations)
        log.debug("(%s) galaxy-tiaas: %s, because %s", job_id, decision.destination, decision.reason)
        usual = [destinations.training] if decision.training else []
        wanted = [decision.destination, *usual, destinations.default]
    except Exception as problem:
        log.error("(%s) galaxy-tiaas: this job goes to the default destination: %s", job_id, describe(problem))
    return _existing(app, wanted, getattr(referrer, "id", None), job_id)


def destinations_of(app: Any, default: Optional[str], training: Optional[str], local: Optional[str]) -> Destinations:
    """What the rule chooses from: parameters beside the rule, else settings, else what is obvious.

    :raises ConfigurationProblem: if the settings cannot be read.
    """
    config = config_of(app.config)
    default = default or config.default or ""
    if not (local := local or config.local):
        local = _LOCAL if _LOCAL in app.job_config.destinations else default
    return Destinations(default=default, training=training or config.training or default, local=local)


def decide_for(
    app: Any, user_id: Optional[int], tool_id: Optional[str], tool_type: Optional[str], destinations: Destinations
) -> Decision:
    """The decision for a job of this user (``None``: not logged in); asks the database only where it depends on it."""
    if tool_type in _INTERNAL_TOOL_TYPES:
        return Decision(destinations.local, f"{tool_id} is one of Galaxy's internal tools")
    if decision := decide_without_user(tool_id, user_id is None, destinations):
        return decision
    assert user_id is not None
    flex_hours = config_of(app.config).join_flex_hours
    return decide(running_trainings_of(app.model.engine, user_id, now(), flex_hours), destinations)


def _existing(app: Any, wanted: Sequence[Optional[str]], rule_id: Optional[str], job_id: Optional[int]) -> str:
    """The first of the wanted environments that exists, else ``local``, else any that is not a rule."""
    known = app.job_config.destinations
    usable = (name for name in _in_order(known, wanted) if name in known and name != rule_id)
    chosen = next(usable, None)
    if wanted and wanted[0] != chosen:
        log.error(
            "(%s) galaxy-tiaas: there is no job environment '%s' that could be used; the job goes to '%s'."
            " Run `galaxy-tiaas config check`.",
            job_id,
            wanted[0],
            chosen,
        )
    return chosen or _LOCAL


def _in_order(known: Any, wanted: Sequence[Optional[str]]) -> Iterator[str]:
    yield from (name for name in wanted if name)
    yield _LOCAL
    yield from (name for name, environments in known.items() if environments[0].runner != _DYNAMIC)
