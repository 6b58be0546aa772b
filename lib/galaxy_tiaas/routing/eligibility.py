"""Whether a training had a say in where a job of somebody goes, in words."""

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from ..core.times import Window
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)

_UNDECIDED = {
    TrainingState.NEW: "it has not been approved",
    TrainingState.REJECTED: "it was rejected",
    TrainingState.CANCELLED: "it was cancelled",
}


@dataclass(frozen=True)
class Eligibility:
    """``counts``: jobs of the user go where the training says; ``why`` it does or does not."""

    counts: bool
    why: str


def eligibility_of(
    identifier: str,
    state: TrainingState,
    window: Window,
    ended_early: bool,
    joined: bool,
    now: datetime,
    decided: Optional[str],
) -> Eligibility:
    """What a training means for a job of somebody at ``now``.

    :param joined: false of those who teach it and are no members.
    :param decided: the training that the rule has decided for, if any.
    """
    if not joined:
        return Eligibility(False, "teaches it, but has not joined it")
    if state in _UNDECIDED:
        return Eligibility(False, _UNDECIDED[state])
    phase = window.phase(now)
    if phase is TrainingPhase.UPCOMING:
        return Eligibility(False, "its window is not open yet")
    if phase is TrainingPhase.FINISHED:
        return Eligibility(False, "it was ended early" if ended_early else "it is over")
    if decided == identifier:
        return Eligibility(True, "it is running")
    if decided:
        return Eligibility(False, f"it is running, but so is '{decided}', which comes first")
    return Eligibility(False, "it is running, but this job does not depend on trainings")
