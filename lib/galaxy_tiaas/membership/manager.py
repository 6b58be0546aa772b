"""Who the members of a training are on its dashboard."""

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
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    ColumnElement,
    delete,
    func,
    select,
)

from ..core.db import (
    insert_missing,
    is_one_of,
)
from ..core.model import (
    Training,
    TrainingMember,
)
from ..trainings.manager import TrainingManager
from .pseudonyms import (
    Pseudonym,
    pseudonyms,
)


class Member(NamedTuple):
    """A live account in the group of a training, and who it is on the dashboard."""

    user_id: int
    username: Optional[str]
    email: str
    joined_at: Optional[datetime]
    pseudonym: Pseudonym

    def fields(self, named: bool) -> dict[str, Any]:
        """As the JSON API shows somebody; ``named``: to those who may see public names."""
        return self.pseudonym.with_username(self.username, named)


class Roster(NamedTuple):
    """The live members of a class in the order in which they joined."""

    #: Those who have a name.
    members: list[Member]
    #: Ids of the others, whom somebody put into the group past this extension.
    unnamed: list[int]
    #: Number of people in the group, the last to join, the sum of their ids.
    group: tuple[Any, ...]
    #: Number of live accounts, and when the last of them changed.
    accounts: tuple[Any, ...]


class MemberManager:
    """Reads the members of a training and their pseudonyms, and gives pseudonyms to those who have none."""

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager):
        self.session = session
        self.trainings = trainings

    def roster(self, training: Training) -> Roster:
        """All live members."""
        rows = self._rows(training)
        accounts = self._live_accounts([row.user_id for row in rows])
        live = [(row, accounts[row.user_id]) for row in rows if row.user_id in accounts]
        members = [
            Member(row.user_id, account.username, account.email, row.create_time, _pseudonym(row))
            for row, account in live
            if row.pseudonym is not None
        ]
        unnamed = [row.user_id for row, _ in live if row.pseudonym is None]
        group = (len(rows), max((row.id for row in rows), default=None), sum(row.user_id for row in rows) or None)
        changed = max((account.update_time for account in accounts.values()), default=None)
        return Roster(members, unnamed, group, (len(accounts), changed))

    def has_same_people(self, training: Training, roster: Roster) -> bool:
        """Whether nobody has joined or left since."""
        membership = UserGroupAssociation
        # SQLite gives the id of the last row again once that is deleted; hence the sum.
        statement = select(func.count(), func.max(membership.id), func.sum(membership.user_id)).where(
            membership.group_id == training.group_id
        )
        return tuple(self.session.execute(statement).one()) == roster.group

    def has_same_accounts(self, roster: Roster) -> bool:
        """Whether nobody has been deleted or renamed since; a fraction of reading them again."""
        user_ids = [member.user_id for member in roster.members]
        statement = select(func.count(), func.max(User.update_time)).where(self._is_live(user_ids))
        return tuple(self.session.execute(statement).one()) == roster.accounts

    def _rows(self, training: Training) -> list[Any]:
        """Who is in the group, in order of joining; with a name if there is one already."""
        statement = (
            select(
                UserGroupAssociation.id,
                UserGroupAssociation.user_id,
                UserGroupAssociation.create_time,
                TrainingMember.pseudonym,
                TrainingMember.colour,
                TrainingMember.shape,
            )
            .outerjoin(
                TrainingMember,
                and_(
                    TrainingMember.training_id == training.id,
                    TrainingMember.user_id == UserGroupAssociation.user_id,
                ),
            )
            .where(UserGroupAssociation.group_id == training.group_id)
            .order_by(UserGroupAssociation.id)
        )
        return list(self.session.connection().execute(statement).all())

    def _live_accounts(self, user_ids: list[int]) -> dict[int, Any]:
        """Rows of those who have not been deleted, by id."""
        statement = select(User.id, User.username, User.email, User.update_time).where(self._is_live(user_ids))
        return {row.id: row for row in self.session.connection().execute(statement)}

    def _is_live(self, user_ids: list[int]) -> ColumnElement[bool]:
        """Asked for by id: joined to the group, PostgreSQL would read all users of the server."""
        return and_(is_one_of(self.session, User.id, user_ids), User.deleted.is_(False))

    def pseudonym(self, training: Training, user_id: int) -> Optional[Pseudonym]:
        """The name of one member, if they have been given one."""
        return self._names_of(training, [user_id]).get(user_id)

    def name_members(self, training: Training, user_ids: Sequence[int]) -> dict[int, Pseudonym]:
        """Give a name to those of these people who have none in this training; the caller commits.

        If two transactions do so at once, the unique constraints decide.

        :param user_ids: in the order in which they joined.
        :returns: the names of all these people.
        """
        named: dict[int, Pseudonym] = {}
        taken: Collection[str] = ()
        while unnamed := [user_id for user_id in user_ids if user_id not in named]:
            given = pseudonyms(self.trainings.secret(), training.id, unnamed, taken)
            rows = [
                {
                    "training_id": training.id,
                    "user_id": user_id,
                    "pseudonym": pseudonym.name,
                    "colour": pseudonym.colour,
                    "shape": pseudonym.shape,
                }
                for user_id, pseudonym in given.items()
            ]
            insert_missing(self.session, TrainingMember.__table__, rows)  # type: ignore[arg-type]
            named = self._names_of(training, user_ids)
            if len(named) < len(user_ids):
                taken = self._taken(training)
        return named

    def forget(self, training: Training, user_id: int) -> None:
        """Delete the name of one member; where the training goes on, somebody else might be given it."""
        self.session.execute(
            delete(TrainingMember).where(TrainingMember.training_id == training.id, TrainingMember.user_id == user_id)
        )

    def stored(self, trainings: list[Training], user_id: int) -> dict[int, Pseudonym]:
        """Names of one person by the id of the training, where there is one."""
        statement = select(TrainingMember).where(
            TrainingMember.training_id.in_([training.id for training in trainings]), TrainingMember.user_id == user_id
        )
        return {row.training_id: _pseudonym(row) for row in self.session.scalars(statement)}

    def _names_of(self, training: Training, user_ids: Sequence[int]) -> dict[int, Pseudonym]:
        statement = select(
            TrainingMember.user_id, TrainingMember.pseudonym, TrainingMember.colour, TrainingMember.shape
        ).where(TrainingMember.training_id == training.id, is_one_of(self.session, TrainingMember.user_id, user_ids))
        return {row.user_id: _pseudonym(row) for row in self.session.execute(statement)}

    def _taken(self, training: Training) -> list[str]:
        """All names in a training, those of people who have left included."""
        return list(
            self.session.scalars(select(TrainingMember.pseudonym).where(TrainingMember.training_id == training.id))
        )


def _pseudonym(row: Any) -> Pseudonym:
    return Pseudonym(row.pseudonym, row.colour, row.shape)
