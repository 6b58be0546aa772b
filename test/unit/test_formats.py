"""How the pages for admins say where a training stands in time."""

from datetime import (
    date,
    timedelta,
)

import pytest
from galaxy_tiaas.pages.formats import (
    distance,
    urgency,
)

TODAY = date(2026, 11, 16)


@pytest.mark.parametrize(
    ("starts", "days", "words"),
    [
        (12, 1, "in 12 days"),
        (1, 1, "tomorrow"),
        (0, 3, "today"),
        (-1, 3, "began yesterday"),
        (-2, 3, "began 2 days ago"),
        (-3, 3, "ended yesterday"),
        (-9, 3, "ended 7 days ago"),
    ],
)
def test_the_distance_is_that_of_the_next_thing_to_happen_or_the_last(starts: int, days: int, words: str) -> None:
    start = TODAY + timedelta(days=starts)
    assert distance(start, start + timedelta(days=days - 1), TODAY) == words


@pytest.mark.parametrize(("starts", "word"), [(-5, "late"), (0, "late"), (1, "soon"), (10, "soon"), (11, "")])
def test_a_request_is_late_when_its_days_have_come_and_soon_within_the_notice_period(starts: int, word: str) -> None:
    assert urgency(TODAY + timedelta(days=starts), TODAY, 10) == word
