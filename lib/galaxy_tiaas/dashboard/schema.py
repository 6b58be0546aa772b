"""What a class is doing."""

from enum import Enum
from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import UtcTime
from ..membership.schema import (
    PersonView,
    Pseudonymous,
)

States = dict[str, int]


class JobsShown(str, Enum):
    """Which jobs of the members count."""

    ALL = "all"
    #: Those in histories tagged with the training's identifier or shared with one of its instructors.
    COURSE = "course"


class JobCounts(BaseModel):
    states: States = Field(description="Galaxy job state to number of jobs.")
    total: int


class ToolCounts(JobCounts):
    tool_id: str


class MemberCounts(PersonView, JobCounts):
    last_active: Optional[UtcTime] = Field(
        None, description="When the newest job of the member was created; for most viewers, in which minute."
    )
    last_failed: bool = Field(
        False, description="Whether the newest job of the member that came to an end by itself failed."
    )


class QueuedJob(Pseudonymous):
    tool_id: Optional[str]
    state: str
    create_time: UtcTime
    update_time: UtcTime


class QueuedInvocation(Pseudonymous):
    state: str
    create_time: UtcTime
    update_time: UtcTime


class InvocationCounts(BaseModel):
    states: States
    total: int
    queue: Optional[list[QueuedInvocation]] = Field(
        None, description="The newest 300. Absent for all but instructors and admins."
    )


class TrainingStatus(BaseModel):
    """The last hours of a class. Counts are exact; only the two `queue` lists are cut, to the newest 300.

    For all but instructors and admins the two `queue` keys are absent, and times are whole minutes, rounded down. A job
    of somebody in several trainings counts for one of them.
    """

    identifier: str
    title: str
    hours: int
    until: Optional[UtcTime] = Field(
        None, description="When these hours ended, if the training is over; else they go up to now."
    )
    shown: JobsShown = Field(
        description="`course`: only what was done in histories tagged with the training's identifier or shared with"
        " its instructors."
    )
    course_only: bool = Field(description="Whether the instructor wants nothing else to be shown.")
    generated: UtcTime
    members: int
    jobs: JobCounts
    tools: list[ToolCounts]
    users: list[MemberCounts] = Field(description="In the order of their pseudonyms.")
    queue: Optional[list[QueuedJob]] = Field(
        None, description="The newest 300. Absent for all but instructors and admins."
    )
    invocations: InvocationCounts
