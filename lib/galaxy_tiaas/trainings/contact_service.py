"""Whether mails about a training may go to the contact address that its instructors typed."""

from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import Optional

from galaxy.exceptions import ObjectNotFound
from galaxy.model.scoped_session import galaxy_scoped_session

from ..core.actor import Actor
from ..core.exceptions import TooManyRequests
from ..core.model import (
    Training,
    TrainingContact,
)
from ..notifications.service import NotificationService
from .contact_manager import (
    ContactManager,
    LINK_VALID,
    new_token,
)
from .manager import TrainingManager
from .quotas import (
    QuotaManager,
    seconds_left,
)

#: Links that one requester can have sent within a day.
MOST_PER_DAY = 5
_DAY = timedelta(days=1)


@dataclass(frozen=True)
class ContactStatus:
    """What pages say of a contact address that is not confirmed."""

    address: str
    #: Whether the requester has an account, to whose address mails go meanwhile; whether that is the actor.
    has_account: bool
    own: bool
    #: Until when the link that was sent can be followed; ``None``: there is none.
    link_valid_until: Optional[datetime]
    #: Whether this server can send a link: it has a mail server, and an address that its settings name.
    can_ask: bool


@dataclass(frozen=True)
class ContactQuestion:
    """What somebody who follows a link is asked. It holds nothing that a requester can write at will."""

    address: str
    identifier: str
    start: date
    end: date
    confirmed: bool


@dataclass
class ContactsService:
    """An address other than that of the requester's account gets mail once its owner, or an admin, has said so."""

    session: galaxy_scoped_session
    trainings: TrainingManager
    contacts: ContactManager
    quotas: QuotaManager
    notifications: NotificationService

    def check_address(self, actor: Actor, training: Training, account_email: Optional[str], now: datetime) -> None:
        """The contact address has just been set: may mails go there? If only its owner can tell, ask by mail.

        :param account_email: address of the requester's account.
        :raises TooManyRequests: if too many addresses have been asked today.
        """
        training.email_confirmed = actor.is_admin
        if actor.is_admin or training.email.lower() == (account_email or "").lower():
            return
        self._ask_unless_known(actor, training, now)

    def ask(self, actor: Actor, training: Training, now: datetime) -> None:
        """Send the link if there is none, or not any more.

        :raises TooManyRequests: as :meth:`check_address`.
        """
        self.trainings.lock(training)
        if not is_confirmed(training) and training.email:
            self._ask_unless_known(actor, training, now)
        self.session.commit()
        self.notifications.send()

    def status(self, actor: Actor, training: Training, now: datetime) -> Optional[ContactStatus]:
        """What there is to say of a contact address to which no mail goes; ``None`` if mails go there."""
        if is_confirmed(training) or not training.email:
            return None
        valid = [
            contact.asked_at + LINK_VALID
            for contact in self.contacts.known(training)
            if contact.address == training.email.lower() and contact.asked_at + LINK_VALID > now
        ]
        return ContactStatus(
            training.email,
            has_account=training.requester_id is not None,
            own=actor.user_id is not None and actor.user_id == training.requester_id,
            link_valid_until=max(valid, default=None),
            can_ask=self.notifications.can_ask,
        )

    def question(self, token: str, now: datetime) -> ContactQuestion:
        """What a link asks. Whoever has the token may know.

        :raises ObjectNotFound: if there is no such link, or not any more.
        """
        return _question(*self._found(token, now))

    def confirm(self, token: str, now: datetime) -> ContactQuestion:
        """The owner of the address agrees. Doing it twice is doing it once.

        :raises ObjectNotFound: as :meth:`question`.
        """
        found = self._found(token, now)
        self.contacts.confirm(*found, now)
        question = _question(*found)
        self.session.commit()
        return question

    def _found(self, token: str, now: datetime) -> tuple[TrainingContact, Training]:
        found = self.contacts.find(token, now)
        if found is None:
            raise ObjectNotFound("This link is not valid, or not any more.")
        return found

    def _ask_unless_known(self, actor: Actor, training: Training, now: datetime) -> None:
        if counted_user := training.requester_id or actor.user_id:
            self.quotas.lock(counted_user)
        known = self.contacts.known(training)
        same = [contact for contact in known if contact.address == training.email.lower()]
        if any(contact.confirmed_at for contact in same):
            training.email_confirmed = True
            return
        if not self.notifications.can_ask or any(contact.asked_at + LINK_VALID > now for contact in same):
            return
        asked = sorted((contact.asked_at for contact in known), reverse=True)
        if seconds := seconds_left(next(iter(asked[MOST_PER_DAY - 1 :]), None), now, _DAY):
            raise TooManyRequests(
                f"You have given {MOST_PER_DAY} new contact addresses in the last 24 hours. Use the address of your"
                " account, or try again tomorrow.",
                seconds,
            )
        token = new_token()
        if self.notifications.contact_given(training, token, now):
            self.contacts.ask(training, training.email, token, now)


def is_confirmed(training: Training) -> bool:
    """Whether mails may go to the contact address: that of the requester's account, or a confirmed one."""
    return training.email_confirmed or training.has_account_email


def _question(contact: TrainingContact, training: Training) -> ContactQuestion:
    confirmed = contact.confirmed_at is not None
    return ContactQuestion(contact.address, training.identifier, training.start, training.end, confirmed)
