"""Jobs, and a class of any size, in the tables of a Galaxy on SQLite, without running anything."""

from collections.abc import (
    Callable,
    Sequence,
)
from typing import (
    Any,
    NamedTuple,
)

from fixtures import (
    GalaxyServer,
    User,
)
from sqlalchemy import (
    Connection,
    text,
)


class Past(NamedTuple):
    """A job that somebody seems to have started so many minutes ago."""

    tool_id: str
    state: str
    minutes: int = 0


def insert_job(galaxy: GalaxyServer, user: User, job: Past) -> None:
    """Put a job into the table. Galaxy takes no notice of it unless its state is `new`."""
    with galaxy.engine.begin() as connection:
        values = {"tool_id": job.tool_id, "state": job.state, "user_id": galaxy.decode_id(user.id)}
        _insert(connection, "job", values, job.minutes)


def crowd(galaxy: GalaxyServer, identifier: str, people: int, jobs: Callable[[int], Sequence[Past]]) -> None:
    """Puts new accounts into the group of a training, and the jobs of each, by its number, into the table of jobs."""
    with galaxy.engine.begin() as connection:
        group = connection.execute(
            text("SELECT id FROM galaxy_group WHERE name = :name"), {"name": f"training-{identifier}"}
        ).scalar_one()
        past = []
        for number in range(people):
            name = f"{identifier}-{number}"
            account = {"email": f"{name}@example.org", "username": name, "password": "-", "active": True}
            user = _insert(connection, "galaxy_user", {**account, "external": False, "deleted": False, "purged": False})
            _insert(connection, "user_group_association", {"user_id": user, "group_id": group})
            past += [(job, user) for job in jobs(number)]
        # Ids grow with time.
        for job, user in sorted(past, key=lambda one: -one[0].minutes):
            _insert(connection, "job", {"tool_id": job.tool_id, "state": job.state, "user_id": user}, job.minutes)


def _insert(connection: Connection, table: str, values: dict[str, Any], minutes: int = 0) -> int:
    names = ("create_time", "update_time", *values)
    created = f"datetime('now', '-{minutes} minutes')"
    places = (created, created, *(f":{name}" for name in values))
    statement = f"INSERT INTO {table} ({', '.join(names)}) VALUES ({', '.join(places)})"
    return int(connection.execute(text(statement), values).lastrowid)
