"""The two statements of a join: what somebody who follows a link is in the training, and what puts them into it.

They are written once for all requests: to put one together takes as long as to run it.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.model import (
    Group,
    GroupRoleAssociation,
    Role,
    UserGroupAssociation,
)
from sqlalchemy import (
    and_,
    bindparam,
    column,
    exists,
    FromClause,
    func,
    Insert,
    literal_column,
    Select,
    select,
    TextClause,
    TextualSelect,
    union_all,
)
from sqlalchemy.dialects import (
    postgresql,
    sqlite,
)
from sqlalchemy.orm import defer

from ..core.db import (
    dialect_of,
    written_once,
)
from ..core.model import (
    Training,
    TrainingInstructor,
    TrainingMember,
)
from .pseudonyms import Pseudonym

#: How many names are tried at once: in a class of 3,000 one in six finds the first one taken, one in 200 all of them.
CHOICES = 3
#: What a :class:`galaxy_tiaas.membership.pseudonyms.Pseudonym` is made of.
PSEUDONYM_COLUMNS = (TrainingMember.pseudonym, TrainingMember.colour, TrainingMember.shape)
#: What must be as it was read when somebody is put into the training.
_READ = ("state", "group_id", "starts_at", "ends_at", "ended_at")


def _parameter(name: str) -> Any:
    return bindparam(name)


def _with_membership(*columns: Any) -> Select[Any]:
    """Columns of trainings, and what ``user_id`` is in each of them."""
    association, member, switch = UserGroupAssociation, TrainingMember, GroupRoleAssociation
    instructor, user_id = TrainingInstructor, _parameter("user_id")
    teaches = exists().where(instructor.training_id == Training.id, instructor.user_id == user_id)
    return (
        select(
            *columns,
            association.id.is_not(None).label("joined"),
            *PSEUDONYM_COLUMNS,
            member.hand_raised_at,
            and_(Group.deleted.is_(False), Role.deleted.is_(False)).label("is_complete"),
            switch.id.is_not(None).label("is_on"),
            teaches.label("is_instructor"),
        )
        .select_from(Training)
        .outerjoin(Group, Group.id == Training.group_id)
        .outerjoin(Role, Role.id == Training.role_id)
        .outerjoin(switch, and_(switch.group_id == Group.id, switch.role_id == Role.id))
        .outerjoin(association, and_(association.group_id == Group.id, association.user_id == user_id))
        .outerjoin(member, and_(member.training_id == Training.id, member.user_id == user_id))
    )


#: By ``training_id`` and ``user_id``.
MEMBERSHIP = _with_membership().where(Training.id == _parameter("training_id"))
#: The training, too, by ``identifier`` and ``user_id``; who teaches it is not read before somebody asks.
SEAT = (
    _with_membership(Training)
    .where(Training.identifier == _parameter("identifier"))
    .options(defer(Training.account_email))
)
_UNCHANGED = (
    select(Training.id, Training.group_id)
    .where(
        Training.id == _parameter("training_id"),
        Training.redacted_at.is_(None),
        *(getattr(Training, name).is_not_distinct_from(_parameter(name)) for name in _READ),
    )
    # As much of a lock as the reference of a member to the training takes anyway: only whoever changes the training
    # is waited for, and the conditions are looked at again afterwards.
    .with_for_update(read=True, key_share=True)
)


class Entry(NamedTuple):
    """What a join has done."""

    #: Whether the training still is what was read of it; otherwise, nothing was done.
    unchanged: bool
    #: Whether the user was not in the group before.
    joined: bool
    #: The new name of the user, who may have had one already; or others have all those that were given.
    pseudonym: Optional[Pseudonym]


def _insert(module: Any, model: Any, source: Select[Any]) -> Insert:
    statement: Insert = (
        module.insert(model.__table__)
        .from_select(list(source.selected_columns.keys()), source, include_defaults=False)
        .on_conflict_do_nothing()
    )
    return statement


def _join(module: Any, unchanged: FromClause) -> Insert:
    times = {name: _parameter("now").label(name) for name in ("create_time", "update_time")}
    source = select(_parameter("user_id").label("user_id"), unchanged.c.group_id, *times.values())
    # SQLite takes ON CONFLICT for a part of the select unless that has a condition.
    source = source.where(unchanged.c.id.is_not(None))
    return _insert(module, UserGroupAssociation, source)


def _name(module: Any, unchanged: FromClause, choices: int) -> Insert:
    """With the first name of the given ones that nobody has."""
    columns = ("pseudonym", "colour", "shape")
    choice = union_all(
        *(
            select(
                literal_column(str(number)).label("number"),
                *(_parameter(f"{name}_{number}").label(name) for name in columns),
            )
            for number in range(choices)
        )
    ).subquery("choice")
    taken = exists().where(TrainingMember.training_id == unchanged.c.id, TrainingMember.pseudonym == choice.c.pseudonym)
    source = (
        select(
            unchanged.c.id.label("training_id"),
            _parameter("user_id").label("user_id"),
            *(choice.c[name] for name in columns),
        )
        .where(~taken)
        .order_by(choice.c.number)
        # Numbers of Python would be parameters that have no names.
        .limit(literal_column("1"))
        .offset(literal_column("0"))
    )
    return _insert(module, TrainingMember, source)


@cache
def _on_postgresql() -> TextualSelect:
    unchanged = _UNCHANGED.cte("unchanged")
    joined = _join(postgresql, unchanged).returning(UserGroupAssociation.id).cte("joined")
    named = _name(postgresql, unchanged, CHOICES).returning(TrainingMember.pseudonym).cte("named")
    counts = (select(func.count()).select_from(each).scalar_subquery() for each in (unchanged, joined))
    statement = written_once(select(*counts, select(named.c.pseudonym).scalar_subquery()), "postgresql")
    # Without columns, SQLAlchemy would find out at each time which there are.
    return statement.columns(column("unchanged"), column("joined"), column("name"))


@cache
def _on_sqlite() -> tuple[TextClause, TextClause]:
    # No CTE: Python's driver takes a statement that does not begin with INSERT for one that changes nothing.
    unchanged = _UNCHANGED.subquery("unchanged")
    return written_once(_join(sqlite, unchanged), "sqlite"), written_once(_name(sqlite, unchanged, 1), "sqlite")


def enter(session: Any, training: Training, user_id: int, choices: Sequence[Pseudonym], now: datetime) -> Entry:
    """Put a user into the group and give them the first of these names that nobody has; the caller commits.

    One statement on PostgreSQL. SQLite has no changes within a statement, and cannot tell which name it was: it takes
    two and tries one name, or three for those who are in the group already.

    :param choices: :data:`CHOICES` names.
    """
    parameters = {"training_id": training.id, "user_id": user_id, "now": now}
    parameters |= {name: getattr(training, name) for name in _READ}
    names = {f"{name}_{number}": value for number, each in enumerate(choices) for name, value in each.fields().items()}
    if dialect_of(session) == "postgresql":
        unchanged, joined, name = session.execute(_on_postgresql(), {**parameters, **names}).one()
        return Entry(bool(unchanged), bool(joined), next((each for each in choices if each.name == name), None))
    join, name = _on_sqlite()
    joined = session.execute(join, parameters).rowcount > 0
    named = session.execute(name, {**parameters, **names}).rowcount > 0
    unchanged = joined or named or session.execute(_UNCHANGED, parameters).first() is not None
    return Entry(unchanged, joined, choices[0] if named else None)
