"""A PostgreSQL database that tests use one after the other."""

from typing import Any

import sqlalchemy
from sqlalchemy import Connection

#: Where more was written, dead rows and statistics would slow down the tests that follow.
_MOST_BYTES = 4 * 1024**2

_OTHER_CONNECTIONS = (
    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
    " WHERE datname = current_database() AND pid <> pg_backend_pid()"
)
#: Changes with every DDL statement.
_SCHEMA = (
    "SELECT md5(string_agg(oid::text || xmin::text, ' ' ORDER BY oid)) FROM pg_class WHERE relnamespace IN"
    " (SELECT oid FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema')"
)
_TABLES = (
    "SELECT relname, pg_relation_size(oid) FROM pg_class"
    " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace AND pg_relation_size(oid) > 0"
)
_SEQUENCES = "SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL"


class EmptiedDatabase:
    """As it was when it was made, after each call of `empty`."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._engine = sqlalchemy.create_engine(url, poolclass=sqlalchemy.NullPool)
        with self._engine.begin() as connection:
            #: Tables that are not empty from the start: versions of the tables, the secret.
            self._kept = {name for name, _ in connection.exec_driver_sql(_TABLES)}
            self._sequences = set(connection.exec_driver_sql(_SEQUENCES).scalars())
            self._state = self._read_state(connection)

    def empty(self) -> bool:
        """Delete all that was added; False if something else was changed, or if that is a lot."""
        try:
            with self._engine.begin() as connection:
                connection.exec_driver_sql(_OTHER_CONNECTIONS)
                return self._read_state(connection) == self._state and self._empty(connection)
        except sqlalchemy.exc.DBAPIError:
            return False

    def _read_state(self, connection: Connection) -> list[Any]:
        kept = [f"SELECT ctid::text, xmin::text FROM {name} ORDER BY ctid" for name in sorted(self._kept)]
        return [connection.exec_driver_sql(statement).all() for statement in (_SCHEMA, *kept)]

    def _empty(self, connection: Connection) -> bool:
        sizes = dict(connection.exec_driver_sql(_TABLES).tuples().all())
        if sum(sizes.values()) > _MOST_BYTES:
            return False
        sequences = set(connection.exec_driver_sql(_SEQUENCES).scalars()) - self._sequences
        statements = (
            "SET LOCAL session_replication_role = replica",
            *(f'DELETE FROM "{name}"' for name in sizes.keys() - self._kept),
            *(f"SELECT setval('{name}', 1, false)" for name in sequences),
        )
        connection.exec_driver_sql("; ".join(statements))
        return True
