"""Numbers and dates of all trainings."""

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
from ..trainings.schema import UsageView
from ..trainings.states import TrainingPhase


class CountryCount(BaseModel):
    name: str
    alpha2: str
    code: str = Field(description="ISO 3166-1 alpha-3.")
    numeric: Optional[str] = Field(None, description="ISO 3166-1 numeric, three digits; maps go by it.")
    trainings: int


_JOBS = "Jobs that those who joined started while their training was open, of trainings that are over."
_JOB_HOURS = "How long these jobs ran, in hours."
_CORE_HOURS = "The same, each job times the cores that it had."


class YearCount(BaseModel):
    year: int
    trainings: int
    days: int
    attendance: int
    joined: int = Field(description="Memberships of people who really joined.")
    jobs: int = Field(description=_JOBS)
    job_hours: float = Field(description=_JOB_HOURS)
    core_hours: float = Field(description=_CORE_HOURS)


class Statistics(BaseModel):
    """Numbers about approved trainings; days are counted with the first and the last."""

    trainings: int = Field(description="Approved trainings.")
    ongoing: int = Field(description="Of these, running now.")
    upcoming: int = Field(description="Of these, still to come.")
    finished: int = Field(description="Of these, over.")
    waiting: int = Field(description="Requests that wait for a decision.")
    days: int
    attendance: int = Field(description="People expected by the instructors.")
    joined: int = Field(description="Memberships of people who really joined.")
    jobs: int = Field(description=_JOBS)
    job_hours: float = Field(description=_JOB_HOURS)
    core_hours: float = Field(description=_CORE_HOURS)
    countries: list[CountryCount]
    years: list[YearCount]


class TrainingNumbers(BaseModel):
    """One approved training: what was expected, and what came of it."""

    identifier: str
    title: str
    start: date
    end: date
    days: int
    location: list[str]
    attendance: int
    joined: int
    usage: Optional[UsageView]


class CalendarEvent(BaseModel):
    """An approved training on the calendar; both days belong to it. The public sees the dates alone."""

    start: date
    end: date
    identifier: Optional[str] = None
    title: Optional[str] = None
    location: Optional[list[str]] = None
    attendance: Optional[int] = None
    url: Optional[str] = None


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
