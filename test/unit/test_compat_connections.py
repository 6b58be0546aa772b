"""What we rely on of Galaxy's connections to its database: compat/connections.py."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Optional

import anyio
import anyio.to_thread
import pytest
from galaxy_tiaas.compat.connections import (
    connection_limit,
    pool_warning,
    WEB_THREADS,
)
from in_process import (
    InProcess,
    on_both_databases,
)
from sqlalchemy import QueuePool


@on_both_databases
def test_galaxys_engine_has_the_pool_that_its_settings_say(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(galaxy_conf={"database_engine_option_pool_size": 3, "database_engine_option_max_overflow": 4})
    pool = galaxy.host.model.engine.pool
    if isinstance(pool, QueuePool):
        assert (pool.size(), pool._max_overflow) == (3, 4)
    assert connection_limit(galaxy.host.config) == 7


@pytest.mark.parametrize(
    "options, limit",
    [
        ({}, 15),
        ({"pool_size": 40}, 50),
        ({"pool_size": 0}, None),
        ({"max_overflow": -1}, None),
        ({"pool_size": 20, "max_overflow": 0}, 20),
    ],
)
@pytest.mark.parametrize("url", ["postgresql:///galaxy", "sqlite:///galaxy.sqlite"])
def test_a_pool_that_is_too_small_for_the_threads_is_told_of(
    options: dict[str, int], limit: Optional[int], url: str
) -> None:
    config = SimpleNamespace(database_engine_options=options, database_connection=url)
    assert connection_limit(config) == limit
    is_small = limit is not None and limit < WEB_THREADS and url.startswith("postgresql")
    assert ("database_engine_option_pool_size" in pool_warning(config)) == is_small


def test_starlette_has_so_many_threads() -> None:
    async def threads() -> float:
        return anyio.to_thread.current_default_thread_limiter().total_tokens

    assert anyio.run(threads) == WEB_THREADS
