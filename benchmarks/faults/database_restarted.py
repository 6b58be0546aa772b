"""PostgreSQL is restarted under load."""

import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager

from .site import (
    Outcome,
    postgres_site,
)


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    with postgres_site() as site:
        assert site.postgres
        postgres = site.postgres

        def round_(number: int) -> Outcome:
            load = site.load.round(number)
            load.start()
            load.wait_for(0.2)
            if number % 2:
                # Connections break, and at once there is a server again.
                postgres.restart()
            else:
                postgres._pg_ctl("stop", "-m", "immediate")
                time.sleep(3)
                postgres._pg_ctl("start")
            return site.settle(load)

        yield round_
