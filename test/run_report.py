"""pytest plugin: counts starts of Galaxy, and writes the file from which scripts/run_tests.py knows what failed."""

import json
from pathlib import Path
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy_starts import galaxy_starts

_WORKERS_STARTS = "galaxy_starts"


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--run-report", metavar="FILE", help="Write what failed, as JSON")


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        config.pluginmanager.register(RunReport(config))


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    output: Optional[dict[str, Any]] = getattr(session.config, "workeroutput", None)
    if output is not None:
        output[_WORKERS_STARTS] = galaxy_starts.count


class RunReport:
    """What happened in this process, or in the workers of pytest-xdist that it controls."""

    def __init__(self, config: pytest.Config) -> None:
        self._path: Optional[str] = config.getoption("--run-report")
        self._config = config
        self._outcomes: dict[str, str] = {}
        self._failed: dict[str, dict[str, Any]] = {}
        self._workers_starts = 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        test = _without_group(report.nodeid)
        if report.failed:
            self._outcomes[test] = "failed"
            may_run_again = "no_rerun" not in report.keywords
            failure = self._failed.setdefault(test, {"may_run_again": may_run_again, "output": ""})
            parts = (report.longreprtext, report.caplog, report.capstdout, report.capstderr)
            failure["output"] += "\n".join(part for part in parts if part)
        elif report.skipped:
            self._outcomes[test] = "skipped"
        elif report.when == "call":
            self._outcomes.setdefault(test, "passed")

    @pytest.hookimpl(optionalhook=True)
    def pytest_testnodedown(self, node: Any) -> None:
        self._workers_starts += getattr(node, "workeroutput", {}).get(_WORKERS_STARTS, 0)

    @pytest.hookimpl(trylast=True)
    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if starts := self._starts():
            terminalreporter.write_line(f"Processes that loaded Galaxy: {starts}")
        if not self._path:
            return
        outcomes = list(self._outcomes.values())
        report = {
            "passed": outcomes.count("passed"),
            "passed_tests": [test for test, outcome in self._outcomes.items() if outcome == "passed"],
            "skipped": outcomes.count("skipped"),
            "failed": self._failed,
            # pytest-randomly chooses it after this plugin was made.
            "seed": self._config.getoption("randomly_seed", None),
            "galaxy_starts": starts,
        }
        Path(self._path).write_text(json.dumps(report))

    def _starts(self) -> int:
        return galaxy_starts.count + self._workers_starts


def _without_group(nodeid: str) -> str:
    """What the test is called without the group that pytest-xdist appends."""
    return nodeid.rpartition("@")[0] if nodeid.rfind("@") > nodeid.rfind("]") else nodeid
