"""Long work beside others in one process: only one thread of Python runs at a time."""

import time
from collections.abc import Callable

#: Called after some milliseconds of work.
Pause = Callable[[], None]
#: Whether to continue long work; the rest is left for the next run.
ShouldContinue = Callable[[], bool]

_SECONDS = 0.001


def pause() -> None:
    """Let the other threads run: a sleeping thread holds nothing of Python."""
    time.sleep(_SECONDS)


def no_pause() -> None:
    """For work that is short."""


def always() -> bool:
    return True
