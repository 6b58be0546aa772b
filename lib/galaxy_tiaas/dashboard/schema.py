"""What the dashboard of a class shows, and what instructors set up for it."""

from enum import Enum
from typing import (
    Annotated,
    Any,
    Optional,
)

from pydantic import (
    BaseModel,
    Field,
)

from ..classroom.schema import QuestionView
from ..core.fields import (
    FilledLine,
    Line,
    MayBeLeftOut,
    Payload,
    UtcTime,
)
from ..membership.schema import (
    PersonView,
    Pseudonymous,
)
from .progress import StepState
from .steps import MOST_STEPS

_COURSE_ONLY = (
    "Whether only jobs in histories count that are tagged with the training's identifier or shared with one of its"
    " instructors."
)

_NAME = "What the tool panel calls the tool; its short id if this Galaxy does not have it."

States = dict[str, int]


# Setup


class StepPayload(Payload):
    tool_id: FilledLine = Field(
        description="Id of the tool; its version and the Tool Shed that it is from do not matter."
    )
    label: Line = Field("", description="What the class calls it; the name of the tool if empty.")
    section: Line = Field("", description="The part of the course that it belongs to; steps are shown in these groups.")


class DashboardUpdate(Payload):
    """What is left out stays as it is. Steps come from one of `steps`, `workflow_id` and `workflow`."""

    course_only: MayBeLeftOut[bool] = Field(None, description=_COURSE_ONLY)
    steps: MayBeLeftOut[Annotated[list[StepPayload], Field(max_length=MOST_STEPS)]] = Field(
        None, description="What the class will do, in this order. An empty list takes the steps away."
    )
    workflow_id: MayBeLeftOut[Line] = Field(
        None, description="Encoded id of a stored workflow that is yours, shared with you, or open to everybody."
    )
    workflow: MayBeLeftOut[dict[str, Any]] = Field(
        None,
        description="A workflow: the JSON of its `.ga` file, or a workflow in the format gxformat2. Only its tools and"
        " labels are kept.",
    )


class StepView(BaseModel):
    position: int = Field(description="From 1.")
    label: str
    tool_id: str
    section: str = Field("", description="The part of the course that it belongs to, such as a subworkflow.")
    installed: bool = Field(True, description="Whether this Galaxy has the tool, in whatever version.")


class DashboardView(BaseModel):
    identifier: str
    title: str
    course_only: bool = Field(description=_COURSE_ONLY)
    steps: list[StepView] = Field(description="What the class will do; empty: the dashboard shows its tools instead.")


class WorkflowOption(BaseModel):
    """A workflow that the steps can be taken from."""

    id: str
    name: str
    own: bool = Field(description="False: somebody has shared it.")


# Status


class JobsShown(str, Enum):
    """Which jobs of the members count."""

    ALL = "all"
    #: Those in histories tagged with the training's identifier or shared with one of its instructors.
    COURSE = "course"


class JobCounts(BaseModel):
    states: States = Field(description="Galaxy job state to number of jobs.")
    total: int


class ToolCounts(JobCounts):
    tool_id: str
    name: str = Field(description=_NAME)


class MemberCounts(PersonView, JobCounts):
    last_active: Optional[UtcTime] = Field(
        None, description="When the newest job of the member was created; for most viewers, in which minute."
    )
    last_failed: bool = Field(
        False,
        description="Whether something that the member executed failed, if only for one element of a collection, and"
        " nothing has succeeded since.",
    )


class QueuedJob(Pseudonymous):
    tool_id: Optional[str]
    tool_name: str = Field(description=_NAME)
    state: str
    create_time: UtcTime
    update_time: UtcTime


class QueuedInvocation(Pseudonymous):
    state: str
    create_time: UtcTime
    update_time: UtcTime


class InvocationCounts(BaseModel):
    states: States
    total: int
    queue: Optional[list[QueuedInvocation]] = Field(
        None, description="The newest 300. Absent for all but instructors and admins."
    )


class TrainingStatus(BaseModel):
    """The last hours of a class. Counts are exact; only the two `queue` lists are cut, to the newest 300.

    For all but instructors and admins the two `queue` keys are absent, and times are whole minutes, rounded down. A job
    of somebody in several trainings counts for one of them.
    """

    identifier: str
    title: str
    hours: int
    until: Optional[UtcTime] = Field(
        None, description="When these hours ended, if the training is over; else they go up to now."
    )
    shown: JobsShown = Field(
        description="`course`: only what was done in histories tagged with the training's identifier or shared with"
        " its instructors."
    )
    course_only: bool = Field(description="Whether the instructor wants nothing else to be shown.")
    generated: UtcTime
    members: int
    jobs: JobCounts
    tools: list[ToolCounts]
    users: list[MemberCounts] = Field(description="In the order of their pseudonyms.")
    queue: Optional[list[QueuedJob]] = Field(
        None, description="The newest 300. Absent for all but instructors and admins."
    )
    invocations: InvocationCounts


# Progress


class ProgressSource(str, Enum):
    """What the members are held against."""

    STEPS = "steps"
    #: No steps are set up: the tools that the class uses most.
    TOOLS = "tools"


class StepCounts(BaseModel):
    """Members by the state of one step."""

    not_started: int
    queued: int = Field(description="Their job waits, or is paused.")
    running: int
    done: int = Field(description="With all elements, if they work on a collection.")
    failed: int = Field(description="With one element at least.")


class StepProgress(StepView):
    counts: StepCounts
    here: int = Field(description="Number of members whose `position` this is.")


class ToolJobs(BaseModel):
    """Jobs with one tool."""

    done: int
    running: int
    queued: int = Field(description="Those that wait, or are paused.")
    failed: int


class ToolProgress(BaseModel):
    tool_id: str = Field(description="Without Tool Shed and version.")
    name: str = Field(description=_NAME)
    jobs: ToolJobs
    members: int = Field(description="Number of members who used it.")


class StepElements(BaseModel):
    """A step that somebody executes on a collection, and is not done with."""

    position: int
    count: int = Field(description="How many elements are in the state of the step.")
    total: int = Field(description="How many elements there are.")


class MemberProgress(PersonView):
    position: Optional[int] = Field(
        None, description="With steps: the last one that the member has begun; 0 before the first."
    )
    states: list[StepState] = Field(default_factory=list, description="With steps: the state of each of them.")
    elements: list[StepElements] = Field(
        default_factory=list, description="With steps: those on collections that are neither done nor to be begun."
    )
    behind: bool = Field(False, description="With steps: whether the member is well behind the median.")
    tools: list[ToolJobs] = Field(default_factory=list, description="With tools: the member's jobs with each of them.")


class TrainingProgress(BaseModel):
    """Members × steps, or members × tools where no steps are set up, since the training's window opened."""

    identifier: str
    title: str
    generated: UtcTime = Field(description="For all but instructors and admins a whole minute, as `since`.")
    since: UtcTime = Field(description="When the window opened.")
    shown: JobsShown
    course_only: bool = Field(description="Whether the instructor wants nothing else to be shown.")
    members: int
    source: ProgressSource
    steps: list[StepProgress] = Field(description="Empty where no steps are set up.")
    median: Optional[float] = Field(
        description="The median position of those who have begun; null if nobody has, and without steps."
    )
    tools: list[ToolProgress] = Field(description="Without steps: the tools used most, at most 15.")
    users: list[MemberProgress] = Field(description="Those well behind first, then by position and pseudonym.")


# Charts


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


# Help


class RaisedHand(PersonView):
    raised_at: UtcTime


class FailedMember(PersonView):
    failures: int = Field(
        description="How many requests failed in a row, if only for one element of a collection; repeated ones count."
    )
    tool_id: Optional[str] = Field(description="The tool of the newest of them.")
    tool_name: str = Field(description=_NAME)
    failed_at: UtcTime


class WaitingMember(PersonView):
    waiting: int = Field(description="Number of jobs that wait.")
    tool_id: Optional[str] = Field(description="The tool of the oldest of them.")
    tool_name: str = Field(description=_NAME)
    state: str
    since: UtcTime = Field(description="When the oldest of them was created.")


class SilentMember(PersonView):
    since: UtcTime = Field(description="When they joined, or when the training's resources became available.")


class BlockedMembers(BaseModel):
    total: int
    people: list[PersonView] = Field(description="The first 50, by name.")


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
    failed: FailedMembers = Field(
        description="Members for whom nothing has succeeded since something that they executed failed, if only for one"
        " element of a collection."
    )
    waiting: WaitingMembers
    silent: SilentMembers = Field(
        description="Members who have started no job since they joined, or since the training's resources became"
        " available; only while they are, and after ten minutes."
    )
    not_activated: BlockedMembers = Field(
        description="Members for whom Galaxy runs no tools before they have activated their accounts."
    )
    question: Optional[AskedQuestion]
    steps: list[AskableStep] = Field(description="What the class can be asked about.")
