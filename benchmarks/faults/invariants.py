"""What must be true of the database whatever has happened, asked of the tables themselves."""

from collections import defaultdict
from collections.abc import (
    Callable,
    Iterator,
)
from dataclasses import (
    dataclass,
    field,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import Any

from galaxy.model import (
    Group,
    GroupRoleAssociation,
    Notification,
    Role,
    User,
    UserGroupAssociation,
    UserNotificationAssociation,
)
from galaxy_tiaas.core.model import (
    Base,
    Counter,
    Delivery,
    Lease,
    Message,
    ServerSecret,
    Training,
    TrainingEvent,
    TrainingMember,
)
from galaxy_tiaas.lifecycle.scheduler import LEASE_DURATION
from sqlalchemy import (
    and_,
    cast,
    Connection,
    func,
    select,
    Table,
    Text,
    UniqueConstraint,
)

#: For how long somebody may keep a delivery from others.
LONGEST_CLAIM = timedelta(minutes=10)
#: How long it may take to ask: what the server, which goes on, takes meanwhile is held from later on than we began.
_ASKING = timedelta(seconds=15)
_COHORT = "training-"

trainings, events, members = (model.__table__ for model in (Training, TrainingEvent, TrainingMember))
messages, deliveries, leases = (model.__table__ for model in (Message, Delivery, Lease))
groups, roles, people = (model.__table__ for model in (Group, Role, UserGroupAssociation))
links = GroupRoleAssociation.__table__


@dataclass
class Promised:
    """What the server has answered with success, and must therefore have kept."""

    #: Identifier and user id to the pseudonym in the answer.
    joined: dict[tuple[str, int], str] = field(default_factory=dict)
    approved: set[str] = field(default_factory=set)
    requested: set[str] = field(default_factory=set)


@dataclass(frozen=True)
class Question:
    """What is asked, of which database, as of when."""

    connection: Connection
    now: datetime
    promised: Promised
    flex: timedelta
    #: How much the clocks of the processes may differ.
    skew: timedelta

    def rows(self, statement: Any) -> list[Any]:
        return list(self.connection.execute(statement))

    def count(self, table: Any, *conditions: Any) -> int:
        return self.connection.execute(select(func.count()).select_from(table).where(*conditions)).scalar_one()


def breaches(
    connection: Connection,
    now: datetime,
    promised: Promised,
    *,
    flex: timedelta = timedelta(hours=12),
    skew: timedelta = timedelta(),
) -> dict[str, list[str]]:
    """Every invariant with the ways in which it is broken, which should be none.

    Nobody may have left a training before, and the lifecycle must have run once since the fault.
    """
    question = Question(connection, now, promised, flex, skew)
    return {name: list(check(question)) for name, check in INVARIANTS.items()}


def _one_cohort(question: Question) -> Iterator[str]:
    for training in question.rows(select(trainings)):
        name, identifier = f"{_COHORT}{training.identifier}", training.identifier
        group_ids = [row.id for row in question.rows(select(groups.c.id).where(groups.c.name == name))]
        role_ids = [row.id for row in question.rows(select(roles.c.id).where(roles.c.name == name))]
        if training.state == "approved" and (training.group_id is None or training.role_id is None):
            yield f"{identifier} is approved and has no group or no role"
        if (training.group_id is None) != (training.role_id is None):
            yield f"{identifier} has half a cohort"
        if group_ids != [training.group_id][: training.group_id is not None]:
            yield f"{identifier} has the group {training.group_id}, those of that name are {group_ids}"
        if role_ids != [training.role_id][: training.role_id is not None]:
            yield f"{identifier} has the role {training.role_id}, those of that name are {role_ids}"
        if training.state == "new" and training.group_id is not None:
            yield f"{identifier} is new and has a group"


def _link_while_due(question: Question) -> Iterator[str]:
    for training in question.rows(select(trainings)):
        opened = training.starts_at - question.flex <= question.now
        over = training.ends_at + question.flex <= question.now
        ended = training.ended_at is not None and training.ended_at <= question.now
        due = training.state == "approved" and opened and not over and not ended
        found = question.count(links, links.c.group_id == training.group_id, links.c.role_id == training.role_id)
        if found != due:
            yield f"{training.identifier} should have {int(due)} links and has {found}"


def _nothing_without_training(question: Question) -> Iterator[str]:
    for table, column in ((groups, trainings.c.group_id), (roles, trainings.c.role_id)):
        ours = select(column).where(column.is_not(None))
        for row in question.rows(select(table.c.name).where(table.c.name.startswith(_COHORT), table.c.id.not_in(ours))):
            yield f"the group or role {row.name} belongs to no training"
    pair = and_(trainings.c.group_id == links.c.group_id, trainings.c.role_id == links.c.role_id)
    named = select(links.c.id).join(groups, groups.c.id == links.c.group_id).join(roles, roles.c.id == links.c.role_id)
    named = named.where(groups.c.name.startswith(_COHORT) | roles.c.name.startswith(_COHORT))
    for row in question.rows(named.where(~select(trainings.c.id).where(pair).exists())):
        yield f"the link {row.id} joins a group and a role that do not belong together"


def _whole_memberships(question: Question) -> Iterator[str]:
    both = and_(people.c.group_id == trainings.c.group_id, people.c.user_id == members.c.user_id)
    here = select(trainings.c.identifier, people.c.user_id).join(people, people.c.group_id == trainings.c.group_id)
    named = and_(members.c.training_id == trainings.c.id, members.c.user_id == people.c.user_id)
    for row in question.rows(here.where(~select(members.c.id).where(named).exists())):
        yield f"{row.user_id} is in the group of {row.identifier} and has no pseudonym"
    pseudonyms = select(trainings.c.identifier, members.c.user_id).join(
        members, members.c.training_id == trainings.c.id
    )
    for row in question.rows(pseudonyms.where(~select(people.c.id).where(both).exists())):
        yield f"{row.user_id} has a pseudonym in {row.identifier} and is not in its group"
    joined = question.count(people, people.c.group_id.in_(select(trainings.c.group_id)))
    counter = Counter.__table__
    counted = question.connection.scalar(select(counter.c.value).where(counter.c.name == "joins_total")) or 0
    if joined != counted:
        yield f"{counted} joins are counted, there are {joined} members"


def _one_story(question: Question) -> Iterator[str]:
    """Each history begins with a request, and each line begins with what the one before has left."""
    stories: dict[int, list[Any]] = defaultdict(list)
    for event in question.rows(select(events).order_by(events.c.id)):
        stories[event.training_id].append(event)
    for training in question.rows(select(trainings)):
        identifier, story = training.identifier, stories[training.id]
        if [event.action for event in story].count("requested") != 1:
            yield f"{identifier} was not requested once, but: {[event.action for event in story]}"
        state, on = None, False
        for event in story:
            if event.to_state is not None:
                if event.from_state != state:
                    yield f"{identifier} goes from {event.from_state} to {event.to_state}, and was {state}"
                state = event.to_state
            for was, became in _switches(event):
                if was != on:
                    yield f"{identifier} is switched {'on' if became else 'off'} twice"
                on = became
        if state != training.state:
            yield f"{identifier} is {training.state}, its history says {state}"
        if on != bool(question.count(links, links.c.group_id == training.group_id)):
            yield f"{identifier} is {'off' if on else 'on'}, its history says it is {'on' if on else 'off'}"


def _switches(event: Any) -> Iterator[tuple[bool, bool]]:
    if event.action in ("resources on", "resources off"):
        yield event.action != "resources on", event.action == "resources on"
    if "resources" in (event.changes or {}):
        was, became = event.changes["resources"]
        yield was, became


def _nothing_doubled(question: Question) -> Iterator[str]:
    """The constraints say the same, as long as they are there; messages have none."""
    keys: list[tuple[Any, list[str]]] = [
        (people, ["user_id", "group_id"]),
        (links, ["group_id", "role_id"]),
        (groups, ["name"]),
        (trainings, ["identifier"]),
        (deliveries, ["message_id", "channel", "user_id", "address"]),
        (messages, ["training_id", "event", "audience", "created"]),
    ]
    for table in Base.metadata.sorted_tables:
        unique = [one for one in table.constraints if isinstance(one, UniqueConstraint)]
        keys += [(table, [column.name for column in one.columns]) for one in unique]
    for table, names in keys:
        columns = [table.c[name] for name in names]
        for row in question.rows(select(*columns).group_by(*columns).having(func.count() > 1)):
            yield f"{table.name} has {dict(row._mapping)} more than once"
    notified, received = Notification.__table__, UserNotificationAssociation.__table__
    columns = [received.c.user_id, cast(notified.c.content, Text)]
    told_twice = select(*columns).join(notified, notified.c.id == received.c.notification_id)
    for row in question.rows(told_twice.group_by(*columns).having(func.count() > 1)):
        yield f"the user {row.user_id} has the same notification more than once"
    decided = ("approved", "rejected", "cancelled")
    told = select(messages.c.training_id, messages.c.event, messages.c.audience, func.count().label("count"))
    told = told.where(messages.c.event.in_(decided)).group_by(
        messages.c.training_id, messages.c.event, messages.c.audience
    )
    for row in question.rows(told):
        done = question.count(events, events.c.training_id == row.training_id, events.c.action == row.event)
        if row.count > done:
            what = f"training {row.training_id} was {row.event}"
            yield f"{row.audience}s are told {row.count} times that {what}, which happened {done} times"


def _nothing_orphaned(question: Question) -> Iterator[str]:
    """Foreign keys, which SQLite does not check: each row that is referred to is there."""
    tables: list[Table] = [*Base.metadata.sorted_tables, people, links]  # type: ignore[list-item]
    for table in tables:
        for column in table.columns:
            for key in column.foreign_keys:
                target = (User.__table__ if key.column.table.name == "galaxy_user" else key.column.table).alias()
                there = select(target.c.id).where(target.c.id == column).exists()
                found = question.count(table, column.is_not(None), ~there)
                if found:
                    yield f"{found} rows of {table.name} name a {column.name} that is not there"
    silent = ~select(deliveries.c.id).where(deliveries.c.message_id == messages.c.id).exists()
    if found := question.count(messages, silent):
        yield f"{found} messages go to nobody"
    if (found := question.count(ServerSecret.__table__)) != 1:
        yield f"there are {found} secrets"


def _nothing_stuck(question: Question) -> Iterator[str]:
    """Whatever somebody was killed over is free again in time."""
    now = question.now + question.skew + _ASKING
    for lease in question.rows(select(leases).where(leases.c.holder.is_not(None))):
        if lease.expires_at is None or lease.expires_at > now + LEASE_DURATION:
            yield f"the lease {lease.name} is held until {lease.expires_at}, and it is {question.now}"
    for delivery in question.rows(select(deliveries)):
        if delivery.claimed_until is not None and delivery.claimed_until > now + LONGEST_CLAIM:
            yield f"the delivery {delivery.id} is claimed until {delivery.claimed_until}, and it is {question.now}"
        if delivery.next_attempt_at is None and delivery.delivered_at is None and delivery.given_up_at is None:
            yield f"the delivery {delivery.id} is neither tried nor given up"


def _promises_kept(question: Question) -> Iterator[str]:
    promised = question.promised
    here = (
        select(trainings.c.identifier, people.c.user_id, members.c.pseudonym)
        .join(people, people.c.group_id == trainings.c.group_id)
        .outerjoin(members, and_(members.c.training_id == trainings.c.id, members.c.user_id == people.c.user_id))
    )
    found = {(row.identifier, row.user_id): row.pseudonym for row in question.rows(here)}
    for (identifier, user_id), pseudonym in promised.joined.items():
        if (identifier, user_id) not in found:
            yield f"{user_id} was told to have joined {identifier}, and has not"
        elif found[identifier, user_id] != pseudonym:
            yield f"{user_id} was called {pseudonym} in {identifier}, and is {found[identifier, user_id]}"
    states = {row.identifier: row.state for row in question.rows(select(trainings.c.identifier, trainings.c.state))}
    for identifier in promised.approved:
        if states.get(identifier) != "approved":
            yield f"{identifier} was told to be approved, and is {states.get(identifier, 'not there')}"
    for identifier in promised.requested - states.keys():
        yield f"{identifier} was told to be requested, and is not there"


INVARIANTS: dict[str, Callable[[Question], Iterator[str]]] = {
    "one group and one role for each approved training": _one_cohort,
    "a link exactly while it is due": _link_while_due,
    "no group, role or link without its training": _nothing_without_training,
    "each member has a pseudonym and is counted": _whole_memberships,
    "each history tells one story": _one_story,
    "nothing doubled": _nothing_doubled,
    "nothing orphaned": _nothing_orphaned,
    "no lease and no delivery stuck": _nothing_stuck,
    "every promise kept": _promises_kept,
}
