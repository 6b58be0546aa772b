"""Hands and questions: what happens between an instructor and the class."""

from typing import (
    Literal,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import (
    LAST_ID,
    Line,
    Payload,
    UtcTime,
)
from ..membership.schema import MembershipView

_POSITION = "The step that it is about, if it is about one."


class HandChange(Payload):
    """The caller's own hand."""

    raised: bool


class HandLowered(Payload):
    """The hand of somebody else, which can only be lowered."""

    raised: Literal[False]


class HandView(BaseModel):
    pseudonym: str
    changed: bool = Field(description="False if the hand was down already.")


class Answer(Payload):
    done: bool = Field(description="Done, or else still working.")
    question: Optional[str] = Field(
        None, max_length=64, description="Id of the question that is meant; refused if another one is open by now."
    )


class QuestionAsked(Payload):
    text: Line = Field("", description='What the class is asked; "Are you done?", or with the step, if empty.')
    position: Optional[int] = Field(None, ge=1, le=LAST_ID, description=_POSITION)


class QuestionView(BaseModel):
    id: str = Field(description="Changes with each question.")
    text: str
    position: Optional[int] = Field(description=_POSITION)
    asked_at: UtcTime


class OpenQuestion(QuestionView):
    """The question that is open, and what the caller answered."""

    done: Optional[bool] = Field(description="Null until the caller answers; false: still working.")


class ClassMembershipView(MembershipView):
    """Where the caller stands in the class, now."""

    hand_raised_at: Optional[UtcTime] = Field(None, description="Since when the caller's hand is up.")
    question: Optional[OpenQuestion] = None
    course_only: bool = Field(
        description="Whether the dashboard shows only jobs in histories that are tagged with the training's identifier"
        " or shared with its instructors."
    )
