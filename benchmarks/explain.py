"""Which statements one call consists of, and how the database runs them."""

import re
from collections.abc import (
    Iterator,
    Mapping,
)
from typing import Optional

from fixtures import PostgresServer
from sqlalchemy import (
    create_engine,
    NullPool,
)

from .client import Client

_ENTRY = re.compile(r"duration: (?P<ms>[0-9.]+) ms  plan:\n(?P<plan>(?:\t.*\n?)*)")
_LONGEST_LINE = 240
_SWITCHES = {
    "log_analyze": "on",
    "log_buffers": "on",
    "log_timing": "off",
    "log_min_duration": "0",
}


def slowest_statements(postgres: PostgresServer, client: Client, path: str, number: int = 5) -> Iterator[str]:
    """The slowest statements of one call, with plans. What Galaxy does meanwhile is among them.

    Timing of each plan node is off: it would cost more than many of the queries.
    """
    before = postgres.log.stat().st_size
    _switch(postgres, _SWITCHES)
    client.get(path)
    _switch(postgres, {name: None for name in _SWITCHES})
    with postgres.log.open(errors="replace") as log:
        log.seek(before)
        entries = sorted(_ENTRY.finditer(log.read()), key=lambda entry: -float(entry["ms"]))
    total = sum(float(entry["ms"]) for entry in entries)
    yield f"{path}: {len(entries)} statements, {total:.1f} ms in the database"
    for entry in entries[:number]:
        # A line may list thousands of ids.
        lines = [line[:_LONGEST_LINE] for line in entry["plan"].rstrip().splitlines()]
        yield "\n".join([f"{float(entry['ms']):.1f} ms", *lines])


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
