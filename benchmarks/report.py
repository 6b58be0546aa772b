"""What was measured, as the part of docs/performance.md that is written anew by each run."""

import os
import platform
import subprocess
from collections.abc import (
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import (
    dataclass,
    field,
)
from pathlib import Path
from statistics import median
from typing import Optional

import galaxy.version
import psutil
from fixtures import GalaxyServer

from demo.instance import ROOT

from .dashboards import (
    GROWING,
    Grown,
)
from .joins import (
    percentile,
    Rate,
    Storm,
)
from .measure import (
    REPEATED,
    Sample,
    UNCHANGED,
)
from .sizes import Sizes

#: Seconds until 99 of 100 are in, and milliseconds of others' longest wait.
STORM_P99, STORM_BESIDE = 1.5, 1_000
#: Of what Galaxy computes by itself.
START = 0.03
#: Statements of a join: at first, and again.
JOIN_STATEMENTS = (6, 3)


@dataclass
class Report:
    """Everything that was measured; what was not asked for is empty."""

    facts: list[str] = field(default_factory=list)
    rates: list[Rate] = field(default_factory=list)
    join_statements: dict[str, tuple[int, int]] = field(default_factory=dict)
    storms: list[Storm] = field(default_factory=list)
    alone: dict[int, Sample] = field(default_factory=dict)
    dashboards: list[Sample] = field(default_factory=list)
    grown: Optional[Grown] = None
    #: By the number of past trainings.
    lists: dict[int, list[Sample]] = field(default_factory=dict)
    start: Optional[tuple[float, list[float]]] = None

    def markdown(self) -> str:
        return "\n\n".join(self.sections().values())

    def sections(self) -> dict[str, str]:
        """What was measured, by the part of the benchmark."""
        facts = "\n".join(f"- {fact}" for fact in self.facts)
        parts = {"joins": self._joins, "storms": self._storms, "dashboards": self._dashboards}
        parts |= {"lists": self._lists, "start": self._start}
        found = {name: [*part()] for name, part in parts.items()}
        return {name: "\n\n".join([text[0], facts, *text[1:]]) for name, text in found.items() if text}

    def plans(self) -> Iterator[str]:
        """The slowest statements of each call that asked for any."""
        lists = (sample for samples in self.lists.values() for sample in samples)
        for sample in (*self.dashboards, *lists):
            if sample.slowest:
                yield "\n".join([sample.what, *sample.slowest])

    @property
    def missed(self) -> list[str]:
        """What did not reach its target."""
        return [*self._missed]

    @property
    def _usual(self) -> list[Sample]:
        """Lists with the past of a busy server; with none, that is no feat."""
        return [sample for number, samples in self.lists.items() if number for sample in samples]

    @property
    def _missed(self) -> Iterator[str]:
        for rate in self.rates:
            if rate.target and self._share(rate) < rate.target:
                yield rate.what
        for sample in (*self.dashboards, *self._usual):
            if sample.is_met is False:
                yield sample.what
        for storm in self.storms:
            if not _is_weathered(storm):
                yield _name(storm)
        if self.start and median(self.start[1]) > START:
            yield "start"

    def _joins(self) -> Iterator[str]:
        if self.rates:
            yield "## A class joins"
            yield self._rates()

    def _storms(self) -> Iterator[str]:
        if self.storms:
            yield "## A storm"
            yield _storms(self.storms)
            alone = {members: [sample] for members, sample in self.alone.items()}
            yield _grown("nobody else there, by members of the class", ["join, API"], alone)

    def _dashboards(self) -> Iterator[str]:
        if self.dashboards:
            yield "## Dashboards"
            yield _samples(self.dashboards)
        if self.grown:
            yield _grown("cold, by members of the class", GROWING, self.grown.by_members)
            yield _grown("cold, by jobs of a class of 300", GROWING, self.grown.by_jobs)

    def _lists(self) -> Iterator[str]:
        if self.lists:
            yield "## Lists and numbers"
            for number, samples in self.lists.items():
                if number:
                    yield f"### {number:,} past trainings"
                    yield _samples(samples)
            found = {number: _not_repeated(samples) for number, samples in self.lists.items()}
            yield _grown("by past trainings", [sample.what for sample in next(iter(found.values()))], found)

    def _start(self) -> Iterator[str]:
        if self.start:
            yield "## Galaxy's start"
            yield _start(*self.start)

    def _share(self, rate: Rate) -> float:
        (reference,) = (other for other in self.rates if other.what == rate.reference)
        return rate.median / reference.median

    def _rates(self) -> str:
        rows = []
        for rate in self.rates:
            way, again = ("page" if "page" in rate.what else "API"), "again" in rate.what
            statements = self.join_statements.get(way) if rate.target else None
            share = self._share(rate) if rate.target else None
            rows.append(
                (
                    rate.what,
                    f"{rate.median:.0f}",
                    f"{min(rate.rounds):.0f}–{max(rate.rounds):.0f}",
                    f"{share:.2f}" if share else "",
                    f"≥ {rate.target:g}{_verdict((share or 0) >= rate.target)}" if rate.target else "",
                    f"{statements[again]} (≤ {JOIN_STATEMENTS[again]})" if statements else "",
                )
            )
        return _table(
            ("64 at a time, one worker", "a second", "rounds", "of `users/current`", "to reach", "statements"), rows
        )


def write(path: Path, sections: dict[str, str]) -> None:
    """Put the sections into the document, whose other words are written by hand."""
    document = path.read_text()
    for name, text in sections.items():
        begin, end = f"<!-- {name}: written by benchmarks/run.sh -->", f"<!-- end of {name} -->"
        before, _, rest = document.partition(begin)
        document = f"{before}{begin}\n{text}\n{end}{rest.partition(end)[2]}"
    path.write_text(document)


def facts(galaxy_server: GalaxyServer, sizes: Sizes) -> list[str]:
    """What a number means nothing without."""
    database = galaxy_server.query("SELECT version(), pg_size_pretty(pg_database_size(current_database()))")[0]
    memory = psutil.virtual_memory().total / 2**30
    return [
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB, for Galaxy, PostgreSQL and clients together",
        f"Galaxy {galaxy.version.VERSION}, Python {platform.python_version()},"
        f" {' '.join(database[0].split()[:2])} ({database[1]}), galaxy-tiaas {_revision()}",
        ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in vars(sizes).items()),
    ]


def _is_weathered(storm: Storm) -> bool:
    calm = max(storm.beside) <= STORM_BESIDE and storm.waited(0.99) <= STORM_P99
    return calm and not (storm.errors or storm.doubles or storm.lost)


def _name(storm: Storm) -> str:
    return f"{storm.pace:.0f} a second, {storm.workers} worker{'s' * (storm.workers > 1)}"


def _storms(storms: Sequence[Storm]) -> str:
    head = (
        "arrivals",
        "asked",
        "errors",
        "doubles",
        "lost",
        "half",
        "99 %",
        "the last",
        "`users/current` beside: half",
        "the longest",
        "met",
    )
    rows = [
        (
            _name(storm),
            f"{len(storm.visits):,}",
            f"{sum(storm.errors.values())}",
            f"{storm.doubles}",
            f"{storm.lost}",
            f"{storm.waited(0.5):.2f} s",
            f"{storm.waited(0.99):.2f} s",
            f"{storm.waited(1):.2f} s",
            f"{percentile(storm.beside, 0.5):.0f} ms",
            f"{max(storm.beside):.0f} ms",
            "yes" if _is_weathered(storm) else "no",
        )
        for storm in storms
    ]
    return _table(head, rows)


def _start(seconds: float, added: list[float]) -> str:
    share = median(added)
    return (
        f"{share:+.1%} of the {seconds:.1f} seconds that Galaxy computes by itself; {min(added):+.1%} to"
        f" {max(added):+.1%} in {len(added)} starts; to reach: {START:+.0%}{_verdict(share <= START)}."
    )


def _samples(samples: Sequence[Sample]) -> str:
    head = ("what", "ms", "nine of ten", "`users/current`", "ratio", "to reach", "statements", "ms in database", "kB")
    return _table(head, [_row(sample) for sample in samples])


def _row(sample: Sample) -> tuple[str, ...]:
    low, high = sample.spread
    return (
        sample.what + (f" ({sample.note})" if sample.note else ""),
        f"{sample.milliseconds:.1f}",
        f"{low:.1f}–{high:.1f}",
        f"{sample.reference:.1f}",
        f"{sample.ratio:.2f}",
        f"≤ {sample.target:g}{_verdict(bool(sample.is_met))}" if sample.target else "",
        "" if sample.statements is None else str(sample.statements),
        "" if sample.in_database is None else f"{sample.in_database:.1f}",
        f"{sample.size / 1000:.0f}" if sample.size else "",
    )


def _verdict(is_met: bool) -> str:
    return "" if is_met else ", **missed**"


def _grown(what: str, names: Sequence[str], by_size: dict[int, list[Sample]]) -> str:
    """One line for each of the named, one column for each size: times of the reference, and milliseconds."""
    rows = [
        (name, *(f"{sample.ratio:.1f} ({sample.milliseconds:.0f} ms)" for sample in kind))
        for name, kind in zip(names, zip(*by_size.values(), strict=True), strict=True)
    ]
    return _table((what, *(f"{size:,}" for size in by_size)), rows)


def _not_repeated(samples: Sequence[Sample]) -> list[Sample]:
    return [sample for sample in samples if not sample.what.endswith((REPEATED, UNCHANGED))]


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def _revision() -> str:
    command = ["git", "describe", "--always", "--dirty"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "of an unknown revision"
