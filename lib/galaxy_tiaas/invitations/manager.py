"""Invitations to teach, in the database."""

from collections.abc import (
    Collection,
    Mapping,
    Sequence,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    ColumnElement,
    delete,
    exists,
    or_,
    RowMapping,
    select,
)

from ..core.model import (
    Training,
    TrainingInstructor,
    TrainingInvitation,
)
from ..trainings.states import (
    InvitationState,
    oldest_valid,
    TrainingState,
)

#: Invitations are counted over this time.
COUNTED = timedelta(hours=1)


class InvitationManager:
    """Reads and writes invitations; the caller locks the training and commits."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def sent(self, user_id: int, now: datetime) -> Sequence[datetime]:
        """When somebody invited others within the last hour, oldest first.

        Until the transaction ends, invitations of the same person in other transactions wait. On SQLite, one that has
        written something keeps all others from writing.
        """
        self.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
        statement = (
            select(TrainingInvitation.created)
            .where(TrainingInvitation.invited_by == user_id, TrainingInvitation.created > now - COUNTED)
            .order_by(TrainingInvitation.created)
        )
        return self.session.scalars(statement).all()

    def drop_expired(self, training: Training, now: datetime) -> None:
        """Delete invitations of one training that cannot be accepted any more."""
        kept = [
            invitation
            for invitation in training.invitations
            if invitation.state == InvitationState.ACCEPTED or invitation.created > oldest_valid(now)
        ]
        if len(kept) < len(training.invitations):
            training.invitations = kept
            self.session.flush()

    def add(
        self, training: Training, accounts: Mapping[str, Optional[int]], invited_by: Optional[int], now: datetime
    ) -> list[Optional[int]]:
        """Invite people, each text with the account that it means.

        :returns: for each invitation the account that learns of it: nobody twice, and nobody who teaches already or has
            been invited before.
        """
        told = {*training.teacher_ids, *(invitation.user_id for invitation in training.invitations)}
        to_tell: list[Optional[int]] = []
        for typed, user_id in accounts.items():
            to_tell.append(None if user_id in told else user_id)
            told.add(user_id)
            training.invitations.append(
                TrainingInvitation(typed=typed, user_id=user_id, invited_by=invited_by, created=now)
            )
        self.session.flush()
        return to_tell

    def received(self, user_id: int, now: datetime) -> Sequence[RowMapping]:
        """The open invitations of somebody, with training and public name of who invited them; newest first.

        Where several texts mean the same person, the latest counts.
        """
        teaches = exists().where(TrainingInstructor.training_id == Training.id, TrainingInstructor.user_id == user_id)
        statement = (
            select(
                Training.identifier,
                Training.title,
                Training.start,
                Training.end,
                Training.timezone,
                TrainingInvitation.created.label("invited_at"),
                User.username.label("invited_by"),
            )
            .join(Training, Training.id == TrainingInvitation.training_id)
            .outerjoin(User, and_(User.id == TrainingInvitation.invited_by, User.deleted.is_(False)))
            .where(
                TrainingInvitation.user_id == user_id,
                TrainingInvitation.state == InvitationState.OPEN.value,
                TrainingInvitation.created > oldest_valid(now),
                Training.state != TrainingState.CANCELLED.value,
                or_(Training.requester_id.is_(None), Training.requester_id != user_id),
                ~teaches,
            )
            .order_by(TrainingInvitation.created.desc(), TrainingInvitation.id.desc())
        )
        found = {row["identifier"]: row for row in reversed(self.session.execute(statement).mappings().all())}
        return [*reversed(found.values())]

    def accounts(self, user_ids: Collection[int]) -> dict[int, tuple[str, str]]:
        """Public name and e-mail address of live accounts."""
        statement = select(User.id, User.username, User.email).where(User.id.in_(user_ids), User.deleted.is_(False))
        return {user_id: (username or "", email) for user_id, username, email in self.session.execute(statement)}

    @staticmethod
    def is_outdated(now: datetime) -> ColumnElement[bool]:
        """The condition that an invitation has expired and is to be deleted."""
        return and_(
            TrainingInvitation.created <= oldest_valid(now),
            TrainingInvitation.state != InvitationState.ACCEPTED.value,
        )

    def delete_outdated(self, now: datetime) -> int:
        """Delete what has expired in all trainings.

        :returns: how many.
        """
        statement = delete(TrainingInvitation).where(self.is_outdated(now))
        result: Any = self.session.execute(statement.execution_options(synchronize_session=False))
        return result.rowcount
