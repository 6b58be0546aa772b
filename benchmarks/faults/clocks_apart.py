"""The clock of one of two servers is five minutes ahead."""

import subprocess
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import (
    contextmanager,
    ExitStack,
)
from datetime import timedelta

from classroom import Classroom
from fixtures import (
    GalaxyServer,
    PostgresServer,
)

from demo.instance import ROOT

from .load import Load
from .site import (
    GALAXY,
    now,
    Outcome,
    scratch,
    Site,
    TIAAS,
)

AHEAD = timedelta(minutes=5)
#: As `join_flex_hours`.
_FLEX = timedelta(hours=12)


@contextmanager
def prepared() -> Iterator[Callable[[int], Outcome]]:
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        library = folder / "shift_clock.so"
        command = ["gcc", "-shared", "-fPIC", "-o", str(library), str(ROOT / "scripts/shift_clock.c"), "-ldl"]
        subprocess.run(command, check=True)
        postgres = PostgresServer()
        stack.callback(postgres.stop)
        url = postgres.create_database("galaxy")
        servers = []
        for name, env in (
            ("right", {}),
            ("ahead", {"LD_PRELOAD": str(library), "SHIFT_CLOCK": str(int(AHEAD.total_seconds()))}),
        ):
            (folder / name).mkdir()
            servers.append(GalaxyServer(folder / name, url, galaxy_conf=GALAXY, tiaas_conf=TIAAS, env=env))
            # One after the other: the first makes the tables.
            stack.enter_context(servers[-1])
        load = Load(Classroom(servers[0]))
        load.urls = [server.url for server in servers]
        site = Site(servers[0], load, url, postgres, skew=AHEAD)

        def round_(number: int) -> Outcome:
            edge = site.load.request()
            site.load.classroom.decide(edge, "approved").raise_for_status()
            (row,) = site.execute(f"SELECT id, starts_at FROM tiaas_training WHERE identifier = '{edge}'")
            load = site.load.round(number)
            # For one of them it has begun, for the other one not yet.
            site.execute(f"UPDATE tiaas_training SET starts_at = '{now() + _FLEX + AHEAD / 2}' WHERE id = {row.id}")
            load.start()
            load.wait_for(1)
            time.sleep(3 * TIAAS["lifecycle_interval_seconds"])
            switched = f"SELECT count(*) FROM tiaas_training_event WHERE training_id = {row.id} AND via = 'lifecycle'"
            count = site.execute(switched)[0][0]
            site.execute(f"UPDATE tiaas_training SET starts_at = '{row.starts_at}' WHERE id = {row.id}")
            return site.settle(load, facts=(f"what begins between the two clocks was switched {count} times",))

        yield round_
