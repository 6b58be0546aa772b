"""`python -m benchmarks.routing`: what the rule asks for a job, beside `user.all_roles()`; see README.md.

A rule that looks for the role of a training calls `user.all_roles()` for each job. Both are timed in turn on the same
database, in this process, as a job handler would: on Galaxy's own engine, each with nothing loaded before.
"""

import argparse
import dataclasses
import itertools
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import (
    Any,
)

from fixtures import PostgresServer
from galaxy.model import (
    Group,
    GroupRoleAssociation,
    Job,
    Role,
    User,
    UserGroupAssociation,
)
from galaxy.model.mapping import init
from galaxy.model.orm.now import now
from galaxy_tiaas.core.model import (
    migrate,
    Training,
)
from galaxy_tiaas.routing.job_rule import (
    decide_for,
    facts_of,
    policy_of,
)
from galaxy_tiaas.trainings.identifiers import cohort_name
from galaxy_tiaas.trainings.states import TrainingState
from sqlalchemy import (
    create_engine,
    Engine,
    event,
    func,
    NullPool,
    select,
)
from sqlalchemy.orm import Session

from . import database
from .sizes import (
    FULL,
    SMOKE,
)

GROUPS = 20
WORKFLOW = 100
TARGET = 0.1
_RULE = {"default": "regular", "training": "training"}


@dataclasses.dataclass(frozen=True)
class Sample:
    """Median seconds of one kind of call, and how many statements one of them sends."""

    what: str
    seconds: float
    statements: float


def main() -> int:
    options = _options()
    sizes = SMOKE if options.smoke else FULL
    scratch = Path(tempfile.mkdtemp(prefix="tiaas-benchmark-"))
    postgres = PostgresServer(options.keep and options.keep.absolute(), database.SETTINGS)
    try:
        past = database.ensure_past(postgres, sizes, scratch, _say)
        _say("The run gets a copy of it")
        url = database.copy_for_run(postgres, past)
        engine = create_engine(url, poolclass=NullPool)
        # What is kept may have been made by an older version.
        migrate.upgrade(engine)
        samples = measure(url, member_of_many(engine), options.rounds)
    finally:
        postgres.stop()
        shutil.rmtree(scratch, ignore_errors=True)
    return report(samples)


def report(samples: list[Sample]) -> int:
    """Print the table; 1 if the target is missed."""
    reference, uncached, *_ = samples
    print(f"| a user in {GROUPS} groups | ms | of all_roles() | statements |\n|---|---|---|---|")
    for sample in samples:
        ratio = sample.seconds / reference.seconds
        print(f"| {sample.what} | {sample.seconds * 1000:.3f} | {ratio:.4f} | {sample.statements:g} |")
    met = uncached.seconds <= TARGET * reference.seconds
    print(
        f"One decision that asks: {uncached.seconds / reference.seconds:.3f} of all_roles(), target {TARGET:g}"
        f" ({'met' if met else 'missed'})"
    )
    return 0 if met else 1


def member_of_many(engine: Engine, groups: int = GROUPS) -> int:
    """Put somebody who has jobs into that many trainings, all of them running now; the id of the user."""
    moment = now()
    with Session(engine) as session:
        user_id = session.scalar(select(func.min(Job.user_id)).where(Job.user_id.is_not(None)))
        user = session.get_one(User, user_id)
        for number in range(groups):
            identifier = f"routing-{number}"
            group, role = Group(cohort_name(identifier)), Role(cohort_name(identifier))
            session.add_all([group, role])
            session.flush()
            session.add_all([UserGroupAssociation(user, group), GroupRoleAssociation(group, role)])
            training = Training(
                identifier=identifier,
                title=identifier,
                attendance=20,
                state=TrainingState.APPROVED.value,
                group_id=group.id,
                role_id=role.id,
            )
            training.set_days((moment - timedelta(days=number + 1)).date(), (moment + timedelta(days=1)).date(), "UTC")
            session.add(training)
        session.commit()
        return user.id


def measure(url: str, user_id: int, rounds: int) -> list[Sample]:
    """First `all_roles()`, then a decision that asks, then those that need not."""
    model = init("", url)
    app = _handler(model.engine)
    facts = facts_of(None, "cat1")
    with Session(model.engine) as session:
        newest = session.scalar(select(func.max(Job.id))) or 0

    def all_roles() -> Callable[[], object]:
        model.context.remove()
        return model.context.get_one(User, user_id).all_roles

    def asking() -> Callable[[], object]:
        return lambda: decide_for(app, user_id, facts, policy_of(app, _RULE), now())

    def held() -> Callable[[], object]:
        return lambda: decide_for(app, user_id, facts, policy_of(app, _RULE), now(), newest)

    def workflow() -> Callable[[], object]:
        history_id = next(histories)

        def jobs() -> None:
            for job in range(WORKFLOW):
                decide_for(app, user_id, facts, policy_of(app, _RULE), now(), newest - job, history_id)

        return jobs

    # Each workflow has a history of its own, of which nothing is held.
    histories = itertools.count(1)
    kinds = {
        "`user.all_roles()`": all_roles,
        "one decision that asks": asking,
        "one decision, held": held,
        f"a workflow of {WORKFLOW} jobs": workflow,
    }
    for prepare in kinds.values():
        prepare()()
    seconds: dict[str, list[float]] = {what: [] for what in kinds}
    statements: dict[str, int] = dict.fromkeys(kinds, 0)
    for _ in range(rounds):
        for what, prepare in kinds.items():
            call = prepare()
            with _counted(model.engine) as count:
                started = time.perf_counter()
                call()
                seconds[what].append(time.perf_counter() - started)
            statements[what] += len(count)
    model.context.remove()
    model.engine.dispose()
    return [Sample(what, statistics.median(seconds[what]), statements[what] / rounds) for what in kinds]


def _handler(engine: Engine) -> Any:
    """As much of Galaxy's application as the rule looks at."""
    environments = {name: [SimpleNamespace(id=name, runner="local")] for name in ("local", "regular", "training")}
    config = type("Config", (dict,), {"config_dir": ""})()
    return SimpleNamespace(
        config=config, model=SimpleNamespace(engine=engine), job_config=SimpleNamespace(destinations=environments)
    )


@contextmanager
def _counted(engine: Engine) -> Iterator[list[None]]:
    sent: list[None] = []

    def note(*_: object) -> None:
        sent.append(None)

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(engine, "before_cursor_execute", note)


def _say(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.routing", description=__doc__)
    parser.add_argument("--keep", type=Path, help="folder for the seeded database, the same as the other benchmark's")
    parser.add_argument("--smoke", action="store_true", help="tiny, to see whether it works; its numbers mean nothing")
    parser.add_argument("--rounds", type=int, default=200, help="how often each is measured (%(default)s)")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
