"""Writes what people are told."""

from datetime import datetime

from ..model import Training


class Announcer:
    """Puts messages into the queue, in the transaction of what they tell."""

    def reminder(self, training: Training, now: datetime) -> bool:
        """Remind the instructors of a training that it starts soon.

        :returns: whether anybody is told.
        """
        return False

    def thanks(self, training: Training, now: datetime) -> bool:
        """Thank the instructors of a training that is over.

        :returns: whether anybody is told.
        """
        return False
