"""How the progress of a class is drawn: what stands for a state, and whom there is room for."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..domain.progress import StepState
from ..schema.progress import (
    MemberProgress,
    StepCounts,
    ToolJobs,
    TrainingProgress,
)

#: More rows than this are not read by anybody.
MOST_ROWS = 100


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


def rows(users: Sequence[MemberProgress]) -> Sequence[MemberProgress]:
    """Those who get a row of their own; the first are those furthest behind."""
    return users[:MOST_ROWS]


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


def left_out(progress: TrainingProgress) -> str:
    """Why some people have no row."""
    if progress.steps:
        return f"Below are the {MOST_ROWS} people who are furthest behind; the bars count all {len(progress.users):,}."
    return f"Below are the first {MOST_ROWS} of {len(progress.users):,} people, by name."


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
