"""Takes the extension out of Galaxy's database."""

from dataclasses import dataclass
from typing import (
    Any,
    NamedTuple,
)

from galaxy.model import (
    Group,
    GroupRoleAssociation,
    Role,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    ColumnElement,
    delete,
    exists,
    func,
    select,
    update,
)

from ..core.db import (
    begin_writing,
    limit_waiting,
)
from ..core.model import (
    migrate,
    Training,
)

#: Dropping tables that refer to Galaxy's makes Galaxy wait as well.
_LOCK_SECONDS = 10


class Inventory(NamedTuple):
    """Numbers of what there is of ours: tables, trainings, their groups, roles and group–role associations."""

    tables: int
    trainings: int = 0
    links: int = 0
    groups: int = 0
    roles: int = 0


@dataclass
class RemovalService:
    """Needs no settings, and works with the tables of older versions."""

    session: galaxy_scoped_session

    def inventory(self) -> Inventory:
        """:raises NewerTables: if there may be tables that this version does not know."""
        connection = self.session.connection()
        if newer := migrate.newer_tables(connection):
            raise newer
        tables = migrate.existing_tables(connection)
        if Training.__tablename__ not in tables:
            return Inventory(len(tables))
        return Inventory(
            len(tables),
            self._count(Training.id),
            self._count(GroupRoleAssociation.id, _is_link()),
            self._count(Group.id, _has_training(Group), Group.deleted.is_not(True)),
            self._count(Role.id, _has_training(Role), Role.deleted.is_not(True)),
        )

    def remove(self, *, cohorts: bool) -> None:
        """Drop our tables and remove the group–role associations of all trainings.

        :param cohorts: also mark groups and roles as deleted, as Galaxy's admin panel does.
        :raises NewerTables: as :meth:`inventory`.
        """
        begin_writing(self.session)
        found = self.inventory()
        limit_waiting(self.session, _LOCK_SECONDS)
        if found.trainings:
            self._execute(delete(GroupRoleAssociation).where(_is_link()))
            if cohorts:
                self._execute(update(Group).where(_has_training(Group)).values(deleted=True))
                self._execute(update(Role).where(_has_training(Role)).values(deleted=True))
        migrate.drop(self.session.connection())
        self.session.commit()

    def _count(self, column: Any, *conditions: ColumnElement[bool]) -> int:
        return self.session.scalar(select(func.count(column)).where(*conditions)) or 0

    def _execute(self, statement: Any) -> None:
        self.session.execute(statement.execution_options(synchronize_session=False))


def _is_link() -> ColumnElement[bool]:
    """The condition that a group–role association is the switch of a training."""
    association = GroupRoleAssociation
    return exists().where(Training.group_id == association.group_id, Training.role_id == association.role_id)


def _has_training(model: Any) -> ColumnElement[bool]:
    """The condition that a group or role is a training's."""
    return exists().where((Training.group_id if model is Group else Training.role_id) == model.id)
