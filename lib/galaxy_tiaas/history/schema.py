"""The history of a training, and those of all trainings together."""

from datetime import date
from typing import (
    Any,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
    field_validator,
    ValidationInfo,
)

from ..core.fields import (
    Day,
    Line,
    Payload,
    UtcTime,
)
from ..trainings.states import (
    ChangeSource,
    TrainingState,
)

#: What stands for the server itself, and for its command line, among people.
SERVER = "server"

#: What is done to trainings, in the order in which it happens to one, more or less.
ACTIONS = (
    "requested, imported, changed, invitation accepted, change requested, change withdrawn, change accepted, "
    "change declined, approved, rejected, cancelled, dashboard set up, reminded, resources on, resources off, "
    "ended early, resumed, thanked, person forgotten, redacted"
).split(", ")


class EventView(BaseModel):
    """One line of a training's history."""

    time: UtcTime
    user_id: Optional[str] = Field(description="Who did it; null for the server itself and for people since redacted.")
    username: Optional[str]
    via: Optional[ChangeSource] = Field(description="How it was done; null for what is older than this record.")
    action: str
    from_state: Optional[TrainingState]
    to_state: Optional[TrainingState]
    note: str
    changes: dict[str, Any] = Field(description="Field name to [old, new].")


class HistoryFilter(Payload):
    """Which changes an admin wants to see."""

    training: Line = Field("", max_length=255, description="Identifier of a training; empty: of all.")
    user: Line = Field(
        "",
        max_length=255,
        description="Who did it: encoded id, public name or e-mail address; `server`: nobody in person.",
    )
    action: Line = Field("", max_length=32, description="What was done, such as `approved` or `changed`.")
    via: Optional[ChangeSource] = Field(None, description="How it was done.")
    since: Optional[Day] = Field(None, description="First day, in UTC.")
    until: Optional[Day] = Field(None, description="Last day, in UTC.")

    @field_validator("until")
    @classmethod
    def _in_order(cls, until: Optional[date], info: ValidationInfo) -> Optional[date]:
        since = info.data.get("since")
        if since and until and until < since:
            raise ValueError("must not be before the first day")
        return until


class AuditedEvent(EventView):
    """One line of the history of one of all trainings."""

    id: int = Field(description="Give it as `before` to go on after it.")
    identifier: str = Field(description="The training.")
    title: str
