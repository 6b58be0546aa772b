"""What happened to all trainings, for admins.

A page is read along an index from where the one before ended, so that it costs the same wherever it is and however
many trainings there were. For the same reason nobody counts how many lines there are.
"""

import csv
import io
import json
from collections.abc import (
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    time,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    ColumnElement,
    literal,
    Row,
    select,
    tuple_,
)
from sqlalchemy.orm import Session

from ..core.accounts import AccountManager
from ..core.actor import Actor
from ..core.exceptions import InvalidValue
from ..core.model import (
    Training,
    TrainingEvent,
)
from ..core.wording import as_text
from ..trainings.manager import TrainingManager
from ..trainings.views import TrainingViews
from .schema import (
    AuditedEvent,
    HistoryFilter,
    SERVER,
)

#: Lines on one page.
PAGE_SIZE = 50
#: So many lines are read at a time for a file.
_PORTION = 500
_COLUMNS = ("time", "training", "title", "username", "via", "action", "from_state", "to_state", "note", "changes")

#: Lines of histories, each with its training and the public name of who did it.
_LINES = (
    select(TrainingEvent, Training.identifier, Training.title, User.username)
    .join(Training, Training.id == TrainingEvent.training_id)
    .outerjoin(User, User.id == TrainingEvent.user_id)
)
#: Where a line stands in the order: by its time, and by its id among those of the same time.
_PLACE = tuple_(TrainingEvent.time, TrainingEvent.id)
_OLDEST_FIRST = (TrainingEvent.time, TrainingEvent.id)
_NEWEST_FIRST = (TrainingEvent.time.desc(), TrainingEvent.id.desc())


@dataclass(frozen=True)
class HistoryPage:
    """Some lines, newest first, and whether there are others on both sides of them."""

    events: Sequence[AuditedEvent]
    has_newer: bool
    has_older: bool


@dataclass
class HistoryService:
    """Finds lines of histories and writes them into files."""

    session: galaxy_scoped_session
    trainings: TrainingManager
    views: TrainingViews
    accounts: AccountManager

    def page(
        self,
        actor: Actor,
        wanted: HistoryFilter,
        *,
        before: Optional[int] = None,
        after: Optional[int] = None,
        limit: int = PAGE_SIZE,
    ) -> HistoryPage:
        """The newest lines; with ``before``, those older than the line with this id, with ``after``, newer ones.

        :raises AdminRequiredException: for everybody but admins.
        :raises TrainingNotFound, InvalidValue: for a training, an account or a line that does not exist.
        """
        actor.ensure_admin()
        statement = _LINES.order_by(*(_NEWEST_FIRST if after is None else _OLDEST_FIRST)).limit(limit + 1)
        if before is not None:
            statement = statement.where(_PLACE < self._place_of("before", before))
        if after is not None:
            statement = statement.where(_PLACE > self._place_of("after", after))
        rows = self.session.execute(statement.where(*self._conditions(wanted))).all()
        events = [self._view(row) for row in rows[:limit]]
        more = len(rows) > limit
        if after is not None:
            return HistoryPage(events[::-1], has_newer=more, has_older=True)
        return HistoryPage(events, has_newer=before is not None, has_older=more)

    def csv(self, actor: Actor, wanted: HistoryFilter) -> Iterator[str]:
        """All lines as CSV, piece by piece. What a spreadsheet program would take for a formula begins with ``'``.

        :raises AdminRequiredException, TrainingNotFound, InvalidValue: as :meth:`page`, before the first piece.
        """
        return _csv(self._everything(actor, wanted))

    def json(self, actor: Actor, wanted: HistoryFilter) -> Iterator[str]:
        """All lines as a JSON array, piece by piece, each as the API gives it; raises as :meth:`csv`."""
        return _json(self._everything(actor, wanted))

    def addressed(self, actor: Actor, wanted: HistoryFilter) -> HistoryFilter:
        """The same without names of people, and spelled as we spell it: what may stand in an address.

        :raises AdminRequiredException, TrainingNotFound, InvalidValue: as :meth:`page`.
        """
        actor.ensure_admin()
        training, user = wanted.training, wanted.user
        if training:
            training = self.trainings.get(training).identifier
        if user not in ("", SERVER):
            user = self.views.security.encode_id(self.accounts.get(user).id)
        return wanted.model_copy(update={"user": user, "training": training})

    def name_of(self, actor: Actor, wanted: HistoryFilter) -> str:
        """The public name of whom the filter names, for admins. :raises InvalidValue: if there is no such account."""
        actor.ensure_admin()
        return wanted.user if wanted.user in ("", SERVER) else self.accounts.get(wanted.user).name

    def _everything(self, actor: Actor, wanted: HistoryFilter) -> Iterator[AuditedEvent]:
        """All lines, newest first, however many: read in portions, each on a connection of its own.

        Whoever reads slowly keeps no transaction open, and the session of the request need not live any more.
        """
        actor.ensure_admin()
        statement = _LINES.where(*self._conditions(wanted)).order_by(*_NEWEST_FIRST).limit(_PORTION)
        engine: Any = self.session.get_bind()

        def read() -> Iterator[AuditedEvent]:
            portion = statement
            while True:
                with Session(engine) as session:
                    rows = session.execute(portion).all()
                yield from map(self._view, rows)
                if len(rows) < _PORTION:
                    return
                last: TrainingEvent = rows[-1].TrainingEvent
                portion = statement.where(_PLACE < _place(last.time, last.id))

        return read()

    def _conditions(self, wanted: HistoryFilter) -> list[ColumnElement[bool]]:
        """:raises TrainingNotFound, InvalidValue: for a training or an account that does not exist."""
        event = TrainingEvent
        conditions: list[ColumnElement[bool]] = []
        if wanted.training:
            conditions.append(event.training_id == self.trainings.get(wanted.training).id)
        if wanted.user == SERVER:
            conditions.append(event.user_id.is_(None))
        elif wanted.user:
            conditions.append(event.user_id == self.accounts.get(wanted.user).id)
        if wanted.action:
            conditions.append(event.action == wanted.action)
        if wanted.via:
            conditions.append(event.via == wanted.via)
        if wanted.since:
            conditions.append(event.time >= datetime.combine(wanted.since, time.min))
        if wanted.until:
            conditions.append(event.time < datetime.combine(wanted.until, time.min) + timedelta(days=1))
        return conditions

    def _place_of(self, name: str, event_id: int) -> ColumnElement[Any]:
        """Where the line stands that a parameter names. :raises InvalidValue: if there is none."""
        event_time = self.session.scalar(select(TrainingEvent.time).where(TrainingEvent.id == event_id))
        if event_time is None:
            raise InvalidValue(name, f"The history has no line {event_id}.")
        return _place(event_time, event_id)

    def _view(self, row: Row[Any]) -> AuditedEvent:
        event = self.views.event(row.TrainingEvent, row.username)
        return AuditedEvent(**dict(event), id=row.TrainingEvent.id, identifier=row.identifier, title=row.title)


def _place(event_time: datetime, event_id: int) -> ColumnElement[Any]:
    return tuple_(literal(event_time), literal(event_id))


def _csv(events: Iterable[AuditedEvent]) -> Iterator[str]:
    yield _row(_COLUMNS)
    for event in events:
        values = event.model_dump(mode="json")
        changes = json.dumps(values["changes"], ensure_ascii=False) if event.changes else ""
        values |= {"training": event.identifier, "changes": changes}
        yield _row([as_text(values[name]) for name in _COLUMNS])


def _row(cells: Sequence[str]) -> str:
    text = io.StringIO()
    csv.writer(text).writerow(cells)
    return text.getvalue()


def _json(events: Iterable[AuditedEvent]) -> Iterator[str]:
    separator = "[\n"
    for event in events:
        yield separator + event.model_dump_json()
        separator = ",\n"
    yield "[]\n" if separator == "[\n" else "\n]\n"
