"""What came from a tiaas2: its trainings, and the groups and roles that it has made for them."""

from collections import defaultdict
from collections.abc import (
    Collection,
    Iterable,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    time,
)
from typing import (
    Any,
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
    Row,
    select,
    update,
)
from sqlalchemy.orm import lazyload

from ..core.config import TiaasConfig
from ..core.db import is_one_of
from ..core.model import (
    Training,
    TrainingEvent,
)
from ..membership.manager import CohortManager
from ..trainings.identifiers import (
    cohort_name,
    COHORT_PREFIX,
)
from ..trainings.manager import TrainingManager
from ..trainings.states import TrainingState
from .reader import (
    OldTraining,
    printable,
)

#: How the history calls it.
IMPORTED = "imported"
#: The field of that line of the history which says from which row; it is nothing personal and stays.
_ROW = "tiaas2_id"


@dataclass(frozen=True)
class FoundCohort:
    """The group and the role that there are for a training, and what a person should know about them."""

    group: Optional[Row[Any]]
    role: Optional[Row[Any]]
    remarks: tuple[str, ...] = ()


class Inventory:
    """All groups and roles of this Galaxy that are called ``training-…``, read once, in four queries."""

    def __init__(self, session: galaxy_scoped_session):
        is_cohort = func.lower(Group.name).like(f"{COHORT_PREFIX}%")
        groups = select(Group.id, Group.name, Group.deleted).where(is_cohort)
        roles = select(Role.id, Role.name, Role.deleted, Role.type)
        links = select(GroupRoleAssociation.group_id, GroupRoleAssociation.role_id)
        owners = select(Training.identifier, Training.group_id, Training.role_id)
        self._groups = _by_name(session.execute(groups))
        self._roles = _by_name(session.execute(roles.where(func.lower(Role.name).like(f"{COHORT_PREFIX}%"))))
        self._roles_of: defaultdict[int, set[int]] = defaultdict(set)
        of_cohorts = links.join(Group, Group.id == GroupRoleAssociation.group_id).where(is_cohort)
        for group_id, role_id in session.execute(of_cohorts):
            self._roles_of[group_id].add(role_id)
        self._owner_of_group: dict[Optional[int], str] = {}
        self._owner_of_role: dict[Optional[int], str] = {}
        for identifier, group_id, role_id in session.execute(owners):
            self._owner_of_group[group_id], self._owner_of_role[role_id] = identifier, identifier

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
        is_of_service = group and role and role.type == Role.types.SYSTEM and role.id in self._roles_of[group.id]
        if old.state is not TrainingState.APPROVED and not is_of_service:
            left = " and ".join(kind for kind, thing in (("group", group), ("role", role)) if thing)
            why = f"the training is not approved: its {left} '{name}' was left alone"
            return FoundCohort(None, None, (why,) if left else ())
        return FoundCohort(group, role, tuple(remarks))

    def identifiers(self) -> set[str]:
        """Those for which there is a group or a role, whatever its case, deleted ones included."""
        names = (name for things in (self._groups, self._roles) for name, found in things.items() if found)
        return {name.removeprefix(COHORT_PREFIX) for name in names}

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

    def _group(self, name: str, written: str, remarks: list[str]) -> Optional[Row[Any]]:
        candidates = sorted(
            self._groups[name], key=lambda g: (bool(g.deleted), g.name != name, g.name != written, g.id)
        )
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

    def _role(self, name: str, group: Optional[Row[Any]], remarks: list[str]) -> Optional[Row[Any]]:
        free = [role for role in self._roles[name] if role.id not in self._owner_of_role]
        candidates = sorted(free, key=lambda r: (bool(r.deleted), r.name != name, r.id))
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


@dataclass
class ImportManager:
    """Writes what comes, recognises what came before, takes over cohorts, and repairs them; the caller commits."""

    session: galaxy_scoped_session
    config: TiaasConfig
    trainings: TrainingManager
    cohorts: CohortManager

    def all_here(self) -> dict[int, Row[Any]]:
        """Every training of this server by its id, as far as an import has to know."""
        statement = select(Training.id, Training.identifier, Training.state, Training.start, Training.end)
        return {row.id: row for row in self.session.execute(statement)}

    def identifiers(self) -> set[str]:
        """Those that a training of this server has or had."""
        return {*self.session.scalars(select(Training.identifier)), *self.trainings.all_former_identifiers()}

    def came_before(self) -> dict[tuple[int, str], int]:
        """Row and identifier of what was imported, to the id of the training, which may be called otherwise today."""
        statement = select(TrainingEvent.training_id, TrainingEvent.changes).where(TrainingEvent.action == IMPORTED)
        return {
            (changes[_ROW][1], changes["identifier"][1]): training_id
            for training_id, changes in self.session.execute(statement)
            if _ROW in changes and "identifier" in changes
        }

    def add(self, old: OldTraining, requester_id: Optional[int], now: datetime) -> Training:
        """Write a training and the first line of its history.

        Nobody is reminded of what has begun, nor thanked for what is over.
        """
        training = Training(
            **old.fields,
            identifier=old.identifier,
            state=old.state.value,
            requester_id=requester_id,
            email_confirmed=True,
            created=min(old.received or datetime.combine(old.start, time.min), now),
            redacted_at=now if old.redacted else None,
            updated=now,
        )
        training.set_days(old.start, old.end, self.config.timezone)
        training.reminded_at = now if training.starts_at <= now else None
        training.thanked_at = now if training.ends_at <= now else None
        training.location = old.location
        self.session.add(training)
        self.session.flush()
        changes = {"identifier": [None, old.identifier], _ROW: [None, old.row_id]}
        self.trainings.record(
            training, IMPORTED, now, user_id=None, via="import", to_state=TrainingState(old.state), changes=changes
        )
        return training

    def take_over(self, training: Training, found: FoundCohort, inventory: Inventory) -> None:
        """Give a training what was found; members stay, names get the case that they have here."""
        inventory.adopt(training, found)
        name = cohort_name(training.identifier)
        role_is_free = found.role is None or found.role.name == name or not inventory.has_role(name)
        if role_is_free and any(thing and thing.name != name for thing in (found.group, found.role)):
            self.cohorts.rename(training)
        self.session.flush()

    def broken(self, training_ids: Collection[int], now: datetime) -> list[tuple[Training, str]]:
        """Those of these trainings whose cohorts are not as they should be at ``now``, and why."""
        link = GroupRoleAssociation
        statement = (
            select(
                *(Training, Group.id.label("group"), Group.deleted.label("group_deleted")),
                *(Role.id.label("role"), Role.deleted.label("role_deleted"), link.id.label("link")),
            )
            .outerjoin(Group, Group.id == Training.group_id)
            .outerjoin(Role, Role.id == Training.role_id)
            .outerjoin(link, and_(link.group_id == Training.group_id, link.role_id == Training.role_id))
            .where(is_one_of(self.session, Training.id, sorted(training_ids)))
            .order_by(Training.starts_at, Training.id)
            .options(lazyload("*"))
        )
        found = ((row.Training, self._trouble(row, now)) for row in self.session.execute(statement))
        return [(training, trouble) for training, trouble in found if trouble]

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
        return training.state == TrainingState.APPROVED and not self._is_over(training, now)

    def _is_over(self, training: Training, now: datetime) -> bool:
        return training.window(self.config.join_flex_hours).is_over(now)

    def _trouble(self, row: Row[Any], now: datetime) -> str:
        training: Training = row.Training
        should_be_on = self.cohorts.should_be_on(training, now)
        if row.link is not None and not should_be_on:
            if training.state != TrainingState.APPROVED:
                return f"its role is linked to its group, and it is {training.state}"
            when = "is over" if self._is_over(training, now) else "has not begun"
            return f"its role is linked to its group, and it {when}"
        if not self.is_needed(training, now):
            return ""
        if row.group is None or row.role is None:
            things = " and ".join(name for name in ("group", "role") if getattr(row, name) is None)
            return f"it {'is running' if should_be_on else 'is to come'} without a {things}"
        if row.group_deleted or row.role_deleted:
            return f"its {'group' if row.group_deleted else 'role'} is marked as deleted in Galaxy"
        return "it is running, and its role is not linked to its group" if should_be_on and row.link is None else ""


def _by_name(things: Iterable[Row[Any]]) -> defaultdict[str, list[Row[Any]]]:
    found: defaultdict[str, list[Row[Any]]] = defaultdict(list)
    for thing in things:
        found[thing.name.lower()].append(thing)
    return found
