"""The thread that runs the lifecycle inside Galaxy: when it asks, what it says in trouble, how it ends."""

import asyncio
import logging
import threading
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy_tiaas.lifecycle import Lifecycle
from galaxy_tiaas.managers.cohorts import CohortManager
from galaxy_tiaas.mount import run_while_serving
from galaxy_tiaas.timer import LifecycleTimer
from galaxy_tiaas.turns import (
    LEASE_LASTS,
    LifecycleTurns,
)
from in_process import (
    AFTER,
    DURING,
    InProcess,
)
from starlette.applications import Starlette

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
def timer(galaxy: InProcess, clock: Clock) -> LifecycleTimer:
    return LifecycleTimer(galaxy.host, 300, clock=clock, first_seconds=(0, 0))


def _until(timer: LifecycleTimer, event: threading.Event) -> None:
    try:
        assert event.wait(_PATIENCE)
    finally:
        timer.stop()


# When


def test_it_asks_again_after_the_interval_and_a_little_later(
    galaxy: InProcess, timer: LifecycleTimer, clock: Clock
) -> None:
    galaxy.training()
    assert 300 < timer.tick() <= 305
    assert galaxy.is_on("training-gryffindor")
    clock.now = DURING + timedelta(seconds=100)
    assert 200 < timer.tick() <= 205
    assert galaxy[LifecycleTurns].standing(DURING).runs == 1
    clock.now = DURING + timedelta(seconds=300)
    assert 300 < timer.tick() <= 305
    assert galaxy[LifecycleTurns].standing(DURING).runs == 2


def test_processes_do_not_ask_at_the_same_moment(timer: LifecycleTimer) -> None:
    timer.tick()
    assert len({timer.tick() for _ in range(10)}) == 10


def test_it_takes_over_when_whoever_had_the_turn_was_killed(
    galaxy: InProcess, timer: LifecycleTimer, clock: Clock
) -> None:
    galaxy[LifecycleTurns].leases.take("lifecycle", "killed", DURING, lasts=LEASE_LASTS)
    assert LEASE_LASTS.total_seconds() < timer.tick() <= LEASE_LASTS.total_seconds() + 5
    clock.now = DURING + LEASE_LASTS
    assert timer.tick() > 300
    assert galaxy[LifecycleTurns].standing(clock.now).runs == 1


def test_a_short_interval_is_kept(galaxy: InProcess, clock: Clock) -> None:
    assert 1 < LifecycleTimer(galaxy.host, 1, clock=clock).tick() <= 1.1


# The thread


def test_it_runs_by_itself_and_leaves_no_session_behind(galaxy: InProcess, timer: LifecycleTimer) -> None:
    galaxy.training()
    sessions = galaxy.session.registry.registry
    before = set(sessions)
    seen = []
    done = threading.Event()
    tick = timer.tick

    def watched() -> float:
        pause = tick()
        seen.append(set(sessions) - before)
        done.set()
        return pause

    timer.tick = watched  # type: ignore[method-assign]
    timer.start()
    _until(timer, done)
    assert galaxy.is_on("training-gryffindor")
    assert seen == [set()]


def test_it_keeps_no_process_from_ending(timer: LifecycleTimer, monkeypatch: pytest.MonkeyPatch) -> None:
    began = threading.Event()

    def tick() -> float:
        began.set()
        return 0.01

    monkeypatch.setattr(timer, "tick", tick)
    timer.start()
    _until(timer, began)
    thread = timer._thread
    assert thread is not None
    assert thread.daemon
    thread.join(_PATIENCE)
    assert not thread.is_alive()


def test_an_interval_of_0_means_no_thread(galaxy: InProcess) -> None:
    timer = LifecycleTimer(galaxy.host, 0)
    timer.start()
    assert timer._thread is None
    timer.stop()


def test_it_starts_and_ends_with_the_server_that_serves(timer: LifecycleTimer) -> None:
    """And so after any fork; what Galaxy does at these moments is done too."""
    order: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Any) -> Any:
        order.append("Galaxy starts")
        yield {"state": "kept"}
        order.append("Galaxy ends")

    timer.start = lambda: order.append("timer starts")  # type: ignore[method-assign]
    timer.stop = lambda: order.append("timer ends")  # type: ignore[method-assign]
    web_app = Starlette(lifespan=lifespan)
    run_while_serving(web_app, timer)

    async def serve() -> None:
        async with web_app.router.lifespan_context(web_app) as state:
            order.append(str(state))

    asyncio.run(serve())
    assert order == ["timer starts", "Galaxy starts", "{'state': 'kept'}", "Galaxy ends", "timer ends"]


# Trouble


def test_trouble_is_one_line_however_long_it_lasts_and_one_when_it_is_over(
    galaxy: InProcess, timer: LifecycleTimer, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def breaks(*_: object, **__: object) -> None:
        raise RuntimeError("broken")

    with caplog.at_level(logging.INFO, logger="galaxy_tiaas"):
        with monkeypatch.context() as patch:
            patch.setattr(Lifecycle, "run", breaks)
            assert [timer.tick() for _ in range(3)] == [60, 60, 60]
        timer.tick()
        timer.tick()
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
    galaxy: InProcess, database_url: str, timer: LifecycleTimer, clock: Clock, caplog: pytest.LogCaptureFixture
) -> None:
    galaxy.training()
    timer.tick()
    clock.now = AFTER
    outage = Outage(database_url)
    with caplog.at_level(logging.INFO, logger="galaxy_tiaas"):
        outage.begin()
        for _ in range(3):
            timer.tick()
        outage.end()
        timer.tick()
    messages = [record.getMessage() for record in caplog.records]
    assert "it cannot run, and tries again" in messages[0]
    assert messages[1:] == ["galaxy-tiaas lifecycle: switched off: 1", "galaxy-tiaas lifecycle: it runs again"]
    assert not galaxy.is_on("training-gryffindor")


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_database_that_goes_away_during_a_run_is_one_line_too(
    galaxy: InProcess,
    database_url: str,
    timer: LifecycleTimer,
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
        timer.tick()
        outage.end()
    (record,) = caplog.records
    assert "it cannot run, and tries again" in record.getMessage()
    # The lease could not be given back.
    clock.now = DURING + LEASE_LASTS
    timer.tick()
    assert all(galaxy.is_on(f"training-course-{number}") for number in range(5))


def test_sessions_are_given_back_after_trouble(
    galaxy: InProcess, timer: LifecycleTimer, monkeypatch: pytest.MonkeyPatch
) -> None:
    galaxy.training()
    galaxy.session.remove()

    def breaks(*_: object, **__: object) -> None:
        galaxy.session.connection()
        raise RuntimeError("broken")

    monkeypatch.setattr(Lifecycle, "run", breaks)
    timer.tick()
    assert not galaxy.host[galaxy_scoped_session].registry.has()
