"""The lifecycle in several processes of a system: whoever is killed, and however many begin at once."""

import multiprocessing
import os
import signal
from collections.abc import (
    Callable,
    Iterator,
)
from datetime import timedelta
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any

import pytest
from galaxy_tiaas.cli.host import Host
from galaxy_tiaas.lifecycle import Lifecycle
from galaxy_tiaas.managers.cohorts import CohortManager
from galaxy_tiaas.services.trainings import TrainingsService
from galaxy_tiaas.timer import LifecycleTimer
from galaxy_tiaas.turns import (
    LEASE_LASTS,
    LifecycleTurns,
)
from in_process import (
    AFTER,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

pytestmark = on_both_databases

_PROCESSES = 4
_INTERVAL = timedelta(seconds=300)
_PATIENCE = 120
#: Children that begin with all that is loaded here, and make connections of their own.
_system = multiprocessing.get_context("fork")


@pytest.fixture
def start() -> Iterator[Callable[..., Any]]:
    """Starts a process of its own with a function."""
    children: list[Any] = []

    def start(function: Callable[..., None], *arguments: Any) -> Any:
        children.append(_system.Process(target=function, args=arguments, daemon=True))
        children[-1].start()
        return children[-1]

    yield start
    for child in children:
        child.kill()
        child.join()


def _trainings(galaxy: InProcess, count: int) -> list[str]:
    names = [f"course-{number}" for number in range(count)]
    for name in names:
        galaxy.training(name)
    galaxy.close()
    return names


def _actions(galaxy: InProcess, identifier: str) -> list[str]:
    return [event.action for event in galaxy[TrainingsService].history(SERVER, identifier)]


# Killed


def _stands_still(galaxy_yml: Path, reached: Event, once_done: int) -> None:
    """Takes a turn, and never returns from one of the cohorts."""
    switch = CohortManager.switch
    done: list[int] = []

    def switch_and_stand_still(self: CohortManager, *arguments: Any) -> bool:
        result = switch(self, *arguments)
        if len(done) == once_done:
            reached.set()
            signal.pause()
        done.append(1)
        return result

    CohortManager.switch = switch_and_stand_still  # type: ignore[assignment, method-assign]
    Host(str(galaxy_yml))[LifecycleTurns].take(lambda: DURING)


def test_a_process_that_is_killed_loses_its_turn_and_nothing_is_half_done(
    galaxy: InProcess, start: Callable[..., Any]
) -> None:
    names = _trainings(galaxy, 3)
    reached = _system.Event()
    process = start(_stands_still, galaxy.galaxy_yml, reached, 1)
    assert reached.wait(_PATIENCE)
    os.kill(process.pid, signal.SIGKILL)
    process.join(_PATIENCE)
    turns = galaxy[LifecycleTurns]
    assert [galaxy.is_on(f"training-{name}") for name in names] == [True, False, False]
    assert turns.take(lambda: DURING + timedelta(seconds=1)) == (None, DURING + LEASE_LASTS)
    report = turns.take(lambda: DURING + LEASE_LASTS).report
    assert report is not None
    assert report.switched_on == tuple(names[1:])
    assert all(_actions(galaxy, name).count("resources on") == 1 for name in names)


# At once


def _takes_turns(galaxy_yml: Path, together: Any, results: Any, rounds: int) -> None:
    """Asks in each round, one interval after the other, at the same moment as the other processes."""
    host = Host(str(galaxy_yml))
    turns = host[LifecycleTurns]
    done = []
    take = turns.take
    turns.take = lambda *args, **kwargs: done.append(take(*args, **kwargs)) or done[-1]  # type: ignore[method-assign, func-returns-value]
    host[LifecycleTurns] = turns
    host[LifecycleTurns]
    for number in range(rounds):
        timer = LifecycleTimer(host, 300, clock=lambda number=number: DURING + number * _INTERVAL)  # type: ignore[misc]
        together.wait(_PATIENCE)
        timer.tick()
    results.put([None if turn.report is None else len(turn.report.switched_on) for turn in done])


def test_of_four_timers_that_ask_at_once_one_acts(galaxy: InProcess, start: Callable[..., Any]) -> None:
    names, rounds = _trainings(galaxy, 5), 4
    together, results = _system.Barrier(_PROCESSES), _system.Queue()
    for _ in range(_PROCESSES):
        start(_takes_turns, galaxy.galaxy_yml, together, results, rounds)
    asked = [results.get(timeout=_PATIENCE) for _ in range(_PROCESSES)]
    acted = [[reports[number] for reports in asked if reports[number] is not None] for number in range(rounds)]
    assert acted == [[5], [0], [0], [0]]
    assert galaxy[LifecycleTurns].standing(DURING).runs == rounds
    assert all(_actions(galaxy, name).count("resources on") == 1 for name in names)


def _runs(galaxy_yml: Path, together: Any, results: Any) -> None:
    """Without a lease, as if its clock were wrong."""
    lifecycle = Host(str(galaxy_yml))[Lifecycle]
    lifecycle.session.connection()
    lifecycle.session.rollback()
    reports = []
    for now in (DURING, AFTER):
        together.wait(_PATIENCE)
        reports.append(lifecycle.run(now))
    results.put([(report.switched_on, report.switched_off, report.failed) for report in reports])


def test_even_without_the_lease_everything_is_done_once(galaxy: InProcess, start: Callable[..., Any]) -> None:
    names = _trainings(galaxy, 12)
    together, results = _system.Barrier(_PROCESSES), _system.Queue()
    for _ in range(_PROCESSES):
        start(_runs, galaxy.galaxy_yml, together, results)
    done = [results.get(timeout=_PATIENCE) for _ in range(_PROCESSES)]
    assert sorted(name for reports in done for name in reports[0][0]) == sorted(names)
    assert sorted(name for reports in done for name in reports[1][1]) == sorted(names)
    assert [report[2] for reports in done for report in reports] == [()] * 2 * _PROCESSES
    for name in names:
        assert _actions(galaxy, name)[2:] == ["resources on", "resources off"]
