"""Where a job goes, and why: the question and the answer."""

from typing import (
    Any,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import (
    Line,
    Moment,
    Payload,
    UtcTime,
)
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)

_USER = "Public name, e-mail address or encoded id of an account; empty or `anonymous`: somebody who is not logged in."
_TOOL = "Id of a tool; empty: an ordinary one."
_AT = "When the job would start, in UTC unless it says otherwise; now if not given."
_JOB = "A job that exists, by its number or encoded id; then the other questions are answered by the job."


class RoutingQuestion(Payload):
    """A job that somebody might start, or one that exists."""

    user: Line = Field("", description=_USER)
    tool_id: Line = Field("", description=_TOOL)
    at: Optional[Moment] = Field(None, description=_AT)
    job: Line = Field("", description=_JOB)
    kinds: frozenset[str] = Field(
        frozenset(), description="What kind of tool it is, where the server's tools are not loaded."
    )


class RuleAnswer(BaseModel):
    """What one environment of the job configuration that uses the rule decides."""

    rule: str = Field(description="Name of that environment.")
    asked: bool = Field(description="Whether the job configuration hands jobs with this tool to the rule at all.")
    destination: str
    destination_title: Optional[str]
    reason: str
    training: Optional[str] = Field(description="Identifier of the training that the job counts for.")
    params: dict[str, Any] = Field(description="What is set on the destination.")
    missing: Optional[str] = Field(description="The environment that should have been used and does not exist.")


class ConsideredTraining(BaseModel):
    """A training that the user joined or teaches, and whether it counts."""

    identifier: str
    title: str
    state: TrainingState
    phase: TrainingPhase = Field(description="At the time in question.")
    opens: UtcTime
    closes: UtcTime
    joined: bool
    counts: bool
    why: str


class PlacedJob(BaseModel):
    """Where Galaxy sent a job."""

    id: str
    number: int
    state: str
    created: UtcTime
    destination: Optional[str]
    destination_title: Optional[str]
    training: Optional[str] = Field(description="Identifier of the training that it counted for.")
    reason: Optional[str] = Field(description="As the rule left it with the job.")
    account: str = Field(description="The same in a sentence.")


class RoutingExplanation(BaseModel):
    """Where a job goes, and why. For a job that exists, `rules` say what they would decide for its like."""

    user: Optional[str] = Field(description="Public name; null: not logged in.")
    tool_id: Optional[str]
    tool_name: str = Field(description="What the tool panel calls it; its short id if this server does not have it.")
    tool_known: Optional[bool] = Field(description="Whether this server has the tool; null where that is not known.")
    kinds: list[str] = Field(description="Any of `internal`, `interactive`, `gpu`.")
    at: UtcTime
    environment: str = Field(description="Where the job configuration sends jobs with this tool at first.")
    rules: list[RuleAnswer]
    trainings: list[ConsideredTraining] = Field(description="Those that the user joined or teaches, the latest first.")
    job: Optional[PlacedJob]
