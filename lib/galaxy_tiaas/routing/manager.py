"""What the rule asks for a job, and how long the answer is used; what an explanation needs beyond that."""

from collections.abc import Mapping
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

from galaxy.model import (
    HistoryTagAssociation,
    Job,
    Tag,
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    bindparam,
    ColumnElement,
    Engine,
    func,
    or_,
    Select,
    select,
    true,
)
from sqlalchemy.exc import DBAPIError

from ..core.cache import Cache
from ..core.model import (
    Training,
    TrainingInstructor,
)
from ..core.times import Window
from ..trainings.identifiers import cohort_name
from ..trainings.states import TrainingState
from .decision import Membership

#: How long an answer is used at most, for jobs that existed when it was given.
CACHE_SECONDS = 5
CACHE_SIZE = 2000

_NO_HISTORY = 0
#: With what the names of the parameters begin that our rule leaves with a job.
_OURS = "tiaas_"


def names_training(identifier: Any) -> ColumnElement[bool]:
    """Whether a history's tag is ``identifier`` or ``#identifier`` (Galaxy's ``name:identifier``).

    Galaxy keeps the name of a tag and a tag's value in lower case beside what was typed.

    :param identifier: a value or a column.
    """
    return or_(Tag.name == identifier, and_(Tag.name == "name", HistoryTagAssociation.value == identifier))


class Answer(NamedTuple):
    """Trainings of a user, and the newest job that there was when the database was asked."""

    memberships: tuple[Membership, ...]
    newest_job: int
    asked: datetime

    def holds_for(self, job_id: int, now: datetime) -> bool:
        """Whether asking again could not tell the user anything that happened before they started this job."""
        return job_id <= self.newest_job and timedelta() <= now - self.asked <= timedelta(seconds=CACHE_SECONDS)


#: The answers of the last seconds, for all threads of a process.
_answers: Cache[tuple[Engine, int, int], Answer] = Cache(CACHE_SIZE)


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


def memberships_for_job(
    engine: Engine, user_id: int, now: datetime, flex_hours: float, job_id: int, history_id: Optional[int] = None
) -> tuple[Membership, ...]:
    """Memberships as :func:`memberships_of` has them; which of them are running is for the caller to see.

    An answer of the last seconds is used only for jobs that were there when it was given. Whatever their user had done
    before starting them (joined, left, tagged the history) and whatever had been decided by then is therefore in it,
    and a workflow of a hundred jobs asks once. Nothing need be told to other processes.
    """
    key = (engine, user_id, history_id or _NO_HISTORY)
    answer = _answers.get(key)
    if answer is None or not answer.holds_for(job_id, now):
        answer = _answers.put(key, memberships_of(engine, user_id, now, flex_hours, history_id))
    return answer.memberships


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


class Placement(NamedTuple):
    """A job, and where it went. ``notes`` is what our rule left with it; other parameters may be secret."""

    job_id: int
    tool_id: Optional[str]
    tool_version: Optional[str]
    state: str
    created: datetime
    user_id: Optional[int]
    history_id: Optional[int]
    destination: Optional[str]
    notes: Mapping[str, str]


class PlacementManager:
    """Reads single jobs and the trainings of single people."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def placement(self, job_id: int) -> Optional[Placement]:
        # In the order of the fields of a placement.
        statement = select(
            Job.id,
            Job.tool_id,
            Job.tool_version,
            Job.state,
            Job.create_time,
            Job.user_id,
            Job.history_id,
            Job.destination_id,
            Job.destination_params,
        ).where(Job.id == job_id)
        row = self.session.execute(statement).first()
        if row is None:
            return None
        *columns, parameters = row
        notes = {name: str(value) for name, value in (parameters or {}).items() if name.startswith(_OURS)}
        return Placement._make([*columns, notes])

    def name(self, user_id: int) -> Optional[str]:
        """The public name of an account, or its address if it has none."""
        row = self.session.execute(select(User.username, User.email).where(User.id == user_id)).first()
        return (row.username or row.email) if row else None

    def trainings_of(self, user_id: int, most: int) -> list[tuple[Training, bool]]:
        """Trainings that somebody joined or teaches, in any state, the latest first; each with whether they joined."""
        teaches = select(TrainingInstructor.training_id).where(TrainingInstructor.user_id == user_id)
        joined = (
            select(UserGroupAssociation.id)
            .where(UserGroupAssociation.user_id == user_id, UserGroupAssociation.group_id == Training.group_id)
            .correlate(Training)
            .exists()
        )
        statement = (
            select(Training, joined)
            .where(or_(joined, Training.requester_id == user_id, Training.id.in_(teaches)))
            .order_by(Training.starts_at.desc(), Training.id.desc())
            .limit(most)
        )
        return [(training, bool(is_member)) for training, is_member in self.session.execute(statement)]
