"""What happened to all trainings, for admins."""

import csv
import io
import json
from collections.abc import (
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from typing import (
    Any,
    Optional,
)

from ..core.accounts import AccountFinder
from ..core.actor import Actor
from ..core.exceptions import InvalidValue
from ..core.wording import as_text
from ..trainings.manager import TrainingManager
from ..trainings.views import TrainingViews
from .manager import (
    Cursor,
    HistoryManager,
    HistoryQuery,
)
from .schema import (
    AuditedEvent,
    HistoryFilter,
    SERVER,
)

#: Lines on one page.
PAGE_SIZE = 50
_COLUMNS = ("time", "training", "title", "username", "via", "action", "from_state", "to_state", "note", "changes")


@dataclass(frozen=True)
class HistoryPage:
    """Some lines, newest first, and whether there are others on both sides of them."""

    events: Sequence[AuditedEvent]
    has_newer: bool
    has_older: bool


class HistoryService:
    """Finds lines of histories and writes them into files."""

    def __init__(
        self, trainings: TrainingManager, history: HistoryManager, views: TrainingViews, accounts: AccountFinder
    ):
        self.trainings = trainings
        self.history = history
        self.views = views
        self.accounts = accounts

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
        query = self._query(wanted, limit, before=self._cursor("before", before), after=self._cursor("after", after))
        rows = self.history.page(query)
        more = len(rows) > limit
        if query.after:
            return HistoryPage(self._views(rows[-limit:]), has_newer=more, has_older=True)
        return HistoryPage(self._views(rows[:limit]), has_newer=before is not None, has_older=more)

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
        query = self._query(wanted, 0)
        user = wanted.user if query.user_id is None else self.views.encoded(query.user_id)
        training = self.trainings.get(wanted.training).identifier if wanted.training else ""
        return wanted.model_copy(update={"user": user, "training": training})

    def name_of(self, actor: Actor, wanted: HistoryFilter) -> str:
        """The public name of whom the filter names, for admins.

        :raises InvalidValue: if there is no such account.
        """
        actor.ensure_admin()
        if wanted.user in ("", SERVER):
            return wanted.user
        return self.accounts.get(wanted.user).name

    def _everything(self, actor: Actor, wanted: HistoryFilter) -> Iterator[AuditedEvent]:
        actor.ensure_admin()
        rows = self.history.everything(self._query(wanted, 0))
        return (self._view(row) for row in rows)

    def _query(
        self,
        wanted: HistoryFilter,
        limit: int,
        *,
        before: Optional[Cursor] = None,
        after: Optional[Cursor] = None,
    ) -> HistoryQuery:
        by_server = wanted.user == SERVER
        return HistoryQuery(
            training_id=self.trainings.get(wanted.training).id if wanted.training else None,
            user_id=self.accounts.get(wanted.user).id if wanted.user and not by_server else None,
            by_server=by_server,
            action=wanted.action,
            via=wanted.via,
            since=wanted.opens,
            until=wanted.closes,
            before=before,
            after=after,
            limit=limit,
        )

    def _cursor(self, name: str, event_id: Optional[int]) -> Optional[Cursor]:
        if event_id is None:
            return None
        cursor = self.history.cursor(event_id)
        if cursor is None:
            raise InvalidValue(name, f"The history has no line {event_id}.")
        return cursor

    def _views(self, rows: Iterable[Any]) -> list[AuditedEvent]:
        return [self._view(row) for row in rows]

    def _view(self, row: Any) -> AuditedEvent:
        event = self.views.event(row, row.username)
        return AuditedEvent(**dict(event), id=row.id, identifier=row.identifier, title=row.title)


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
