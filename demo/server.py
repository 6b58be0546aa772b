"""Starts and stops one Galaxy server process."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Optional

import gunicorn.config
import psutil
import requests

from .instance import ROOT

STOP_SECONDS = 30
#: Gunicorn starts a worker that fails again and again, without an end.
MOST_FAILED_WORKERS = 3

GALAXY = "galaxy.webapps.galaxy.fast_factory:factory()"

# A start makes a million objects that stay, and by default Python spends a third
# of its time looking for garbage among them.
FEW_COLLECTIONS = "import gc; gc.set_threshold(1_000_000)"

GUNICORN = f"{FEW_COLLECTIONS}; from gunicorn.app.wsgiapp import run; run()"

#: The gunicorn of Galaxy 26.1 opens a socket for commands; those of older releases have none.
_WITHOUT_CONTROL_SOCKET = ["--no-control-socket"] if hasattr(gunicorn.config, "ControlSocketDisable") else []


class StartFailed(Exception):
    """Galaxy stopped, or did not answer in time."""


def port_is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


class GalaxyProcess:
    """One gunicorn with Galaxy in it, started as Galaxy's own start script would.

    Gunicorn is called directly because gravity refuses to run as root.
    """

    #: How Python runs it: as `python -m gunicorn` would.
    gunicorn = ("-c", GUNICORN)

    def __init__(
        self,
        galaxy_yml: Path,
        *,
        port: int,
        log: Path,
        workers: int = 1,
        preload: bool = False,
        application: str = GALAXY,
        gunicorn_config: str = "python:galaxy_tiaas.gunicorn",
        env: Optional[dict[str, str]] = None,
    ) -> None:
        self.galaxy_yml = galaxy_yml
        self.directory = galaxy_yml.parent
        self.port = port
        self.log = log
        self.workers = workers
        self.preload = preload
        self.application = application
        self.gunicorn_config = gunicorn_config
        self.env = env or {}
        self._process: Optional[subprocess.Popen[bytes]] = None

    def start(self) -> None:
        """Start it and return at once; `wait_ready` tells when it can be used."""
        for name in ("home", "tmp"):
            (self.directory / name).mkdir(exist_ok=True)
        with self.log.open("wb") as log:
            self._process = subprocess.Popen(
                self._command(),
                cwd=self.directory,
                env=self._environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # Ctrl-C in the terminal is ours to handle, with `stop`.
                start_new_session=True,
            )

    def _command(self) -> list[str]:
        command = [
            sys.executable,
            *self.gunicorn,
            self.application,
            "--worker-class=galaxy.webapps.galaxy.workers.Worker",
            f"--config={self.gunicorn_config}",
            f"--bind=127.0.0.1:{self.port}",
            f"--workers={self.workers}",
            "--timeout=300",
            "--graceful-timeout=5",
            *_WITHOUT_CONTROL_SOCKET,
        ]
        return [*command, "--preload"] if self.preload else command

    def _environment(self) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith("GALAXY_")}
        return {
            **inherited,
            "GALAXY_CONFIG_FILE": str(self.galaxy_yml),
            "PYTHONPATH": str(ROOT / "lib"),
            # Tools call `python`: let it be this one.
            "PATH": os.pathsep.join([os.path.dirname(sys.executable), os.environ.get("PATH", os.defpath)]),
            # Galaxy and the libraries below it write to both.
            "HOME": str(self.directory / "home"),
            "TMPDIR": str(self.directory / "tmp"),
            # Nothing beside the sources; pip has compiled what it installed.
            "PYTHONDONTWRITEBYTECODE": "1",
            **self.env,
        }

    def is_running(self) -> bool:
        return self._process is not None and self._process.poll() is None

    def wait_ready(
        self,
        url: str,
        timeout: float = 600,
        tick: Callable[[], None] = lambda: None,
    ) -> None:
        """Wait until Galaxy answers below `url`; raises `StartFailed` if it never does."""
        deadline = time.monotonic() + timeout
        while time.monotonic() < deadline:
            if not self.is_running():
                raise StartFailed(f"Galaxy stopped while it was starting.\n{self.log_tail()}")
            if self.log_text().count("[ERROR] Worker (pid:") > MOST_FAILED_WORKERS:
                raise StartFailed(f"Galaxy does not start.\n{self.log_tail()}")
            try:
                if requests.get(f"{url}/api/version", timeout=60).ok:
                    return
            except requests.RequestException:
                pass
            tick()
            time.sleep(0.3)
        raise StartFailed(f"Galaxy did not answer within {timeout:.0f} seconds.\n{self.log_tail()}")

    def wait(self) -> int:
        """Wait until the process ends by itself."""
        assert self._process is not None, "not started"
        return self._process.wait()

    def stop(self) -> None:
        """Stop Galaxy with all its workers and jobs; harmless when it is not running."""
        if self._process is None:
            return
        try:
            family = psutil.Process(self._process.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            family = []
        self._process.send_signal(signal.SIGTERM)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        # The runner `local` gives each job a process group of its own.
        for orphan in family:
            with suppress(psutil.NoSuchProcess):
                orphan.kill()
        self._process = None

    def log_text(self) -> str:
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def log_tail(self, lines: int = 40) -> str:
        return "\n".join(self.log_text().splitlines()[-lines:])
