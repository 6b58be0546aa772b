"""PostgreSQL takes no changes for a while, as when its disk is full or another server has taken over."""

import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager

import requests

from .site import (
    Outcome,
    postgres_site,
)

_SETTING = "default_transaction_read_only"


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    with postgres_site() as site:

        def read_only(value: str) -> None:
            site.execute(f"ALTER SYSTEM SET {_SETTING} = {value}", "SELECT pg_reload_conf()")
            while site.execute(f"SHOW {_SETTING}") != [(value,)]:
                time.sleep(0.05)

        def round_(number: int) -> Outcome:
            load = site.load.round(number)
            load.start()
            load.wait_for(0.2)
            read_only("on")
            load.wait_for(0.6)
            started = time.monotonic()
            reading = requests.get(f"{site.urls[0]}/api/tiaas/trainings", timeout=30)
            while time.monotonic() - started < 2:
                time.sleep(0.1)
            read_only("off")
            outcome = site.settle(load, facts=(f"a list is answered {reading.status_code} meanwhile",))
            outcome.checked["lists are answered meanwhile"] = [] if reading.ok else [f"{reading.status_code}"]
            return outcome

        yield round_
