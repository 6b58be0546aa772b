"""The Galaxy group and role of a training: the only place that touches them.

The group holds people, from approval on and for good. The group–role association is the switch that
makes their jobs special: it exists exactly while the training is approved and its window open.
"""

from collections.abc import (
    Collection,
    Sequence,
)
from datetime import datetime
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
    delete,
    func,
    select,
    union,
)

from ..core.config import TiaasConfig
from ..core.db import insert_once, unless_taken
from ..core.exceptions import CohortNameTaken
from ..core.model import Training, TrainingMember
from ..trainings.identifiers import cohort_name, COHORT_PREFIX
from ..trainings.states import TrainingPhase, TrainingState
from .pseudonyms import Pseudonym


class Membership(NamedTuple):
    """What a user is in a training, and what there is of its cohort."""

    #: Whether the user is in the group.
    joined: bool
    #: Who the user is on the dashboard; who has left keeps the name.
    pseudonym: Optional[Pseudonym]
    hand_raised_at: Optional[datetime]
    #: Whether group and role are there, and none of them is deleted; whether they are associated.
    is_complete: bool
    is_on: bool


class CohortManager:
    """Makes, fills, switches and renames cohorts."""

    def __init__(self, session: galaxy_scoped_session, config: TiaasConfig):
        self.session = session
        self.config = config

    def ensure(self, training: Training) -> None:
        """Make the group and the role of a training, or the one of them that an admin has purged.

        :raises CohortNameTaken: if a group or role of that name exists and is not ours. Group names are
            unique in Galaxy, so of two that try at once one wins and the other ends here.
        """
        name = cohort_name(training.identifier)
        group, role = self._group(training), self._role(training)
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
        group, role = self._group(training), self._role(training)
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

    def add_member(self, training: Training, user_id: int, now: datetime) -> bool:
        """Add a user to the group, which is there. If others do the same at this moment, it still happens once.

        :returns: whether the user was not a member before.
        """
        values = {"user_id": user_id, "group_id": training.group_id, "create_time": now, "update_time": now}
        return insert_once(self.session, UserGroupAssociation.__table__, values)  # type: ignore[arg-type]

    def remove_member(self, training: Training, user_id: int) -> bool:
        """Remove a user from the group.

        :returns: whether the user was a member.
        """
        statement = delete(UserGroupAssociation).where(
            UserGroupAssociation.group_id == training.group_id, UserGroupAssociation.user_id == user_id
        )
        return self.session.execute(statement).rowcount > 0  # type: ignore[attr-defined]

    def membership(self, training: Training, user_id: int) -> Membership:
        """What a user is in a training, in one statement."""
        association, member = UserGroupAssociation, TrainingMember
        statement = (
            select(
                association.id.label("association_id"),
                member.pseudonym,
                member.colour,
                member.shape,
                member.hand_raised_at,
                and_(Group.deleted.is_(False), Role.deleted.is_(False)).label("is_complete"),
                GroupRoleAssociation.id.label("switch_id"),
            )
            .select_from(Training)
            .outerjoin(Group, Group.id == Training.group_id)
            .outerjoin(Role, Role.id == Training.role_id)
            .outerjoin(
                GroupRoleAssociation,
                and_(GroupRoleAssociation.group_id == Group.id, GroupRoleAssociation.role_id == Role.id),
            )
            .outerjoin(association, and_(association.group_id == Group.id, association.user_id == user_id))
            .outerjoin(member, and_(member.training_id == Training.id, member.user_id == user_id))
            .where(Training.id == training.id)
        )
        row = self.session.execute(statement).one()
        return Membership(
            joined=row.association_id is not None,
            pseudonym=Pseudonym(row.pseudonym, row.colour, row.shape) if row.pseudonym else None,
            hand_raised_at=row.hand_raised_at,
            is_complete=bool(row.is_complete),
            is_on=row.switch_id is not None,
        )

    def is_member(self, training: Training, user_id: Optional[int]) -> bool:
        statement = select(UserGroupAssociation.id).where(
            UserGroupAssociation.group_id == training.group_id, UserGroupAssociation.user_id == user_id
        )
        return self.session.scalar(statement) is not None

    def memberships(self, group_ids: list[int], user_id: int) -> set[int]:
        """Those of the given groups that the user is in."""
        statement = select(UserGroupAssociation.group_id).where(
            UserGroupAssociation.group_id.in_(group_ids), UserGroupAssociation.user_id == user_id
        )
        return set(self.session.scalars(statement))

    def count_members(self, trainings: Sequence[Training]) -> dict[int, int]:
        """Number of live members by the id of the training, counted by the database in one query."""
        groups = {training.group_id: training.id for training in trainings if training.group_id}
        if not groups:
            return {}
        statement = (
            select(UserGroupAssociation.group_id, func.count())
            .join(User, User.id == UserGroupAssociation.user_id)
            .where(UserGroupAssociation.group_id.in_(groups), User.deleted.is_(False))
            .group_by(UserGroupAssociation.group_id)
        )
        return {groups[group_id]: count for group_id, count in self.session.execute(statement)}

    def should_be_on(self, training: Training, now: datetime) -> bool:
        """Whether the training's resources are available at ``now``."""
        if training.state != TrainingState.APPROVED:
            return False
        return training.window(self.config.join_flex_hours).phase(now) is TrainingPhase.ONGOING

    def switch(self, training: Training, now: datetime) -> bool:
        """Make or remove the group–role association, whichever is due.

        :returns: whether anything had to be done.
        :raises CohortNameTaken: as :meth:`ensure`.
        """
        if self.should_be_on(training, now):
            self.ensure(training)
            values = {
                "group_id": training.group_id,
                "role_id": training.role_id,
                "create_time": now,
                "update_time": now,
            }
            return insert_once(self.session, GroupRoleAssociation.__table__, values)  # type: ignore[arg-type]
        statement = delete(GroupRoleAssociation).where(
            GroupRoleAssociation.group_id == training.group_id, GroupRoleAssociation.role_id == training.role_id
        )
        return self.session.execute(statement).rowcount > 0  # type: ignore[attr-defined]

    def _group(self, training: Training) -> Optional[Group]:
        return self.session.get(Group, training.group_id) if training.group_id else None

    def _role(self, training: Training) -> Optional[Role]:
        return self.session.get(Role, training.role_id) if training.role_id else None

    def _ensure_free(self, kind: str, name: str) -> None:
        model: Any = Group if kind == "group" else Role
        if self.session.scalar(select(model.id).where(model.name == name).limit(1)) is not None:
            raise CohortNameTaken(kind, name)


def _description(name: str) -> str:
    """What Galaxy's list of roles says of the role of this name."""
    return f"Members of the training '{name.removeprefix(COHORT_PREFIX)}' (galaxy-tiaas)"
