"""What ``galaxy-tiaas lifecycle`` prints, and how it ends."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import (
    CliRunner,
    Result,
)
from galaxy.model.orm.now import now
from galaxy_tiaas.cli import main
from galaxy_tiaas.lifecycle.scheduler import (
    LeaseManager,
    LifecycleScheduler,
)
from galaxy_tiaas.lifecycle.tasks import (
    LifecycleReport,
    LifecycleTasks,
)
from in_process import InProcess

Command = Callable[..., Result]


@pytest.fixture
def command(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Runs the command with the Galaxy of the test."""
    monkeypatch.setattr("galaxy_tiaas.cli.application.ready_application", lambda _: galaxy.host)
    monkeypatch.setattr("logging.disable", lambda _: None)
    return lambda *arguments: CliRunner().invoke(main, ["lifecycle", *arguments])


def test_each_thing_is_a_line_and_a_dry_run_says_would(
    command: Command, galaxy: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    report = LifecycleReport(switched_on=("one", "two"), redacted=("old",), people_forgotten=2, messages_delivered=3)
    monkeypatch.setattr(LifecycleTasks, "run", lambda *_, **__: report)
    assert command("run").output.splitlines() == [
        "one: switched on",
        "two: switched on",
        "old: redacted",
        "people forgotten: 2",
        "messages delivered: 3",
    ]
    before = galaxy.dump()
    assert command("run", "--dry-run").output.splitlines() == [
        "one: would be switched on",
        "two: would be switched on",
        "old: would be redacted",
        "people who would be forgotten: 2",
        "messages that would be delivered: 3",
    ]
    assert galaxy.dump() == before


def test_nothing_due_is_said_too(command: Command) -> None:
    done = command("run")
    assert (done.output, done.exit_code) == ("nothing is due\n", 0)


def test_failure_is_an_exit_code(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LifecycleTasks, "run", lambda *_, **__: LifecycleReport(failed=("one",)))
    done = command("run")
    assert (done.output, done.exit_code) == ("one: failed\n", 1)


def test_it_waits_for_another_process_and_then_does_it(
    command: Command, galaxy: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    leases = galaxy[LeaseManager]
    leases.acquire("web1", now())
    galaxy.session.commit()
    waited = []

    def sleep(seconds: float) -> None:
        waited.append(seconds)
        if len(waited) == 3:
            leases.release("web1", finished_at=now())
            galaxy.session.commit()

    monkeypatch.setattr("time.sleep", sleep)
    done = command("run")
    assert done.exit_code == 0
    assert len(waited) == 3
    assert done.output.count("waiting for up to 90 seconds") == 1
    assert done.output.endswith("nothing is due\n")


def test_it_does_not_wait_for_ever(command: Command, galaxy: InProcess) -> None:
    galaxy[LeaseManager].acquire("web1", now())
    galaxy.session.commit()
    done = command("run", "--wait", "0")
    assert done.exit_code == 1
    assert "still running the lifecycle" in done.output
    assert command("run", "--dry-run", "--wait", "0").exit_code == 0


def test_status_says_who_is_at_it_and_when_it_was_last_done(command: Command, galaxy: InProcess) -> None:
    assert command("status").output.splitlines() == [
        "timer in Galaxy: every 300 seconds",
        "running now: no",
        "last finished: never",
        "runs: 0, failures: 0",
    ]
    moment = now() - timedelta(hours=1)
    galaxy[LifecycleScheduler].run(lambda: moment)
    galaxy[LeaseManager].acquire("web1 17 abc", now())
    galaxy.session.commit()
    assert command("status").output.splitlines()[1:] == [
        "running now: web1 17 abc",
        f"last finished: {moment:%Y-%m-%d %H:%M:%S} UTC",
        "runs: 1, failures: 0",
    ]
