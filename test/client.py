"""The client's tools: Node comes with the Python packages, the rest from the lock file."""

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Optional

import pytest

from demo.instance import ROOT

CLIENT = ROOT / "client"
_MODULES = CLIENT / "node_modules"


def npm(*arguments: str, environment: Optional[dict[str, str]] = None) -> None:
    """Run npm in the client's folder; what it says is in the error if it fails."""
    path = os.pathsep.join([os.path.dirname(sys.executable), os.environ["PATH"]])
    program = shutil.which("npm", path=path)
    assert program, "Node comes with the extra 'test'"
    environment = {**os.environ, "PATH": path, **(environment or {})}
    done = subprocess.run([program, *arguments], cwd=CLIENT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, f"npm {' '.join(arguments)}:\n{done.stdout}\n{done.stderr}"


def install_modules() -> Path:
    """The folder of the client's packages, installed as the lock file says, by one process at a time."""
    installed, lock = _MODULES / ".package-lock.json", CLIENT / "package-lock.json"
    with lock.open() as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not installed.is_file() or installed.stat().st_mtime < lock.stat().st_mtime:
            npm("ci", "--no-audit", "--no-fund", "--ignore-scripts")
            installed.touch()
    return _MODULES


@pytest.fixture(scope="session")
def node_modules() -> Path:
    return install_modules()
