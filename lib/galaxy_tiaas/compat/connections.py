"""How many connections to its database a process of Galaxy has, beside its threads."""

from typing import (
    Any,
    Optional,
)

#: SQLAlchemy's defaults for ``pool_size`` and ``max_overflow`` of its ``QueuePool``.
_POOL_SIZE, _MAX_OVERFLOW = 5, 10
#: In which Starlette runs what is not asynchronous (AnyIO's default).
WEB_THREADS = 40


def connection_limit(galaxy_config: Any) -> Optional[int]:
    """How many connections a process may have at once; ``None`` for no limit.

    Relies on ``database_engine_options`` of Galaxy's configuration, which its engine is made with.
    """
    options = galaxy_config.database_engine_options
    size, overflow = options.get("pool_size", _POOL_SIZE), options.get("max_overflow", _MAX_OVERFLOW)
    return size + overflow if size > 0 and overflow >= 0 else None


def pool_warning(galaxy_config: Any) -> str:
    """What is wrong if requests have to wait for a connection before all threads are busy; empty if they need not.

    SQLite is for one person, who does not do so many things at once.
    """
    limit = connection_limit(galaxy_config)
    if limit is None or limit >= WEB_THREADS or galaxy_config.database_connection.startswith("sqlite"):
        return ""
    return (
        f"Each web process has {WEB_THREADS} threads, but at most {limit} connections to the database: when a whole"
        " class does something at once, Galaxy can stop answering until they time out. Set"
        f" database_engine_option_pool_size in galaxy.yml to {WEB_THREADS}, as far as the database allows so many from"
        " all processes together."
    )
