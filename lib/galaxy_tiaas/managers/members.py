"""Who the members of a training are on its dashboard."""

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

from ..domain.pseudonyms import (
    Pseudonym,
    pseudonyms,
)
from ..model import (
    Training,
    TrainingMember,
)
from .dialects import (
    insert_missing,
    is_one_of,
)
from .trainings import TrainingManager


class Member(NamedTuple):
    """A live account in the group of a training, and who it is on the dashboard."""

    user_id: int
    username: Optional[str]
    email: str
    joined_at: Optional[datetime]
    pseudonym: Pseudonym


class Roll(NamedTuple):
    """The live members of a class in the order in which they joined."""

    members: list[Member]
    #: Number of people in the group, the last to join, the sum of their ids.
    group: tuple[Any, ...]
    #: Number of live accounts, and when the last of them changed.
    accounts: tuple[Any, ...]
    #: Whether somebody was given a name only now, which the caller commits.
    named_now: bool


class MemberManager:
    """Gives out pseudonyms and reads them; people put into the group by other means get theirs when first seen."""

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager):
        self.session = session
        self.trainings = trainings

    def roll(self, training: Training) -> Roll:
        """All live members; whoever has no name yet is given one now."""
        rows = self._rows(training)
        nameless = [row.user_id for row in rows if row.pseudonym is None]
        if nameless:
            self._name(training, nameless)
            rows = self._rows(training)
        accounts = self._live_accounts([row.user_id for row in rows])
        members = [
            Member(row.user_id, account.username, account.email, row.create_time, _pseudonym(row))
            for row in rows
            if (account := accounts.get(row.user_id))
        ]
        group = (len(rows), max((row.id for row in rows), default=None), sum(row.user_id for row in rows) or None)
        changed = max((account.update_time for account in accounts.values()), default=None)
        return Roll(members, group, (len(accounts), changed), bool(nameless))

    def has_same_people(self, training: Training, roll: Roll) -> bool:
        """Whether nobody has joined or left since."""
        membership = UserGroupAssociation
        # SQLite gives the id of the last row again once that is deleted; hence the sum.
        statement = select(func.count(), func.max(membership.id), func.sum(membership.user_id)).where(
            membership.group_id == training.group_id
        )
        return tuple(self.session.execute(statement).one()) == roll.group

    def has_same_accounts(self, roll: Roll) -> bool:
        """Whether nobody has been deleted or renamed since; a fraction of reading them again."""
        user_ids = [member.user_id for member in roll.members]
        statement = select(func.count(), func.max(User.update_time)).where(self._is_live(user_ids))
        return tuple(self.session.execute(statement).one()) == roll.accounts

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

    def pseudonym(self, training: Training, user_id: int) -> Pseudonym:
        """The name of one member, given now if there is none yet; the caller commits."""
        found = self._stored(training, user_id)
        if found is None:
            self._name(training, [user_id])
            found = self._stored(training, user_id)
            assert found
        return found

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

    def _stored(self, training: Training, user_id: int) -> Optional[Pseudonym]:
        return self.stored([training], user_id).get(training.id)

    def _name(self, training: Training, user_ids: list[int]) -> None:
        """Give names to members who have none; where two do so at once, the unique constraints decide."""
        taken = self._names(training)
        while nameless := [user_id for user_id in user_ids if user_id not in taken]:
            given = pseudonyms(self.trainings.secret(), training.id, nameless, taken.values())
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
            taken = self._names(training)

    def _names(self, training: Training) -> dict[int, str]:
        """All names of a training by user, those of people who have left included."""
        statement = select(TrainingMember.user_id, TrainingMember.pseudonym).where(
            TrainingMember.training_id == training.id
        )
        return {user_id: name for user_id, name in self.session.execute(statement)}


def _pseudonym(row: Any) -> Pseudonym:
    return Pseudonym(row.pseudonym, row.colour, row.shape)
