"""For sites that route jobs with Total Perspective Vortex: what a rule in its configuration may ask us.

``config/tpv.yml`` is an example. TPV itself is not needed here.
"""

import logging
from collections.abc import Container
from dataclasses import replace
from typing import (
    Any,
    Optional,
)

from ..domain.routing import Decision
from ..exceptions import describe
from . import gateway

log = logging.getLogger(__name__)


class _AnyName(Container[str]):
    """TPV's destinations, whose names only TPV knows."""

    def __contains__(self, name: object) -> bool:
        return True


def training_of(app: Any, job: Any, tool: Any, user: Any, training: str = "training") -> Optional[Decision]:
    """The training that a job counts for; the first four arguments are those TPV knows by these names.

    The decision is the one of :func:`~galaxy_tiaas.rules.gateway.sorting_hat`, made from the same settings: its
    ``training`` is the identifier, its ``destination`` the one chosen for this training, else ``training``, and its
    ``settings`` have ``params`` with everything filled in and ``caps``.

    :returns: ``None`` if the job counts for no training, or goes where it always goes all the same, or after trouble,
        which is one line in the log: TPV fails a job whose rule raises.
    """
    job_id = None
    try:
        job_id = getattr(job, "id", None)
        policy = replace(gateway.policy_of(app, {"training": training}), known=_AnyName())
        facts = gateway.facts_of(tool, getattr(tool, "id", None), anonymous=user is None)
        user_id = user.id if user else None
        decision = gateway.decide_with(
            app, user_id, facts, policy, gateway.now(), job_id, getattr(job, "history_id", None)
        )
        log.debug("(%s) galaxy-tiaas: %s, because %s", job_id, decision.training or "no training", decision.reason)
        return decision if decision.training else None
    except Exception as problem:
        gateway.complaints.say(
            type(problem).__name__,
            f"({job_id}) galaxy-tiaas: TPV is not told of a training for this job: {describe(problem)}",
        )
        return None
