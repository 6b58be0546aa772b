"""How often the rule asks the database, and that a cached answer is never older than the job it decides about."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import pytest
import sqlalchemy
from galaxy.model import (
    History,
    Job,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.cache import Cache
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.routing import manager as routing
from galaxy_tiaas.routing.decision import Policy
from galaxy_tiaas.routing.job_rule import (
    decide_for,
    facts_of,
    policy_of,
)
from galaxy_tiaas.routing.manager import (
    CACHE_SECONDS,
    CACHE_SIZE,
    memberships_for_job,
    memberships_of,
)
from galaxy_tiaas.trainings.schema import Note
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_RULE = {"default": "regular", "training": "training"}
_FACTS = facts_of(None, "cat1")
_TICK = timedelta(seconds=1)


def _start(galaxy: InProcess, user: Actor, count: int = 1, history: Optional[History] = None) -> list[int]:
    """Jobs as Galaxy's web process leaves them for the handlers; their ids."""
    galaxy.job(user, state="new", count=count, history=history)
    found = galaxy.session.scalars(sqlalchemy.select(Job.id).order_by(Job.id.desc()).limit(count))
    return sorted(found)


def _go(
    galaxy: InProcess, user: Actor, job_id: int, at: datetime = DURING, history: Optional[History] = None
) -> Optional[str]:
    """The training for which the job counts."""
    history_id = history.id if history else None
    return decide_for(galaxy.host, user.user_id, _FACTS, _policy(galaxy), at, job_id, history_id).training


def _policy(galaxy: InProcess) -> Policy:
    return policy_of(galaxy.host, _RULE)


def _asked(sent: list[str]) -> int:
    """How often the rule asked, among what others sent to the database."""
    return len([statement for statement in sent if "newest_job" in statement])


def _next(galaxy: InProcess, user: Actor, **fields: Any) -> Optional[str]:
    """The same for a job that the user starts now."""
    (job_id,) = _start(galaxy, user)
    return _go(galaxy, user, job_id, **fields)


# How often


@on_both_databases
def test_a_workflow_of_a_hundred_jobs_asks_once(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    jobs = _start(galaxy, harry, 100)
    with galaxy.statements() as sent:
        assert {_go(galaxy, harry, job) for job in jobs} == {"gryffindor"}
    assert _asked(sent) == 1


def test_threads_that_ask_at_once_get_the_same_and_soon_ask_no_more(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    jobs = _start(galaxy, harry, 200)
    user_id, threads = harry.user_id, 8
    together = threading.Barrier(threads)

    def work(number: int) -> set[Optional[str]]:
        together.wait(timeout=60)
        mine = jobs[number::threads]
        return {decide_for(galaxy.host, user_id, _FACTS, _policy(galaxy), DURING, job).training for job in mine}

    with galaxy.statements() as sent, ThreadPoolExecutor(threads) as pool:
        assert set.union(*pool.map(work, range(threads))) == {"gryffindor"}
    assert 1 <= _asked(sent) <= threads


def test_a_job_of_somebody_else_or_in_another_history_asks_for_itself(galaxy: InProcess) -> None:
    galaxy.training()
    harry, draco = galaxy.user("harry"), galaxy.user("draco")
    galaxy.join("gryffindor", harry)
    history = galaxy.history(harry)
    _start(galaxy, harry, 3)
    last = _start(galaxy, draco, 3)[-1]
    with galaxy.statements() as sent:
        for _ in range(3):
            assert _go(galaxy, harry, last) == "gryffindor"
            assert _go(galaxy, draco, last) is None
        assert _asked(sent) == 2
        _go(galaxy, harry, last, history=history)
    assert _asked(sent) == 3


def test_an_answer_is_used_for_a_few_seconds_only(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    job = _start(galaxy, harry)[0]
    with galaxy.statements() as sent:
        _go(galaxy, harry, job)
        _go(galaxy, harry, job, DURING + timedelta(seconds=CACHE_SECONDS))
        assert _asked(sent) == 1
        _go(galaxy, harry, job, DURING + timedelta(seconds=CACHE_SECONDS) + _TICK)
        assert _asked(sent) == 2
        _go(galaxy, harry, job, DURING - _TICK)
        assert _asked(sent) == 3


def test_who_only_wants_to_know_asks_each_time(galaxy: InProcess) -> None:
    """Without a job there is nothing that tells how new an answer must be."""
    harry = galaxy.user("harry")
    user_id = harry.user_id
    galaxy.job(harry)
    with galaxy.statements() as sent:
        for _ in range(3):
            decide_for(galaxy.host, user_id, _FACTS, _policy(galaxy), DURING)
    assert _asked(sent) == 3


@pytest.mark.parametrize("anonymous, tool_id", [(True, "cat1"), (False, "upload1"), (False, "exempt_tool")])
def test_visitors_and_exempt_tools_ask_nothing(
    make_galaxy: Callable[..., InProcess], anonymous: bool, tool_id: str
) -> None:
    galaxy = make_galaxy(tool_lists=[{"name": "exempt", "tools": ["exempt_*"]}])
    user_id = None if anonymous else galaxy.user("harry").user_id
    facts = facts_of(None, tool_id, anonymous)
    assert galaxy.host.job_config.destinations
    with galaxy.statements() as sent:
        decide_for(galaxy.host, user_id, facts, _policy(galaxy), DURING, 7)
    assert sent == []


def test_no_more_than_a_number_of_answers_is_kept(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(routing, "_answers", Cache(3))
    assert CACHE_SIZE > 3
    harry = galaxy.user("harry")
    job = _start(galaxy, harry)[0]
    engine = galaxy.host.model.engine
    with galaxy.statements() as sent:
        for history_id in (1, 2, 3, 4, 4, 3, 2):
            memberships_for_job(engine, 1, DURING, 12, job, history_id)
        assert _asked(sent) == 4
        memberships_for_job(engine, 1, DURING, 12, job, 1)
    assert _asked(sent) == 5


# Never stale


@on_both_databases
def test_joining_and_leaving_take_effect_for_the_next_job(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    before = _start(galaxy, harry)[0]
    assert _go(galaxy, harry, before) is None
    galaxy.join("gryffindor", harry)
    assert _next(galaxy, harry) == "gryffindor"
    galaxy.perform(MembershipsService.leave, harry, "gryffindor", DURING)
    assert _next(galaxy, harry) is None
    galaxy.join("gryffindor", harry)
    assert _next(galaxy, harry) == "gryffindor"


def test_decisions_take_effect_for_the_next_job(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    assert _next(galaxy, harry) == "gryffindor"
    galaxy.decide("gryffindor", "rejected")
    assert _next(galaxy, harry) is None
    galaxy.decide("gryffindor", "approved")
    assert _next(galaxy, harry) == "gryffindor"
    galaxy.perform(TrainingsService.end, SERVER, "gryffindor", Note(), DURING)
    assert _next(galaxy, harry, at=DURING) is None
    galaxy.perform(TrainingsService.resume, SERVER, "gryffindor", Note(), DURING)
    assert _next(galaxy, harry) == "gryffindor"
    galaxy.decide("gryffindor", "cancelled")
    assert _next(galaxy, harry) is None


def test_another_destination_takes_effect_for_the_next_job(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    assert _next(galaxy, harry) == "gryffindor"
    galaxy.find("gryffindor").destination = "training-big"
    galaxy.session.commit()
    job = _start(galaxy, harry)[0]
    assert decide_for(galaxy.host, harry.user_id, _FACTS, _policy(galaxy), DURING, job).destination == "training-big"


def test_a_window_opens_and_closes_to_the_second_though_the_answer_is_held(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    job = _start(galaxy, harry)[0]
    opens, closes = datetime(2026, 11, 15, 12), datetime(2026, 11, 19, 12)
    with galaxy.statements() as sent:
        for moment, training in [(opens, "gryffindor"), (closes, None)]:
            before = "gryffindor" if training is None else None
            assert _go(galaxy, harry, job, moment - _TICK) == before
            assert _go(galaxy, harry, job, moment) == training
    assert _asked(sent) == 2


def test_a_tag_takes_effect_for_the_next_job_in_the_history(galaxy: InProcess) -> None:
    harry = galaxy.user("harry")
    galaxy.training("long", start=date(2026, 11, 1), end=date(2026, 11, 30))
    galaxy.training("short")
    galaxy.join("short", harry)
    galaxy.join("long", harry)
    history = galaxy.history(harry)
    job = _start(galaxy, harry, history=history)[0]
    assert _go(galaxy, harry, job, history=history) == "short"
    tagged = galaxy.history(harry, "Long")
    job = _start(galaxy, harry, history=tagged)[0]
    assert _go(galaxy, harry, job, history=tagged) == "long"
    named = galaxy.history(harry, "#long", "other")
    job = _start(galaxy, harry, history=named)[0]
    assert _go(galaxy, harry, job, history=named) == "long"
    assert _go(galaxy, harry, job, history=history) == "short"


def test_a_deleted_account_is_in_no_training(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    galaxy.delete_account(harry)
    assert _next(galaxy, harry) is None


def test_nothing_is_held_after_an_error(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    job = _start(galaxy, harry)[0]
    galaxy.session.execute(sqlalchemy.text("ALTER TABLE tiaas_training RENAME TO elsewhere"))
    galaxy.session.commit()
    with pytest.raises(sqlalchemy.exc.DBAPIError):
        _go(galaxy, harry, job)
    galaxy.session.execute(sqlalchemy.text("ALTER TABLE elsewhere RENAME TO tiaas_training"))
    galaxy.session.commit()
    assert _go(galaxy, harry, job) == "gryffindor"


def test_where_no_job_was_ever_started_nothing_is_held(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    assert harry.user_id
    answer = memberships_of(galaxy.host.model.engine, harry.user_id, DURING, 12)
    assert [membership.identifier for membership in answer.memberships] == ["gryffindor"]
    assert answer.newest_job == 0 and not answer.holds_for(1, DURING)


# After the database was restarted


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_connections_from_before_a_restart_cost_one_more_try_and_no_job(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    engine, user_id = galaxy.host.model.engine, harry.user_id
    assert user_id
    galaxy.session.remove()
    connections = [engine.connect() for _ in range(3)]
    for connection in connections:
        connection.exec_driver_sql("SELECT 1")
        connection.close()
    killer = sqlalchemy.create_engine(engine.url, poolclass=sqlalchemy.NullPool, isolation_level="AUTOCOMMIT")
    with killer.connect() as connection:
        connection.exec_driver_sql(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
    answer = memberships_of(engine, user_id, DURING, 12)
    assert [membership.identifier for membership in answer.memberships] == ["gryffindor"]
