"""The distributions, built from what git knows, and a copy that is installed."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from demo.instance import ROOT


@pytest.fixture(scope="session")
def git_files() -> list[str]:
    """Every file of the checkout that is or may be committed."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    listed = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return sorted({name for name in listed.split("\0") if name and (ROOT / name).is_file()})


@pytest.fixture(scope="session")
def wheel(git_files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built("wheel", git_files, tmp_path_factory)


@pytest.fixture(scope="session")
def sdist(git_files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    return _built("sdist", git_files, tmp_path_factory)


def _built(kind: str, git_files: list[str], tmp_path_factory: pytest.TempPathFactory) -> Path:
    sources = tmp_path_factory.mktemp("sources")
    for name in git_files:
        copy = sources / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, copy)
    target = tmp_path_factory.mktemp(kind)
    _run([sys.executable, "-m", "build", f"--{kind}", "--no-isolation", f"--outdir={target}", str(sources)])
    (distribution,) = target.iterdir()
    return distribution


@pytest.fixture(scope="session")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for PYTHONPATH. Neither Node nor the network nor a dependency had a part in it."""
    target = tmp_path_factory.mktemp("installed")
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", f"--target={target}", str(wheel)]
    _run(command, env={"PATH": os.path.dirname(sys.executable), "HOME": str(target)})
    return target


def _run(command: list[str], env: "dict[str, str] | None" = None) -> None:
    done = subprocess.run(command, env=env, capture_output=True, text=True)
    assert done.returncode == 0, f"{' '.join(command)}:\n{done.stdout}\n{done.stderr}"
