"""Who runs the lifecycle, when, and what becomes of a turn that does not end well."""

from datetime import (
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.lifecycle import Lifecycle
from galaxy_tiaas.managers.leases import (
    LeaseManager,
    LIFECYCLE,
)
from galaxy_tiaas.turns import (
    LEASE_LASTS,
    LifecycleTurns,
    RENEWED_AFTER,
)
from in_process import (
    DURING,
    InProcess,
    on_both_databases,
)

_PAUSE = timedelta(seconds=300)
_SECOND = timedelta(seconds=1)


def _take(galaxy: InProcess, holder: str, now: datetime, pause: timedelta = timedelta()) -> Any:
    return galaxy[LeaseManager].take("test", holder, now, lasts=LEASE_LASTS, pause=pause)


# The lease


@on_both_databases
def test_a_lease_is_for_one_at_a_time(galaxy: InProcess) -> None:
    assert _take(galaxy, "one", DURING) is None
    assert _take(galaxy, "two", DURING) == DURING + LEASE_LASTS
    galaxy[LeaseManager].give_back("test", "one", finished_at=DURING)
    assert _take(galaxy, "two", DURING) is None


@on_both_databases
def test_a_lease_expires_unless_it_is_renewed(galaxy: InProcess) -> None:
    leases = galaxy[LeaseManager]
    _take(galaxy, "one", DURING)
    later = DURING + LEASE_LASTS - _SECOND
    assert leases.renew("test", "one", later, lasts=LEASE_LASTS)
    assert _take(galaxy, "two", DURING + LEASE_LASTS) == later + LEASE_LASTS
    assert _take(galaxy, "two", later + LEASE_LASTS) is None
    assert not leases.renew("test", "one", later + LEASE_LASTS, lasts=LEASE_LASTS)


def test_a_lease_that_was_lost_cannot_be_given_back(galaxy: InProcess) -> None:
    _take(galaxy, "one", DURING)
    later = DURING + LEASE_LASTS
    _take(galaxy, "two", later)
    galaxy[LeaseManager].give_back("test", "one", finished_at=later)
    lease = galaxy[LeaseManager].show("test")
    assert lease is not None
    assert (lease.holder, lease.finished_at) == ("two", None)


@on_both_databases
def test_what_is_finished_is_due_again_after_a_pause(galaxy: InProcess) -> None:
    _take(galaxy, "one", DURING)
    galaxy[LeaseManager].give_back("test", "one", finished_at=DURING)
    assert _take(galaxy, "two", DURING + _SECOND, _PAUSE) == DURING + _PAUSE
    assert _take(galaxy, "two", DURING + _PAUSE, _PAUSE) is None


def test_a_clock_that_was_wrong_for_a_while_stops_nothing(galaxy: InProcess) -> None:
    next_year = DURING + timedelta(days=365)
    _take(galaxy, "one", next_year)
    assert _take(galaxy, "two", DURING) is None
    galaxy[LeaseManager].give_back("test", "two", finished_at=next_year)
    assert _take(galaxy, "three", DURING, _PAUSE) is None


def test_leases_of_different_names_have_nothing_to_do_with_each_other(galaxy: InProcess) -> None:
    leases = galaxy[LeaseManager]
    assert leases.take("one", "me", DURING, lasts=LEASE_LASTS) is None
    assert leases.take("two", "you", DURING, lasts=LEASE_LASTS) is None


# Turns


def _turn(galaxy: InProcess, now: datetime, pause: timedelta = timedelta()) -> Any:
    return galaxy[LifecycleTurns].take(lambda: now, pause=pause)


@on_both_databases
def test_a_turn_runs_the_lifecycle_and_is_counted(galaxy: InProcess) -> None:
    galaxy.training()
    assert _turn(galaxy, DURING, _PAUSE).report.switched_on == ("gryffindor",)
    assert _turn(galaxy, DURING + _SECOND, _PAUSE) == (None, DURING + _PAUSE)
    assert not _turn(galaxy, DURING + _PAUSE, _PAUSE).report
    standing = galaxy[LifecycleTurns].standing(DURING)
    assert standing == (None, DURING + _PAUSE, 2, 0)


def test_what_failed_is_counted(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    galaxy.training()
    galaxy.foreign_group("training-slytherin")
    galaxy.training("slytherin", state="new")
    galaxy.find("slytherin").state = "approved"
    galaxy.session.commit()
    assert _turn(galaxy, DURING).report.failed == ("slytherin",)
    assert galaxy[LifecycleTurns].standing(DURING).failures == 1


def test_a_run_that_breaks_leaves_the_turn_to_others(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(Lifecycle, "run", breaks)
        with pytest.raises(RuntimeError):
            _turn(galaxy, DURING)
    assert galaxy[LifecycleTurns].standing(DURING) == (None, None, 1, 1)
    assert _turn(galaxy, DURING, _PAUSE).report is not None


def test_a_long_run_keeps_its_turn(galaxy: InProcess) -> None:
    """Each training takes a while here; whoever asks in between is told to come back."""
    for number in range(10):
        galaxy.training(f"course-{number}")
    moments = iter(DURING + number * RENEWED_AFTER for number in range(100))
    refused = []

    def clock() -> datetime:
        now = next(moments)
        refused.append(galaxy[LeaseManager].take(LIFECYCLE, "another", now, lasts=LEASE_LASTS))
        return now

    # The first question comes before the lease is taken.
    galaxy[LeaseManager].take(LIFECYCLE, "nobody", DURING, lasts=LEASE_LASTS)
    galaxy[LeaseManager].give_back(LIFECYCLE, "nobody", finished_at=None)
    first = next(moments)
    times = iter([first])
    report = galaxy[LifecycleTurns].take(lambda: next(times, None) or clock()).report
    assert report is not None
    assert len(report.switched_on) == 10
    assert len(refused) > 10
    assert None not in refused


def test_a_process_that_was_suspended_for_too_long_stops_when_it_wakes(galaxy: InProcess) -> None:
    for name in ("one", "two"):
        galaxy.training(name)
    later = DURING + LEASE_LASTS + _SECOND
    moments = iter([DURING, DURING, later])
    slept: list[Any] = []

    def clock() -> datetime:
        now = next(moments, later)
        if now == later and not slept:
            slept.append(galaxy[LeaseManager].take(LIFECYCLE, "another", later, lasts=LEASE_LASTS))
        return now

    assert galaxy[LifecycleTurns].take(clock).report.switched_on == ("one",)  # type: ignore[union-attr]
    assert slept == [None]
    standing = galaxy[LifecycleTurns].standing(later)
    assert (standing.holder, standing.finished_at) == ("another", None)


def test_a_process_that_ends_stops_between_two_trainings_and_leaves_the_turn_to_others(galaxy: InProcess) -> None:
    for name in ("one", "two"):
        galaxy.training(name)
    answers = iter([False, True])
    report = galaxy[LifecycleTurns].take(lambda: DURING, pause=_PAUSE, stopped=lambda: next(answers)).report
    assert report is not None
    assert report.switched_on == ("one",)
    assert _turn(galaxy, DURING, _PAUSE).report.switched_on == ("two",)
