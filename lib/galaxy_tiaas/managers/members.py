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


class MemberManager:
    """Gives out names and reads them. Whoever was put into the group by other means gets a name when first seen."""

    def __init__(self, session: galaxy_scoped_session, trainings: TrainingManager):
        self.session = session
        self.trainings = trainings

    def all(self, training: Training) -> tuple[list[Member], bool]:
        """All live members in the order in which they joined.

        :returns: besides, whether somebody was given a name only now, which the caller commits.
        """
        rows = self._rows(training)
        nameless = [row.user_id for row in rows if row.pseudonym is None]
        if nameless:
            self._name(training, nameless)
            rows = self._rows(training)
        accounts = self._live_accounts([row.user_id for row in rows])
        members = [
            Member(user_id, *accounts[user_id], joined_at, Pseudonym(name, colour, shape))
            for user_id, joined_at, name, colour, shape in rows
            if user_id in accounts
        ]
        return members, bool(nameless)

    def version(self, training: Training) -> tuple[int, int]:
        """Changes whenever somebody is put into the group or taken out of it."""
        statement = select(func.count(), func.coalesce(func.max(UserGroupAssociation.id), 0)).where(
            UserGroupAssociation.group_id == training.group_id
        )
        count, newest = self.session.execute(statement).one()
        return count, newest

    def _rows(self, training: Training) -> list[Any]:
        """Who is in the group, in order of joining; with a name if there is one already."""
        statement = (
            select(
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

    def _live_accounts(self, user_ids: list[int]) -> dict[int, tuple[Optional[str], str]]:
        """Public name and e-mail address of those who have not been deleted.

        Asked for by id: joined to the group, PostgreSQL would read all users of the server.
        """
        statement = select(User.id, User.username, User.email).where(
            is_one_of(self.session, User.id, user_ids), User.deleted.is_(False)
        )
        rows = self.session.connection().execute(statement).all()
        return {user_id: (username, email) for user_id, username, email in rows}

    def pseudonym(self, training: Training, user_id: int) -> Pseudonym:
        """The name of one member, given now if there is none yet; the caller commits."""
        found = self._stored(training, user_id)
        if found is None:
            self._name(training, [user_id])
            found = self._stored(training, user_id)
            assert found
        return found

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


def _pseudonym(row: TrainingMember) -> Pseudonym:
    return Pseudonym(row.pseudonym, row.colour, row.shape)
