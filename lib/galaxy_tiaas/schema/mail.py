"""What admins see of messages that have not arrived."""

from typing import (
    Literal,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
)

from .fields import LAST_ID
from .trainings import (
    Payload,
    UtcTime,
)


class UndeliveredView(BaseModel):
    """A mail or notification that waits, or that was given up."""

    id: int
    event: str = Field(description="What it is about: `requested`, `approved`, `reminder`, …")
    audience: Literal["admin", "instructor", "member"]
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
    """Whether this server can tell people something, and what has not arrived."""

    sends_mail: bool = Field(description="Whether `smtp_server` is set in Galaxy's configuration.")
    sends_notifications: bool = Field(description="Whether Galaxy's notifications are enabled.")
    knows_its_address: bool = Field(description="Whether a setting says where this Galaxy is reached.")
    waiting_total: int
    given_up_total: int
    waiting: list[UndeliveredView] = Field(description="The next 50.")
    given_up: list[UndeliveredView] = Field(description="The last 50.")


class MailAction(Payload):
    """What to do with messages that have not arrived."""

    action: Literal["retry", "drop"]
    delivery: Optional[int] = Field(
        None, ge=1, le=LAST_ID, description="Which one; without it, all that were given up."
    )
