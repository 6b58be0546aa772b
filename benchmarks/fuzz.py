"""`benchmarks/run.sh fuzz`: schemathesis calls every operation of our API, as each kind of actor; see README.md.

What breaks it: a status of 500 or above, an answer that our OpenAPI does not describe, and a traceback in the log.
"""

import argparse
import json
import logging
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import (
    Any,
    NoReturn,
    Optional,
)

import requests

# What libraries say of themselves while they are imported.
warnings.simplefilter("ignore")
logging.disable(logging.WARNING)
# Else a Galaxy in this process has all of it put temporary files into a folder that goes with the server.
os.environ["GALAXY_CONFIG_OVERRIDE_OVERRIDE_TEMPDIR"] = "false"

from classroom import (  # noqa: E402
    Classroom,
    ok,
    PAST,
)
from fixtures import (  # noqa: E402
    GalaxyServer,
    PostgresServer,
)

from .faults.site import (  # noqa: E402
    scratch,
    tracebacks,
)
from .programs import ensure_program  # noqa: E402

CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
ACTORS = ("anonymous", "user", "member", "instructor", "admin")
#: Below this path everything is ours.
OURS = "/api/tiaas/"


def main() -> int:
    options = _options()
    signal.signal(signal.SIGTERM, _interrupt)
    program = options.schemathesis or ensure_program("schemathesis", "schemathesis>=4", "st")
    options.reports.mkdir(parents=True, exist_ok=True)
    bad = []
    with _site() as (galaxy, keys, identifiers):
        schema = options.reports / "openapi.json"
        schema.write_text(json.dumps(our_schema(galaxy.url, identifiers, options.path)))
        for actor in options.actor or ACTORS:
            started = time.monotonic()
            report = options.reports / f"{actor}.txt"
            status = _run(program, schema, galaxy.url, keys[actor], report, options)
            verdict = "good" if status == 0 else f"BROKEN, see {report}"
            print(f"{actor}, {time.monotonic() - started:.0f} s: {verdict}", flush=True)
            if status:
                bad.append(actor)
                print(_summary(report))
        found = tracebacks(galaxy.log_text())
        shutil.copy(galaxy.directory / "galaxy.log", options.reports)
    for traceback in found:
        print(traceback)
    return 1 if bad or found else 0


def our_schema(url: str, identifiers: list[str], only: str = "") -> dict[str, Any]:
    """Our part of OpenAPI, with trainings that exist: of those that are invented, there is hardly ever one."""
    schema: dict[str, Any] = requests.get(f"{url}/openapi.json", timeout=120).json()
    schema["paths"] = {path: item for path, item in schema["paths"].items() if path.startswith(OURS) and only in path}
    for item in schema["paths"].values():
        for operation in item.values():
            for parameter in operation.get("parameters", []):
                if parameter["name"] == "identifier" and parameter["in"] == "path":
                    parameter["schema"] = {"anyOf": [{"enum": identifiers}, parameter["schema"]]}
    return schema


def _run(program: Path, schema: Path, url: str, key: Optional[str], report: Path, options: argparse.Namespace) -> int:
    command = [
        *(str(program), "run", str(schema), f"--url={url}", f"--checks={','.join(CHECKS)}"),
        *(f"--seed={options.seed}", f"--max-examples={options.examples}", "--generation-database=none"),
        *("--continue-on-failure", "--no-color", "--output-sanitize=false", "--request-timeout=60"),
        *("--suppress-health-check=all", f"--phases={options.phases}", "--warnings=off"),
        *([f"--header=x-api-key:{key}"] if key else []),
    ]
    with report.open("w") as output:
        return subprocess.run(command, cwd=report.parent, stdout=output, stderr=subprocess.STDOUT).returncode


def _summary(report: Path) -> str:
    lines = report.read_text(errors="replace").splitlines()
    starts = [number for number, line in enumerate(lines) if " SUMMARY " in line]
    return "\n".join(lines[starts[-1] :] if starts else lines[-30:])


@contextmanager
def _site() -> Iterator[tuple[GalaxyServer, dict[str, Optional[str]], list[str]]]:
    """A Galaxy with people of each kind and with trainings in each state, and the people's keys."""
    with scratch() as folder:
        postgres = PostgresServer()
        try:
            settings = {"lifecycle_interval_seconds": 5, "feed_token": "alohomora"}
            notifications = {"enable_notification_system": True}
            url = postgres.create_database("galaxy")
            with GalaxyServer(
                folder, url, workers=2, preload=True, galaxy_conf=notifications, tiaas_conf=settings
            ) as galaxy:
                classroom = Classroom(galaxy)
                identifiers = _trainings(classroom)
                people = {"user": classroom.stranger, "member": classroom.trainee}
                people |= {"instructor": classroom.instructor, "admin": classroom.admin}
                keys = {actor: user.api_key for actor, user in people.items()}
                yield galaxy, {"anonymous": None, **keys}, identifiers
        finally:
            postgres.stop()


def _trainings(classroom: Classroom) -> list[str]:
    running = classroom.approved(title="Runs", advertise=True)
    ok(classroom.join(running, classroom.trainee))
    for decided in ("rejected", "cancelled"):
        ok(classroom.decide(classroom.request(title=decided), decided, note="No"))
    over = classroom.approved(PAST)
    coming = classroom.approved(timedelta(days=20), advertise=True)
    ok(classroom.join(coming, classroom.trainee))
    change = {"attendance": 99}
    ok(classroom.put(f"trainings/{coming}", classroom.instructor, json=change))
    classroom.request(title="New")
    rows = classroom.galaxy.query("SELECT identifier FROM tiaas_training ORDER BY id")
    assert over in [row.identifier for row in rows]
    return [row.identifier for row in rows]


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run.sh fuzz", description=__doc__)
    parser.add_argument("--seed", type=int, default=13, help="the same one makes the same requests (%(default)s)")
    parser.add_argument("--examples", type=int, default=50, help="how many of each operation, at most (%(default)s)")
    parser.add_argument("--phases", default="examples,coverage,fuzzing,stateful", help="of schemathesis (%(default)s)")
    parser.add_argument("--actor", action="append", choices=ACTORS, help="only this one; may be repeated")
    parser.add_argument("--path", default="", help="only operations whose path has this in it")
    parser.add_argument(
        "--reports", type=Path, default=Path(tempfile.gettempdir(), "galaxy-tiaas-fuzz"), help="folder (%(default)s)"
    )
    parser.add_argument("--schemathesis", type=Path, help="the program `st`, if it is installed already")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
