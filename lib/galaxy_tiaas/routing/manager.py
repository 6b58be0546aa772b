"""The one question that is asked for a job, and how long its answer is used."""

import threading
from datetime import (
    datetime,
    timedelta,
)
from functools import lru_cache
from typing import (
    Any,
    NamedTuple,
    Optional,
)
from weakref import WeakKeyDictionary

from galaxy.model import (
    HistoryTagAssociation,
    Job,
    Tag,
    User,
    UserGroupAssociation,
)
from sqlalchemy import (
    bindparam,
    Engine,
    func,
    or_,
    Select,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError

from ..core.cache import Cache
from ..core.model import Training
from ..core.times import Window
from ..trainings.identifiers import cohort_name
from ..trainings.states import TrainingState
from .course_tags import names_training
from .decision import Membership

#: How long an answer is used at most, for jobs that existed when it was given.
CACHE_SECONDS = 5
CACHE_SIZE = 2000

_NO_HISTORY = 0


class Answer(NamedTuple):
    """Trainings of a user, and the newest job that there was when the database was asked."""

    memberships: tuple[Membership, ...]
    newest_job: int
    asked: datetime

    def holds_for(self, job_id: int, now: datetime) -> bool:
        """Whether asking again could not tell the user anything that happened before they started this job."""
        return job_id <= self.newest_job and timedelta() <= now - self.asked <= timedelta(seconds=CACHE_SECONDS)


def memberships_of(
    engine: Engine, user_id: int, now: datetime, flex_hours: float, history_id: Optional[int] = None
) -> Answer:
    """Approved trainings that are not over at ``now`` and of which the user, whose account exists, is a member.

    Dates and decisions are read here, so that a role that outlived its training has no effect. A connection of its
    own keeps trouble in this query out of the transaction of Galaxy's job handler.
    """
    values = {
        "user_id": user_id,
        "history_id": history_id or _NO_HISTORY,
        "now": now,
        "earliest_end": now - timedelta(hours=flex_hours),
    }
    rows = _rows(engine, values)
    return Answer(tuple(_membership(row, flex_hours) for row in rows if row.identifier), rows[0].newest_job or 0, now)


class MembershipCache:
    """The answers of the last seconds, for all threads of a process.

    An answer is used only for jobs that were there when it was given. Whatever their user had done before starting
    them (joined, left, tagged the history) and whatever had been decided by then is therefore in it, and a workflow
    of a hundred jobs asks once. Nothing need be told to other processes.
    """

    def __init__(self) -> None:
        self._answers: Cache[tuple[int, int], Answer] = Cache(CACHE_SIZE)

    def of(
        self,
        engine: Engine,
        user_id: int,
        now: datetime,
        flex_hours: float,
        job_id: int,
        history_id: Optional[int] = None,
    ) -> tuple[Membership, ...]:
        """Memberships as :func:`memberships_of` has them; which of them are running is for the caller to see."""
        key = (user_id, history_id or _NO_HISTORY)
        answer = self._answers.get(key)
        if answer is None or not answer.holds_for(job_id, now):
            answer = self._answers.put(key, memberships_of(engine, user_id, now, flex_hours, history_id))
        return answer.memberships


_caches: "WeakKeyDictionary[Engine, MembershipCache]" = WeakKeyDictionary()
_lock = threading.Lock()


def membership_cache(engine: Engine) -> MembershipCache:
    """The cache of this process for this database."""
    with _lock:
        return _caches.setdefault(engine, MembershipCache())


def _rows(engine: Engine, values: dict[str, Any]) -> Any:
    try:
        return _ask(engine, values)
    except DBAPIError as problem:
        if not problem.connection_invalidated:
            raise
        # The database was restarted, and with this error the pool has dropped its connections of before.
        return _ask(engine, values)


def _ask(engine: Engine, values: dict[str, Any]) -> Any:
    with engine.connect() as connection:
        return connection.execute(_question(), values).all()


@lru_cache(maxsize=1)
def _question() -> Select[Any]:
    """One row at least, for the newest job."""
    tagged = (
        select(HistoryTagAssociation.id)
        .join(Tag, Tag.id == HistoryTagAssociation.tag_id)
        .where(HistoryTagAssociation.history_id == bindparam("history_id"), names_training(Training.identifier))
        .correlate(Training)
        .exists()
    )
    trainings = (
        select(
            Training.identifier,
            Training.starts_at,
            Training.ends_at,
            Training.ended_at,
            Training.destination,
            tagged.label("tagged"),
        )
        .join(UserGroupAssociation, UserGroupAssociation.group_id == Training.group_id)
        .join(User, User.id == UserGroupAssociation.user_id)
        .where(
            UserGroupAssociation.user_id == bindparam("user_id"),
            User.deleted.is_(False),
            Training.state == TrainingState.APPROVED.value,
            Training.ends_at > bindparam("earliest_end"),
            or_(Training.ended_at.is_(None), Training.ended_at > bindparam("now")),
        )
        .subquery("trainings")
    )
    newest = select(func.max(Job.id).label("newest_job")).subquery("newest")
    return select(newest.c.newest_job, *trainings.c).select_from(newest.outerjoin(trainings, true()))


def _membership(row: Any, flex_hours: float) -> Membership:
    window = Window(row.starts_at, row.ends_at).widened(flex_hours).ended_by(row.ended_at)
    return Membership(
        identifier=row.identifier,
        role=cohort_name(row.identifier),
        opens=window.opens,
        closes=window.closes,
        starts=row.starts_at,
        destination=row.destination,
        tagged=bool(row.tagged),
    )
