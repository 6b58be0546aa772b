"""What a class is doing."""

from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)

from .trainings import UtcTime

States = dict[str, int]


class JobCounts(BaseModel):
    states: States = Field(description="Galaxy job state to number of jobs.")
    total: int


class ToolCounts(JobCounts):
    tool_id: str


class MemberCounts(JobCounts):
    pseudonym: str
    colour: str
    last_active: Optional[UtcTime] = Field(None, description="When the newest job of the member was created.")
    username: Optional[str] = None


class QueuedJob(BaseModel):
    pseudonym: str
    colour: str
    tool_id: Optional[str]
    state: str
    create_time: UtcTime
    update_time: UtcTime


class QueuedInvocation(BaseModel):
    pseudonym: str
    colour: str
    state: str
    create_time: UtcTime
    update_time: UtcTime


class InvocationCounts(BaseModel):
    states: States
    total: int
    queue: list[QueuedInvocation] = Field(description="The newest 300.")


class TrainingStatus(BaseModel):
    """The last hours of a class. Counts are exact; only the two `queue` lists are cut, to the newest 300."""

    identifier: str
    title: str
    hours: int
    generated: UtcTime
    members: int
    jobs: JobCounts
    tools: list[ToolCounts]
    users: list[MemberCounts]
    queue: list[QueuedJob]
    invocations: InvocationCounts
