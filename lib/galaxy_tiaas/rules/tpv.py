"""For sites that route jobs with Total Perspective Vortex: what a rule in its configuration may ask us.

``config/tpv.yml`` is an example. TPV itself is not needed here, and as in :mod:`.gateway` nothing but Python is
imported outside the ``try``: TPV fails a job whose rule raises.
"""

from typing import (
    Any,
    Optional,
    TYPE_CHECKING,
)

from .gateway import log_broken

if TYPE_CHECKING:
    from ..routing.decision import Decision


def training_of(app: Any, job: Any, tool: Any, user: Any, training: str = "training") -> "Optional[Decision]":
    """The training that a job counts for; the first four arguments are those TPV knows by these names.

    The decision is the one of :func:`~galaxy_tiaas.rules.gateway.sorting_hat`, made from the same settings: its
    ``training`` is the identifier, its ``destination`` the one chosen for this training, else ``training``, and its
    ``settings.params`` are those that are set for this training, filled in.

    :returns: ``None`` if the job counts for no training, or goes where it always goes all the same, or if the decision
        could not be made, which is logged.
    """
    try:
        from ..routing.job_rule import decision_for_tpv

        return decision_for_tpv(app, job, tool, user, training)
    except Exception as problem:
        log_broken("galaxy-tiaas: TPV is not told of a training for this job", problem)
        return None
