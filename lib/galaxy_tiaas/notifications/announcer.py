"""Writes what people are told."""

from datetime import datetime

from ..model import Training


class Announcer:
    """Puts messages into the queue, in the transaction of what they tell."""

    @property
    def channels(self) -> list[str]:
        """The ways in which this server can tell people something."""
        return []

    def reminder(self, training: Training, now: datetime) -> None:
        """Remind the instructors of a training that it starts soon."""

    def thanks(self, training: Training, now: datetime) -> None:
        """Thank the instructors of a training that is over."""
