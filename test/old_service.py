"""The database of a tiaas2, made with plain SQL: the one table that an import reads, and what it holds."""

from collections.abc import Sequence
from datetime import date
from typing import (
    Any,
    Union,
)

import sqlalchemy

#: The columns and their types as PostgreSQL has them; SQLite takes any.
_COLUMNS = {
    "id": "integer PRIMARY KEY",
    "received": "date",
    "name": "text",
    "email": "text",
    "title": "text",
    "description": "text",
    "start": "date",
    "end": "date",
    "website": "text",
    "location": "varchar(500)",
    "use_gtn": "varchar(1)",
    "gtn_links": "text",
    "non_gtn_links": "text",
    "attendance": "integer",
    "training_identifier": "varchar(100)",
    "advertise": "varchar(1)",
    "retain_contact": "varchar(1)",
    "blogpost": "varchar(1)",
    "other_requests": "text",
    "processed": "varchar(2)",
}

#: A row that can be taken, without its id.
USUAL: dict[str, Any] = {
    "received": "2026-10-01",
    "name": "Minerva McGonagall",
    "email": "minerva@example.org",
    "title": "Transfiguration",
    "description": "Turn teapots into tortoises.",
    "start": "2026-11-16",
    "end": "2026-11-18",
    "website": "https://example.org/course",
    "location": "GB,FR",
    "use_gtn": "Y",
    "gtn_links": "https://training.example.org/teapots",
    "non_gtn_links": "slides",
    "attendance": 25,
    "training_identifier": "gryffindor",
    "advertise": "Y",
    "retain_contact": "N",
    "blogpost": "N",
    "other_requests": "A quiet room",
    "processed": "AP",
}


class OldService:
    """A tiaas2 without some of the columns, if it is an old one."""

    def __init__(self, url: str, without: Sequence[str] = ()) -> None:
        self.url = url
        self.columns = {name: kind for name, kind in _COLUMNS.items() if name not in without}
        columns = ", ".join(f'"{name}" {kind}' for name, kind in self.columns.items())
        self._execute(f"CREATE TABLE training_training ({columns}, phase_of_the_moon varchar(10))")

    def row(self, row_id: int, identifier: str = "gryffindor", **fields: Any) -> None:
        values = {**USUAL, "id": row_id, "training_identifier": identifier, **fields}
        self.rows([{name: value for name, value in values.items() if name in self.columns}])

    def rows(self, rows: Sequence[dict[str, Any]]) -> None:
        names = rows[0]
        columns, places = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
        self._execute(f"INSERT INTO training_training ({columns}) VALUES ({places})", rows)

    def many(self, count: int) -> None:
        """Past trainings of as many people, one a day."""
        first = date(2015, 1, 1).toordinal()
        self.rows(
            [
                {
                    **USUAL,
                    "id": number,
                    "training_identifier": f"course-{number}",
                    "email": f"teacher{number}@example.org",
                    "start": date.fromordinal(first + number % 3000).isoformat(),
                    "end": date.fromordinal(first + number % 3000 + 1).isoformat(),
                }
                for number in range(1, count + 1)
            ]
        )

    def set(self, row_id: int, **fields: Any) -> None:
        values = ", ".join(f'"{name}" = :{name}' for name in fields)
        self._execute(f"UPDATE training_training SET {values} WHERE id = :id", {**fields, "id": row_id})

    def dump(self) -> list[tuple[Any, ...]]:
        engine = sqlalchemy.create_engine(self.url)
        try:
            with engine.connect() as connection:
                return [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM training_training ORDER BY id")]
        finally:
            engine.dispose()

    def _execute(self, statement: str, values: Union[dict[str, Any], Sequence[dict[str, Any]], None] = None) -> None:
        engine = sqlalchemy.create_engine(self.url)
        try:
            with engine.begin() as connection:
                connection.execute(sqlalchemy.text(statement), values)
        finally:
            engine.dispose()
