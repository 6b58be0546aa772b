"""A throw-away PostgreSQL server."""

import fcntl
import os
import pwd
import random
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import (
    Optional,
    TextIO,
    Union,
)

#: Below those that Linux gives to connections, so that none of them takes a port before its server does.
_PORTS = range(20_000, 32_000)
#: Locks on the ports that were given away, held until this process ends.
_reserved: list[TextIO] = []


def free_port() -> int:
    """A port that no test of any process on this machine gets again while this process lives."""
    folder = Path(tempfile.gettempdir(), f"galaxy-tiaas-ports-{os.getuid()}")
    folder.mkdir(exist_ok=True)
    for port in random.SystemRandom().sample(_PORTS, len(_PORTS)):
        lock = (folder / str(port)).open("w")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", port))
        except OSError:
            lock.close()
            continue
        _reserved.append(lock)
        return port
    raise RuntimeError("no port is free")


def find_programs() -> Optional[Path]:
    """The folder of PostgreSQL's server programs; Debian does not put them on the PATH."""
    found = shutil.which("initdb")
    if found:
        return Path(found).resolve().parent
    versions = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: float(path.parts[-3]))
    return versions[-1].parent if versions else None


class ProgramsMissing(Exception):
    """PostgreSQL's server programs are not installed: the one reason to do without its tests."""


class PostgresServer:
    """Starts at once, listens on 127.0.0.1 only and forgets everything on `stop`, unless told where to keep it.

    It never waits for the disk: its data need not survive anything. PostgreSQL
    refuses to run as root, so root starts it as another user.

    `keep` is a folder whose data a later server goes on with, `settings` are
    PostgreSQL's own.
    """

    def __init__(self, keep: Optional[Path] = None, settings: Optional[dict[str, Union[str, int]]] = None) -> None:
        programs = find_programs()
        if programs is None:
            raise ProgramsMissing("PostgreSQL's server programs are not installed")
        self._programs = programs
        self._user = _unprivileged_user() if os.geteuid() == 0 else None
        self._settings = settings or {}
        self._keep = keep is not None
        self._directory = keep or Path(tempfile.mkdtemp(prefix="tiaas-postgres-"))
        self._directory.mkdir(parents=True, exist_ok=True)
        if self._user:
            shutil.chown(self._directory, self._user)
        self.log = self._directory / "log"
        self.port = free_port()
        if not (self._directory / "data").exists():
            self._run("initdb", "-A", "trust", "-U", "postgres", "-E", "UTF8", "--no-sync")
        self._pg_ctl("start")

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a database, empty or a copy of another one, and return its SQLAlchemy URL."""
        self._run("createdb", *self._login(), "-T", template, name, data=False)
        return self.url(name)

    def url(self, name: str) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/{name}"

    @contextmanager
    def statements(self) -> Iterator[list[str]]:
        """Lines of the server's log, which has all that anybody asks meanwhile; there when this ends."""
        lines: list[str] = []
        self._set("log_statement", "all")
        start = self.log.stat().st_size
        try:
            yield lines
        finally:
            self._set("log_statement", "none")
            with self.log.open(errors="replace") as log:
                log.seek(start)
                lines += log.read().splitlines()

    def _set(self, setting: str, value: str) -> None:
        """Change a setting of the running server, for connections that exist as well."""
        commands = (f"ALTER SYSTEM SET {setting} = '{value}'", "SELECT pg_reload_conf()", "SELECT pg_sleep(0.2)")
        self._run("psql", *self._login(), *(f"--command={command}" for command in commands), "postgres", data=False)

    def restart(self) -> None:
        """Cut all connections, as a restart of the database host does."""
        self._pg_ctl("restart", "-m", "fast")

    def stop(self) -> None:
        self._pg_ctl("stop", "-m", "fast" if self._keep else "immediate")
        if not self._keep:
            shutil.rmtree(self._directory, ignore_errors=True)

    def _login(self) -> tuple[str, ...]:
        return "-h", "127.0.0.1", "-p", str(self.port), "-U", "postgres"

    def _pg_ctl(self, action: str, *arguments: str) -> None:
        settings = {
            "listen_addresses": "127.0.0.1",
            "port": self.port,
            "unix_socket_directories": self._directory,
            "max_connections": 200,
            "fsync": "off",
            "synchronous_commit": "off",
            "full_page_writes": "off",
            **self._settings,
        }
        options = " ".join(f"-c {name}={value}" for name, value in settings.items())
        self._run("pg_ctl", action, "-w", "-s", "-l", str(self.log), "-o", options, *arguments)

    def _run(self, program: str, *arguments: str, data: bool = True) -> None:
        where = ["-D", str(self._directory / "data")] if data else []
        errors = self._directory / "errors"
        with errors.open("ab") as stderr:
            done = subprocess.run(
                [str(self._programs / program), *where, *arguments],
                user=self._user,
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                # A server that inherits a pipe keeps it open, and us waiting for its end.
                stdout=subprocess.DEVNULL,
                stderr=stderr,
            )
        if done.returncode:
            raise RuntimeError(f"{program} failed: {errors.read_text()}")


def _unprivileged_user() -> str:
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name).pw_name
        except KeyError:
            continue
    raise LookupError("root needs another user to run PostgreSQL as: postgres or nobody")
