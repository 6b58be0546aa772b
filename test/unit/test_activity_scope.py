"""Only what is of the hours in question is read: their first id, and the first after an end, are searched for."""

from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
    Union,
)

import pytest
import sqlalchemy
from galaxy.model import (
    Job,
    WorkflowInvocation,
)
from galaxy_tiaas.dashboard.activity_manager import (
    _CLOCK_SKEW,
    _CLOSE_ENOUGH,
    _NEIGHBOURS,
    ActivityManager,
)
from in_process import (
    DURING,
    InProcess,
    on_both_databases,
)

_SINCE = DURING - timedelta(hours=3)
_MINUTE = timedelta(minutes=1)
Table = Union[type[Job], type[WorkflowInvocation]]


def _insert(galaxy: InProcess, table: Table, rows: list[dict[str, Any]]) -> None:
    filled = [{"create_time": None, "update_time": DURING, **row} for row in rows]
    if table is WorkflowInvocation:
        galaxy.invocation(galaxy.user("draco"))
        (workflow_id,) = galaxy.session.execute(sqlalchemy.select(WorkflowInvocation.workflow_id)).one()
        galaxy.session.execute(sqlalchemy.delete(WorkflowInvocation))
        filled = [{"workflow_id": workflow_id, **row} for row in filled]
    galaxy.session.execute(sqlalchemy.insert(table), filled)
    galaxy.session.commit()


def _first_id(galaxy: InProcess, table: Table, since: datetime = _SINCE) -> int:
    galaxy.training()
    scope = galaxy[ActivityManager].scope(galaxy.find("gryffindor"), since, False)
    return scope.ids.first(table)


def _end_id(galaxy: InProcess, table: Table, until: Optional[datetime] = DURING) -> Optional[int]:
    scope = galaxy[ActivityManager].scope(galaxy.find("gryffindor"), _SINCE, False, until=until)
    return scope.ids.end(table)


@on_both_databases
@pytest.mark.parametrize("table", [Job, WorkflowInvocation])
def test_nothing_of_the_window_is_missed_and_little_besides_is_read(galaxy: InProcess, table: Table) -> None:
    """Ten thousand rows, one a minute, with gaps as deleted rows leave them."""
    rows: list[dict[str, Any]] = [
        {"id": 3 * number, "create_time": DURING - (10_000 - number) * _MINUTE} for number in range(1, 10_001)
    ]
    del rows[4000:5000]
    _insert(galaxy, table, rows)
    first_of_window = min(row["id"] for row in rows if row["create_time"] >= _SINCE)
    assert first_of_window - _CLOSE_ENOUGH - 3 * _NEIGHBOURS <= _first_id(galaxy, table) <= first_of_window


@pytest.mark.parametrize("table", [Job, WorkflowInvocation])
def test_an_empty_table_has_a_window_too(galaxy: InProcess, table: Table) -> None:
    assert _first_id(galaxy, table) == 0


@pytest.mark.parametrize("since, expected_low", [(DURING - timedelta(days=999), True), (DURING + timedelta(1), False)])
def test_windows_beyond_either_end(galaxy: InProcess, since: datetime, expected_low: bool) -> None:
    _insert(galaxy, Job, [{"id": n, "create_time": DURING - (5000 - n) * _MINUTE} for n in range(1, 5001)])
    first = _first_id(galaxy, Job, since)
    assert first == 1 if expected_low else first > 5000 - _CLOSE_ENOUGH - _NEIGHBOURS


@on_both_databases
def test_imported_histories_with_their_old_jobs_do_not_hide_new_ones(galaxy: InProcess) -> None:
    """Thousands of rows in a row whose ids are new and whose times are of years ago."""
    rows: list[dict[str, Any]] = [{"id": n, "create_time": DURING - (8000 - n) * _MINUTE / 10} for n in range(1, 8001)]
    for row in rows[6300:7800]:
        row.update(create_time=DURING - timedelta(days=900), imported=True)
    for row in rows:
        row.setdefault("imported", None)
    _insert(galaxy, Job, rows)
    assert _first_id(galaxy, Job) <= min(row["id"] for row in rows if row["create_time"] >= _SINCE)


def test_rows_without_a_time_lead_nowhere(galaxy: InProcess) -> None:
    rows: list[dict[str, Any]] = [{"id": n, "create_time": None} for n in range(1, 4001)]
    rows += [{"id": n, "create_time": DURING} for n in range(4001, 4101)]
    _insert(galaxy, Job, rows)
    assert _first_id(galaxy, Job) <= 4001


def test_the_search_takes_few_queries(galaxy: InProcess) -> None:
    """The database searches by itself."""
    _insert(galaxy, Job, [{"id": n * 1000, "create_time": DURING - (1000 - n) * _MINUTE} for n in range(1, 1001)])
    galaxy.training()
    training = galaxy.find("gryffindor")
    with galaxy.statements() as statements:
        scope = galaxy[ActivityManager].scope(training, _SINCE, False)
        assert scope.ids.first(Job) == scope.ids.first(Job)
    assert len([statement for statement in statements if "job" in statement]) == 1


@on_both_databases
@pytest.mark.parametrize("table", [Job, WorkflowInvocation])
def test_after_an_end_nothing_from_before_is_missed_and_little_besides_is_read(galaxy: InProcess, table: Table) -> None:
    """Clocks that differ put neighbours into the wrong order."""
    rows: list[dict[str, Any]] = [
        {"id": 3 * number, "create_time": DURING + (number - 5000) * _MINUTE + (-1) ** number * timedelta(minutes=2)}
        for number in range(1, 10_001)
    ]
    del rows[6000:7000]
    _insert(galaxy, table, rows)
    galaxy.training()
    last_of_window = max(row["id"] for row in rows if row["create_time"] < DURING)
    first_new_enough = min(row["id"] for row in rows if row["create_time"] >= DURING + _CLOCK_SKEW)
    end_id = _end_id(galaxy, table)
    assert end_id == first_new_enough and last_of_window < end_id


@pytest.mark.parametrize("table", [Job, WorkflowInvocation])
def test_as_long_as_nothing_is_newer_than_an_end_all_is_read(galaxy: InProcess, table: Table) -> None:
    galaxy.training()
    assert _end_id(galaxy, table) is None
    _insert(galaxy, table, [{"id": n, "create_time": DURING + (n - 5000) * _MINUTE} for n in range(1, 5001)])
    assert _end_id(galaxy, table) is None
    rows = [{"id": n, "create_time": DURING + (n - 5000) * _MINUTE} for n in range(5001, 5011)]
    galaxy.session.execute(sqlalchemy.delete(table))
    _insert(galaxy, table, rows)
    assert _end_id(galaxy, table) == 5005


@on_both_databases
def test_imported_jobs_do_not_say_when_an_end_was(galaxy: InProcess) -> None:
    """Neither old ones, of which thousands follow it, nor those whose server was ahead of its time."""
    rows: list[dict[str, Any]] = [
        {"id": n, "create_time": DURING + (n - 4000) * _MINUTE / 10, "imported": None} for n in range(1, 8001)
    ]
    for row in rows[4040:6500]:
        row.update(create_time=DURING - timedelta(days=900), imported=True)
    for row in rows[3900:3910]:
        row.update(create_time=DURING + timedelta(days=900), imported=True)
    _insert(galaxy, Job, rows)
    galaxy.training()
    assert _end_id(galaxy, Job) == 6501


def test_a_history_that_is_imported_after_the_end_adds_nothing_to_what_the_class_did(galaxy: InProcess) -> None:
    """Its jobs have the times of their first life, which may have been in the class; they came with a job of now."""
    harry = galaxy.user("harry")
    galaxy.training()
    galaxy.join("gryffindor", harry)
    activity, training = galaxy[ActivityManager], galaxy.find("gryffindor")

    def counted(until: Optional[datetime]) -> int:
        scope = activity.scope(training, _SINCE, False, until=until)
        return galaxy.session.scalar(activity.jobs(scope, sqlalchemy.func.count())) or 0

    galaxy.job(harry, at=DURING - _MINUTE, count=3)
    assert (counted(DURING), counted(None)) == (3, 3)
    galaxy.job(harry, "__IMPORT_HISTORY__", at=DURING + _CLOCK_SKEW)
    values = {"user_id": harry.user_id, "state": "ok", "create_time": DURING - 2 * _MINUTE, "imported": True}
    galaxy.session.execute(sqlalchemy.insert(Job), [values] * 5)
    galaxy.session.commit()
    assert (counted(DURING), counted(None)) == (3, 9)


def test_what_goes_on_is_not_searched_for_an_end(galaxy: InProcess) -> None:
    _insert(galaxy, Job, [{"id": n, "create_time": DURING + (n - 500) * _MINUTE} for n in range(1, 1001)])
    galaxy.training()
    with galaxy.statements() as ongoing:
        assert _end_id(galaxy, Job, until=None) is None
    with galaxy.statements() as over:
        assert _end_id(galaxy, Job) == 505
    assert [sum("search" in statement for statement in statements) for statements in (ongoing, over)] == [0, 1]
