"""Gunicorn's configuration of a test server: Galaxy's own, and a list of the SQL statements of a request for who asks.

A request with the header `x-log-statements` has what is sent to the database for it written, as JSON, to the file that
the header names. Galaxy's own look-ups are in it; transaction control is left out, and commits are counted apart.
"""

import json
from contextvars import ContextVar
from dataclasses import (
    asdict,
    dataclass,
    field,
)
from pathlib import Path
from typing import (
    Any,
    Optional,
)

import sqlalchemy
from galaxy.web_stack.gunicorn_config import *  # noqa: F403

_HEADER = b"x-log-statements"
_TRANSACTION_CONTROL = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE", "SET ")


@dataclass
class StatementLog:
    """What one request sent to the database."""

    statements: list[str] = field(default_factory=list)
    commits: int = 0


_current: ContextVar[Optional[StatementLog]] = ContextVar("statement_log", default=None)


def _note_statement(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
    log = _current.get()
    if log is not None and not statement.lstrip().upper().startswith(_TRANSACTION_CONTROL):
        log.statements.append(statement)


def _note_commit(_connection: Any) -> None:
    if log := _current.get():
        log.commits += 1


def post_worker_init(worker: Any) -> None:
    """Called by gunicorn in each worker once it has the application."""
    sqlalchemy.event.listen(sqlalchemy.Engine, "before_cursor_execute", _note_statement)
    sqlalchemy.event.listen(sqlalchemy.Engine, "commit", _note_commit)
    application = worker.wsgi

    async def logging_application(scope: Any, receive: Any, send: Any) -> None:
        path = dict(scope.get("headers", ())).get(_HEADER)
        if path is None:
            await application(scope, receive, send)
            return
        log = StatementLog()
        token = _current.set(log)
        try:
            await application(scope, receive, send)
        finally:
            _current.reset(token)
            Path(path.decode()).write_text(json.dumps(asdict(log)))

    worker.wsgi = logging_application
