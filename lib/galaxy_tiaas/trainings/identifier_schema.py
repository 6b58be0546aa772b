"""What there is to say about an identifier before it is asked for."""

from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)


class IdentifierCheck(BaseModel):
    """Whether a training could be called like this."""

    identifier: Optional[str] = Field(description="As it would be stored; null if the text can be no identifier.")
    valid: bool = Field(description="Whether it has the right characters and length.")
    available: bool = Field(description="Whether it is valid and free.")
    message: str = Field(description="The same in a sentence.")
    suggestions: list[str] = Field(description="Identifiers that are free; none if the asked one is.")
