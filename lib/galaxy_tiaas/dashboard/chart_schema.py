"""What a class did over the last hours, and how long it waited."""

from enum import Enum
from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import UtcTime
from .schema import (
    JobsShown,
    States,
)


class Withheld(str, Enum):
    """Why it is not said how long jobs waited."""

    #: Of fewer jobs, or fewer people, than make the numbers nobody's in particular.
    TOO_FEW = "too_few"
    #: One person's jobs are more than those of all others together.
    ONE_PERSON = "one_person"


class Bucket(BaseModel):
    start: UtcTime
    states: States = Field(description="Present Galaxy job state to number of jobs created in this span of time.")


class WaitingTimes(BaseModel):
    """Seconds from creation to start that a quarter, half and three quarters of the jobs waited at most."""

    jobs: int = Field(description="Of how many jobs this is: those that have run.")
    sampled: bool = Field(description="Whether there are more jobs, and only every so many of them was looked at.")
    p25: int
    median: int
    p75: int


class Waits(BaseModel):
    """How long jobs waited that were created in these hours, uploads and Galaxy's other internal tools left out."""

    unit: str = "seconds"
    members: Optional[WaitingTimes] = Field(description="The jobs of this class.")
    members_withheld: Optional[Withheld] = Field(description="Why `members` is null, if it is.")
    others: Optional[WaitingTimes] = Field(description="Those of all other accounts on the server.")
    others_withheld: Optional[Withheld] = Field(description="Why `others` is null, if it is.")


class TrainingActivity(BaseModel):
    """The jobs of a class by the time of their creation, and how long they waited."""

    identifier: str
    hours: int
    shown: JobsShown
    generated: UtcTime = Field(description="For all but instructors and admins a whole minute.")
    bucket_seconds: int = Field(description="Length of the spans of time.")
    buckets: list[Bucket] = Field(
        description="All spans in the hours, also those without jobs. The first began before the hours, perhaps; jobs"
        " from before them do not count."
    )
    waits: Waits
