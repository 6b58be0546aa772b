"""The histories of all trainings together, newest first.

A page is read along an index from where the one before ended, so that it costs the same wherever it is and however
many trainings there were. For the same reason nobody counts how many lines there are.
"""

from collections.abc import (
    Iterator,
    Sequence,
)
from dataclasses import (
    dataclass,
    replace,
)
from datetime import datetime
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    ColumnElement,
    literal,
    Row,
    Select,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from ..core.model import (
    Training,
    TrainingEvent,
)
from ..core.sources import ChangeSource

#: So many lines are read at a time for a file.
_PORTION = 500


class Cursor(NamedTuple):
    """Where a line stands in the order: its time, and its id among those of the same time."""

    time: datetime
    id: int


@dataclass(frozen=True)
class HistoryQuery:
    """Which lines to list."""

    training_id: Optional[int] = None
    user_id: Optional[int] = None
    #: Only what nobody's account did: the server itself and its command line.
    by_server: bool = False
    action: str = ""
    via: Optional[ChangeSource] = None
    since: Optional[datetime] = None
    #: Up to this time, which is not included.
    until: Optional[datetime] = None
    #: Only what is older than this line.
    before: Optional[Cursor] = None
    #: Only what is newer than this line, from it on.
    after: Optional[Cursor] = None
    limit: int = 50


class HistoryManager:
    """Reads lines of histories, each with its training and the public name of who did it."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def page(self, query: HistoryQuery) -> Sequence[Row[Any]]:
        """The lines, newest first, and one more than asked for at the end that the page goes towards, if there is."""
        rows = self.session.execute(_statement(query, query.limit + 1)).all()
        return rows[::-1] if query.after else rows

    def everything(self, query: HistoryQuery) -> Iterator[Row[Any]]:
        """All lines, newest first, however many: read in portions, each on a connection of its own.

        Whoever reads slowly keeps no transaction open, and the session of the request need not live any more.
        """
        engine: Any = self.session.get_bind()

        def read() -> Iterator[Row[Any]]:
            rest = query
            while True:
                with Session(engine) as session:
                    rows = session.execute(_statement(rest, _PORTION)).all()
                yield from rows
                if len(rows) < _PORTION:
                    return
                rest = replace(rest, before=cursor_of(rows[-1]))

        return read()

    def cursor(self, event_id: int) -> Optional[Cursor]:
        """Where the line with this id stands, if there is one."""
        time = self.session.scalar(select(TrainingEvent.time).where(TrainingEvent.id == event_id))
        return Cursor(time, event_id) if time else None


def cursor_of(row: Row[Any]) -> Cursor:
    return Cursor(row.time, row.id)


def _literal(cursor: Cursor) -> Any:
    return tuple_(literal(cursor.time), literal(cursor.id))


def _statement(query: HistoryQuery, limit: int) -> Select[Any]:
    event = TrainingEvent
    conditions: list[ColumnElement[bool]] = []
    if query.training_id is not None:
        conditions.append(event.training_id == query.training_id)
    if query.user_id is not None:
        conditions.append(event.user_id == query.user_id)
    if query.by_server:
        conditions.append(event.user_id.is_(None))
    if query.action:
        conditions.append(event.action == query.action)
    if query.via:
        conditions.append(event.via == query.via)
    if query.since:
        conditions.append(event.time >= query.since)
    if query.until:
        conditions.append(event.time < query.until)
    cursor = tuple_(event.time, event.id)
    if query.before:
        conditions.append(cursor < _literal(query.before))
    if query.after:
        conditions.append(cursor > _literal(query.after))
    order = (event.time, event.id) if query.after else (event.time.desc(), event.id.desc())
    return (
        select(
            event.id,
            event.time,
            event.user_id,
            event.via,
            event.action,
            event.from_state,
            event.to_state,
            event.note,
            event.changes,
            Training.identifier,
            Training.title,
            User.username,
        )
        .join(Training, Training.id == event.training_id)
        .outerjoin(User, User.id == event.user_id)
        .where(*conditions)
        .order_by(*order)
        .limit(limit)
    )
