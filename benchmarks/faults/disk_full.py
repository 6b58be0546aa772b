"""SQLite's disk is full for a while: by a limit on the size of files, and for root also on a small disk of its own."""

import os
import resource
import shutil
import subprocess
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import (
    contextmanager,
    ExitStack,
)
from pathlib import Path

from classroom import Classroom
from fixtures import GalaxyServer

from .load import Load
from .site import (
    GALAXY,
    Outcome,
    scratch,
    Site,
    TIAAS,
)

#: Long enough that each request makes the database larger.
_WORDS = "Matchsticks into needles. " * 380
_MEGABYTES = 200


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        disk = folder / "disk"
        disk.mkdir()
        mounted = _mount(disk)
        if mounted:
            stack.callback(subprocess.run, ["umount", "--lazy", str(disk)], check=True)
        file = disk / "galaxy.sqlite"
        url = f"sqlite:///{file}?isolation_level=IMMEDIATE&timeout=60"
        server = GalaxyServer(folder, url, galaxy_conf=GALAXY, tiaas_conf=TIAAS)
        stack.enter_context(server)
        site = Site(server, Load(Classroom(server), approvals=12, words=_WORDS), url)

        def round_(number: int) -> Outcome:
            load = site.load.round(number)
            small_disk = mounted and number % 2 == 0
            load.start()
            load.wait_for(0.2)
            with _full(disk) if small_disk else _limited(site, file):
                load.wait_for(0.7)
                time.sleep(2)
            how = "the disk was full" if small_disk else "files could not grow"
            return site.settle(load, facts=(how, f"{file.stat().st_size // 1024} kB"))

        yield round_


def _mount(disk: Path) -> bool:
    if os.geteuid() != 0:
        return False
    command = ["mount", "-t", "tmpfs", "-o", f"size={_MEGABYTES}m", "tmpfs", str(disk)]
    return subprocess.run(command, capture_output=True).returncode == 0


@contextmanager
def _full(disk: Path) -> Iterator[None]:
    """The disk has room for nothing more; SQLite's journal, which it needs for each change, can be begun at most."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (1024 * 1024, 4096):
            with _until_full():
                while True:
                    file.write(b"x" * size)
    try:
        yield
    finally:
        filler.unlink()
    assert shutil.disk_usage(disk).free


@contextmanager
def _until_full() -> Iterator[None]:
    try:
        yield
    except OSError as problem:
        assert problem.strerror == "No space left on device", problem


@contextmanager
def _limited(site: Site, file: Path) -> Iterator[None]:
    """No process of the server can make a file larger than the database is now."""
    _limit(site, file.stat().st_size)
    try:
        yield
    finally:
        _limit(site, resource.RLIM_INFINITY)


def _limit(site: Site, size: int) -> None:
    for worker in site.workers():
        resource.prlimit(worker.pid, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))
