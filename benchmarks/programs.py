"""Programs that need other versions than Galaxy: each in a virtualenv of its own, in the cache folder."""

import os
import subprocess
import venv
from pathlib import Path


def ensure_program(package: str, requirement: str, program: str) -> Path:
    """The path of a program of a package, which is installed if it is not there."""
    folder = Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache"), "galaxy-tiaas", package)
    path = folder / "bin" / program
    if not path.exists():
        print(f"{package} is installed into {folder}", flush=True)
        venv.create(folder, with_pip=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", requirement], check=True)
    return path
