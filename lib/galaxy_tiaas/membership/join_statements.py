"""The two statements of a join: what somebody who follows a link is in the training, and what puts them into it.

They are written once for all requests: to put one together takes as long as to run it.
"""

from functools import cache
from typing import (
    Any,
    NamedTuple,
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
    exists,
    FromClause,
    func,
    Insert,
    Select,
    select,
    TextClause,
)
from sqlalchemy.dialects import (
    postgresql,
    sqlite,
)
from sqlalchemy.orm import defer

from ..core.db import written_once
from ..core.model import (
    Training,
    TrainingInstructor,
    TrainingMember,
)

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
    #: Whether the name is new; otherwise the user has one already, or somebody else has this one.
    named: bool


def _insert(module: Any, source: Any, model: Any, **values: Any) -> Insert:
    """One row if there is one in the source, and none like it."""
    statement: Insert = (
        module.insert(model.__table__)
        .from_select([*values], select(*values.values()).where(source.c.id.is_not(None)), include_defaults=False)
        .on_conflict_do_nothing()
    )
    return statement


def _join(module: Any, source: FromClause) -> Insert:
    values = {"user_id": _parameter("user_id"), "group_id": source.c.group_id}
    return _insert(
        module, source, UserGroupAssociation, **values, create_time=_parameter("now"), update_time=_parameter("now")
    )


def _name(module: Any, source: FromClause) -> Insert:
    values = {name: _parameter(name) for name in ("user_id", "pseudonym", "colour", "shape")}
    return _insert(module, source, TrainingMember, training_id=source.c.id, **values)


@cache
def _on_postgresql() -> TextClause:
    unchanged = _UNCHANGED.cte("unchanged")
    joined = _join(postgresql, unchanged).returning(UserGroupAssociation.id).cte("joined")
    named = _name(postgresql, unchanged).returning(TrainingMember.id).cte("named")
    counts = (select(func.count()).select_from(each).scalar_subquery() for each in (unchanged, joined, named))
    return written_once(select(*counts), "postgresql")


@cache
def _on_sqlite() -> tuple[TextClause, TextClause]:
    # No CTE: Python's driver takes a statement that does not begin with INSERT for one that changes nothing.
    unchanged = _UNCHANGED.subquery("unchanged")
    return tuple(written_once(make(sqlite, unchanged), "sqlite") for make in (_join, _name))  # type: ignore[return-value]


def enter(session: Any, training: Training, **values: Any) -> Entry:
    """Put ``user_id`` into the group ``now``, with a ``pseudonym``, ``colour`` and ``shape``; the caller commits.

    One statement on PostgreSQL. SQLite has no changes within a statement; it takes two, or three for those who are
    in the group already.
    """
    parameters = {"training_id": training.id, **{name: getattr(training, name) for name in _READ}, **values}
    if session.get_bind().dialect.name == "postgresql":
        return Entry(*map(bool, session.execute(_on_postgresql(), parameters).one()))
    joined, named = (session.execute(statement, parameters).rowcount > 0 for statement in _on_sqlite())
    unchanged = joined or named or session.execute(_UNCHANGED, parameters).first() is not None
    return Entry(unchanged, joined, named)
