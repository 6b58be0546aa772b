"""How the progress of a class is drawn."""

import re
from datetime import datetime
from types import SimpleNamespace
from typing import (
    Any,
    cast,
    Optional,
)

import pytest
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.dashboard import view as matrix
from galaxy_tiaas.dashboard.progress import StepState
from galaxy_tiaas.dashboard.schema import (
    JobsShown,
    MemberProgress,
    ProgressSource,
    StepCounts,
    StepElements,
    StepProgress,
    ToolJobs,
    ToolProgress,
    TrainingProgress,
)
from galaxy_tiaas.dashboard.view import View
from galaxy_tiaas.web.templates import Templates

_NOW = datetime(2026, 11, 17, 12)


def _progress(
    positions: list[int], median: Optional[float], *, steps: int = 4, behind: frozenset[int] = frozenset()
) -> TrainingProgress:
    counts = StepCounts(not_started=0, running=0, queued=0, done=0, failed=0)
    return TrainingProgress(
        identifier="gryffindor",
        title="Transfiguration",
        generated=_NOW,
        since=_NOW,
        shown=JobsShown.ALL,
        course_only=False,
        members=len(positions),
        source=ProgressSource.STEPS if steps else ProgressSource.TOOLS,
        steps=[
            StepProgress(position=number, label="a", tool_id="a", counts=counts, here=0)
            for number in range(1, steps + 1)
        ],
        median=median,
        tools=[],
        users=[
            MemberProgress(
                pseudonym=f"otter-{number}",
                colour="#123456",
                shape="star",
                position=position,
                behind=position in behind,
            )
            for number, position in enumerate(positions)
        ],
    )


@pytest.mark.parametrize(
    "progress, text",
    [
        (_progress([0, 0], None), "Nobody has begun yet."),
        (_progress([3, 3], 3.0), "The middle of the class is at step 3 of 4."),
        (_progress([2, 3], 2.5), "The middle of the class is between the steps 2 and 3 of 4."),
        (
            _progress([0, 3, 3], 3.0, behind=frozenset([0])),
            "The middle of the class is at step 3 of 4. 1 person is well behind it. 1 person has not begun.",
        ),
        (
            _progress([0, 0, 1, 4, 4, 4, 4], 4.0, behind=frozenset([0, 1])),
            "The middle of the class is at step 4 of 4. 3 people are well behind it. 2 people have not begun.",
        ),
    ],
)
def test_where_the_class_is_is_said_in_words(progress: TrainingProgress, text: str) -> None:
    assert matrix.summary(progress) == text


def test_a_median_between_two_steps_marks_neither() -> None:
    assert [matrix.is_middle(_progress([2, 3], 2.5), position) for position in (2, 3)] == [False, False]
    assert matrix.is_middle(_progress([3], 3.0), 3)


def test_a_hundred_people_have_rows_and_the_others_are_on_further_pages() -> None:
    progress = _progress([1] * 3000, 1.0)
    first, last = (matrix.member_rows(progress, View(rows=number)) for number in (1, 30))
    assert [len(rows.items) for rows in (first, last)] == [100, 100]
    assert matrix.left_out(progress, first).endswith("who are furthest behind; the bars count all 3,000.")
    assert "2,901 to 3,000 of 3,000, from those furthest behind on" in matrix.left_out(progress, last)
    assert "1 to 100 of 3,000, by name" in matrix.left_out(_progress([1] * 3000, None, steps=0), first)


def test_the_more_steps_a_course_has_the_fewer_people_are_on_a_page() -> None:
    progress = _progress([1] * 90, 1.0, steps=300)
    first, last = (matrix.member_rows(progress, View(rows=number)) for number in (1, 3))
    assert [len(rows.items) for rows in (first, last)] == [33, 24]
    assert matrix.left_out(progress, first).startswith("Below are the 33 people who are furthest behind")


def test_rows_are_found_by_the_names_of_people() -> None:
    progress = _progress([1] * 120, 1.0)
    rows = matrix.member_rows(progress, View(find="otter-11"))
    assert [user.pseudonym for user in rows.items] == ["otter-11", *(f"otter-{number}" for number in range(110, 120))]
    text = _drawn(progress, View(find="otter-11"))
    assert "11 of 120 people have <strong>otter-11</strong> in their name." in text
    assert 'id="progress-matrix"' not in _drawn(progress, View(find="<nobody>"))


@pytest.mark.parametrize(
    "median, first, last", [(None, 1, 9), (1.0, 1, 9), (7.5, 3, 11), (20.0, 16, 24), (30.0, 22, 30)]
)
def test_on_the_wall_are_the_steps_at_which_the_class_is(median: Optional[float], first: int, last: int) -> None:
    steps = matrix.around_the_middle(_progress([1], median, steps=30), 9)
    assert (steps[0].position, steps[-1].position) == (first, last)


def test_of_a_long_course_the_steps_around_the_middle_are_open_and_none_is_lost() -> None:
    progress = _progress([1], 50.0, steps=100)
    before, middle, after = matrix.in_three(progress)
    assert [step.position for step in (*before, *middle, *after)] == list(range(1, 101))
    assert (middle[0].position, middle[-1].position) == (40, 59)
    text = _drawn(progress)
    assert "<summary>Steps 1 to 39</summary>" in text
    assert "<summary>Steps 60 to 100</summary>" in text
    assert '<span class="tiaas-step-number">40</span>' in text
    assert "<summary>Step 1</summary>" in _drawn(_progress([1], 20.0, steps=21))
    assert "<details" not in _drawn(_progress([1], 20.0, steps=20))


def test_few_steps_are_on_the_wall_together() -> None:
    assert len(matrix.around_the_middle(_progress([1], 3.0, steps=4), 9)) == 4


def test_what_needs_somebody_first_colours_a_cell_of_several_jobs() -> None:
    assert matrix.state_of(ToolJobs(done=9, running=9, queued=0, failed=1)) is StepState.FAILED
    assert matrix.state_of(ToolJobs(done=9, running=1, queued=0, failed=0)) is StepState.RUNNING
    assert matrix.state_of(ToolJobs(done=9, running=0, queued=1, failed=0)) is StepState.QUEUED
    assert matrix.state_of(ToolJobs(done=1, running=0, queued=0, failed=0)) is StepState.DONE
    assert matrix.state_of(ToolJobs(done=0, running=0, queued=0, failed=0)) is StepState.NOT_STARTED


def test_states_without_anybody_are_left_out() -> None:
    counts = StepCounts(not_started=2, running=0, queued=0, done=5, failed=1)
    parts = [(look.words, count) for look, count in matrix.parts_of_step(counts)]
    assert parts == [("done", 5), ("failed", 1), ("not started", 2)]


# The part of the page


def _drawn(progress: TrainingProgress, view: View = View()) -> str:
    galaxy_config = cast(Any, SimpleNamespace(galaxy_url_prefix="/", brand="", error_email_to=None, smtp_server=None))
    templates = Templates(TiaasConfig(), galaxy_config, 0)
    return templates.render("progress", progress=progress, view=view, nobody="Nobody has joined yet.")


def test_people_and_steps_are_drawn_with_a_word_for_everything() -> None:
    progress = _progress([0, 1, 1], 1.0, steps=2, behind=frozenset([0]))
    progress.steps[0].label = "<Look> at it"
    progress.steps[0].counts = StepCounts(not_started=1, running=1, queued=0, done=0, failed=1)
    states = (StepState.NOT_STARTED, StepState.RUNNING, StepState.FAILED)
    for user, state in zip(progress.users, states, strict=True):
        user.states = [state, StepState.NOT_STARTED]
    text = _drawn(progress)
    assert "&lt;Look&gt; at it" in text
    assert "<Look>" not in text
    assert text.count("well behind</span>") == 1
    assert text.count("middle of the class</strong>") == 1
    for word in ("running", "failed", "not started"):
        assert f'<span class="sr-only">{word}</span>' in text


def test_a_step_over_a_collection_says_how_many_elements_are_where() -> None:
    progress = _progress([2], 1.0, steps=3)
    user = progress.users[0]
    user.states = [StepState.FAILED, StepState.QUEUED, StepState.DONE]
    user.elements = [StepElements(position=1, count=1, total=3), StepElements(position=2, count=1200, total=1200)]
    text = _drawn(progress)
    assert '<span class="sr-only">failed (1 of 3)</span>' in text
    assert 'title="a: queued (1,200 of 1,200)"' in text
    assert '<span class="sr-only">done</span>' in text


def test_steps_are_drawn_in_their_sections_and_say_what_is_not_installed() -> None:
    progress = _progress([1], 1.0, steps=4)
    for step, section in zip(progress.steps, ("", "<QC>", "<QC>", "Mapping"), strict=True):
        step.section = section
    progress.steps[2].installed = False
    text = _drawn(progress)
    assert [text.count(f'<h3 class="tiaas-step-section">{title}</h3>') for title in ("&lt;QC&gt;", "Mapping")] == [1, 1]
    assert [int(span) for span in re.findall(r'scope="colgroup" colspan="(\d)"', text)] == [1, 2, 1]
    assert text.count("not installed</span>") == 1


def test_people_and_tools_are_drawn_where_no_steps_are_set_up() -> None:
    progress = _progress([0], None, steps=0)
    nothing, some = ToolJobs(done=0, running=0, queued=0, failed=0), ToolJobs(done=1234, running=0, queued=0, failed=1)
    progress.tools = [ToolProgress(tool_id="__DATA_FETCH__", name="upload", jobs=some, members=1)] * 2
    progress.users[0].tools = [some, nothing]
    text = _drawn(progress)
    assert 'title="1234 done"' in text
    assert "1,234" in text
    assert "upload" in text
    assert '<span class="sr-only">none</span>' in text


@pytest.mark.parametrize(
    "progress, text",
    [
        (_progress([], None), "Nobody has joined yet."),
        (_progress([], None, steps=0), "Nobody has joined yet."),
        (_progress([0], None), "Nobody has begun yet."),
        (_progress([0], None, steps=0), "Nobody has run a tool yet."),
    ],
)
def test_where_there_is_nothing_to_draw_words_say_so(progress: TrainingProgress, text: str) -> None:
    assert text in _drawn(progress)
