"""`python -m benchmarks`; see README.md."""

import argparse
import dataclasses
import shutil
import signal
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import (
    Any,
    NoReturn,
    Optional,
)

from classroom import Classroom
from fixtures import (
    GalaxyServer,
    PostgresServer,
)
from galaxy_tiaas.core.config import TiaasConfig

from demo.instance import (
    ROOT,
    Settings,
)
from demo.server import GalaxyProcess

from . import (
    dashboards,
    database,
    lists,
    past,
    report,
    start,
)
from .client import Client
from .joins import (
    ALONE,
    Crowd,
    give_logins,
)
from .measure import Measurement
from .present import (
    open_classes,
    seed_present,
)
from .report import Report
from .sizes import (
    FULL,
    Sizes,
    SMOKE,
)

SECTIONS = ("dashboards", "lists", "joins", "storms", "start")
#: Arrivals a second: a class that opens the link within a minute, and within a quarter of one.
PACES = (5_000 / 60, 5_000 / 15)

#: The tests' Galaxy looks for work five times a second; this one as often as Galaxy does by default.
PATIENT: Settings = {
    "job_handler_monitor_sleep": 1,
    "job_runner_monitor_sleep": 1,
    "workflow_monitor_sleep": 1,
}
#: With Galaxy's default, `users/current` itself stops to answer when 64 people ask at once.
LARGE_POOL: Settings = {"database_engine_option_pool_size": 30, "database_engine_option_max_overflow": 30}

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
    options.raw.mkdir(parents=True, exist_ok=True)
    with ExitStack() as stack:
        scratch = Path(tempfile.mkdtemp(prefix="tiaas-benchmark-"))
        stack.callback(shutil.rmtree, scratch, ignore_errors=True)
        keep: Optional[Path] = options.keep
        postgres = PostgresServer(keep and keep.absolute(), database.SETTINGS)
        stack.callback(postgres.stop)
        found = Run(postgres, scratch, options).run()
    text = found.markdown()
    print(text)
    if options.explain:
        print(*found.plans(), sep="\n\n")
    if options.write:
        report.write(ROOT / "docs" / "performance.md", found.sections())
    if missed := found.missed:
        print("Missed:", "; ".join(missed))
    return 1 if missed else 0


class _UsualProcess(GalaxyProcess):
    """Collects garbage as often as Python does by default, unlike that of the tests."""

    gunicorn = ("-m", "gunicorn")


class Run:
    """One run of the sections that are asked for, with a database and the Galaxies that it needs."""

    def __init__(self, postgres: PostgresServer, scratch: Path, options: argparse.Namespace) -> None:
        self.postgres = postgres
        self.scratch = scratch
        self.options = options
        self.sizes: Sizes = options.sizes
        self.report = Report()

    def run(self) -> Report:
        seeded = database.ensure_past(self.postgres, self.sizes, self._folder("seed"), say)
        if self._wants("dashboards", "lists", "joins"):
            with self._galaxy(seeded, galaxy_conf={**PATIENT, **LARGE_POOL}) as galaxy:
                self._one_by_one(galaxy)
            say(f"Until now:\n{self.report.markdown()}")
        if self._wants("dashboards"):
            with self._galaxy(seeded, galaxy_conf=PATIENT) as galaxy:
                self._growing(galaxy)
        if self._wants("storms"):
            for workers, paces in ((1, PACES), (2, PACES[1:])):
                with self._galaxy(seeded, workers=workers, galaxy_conf=PATIENT) as galaxy:
                    past.seed_trainings(galaxy.engine, self.sizes, 1, self.sizes.past_trainings)
                    self._storms(galaxy, paces)
                    self.report.facts = report.facts(galaxy, self.sizes)
        if self._wants("start"):
            rounds = 1 if self.options.smoke else 3
            say("Starts")
            url = database.copy_for_run(self.postgres, seeded)
            self.report.start = start.added_share(self._folder("starts"), url, rounds, say)
        return self.report

    def _one_by_one(self, galaxy: GalaxyServer) -> None:
        classroom, sizes = Classroom(galaxy), self.sizes
        classes = dashboards.classes(sizes)
        watched = [classes.large, classes.small] if self._wants("dashboards") else []
        open_classes(classroom, watched)
        waiting = lists.open_requests(classroom)
        say("The last hours of everybody")
        seed_present(galaxy.engine, sizes, watched)
        measurement = self._measurement(galaxy, classroom)
        for number in (0, sizes.past_trainings, sizes.most_past_trainings):
            already = galaxy.query("SELECT count(*) FROM tiaas_training WHERE identifier LIKE 'past-%'")[0][0]
            if number > already:
                past.seed_trainings(galaxy.engine, sizes, already + 1, number)
            if self._wants("lists"):
                say(f"Lists and numbers, with {number:,} past trainings")
                target = lists.COLD_MANY_NUMBERS if number > sizes.past_trainings else lists.COLD_NUMBERS
                calls = lists.calls(galaxy, classroom, waiting, target)
                samples = measurement.calls(calls)
                measurement.count(calls, samples)
                self.report.lists[number] = [sample for sample in samples if sample.times]
            if number == sizes.past_trainings:
                if self._wants("dashboards"):
                    say("Dashboards")
                    self.report.dashboards = dashboards.measure(galaxy, classroom, measurement, classes, say)
                if self._wants("joins"):
                    say("Joins")
                    crowd = Crowd(galaxy, give_logins(galaxy, sizes.joins), self.options.raw)
                    self.report.rates = crowd.rates(1 if self.options.smoke else 3, sizes.joins)
                    self.report.join_statements = crowd.statements(self.postgres)
        self.report.facts = report.facts(galaxy, sizes)

    def _growing(self, galaxy: GalaxyServer) -> None:
        classroom, sizes = Classroom(galaxy), self.sizes
        classes = dashboards.classes(sizes)
        open_classes(classroom, classes.growing)
        seed_present(galaxy.engine, sizes, classes.growing)
        say("Dashboards of classes that grow")
        measurement = self._measurement(galaxy, classroom)
        self.report.grown = dashboards.grow(galaxy, classroom, measurement, classes, say)

    def _measurement(self, galaxy: GalaxyServer, classroom: Classroom) -> Measurement:
        admin = Client(galaxy.url, classroom.admin.api_key)
        interval = float(self.options.tiaas.get("status_refresh_seconds", 5))
        measurement = Measurement(admin, interval, self.options.rounds, self.options.phase, say, self.postgres)
        measurement.warm_up()
        return measurement

    def _storms(self, galaxy: GalaxyServer, paces: tuple[float, ...]) -> None:
        crowd = Crowd(galaxy, give_logins(galaxy, self.sizes.storm + ALONE), self.options.raw)
        for pace in paces:
            say(f"{self.sizes.storm:,} people come, {pace:.0f} a second")
            identifier, storm = crowd.storm(pace, self.sizes.storm)
            self.report.storms.append(storm)
            say(f"99 % were in after {storm.waited(0.99):.2f} s; errors: {dict(storm.errors)}")
        if galaxy.workers == 1:
            say("Joins one by one")
            self.report.alone = crowd.alone(identifier)

    def _galaxy(self, seeded: str, **options: Any) -> GalaxyServer:
        say("A copy of the database, and a start of Galaxy")
        url = database.copy_for_run(self.postgres, seeded)
        folder = self._folder(f"galaxy-{time.monotonic_ns()}")
        settings = {"status_visibility": "public", **self.options.tiaas}
        return GalaxyServer(folder, url, tiaas_conf=settings, process=_UsualProcess, **options)

    def _folder(self, name: str) -> Path:
        (folder := self.scratch / name).mkdir()
        return folder

    def _wants(self, *sections: str) -> bool:
        return not self.options.only or bool({*sections} & {*self.options.only})


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/run.sh", description=__doc__)
    parser.add_argument("--keep", type=Path, help="folder for the seeded database; a second run goes on with it")
    parser.add_argument("--smoke", action="store_true", help="tiny, to see whether it works; its numbers mean nothing")
    parser.add_argument("--only", action="append", choices=SECTIONS, help="only this part; may be repeated")
    parser.add_argument("--explain", action="store_true", help="print the slowest statements of each call, with plans")
    parser.add_argument("--rounds", type=int, default=5, help="how often each cold call is made (%(default)s)")
    parser.add_argument(
        "--raw",
        type=Path,
        default=Path(tempfile.gettempdir(), "galaxy-tiaas-benchmark"),
        help="folder for every answer that people got who joined (%(default)s)",
    )
    for size in dataclasses.fields(Sizes):
        parser.add_argument(f"--{size.name.replace('_', '-')}", type=int, help=f"({size.default:,})", metavar="N")
    options = parser.parse_args()
    chosen = {size.name: getattr(options, size.name) for size in dataclasses.fields(Sizes)}
    named = {name: number for name, number in chosen.items() if number is not None}
    options.sizes = dataclasses.replace(SMOKE if options.smoke else FULL, **named)
    options.tiaas, options.phase = {}, 8.0
    # What is smaller is not what the documentation says.
    options.write = not (options.smoke or named)
    if options.smoke:
        options.rounds, options.phase = 1, 2.0
        if "status_refresh_seconds" in TiaasConfig.model_fields:
            options.tiaas = {"status_refresh_seconds": 1}
    return options


if __name__ == "__main__":
    sys.exit(main())
