"""What people may ask a server for by law: what it holds about them, and that it forgets them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
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

from ..core.accounts import (
    Account,
    AccountManager,
)
from ..core.actor import Actor
from ..core.exceptions import InvalidValue
from ..core.fields import (
    all_plain,
    is_email,
    plain,
)
from ..core.model import (
    Delivery,
    Message,
    migrate,
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
from ..lifecycle.redaction import RedactionService
from ..trainings.states import InvitationState
from ..trainings.views import TrainingViews


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


@dataclass(frozen=True)
class Erasure:
    """What is removed: identifiers of trainings, and numbers of other things."""

    requested: tuple[str, ...]
    taught: tuple[str, ...]
    joined: tuple[str, ...]
    #: Trainings whose texts or histories name the person elsewhere.
    named: tuple[str, ...]
    #: To teach, received or sent.
    invitations: int
    pseudonyms: int
    answers: int
    events: int
    messages: int
    #: Contact addresses that were asked for their confirmation.
    contacts: int

    def __bool__(self) -> bool:
        return any(vars(self).values())


@dataclass
class PrivacyService:
    """For admins; nothing of it is logged."""

    session: galaxy_scoped_session
    accounts: AccountManager
    redaction: RedactionService
    views: TrainingViews

    def export(self, actor: Actor, text: str, now: datetime) -> dict[str, Any]:
        """Everything that our tables hold about somebody, as JSON has it.

        :param text: e-mail address, public name or encoded id.
        :raises AdminRequiredException: for everybody but admins.
        :raises InvalidValue: if it is neither an account nor an address.
        """
        actor.ensure_admin()
        person = self._person(text)
        requested, found = self._found(person)
        rows = {name: [all_plain(dict(row._mapping)) for row in some] for name, some in found.items()}
        for row in rows["inviting"]:
            # Whoever has invited somebody does not learn that there is such an account.
            row["state"] = InvitationState.OPEN.value if row["state"] == InvitationState.DECLINED else row["state"]
        for row in rows["history"]:
            row["own"] = row["user_id"] in person.user_ids
            row["user_id"] = self.views.encoded(row["user_id"]) if row["own"] else None
        return {
            "exported": plain(now),
            "person": {
                "accounts": [
                    {
                        "id": self.views.encoded(account.id),
                        "username": account.username,
                        "email": account.email,
                        "deleted": account.deleted,
                    }
                    for account in person.accounts
                ],
                "addresses": person.addresses,
            },
            "requested": [self._training(training) for training in requested],
            **rows,
            "taught": [row["identifier"] for row in rows["taught"]],
            "named_in": self._named_in(person),
        }

    def erase(self, actor: Actor, text: str, now: datetime, *, dry_run: bool = False) -> Erasure:
        """Remove somebody from all trainings, at once and for good; their Galaxy account is left alone.

        Trainings that they asked for go on for the others.

        :param dry_run: say what would be removed, and change nothing.
        :raises AdminRequiredException, InvalidValue: as :meth:`export`.
        """
        actor.ensure_admin()
        person = self._person(text)
        trainings, rows = self._found(person)
        requested = [training.identifier for training in trainings]
        own_events = [row for row in rows["history"] if row.user_id in person.user_ids]
        found = Erasure(
            requested=tuple(requested),
            taught=tuple(row.identifier for row in rows["taught"]),
            joined=tuple(row.identifier for row in rows["joined"]),
            named=tuple(name for name in self._named_in(person) if name not in requested),
            invitations=len(rows["invited"]) + len(rows["inviting"]),
            pseudonyms=len(rows["shown_as"]),
            answers=len(rows["answers"]),
            events=len(own_events) + len(rows["requested_changes"]),
            messages=len(rows["messages"]),
            contacts=len(rows["contacts"]),
        )
        if found and not dry_run:
            for user_id in person.user_ids:
                self.redaction.forget_user(user_id, now, via=actor.via)
            for address in person.addresses:
                self.redaction.forget_address(address, now, via=actor.via)
        return found

    def _found(self, person: Person) -> tuple[Sequence[Training], dict[str, Sequence[Row[Any]]]]:
        """Trainings that somebody asked for, or whose contact they are; and the rest, by its name in the export.

        :raises NewerTables: if there may be more in columns that this version does not know.
        """
        if newer := migrate.newer_tables(self.session.connection()):
            raise newer
        ids, addresses = person.user_ids, person.addresses
        is_contact = func.lower(Training.email).in_(addresses)
        statement = select(Training).where(or_(Training.requester_id.in_(ids), is_contact)).order_by(Training.id)
        requested = self.session.scalars(statement).all()
        own = [training.id for training in requested]
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
        return requested, {name: self.session.execute(statement).all() for name, statement in statements.items()}

    def _person(self, text: str) -> Person:
        accounts = self.accounts.find(text)
        addresses = {account.email.lower() for account in accounts if "@" in account.email}
        if is_email(text.strip()):
            addresses.add(text.strip().lower())
        if not accounts and not addresses:
            raise InvalidValue("user", f"There is no Galaxy account called '{text}', and it is no e-mail address.")
        return Person(accounts, sorted(addresses))

    def _named_in(self, person: Person) -> list[str]:
        """Trainings in whose texts the person is named by address or by a name that only they can have."""
        names = [*person.addresses, *(account.username for account in person.accounts)]
        return [identifier for _, identifier in self.redaction.trainings_naming(names)]

    def _training(self, training: Training) -> dict[str, Any]:
        values = {column.name: getattr(training, column.name) for column in Training.__table__.columns}
        for name in ("id", "group_id", "role_id"):
            del values[name]
        return all_plain({**values, "requester_id": self.views.encoded(training.requester_id)})


def _of_trainings(model: Any, *columns: Any) -> Select[Any]:
    """Rows of a table with the identifiers of their trainings."""
    return select(Training.identifier, *columns).join(Training, Training.id == model.training_id).order_by(model.id)
