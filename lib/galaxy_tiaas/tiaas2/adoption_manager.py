"""Groups and roles that another service has made for its trainings, and what is wrong with them."""

from collections import defaultdict
from collections.abc import (
    Collection,
    Iterable,
)
from dataclasses import dataclass
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
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    func,
    select,
    update,
)
from sqlalchemy.orm import lazyload

from ..core.db import is_one_of
from ..core.model import Training
from ..membership.manager import CohortManager
from ..trainings.identifiers import (
    cohort_name,
    COHORT_PREFIX,
)
from ..trainings.states import TrainingState
from .rows import (
    OldTraining,
    printable,
)


class _Named(NamedTuple):
    """A group or a role."""

    id: int
    name: str
    deleted: bool
    type: Optional[str] = None


@dataclass(frozen=True)
class FoundCohort:
    """What there is for a training, and what a person should know about it."""

    group: Optional[_Named]
    role: Optional[_Named]
    remarks: tuple[str, ...]


class BrokenCohort(NamedTuple):
    """A cohort that is not as its training needs it."""

    training: Training
    trouble: str


class Inventory:
    """All groups and roles of this Galaxy that are called ``training-…``, read once."""

    def __init__(
        self,
        groups: Iterable[_Named],
        roles: Iterable[_Named],
        links: Iterable[tuple[int, int]],
        owners: Iterable[tuple[str, Optional[int], Optional[int]]],
    ):
        self._groups, self._roles = _by_name(groups), _by_name(roles)
        self._roles_of: defaultdict[int, set[int]] = defaultdict(set)
        for group_id, role_id in links:
            self._roles_of[group_id].add(role_id)
        self._owner_of_group: dict[Optional[int], str] = {}
        self._owner_of_role: dict[Optional[int], str] = {}
        for identifier, owned_group, owned_role in owners:
            self._owner_of_group[owned_group], self._owner_of_role[owned_role] = identifier, identifier

    def cohort_of(self, old: OldTraining) -> FoundCohort:
        """The group and the role of a training, in whatever case their names are written.

        A role is meant if it is linked to the group, or is the only one of its name and of the type that services
        make; those that admins make by hand have another. Before an approval there need not be a group, so one that
        is there belongs to a training only if its role says so.
        """
        remarks: list[str] = []
        name, written = cohort_name(old.identifier), f"{COHORT_PREFIX}{old.written}"
        group = self._group(name, written, remarks)
        role = self._role(name, group, remarks)
        if old.state is not TrainingState.APPROVED and not self._is_of_a_service(group, role):
            left = " and ".join(kind for kind, thing in (("group", group), ("role", role)) if thing)
            why = f"the training is not approved: its {left} '{name}' was left alone"
            return FoundCohort(None, None, (why,) if left else ())
        return FoundCohort(group, role, tuple(remarks))

    def has_role(self, name: str) -> bool:
        """Whether some role has exactly this name."""
        return any(role.name == name for role in self._roles[name])

    def adopt(self, training: Training, found: FoundCohort) -> None:
        """Nobody else gets what this training has."""
        training.group_id = found.group.id if found.group else None
        training.role_id = found.role.id if found.role else None
        for owners, thing in ((self._owner_of_group, found.group), (self._owner_of_role, found.role)):
            if thing:
                owners[thing.id] = training.identifier

    def _is_of_a_service(self, group: Optional[_Named], role: Optional[_Named]) -> bool:
        if group is None or role is None:
            return False
        return role.type == Role.types.SYSTEM and role.id in self._roles_of[group.id]

    def _group(self, name: str, written: str, remarks: list[str]) -> Optional[_Named]:
        candidates = sorted(self._groups[name], key=lambda g: (g.deleted, g.name != name, g.name != written, g.id))
        if not candidates:
            return None
        group, *others = candidates
        if owner := self._owner_of_group.get(group.id):
            remarks.append(f"the group {printable(group.name)} belongs to the training '{owner}'")
            return None
        if others:
            left = ", ".join(printable(other.name) for other in others)
            remarks.append(f"the group {printable(group.name)} was adopted, and {left} with its members left alone")
        return group

    def _role(self, name: str, group: Optional[_Named], remarks: list[str]) -> Optional[_Named]:
        free = [role for role in self._roles[name] if role.id not in self._owner_of_role]
        candidates = sorted(free, key=lambda r: (r.deleted, r.name != name, r.id))
        linked = [role for role in candidates if group and role.id in self._roles_of[group.id]]
        if linked:
            return linked[0]
        of_services = [role for role in candidates if role.type == Role.types.SYSTEM]
        living = [role for role in of_services if not role.deleted] or of_services
        if len(living) == 1:
            return living[0]
        if living:
            remarks.append(f"none of {len(living)} roles called '{name}' is linked to the group: none was adopted")
        elif candidates:
            remarks.append(f"the role '{name}' was made by hand and is not linked to the group: it was left alone")
        return None


class AdoptionManager:
    """Finds cohorts that another service has made, takes them over, and repairs them; the caller commits."""

    def __init__(self, session: galaxy_scoped_session, cohorts: CohortManager):
        self.session = session
        self.cohorts = cohorts

    def inventory(self) -> Inventory:
        """What there is, in four queries."""
        is_cohort = func.lower(Group.name).like(f"{COHORT_PREFIX}%")
        groups = self.session.execute(select(Group.id, Group.name, Group.deleted).where(is_cohort))
        roles = self.session.execute(
            select(Role.id, Role.name, Role.deleted, Role.type).where(func.lower(Role.name).like(f"{COHORT_PREFIX}%"))
        )
        links = self.session.execute(
            select(GroupRoleAssociation.group_id, GroupRoleAssociation.role_id)
            .join(Group, Group.id == GroupRoleAssociation.group_id)
            .where(is_cohort)
        )
        owners = self.session.execute(select(Training.identifier, Training.group_id, Training.role_id))
        return Inventory(
            (_Named(row.id, row.name, bool(row.deleted)) for row in groups),
            (_Named(row.id, row.name, bool(row.deleted), row.type) for row in roles),
            ((row.group_id, row.role_id) for row in links),
            ((row.identifier, row.group_id, row.role_id) for row in owners),
        )

    def take_over(self, training: Training, found: FoundCohort, inventory: Inventory) -> None:
        """Give a training what was found; members stay, names get the case that they have here."""
        inventory.adopt(training, found)
        name = cohort_name(training.identifier)
        role_is_free = found.role is None or found.role.name == name or not inventory.has_role(name)
        if role_is_free and any(thing and thing.name != name for thing in (found.group, found.role)):
            self.cohorts.rename(training)
        self.session.flush()

    def broken(self, training_ids: Collection[int], now: datetime) -> list[BrokenCohort]:
        """Which of the cohorts of these trainings are not as they should be at ``now``, and why."""
        link = GroupRoleAssociation
        statement = (
            select(Training, Group.id, Group.deleted, Role.id, Role.deleted, link.id)
            .outerjoin(Group, Group.id == Training.group_id)
            .outerjoin(Role, Role.id == Training.role_id)
            .outerjoin(link, and_(link.group_id == Training.group_id, link.role_id == Training.role_id))
            .where(is_one_of(self.session, Training.id, sorted(training_ids)))
            .order_by(Training.starts_at, Training.id)
            .options(lazyload("*"))
        )
        rows = self.session.execute(statement)
        found = ((row[0], self._trouble(row[0], now, *row[1:])) for row in rows)
        return [BrokenCohort(training, trouble) for training, trouble in found if trouble]

    def repair(self, training: Training, now: datetime) -> None:
        """Make a cohort what its training needs now.

        :raises CohortNameTaken: if a foreign group or role has the name of one that is missing.
        """
        if self.is_needed(training, now):
            for model, row_id in ((Group, training.group_id), (Role, training.role_id)):
                table: Any = model.__table__
                self.session.execute(update(table).where(table.c.id == row_id).values(deleted=False))
            self.cohorts.ensure(training)
        self.cohorts.switch(training, now)

    def is_needed(self, training: Training, now: datetime) -> bool:
        """Whether people may be in the training now or later."""
        is_over = training.window(self.cohorts.config.join_flex_hours).is_over(now)
        return training.state == TrainingState.APPROVED and not is_over

    def _trouble(
        self,
        training: Training,
        now: datetime,
        group: Optional[int],
        group_deleted: Optional[bool],
        role: Optional[int],
        role_deleted: Optional[bool],
        link: Optional[int],
    ) -> str:
        if link is not None and not self.cohorts.should_be_on(training, now):
            if training.state != TrainingState.APPROVED:
                return f"its role is linked to its group, and it is {training.state}"
            over = training.window(self.cohorts.config.join_flex_hours).is_over(now)
            return f"its role is linked to its group, and it {'is over' if over else 'has not begun'}"
        if not self.is_needed(training, now):
            return ""
        running = self.cohorts.should_be_on(training, now)
        if group is None or role is None:
            things = " and ".join(name for name, thing in (("group", group), ("role", role)) if thing is None)
            return f"it {'is running' if running else 'is to come'} without a {things}"
        if group_deleted or role_deleted:
            return f"its {'group' if group_deleted else 'role'} is marked as deleted in Galaxy"
        return "it is running, and its role is not linked to its group" if running and link is None else ""


def _by_name(things: Iterable[_Named]) -> defaultdict[str, list[_Named]]:
    found: defaultdict[str, list[_Named]] = defaultdict(list)
    for thing in things:
        found[thing.name.lower()].append(thing)
    return found
