"""Everything that our tables hold about one person."""

from collections.abc import (
    Collection,
    Iterable,
    Sequence,
)
from typing import Any

from galaxy.model import (
    Group,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    ColumnElement,
    exists,
    func,
    or_,
    Row,
    select,
)

from ..core.model import (
    Delivery,
    Message,
    Training,
    TrainingAnswer,
    TrainingChange,
    TrainingContact,
    TrainingEvent,
    TrainingInstructor,
    TrainingInvitation,
    TrainingMember,
    TrainingQuestion,
)


class PersonManager:
    """One question for each table, asked for several accounts and addresses (lower case) at once."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def requested(self, user_ids: Iterable[int], addresses: Iterable[str]) -> Sequence[Training]:
        """Trainings that they asked for, or whose contact they are."""
        statement = (
            select(Training)
            .where(or_(Training.requester_id.in_(user_ids), func.lower(Training.email).in_(addresses)))
            .order_by(Training.id)
        )
        return self.session.scalars(statement).all()

    def taught(self, user_ids: Iterable[int]) -> Sequence[str]:
        """Identifiers of trainings that they teach for somebody else."""
        statement = (
            select(Training.identifier)
            .where(
                exists().where(TrainingInstructor.training_id == Training.id, TrainingInstructor.user_id.in_(user_ids))
            )
            .order_by(Training.id)
        )
        return self.session.scalars(statement).all()

    def invited(self, user_ids: Collection[int], called: Collection[str]) -> Sequence[Row[Any]]:
        """Invitations to teach that they have got, as accounts or under these names and addresses (lower case)."""
        to_them = or_(TrainingInvitation.user_id.in_(user_ids), func.lower(TrainingInvitation.typed).in_(called))
        return self._invitations(to_them)

    def inviting(self, user_ids: Iterable[int]) -> Sequence[Row[Any]]:
        """Invitations to teach that they have sent."""
        return self._invitations(TrainingInvitation.invited_by.in_(user_ids))

    def _invitations(self, which: ColumnElement[bool]) -> Sequence[Row[Any]]:
        statement = (
            select(Training.identifier, TrainingInvitation.typed, TrainingInvitation.created, TrainingInvitation.state)
            .join(Training, Training.id == TrainingInvitation.training_id)
            .where(which)
            .order_by(TrainingInvitation.id)
        )
        return self.session.execute(statement).all()

    def joined(self, user_ids: Iterable[int]) -> Sequence[Row[Any]]:
        """Cohorts that they are in, and since when."""
        statement = (
            select(Training.identifier, Training.title, UserGroupAssociation.create_time, Group.name.label("group"))
            .join(Training, Training.group_id == UserGroupAssociation.group_id)
            .join(Group, Group.id == UserGroupAssociation.group_id)
            .where(UserGroupAssociation.user_id.in_(user_ids))
            .order_by(Training.id)
        )
        return self.session.execute(statement).all()

    def shown_as(self, user_ids: Iterable[int]) -> Sequence[Row[Any]]:
        """Who they are on dashboards, also of trainings that they have left."""
        statement = (
            select(
                Training.identifier,
                TrainingMember.pseudonym,
                TrainingMember.colour,
                TrainingMember.shape,
                TrainingMember.hand_raised_at,
            )
            .join(Training, Training.id == TrainingMember.training_id)
            .where(TrainingMember.user_id.in_(user_ids))
            .order_by(TrainingMember.id)
        )
        return self.session.execute(statement).all()

    def answers(self, user_ids: Iterable[int]) -> Sequence[Row[Any]]:
        statement = (
            select(Training.identifier, TrainingQuestion.text, TrainingAnswer.done, TrainingAnswer.time)
            .join(TrainingQuestion, TrainingQuestion.id == TrainingAnswer.question_id)
            .join(Training, Training.id == TrainingQuestion.training_id)
            .where(TrainingAnswer.user_id.in_(user_ids))
            .order_by(TrainingAnswer.id)
        )
        return self.session.execute(statement).all()

    def contacts(self, training_ids: Iterable[int], addresses: Iterable[str]) -> Sequence[Row[Any]]:
        """Contact addresses that these trainings have asked by mail, and trainings that have asked these addresses."""
        statement = (
            select(Training.identifier, TrainingContact.address, TrainingContact.asked_at, TrainingContact.confirmed_at)
            .join(Training, Training.id == TrainingContact.training_id)
            .where(or_(TrainingContact.training_id.in_(training_ids), TrainingContact.address.in_(addresses)))
            .order_by(TrainingContact.id)
        )
        return self.session.execute(statement).all()

    def wishes(self, user_ids: Iterable[int]) -> Sequence[Row[Any]]:
        """Changes that they asked for and nobody has decided."""
        statement = (
            select(Training.identifier, TrainingChange.time, TrainingChange.changes)
            .join(Training, Training.id == TrainingChange.training_id)
            .where(TrainingChange.user_id.in_(user_ids))
            .order_by(TrainingChange.id)
        )
        return self.session.execute(statement).all()

    def events(self, user_ids: Iterable[int], training_ids: Iterable[int]) -> Sequence[Row[Any]]:
        """What they did, and everything that was done to these trainings."""
        statement = (
            select(
                Training.identifier,
                TrainingEvent.time,
                TrainingEvent.user_id,
                TrainingEvent.via,
                TrainingEvent.action,
                TrainingEvent.from_state,
                TrainingEvent.to_state,
                TrainingEvent.note,
                TrainingEvent.changes,
            )
            .join(Training, Training.id == TrainingEvent.training_id)
            .where(or_(TrainingEvent.user_id.in_(user_ids), TrainingEvent.training_id.in_(training_ids)))
            .order_by(TrainingEvent.time, TrainingEvent.id)
        )
        return self.session.execute(statement).all()

    def messages(self, user_ids: Iterable[int], addresses: Iterable[str]) -> Sequence[Row[Any]]:
        """What waits for them, or could not be delivered to them."""
        statement = (
            select(
                Training.identifier,
                Message.event,
                Message.subject,
                Message.text,
                Message.created,
                Delivery.channel,
                Delivery.address,
                Delivery.attempts,
                Delivery.delivered_at,
                Delivery.given_up_at,
            )
            .select_from(Delivery)
            .join(Message, Message.id == Delivery.message_id)
            .outerjoin(Training, Training.id == Message.training_id)
            .where(or_(Delivery.user_id.in_(user_ids), func.lower(Delivery.address).in_(addresses)))
            .order_by(Delivery.id)
        )
        return self.session.execute(statement).all()
