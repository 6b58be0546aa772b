"""What tests do in processes of their own.

They are forked from a server process that has imported this module and has no threads: a fork of the process that runs
the tests may wait for ever for a lock that one of its threads held.
"""

import multiprocessing
import os
import signal
import sys
from datetime import timedelta
from multiprocessing.context import ForkServerContext
from multiprocessing.synchronize import Event
from pathlib import Path
from typing import Any
from unittest.mock import patch

import sqlalchemy
from galaxy_tiaas.cli.application import CliApplication
from galaxy_tiaas.core.model import migrate
from galaxy_tiaas.lifecycle.scheduler import (
    LifecycleScheduler,
    SchedulerThread,
)
from galaxy_tiaas.lifecycle.tasks import LifecycleTasks
from galaxy_tiaas.membership.manager import CohortManager
from in_process import (
    AFTER,
    DURING,
)

#: Seconds that processes wait for each other.
PATIENCE = 120
INTERVAL = timedelta(seconds=300)


def fork_server() -> ForkServerContext:
    """Makes processes, barriers and queues."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([__name__])
    with patch.dict(os.environ, PYTHONPATH=os.pathsep.join(sys.path)):
        multiprocessing.forkserver.ensure_running()  # type: ignore[attr-defined]
    return context


def upgrade(barrier: Any, queue: Any, url: str) -> None:
    """Bring the tables up to date at the same moment as others."""
    engine = sqlalchemy.create_engine(url)
    barrier.wait(PATIENCE)
    try:
        queue.put("upgraded" if migrate.upgrade(engine) else "nothing to do")
    except Exception as problem:
        queue.put(repr(problem))


def run_and_stand_still(galaxy_yml: Path, reached: Event, once_done: int) -> None:
    """Run the lifecycle, and never return from one of the cohorts."""
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
    CliApplication(str(galaxy_yml))[LifecycleScheduler].run(lambda: DURING)


def ask_at_once(galaxy_yml: Path, together: Any, results: Any, rounds: int) -> None:
    """Ask in each round, one interval after the other, at the same moment as the other processes."""
    host = CliApplication(str(galaxy_yml))
    scheduler = host[LifecycleScheduler]
    done = []
    run = scheduler.run
    scheduler.run = lambda *args, **kwargs: done.append(run(*args, **kwargs)) or done[-1]  # type: ignore[method-assign, func-returns-value]
    host[LifecycleScheduler] = scheduler
    for number in range(rounds):
        thread = SchedulerThread(host, 300, clock=lambda number=number: DURING + number * INTERVAL)  # type: ignore[misc]
        together.wait(PATIENCE)
        thread.tick()
    results.put([None if result.report is None else len(result.report.switched_on) for result in done])


def run_without_a_lease(galaxy_yml: Path, together: Any, results: Any) -> None:
    """Run the lifecycle as if the clock of the lease were wrong."""
    tasks = CliApplication(str(galaxy_yml))[LifecycleTasks]
    tasks.session.connection()
    tasks.session.rollback()
    reports = []
    for now in (DURING, AFTER):
        together.wait(PATIENCE)
        reports.append(tasks.run(now))
    results.put([(report.switched_on, report.switched_off, report.failed) for report in reports])
