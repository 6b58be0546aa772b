"""Where a job goes, and why.

The decision is a value that carries its reason. It knows nothing of Galaxy: the adapter in
:mod:`galaxy_tiaas.rules` gathers what it needs and turns the answer into a Galaxy job destination.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Optional

#: Tools that Galaxy runs for itself or that bring data in. They need no training resources and often
#: cannot run on a cluster. Galaxy gives all its internal tools ids of the form ``__NAME__``.
UPLOAD_TOOLS = frozenset({"upload1"})


@dataclass(frozen=True)
class Destinations:
    """The job environments (ids or tags in ``job_conf.yml``) that the rule chooses from."""

    default: str
    training: str
    local: str


@dataclass(frozen=True)
class RunningTraining:
    """An approved training whose window is open and of which the user is a member.

    ``starts`` is the start of its first day in naive UTC, ``destination`` the one chosen for this
    training at approval, if any.
    """

    identifier: str
    starts: datetime
    destination: Optional[str] = None


@dataclass(frozen=True)
class Decision:
    """``destination`` for a job, a ``reason`` in words, and the training it counts for, if any."""

    destination: str
    reason: str
    training: Optional[str] = None


def is_internal_tool(tool_id: Optional[str]) -> bool:
    """Whether Galaxy runs this tool for itself: uploads, data fetch, metadata, history import and the like."""
    if not tool_id:
        return False
    return tool_id in UPLOAD_TOOLS or (tool_id.startswith("__") and tool_id.endswith("__"))


def decide_without_user(tool_id: Optional[str], anonymous: bool, destinations: Destinations) -> Optional[Decision]:
    """The decision where it does not depend on who the user is, else ``None``."""
    if is_internal_tool(tool_id):
        return Decision(destinations.local, f"{tool_id} is one of Galaxy's internal tools")
    if anonymous:
        return Decision(destinations.default, "the user is not logged in")
    return None


def decide(trainings: Sequence[RunningTraining], destinations: Destinations) -> Decision:
    """The decision for an ordinary tool of a logged-in user who is a member of ``trainings``.

    In several running trainings at once, the one that started last counts.
    """
    if not trainings:
        return Decision(destinations.default, "the user is in no training that is running now")
    training = max(trainings, key=lambda t: (t.starts, t.identifier))
    reason = f"the user is a member of training '{training.identifier}', which is running now"
    return Decision(training.destination or destinations.training, reason, training.identifier)
