"""Only what is newer than the window is read: the first id of it is found by a search through the primary key."""

from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Union,
)

import pytest
import sqlalchemy
from galaxy.model import (
    Job,
    WorkflowInvocation,
)
from galaxy_tiaas.managers.activity import (
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
    return scope.first_job_id if table is Job else scope.first_invocation_id


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
        galaxy[ActivityManager].scope(training, _SINCE, False)
    assert len([statement for statement in statements if "job" in statement]) == 1
