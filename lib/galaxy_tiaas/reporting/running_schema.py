"""What schedulers and autoscalers are told."""

from datetime import date
from typing import (
    Any,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
    RootModel,
)

from ..core.fields import UtcTime
from ..trainings.states import TrainingPhase


class RunningView(BaseModel):
    """A training as a scheduler or autoscaler needs to know it; no personal data."""

    identifier: str
    title: str
    group: str
    role: str
    phase: TrainingPhase = Field(description="`ongoing` while the window is open, `upcoming` before.")
    opens: UtcTime = Field(description="When its resources begin: the first day less the flexible hours.")
    closes: UtcTime = Field(description="When they end: the last day and the flexible hours, or its early end.")
    start: date
    end: date
    timezone: str
    attendance: int = Field(description="How many people are expected.")
    members: int = Field(description="How many have joined so far.")
    destination: Optional[str] = Field(description="Chosen at approval; null: the usual training destination.")
    environment: Optional[str] = Field(
        description="Where ordinary jobs of its members go: `destination`, or what the settings and the job"
        " configuration name instead; null if no environment uses the rule."
    )
    environment_title: Optional[str] = Field(description="Its title in the settings, if it has one.")
    params: dict[str, Any] = Field(description="What is set on that environment for these jobs, filled in.")


class RunningTrainings(RootModel[list[RunningView]]):
    """Those that run now or next, by their first day."""
