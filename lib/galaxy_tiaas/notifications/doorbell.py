"""Wakes whoever brings messages to people, once they are written for good."""


class Doorbell:
    """One for each process. This one remembers that it was rung; :class:`.courier.Courier` comes at once."""

    def __init__(self) -> None:
        self.rung = False

    def ring(self) -> None:
        """There is something to deliver, and it has been committed."""
        self.rung = True
