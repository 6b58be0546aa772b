"""The lifecycle in several processes of a system: whoever is killed, and however many begin at once."""

import os
import signal
from collections.abc import (
    Callable,
    Iterator,
)
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from typing import Any

import pytest
from galaxy_tiaas.lifecycle.scheduler import (
    LEASE_DURATION,
    LifecycleScheduler,
)
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)
from processes import (
    ask_at_once,
    fork_server,
    PATIENCE,
    run_and_stand_still,
    run_without_a_lease,
)

pytestmark = [on_both_databases, pytest.mark.no_rerun]

_PROCESSES = 4


@pytest.fixture(scope="module")
def system() -> ForkServerContext:
    return fork_server()


@pytest.fixture
def start(system: ForkServerContext) -> Iterator[Callable[..., Any]]:
    """Starts a process of its own with a function."""
    children: list[Any] = []

    def start(function: Callable[..., None], *arguments: Any) -> Any:
        children.append(system.Process(target=function, args=arguments, daemon=True))
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
    return [event.action for event in galaxy.perform(TrainingsService.history, SERVER, identifier)]


# Killed


def test_a_process_that_is_killed_loses_the_lease_and_nothing_is_half_done(
    galaxy: InProcess, system: ForkServerContext, start: Callable[..., Any]
) -> None:
    names = _trainings(galaxy, 3)
    reached = system.Event()
    process = start(run_and_stand_still, galaxy.galaxy_yml, reached, 1)
    assert reached.wait(PATIENCE)
    os.kill(process.pid, signal.SIGKILL)
    process.join(PATIENCE)
    scheduler = galaxy[LifecycleScheduler]
    assert [galaxy.is_on(f"training-{name}") for name in names] == [True, False, False]
    assert scheduler.run(lambda: DURING + timedelta(seconds=1)) == (None, DURING + LEASE_DURATION)
    report = scheduler.run(lambda: DURING + LEASE_DURATION).report
    assert report is not None
    assert report.switched_on == tuple(names[1:])
    assert all(_actions(galaxy, name).count("resources on") == 1 for name in names)


# At once


def test_of_four_threads_that_ask_at_once_one_acts(
    galaxy: InProcess, system: ForkServerContext, start: Callable[..., Any]
) -> None:
    names, rounds = _trainings(galaxy, 5), 4
    together, results = system.Barrier(_PROCESSES), system.Queue()
    for _ in range(_PROCESSES):
        start(ask_at_once, galaxy.galaxy_yml, together, results, rounds)
    asked = [results.get(timeout=PATIENCE) for _ in range(_PROCESSES)]
    acted = [[reports[number] for reports in asked if reports[number] is not None] for number in range(rounds)]
    assert acted == [[5], [0], [0], [0]]
    assert galaxy[LifecycleScheduler].status(DURING).runs == rounds
    assert all(_actions(galaxy, name).count("resources on") == 1 for name in names)


def test_even_without_the_lease_everything_is_done_once(
    galaxy: InProcess, system: ForkServerContext, start: Callable[..., Any]
) -> None:
    names = _trainings(galaxy, 12)
    together, results = system.Barrier(_PROCESSES), system.Queue()
    for _ in range(_PROCESSES):
        start(run_without_a_lease, galaxy.galaxy_yml, together, results)
    done = [results.get(timeout=PATIENCE) for _ in range(_PROCESSES)]
    assert sorted(name for reports in done for name in reports[0][0]) == sorted(names)
    assert sorted(name for reports in done for name in reports[1][1]) == sorted(names)
    assert [report[2] for reports in done for report in reports] == [()] * 2 * _PROCESSES
    for name in names:
        assert _actions(galaxy, name)[2:] == ["resources on", "resources off"]
