"""How people appear to others in their class."""

from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)


class Pseudonymous(BaseModel):
    """Somebody by the name, colour and shape that stand for them on the dashboard."""

    pseudonym: str
    colour: str = Field(description="`#rrggbb`.")
    shape: str = Field(description="Shape in that colour, such as `star` or `cloud`.")


class PersonView(Pseudonymous):
    """A member, with the public name for those who may see it."""

    username: Optional[str] = None
