"""Who in a class needs help."""

from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)

from ..classroom.schema import QuestionView
from ..core.fields import UtcTime
from ..membership.schema import PersonView
from .schema import JobsShown


class RaisedHand(PersonView):
    raised_at: UtcTime


class FailedMember(PersonView):
    failures: int = Field(description="How many of the newest jobs that came to an end failed in a row.")
    tool_id: Optional[str] = Field(description="The tool of the newest of them.")
    failed_at: UtcTime


class WaitingMember(PersonView):
    waiting: int = Field(description="Number of jobs that wait.")
    tool_id: Optional[str] = Field(description="The tool of the oldest of them.")
    state: str
    since: UtcTime = Field(description="When the oldest of them was created.")


class SilentMember(PersonView):
    since: UtcTime = Field(description="When they joined, or when the training's resources became available.")


class RaisedHands(BaseModel):
    total: int
    people: list[RaisedHand] = Field(description="The first 50, the longest raised first.")


class FailedMembers(BaseModel):
    total: int
    people: list[FailedMember] = Field(description="The first 50, the most failures in a row first.")


class WaitingMembers(BaseModel):
    total: int
    people: list[WaitingMember] = Field(description="The 20 who have waited longest.")


class SilentMembers(BaseModel):
    total: int
    people: list[SilentMember] = Field(description="The first 50, the longest silent first.")


class Answerers(BaseModel):
    total: int
    people: list[PersonView] = Field(description="The first 50, by name.")


class AskedQuestion(QuestionView):
    """The question that is open, and what the class answered."""

    done: Answerers
    working: Answerers
    none: Answerers = Field(description="Members, other than those who teach, who have not answered.")


class AskableStep(BaseModel):
    position: int
    label: str


class TrainingHelp(BaseModel):
    """Who needs help. Totals are exact; the lists are cut."""

    identifier: str
    hours: int
    shown: JobsShown
    generated: UtcTime
    live: bool = Field(description="Whether the class can raise hands and be asked.")
    hands: RaisedHands
    failed: FailedMembers = Field(description="Members whose newest job that came to an end failed.")
    waiting: WaitingMembers
    silent: SilentMembers = Field(
        description="Members who have started no job since they joined, or since the training's resources became"
        " available; only while they are, and after ten minutes."
    )
    question: Optional[AskedQuestion]
    steps: list[AskableStep] = Field(description="What the class can be asked about.")
