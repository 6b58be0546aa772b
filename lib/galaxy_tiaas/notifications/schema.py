"""The mail queue."""

from typing import (
    Literal,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import (
    LAST_ID,
    Payload,
    UtcTime,
)

#: Whom a message is for: ``contact`` is the owner of an address that is not confirmed.
Audience = Literal["admin", "instructor", "member", "contact"]


class UndeliveredView(BaseModel):
    """A mail or notification that waits, or whose delivery was abandoned."""

    id: int
    event: str = Field(description="What it is about: `requested`, `approved`, `reminder`, …")
    audience: Audience
    identifier: Optional[str] = Field(description="The training.")
    channel: Literal["mail", "notification"]
    username: Optional[str] = Field(description="Public name of the account that it is for, if it is for one.")
    address: str
    created: UtcTime
    attempts: int
    next_attempt_at: Optional[UtcTime]
    given_up_at: Optional[UtcTime]
    problem: str = Field(description="Why the last attempt failed; empty before the first.")


class MailView(BaseModel):
    """The channels of this server, and what has not been delivered."""

    sends_mail: bool = Field(description="Whether `smtp_server` is set in Galaxy's configuration.")
    sends_notifications: bool = Field(description="Whether Galaxy's notifications are enabled.")
    knows_its_address: bool = Field(description="Whether the URL of this Galaxy is configured.")
    waiting_total: int
    given_up_total: int
    waiting: list[UndeliveredView] = Field(description="The next 50.")
    given_up: list[UndeliveredView] = Field(description="The last 50.")


class MailAction(Payload):
    """An action on deliveries."""

    action: Literal["retry", "drop"]
    delivery: Optional[int] = Field(None, ge=1, le=LAST_ID, description="Which one; default: all that were abandoned.")
