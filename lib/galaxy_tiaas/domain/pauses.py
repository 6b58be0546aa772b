"""Long work beside others in one process: only one thread of Python runs at a time."""

import time
from collections.abc import Callable

#: Called after some milliseconds of work.
Pause = Callable[[], None]
#: Whether to go on with long work; what is left is left for the next time.
GoOn = Callable[[], bool]

_SECONDS = 0.001


def pause() -> None:
    """Let the other threads run: a sleeping thread holds nothing of Python."""
    time.sleep(_SECONDS)


def no_pause() -> None:
    """For work that is short."""


def for_ever() -> bool:
    return True
