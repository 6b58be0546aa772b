"""Members, and how they appear to others in their class."""

from typing import Optional

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import UtcTime


class Pseudonymous(BaseModel):
    """Somebody by the name, colour and shape that stand for them on the dashboard."""

    pseudonym: str
    colour: str = Field(description="`#rrggbb`.")
    shape: str = Field(description="Shape in that colour, such as `star` or `cloud`.")


class PersonView(Pseudonymous):
    """A member, with the public name for those who may see it."""

    username: Optional[str] = None


class MembershipView(BaseModel):
    """Where the caller stands after joining or leaving."""

    identifier: str
    title: str
    member: bool
    changed: bool = Field(description="False if nothing had to be done.")
    active: bool = Field(description="Whether the resources are available to the caller now.")
    opens: UtcTime
    closes: UtcTime
    pseudonym: Optional[str] = Field(None, description="The name that stands for the caller on the dashboard.")
    colour: Optional[str] = Field(None, description="The colour beside it, `#rrggbb`.")
    shape: Optional[str] = Field(None, description="The shape in that colour, such as `star` or `cloud`.")
    note: Optional[str] = Field(
        None, description="What a member has to do before Galaxy runs any tools: activate the account."
    )


class MemberView(PersonView):
    """One member of a training."""

    joined_at: Optional[UtcTime]
    email: Optional[str] = None
    activated: Optional[bool] = Field(
        None,
        description="False while Galaxy runs no tools for the account; left out where accounts need no activation.",
    )
