"""When a training's resources are available: days, time zones, flexible hours."""

from datetime import (
    date,
    datetime,
    timedelta,
)
from zoneinfo import ZoneInfoNotFoundError

import pytest
from galaxy_tiaas.core.times import (
    days_inclusive,
    is_time_zone,
    today_in,
    Window,
    window_of_days,
)
from galaxy_tiaas.trainings.states import TrainingPhase
from hypothesis import (
    given,
    strategies,
)

_MOMENT = timedelta(microseconds=1)
_DATES = strategies.dates(date(2000, 1, 1), date(2100, 12, 31))
_ZONES = strategies.sampled_from(
    ["UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Kiritimati", "Pacific/Pago_Pago"]
)


def test_a_training_of_one_day_lasts_a_day() -> None:
    window = window_of_days(date(2026, 6, 1), date(2026, 6, 1), "UTC")
    assert window == Window(datetime(2026, 6, 1), datetime(2026, 6, 2))


@pytest.mark.parametrize(
    "timezone, opens, closes",
    [
        ("UTC", datetime(2026, 6, 1), datetime(2026, 6, 4)),
        ("Europe/Berlin", datetime(2026, 5, 31, 22), datetime(2026, 6, 3, 22)),
        ("America/New_York", datetime(2026, 6, 1, 4), datetime(2026, 6, 4, 4)),
        ("Asia/Kathmandu", datetime(2026, 5, 31, 18, 15), datetime(2026, 6, 3, 18, 15)),
        ("Pacific/Kiritimati", datetime(2026, 5, 31, 10), datetime(2026, 6, 3, 10)),
    ],
)
def test_days_begin_and_end_in_the_trainings_own_time_zone(timezone: str, opens: datetime, closes: datetime) -> None:
    assert window_of_days(date(2026, 6, 1), date(2026, 6, 3), timezone) == Window(opens, closes)


@pytest.mark.parametrize(
    "day, timezone, hours",
    [
        (date(2026, 3, 29), "Europe/Berlin", 23),
        (date(2026, 10, 25), "Europe/Berlin", 25),
        (date(2026, 4, 5), "Australia/Lord_Howe", 24.5),
        (date(2026, 3, 28), "Europe/Berlin", 24),
        # Here the clocks change at midnight, so that one of the two midnights does not exist or exists twice.
        (date(2018, 11, 4), "America/Sao_Paulo", 23),
        (date(2018, 2, 17), "America/Sao_Paulo", 25),
        (date(2026, 11, 1), "America/Havana", 25),
    ],
)
def test_a_day_on_which_the_clocks_change_is_longer_or_shorter(day: date, timezone: str, hours: float) -> None:
    window = window_of_days(day, day, timezone)
    assert window.closes - window.opens == timedelta(hours=hours)


def test_flexible_hours_widen_the_window_on_both_sides() -> None:
    window = window_of_days(date(2026, 6, 1), date(2026, 6, 1), "UTC").widened(12)
    assert window == Window(datetime(2026, 5, 31, 12), datetime(2026, 6, 2, 12))


def test_without_flexible_hours_the_window_is_as_long_as_the_days() -> None:
    window = window_of_days(date(2026, 6, 1), date(2026, 6, 1), "UTC")
    assert window.widened(0) == window


def test_fractions_of_flexible_hours_count() -> None:
    assert Window(datetime(2026, 6, 1), datetime(2026, 6, 2)).widened(0.5).opens == datetime(2026, 5, 31, 23, 30)


@pytest.mark.parametrize(
    "now, phase",
    [
        (datetime(2026, 6, 1) - _MOMENT, "upcoming"),
        (datetime(2026, 6, 1), "ongoing"),
        (datetime(2026, 6, 2) - _MOMENT, "ongoing"),
        (datetime(2026, 6, 2), "finished"),
    ],
)
def test_the_first_moment_belongs_to_the_window_and_the_last_does_not(now: datetime, phase: str) -> None:
    assert Window(datetime(2026, 6, 1), datetime(2026, 6, 2)).phase(now) is TrainingPhase(phase)


@pytest.mark.parametrize(
    "start, end, count",
    [
        (date(2026, 6, 1), date(2026, 6, 1), 1),
        (date(2026, 6, 1), date(2026, 6, 3), 3),
        (date(2028, 2, 28), date(2028, 3, 1), 3),
        (date(2026, 12, 31), date(2027, 1, 1), 2),
    ],
)
def test_the_first_and_the_last_day_count(start: date, end: date, count: int) -> None:
    assert days_inclusive(start, end) == count


@pytest.mark.parametrize(
    "timezone, today",
    [("UTC", date(2026, 6, 1)), ("Pacific/Kiritimati", date(2026, 6, 2)), ("Pacific/Pago_Pago", date(2026, 6, 1))],
)
def test_today_depends_on_the_time_zone(timezone: str, today: date) -> None:
    assert today_in(timezone, datetime(2026, 6, 1, 12)) == today


def test_just_after_midnight_it_is_still_yesterday_further_west() -> None:
    assert today_in("America/New_York", datetime(2026, 6, 1, 3, 59)) == date(2026, 5, 31)
    assert today_in("America/New_York", datetime(2026, 6, 1, 4)) == date(2026, 6, 1)


@pytest.mark.parametrize("name", ["UTC", "Europe/Berlin", "America/Argentina/Buenos_Aires"])
def test_names_of_the_iana_database_are_time_zones(name: str) -> None:
    assert is_time_zone(name)


@pytest.mark.parametrize(
    "name",
    ["", "CEST", "+02:00", "europe/berlin", "Europe/Hogwarts", "../etc/passwd", "Europe", "localtime", "Factory"],
)
def test_other_names_are_none(name: str) -> None:
    assert not is_time_zone(name)


def test_days_in_an_unknown_time_zone_have_no_window() -> None:
    with pytest.raises(ZoneInfoNotFoundError):
        window_of_days(date(2026, 6, 1), date(2026, 6, 1), "Europe/Hogwarts")


@given(start=_DATES, length=strategies.integers(0, 400), timezone=_ZONES, flex=strategies.floats(0, 168))
def test_every_training_is_upcoming_then_ongoing_then_finished(
    start: date, length: int, timezone: str, flex: float
) -> None:
    window = window_of_days(start, start + timedelta(days=length), timezone).widened(flex)
    moments = [window.opens - _MOMENT, window.opens, window.closes - _MOMENT, window.closes]
    assert [window.phase(moment).value for moment in moments] == ["upcoming", "ongoing", "ongoing", "finished"]


@given(first=_DATES, timezone=_ZONES)
def test_two_days_in_a_row_leave_no_gap(first: date, timezone: str) -> None:
    second = first + timedelta(days=1)
    assert window_of_days(first, first, timezone).closes == window_of_days(second, second, timezone).opens


@given(day=_DATES, timezone=_ZONES)
def test_a_day_is_today_from_its_first_moment_to_its_last(day: date, timezone: str) -> None:
    window = window_of_days(day, day, timezone)
    assert today_in(timezone, window.opens) == day
    assert today_in(timezone, window.closes - _MOMENT) == day
    assert today_in(timezone, window.closes) == day + timedelta(days=1)
