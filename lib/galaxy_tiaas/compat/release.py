"""Which release of Galaxy this is, and whether this version of ours has been tried with it.

Imports nothing of Galaxy but its version: it says what is wrong where nothing else can be imported.
"""

from typing import Optional

from galaxy.version import (
    VERSION,
    VERSION_MAJOR,
)

from .. import __version__

#: The tests pass on the newest version of each, the oldest first. No older release is supported.
TRIED = ("25.1", "26.0", "26.1")


class UnsupportedGalaxy(Exception):
    """This Galaxy is older than what is supported, or newer and the admin does not want to try it."""


def ensure_supported() -> None:
    """:raises UnsupportedGalaxy: for a release that is too old."""
    if _number(VERSION_MAJOR) < _number(TRIED[0]):
        needed = f"galaxy-tiaas {__version__} needs Galaxy {TRIED[0]} or newer"
        raise UnsupportedGalaxy(f"{needed}; this is Galaxy {VERSION}")


def untried() -> Optional[str]:
    """What is to be said of a release newer than all that have been tried; ``None`` for any other."""
    if _number(VERSION_MAJOR) <= _number(TRIED[-1]):
        return None
    tried = f"{', '.join(TRIED[:-1])} and {TRIED[-1]}"
    return f"galaxy-tiaas {__version__} has been tried with Galaxy {tried}, but not with {VERSION}"


def _number(release: str) -> tuple[int, ...]:
    """The parts of a release such as ``26.1``."""
    return tuple(int(part) for part in release.split("."))
