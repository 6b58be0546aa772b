"""The numbers, as a table that can be pasted into an issue."""

import os
import platform
import subprocess
from pathlib import Path

import galaxy.version
import psutil
from fixtures import GalaxyServer

from demo.instance import ROOT

from .measure import (
    REFERENCE,
    Sample,
)
from .sizes import Sizes


def facts(galaxy_server: GalaxyServer, sizes: Sizes) -> str:
    """What a number means nothing without."""
    database = galaxy_server.query("SELECT version(), pg_size_pretty(pg_database_size(current_database()))")[0]
    memory = psutil.virtual_memory().total / 2**30
    lines = [
        f"{_processor()}, {os.cpu_count()} cores, {memory:.0f} GB; load {os.getloadavg()[0]:.1f}",
        f"Galaxy {galaxy.version.VERSION}, 1 worker; Python {platform.python_version()};"
        f" {' '.join(database[0].split()[:2])}, {database[1]}; galaxy-tiaas {_revision()}",
        ", ".join(f"{name.replace('_', ' ')} {number:,}" for name, number in vars(sizes).items()),
    ]
    return "\n".join(lines)


def table(samples: list[Sample]) -> str:
    """One line for each; all times are medians in milliseconds."""
    head = ("what", "ms", REFERENCE, "ratio", "target", "met", "kB", "calls")
    rows = [head, *(_row(sample) for sample in samples)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(head))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) + " |" for row in rows
    ]
    rule = "|" + "|".join("-" * (width + 2) for width in widths) + "|"
    return "\n".join([lines[0], rule, *lines[1:]])


def _row(sample: Sample) -> tuple[str, ...]:
    met = {None: "", True: "yes", False: "NO"}[sample.is_met]
    return (
        sample.what + (f" ({sample.note})" if sample.note else ""),
        f"{sample.milliseconds:.1f}",
        f"{sample.reference:.1f}",
        f"{sample.ratio:.2f}",
        f"{sample.target:g}" if sample.target else "",
        met,
        f"{sample.size / 1000:.0f}" if sample.size else "",
        str(len(sample.times)),
    )


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
