"""A Galaxy whose surroundings can be broken, with the load that it bears meanwhile."""

import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import (
    contextmanager,
    ExitStack,
)
from dataclasses import (
    dataclass,
    field,
)
from datetime import (
    datetime,
    timedelta,
    timezone,
)
from pathlib import Path
from typing import Any, Optional

import psutil
import requests
import sqlalchemy
from classroom import Classroom
from fixtures import (
    GalaxyServer,
    PostgresServer,
)
from galaxy_tiaas.cli.application import CliApplication
from galaxy_tiaas.lifecycle.tasks import (
    LifecycleReport,
    LifecycleTasks,
)
from sqlalchemy import NullPool

from .invariants import (
    breaches,
    INVARIANTS,
)
from .load import (
    Load,
    Round,
)

#: Seconds in which the server must answer again, once what was broken is mended.
RECOVERS_WITHIN = 30
#: The lifecycle runs while things go wrong.
TIAAS = {"lifecycle_interval_seconds": 2}
#: There is no mail server: messages stay on their way.
GALAXY = {"enable_notification_system": True, "smtp_server": "127.0.0.1:9"}
#: Requests in a row that must all be answered, so that each process has one.
_REQUESTS = 12


def now() -> datetime:
    return datetime.now(timezone.utc).replace(tzinfo=None)


@dataclass
class Outcome:
    """What is said of a round: facts, and for each thing that must be true in which way it is not."""

    facts: list[str] = field(default_factory=list)
    checked: dict[str, list[str]] = field(default_factory=dict)
    #: What the server's log has of them.
    tracebacks: list[str] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        return not any(self.checked.values())


@dataclass
class Site:
    """A Galaxy, its database as seen from beside it, and a load."""

    galaxy: GalaxyServer
    load: Load
    #: Where the database is, whatever stands between it and Galaxy.
    database_url: str
    postgres: Optional[PostgresServer] = None
    skew: timedelta = timedelta()

    @property
    def urls(self) -> list[str]:
        return self.load.urls

    def workers(self) -> list[psutil.Process]:
        """The web processes, without the one that starts them."""
        process = self.galaxy._process._process
        assert process
        return psutil.Process(process.pid).children()

    def seconds_until_back(self) -> float:
        """How long it takes until every plain request is answered again; more than it may, if never."""
        started = good_since = time.monotonic()
        good = 0
        while good < _REQUESTS and good_since - started <= RECOVERS_WITHIN:
            if all(self._answers(url) for url in self.urls):
                good += 1
            else:
                good = 0
                time.sleep(0.1)
                good_since = time.monotonic()
        return good_since - started

    def _answers(self, url: str) -> bool:
        key = {"x-api-key": self.load.classroom.admin.api_key}
        try:
            ours = requests.get(f"{url}/api/tiaas/trainings", headers=key, timeout=RECOVERS_WITHIN)
            galaxys = requests.get(f"{url}/api/users/current", headers=key, timeout=RECOVERS_WITHIN)
        except requests.RequestException:
            return False
        return ours.ok and galaxys.ok

    def engine(self) -> sqlalchemy.Engine:
        return sqlalchemy.create_engine(self.database_url, poolclass=NullPool)

    def execute(self, *statements: str) -> list[Any]:
        """Rows of the last of some statements, each by itself; not read-only whatever the server says."""
        engine = self.engine().execution_options(isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            for statement in statements:
                result = connection.exec_driver_sql(statement)
            return list(result) if result.returns_rows else []

    def run_lifecycle(self) -> LifecycleReport:
        """Once, beside the server."""
        host = CliApplication(str(self.galaxy.galaxy_yml))
        try:
            return host[LifecycleTasks].run(now())
        finally:
            host.model.context.remove()
            host.model.engine.dispose()

    def settle(self, round_: Round, *, facts: tuple[str, ...] = ()) -> Outcome:
        """Wait until the server is back and the load is done; then ask what must be true."""
        back = self.seconds_until_back()
        round_.finish()
        outcome = Outcome([str(round_.answers), f"back after {back:.1f} s", *facts])
        late = [f"not back after {back:.0f} s"] if back > RECOVERS_WITHIN else []
        outcome.checked[f"back within {RECOVERS_WITHIN} s without help"] = late
        outcome.checked["no wrong answer"] = sorted(set(round_.answers.wrong))
        outcome.checked |= self.invariants()
        outcome.tracebacks = tracebacks(self.galaxy.log_text())
        return outcome

    def invariants(self) -> dict[str, list[str]]:
        failed = self.run_lifecycle().failed
        with self.engine().connect() as connection:
            found = breaches(connection, now(), self.load.promised, skew=self.skew)
        assert found.keys() == INVARIANTS.keys()
        return {"the lifecycle fails nowhere": [f"it fails for {name}" for name in failed], **found}

    def seconds_until_lifecycle(self) -> float:
        """How long it takes until the server itself runs the lifecycle again."""
        started, begin = time.monotonic(), now()
        lease = "SELECT 1 FROM tiaas_lease WHERE finished_at > :begin"
        while not self.galaxy.query(lease, begin=begin):
            if time.monotonic() - started > 120:
                break
            time.sleep(0.5)
        return time.monotonic() - started


def tracebacks(log: str) -> list[str]:
    """The different ones with ours in them, each cut to the end, where it says what happened."""
    found = re.findall(r"^Traceback \(most recent call last\):\n(?:(?: .*)?\n)*\S.*", log, re.MULTILINE)
    return list(dict.fromkeys("\n".join(one.splitlines()[-40:]) for one in found if "galaxy_tiaas" in one))


@contextmanager
def scratch() -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="tiaas-faults-"))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def postgres_site(
    *,
    settings: Optional[dict[str, Any]] = None,
    galaxy: Optional[dict[str, Any]] = None,
    may_lose: bool = False,
    workers: int = 2,
    **load: Any,
) -> Iterator[Site]:
    """A PostgreSQL of its own, and a Galaxy with two processes."""
    with ExitStack() as stack:
        folder = stack.enter_context(scratch())
        # Else a PostgreSQL that is killed may forget what it has acknowledged.
        postgres = PostgresServer(settings={"synchronous_commit": "on", **(settings or {})})
        stack.callback(postgres.stop)
        url = postgres.create_database("galaxy")
        server = GalaxyServer(
            folder, url, workers=workers, preload=True, galaxy_conf={**GALAXY, **(galaxy or {})}, tiaas_conf=TIAAS
        )
        stack.enter_context(server)
        classroom = Classroom(server)
        yield Site(server, Load(classroom, may_lose=may_lose, **load), url, postgres)
