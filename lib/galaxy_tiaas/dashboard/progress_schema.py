"""How far a class is."""

from enum import Enum
from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import UtcTime
from ..membership.schema import PersonView
from .progress import StepState
from .schema import JobsShown
from .setup_schema import StepView


class ProgressSource(str, Enum):
    """What the members are held against."""

    STEPS = "steps"
    #: No steps are set up: the tools that the class uses most.
    TOOLS = "tools"


class StepCounts(BaseModel):
    """Members by the state of one step."""

    not_started: int
    running: int = Field(description="Their job waits or runs.")
    done: int
    failed: int


class StepProgress(StepView):
    counts: StepCounts
    here: int = Field(description="Number of members whose `position` this is.")


class ToolJobs(BaseModel):
    """Jobs with one tool; waiting ones are `running`."""

    done: int
    running: int
    failed: int


class ToolProgress(BaseModel):
    tool_id: str = Field(description="Without Tool Shed and version.")
    jobs: ToolJobs
    members: int = Field(description="Number of members who used it.")


class MemberProgress(PersonView):
    position: Optional[int] = Field(
        None, description="With steps: the last one that the member has begun; 0 before the first."
    )
    states: list[StepState] = Field(default_factory=list, description="With steps: the state of each of them.")
    behind: bool = Field(False, description="With steps: whether the member is well behind the median.")
    tools: list[ToolJobs] = Field(default_factory=list, description="With tools: the member's jobs with each of them.")


class TrainingProgress(BaseModel):
    """Members × steps, or members × tools where no steps are set up, since the training's window opened."""

    identifier: str
    title: str
    generated: UtcTime = Field(description="For all but instructors and admins a whole minute, as `since`.")
    since: UtcTime = Field(description="When the window opened.")
    shown: JobsShown
    course_only: bool = Field(description="Whether the instructor wants nothing else to be shown.")
    members: int
    source: ProgressSource
    steps: list[StepProgress] = Field(description="Empty where no steps are set up.")
    median: Optional[float] = Field(
        description="The median position of those who have begun; null if nobody has, and without steps."
    )
    tools: list[ToolProgress] = Field(description="Without steps: the tools used most, at most 15.")
    users: list[MemberProgress] = Field(description="Those well behind first, then by position and pseudonym.")
