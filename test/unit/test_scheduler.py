"""Which process runs the lifecycle, when, and what becomes of a run that does not end well."""

from datetime import (
    datetime,
    timedelta,
)
from typing import Any

import pytest
from galaxy_tiaas.lifecycle.scheduler import (
    LEASE_DURATION,
    LeaseManager,
    LifecycleScheduler,
    RENEWAL_INTERVAL,
)
from galaxy_tiaas.lifecycle.tasks import (
    LifecycleReport,
    LifecycleTasks,
)
from in_process import (
    BEFORE,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
)

_PAUSE = timedelta(seconds=300)
_SECOND = timedelta(seconds=1)


def _take(galaxy: InProcess, holder: str, now: datetime, pause: timedelta = timedelta()) -> Any:
    retry_at = galaxy[LeaseManager].acquire(holder, now, pause=pause)
    galaxy.session.commit()
    return retry_at


# The lease


@on_both_databases
def test_a_lease_is_for_one_at_a_time(galaxy: InProcess) -> None:
    assert _take(galaxy, "one", DURING) is None
    assert _take(galaxy, "two", DURING) == DURING + LEASE_DURATION
    galaxy[LeaseManager].release("one", finished_at=DURING)
    assert _take(galaxy, "two", DURING) is None


@on_both_databases
def test_a_lease_expires_unless_it_is_renewed(galaxy: InProcess) -> None:
    leases = galaxy[LeaseManager]
    _take(galaxy, "one", DURING)
    later = DURING + LEASE_DURATION - _SECOND
    assert leases.renew("one", later)
    assert _take(galaxy, "two", DURING + LEASE_DURATION) == later + LEASE_DURATION
    assert _take(galaxy, "two", later + LEASE_DURATION) is None
    assert not leases.renew("one", later + LEASE_DURATION)


def test_a_lease_that_was_lost_cannot_be_released(galaxy: InProcess) -> None:
    _take(galaxy, "one", DURING)
    later = DURING + LEASE_DURATION
    _take(galaxy, "two", later)
    galaxy[LeaseManager].release("one", finished_at=later)
    lease = galaxy[LeaseManager].get()
    assert lease is not None
    assert (lease.holder, lease.finished_at) == ("two", None)


@on_both_databases
def test_what_is_finished_is_due_again_after_a_pause(galaxy: InProcess) -> None:
    _take(galaxy, "one", DURING)
    galaxy[LeaseManager].release("one", finished_at=DURING)
    assert _take(galaxy, "two", DURING + _SECOND, _PAUSE) == DURING + _PAUSE
    assert _take(galaxy, "two", DURING + _PAUSE, _PAUSE) is None


def test_a_clock_that_was_wrong_for_a_while_stops_nothing(galaxy: InProcess) -> None:
    next_year = DURING + timedelta(days=365)
    _take(galaxy, "one", next_year)
    assert _take(galaxy, "two", DURING) is None
    galaxy[LeaseManager].release("two", finished_at=next_year)
    assert _take(galaxy, "three", DURING, _PAUSE) is None


# Runs


def _run(galaxy: InProcess, now: datetime, pause: timedelta = timedelta()) -> Any:
    return galaxy[LifecycleScheduler].run(lambda: now, pause=pause)


@on_both_databases
def test_a_run_is_counted(galaxy: InProcess) -> None:
    galaxy.training()
    assert _run(galaxy, DURING, _PAUSE).report.switched_on == ("gryffindor",)
    assert _run(galaxy, DURING + _SECOND, _PAUSE) == (None, DURING + _PAUSE)
    assert not _run(galaxy, DURING + _PAUSE, _PAUSE).report
    status = galaxy[LifecycleScheduler].status(DURING)
    assert status == (None, DURING + _PAUSE, 2, 0)


@on_both_databases
def test_a_run_with_nothing_to_do_takes_few_statements(galaxy: InProcess) -> None:
    """However many trainings there are; the first run, which makes the lease, too."""
    galaxy.training("over", start=FIRST_DAY.replace(month=9), end=LAST_DAY.replace(month=9))
    galaxy.training()
    for now in (BEFORE, BEFORE + _PAUSE):
        galaxy.session.remove()
        with galaxy.statements() as sent:
            assert _run(galaxy, now, _PAUSE) == (LifecycleReport(), None)
        assert len(sent) <= 6
    with galaxy.statements() as sent:
        assert _run(galaxy, now + _SECOND, _PAUSE).report is None
    assert len(sent) <= 3


def test_what_failed_is_counted(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    galaxy.training()
    galaxy.foreign_group("training-slytherin")
    galaxy.training("slytherin", state="new")
    galaxy.find("slytherin").state = "approved"
    galaxy.session.commit()
    assert _run(galaxy, DURING).report.failed == ("slytherin",)
    assert galaxy[LifecycleScheduler].status(DURING).failures == 1


def test_a_run_that_breaks_leaves_the_lease_to_others(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    with monkeypatch.context() as patch:
        patch.setattr(LifecycleTasks, "run", breaks)
        with pytest.raises(RuntimeError):
            _run(galaxy, DURING)
    assert galaxy[LifecycleScheduler].status(DURING) == (None, None, 1, 1)
    assert _run(galaxy, DURING, _PAUSE).report is not None


def test_a_long_run_keeps_its_run(galaxy: InProcess) -> None:
    """Each training takes a while here; whoever asks in between is told to come back."""
    for number in range(10):
        galaxy.training(f"course-{number}")
    moments = iter(DURING + number * RENEWAL_INTERVAL for number in range(100))
    refused = []

    def clock() -> datetime:
        now = next(moments)
        refused.append(_take(galaxy, "another", now))
        return now

    # The first question comes before the lease is taken.
    _take(galaxy, "nobody", DURING)
    galaxy[LeaseManager].release("nobody", finished_at=None)
    galaxy.session.commit()
    first = next(moments)
    times = iter([first])
    report = galaxy[LifecycleScheduler].run(lambda: next(times, None) or clock()).report
    assert report is not None
    assert len(report.switched_on) == 10
    assert len(refused) > 10
    assert None not in refused


def test_a_process_that_was_suspended_for_too_long_stops_when_it_wakes(galaxy: InProcess) -> None:
    for name in ("one", "two"):
        galaxy.training(name)
    later = DURING + LEASE_DURATION + _SECOND
    moments = iter([DURING, DURING, later])
    slept: list[Any] = []

    def clock() -> datetime:
        now = next(moments, later)
        if now == later and not slept:
            slept.append(_take(galaxy, "another", later))
        return now

    assert galaxy[LifecycleScheduler].run(clock).report.switched_on == ("one",)  # type: ignore[union-attr]
    assert slept == [None]
    status = galaxy[LifecycleScheduler].status(later)
    assert (status.holder, status.finished_at) == ("another", None)


def test_a_process_that_ends_stops_between_two_trainings_and_leaves_the_lease_to_others(galaxy: InProcess) -> None:
    for name in ("one", "two"):
        galaxy.training(name)
    answers = iter([False, True])
    report = galaxy[LifecycleScheduler].run(lambda: DURING, pause=_PAUSE, stopped=lambda: next(answers)).report
    assert report is not None
    assert report.switched_on == ("one",)
    assert _run(galaxy, DURING, _PAUSE).report.switched_on == ("two",)
