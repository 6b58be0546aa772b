"""The bars that show how many seats are promised beside a training."""

from datetime import (
    date,
    timedelta,
)

import pytest
from galaxy_tiaas.trainings.capacity_chart import (
    capacity_chart_of,
    common_top,
    HEIGHT,
)
from galaxy_tiaas.trainings.review_service import DayLoad

MONDAY = date(2026, 11, 16)


def _load(*seats: int, around: int = 0) -> list[DayLoad]:
    last = len(seats) - around
    return [
        DayLoad(MONDAY + timedelta(days=number), count, within=around <= number < last)
        for number, count in enumerate(seats)
    ]


def test_own_seats_stand_on_those_of_others_on_the_days_of_the_training_only() -> None:
    strip = capacity_chart_of(20, _load(40, 30, 0, around=1), 100)
    assert [(bar.others, bar.own) for bar in strip.bars] == [(40, 0), (30, 20), (0, 0)]


def test_the_peak_is_that_of_the_days_of_the_training() -> None:
    strip = capacity_chart_of(20, _load(500, 30, 35, 500, around=1), 600)
    assert (strip.peak.day, strip.peak.seats, strip.highest) == (MONDAY + timedelta(days=2), 35, 55)


def test_strips_of_a_page_share_the_scale_of_the_highest() -> None:
    assert common_top([(20, _load(10, 0)), (5, _load(60))]) == 65
    assert common_top([]) == 1


def test_a_request_for_thousands_does_not_flatten_all_others() -> None:
    loads = [(20, _load(0)), (30, _load(0)), (4000, _load(0))]
    top = common_top(loads)
    assert top == 120
    small, large = capacity_chart_of(30, loads[1][1], top).bars[0], capacity_chart_of(4000, loads[2][1], top).bars[0]
    assert (small.own, small.cut) == (25, False)
    assert (large.own, large.cut) == (HEIGHT, True)


@pytest.mark.parametrize(("others", "own"), [(1, 1), (10_000, 1), (1, 10_000), (10_000, 10_000)])
def test_whoever_has_a_seat_is_seen_and_no_bar_is_too_high(others: int, own: int) -> None:
    (bar,) = capacity_chart_of(own, _load(others), 5000).bars
    assert bar.others > 0 and bar.own > 0
    assert bar.others + bar.own <= HEIGHT
