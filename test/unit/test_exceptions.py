"""What the log is told of problems."""

import pytest
from galaxy_tiaas.exceptions import (
    database_is_away,
    describe,
)
from in_process import (
    InProcess,
    on_both_databases,
)
from sqlalchemy import text
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
)

WRONG = {
    "a row that is there already": "INSERT INTO galaxy_user (email, password, username) SELECT email, '-', username"
    " FROM galaxy_user",
    "a value that is missing": "INSERT INTO galaxy_user (email, password) VALUES ('minerva@example.org', NULL)",
    "a value of another kind": "SELECT CAST('minerva@example.org' AS integer)",
    "a column that does not exist": "SELECT minerva FROM galaxy_user WHERE email = :email",
}


@on_both_databases
@pytest.mark.parametrize("sql", WRONG.values(), ids=WRONG)
def test_no_line_of_the_log_has_what_stood_in_a_row_or_a_query(galaxy: InProcess, sql: str) -> None:
    galaxy.user("minerva")
    try:
        galaxy.session.execute(text(sql), {"email": "minerva@example.org"} if ":email" in sql else {})
    except DBAPIError as problem:
        described = describe(problem)
        assert "example.org" not in described and "\n" not in described
        assert "galaxy_user" in described or "22P02" in described or "minerva" in described
    galaxy.session.rollback()


@on_both_databases
def test_a_database_that_takes_no_changes_may_take_them_later(galaxy: InProcess) -> None:
    read_only = {
        "sqlite": "PRAGMA query_only = ON",
        "postgresql": "SET TRANSACTION READ ONLY",
    }[galaxy.session.get_bind().dialect.name]
    galaxy.session.execute(text(read_only))
    with pytest.raises(DBAPIError) as refused:
        galaxy.session.execute(text("DELETE FROM galaxy_user"))
    assert database_is_away(refused.value)
    galaxy.session.rollback()
    galaxy.session.connection().invalidate()


def test_a_connection_that_breaks_is_a_database_that_is_away_whatever_the_driver_calls_it() -> None:
    broken = DatabaseError("SELECT 1", {}, Exception("error with status PGRES_TUPLES_OK"), connection_invalidated=True)
    assert database_is_away(broken)


def test_a_row_that_is_there_already_is_no_trouble_of_the_database(galaxy: InProcess) -> None:
    galaxy.user("minerva")
    with pytest.raises(IntegrityError) as refused:
        galaxy.session.execute(text(WRONG["a row that is there already"]))
    assert not database_is_away(refused.value)
    galaxy.session.rollback()
