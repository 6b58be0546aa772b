"""Somebody else has all connections of PostgreSQL."""

import threading
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import (
    contextmanager,
    suppress,
)

import sqlalchemy
from sqlalchemy.exc import SQLAlchemyError

from .site import (
    Outcome,
    postgres_site,
)

#: More than Galaxy uses by itself, and few enough to be occupied at once.
MOST_CONNECTIONS = 60


class Occupants:
    """Take every connection that becomes free, and cut those of others once, until told to stop."""

    def __init__(self, url: str) -> None:
        self._engine = sqlalchemy.create_engine(url, isolation_level="AUTOCOMMIT", poolclass=sqlalchemy.NullPool)
        self._held: list[sqlalchemy.Connection] = []
        self._enough = threading.Event()
        self._full = threading.Event()
        self._thread = threading.Thread(target=self._occupy, daemon=True)

    def __enter__(self) -> "Occupants":
        first = self._engine.connect()
        first.exec_driver_sql("SET application_name = 'occupant'")
        self._held.append(first)
        self._thread.start()
        self._full.wait(30)
        others = "backend_type = 'client backend' AND application_name <> 'occupant'"
        first.exec_driver_sql(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self._thread.join()
        for connection in self._held:
            with suppress(SQLAlchemyError):
                connection.close()

    @property
    def count(self) -> int:
        return len(self._held)

    def _occupy(self) -> None:
        while not self._enough.is_set():
            try:
                connection = self._engine.connect()
                connection.exec_driver_sql("SET application_name = 'occupant'")
                self._held.append(connection)
            except SQLAlchemyError:
                self._full.set()
                time.sleep(0.002)


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    with postgres_site(settings={"max_connections": MOST_CONNECTIONS}) as site:

        def round_(number: int) -> Outcome:
            load = site.load.round(number)
            load.start()
            load.wait_for(0.2)
            with Occupants(site.database_url) as occupants:
                time.sleep(3)
                held = occupants.count
            return site.settle(load, facts=(f"{held} of {MOST_CONNECTIONS} connections occupied",))

        yield round_
