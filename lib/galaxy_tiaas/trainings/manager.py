"""Trainings in the database: finding, listing, changing, recording."""

from collections.abc import (
    Collection,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)
from weakref import WeakKeyDictionary

from galaxy.model import (
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    bindparam,
    case,
    ColumnElement,
    delete,
    false,
    func,
    literal,
    or_,
    Select,
    select,
    true,
    union,
    union_all,
)
from sqlalchemy.orm import (
    aliased,
    joinedload,
)
from sqlalchemy.orm.attributes import set_committed_value

from ..core.config import TiaasConfig
from ..core.countries import country_named
from ..core.db import (
    lock_training,
    unless_taken,
)
from ..core.exceptions import (
    IdentifierTaken,
    TrainingNotFound,
)
from ..core.model import (
    FormerIdentifier,
    ServerSecret,
    Training,
    TrainingChange,
    TrainingEvent,
    TrainingInstructor,
    TrainingInvitation,
    TrainingLocation,
)
from ..core.result_pages import ResultPage
from ..core.times import last_day
from .identifiers import normalise
from .states import (
    ChangeSource,
    PEOPLES_SOURCES,
    TrainingPhase,
    TrainingState,
)

_secrets: WeakKeyDictionary[Any, bytes] = WeakKeyDictionary()
#: What a list may be sorted by.
SORT_COLUMNS = {
    "identifier": Training.identifier,
    "title": Training.title,
    "start": Training.starts_at,
    "end": Training.ends_at,
    "created": Training.created,
    "updated": Training.updated,
    "state": Training.state,
    "attendance": Training.attendance,
}
#: Letters of a country's name that is searched for.
_SHORTEST_COUNTRY = 4
#: Trainings by ``ids``, with that of which no training has many.
_LISTED = (
    select(Training)
    .where(Training.id.in_(bindparam("ids", expanding=True)))
    .options(joinedload(Training.locations), joinedload(Training.requested_change))
)


def _people() -> Select[Any]:
    """The instructors and the invitations of trainings by ``ids``: one of the two in each row."""
    training, instructor, invitation = aliased(Training), TrainingInstructor, TrainingInvitation
    kind = union_all(select(literal(0).label("kind")), select(literal(1))).subquery().c.kind
    return (
        select(instructor, invitation)
        .select_from(training)
        .join(kind.table, true())
        .outerjoin(instructor, and_(instructor.training_id == training.id, kind == 0))
        .outerjoin(invitation, and_(invitation.training_id == training.id, kind == 1))
        .where(
            training.id.in_(bindparam("ids", expanding=True)),
            or_(instructor.id.is_not(None), invitation.id.is_not(None)),
        )
        .order_by(instructor.id, invitation.id)
    )


_PEOPLE = _people()


@dataclass(frozen=True)
class TrainingQuery:
    """Which trainings to list, and in which order."""

    states: Sequence[TrainingState] = ()
    phase: Optional[TrainingPhase] = None
    mine: bool = False
    #: True: those that still matter, which is all that are not over but the cancelled ones; false: the others.
    current: Optional[bool] = None
    search: str = ""
    limit: int = 50
    offset: int = 0
    sort_by: str = "start"
    sort_desc: bool = True
    #: Only those with something for an admin to decide: a request, or a change of what is approved.
    needs_decision: bool = False
    #: Those first, the one that starts soonest at the top, whatever the order of the others.
    decisions_first: bool = False


@dataclass(frozen=True)
class PromisedSeats:
    """The people that an approved training expects on each of its days."""

    identifier: str
    title: str
    start: date
    end: date
    seats: int


class TrainingManager:
    """Reads and writes our own tables."""

    def __init__(self, session: galaxy_scoped_session, config: TiaasConfig):
        self.session = session
        self.config = config

    def find(self, identifier: str) -> Optional[Training]:
        """The training that has this identifier in any spelling, or had it before, with what views need of it.

        Only what no training has now costs another statement.
        """
        normalised = normalise(identifier)
        if normalised is None:
            return None
        had_it = select(FormerIdentifier.training_id).where(FormerIdentifier.identifier == normalised)
        for condition in (Training.identifier == normalised, Training.id == had_it.scalar_subquery()):
            statement = (
                select(Training)
                .where(condition)
                .options(
                    joinedload(Training.instructors),
                    joinedload(Training.locations),
                    joinedload(Training.requested_change),
                )
            )
            if training := self.session.scalars(statement).unique().first():
                return training
        return None

    def get(self, identifier: str) -> Training:
        """The training with this identifier. :raises TrainingNotFound: if there is none."""
        training = self.find(identifier)
        if training is None:
            raise TrainingNotFound(identifier)
        return training

    def lock(self, training: Training) -> None:
        """Keep other changes of the training off until the transaction ends, and read it afresh."""
        lock_training(self.session, training.id)
        self.session.refresh(training)

    def taken(self, identifiers: Collection[str]) -> set[str]:
        """Those of the given identifiers (normalised) that trainings have, or had before."""
        current = select(Training.identifier).where(Training.identifier.in_(identifiers))
        former = select(FormerIdentifier.identifier).where(FormerIdentifier.identifier.in_(identifiers))
        return set(self.session.scalars(union(current, former)))

    def former_identifiers(self, training: Training) -> list[str]:
        """What the training was called before, the newest first."""
        statement = (
            select(FormerIdentifier.identifier)
            .where(FormerIdentifier.training_id == training.id)
            .order_by(FormerIdentifier.id.desc())
        )
        return list(self.session.scalars(statement))

    def all_former_identifiers(self) -> dict[str, int]:
        """Every identifier that a training had before, to the id of that training."""
        rows = self.session.execute(select(FormerIdentifier.identifier, FormerIdentifier.training_id))
        return {identifier: training_id for identifier, training_id in rows}

    def create(self, training: Training) -> Training:
        """Store a new training.

        :raises IdentifierTaken: if another one has its identifier, or had it before, even if it took it just now.
        """
        if self.taken([training.identifier]):
            raise IdentifierTaken(training.identifier)
        with unless_taken(self.session, IdentifierTaken(training.identifier)):
            self.session.add(training)
        return training

    def rename(self, training: Training, identifier: str, now: datetime) -> None:
        """Give a training another identifier. If people may have its link, the old one leads to it, too.

        :raises IdentifierTaken: if another one took it at the same moment.
        """
        former = training.identifier
        with unless_taken(self.session, IdentifierTaken(identifier)):
            training.identifier = identifier
        if training.group_id is not None:
            self.session.execute(delete(FormerIdentifier).where(FormerIdentifier.identifier == identifier))
            self.session.add(FormerIdentifier(training_id=training.id, identifier=former, time=now))
            self.session.flush()

    def record(
        self,
        training: Training,
        action: str,
        now: datetime,
        *,
        user_id: Optional[int],
        via: ChangeSource,
        from_state: Optional[TrainingState] = None,
        to_state: Optional[TrainingState] = None,
        note: str = "",
        changes: Optional[dict[str, Any]] = None,
    ) -> None:
        """Write one line of the training's history.

        What the calendar does is no change of the training. What people write after a redaction is redacted in
        its turn.
        """
        event = TrainingEvent(
            training_id=training.id,
            time=now,
            user_id=user_id,
            via=via,
            action=action,
            from_state=from_state,
            to_state=to_state,
            note=note,
            changes=changes or {},
        )
        if via != "lifecycle":
            training.updated = now
        if via in PEOPLES_SOURCES and (user_id is not None or note or changes):
            training.redacted_at = None
        self.session.add(event)
        self.session.flush()

    def history(self, training: Training) -> list[tuple[TrainingEvent, Optional[str]]]:
        """The training's history, oldest first, each line with the public name of the person who did it."""
        statement = (
            select(TrainingEvent, User.username)
            .outerjoin(User, User.id == TrainingEvent.user_id)
            .where(TrainingEvent.training_id == training.id)
            .order_by(TrainingEvent.id)
        )
        return [(event, username) for event, username in self.session.execute(statement)]

    def page(
        self, query: TrainingQuery, now: datetime, *, user_id: Optional[int], see_all: bool
    ) -> ResultPage[Training]:
        """One page of the trainings that somebody may see.

        :param see_all: for admins; else only advertised ones and those the user teaches or joined.
        """
        (page,) = self.pages([query], now, user_id=user_id, see_all=see_all)
        return page

    def pages(
        self, queries: Sequence[TrainingQuery], now: datetime, *, user_id: Optional[int], see_all: bool
    ) -> list[ResultPage[Training]]:
        """The same for several lists of one person, in fewer statements than one after the other."""
        found = self._pages_of_ids(queries, now, user_id=user_id, see_all=see_all)
        ids = {"ids": sorted({training_id for page in found for training_id in page})}
        trainings: dict[int, Training] = {}
        if ids["ids"]:
            trainings = {training.id: training for training in self.session.scalars(_LISTED, ids).unique()}
            instructors: dict[int, list[TrainingInstructor]] = {training_id: [] for training_id in trainings}
            invitations: dict[int, list[TrainingInvitation]] = {training_id: [] for training_id in trainings}
            for instructor, invitation in self.session.execute(_PEOPLE, ids):
                if instructor:
                    instructors[instructor.training_id].append(instructor)
                else:
                    invitations[invitation.training_id].append(invitation)
            for training_id, training in trainings.items():
                set_committed_value(training, "instructors", instructors[training_id])
                set_committed_value(training, "invitations", invitations[training_id])
        return [page.of(trainings[training_id] for training_id in page) for page in found]

    def _pages_of_ids(
        self, queries: Sequence[TrainingQuery], now: datetime, *, user_id: Optional[int], see_all: bool
    ) -> list[ResultPage[int]]:
        conditions = [self._conditions(query, now, user_id=user_id, see_all=see_all) for query in queries]
        statements = [self._ids(*each) for each in zip(queries, conditions, strict=True)]
        numbered = (select(literal(number), each.subquery()) for number, each in enumerate(statements))
        rows = sorted(self.session.execute(union_all(*numbered)))
        pages = []
        for number, query in enumerate(queries):
            found = [(training_id, total) for of, _, training_id, total in rows if of == number]
            if found:
                total = found[0][1]
            elif query.offset:
                counted = select(func.count()).select_from(Training).where(*conditions[number])
                total = self.session.scalar(counted) or 0
            else:
                total = 0
            pages.append(ResultPage([training_id for training_id, _ in found], total, query.limit, query.offset))
        return pages

    def _ids(self, query: TrainingQuery, conditions: Sequence[ColumnElement[bool]]) -> Select[tuple[int, int, int]]:
        """Place, id and number of all that are found, of those on the page.

        Ids alone: the database sorts all that are found, whole rows take many times as long.
        """
        column = SORT_COLUMNS[query.sort_by]
        order = [column.desc(), Training.id.desc()] if query.sort_desc else [column.asc(), Training.id]
        first: list[ColumnElement[Any]] = []
        if query.decisions_first:
            first = [case((self.needs_decision(), 0), else_=1), case((self.needs_decision(), Training.starts_at))]
        total: ColumnElement[int] = func.count().over()
        if not conditions:
            # Of all trainings, an index has the first ones and another one the number, without a look at each.
            total = select(func.count()).select_from(Training).correlate(None).scalar_subquery()
            if query.decisions_first:
                others = select(Training.id).where(~self.needs_decision()).order_by(*order)
                conditions = [
                    Training.id.in_(
                        union(
                            _ids_where(Training.state == TrainingState.NEW.value),
                            select(TrainingChange.training_id),
                            select(others.limit(query.offset + query.limit).subquery()),
                        )
                    )
                ]
        place = func.row_number().over(order_by=[*first, *order])
        return (
            select(place.label("place"), Training.id, total.label("total"))
            .where(*conditions)
            .order_by(*first, *order)
            .limit(query.limit)
            .offset(query.offset)
        )

    def _conditions(
        self, query: TrainingQuery, now: datetime, *, user_id: Optional[int], see_all: bool
    ) -> list[ColumnElement[bool]]:
        conditions: list[ColumnElement[bool]] = []
        if query.mine:
            conditions.append(self._is_mine(user_id))
        elif not see_all:
            public = and_(Training.state == TrainingState.APPROVED.value, Training.advertise.is_(True))
            conditions.append(or_(public, self._is_mine(user_id)))
        if query.states:
            conditions.append(Training.state.in_([state.value for state in query.states]))
        if query.needs_decision:
            conditions.append(self.needs_decision())
        if query.phase:
            conditions.append(self.in_phase(query.phase, now))
        if query.current is not None:
            is_current = self._is_current(now)
            conditions.append(is_current if query.current else ~is_current)
        if query.search:
            conditions.append(self._matches(query.search, personal=see_all))
        return conditions

    def needs_decision(self) -> ColumnElement[bool]:
        """The condition that an admin has something to decide: a request, or a requested change."""
        changed = Training.id.in_(select(TrainingChange.training_id))
        return or_(Training.state == TrainingState.NEW.value, changed)

    def in_phase(self, phase: TrainingPhase, now: datetime) -> ColumnElement[bool]:
        """The condition that a training is in this phase at ``now``, as :meth:`Training.window` says of an object."""
        flex = timedelta(hours=self.config.join_flex_hours)
        # Never null, so that it can be negated.
        ended_early = and_(Training.ended_at.is_not(None), Training.ended_at <= now)
        over = or_(Training.ends_at <= now - flex, ended_early)
        if phase is TrainingPhase.FINISHED:
            return over
        opened = Training.starts_at <= now + flex
        return and_(~over, opened if phase is TrainingPhase.ONGOING else ~opened)

    def is_running(self, now: datetime) -> ColumnElement[bool]:
        """The condition that a training's resources are available at ``now``: approved and ongoing."""
        return and_(Training.state == TrainingState.APPROVED.value, self.in_phase(TrainingPhase.ONGOING, now))

    def running_and_upcoming(self, now: datetime) -> list[Training]:
        """Approved trainings that are not over, the next one first."""
        statement = (
            select(Training)
            .where(Training.state == TrainingState.APPROVED.value, ~self.in_phase(TrainingPhase.FINISHED, now))
            .order_by(Training.starts_at, Training.id)
        )
        return list(self.session.scalars(statement))

    def last_event_id(self) -> int:
        """A number that changes with every decision and every change of a training."""
        return self.session.scalar(select(func.max(TrainingEvent.id))) or 0

    def count_by_state(self) -> dict[TrainingState, int]:
        """Number of trainings in each state."""
        counts, _ = self.count_by_state_and_decisions()
        return counts

    def count_by_state_and_decisions(self) -> tuple[dict[TrainingState, int], int]:
        """The same, and the number of trainings with something for an admin to decide."""
        changes = (
            select(func.count())
            .select_from(TrainingChange)
            .join(Training, Training.id == TrainingChange.training_id)
            .where(Training.state != TrainingState.NEW.value)
            .correlate(None)
        )
        statement = select(Training.state, func.count(), changes.scalar_subquery()).group_by(Training.state)
        rows = self.session.execute(statement).all()
        found = {state: count for state, count, _ in rows}
        counts = {state: found.get(state.value, 0) for state in TrainingState}
        return counts, counts[TrainingState.NEW] + (rows[0][2] if rows else 0)

    def earlier_requests(self, training: Training) -> dict[TrainingState, int]:
        """Number of other trainings of the same requester in each state; of nobody, there are none."""
        if training.requester_id is None:
            return {}
        statement = (
            select(Training.state, func.count())
            .where(Training.requester_id == training.requester_id, Training.id != training.id)
            .group_by(Training.state)
        )
        return {TrainingState(state): count for state, count in self.session.execute(statement)}

    def promised_seats(self, first: date, last: date) -> Sequence[PromisedSeats]:
        """What approved trainings with a day between these two expect; one that was ended early, until then."""
        statement = select(
            Training.identifier,
            Training.title,
            Training.start,
            Training.end,
            Training.attendance,
            Training.ended_at,
            Training.timezone,
        ).where(Training.state == TrainingState.APPROVED.value, Training.start <= last, Training.end >= first)
        return [
            PromisedSeats(identifier, title, start, last_day(end, timezone, ended_at), seats)
            for identifier, title, start, end, seats, ended_at, timezone in self.session.execute(statement)
        ]

    def people(self, training: Training) -> Sequence[tuple[int, Optional[str], str]]:
        """Id, public name and e-mail address of the requester and the instructors, as far as they have an account."""
        ids = training.teacher_ids
        live = select(User.id, User.username, User.email).where(User.id.in_(ids), User.deleted.is_(False))
        rows = self.session.execute(live)
        found = {user_id: (user_id, username, email) for user_id, username, email in rows}
        return [found[user_id] for user_id in ids if user_id in found]

    def users_named(self, names: Sequence[str]) -> dict[str, int]:
        """Ids of live accounts by any of the given public names or e-mail addresses (lower case)."""
        wanted = {name.lower() for name in names}
        statement = select(User.id, User.username, func.lower(User.email)).where(
            User.deleted.is_(False), or_(User.username.in_(wanted), func.lower(User.email).in_(wanted))
        )
        found: dict[str, int] = {}
        for user_id, username, email in self.session.execute(statement):
            found.update({key: user_id for key in (username, email) if key in wanted})
        return found

    def existing_users(self, user_ids: Sequence[int]) -> set[int]:
        """Those of the given ids that belong to live accounts."""
        return set(self.session.scalars(select(User.id).where(User.id.in_(user_ids), User.deleted.is_(False))))

    def secret(self) -> bytes:
        """The secret behind this server's pseudonyms, which never changes: read once by each process."""
        engine = self.session.get_bind()
        if engine not in _secrets:
            value = self.session.scalar(select(ServerSecret.value).order_by(ServerSecret.id).limit(1))
            assert value, "made with the tables"
            _secrets[engine] = value
        return _secrets[engine]

    def _is_current(self, now: datetime) -> ColumnElement[bool]:
        return and_(Training.state != TrainingState.CANCELLED.value, ~self.in_phase(TrainingPhase.FINISHED, now))

    def _is_mine(self, user_id: Optional[int]) -> ColumnElement[bool]:
        if user_id is None:
            # Trainings that nobody requested, or nobody any more, are not those of visitors.
            return false()
        joined = select(UserGroupAssociation.group_id).where(UserGroupAssociation.user_id == user_id)
        # PostgreSQL looks at each training if these are alternatives; so it finds each part by an index.
        return Training.id.in_(
            union(
                _ids_where(Training.requester_id == user_id),
                select(TrainingInstructor.training_id).where(TrainingInstructor.user_id == user_id),
                _ids_where(Training.group_id.in_(joined)),
            )
        )

    def _matches(self, search: str, *, personal: bool) -> ColumnElement[bool]:
        columns = [Training.identifier, Training.title, Training.description]
        if personal:
            columns += [Training.name, Training.email]
        found = (or_(*(column.icontains(word, autoescape=True) for column in columns)) for word in search.split())
        matches = and_(true(), *found)
        # Codes and abbreviations are words, too: it, us.
        land = country_named(search) if len(search.strip()) >= _SHORTEST_COUNTRY else None
        if land:
            there = select(TrainingLocation.training_id).where(TrainingLocation.code == land.alpha2)
            return or_(matches, Training.id.in_(there))
        return matches


def _ids_where(condition: ColumnElement[bool]) -> Select[tuple[int]]:
    """For conditions on other ids."""
    return select(Training.id).where(condition).correlate(None)
