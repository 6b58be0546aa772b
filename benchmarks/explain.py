"""Which statements one call consists of, and how the database runs them."""

import re
from collections.abc import (
    Callable,
    Iterator,
    Mapping,
)
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Optional

from fixtures import PostgresServer
from sqlalchemy import (
    create_engine,
    NullPool,
)

_ENTRY = re.compile(r"duration: (?P<ms>[0-9.]+) ms  plan:\n(?P<plan>(?:\t.*\n?)*)")
_LONGEST_LINE = 240
_SWITCHES = {
    "log_analyze": "on",
    "log_buffers": "on",
    "log_timing": "off",
    "log_min_duration": "0",
}


@dataclass(frozen=True)
class Statements:
    """What one call asked of the database: milliseconds and plan of each statement, the slowest first."""

    entries: list[tuple[float, str]]

    @property
    def number(self) -> int:
        return len(self.entries)

    @property
    def milliseconds(self) -> float:
        return sum(milliseconds for milliseconds, _ in self.entries)

    def slowest(self, number: int = 5) -> Iterator[str]:
        for milliseconds, plan in self.entries[:number]:
            # A line may list thousands of ids.
            lines = [line[:_LONGEST_LINE] for line in plan.rstrip().splitlines()]
            yield "\n".join([f"{milliseconds:.1f} ms", *lines])


@contextmanager
def counting(postgres: PostgresServer) -> Iterator[Callable[[Callable[[], object]], Statements]]:
    """Tell what a call asks of the database. What Galaxy does meanwhile is among it, and transactions are not.

    Timing of each plan node is off: it would cost more than many of the queries.
    """

    def statements_of(ask: Callable[[], object]) -> Statements:
        before = postgres.log.stat().st_size
        ask()
        with postgres.log.open(errors="replace") as log:
            log.seek(before)
            found = [(float(entry["ms"]), entry["plan"]) for entry in _ENTRY.finditer(log.read())]
        return Statements(sorted(found, key=lambda entry: -entry[0]))

    _switch(postgres, _SWITCHES)
    try:
        yield statements_of
    finally:
        _switch(postgres, {name: None for name in _SWITCHES})


def _switch(postgres: PostgresServer, values: Mapping[str, Optional[str]]) -> None:
    engine = create_engine(postgres.url("postgres"), poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        # Its settings can be named only where it is loaded; what is done here is not of interest.
        connection.exec_driver_sql("LOAD 'auto_explain'")
        connection.exec_driver_sql("SET auto_explain.log_min_duration = -1")
        for name, value in values.items():
            change = "RESET" if value is None else "SET"
            to = "" if value is None else f" = '{value}'"
            connection.exec_driver_sql(f"ALTER SYSTEM {change} auto_explain.{name}{to}")
        connection.exec_driver_sql("SELECT pg_reload_conf(), pg_sleep(0.5)")
