"""The thread that runs the lifecycle inside Galaxy: when it asks, what it says in trouble, how it ends."""

import logging
import threading
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy_tiaas.lifecycle.scheduler import (
    LEASE_DURATION,
    LeaseManager,
    LifecycleScheduler,
    SchedulerThread,
)
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.membership.manager import CohortManager
from in_process import (
    AFTER,
    DURING,
    InProcess,
)

_PATIENCE = 60


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = DURING

    def __call__(self) -> Any:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def thread(galaxy: InProcess, clock: Clock) -> SchedulerThread:
    return SchedulerThread(galaxy.host, 300, clock=clock, initial_delay=(0, 0))


def _until(thread: SchedulerThread, event: threading.Event) -> None:
    try:
        assert event.wait(_PATIENCE)
    finally:
        thread.stop()


# When


def test_it_asks_again_after_the_interval_and_a_little_later(
    galaxy: InProcess, thread: SchedulerThread, clock: Clock
) -> None:
    galaxy.training()
    assert 300 < thread.tick() <= 305
    assert galaxy.is_on("training-gryffindor")
    clock.now = DURING + timedelta(seconds=100)
    assert 200 < thread.tick() <= 205
    assert galaxy[LifecycleScheduler].status(DURING).runs == 1
    clock.now = DURING + timedelta(seconds=300)
    assert 300 < thread.tick() <= 305
    assert galaxy[LifecycleScheduler].status(DURING).runs == 2


def test_processes_do_not_ask_at_the_same_moment(thread: SchedulerThread) -> None:
    thread.tick()
    assert len({thread.tick() for _ in range(10)}) == 10


def test_it_takes_over_when_whoever_had_the_lease_was_killed(
    galaxy: InProcess, thread: SchedulerThread, clock: Clock
) -> None:
    galaxy[LeaseManager].acquire("killed", DURING)
    galaxy.session.commit()
    assert LEASE_DURATION.total_seconds() < thread.tick() <= LEASE_DURATION.total_seconds() + 5
    clock.now = DURING + LEASE_DURATION
    assert thread.tick() > 300
    assert galaxy[LifecycleScheduler].status(clock.now).runs == 1


def test_a_short_interval_is_kept(galaxy: InProcess, clock: Clock) -> None:
    assert 1 < SchedulerThread(galaxy.host, 1, clock=clock).tick() <= 1.1


# The thread


def test_it_runs_by_itself_and_leaves_no_session_behind(galaxy: InProcess, thread: SchedulerThread) -> None:
    galaxy.training()
    sessions = galaxy.session.registry.registry
    before = set(sessions)
    seen = []
    done = threading.Event()
    tick = thread.tick

    def watched() -> float:
        pause = tick()
        seen.append(set(sessions) - before)
        done.set()
        return pause

    thread.tick = watched  # type: ignore[method-assign]
    thread.start()
    _until(thread, done)
    assert galaxy.is_on("training-gryffindor")
    assert seen == [set()]


def test_it_keeps_no_process_from_ending(thread: SchedulerThread, monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()

    def tick() -> float:
        began.set()
        return 0.01

    monkeypatch.setattr(thread, "tick", tick)
    thread.start()
    _until(thread, began)
    started = thread._thread
    assert started is not None
    assert started.daemon
    started.join(_PATIENCE)
    assert not started.is_alive()


def test_an_interval_of_0_means_no_thread(galaxy: InProcess) -> None:
    thread = SchedulerThread(galaxy.host, 0)
    thread.start()
    assert thread._thread is None
    thread.stop()


# Trouble


def test_trouble_is_one_line_however_long_it_lasts_and_one_when_it_is_over(
    galaxy: InProcess, thread: SchedulerThread, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    with caplog.at_level(logging.INFO, logger="galaxy_tiaas"):
        with monkeypatch.context() as patch:
            patch.setattr(LifecycleTasks, "run", breaks)
            assert [thread.tick() for _ in range(3)] == [60, 60, 60]
        thread.tick()
        thread.tick()
    assert [record.getMessage() for record in caplog.records] == [
        "galaxy-tiaas lifecycle: it cannot run, and tries again every 60 seconds: RuntimeError: broken",
        "galaxy-tiaas lifecycle: it runs again",
    ]


class Outage:
    """Nobody gets into one database of a PostgreSQL server, and whoever is in it is put out."""

    def __init__(self, url: str) -> None:
        address = sqlalchemy.make_url(url)
        self.name = address.database
        self.engine = sqlalchemy.create_engine(
            address.set(database="postgres"), isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool
        )

    def begin(self) -> None:
        self._administer(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS false")
        self._administer(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{self.name}'")

    def end(self) -> None:
        self._administer(f"ALTER DATABASE {self.name} ALLOW_CONNECTIONS true")

    def _administer(self, command: str) -> None:
        with self.engine.connect() as connection:
            connection.exec_driver_sql(command)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_database_that_was_away_is_one_line_and_then_it_goes_on(
    galaxy: InProcess, database_url: str, thread: SchedulerThread, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy.training()
    thread.tick()
    clock.now = AFTER
    outage = Outage(database_url)
    with caplog.at_level(logging.INFO, logger="galaxy_tiaas"):
        outage.begin()
        for _ in range(3):
            thread.tick()
        outage.end()
        thread.tick()
    messages = [record.getMessage() for record in caplog.records]
    assert "it cannot run, and tries again" in messages[0]
    assert messages[1:] == ["galaxy-tiaas lifecycle: switched off: 1", "galaxy-tiaas lifecycle: it runs again"]
    assert not galaxy.is_on("training-gryffindor")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_database_that_goes_away_during_a_run_is_one_line_too(
    galaxy: InProcess,
    database_url: str,
    thread: SchedulerThread,
    clock: Clock,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    for number in range(5):
        galaxy.training(f"course-{number}")
    galaxy.session.remove()
    outage = Outage(database_url)
    switch = CohortManager.switch
    switched = []

    def goes_away(self: CohortManager, *arguments: Any) -> bool:
        switched.append(1)
        if len(switched) == 3:
            outage.begin()
        return switch(self, *arguments)

    with monkeypatch.context() as patch, caplog.at_level(logging.INFO, logger="galaxy_tiaas"):
        patch.setattr(CohortManager, "switch", goes_away)
        thread.tick()
        outage.end()
    (record,) = caplog.records
    assert "it cannot run, and tries again" in record.getMessage()
    # The lease could not be given back.
    clock.now = DURING + LEASE_DURATION
    thread.tick()
    assert all(galaxy.is_on(f"training-course-{number}") for number in range(5))


def test_sessions_are_given_back_after_trouble(
    galaxy: InProcess, thread: SchedulerThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    galaxy.training()
    galaxy.session.remove()

    def breaks(*_: object, **__: object) -> None:
        galaxy.session.connection()
        raise RuntimeError("broken")

    monkeypatch.setattr(LifecycleTasks, "run", breaks)
    thread.tick()
    assert not galaxy.host[galaxy_scoped_session].registry.has()
