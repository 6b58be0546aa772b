"""Invitations to teach a training with others."""

from datetime import (
    datetime,
    timedelta,
)
from enum import Enum

#: How long somebody can accept.
INVITATION_DAYS = 30
_LIFETIME = timedelta(days=INVITATION_DAYS)


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


def shortened(text: str, longest: int = 60) -> str:
    """The beginning of what a stranger wrote, for the mail in which it is quoted."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
