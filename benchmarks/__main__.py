"""`python -m benchmarks`; see README.md."""

import argparse
import dataclasses
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import (
    NoReturn,
    Optional,
)

from classroom import Classroom
from fixtures import (
    GalaxyServer,
    PostgresServer,
)
from galaxy_tiaas.core.config import TiaasConfig

from demo.instance import Settings

from . import (
    database,
    explain,
    report,
)
from .client import Client
from .measure import (
    Call,
    exists,
    Measurement,
    Sample,
    total_of,
    WrongAnswer,
)
from .present import (
    LiveClass,
    open_classes,
    seed_present,
)
from .sizes import (
    FULL,
    Sizes,
    SMOKE,
)

COLD_LARGE = 15
COLD_SMALL = 5
REPEATED = 1.5
WATCHED = 2

#: The tests' Galaxy looks for work five times a second; this one as often as Galaxy does by default.
PATIENT: Settings = {
    "job_handler_monitor_sleep": 1,
    "job_runner_monitor_sleep": 1,
    "workflow_monitor_sleep": 1,
}
#: No target is set for these, and not every version has them.
OTHERS = {
    "progress": "/api/tiaas/trainings/{}/progress",
    "help": "/api/tiaas/trainings/{}/help",
    "activity": "/api/tiaas/trainings/{}/activity",
    "page": "/join-training/{}/status",
}

_started = time.monotonic()


def say(what: str) -> None:
    print(f"{time.monotonic() - _started:5.0f} s  {what}", file=sys.stderr, flush=True)


def _interrupt(*_: object) -> NoReturn:
    raise KeyboardInterrupt


def main() -> int:
    options = _options()
    # A plain `kill` stops Galaxy and PostgreSQL too, as ctrl-C does.
    signal.signal(signal.SIGINT, _interrupt)
    signal.signal(signal.SIGTERM, _interrupt)
    keep: Optional[Path] = options.keep
    scratch = Path(tempfile.mkdtemp(prefix="tiaas-benchmark-"))
    first, second = scratch / "first", scratch / "second"
    first.mkdir()
    second.mkdir()
    postgres = PostgresServer(keep and keep.absolute(), database.SETTINGS)
    try:
        past = database.ensure_past(postgres, options.sizes, first, say)
        say("The run gets a copy of it")
        url = database.copy_for_run(postgres, past)
        say("Galaxy starts")
        settings = {"status_visibility": "public", **options.tiaas}
        with GalaxyServer(second, url, galaxy_conf=PATIENT, tiaas_conf=settings) as galaxy:
            return _run(postgres, galaxy, options)
    finally:
        postgres.stop()
        shutil.rmtree(scratch, ignore_errors=True)


def _run(postgres: PostgresServer, galaxy: GalaxyServer, options: argparse.Namespace) -> int:
    classroom = Classroom(galaxy)
    large, small = open_classes(classroom, options.sizes)
    say("The last hours of everybody")
    seed_present(galaxy.engine, options.sizes, (large, small))
    admin, visitor = Client(galaxy.url, classroom.admin.api_key), Client(galaxy.url)
    interval = float(options.tiaas.get("status_refresh_seconds", _setting("status_refresh_seconds", 5)))
    measurement = Measurement(admin, interval, options.rounds, options.phase, say)
    calls = [
        Call("status of the large class", _status(large), admin, COLD_LARGE, REPEATED),
        Call("status of the small class", _status(small), admin, COLD_SMALL, REPEATED),
        Call("status of the large class, anonymous", _status(large), visitor, COLD_LARGE, REPEATED),
    ]
    measurement.warm_up()
    samples: list[Sample] = [measurement.first(call) for call in calls[:2]]
    for live in (large, small):
        _check_count(galaxy, admin, live)
    for what, path in OTHERS.items():
        if exists(admin, path.format(large.identifier)):
            calls.append(Call(f"{what} of the large class", path.format(large.identifier), admin))
        else:
            say(f"This version has no {what}")
    samples += measurement.calls(calls)
    say("Viewers")
    samples.append(measurement.viewers(calls[0], WATCHED))
    print(report.facts(galaxy, options.sizes))
    print(report.table(samples))
    if options.explain:
        for call in calls:
            cold = next(sample for sample in samples if sample.what == f"{call.what}, cold")
            time.sleep(measurement.seconds_until_old(cold))
            print("", *explain.slowest_statements(postgres, admin, call.path), sep="\n")
    missed = [sample.what for sample in samples if sample.is_met is False]
    if missed:
        print("Missed:", "; ".join(missed))
    return 1 if missed else 0


def _check_count(galaxy: GalaxyServer, admin: Client, live: LiveClass) -> None:
    """Fast and wrong would be no use."""
    generated, total = total_of(admin, _status(live))
    count = galaxy.query(
        "SELECT count(*) FROM job WHERE create_time >= CAST(:generated AS timestamp) - interval '3 hours'"
        " AND create_time <= CAST(:generated AS timestamp) AND user_id IN ("
        "SELECT user_id FROM user_group_association uga JOIN galaxy_group g ON g.id = uga.group_id"
        " WHERE g.name = :group)",
        generated=generated.rstrip("Z"),
        group=f"training-{live.identifier}",
    )[0][0]
    if count != total:
        raise WrongAnswer(f"the status of {live.identifier} counts {total} jobs, the database has {count}")
    say(f"{live.identifier}: {total:,} jobs in three hours, as the database says")


def _status(live: LiveClass) -> str:
    return f"/api/tiaas/trainings/{live.identifier}/status"


def _setting(name: str, default: float) -> float:
    field = TiaasConfig.model_fields.get(name)
    return default if field is None else float(field.default)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run.sh", description=__doc__)
    parser.add_argument("--keep", type=Path, help="folder for the seeded database; a second run goes on with it")
    parser.add_argument("--smoke", action="store_true", help="tiny, to see whether it works; its numbers mean nothing")
    parser.add_argument("--explain", action="store_true", help="print the slowest statements of each call, with plans")
    parser.add_argument("--rounds", type=int, default=7, help="how often each cold call is made (%(default)s)")
    for size in dataclasses.fields(Sizes):
        parser.add_argument(f"--{size.name.replace('_', '-')}", type=int, help=f"({size.default:,})", metavar="N")
    options = parser.parse_args()
    chosen = {size.name: getattr(options, size.name) for size in dataclasses.fields(Sizes)}
    named = {name: number for name, number in chosen.items() if number is not None}
    options.sizes = dataclasses.replace(SMOKE if options.smoke else FULL, **named)
    options.tiaas, options.phase = {}, 15.0
    if options.smoke:
        options.rounds, options.phase = 1, 2.0
        if "status_refresh_seconds" in TiaasConfig.model_fields:
            options.tiaas = {"status_refresh_seconds": 1}
    return options


if __name__ == "__main__":
    sys.exit(main())
