"""Everything that our tables hold about one person."""

from collections.abc import (
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from typing import Any

from galaxy.model import (
    Group,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    exists,
    func,
    or_,
    Row,
    Select,
    select,
)

from ..core.accounts import Account
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


@dataclass(frozen=True)
class Person:
    """Whom a request is about: accounts, and addresses (lower case) that need not belong to one."""

    accounts: list[Account]
    addresses: list[str]

    @property
    def user_ids(self) -> list[int]:
        return [account.id for account in self.accounts]

    @property
    def names(self) -> list[str]:
        """What others may have typed to mean them, in lower case."""
        return [*self.addresses, *(account.username.lower() for account in self.accounts if account.username)]


class PersonManager:
    """Looks for a person in each of our tables."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def requested(self, person: Person) -> Sequence[Training]:
        """Trainings that they asked for, or whose contact they are."""
        is_contact = func.lower(Training.email).in_(person.addresses)
        statement = select(Training).where(or_(Training.requester_id.in_(person.user_ids), is_contact))
        return self.session.scalars(statement.order_by(Training.id)).all()

    def rows(self, person: Person, requested: Iterable[Training]) -> dict[str, Sequence[Row[Any]]]:
        """What else there is, by the name that the export has for it.

        :param requested: trainings that they asked for, whose history and contacts concern them as a whole.
        """
        ids, addresses, own = person.user_ids, person.addresses, [training.id for training in requested]
        teaches = exists().where(TrainingInstructor.training_id == Training.id, TrainingInstructor.user_id.in_(ids))
        invitations = _of_trainings(
            TrainingInvitation, TrainingInvitation.typed, TrainingInvitation.created, TrainingInvitation.state
        )
        statements: dict[str, Select[Any]] = {
            # Addresses that their trainings have asked by mail, and trainings that have asked these addresses.
            "contacts": _of_trainings(
                TrainingContact, TrainingContact.address, TrainingContact.asked_at, TrainingContact.confirmed_at
            ).where(or_(TrainingContact.training_id.in_(own), TrainingContact.address.in_(addresses))),
            "taught": select(Training.identifier).where(teaches).order_by(Training.id),
            "invited": invitations.where(
                or_(TrainingInvitation.user_id.in_(ids), func.lower(TrainingInvitation.typed).in_(person.names))
            ),
            "inviting": invitations.where(TrainingInvitation.invited_by.in_(ids)),
            "joined": (
                select(Training.identifier, Training.title, UserGroupAssociation.create_time, Group.name.label("group"))
                .join(Training, Training.group_id == UserGroupAssociation.group_id)
                .join(Group, Group.id == UserGroupAssociation.group_id)
                .where(UserGroupAssociation.user_id.in_(ids))
                .order_by(Training.id)
            ),
            # Also of trainings that they have left.
            "shown_as": _of_trainings(
                TrainingMember,
                *(TrainingMember.pseudonym, TrainingMember.colour, TrainingMember.shape, TrainingMember.hand_raised_at),
            ).where(TrainingMember.user_id.in_(ids)),
            "answers": (
                select(Training.identifier, TrainingQuestion.text, TrainingAnswer.done, TrainingAnswer.time)
                .join(TrainingQuestion, TrainingQuestion.id == TrainingAnswer.question_id)
                .join(Training, Training.id == TrainingQuestion.training_id)
                .where(TrainingAnswer.user_id.in_(ids))
                .order_by(TrainingAnswer.id)
            ),
            "requested_changes": _of_trainings(TrainingChange, TrainingChange.time, TrainingChange.changes).where(
                TrainingChange.user_id.in_(ids)
            ),
            "history": (
                select(
                    *(Training.identifier, TrainingEvent.time, TrainingEvent.user_id, TrainingEvent.via),
                    *(TrainingEvent.action, TrainingEvent.from_state, TrainingEvent.to_state),
                    *(TrainingEvent.note, TrainingEvent.changes),
                )
                .join(Training, Training.id == TrainingEvent.training_id)
                .where(or_(TrainingEvent.user_id.in_(ids), TrainingEvent.training_id.in_(own)))
                .order_by(TrainingEvent.time, TrainingEvent.id)
            ),
            # What waits for them, or could not be delivered to them.
            "messages": (
                select(
                    *(Training.identifier, Message.event, Message.subject, Message.text, Message.created),
                    *(Delivery.channel, Delivery.address, Delivery.attempts),
                    *(Delivery.delivered_at, Delivery.given_up_at),
                )
                .select_from(Delivery)
                .join(Message, Message.id == Delivery.message_id)
                .outerjoin(Training, Training.id == Message.training_id)
                .where(or_(Delivery.user_id.in_(ids), func.lower(Delivery.address).in_(addresses)))
                .order_by(Delivery.id)
            ),
        }
        return {name: self.session.execute(statement).all() for name, statement in statements.items()}


def _of_trainings(model: Any, *columns: Any) -> Select[Any]:
    """Rows of a table with the identifiers of their trainings."""
    return select(Training.identifier, *columns).join(Training, Training.id == model.training_id).order_by(model.id)
