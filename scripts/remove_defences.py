"""Removes each defence of test/defences.yml in turn, and shows that its test fails without it.

    scripts/remove_defences.sh              # all; some minutes
    scripts/remove_defences.sh mail forged  # those with one of these words in their name

Works in a copy of the checkout. Exits with 1 if a test passes without its defence, or fails with it.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import (
    Iterable,
    Sequence,
)
from pathlib import Path
from typing import NamedTuple

import yaml

ROOT = Path(__file__).resolve().parent.parent
DEFENCES = ROOT / "test" / "defences.yml"
#: pytest's exit code when tests ran and some failed; every other one says that they did not run.
TESTS_FAILED = 1


class Defence(NamedTuple):
    """One defence, and what proves it."""

    #: What it is good for.
    name: str
    #: Where it is, as a path in the checkout.
    file: str
    #: The text that is the defence; it occurs once in the file.
    remove: str
    #: What takes its place.
    put: str
    #: The test that fails then, as pytest names it.
    test: str

    def without(self, source: str) -> str:
        """The file without the defence.

        :raises ValueError: if the text does not occur exactly once.
        """
        if (found := source.count(self.remove)) != 1:
            raise ValueError(f"{self.name}: {self.file} has the text {found} times: {self.remove!r}")
        return source.replace(self.remove, self.put)


def read_defences() -> list[Defence]:
    """All of them, as test/defences.yml has them."""
    return [Defence(**{"put": "", **entry}) for entry in yaml.safe_load(DEFENCES.read_text())]


def main(words: Sequence[str]) -> int:
    defences = [d for d in read_defences() if not words or any(word.lower() in d.name.lower() for word in words)]
    with tempfile.TemporaryDirectory() as directory:
        copy = _copy(Path(directory))
        if not _passes(copy, dict.fromkeys(defence.test for defence in defences)):
            print("Some of the tests do not pass with the defences in place; they prove nothing.")
            return 1
        useless = [defence for defence in defences if not _is_proved(copy, defence)]
    print(f"{len(defences) - len(useless)} of {len(defences)} defences have a test that fails without them.")
    return 1 if useless else 0


def _is_proved(copy: Path, defence: Defence) -> bool:
    path = copy / defence.file
    source = path.read_text()
    path.write_text(defence.without(source))
    try:
        code = _pytest(copy, [defence.test])
    finally:
        path.write_text(source)
    proved = code == TESTS_FAILED
    print(f"{'fails' if proved else f'PROVES NOTHING (pytest: {code})'}: {defence.name}", flush=True)
    return proved


def _copy(directory: Path) -> Path:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, listed.split("\0")):
        target = directory / name
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, target)
    return directory


def _passes(copy: Path, tests: Iterable[str]) -> bool:
    return _pytest(copy, list(tests)) == 0


def _pytest(copy: Path, tests: list[str]) -> int:
    environment = {**os.environ, "PYTHONPATH": str(copy / "lib"), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", *tests]
    done = subprocess.run(command, cwd=copy, env=environment, capture_output=True, text=True)
    if done.returncode not in (0, TESTS_FAILED):
        print(done.stdout[-2000:], done.stderr[-2000:])
    return done.returncode


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
