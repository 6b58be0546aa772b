"""The Galaxy group and role of a training, its members, and who they are on its dashboard.

The group holds people, from approval on and for good. The group–role association is the switch that makes their jobs
special: it exists exactly while the training is approved and its window open. Nothing else touches them.
"""

from collections.abc import (
    Collection,
    Mapping,
    Sequence,
)
from dataclasses import (
    dataclass,
    replace,
)
from datetime import datetime
from functools import cached_property
from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.model import (
    Group,
    GroupRoleAssociation,
    Role,
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
    exists,
    func,
    Integer,
    select,
    union,
)

from ..core.config import TiaasConfig
from ..core.db import (
    insert_missing,
    insert_once,
    is_one_of,
    unless_taken,
)
from ..core.exceptions import CohortNameTaken
from ..core.model import (
    Training,
    TrainingMember,
)
from ..trainings.identifiers import (
    cohort_name,
    COHORT_PREFIX,
    normalise,
)
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .join_statements import (
    CHOICES,
    enter,
    Entry,
    MEMBERSHIP,
    PSEUDONYM_COLUMNS,
    SEAT,
)
from .pseudonyms import (
    choices,
    possible_names,
    Pseudonym,
    pseudonyms,
)

#: How many names of one person are looked up at a time, and for how many people; for more, all that are taken.
_CHOICES = 8
_FEW = 16
#: Who is in a group, by ``group_id``. SQLite gives the id of the last row again once that is deleted; hence the sum.
_PEOPLE = select(func.count(), func.max(UserGroupAssociation.id), func.sum(UserGroupAssociation.user_id)).where(
    UserGroupAssociation.group_id == bindparam("group_id", type_=Integer)
)
#: Of somebody whose name is still to be given.
_NO_NAME = Pseudonym("", "", "")


class Membership(NamedTuple):
    """What a user is in a training, and what there is of its cohort."""

    #: Whether the user is in the group.
    joined: bool = False
    #: Who the user is on the dashboard; who has left keeps the name.
    pseudonym: Optional[Pseudonym] = None
    hand_raised_at: Optional[datetime] = None
    #: Whether group and role are there, and none of them is deleted; whether they are associated.
    is_complete: bool = False
    is_on: bool = False
    #: Whether the user is one of those who were added as instructors.
    is_instructor: bool = False


class Seat(NamedTuple):
    """A training as somebody finds it who follows its link, and what they are in it."""

    training: Training
    membership: Membership = Membership()


class Member(NamedTuple):
    """A live account in the group of a training, and who it is on the dashboard."""

    user_id: int
    username: Optional[str]
    email: str
    joined_at: Optional[datetime]
    pseudonym: Pseudonym
    #: The later somebody joined, the higher; of those who joined at the same moment, too.
    membership_id: int
    #: Whether the account has been activated, or need not be.
    active: bool = True

    def fields(self, named: bool) -> dict[str, Any]:
        """As the JSON API shows somebody; ``named``: to those who may see public names."""
        fields: dict[str, Any] = self.pseudonym.fields()
        return {**fields, "username": self.username} if named else fields


@dataclass(frozen=True)
class Roster:
    """The live members of a class in the order in which they joined."""

    everybody: list[Member]
    #: Number of people in the group, the last to join, the sum of their ids.
    group: tuple[Any, ...]
    #: Number of live accounts, and when the last of them changed.
    accounts: tuple[Any, ...]

    @cached_property
    def members(self) -> list[Member]:
        """Those who have a name."""
        return [member for member in self.everybody if member.pseudonym is not _NO_NAME]

    @cached_property
    def unnamed(self) -> list[int]:
        """Ids of the others, whom somebody put into the group past this extension."""
        return [member.user_id for member in self.everybody if member.pseudonym is _NO_NAME]

    def named(self, names: Mapping[int, Pseudonym]) -> "Roster":
        """The same with names for those who have none."""
        everybody = [
            member._replace(pseudonym=names[member.user_id]) if member.pseudonym is _NO_NAME else member
            for member in self.everybody
        ]
        return replace(self, everybody=everybody)

    @cached_property
    def by_name(self) -> list[Member]:
        """The members in the order of their names."""
        return sorted(self.members, key=lambda member: member.pseudonym.name)


@dataclass
class CohortManager:
    """Makes, fills, switches and renames cohorts; names their members."""

    session: galaxy_scoped_session
    config: TiaasConfig
    trainings: TrainingManager

    # Group and role

    def ensure(self, training: Training) -> None:
        """Make the group and the role of a training, or the one of them that an admin has purged.

        :raises CohortNameTaken: if a group or role of that name exists and is not ours. Group names are
            unique in Galaxy, so of two that try at once one wins and the other ends here.
        """
        name = cohort_name(training.identifier)
        group, role = self._group_and_role(training)
        if group is None:
            self._ensure_free("group", name)
            group = Group(name=name)
            with unless_taken(self.session, CohortNameTaken("group", name)):
                self.session.add(group)
            training.group_id = group.id
        if role is None:
            self._ensure_free("role", name)
            role = Role(name=name, description=_description(name), type=Role.types.SYSTEM)
            self.session.add(role)
            self.session.flush()
            training.role_id = role.id
        # Galaxy's admin panel deletes before it purges.
        group.deleted = role.deleted = False
        self.session.flush()

    def rename(self, training: Training) -> None:
        """Give group and role the name that follows from the training's identifier.

        :raises CohortNameTaken: as :meth:`ensure`.
        """
        group, role = self._group_and_role(training)
        name = cohort_name(training.identifier)
        if group is not None and group.name != name:
            self._ensure_free("group", name)
            with unless_taken(self.session, CohortNameTaken("group", name)):
                group.name = name
        if role is not None and role.name != name:
            self._ensure_free("role", name)
            if role.description == _description(role.name):
                role.description = _description(name)
            role.name = name
        self.session.flush()

    def existing_names(self, names: Collection[str]) -> set[str]:
        """Those of the given names that some group or role of this Galaxy has."""
        groups = select(Group.name).where(Group.name.in_(names))
        roles = select(Role.name).where(Role.name.in_(names))
        return set(self.session.scalars(union(groups, roles)))

    def should_be_on(self, training: Training, now: datetime) -> bool:
        """Whether the training's resources are available at ``now``."""
        window = training.window(self.config.join_flex_hours)
        return training.state == TrainingState.APPROVED and window.phase(now) is TrainingPhase.ONGOING

    def switch(self, training: Training, now: datetime) -> bool:
        """Make or remove the group–role association, whichever is due.

        :returns: whether anything had to be done.
        :raises CohortNameTaken: as :meth:`ensure`.
        """
        if self.should_be_on(training, now):
            self.ensure(training)
            return self._associate(GroupRoleAssociation, now, group_id=training.group_id, role_id=training.role_id)
        return self._dissociate(GroupRoleAssociation, group_id=training.group_id, role_id=training.role_id)

    # Who is in the group

    def add_member(self, training: Training, user_id: int, now: datetime) -> bool:
        """Add a user to the group, which is there. If others do the same at this moment, it still happens once.

        :returns: whether the user was not a member before.
        """
        return self._associate(UserGroupAssociation, now, user_id=user_id, group_id=training.group_id)

    def remove_member(self, training: Training, user_id: int) -> bool:
        """Remove a user from the group. :returns: whether the user was a member."""
        return self._dissociate(UserGroupAssociation, group_id=training.group_id, user_id=user_id)

    def seat(self, identifier: str, user_id: Optional[int]) -> Optional[Seat]:
        """The training that has this identifier, or had it before, and what a user is in it; mostly one statement."""
        if user_id is not None and (normalised := normalise(identifier)):
            row = self.session.execute(SEAT, {"identifier": normalised, "user_id": user_id}).first()
            if row is not None:
                return Seat(row.Training, _membership(row))
        training = self.trainings.find(identifier)
        if training is None:
            return None
        return Seat(training) if user_id is None else Seat(training, self.membership(training, user_id))

    def membership(self, training: Training, user_id: int) -> Membership:
        """What a user is in a training, in one statement."""
        return _membership(self.session.execute(MEMBERSHIP, {"training_id": training.id, "user_id": user_id}).one())

    def enter(self, training: Training, user_id: int, now: datetime) -> Entry:
        """Put a user into the group and give them a name, if one of the first that could be theirs is free; the caller
        commits. Others who join are not waited for, those who change the training are."""
        names = choices(self.trainings.secret(), training.id, user_id, CHOICES)
        return enter(self.session, training, user_id, names, now)

    def is_member(self, training: Training, user_id: Optional[int]) -> bool:
        statement = select(UserGroupAssociation.id).where(
            UserGroupAssociation.group_id == training.group_id, UserGroupAssociation.user_id == user_id
        )
        return self.session.scalar(statement) is not None

    def count_members(self, trainings: Sequence[Training]) -> dict[int, int]:
        """Number of live members by the id of the training, counted by the database in one query."""
        counts, _ = self.members_and_joined(trainings, None)
        return counts

    def members_and_joined(
        self, trainings: Sequence[Training], user_id: Optional[int]
    ) -> tuple[dict[int, int], set[int]]:
        """The same, and the ids of those of the trainings that a live user has joined."""
        groups = {training.group_id: training.id for training in trainings if training.group_id}
        if not groups:
            return {}, set()
        association = UserGroupAssociation
        # Most accounts are live: joined to those, PostgreSQL would read all users of the server.
        is_deleted = exists().where(User.id == association.user_id, User.deleted.is_(True))
        is_user = func.max(case((association.user_id == user_id, 1), else_=0))
        statement = (
            select(association.group_id, func.count(), is_user)
            .where(association.group_id.in_(groups), ~is_deleted)
            .group_by(association.group_id)
        )
        rows = self.session.execute(statement).all()
        counts = {groups[group_id]: count for group_id, count, _ in rows}
        return counts, {groups[group_id] for group_id, _, joined in rows if joined}

    def roster(self, training: Training) -> Roster:
        """All live members, with a name if there is one already."""
        association, member = UserGroupAssociation, TrainingMember
        statement = (
            select(association.id, association.user_id, association.create_time, *PSEUDONYM_COLUMNS)
            .outerjoin(member, and_(member.training_id == training.id, member.user_id == association.user_id))
            .where(association.group_id == training.group_id)
            .order_by(association.id)
        )
        rows = self.session.connection().execute(statement).all()
        live = select(User.id, User.username, User.email, User.active, User.update_time).where(
            self._is_live([row.user_id for row in rows])
        )
        accounts = {account.id: account for account in self.session.connection().execute(live)}
        everybody = [
            Member(
                row.user_id, account.username, account.email, row.create_time, _pseudonym(row), row.id, account.active
            )
            for row in rows
            if (account := accounts.get(row.user_id)) is not None
        ]
        group = (len(rows), max((row.id for row in rows), default=None), sum(row.user_id for row in rows) or None)
        changed = max((account.update_time for account in accounts.values()), default=None)
        return Roster(everybody, group, (len(accounts), changed))

    def has_same_people(self, training: Training, roster: Roster) -> bool:
        """Whether nobody has joined or left since."""
        found = self.session.connection().execute(_PEOPLE, {"group_id": training.group_id})
        return tuple(found.one()) == roster.group

    def has_same_accounts(self, roster: Roster) -> bool:
        """Whether nobody has been deleted or renamed since; a fraction of reading them again."""
        user_ids = [member.user_id for member in roster.members]
        statement = select(func.count(), func.max(User.update_time)).where(self._is_live(user_ids))
        return tuple(self.session.execute(statement).one()) == roster.accounts

    # Names

    def pseudonym(self, training: Training, user_id: int) -> Pseudonym:
        """The name of a member, who is given one if there is none; the caller commits."""
        return self.name_members(training, [user_id])[user_id]

    def name_members(self, training: Training, user_ids: Sequence[int]) -> dict[int, Pseudonym]:
        """Give a name to those of these people who have none in this training; the caller commits.

        If two transactions do so at once, the unique constraints decide.

        :param user_ids: in the order in which they joined.
        :returns: the names of all these people.
        """
        theirs = select(TrainingMember.user_id, *PSEUDONYM_COLUMNS).where(
            TrainingMember.training_id == training.id, is_one_of(self.session, TrainingMember.user_id, user_ids)
        )
        # All names in the training, those of people who have left included.
        everybody = select(TrainingMember.pseudonym).where(TrainingMember.training_id == training.id)
        secret, number = self.trainings.secret(), 0
        named: dict[int, Pseudonym] = {}
        taken: Collection[str] = ()
        while unnamed := [user_id for user_id in user_ids if user_id not in named]:
            given = pseudonyms(secret, training.id, unnamed, taken)
            rows = [
                {"training_id": training.id, "user_id": user_id, **pseudonym.fields()}
                for user_id, pseudonym in given.items()
            ]
            if insert_missing(self.session, TrainingMember, rows) == len(rows):
                return {**named, **given}
            named = {row.user_id: _pseudonym(row) for row in self.session.execute(theirs)}
            if len(named) < len(user_ids):
                number += _CHOICES
                names = possible_names(secret, training.id, unnamed, number) if len(unnamed) < _FEW else None
                wanted = everybody if names is None else everybody.where(TrainingMember.pseudonym.in_(names))
                taken = self.session.scalars(wanted).all()
        return named

    def forget(self, training: Training, user_id: int) -> None:
        """Delete the name of one member; where the training goes on, somebody else might be given it."""
        self._dissociate(TrainingMember, training_id=training.id, user_id=user_id)

    def names(self, trainings: Sequence[Training], user_id: int) -> dict[int, Pseudonym]:
        """Names of one person by the id of the training, where there is one."""
        statement = select(TrainingMember).where(
            TrainingMember.training_id.in_([training.id for training in trainings]), TrainingMember.user_id == user_id
        )
        return {row.training_id: _pseudonym(row) for row in self.session.scalars(statement)}

    def _group_and_role(self, training: Training) -> tuple[Optional[Group], Optional[Role]]:
        group = self.session.get(Group, training.group_id) if training.group_id else None
        role = self.session.get(Role, training.role_id) if training.role_id else None
        return group, role

    def _ensure_free(self, kind: str, name: str) -> None:
        model: Any = Group if kind == "group" else Role
        deleted = self.session.scalar(
            select(model.deleted).where(model.name == name).order_by(model.deleted, model.id).limit(1)
        )
        if deleted is not None:
            raise CohortNameTaken(kind, name, deleted=deleted)

    def _associate(self, association: Any, now: datetime, **ids: Optional[int]) -> bool:
        """:returns: whether it was not there before."""
        return insert_once(self.session, association, {**ids, "create_time": now, "update_time": now})

    def _dissociate(self, association: Any, **ids: Optional[int]) -> bool:
        """:returns: whether it was there."""
        result: Any = self.session.execute(delete(association).filter_by(**ids))
        return result.rowcount > 0

    def _is_live(self, user_ids: list[int]) -> ColumnElement[bool]:
        """Asked for by id: joined to the group, PostgreSQL would read all users of the server."""
        return and_(is_one_of(self.session, User.id, user_ids), User.deleted.is_(False))


def _membership(row: Any) -> Membership:
    return Membership(
        row.joined,
        _pseudonym(row) if row.pseudonym else None,
        row.hand_raised_at,
        bool(row.is_complete),
        row.is_on,
        row.is_instructor,
    )


def _pseudonym(row: Any) -> Pseudonym:
    return Pseudonym(row.pseudonym, row.colour, row.shape) if row.pseudonym else _NO_NAME


def _description(name: str) -> str:
    """What Galaxy's list of roles says of the role of this name."""
    return f"Members of the training '{name.removeprefix(COHORT_PREFIX)}' (galaxy-tiaas)"
