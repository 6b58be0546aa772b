"""What an instructor sets up for the dashboard of a class."""

from typing import (
    Annotated,
    Any,
)

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import (
    FilledLine,
    Line,
    MayBeLeftOut,
    Payload,
)
from .steps import MOST_STEPS

_COURSE_ONLY = (
    "Whether only jobs in histories count that are tagged with the training's identifier or shared with one of its"
    " instructors."
)
_TOOL_ID = "Id of the tool; its version and the Tool Shed that it is from do not matter."


class StepPayload(Payload):
    tool_id: FilledLine = Field(description=_TOOL_ID)
    label: Line = Field("", description="What the class calls it; the name of the tool if empty.")


class DashboardUpdate(Payload):
    """What is left out stays as it is. Steps come from one of `steps`, `workflow_id` and `workflow`."""

    course_only: MayBeLeftOut[bool] = Field(None, description=_COURSE_ONLY)
    steps: MayBeLeftOut[Annotated[list[StepPayload], Field(max_length=MOST_STEPS)]] = Field(
        None, description="What the class will do, in this order. An empty list takes the steps away."
    )
    workflow_id: MayBeLeftOut[Line] = Field(
        None, description="Encoded id of a stored workflow that is yours, shared with you, or open to everybody."
    )
    workflow: MayBeLeftOut[dict[str, Any]] = Field(
        None, description="A workflow: the JSON of its `.ga` file. Only its tools and labels are kept."
    )


class StepView(BaseModel):
    position: int = Field(description="From 1.")
    label: str
    tool_id: str


class DashboardView(BaseModel):
    identifier: str
    title: str
    course_only: bool = Field(description=_COURSE_ONLY)
    steps: list[StepView] = Field(description="What the class will do; empty: the dashboard shows its tools instead.")


class WorkflowOption(BaseModel):
    """A workflow that the steps can be taken from."""

    id: str
    name: str
    own: bool = Field(description="False: somebody has shared it.")
