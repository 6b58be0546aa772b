"""What the log is told of problems."""

import ast
import sqlite3
import sys
from pathlib import Path

import galaxy_tiaas
import pytest
import sqlalchemy
from galaxy_tiaas.core.exceptions import (
    database_is_away,
    describe,
)
from galaxy_tiaas.core.model import Counter
from in_process import (
    InProcess,
    on_both_databases,
)
from sqlalchemy import (
    insert,
    text,
)
from sqlalchemy.exc import (
    DatabaseError,
    DBAPIError,
    IntegrityError,
    PendingRollbackError,
    TimeoutError,
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
def test_nor_has_the_line_about_a_session_that_failed_before(galaxy: InProcess) -> None:
    """SQLAlchemy repeats the first error with all that it says, values included."""
    # With a short statement: of long ones the values are cut off anyway.
    galaxy.session.execute(insert(Counter).values(name="minerva@example.org", value=1))
    galaxy.session.add(Counter(name="minerva@example.org", value=1))
    with pytest.raises(IntegrityError):
        galaxy.session.flush()
    with pytest.raises(PendingRollbackError) as again:
        galaxy.session.execute(text("SELECT 1"))
    assert "minerva@example.org" in str(again.value)[:450]
    described = describe(again.value)
    assert described.startswith("PendingRollbackError: ")
    assert "example.org" not in described
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


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_connection_that_postgresql_has_cut_is_followed_by_another(galaxy: InProcess) -> None:
    """Also what a session says that goes on after the first error, as where that is caught."""
    connection = galaxy.session.connection()
    pid = connection.exec_driver_sql("SELECT pg_backend_pid()").scalar()
    galaxy.query("SELECT pg_terminate_backend(:pid)", pid=pid)
    for expected in (DBAPIError, PendingRollbackError):
        with pytest.raises(expected) as refused:
            galaxy.session.execute(text("SELECT 1"))
        assert database_is_away(refused.value)
    galaxy.session.rollback()
    assert galaxy.session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_a_connection_that_idled_too_long_in_a_transaction_is_followed_by_another(galaxy: InProcess) -> None:
    galaxy.session.execute(text("SET LOCAL idle_in_transaction_session_timeout = 1"))
    galaxy.query("SELECT pg_sleep(0.1)")
    with pytest.raises(DBAPIError) as refused:
        galaxy.session.execute(text("SELECT 1"))
    assert database_is_away(refused.value)
    galaxy.session.rollback()
    assert galaxy.session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
def test_no_connection_is_left_of_the_pool_or_of_the_server(galaxy: InProcess) -> None:
    small = sqlalchemy.create_engine(galaxy.database_url, pool_size=1, max_overflow=0, pool_timeout=0)
    with small.connect(), pytest.raises(TimeoutError) as nothing_left:
        small.connect()
    assert database_is_away(nothing_left.value)
    small.dispose()
    name = galaxy.host.model.engine.url.database
    galaxy.session.rollback()
    galaxy.session.connection().exec_driver_sql(f"ALTER DATABASE {name} CONNECTION LIMIT 0")
    galaxy.session.commit()
    login = "CREATE ROLE trainee LOGIN"
    if not galaxy.query("SELECT 1 FROM pg_roles WHERE rolname = 'trainee'"):
        galaxy.session.connection().exec_driver_sql(login)
        galaxy.session.commit()
    others = sqlalchemy.create_engine(galaxy.host.model.engine.url.set(username="trainee"))
    with pytest.raises(DBAPIError, match="too many connections") as refused:
        others.connect()
    assert database_is_away(refused.value)


def test_sqlite_is_full(galaxy: InProcess) -> None:
    connection = galaxy.session.connection()
    pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connection.exec_driver_sql(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DBAPIError, match="full") as refused:
        galaxy.session.execute(text("INSERT INTO tiaas_secret (value) VALUES (zeroblob(10000000))"))
    assert database_is_away(refused.value)
    galaxy.session.rollback()


def test_sqlite_is_locked_by_another_process(galaxy: InProcess) -> None:
    with sqlite3.connect(galaxy.host.model.engine.url.database or "", isolation_level=None) as other:
        other.execute("BEGIN IMMEDIATE")
        galaxy.session.execute(text("PRAGMA busy_timeout = 0"))
        with pytest.raises(DBAPIError, match="locked") as refused:
            galaxy.session.execute(text("DELETE FROM tiaas_secret"))
        assert database_is_away(refused.value)
        galaxy.session.rollback()
        other.execute("ROLLBACK")


@on_both_databases
def test_a_mistake_of_ours_is_no_trouble_of_the_database(galaxy: InProcess) -> None:
    with pytest.raises(DBAPIError) as refused:
        galaxy.session.execute(text("SELECT minerva FROM galaxy_user"))
    if sys.version_info >= (3, 11) or "postgres" in galaxy.database_url:
        assert not database_is_away(refused.value)
    galaxy.session.rollback()


def test_a_row_that_is_there_already_is_no_trouble_of_the_database(galaxy: InProcess) -> None:
    galaxy.user("minerva")
    with pytest.raises(IntegrityError) as refused:
        galaxy.session.execute(text(WRONG["a row that is there already"]))
    assert not database_is_away(refused.value)
    galaxy.session.rollback()


def test_nothing_logs_a_whole_exception() -> None:
    """What Python writes of one, and of those that it was raised from, has the values of queries and rows."""
    for path in Path(galaxy_tiaas.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            assert not (isinstance(node, ast.keyword) and node.arg == "exc_info"), path
            name = node.attr if isinstance(node, ast.Attribute) else getattr(node, "id", "")
            assert name not in ("format_exc", "print_exc", "format_exception", "print_exception"), path
            assert not (name == "exception" and ast.unparse(node).startswith(("log.", "logging."))), path
