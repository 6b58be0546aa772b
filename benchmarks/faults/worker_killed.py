"""A web process is killed within joins and approvals."""

import random
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
    with postgres_site(may_lose=True) as site:

        def round_(number: int) -> Outcome:
            chance = random.Random(number)
            load = site.load.round(number)
            load.start()
            killed = 0
            for part in sorted(chance.uniform(0.1, 0.9) for _ in range(3)):
                load.wait_for(part)
                for worker in site.workers()[: chance.choice((1, 2))]:
                    worker.kill()
                    killed += 1
            return site.settle(load, facts=(f"{killed} processes killed",))

        yield round_
        # Whoever was killed while running the lifecycle had its lease.
        seconds = site.seconds_until_lifecycle()
        print(f"The lifecycle runs again after {seconds:.0f} s")
        if seconds > 90:
            raise SystemExit("The lifecycle does not run again")
