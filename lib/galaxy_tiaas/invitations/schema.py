"""Invitations to teach, as clients get and answer them."""

from datetime import date
from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import (
    Payload,
    UtcTime,
)


class InvitationView(BaseModel):
    """Somebody asks the caller to teach a training with them."""

    identifier: str
    title: str
    start: date
    end: date
    timezone: str
    invited_by: Optional[str] = Field(description="Public name of who asks; null for the server itself.")
    invited_at: UtcTime
    expires_at: UtcTime


class InvitationDecision(Payload):
    """The answer to an invitation."""

    accept: bool


class InvitationAnswered(BaseModel):
    """What has become of an invitation."""

    identifier: str
    title: str
    teaches: bool = Field(description="Whether the caller teaches the training now.")
