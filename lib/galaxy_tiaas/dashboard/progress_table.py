"""How the progress of a class is drawn: what stands for a state, and whom there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..core.result_pages import (
    page_of,
    ResultPage,
)
from .progress import StepState
from .schema import (
    MemberProgress,
    StepCounts,
    StepProgress,
    ToolJobs,
    TrainingProgress,
)
from .view import (
    found,
    View,
)

#: More rows than this at once are not read by anybody.
MOST_ROWS = 100
#: Of a longer course, the steps further away are shown to those who ask.
MOST_STEPS_AT_ONCE = 20
#: So many steps fit beside the people on the projector.
MAX_STEPS_ON_PROJECTOR = 9


@dataclass(frozen=True)
class Look:
    """What stands for a state."""

    state: StepState
    words: str
    icon: str


LOOKS = {
    look.state: look
    for look in (
        Look(StepState.DONE, "done", "fa-check"),
        Look(StepState.RUNNING, "running", "fa-play"),
        Look(StepState.FAILED, "failed", "fa-exclamation-triangle"),
        Look(StepState.NOT_STARTED, "not started", "fa-minus"),
    )
}


def rows(users: Sequence[MemberProgress], view: View) -> ResultPage[MemberProgress]:
    """Those who get a row of their own; the first are those furthest behind."""
    return page_of(found(users, view.find), view.rows, MOST_ROWS)


def around_the_middle(progress: TrainingProgress, most: int) -> Sequence[StepProgress]:
    """So many steps, those at which most of the class is among them."""
    middle = int(progress.median or 0)
    first = min(max(middle - 1 - most // 2, 0), max(len(progress.steps) - most, 0))
    return progress.steps[first : first + most]


def in_three(progress: TrainingProgress) -> tuple[Sequence[StepProgress], ...]:
    """The steps where the class is, between those before and those after them; nothing there if all are few."""
    middle = around_the_middle(progress, MOST_STEPS_AT_ONCE)
    first, last = middle[0].position, middle[-1].position
    return progress.steps[: first - 1], middle, progress.steps[last:]


def parts_of_step(counts: StepCounts) -> list[tuple[Look, int]]:
    """States of a step and the members in them, without those with nobody in them."""
    return [(look, count) for state, look in LOOKS.items() if (count := getattr(counts, state.value))]


def parts_of(jobs: ToolJobs) -> list[tuple[Look, int]]:
    """The same for a member's jobs with one tool."""
    states = (StepState.DONE, StepState.RUNNING, StepState.FAILED)
    return [(LOOKS[state], count) for state in states if (count := getattr(jobs, state.value))]


def state_of(jobs: ToolJobs) -> StepState:
    """The state that a cell with these jobs is coloured as: what needs somebody first."""
    if jobs.failed:
        return StepState.FAILED
    if jobs.running:
        return StepState.RUNNING
    return StepState.DONE if jobs.done else StepState.NOT_STARTED


def legend(progress: TrainingProgress) -> list[Look]:
    """What the cells need explained; without steps, who has not used a tool has an empty one."""
    return [look for look in LOOKS.values() if progress.steps or look.state is not StepState.NOT_STARTED]


def left_out(progress: TrainingProgress, shown: ResultPage[MemberProgress]) -> str:
    """Who of those that do not fit on one page has a row on this one."""
    if progress.steps and shown.number == 1:
        return f"Below are the {MOST_ROWS} people who are furthest behind; the bars count all {progress.members:,}."
    order = "from those furthest behind on" if progress.steps else "by name"
    return f"Below are the people {shown.first:,} to {shown.last:,} of {shown.total:,}, {order}."


def is_middle(progress: TrainingProgress, position: int) -> bool:
    """Whether the median of the class is at this step; one between two steps is at neither."""
    return progress.median == position


def summary(progress: TrainingProgress) -> str:
    """Where the class is, in words."""
    if progress.median is None:
        return "Nobody has begun yet."
    step, between = int(progress.median), progress.median % 1
    where = f"between the steps {step} and {step + 1}" if between else f"at step {step}"
    sentences = [f"The middle of the class is {where} of {len(progress.steps)}."]
    if behind := sum(user.behind for user in progress.users):
        sentences.append(f"{behind:,} {'person is' if behind == 1 else 'people are'} well behind it.")
    if idle := sum(not user.position for user in progress.users):
        sentences.append(f"{idle:,} {'person has' if idle == 1 else 'people have'} not begun.")
    return " ".join(sentences)
