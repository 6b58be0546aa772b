"""For which training a job or a workflow run counts, where its user is in several.

It counts for one, or else whoever compares two dashboards could tell which of their pseudonyms are the same person.
Our rule notes the training in the parameters of the job's destination. Of what has no note (workflow runs, Galaxy's
internal tools, what another rule placed, what has not been placed yet), it is the training that our rule would have
chosen when it was created, see :func:`galaxy_tiaas.routing.decision.decide`; before all of them, the one that opens
first.
"""

from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from functools import cache
from typing import Any

from galaxy.model import (
    History,
    HistoryTagAssociation,
    Job,
    Tag,
    UserGroupAssociation,
    WorkflowInvocation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    any_,
    bindparam,
    case,
    ColumnElement,
    DateTime,
    false,
    func,
    Integer,
    literal,
    or_,
    select,
    true,
    union_all,
)

from ..core.config import TiaasConfig
from ..core.db import (
    dialect_of,
    has_json_member,
    is_one_of,
)
from ..core.model import (
    Training,
    TrainingMember,
)
from ..core.times import Window
from ..trainings.states import TrainingState
from .decision import TRAINING_PARAMETER
from .manager import names_training

#: The window of a training that is not approved: the rule does not choose it.
_NEVER = Window(datetime.max, datetime.max)


@dataclass(frozen=True)
class Candidate:
    """A training that the rule may choose."""

    identifier: str
    starts: datetime
    window: Window


@dataclass(frozen=True)
class Rival(Candidate):
    """Another training of some members of a class. Of those who have left it only a note can tell anything."""

    member_ids: tuple[int, ...]
    former_ids: tuple[int, ...]


@dataclass(frozen=True)
class Attribution:
    """Whose jobs may count for which other trainings; usually nobody's."""

    own: Candidate
    rivals: tuple[Rival, ...] = ()

    @property
    def user_ids(self) -> list[int]:
        """Those whose jobs these are."""
        return sorted({id for rival in self.rivals for id in (*rival.member_ids, *rival.former_ids)})

    def jobs(self, session: galaxy_scoped_session) -> list[ColumnElement[bool]]:
        """Conditions that leave out jobs of members that count for another training."""
        if not self.rivals:
            return []
        own, *others = (
            has_json_member(session, Job.destination_params, TRAINING_PARAMETER, candidate.identifier)
            for candidate in (self.own, *self.rivals)
        )
        noted = case(
            (own, true()),
            (or_(*others), false()),
            else_=and_(true(), *self._chosen(session, Job.user_id, Job.create_time, Job.history_id)),
        )
        return [or_(is_one_of(session, Job.user_id, self.user_ids).is_not(True), noted)]

    def invocations(self, session: galaxy_scoped_session) -> list[ColumnElement[bool]]:
        """The same for workflow runs, joined to their histories."""
        created, history_id = WorkflowInvocation.create_time, WorkflowInvocation.history_id
        return self._chosen(session, History.user_id, created, history_id)

    def _chosen(
        self, session: galaxy_scoped_session, user_id: Any, created: Any, history_id: Any
    ) -> list[ColumnElement[bool]]:
        return [
            or_(
                is_one_of(session, user_id, rival.member_ids).is_not(True), ~self._is_beaten(rival, created, history_id)
            )
            for rival in self.rivals
            if rival.member_ids
        ]

    def _is_beaten(self, rival: Rival, created: Any, history_id: Any) -> ColumnElement[bool]:
        """Whether the rule would choose the other one of the two."""
        own = self.own
        running, other_running = _is_within(created, own.window), _is_within(created, rival.window)
        tagged, other_tagged = _is_tagged(history_id, own), _is_tagged(history_id, rival)
        # Of two that are running, the later one is chosen, unless a tag of the history names the other alone.
        if (rival.starts, rival.identifier) > (own.starts, own.identifier):
            preferred = or_(other_tagged, ~tagged)
        else:
            preferred = and_(other_tagged, ~tagged)
        opens_first: ColumnElement[bool] = false()
        if (rival.window.opens, rival.identifier) < (own.window.opens, own.identifier):
            opens_first = created < rival.window.opens
        return or_(and_(other_running, or_(~running, preferred)), opens_first)


class AttributionManager:
    """Reads which members of a class are in other trainings: one statement."""

    def __init__(self, session: galaxy_scoped_session, config: TiaasConfig):
        self.session = session
        self.config = config

    def window(self, training: Training) -> Window:
        """When the rule may choose a training."""
        return _window(training, self.config.join_flex_hours)

    def of(self, training: Training, since: datetime) -> Attribution:
        """As it is now, for what was created since then. Asked anew each time: who joins another training must not be
        counted twice in the next seconds."""
        flex_hours = self.config.join_flex_hours
        own = Candidate(training.identifier, training.starts_at, self.window(training))
        if training.group_id is None:
            return Attribution(own)
        found: dict[int, tuple[Any, set[int], set[int]]] = {}
        parameters = {
            "id": training.id,
            "group_id": training.group_id,
            "ends_after": since - timedelta(hours=flex_hours),
            "since": since,
        }
        for row in self.session.connection().execute(_others(dialect_of(self.session)), parameters):
            _, members, former = found.setdefault(row.id, (row, set(), set()))
            (members if row.is_member else former).add(row.user_id)
        return Attribution(own, tuple(_rival(*of_training, flex_hours) for _, of_training in sorted(found.items())))


@cache
def _others(dialect: str) -> Any:
    """Other trainings that are not over by then, with each member of this one who is or was in them.

    To put it together takes as long as to run it.
    """
    group = UserGroupAssociation
    in_class = select(group.user_id).where(group.group_id == bindparam("group_id", type_=Integer))
    other = (
        Training.id != bindparam("id", type_=Integer),
        Training.ends_at > bindparam("ends_after", type_=DateTime),
        or_(Training.ended_at.is_(None), Training.ended_at > bindparam("since", type_=DateTime)),
    )

    def is_of_others(column: Any, id_of_training: Any) -> ColumnElement[bool]:
        ids = select(id_of_training).where(*other).correlate(None)
        if dialect == "postgresql":
            # Joined, PostgreSQL would rather read the members of all trainings of the server.
            return column == any_(func.array(ids.scalar_subquery()))
        return column.in_(ids)

    joined = (
        select(Training.id, group.user_id, literal(1).label("is_member"))
        .join(group, group.group_id == Training.group_id)
        .where(is_of_others(group.group_id, Training.group_id), *other, group.user_id.in_(in_class))
    )
    named = (
        select(Training.id, TrainingMember.user_id, literal(0))
        .join(TrainingMember, TrainingMember.training_id == Training.id)
        .where(is_of_others(TrainingMember.training_id, Training.id), *other, TrainingMember.user_id.in_(in_class))
    )
    people = union_all(joined, named).subquery()
    columns = (
        Training.id,
        Training.identifier,
        Training.state,
        Training.starts_at,
        Training.ends_at,
        Training.ended_at,
    )
    return select(*columns, people.c.user_id, people.c.is_member).join(people, people.c.id == Training.id)


def _rival(row: Any, members: set[int], former: set[int], flex_hours: float) -> Rival:
    window = _window(row, flex_hours)
    return Rival(row.identifier, row.starts_at, window, tuple(sorted(members)), tuple(sorted(former - members)))


def _window(row: Any, flex_hours: float) -> Window:
    if row.state != TrainingState.APPROVED.value:
        return _NEVER
    return Window(row.starts_at, row.ends_at).widened(flex_hours).ended_by(row.ended_at)


def _is_within(created: Any, window: Window) -> ColumnElement[bool]:
    return and_(created >= window.opens, created < window.closes)


def _is_tagged(history_id: Any, candidate: Candidate) -> ColumnElement[bool]:
    return (
        select(HistoryTagAssociation.id)
        .join(Tag, Tag.id == HistoryTagAssociation.tag_id)
        .where(HistoryTagAssociation.history_id == history_id, names_training(candidate.identifier))
        .exists()
    )
