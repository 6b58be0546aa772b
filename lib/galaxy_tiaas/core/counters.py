"""How often things have happened, counted in the database for all processes of the server together."""

from collections.abc import Mapping

from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import select

from .db import insert_or_add
from .model import Counter


class CounterManager:
    """Counts up; the caller commits."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def add(self, counts: Mapping[str, int]) -> None:
        """Add to counters by name; those that are new begin at zero."""
        # Always in the same order, so that two processes cannot wait for each other.
        for name in sorted(name for name, count in counts.items() if count):
            insert_or_add(self.session, Counter, {"name": name, "value": counts[name]}, key="name", number="value")

    def all(self) -> dict[str, int]:
        """Every counter that has ever counted something."""
        return {name: value for name, value in self.session.execute(select(Counter.name, Counter.value))}
