"""What people decide about a training, and what the clock says about it."""

from enum import Enum


class TrainingState(str, Enum):
    """What people decided."""

    NEW = "new"
    APPROVED = "approved"
    REJECTED = "rejected"
    CANCELLED = "cancelled"


class TrainingPhase(str, Enum):
    """What the clock says: before, inside or after the training's window."""

    UPCOMING = "upcoming"
    ONGOING = "ongoing"
    FINISHED = "finished"


#: Every transition that exists. Approving a rejected request and rejecting an approved one undo a
#: mistaken decision; a cancelled training is the requester's word and stays cancelled.
TRANSITIONS: dict[TrainingState, frozenset[TrainingState]] = {
    TrainingState.NEW: frozenset({TrainingState.APPROVED, TrainingState.REJECTED, TrainingState.CANCELLED}),
    TrainingState.APPROVED: frozenset({TrainingState.REJECTED, TrainingState.CANCELLED}),
    TrainingState.REJECTED: frozenset({TrainingState.APPROVED}),
    TrainingState.CANCELLED: frozenset(),
}

#: What someone who teaches the training may do without an admin.
INSTRUCTOR_TRANSITIONS: frozenset[TrainingState] = frozenset({TrainingState.CANCELLED})


def transition_exists(current: TrainingState, target: TrainingState) -> bool:
    """Whether a training in state ``current`` can be brought into state ``target``."""
    return target in TRANSITIONS[current]
