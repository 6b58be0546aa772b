"""What PostgreSQL and SQLite spell differently, commits that cost no further statement, and counters."""

import json
from collections.abc import (
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import contextmanager
from functools import cache
from typing import (
    Any,
    Union,
)

from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    any_,
    BigInteger,
    bindparam,
    BindParameter,
    cast,
    ClauseElement,
    column,
    ColumnElement,
    func,
    Integer,
    LargeBinary,
    literal,
    select,
    String,
    text,
    TextClause,
    true,
)
from sqlalchemy.dialects import (
    postgresql,
    sqlite,
)
from sqlalchemy.exc import (
    IntegrityError,
    SQLAlchemyError,
)

from .model import (
    Counter,
    Training,
)

#: Ids, or a parameter for them.
Ids = Union[Sequence[int], BindParameter[str]]


def insert_once(session: galaxy_scoped_session, model: Any, values: dict[str, Any]) -> bool:
    """Insert a row unless a unique constraint has one like it already.

    Whoever else inserts the same row at this moment, one row results and nobody sees an error.

    :returns: whether this call inserted it.
    """
    result: Any = session.execute(_insert(session, model).values(**values).on_conflict_do_nothing())
    return result.rowcount > 0


def insert_missing(session: galaxy_scoped_session, model: Any, rows: list[dict[str, Any]]) -> int:
    """The same for thousands of rows, in one statement.

    :param rows: numbers and texts, with the same columns in each.
    :returns: how many this call inserted.
    """
    if not rows:
        return 0
    document = json.dumps(rows)
    columns = [model.__table__.c[name] for name in rows[0]]
    values: list[Any]
    if dialect_of(session) == "postgresql":
        typed = (column(each.name, each.type) for each in columns)
        rows_of = func.json_to_recordset(cast(literal(document, String), postgresql.JSON)).table_valued(*typed)
        values = list(rows_of.render_derived(with_types=True).c)
    else:
        row = func.json_each(document).table_valued("value").c.value
        values = [cast(func.json_extract(row, f"$.{each.name}"), each.type) for each in columns]
    # SQLite needs a condition to tell the conflict from a join.
    selected = select(*values).where(true())
    result: Any = session.execute(_insert(session, model).from_select(columns, selected).on_conflict_do_nothing())
    inserted: int = result.rowcount
    return inserted


def written_once(statement: ClauseElement, dialect: str) -> TextClause:
    """A statement as its text, which SQLAlchemy keeps: it puts one that minds conflicts together anew each time, which
    takes longer than to run it.

    :param statement: whose parameters all have names. :param dialect: ``postgresql`` or ``sqlite``.
    """
    module: Any = postgresql if dialect == "postgresql" else sqlite
    compiled: Any = statement.compile(dialect=module.dialect(paramstyle="named"))
    return text(str(compiled)).bindparams(*(bindparam(name, type_=bind.type) for name, bind in compiled.binds.items()))


@cache
def _count(dialect: str) -> TextClause:
    module: Any = postgresql if dialect == "postgresql" else sqlite
    statement: Any = module.insert(Counter.__table__).values(name=bindparam("name"), value=bindparam("value"))
    total = {"value": Counter.value + statement.excluded.value}
    return written_once(statement.on_conflict_do_update(index_elements=["name"], set_=total), dialect)


def _insert(session: galaxy_scoped_session, model: Any) -> Any:
    module: Any = postgresql if dialect_of(session) == "postgresql" else sqlite
    return module.insert(model.__table__)


def lock_training(session: galaxy_scoped_session, training_id: int) -> None:
    """Keep other writers off a training until the transaction ends."""
    table: Any = Training.__table__
    if dialect_of(session) == "postgresql":
        session.execute(select(table.c.id).where(table.c.id == training_id).with_for_update())
    else:
        # SQLite locks the whole database, but only from the first write on.
        session.execute(table.update().where(table.c.id == training_id).values(id=table.c.id))


def lock_user(session: galaxy_scoped_session, user_id: int) -> None:
    """Keep other transactions that do the same for this account waiting until this one ends.

    Rows that refer to the account, such as jobs, can be written meanwhile.
    """
    if dialect_of(session) == "postgresql":
        table: Any = User.__table__
        session.execute(select(table.c.id).where(table.c.id == user_id).with_for_update(key_share=True))
    else:
        begin_writing(session)


def disable_jit(session: galaxy_scoped_session) -> None:
    """Keep PostgreSQL from compiling the statements of this transaction: for one with many subqueries of a few rows
    each, it takes longer than to run it."""
    if dialect_of(session) == "postgresql":
        session.connection().execute(text("SET LOCAL jit = off"))


def limit_waiting(session: galaxy_scoped_session, seconds: int) -> None:
    """Have statements of this transaction fail rather than wait longer for what somebody else has locked.

    SQLite limits it for each connection anyway.
    """
    if dialect_of(session) == "postgresql":
        session.execute(text(f"SET LOCAL lock_timeout = '{int(seconds)}s'"))


def begin_writing(session: galaxy_scoped_session) -> None:
    """Begin a transaction in which savepoints are only parts of it.

    SQLite's driver begins one with the first change; a savepoint before that would be a transaction by itself.
    """
    connection = session.connection()
    driver: Any = connection.connection.driver_connection
    if dialect_of(session) == "sqlite" and not driver.in_transaction:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


@contextmanager
def unless_taken(session: galaxy_scoped_session, problem: Exception) -> Iterator[None]:
    """Write what a unique constraint may refuse since somebody else has just written the same.

    The rest of the transaction stays as it is.

    :raises Exception: the ``problem``, if it is refused.
    """
    begin_writing(session)
    try:
        with session.begin_nested():
            yield
    except IntegrityError:
        raise problem from None


def has_lost_transaction(session: galaxy_scoped_session) -> bool:
    """Whether the database has ended the transaction by itself, so that nothing of it can be committed.

    A savepoint does not help then. PostgreSQL does so when the connection breaks, SQLite when it cannot write
    (https://www.sqlite.org/lang_transaction.html, 3.1), after which its driver would commit nothing without an error.
    """
    try:
        connection = session.connection()
        driver: Any = connection.connection.driver_connection
    except SQLAlchemyError:
        return True
    return dialect_of(session) == "sqlite" and not driver.in_transaction


def dialect_of(session: galaxy_scoped_session) -> str:
    """``postgresql`` or ``sqlite``."""
    return session.get_bind().dialect.name


def microseconds_since_1970(session: galaxy_scoped_session, column: Any) -> ColumnElement[int]:
    """A time as a number; ``extract`` would calculate with decimal numbers of any length, row by row."""
    if dialect_of(session) == "postgresql":
        return cast(func.date_part("epoch", column) * 1_000_000, BigInteger)
    return cast(func.strftime("%s", column), Integer) * 1_000_000 + cast(func.substr(column, 21, 6), Integer)


def as_parameter(session: galaxy_scoped_session, ids: Iterable[int]) -> str:
    """Ids as the value of a parameter that is given to :func:`is_one_of` and :func:`is_among`."""
    # For PostgreSQL written as one text: an array of thousands of numbers takes milliseconds to be parsed.
    listed = ",".join(map(str, ids))
    return f"{{{listed}}}" if dialect_of(session) == "postgresql" else f"[{listed}]"


def is_one_of(session: galaxy_scoped_session, column: Any, ids: Ids) -> ColumnElement[bool]:
    """Whether a column is one of these ids, as one parameter however many there are.

    PostgreSQL sees the ids when it plans, and so how many rows they have, which it does not of a subquery's.
    """
    if dialect_of(session) == "postgresql":
        return column == any_(_array(session, ids))
    return column.in_(_listed(session, ids))


def is_among(session: galaxy_scoped_session, column: Any, ids: Ids) -> ColumnElement[bool]:
    """The same for thousands of ids, looked up for each row that some other condition leaves.

    PostgreSQL does not look at the ids when it plans, which would take milliseconds, and expects to find many.
    """
    if dialect_of(session) == "postgresql":
        # Without the last words it would be made into a join.
        return column.in_(select(func.unnest(_array(session, ids)))).is_(True)
    return column.in_(_listed(session, ids))


def _parameter(session: galaxy_scoped_session, ids: Ids) -> Any:
    return ids if isinstance(ids, BindParameter) else literal(as_parameter(session, ids), String)


def _array(session: galaxy_scoped_session, ids: Ids) -> Any:
    return cast(_parameter(session, ids), postgresql.ARRAY(Integer))


def _listed(session: galaxy_scoped_session, ids: Ids) -> Any:
    return select(func.json_each(_parameter(session, ids)).table_valued("value").c.value)


def has_json_member(session: galaxy_scoped_session, column: Any, name: str, value: str) -> ColumnElement[bool]:
    """Whether a JSON object that Galaxy keeps as bytes has this name with this value, an identifier.

    Looked for as bytes: to parse the objects of a crowd takes seconds, and one that is none would be an error.
    """
    wanted = literal(f"{json.dumps(name)}: {json.dumps(value)}".encode(), LargeBinary)
    if dialect_of(session) == "postgresql":
        return func.pg_catalog.position(column, wanted) > 0
    return func.instr(column, wanted) > 0


def commit_and_keep(session: galaxy_scoped_session) -> None:
    """Commit, and keep what was read for the answer: after other commits, all of it is read again when it is used."""
    current = session()
    expires = current.expire_on_commit
    current.expire_on_commit = False
    try:
        current.commit()
    finally:
        current.expire_on_commit = expires


class CounterManager:
    """How often things have happened, in all processes of the server; the caller commits."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def add(self, counts: Mapping[str, int]) -> None:
        """Add to counters by name; those that are new begin at zero."""
        # Always in the same order, so that two processes cannot wait for each other.
        for name in sorted(name for name, count in counts.items() if count):
            self.session.execute(_count(dialect_of(self.session)), {"name": name, "value": counts[name]})

    def all(self) -> dict[str, int]:
        """Every counter that has ever counted something."""
        return {name: value for name, value in self.session.execute(select(Counter.name, Counter.value))}
