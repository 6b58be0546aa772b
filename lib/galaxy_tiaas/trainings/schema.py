"""A training, as clients send it and as they get it."""

from datetime import (
    date,
)
from typing import (
    Annotated,
    Any,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
)

from ..core.fields import (
    CountryCodes,
    Day,
    Email,
    FilledLine,
    Identifier,
    Line,
    MayBeLeftOut,
    Payload,
    Prose,
    TimeZone,
    UtcTime,
    WebAddress,
)
from .states import (
    TrainingPhase,
    TrainingState,
)

_IDENTIFIER = "Short name of the training: part of its link and of the names of its Galaxy group and role."
_ATTENDANCE = "Number of people expected."
_LOCATION = "Countries in which it takes place, by ISO 3166-1 code or name; kept as alpha-2 codes."
_TIME_ZONE = "IANA time zone in which the days begin and end; the server's setting if not given."
_INSTRUCTORS = (
    "Who teaches it besides the requester: public names, e-mail addresses or encoded ids of Galaxy accounts. Whoever"
    " does not teach it yet is invited, known here or not, and becomes an instructor by accepting. Send back"
    " `instructors` and `invited` as they are to keep them; whoever is left out is removed."
)
#: Besides the requester, and with those who are invited.
MOST_INSTRUCTORS = 50
Instructors = Annotated[list[FilledLine], Field(max_length=MOST_INSTRUCTORS)]
Attendance = Annotated[int, Field(ge=1, le=100_000)]
_RETAIN = "Consent to keep the contact for letters of support and the like after the usual time."


class TrainingCreate(Payload):
    """A request for a training."""

    identifier: Identifier = Field(description=_IDENTIFIER)
    title: FilledLine = Field(description="What the course is called.")
    description: Prose = Field("", description="What it is about, in a few sentences.")
    name: Optional[Line] = Field(None, description="How to address the instructor; the account's public name if empty.")
    email: Optional[Email] = Field(None, description="Contact of the instructor; the account's address if empty.")
    start: Day = Field(description="First day.")
    end: Day = Field(description="Last day; the same as `start` for a course of one day.")
    timezone: Optional[TimeZone] = Field(None, description=_TIME_ZONE)
    website: WebAddress = Field("", description="Address of the course's web page.")
    location: CountryCodes = Field(default_factory=list, description=_LOCATION)
    use_gtn: bool = Field(False, description="Whether materials of the Galaxy Training Network are used.")
    gtn_links: Prose = Field("", description="Which of them: titles or addresses.")
    non_gtn_links: Prose = Field("", description="Other materials, workflows and tools that will be used.")
    attendance: Attendance = Field(description=_ATTENDANCE)
    advertise: bool = Field(False, description="Whether the training may be listed publicly.")
    blogpost: bool = Field(False, description="Whether the instructor would write a blog post afterwards.")
    retain_contact: bool = Field(False, description=_RETAIN)
    other_requests: Prose = Field("", description="Anything else the admins should know.")
    instructors: Instructors = Field(default_factory=list, description=_INSTRUCTORS)


class TrainingUpdate(Payload):
    """Fields to change; those left out stay as they are."""

    identifier: MayBeLeftOut[Identifier] = Field(None, description=_IDENTIFIER)
    title: MayBeLeftOut[FilledLine] = None
    description: MayBeLeftOut[Prose] = None
    name: MayBeLeftOut[FilledLine] = None
    email: MayBeLeftOut[Email] = None
    start: MayBeLeftOut[Day] = None
    end: MayBeLeftOut[Day] = None
    timezone: MayBeLeftOut[TimeZone] = None
    website: MayBeLeftOut[WebAddress] = None
    location: MayBeLeftOut[CountryCodes] = Field(None, description=_LOCATION)
    use_gtn: MayBeLeftOut[bool] = None
    gtn_links: MayBeLeftOut[Prose] = None
    non_gtn_links: MayBeLeftOut[Prose] = None
    attendance: MayBeLeftOut[Attendance] = Field(None, description=_ATTENDANCE)
    advertise: MayBeLeftOut[bool] = None
    blogpost: MayBeLeftOut[bool] = None
    retain_contact: MayBeLeftOut[bool] = Field(None, description=_RETAIN)
    other_requests: MayBeLeftOut[Prose] = None
    instructors: MayBeLeftOut[Instructors] = Field(None, description=_INSTRUCTORS)
    destination: Optional[Line] = Field(
        None, description="For admins: where the members' jobs go; null or empty for the usual training destination."
    )
    version: Optional[Line] = Field(
        None, description="As it was read: nothing is changed if the training has another version by now."
    )

    def given(self) -> dict[str, Any]:
        """The fields that the client wants to change."""
        fields = self.model_dump(exclude_unset=True, exclude={"version"})
        if "destination" in fields:
            fields["destination"] = fields["destination"] or None
        return fields


class StateChange(Payload):
    """A decision about a training."""

    state: TrainingState = Field(description="The new state.")
    note: Prose = Field("", description="A word to the instructor; part of the training's history.")
    destination: Optional[Line] = Field(
        None,
        description="Where the members' jobs go while the training runs, if not to the usual training destination.",
    )


class ChangeDecision(Payload):
    """A decision about a change that the instructor requested."""

    accept: bool
    note: Prose = ""


class Note(Payload):
    """A word about what is done; part of the training's history."""

    note: Prose = ""


class RequestedChange(BaseModel):
    """A change that waits for an admin's decision."""

    time: UtcTime
    changes: dict[str, Any] = Field(description="Field name to requested value.")


class UsageView(BaseModel):
    """What a class used while its training was open; known from a day after it has closed."""

    counted: UtcTime = Field(description="When it was counted.")
    people: int = Field(description="Members who started at least one job.")
    jobs: int
    job_hours: Optional[float] = Field(description="How long the jobs ran, in hours; null: Galaxy measured none.")
    core_hours: Optional[float] = Field(description="The same, each job times the cores that it had.")


class TrainingView(BaseModel):
    """A training as the caller may see it.

    The fields from `name` on are left out unless the caller teaches the training or is an admin.
    """

    identifier: str
    title: str
    description: str
    start: date
    end: date
    timezone: str
    website: str
    location: list[str]
    use_gtn: bool
    gtn_links: str
    non_gtn_links: str
    attendance: int
    advertise: bool
    state: TrainingState
    phase: TrainingPhase
    opens: UtcTime = Field(description="When the window opens: the start of the first day less the flexible hours.")
    closes: UtcTime = Field(description="When the window closes: the end of the last day and the flexible hours.")
    ended_at: Optional[UtcTime] = Field(description="When it was ended early, if it was; `closes` is then the same.")
    created: UtcTime
    updated: UtcTime
    version: str = Field(description="Another one after each change. Send it back to change nothing but what you read.")
    members: int = Field(description="How many people have joined.")
    join_url: str
    status_url: str
    name: Optional[str] = None
    email: Optional[str] = None
    email_confirmed: Optional[bool] = Field(
        None,
        description="Whether mails go to `email`: it is the address of the requester's account, or its owner or an"
        " admin has confirmed it.",
    )
    other_requests: Optional[str] = None
    requester_id: Optional[str] = None
    instructors: Optional[list[str]] = Field(
        None, description="Encoded ids of those who teach it, the requester first."
    )
    invited: Optional[list[str]] = Field(
        None, description="Who is invited to teach it and has not accepted, as it was typed."
    )
    blogpost: Optional[bool] = None
    retain_contact: Optional[bool] = None
    destination: Optional[str] = Field(None, description="Chosen at approval; null: the usual training destination.")
    requested_change: Optional[RequestedChange] = None
    usage: Optional[UsageView] = Field(None, description="What its class used; null until it is counted.")


class IdentifierCheck(BaseModel):
    """Whether a training could be called like this."""

    identifier: Optional[str] = Field(description="As it would be stored; null if the text can be no identifier.")
    valid: bool = Field(description="Whether it has the right characters and length.")
    available: bool = Field(description="Whether it is valid and free.")
    message: str = Field(description="The same in a sentence.")
    suggestions: list[str] = Field(description="Identifiers that are free; none if the asked one is.")
