"""Runs pytest for run_tests.sh, and once more what failed; arguments go to pytest.

A test that passes the second time does not fail the run: it is named as flaky in the last lines and kept in
`flaky.log`. Tests marked `no_rerun` get no second run. A whole run leaves `last-run.json`. Both files are in the
folder named by `$TIAAS_TEST_CACHE`.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from datetime import (
    datetime,
    timezone,
)
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
CACHE = Path(os.environ["TIAAS_TEST_CACHE"])

#: One worker for each of the groups in test/groups.py that have a server; the third runs all other tests.
PARALLEL = ["-n", "3", "--dist", "loadgroup", "--no-loadscope-reorder", "--durations", "10"]
#: Arguments with which a run is still a whole one.
_WHOLE = ("--randomly-seed=", "-p")
#: If more than this fail, it is no accident.
MOST_RERUN = 20
#: pytest's exit code when tests ran and some failed.
TESTS_FAILED = 1


def main(arguments: list[str]) -> int:
    rerun = "--no-rerun" not in arguments
    arguments = [argument for argument in arguments if argument != "--no-rerun"]
    whole = all(argument.startswith(_WHOLE) for argument in arguments)
    start = time.monotonic()
    code, results = _pytest([*PARALLEL, *arguments] if whole else arguments)
    failed: dict[str, Any] = results["failed"]
    flaky: list[str] = []
    if code == TESTS_FAILED and rerun:
        flaky, code = _run_again(failed, results["seed"])
    if flaky:
        _keep(flaky, failed)
    if whole:
        _write_last_run(results, flaky, start)
    _say(results, flaky)
    return code


def _pytest(arguments: list[str]) -> tuple[int, dict[str, Any]]:
    """pytest's exit code, and what test/run_report.py has written."""
    with tempfile.TemporaryDirectory() as directory:
        report = Path(directory, "report.json")
        command = [sys.executable, "-m", "pytest", f"--run-report={report}", *arguments]
        code = subprocess.run(command, cwd=ROOT).returncode
        nothing: dict[str, Any] = {"passed": 0, "skipped": 0, "failed": {}, "seed": None, "galaxy_starts": 0}
        return code, json.loads(report.read_text()) if report.exists() else nothing


def _run_again(failed: dict[str, Any], seed: Any) -> tuple[list[str], int]:
    """The tests that pass now, and the exit code of both runs together."""
    candidates = [test for test, failure in failed.items() if failure["may_run_again"]]
    if not candidates or len(candidates) > MOST_RERUN:
        return [], TESTS_FAILED
    print(f"\nOnce more, alone: {len(candidates)} of {len(failed)} tests that failed.", flush=True)
    code, results = _pytest([*candidates, *([f"--randomly-seed={seed}"] if seed else [])])
    flaky = [test for test in candidates if test in results["passed_tests"]] if code in (0, TESTS_FAILED) else []
    return flaky, 0 if len(flaky) == len(failed) else TESTS_FAILED


def _keep(flaky: list[str], failed: dict[str, Any]) -> None:
    with (CACHE / "flaky.log").open("a") as log:
        for test in flaky:
            log.write(f"==== {_now()} {_commit()} {test}\n{failed[test]['output']}\n\n")


def _write_last_run(results: dict[str, Any], flaky: list[str], start: float) -> None:
    run = {
        "commit": _commit(),
        "clean": _git("status", "--porcelain") == "",
        "finished": _now(),
        "passed": results["passed"] + len(flaky),
        "skipped": results["skipped"],
        "failed": [test for test in results["failed"] if test not in flaky],
        "flaky": flaky,
        "seed": results["seed"],
        "minutes": round((time.monotonic() - start) / 60, 1),
        "galaxy_starts": results["galaxy_starts"],
    }
    (CACHE / "last-run.json").write_text(json.dumps(run, indent=2) + "\n")


def _say(results: dict[str, Any], flaky: list[str]) -> None:
    broken = [test for test in results["failed"] if test not in flaky]
    if flaky:
        print(f"\nFlaky (failed, then passed; see {CACHE / 'flaky.log'}):")
        print("\n".join(f"  {test}" for test in flaky))
    if broken:
        print("\nFailed:")
        print("\n".join(f"  {test}" for test in broken))


def _commit() -> str:
    return _git("rev-parse", "HEAD")


def _git(*arguments: str) -> str:
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True).stdout.strip()


def _now() -> str:
    return datetime.now(timezone.utc).isoformat(timespec="seconds")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
