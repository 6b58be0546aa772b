"""Delivers what waits in the queue."""

from datetime import datetime


class Postman:
    """Sends each message once, with transactions of its own."""

    def deliver(self, now: datetime) -> int:
        """Send what is due.

        :returns: how much was delivered.
        """
        return 0
