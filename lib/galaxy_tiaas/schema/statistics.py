"""Numbers about all trainings."""

from datetime import date
from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)


class CountryCount(BaseModel):
    name: str
    alpha2: str
    code: str = Field(description="ISO 3166-1 alpha-3.")
    trainings: int


class YearCount(BaseModel):
    year: int
    trainings: int
    days: int
    attendance: int


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
    countries: list[CountryCount]
    years: list[YearCount]


class CalendarEvent(BaseModel):
    """An approved training on the calendar; both days belong to it. The public sees the dates alone."""

    start: date
    end: date
    identifier: Optional[str] = None
    title: Optional[str] = None
    location: Optional[list[str]] = None
    attendance: Optional[int] = None
    url: Optional[str] = None
