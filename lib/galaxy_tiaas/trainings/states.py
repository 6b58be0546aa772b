"""What people decide about a training and an invitation to teach it, and what the clock says about it."""

from datetime import (
    datetime,
    timedelta,
)
from enum import Enum
from typing import Literal

#: The source of a change: the pages, the JSON API, the command line, the lifecycle, an import from another system.
ChangeSource = Literal["page", "api", "command", "lifecycle", "import"]

CHANGE_SOURCES: tuple[ChangeSource, ...] = ("page", "api", "command", "lifecycle", "import")
#: Where what comes in was typed by somebody just now.
PEOPLES_SOURCES: tuple[ChangeSource, ...] = ("page", "api", "command")

#: How long somebody can accept an invitation.
INVITATION_DAYS = 30
_LIFETIME = timedelta(days=INVITATION_DAYS)


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


class InvitationState(str, Enum):
    """What has become of an invitation. Whoever invited somebody cannot tell ``declined`` from ``open``."""

    OPEN = "open"
    DECLINED = "declined"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


#: As whoever invited somebody sees it: these wait for an answer.
WAITING = frozenset({InvitationState.OPEN.value, InvitationState.DECLINED.value})


def expires(created: datetime) -> datetime:
    """From when on an invitation cannot be accepted any more."""
    return created + _LIFETIME


def oldest_valid(now: datetime) -> datetime:
    """Invitations that were made at this time or before have expired at ``now``."""
    return now - _LIFETIME
