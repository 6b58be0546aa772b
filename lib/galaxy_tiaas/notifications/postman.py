"""Delivers what waits to be sent."""

from dataclasses import dataclass
from datetime import datetime


@dataclass
class DeliveryReport:
    """What became of deliveries, in numbers."""

    delivered: int = 0


class Postman:
    """Sends each message once, with transactions of its own."""

    def deliver(self, now: datetime) -> DeliveryReport:
        """Send what is due, for half a minute at most."""
        return DeliveryReport()
