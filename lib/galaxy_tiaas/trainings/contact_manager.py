"""Contact addresses of trainings: which have been asked, by a link with a secret, and which have said yes."""

import hashlib
import secrets
from collections.abc import Sequence
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    ColumnElement,
    delete,
    func,
    or_,
    select,
    update,
)

from ..core.db import lock_training
from ..core.model import (
    Training,
    TrainingContact,
)

#: How long a link can be followed.
LINK_VALID = timedelta(days=14)


def new_token() -> str:
    return secrets.token_urlsafe(32)


class ContactManager:
    """Reads and writes confirmations; the caller commits."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def known(self, training: Training) -> Sequence[TrainingContact]:
        """Addresses that were asked for this training or another one of the same requester."""
        statement = select(TrainingContact).where(self._of_same_requester(training))
        return self.session.scalars(statement.order_by(TrainingContact.id)).all()

    def ask(self, training: Training, address: str, token: str, now: datetime) -> None:
        """Remember that a link with this token is sent to an address; it takes the place of an earlier link."""
        mine = TrainingContact.training_id == training.id
        self._delete(mine & (TrainingContact.address == address.lower()))
        self.session.add(
            TrainingContact(
                training_id=training.id,
                address=address.lower(),
                token_hash=_hash(token),
                asked_at=now,
                confirmed_at=None,
            )
        )
        self.session.flush()

    def find(self, token: str, now: datetime) -> Optional[tuple[TrainingContact, Training]]:
        """What a link asks; ``None`` if there is no such link, or not any more."""
        statement = (
            select(TrainingContact, Training)
            .join(Training, Training.id == TrainingContact.training_id)
            .where(
                TrainingContact.token_hash == _hash(token),
                or_(TrainingContact.asked_at > now - LINK_VALID, TrainingContact.confirmed_at.is_not(None)),
            )
        )
        row = self.session.execute(statement).first()
        return (row[0], row[1]) if row else None

    def confirm(self, contact: TrainingContact, training: Training, now: datetime) -> None:
        """From now on mails of the training may go to the address, and those of others of the same requester."""
        lock_training(self.session, training.id)
        contact.confirmed_at = contact.confirmed_at or now
        trainings = select(Training.id).where(self._is_by_same_requester(training))
        self.session.execute(
            update(Training)
            .where(Training.id.in_(trainings), func.lower(Training.email) == contact.address)
            .values(email_confirmed=True)
            .execution_options(synchronize_session=False)
        )
        self.session.flush()

    def forget_training(self, training_id: int) -> None:
        self._delete(TrainingContact.training_id == training_id)

    def forget_address(self, address: str) -> None:
        """Delete what is known of an address (lower case)."""
        self._delete(TrainingContact.address == address)

    def _delete(self, condition: ColumnElement[bool]) -> None:
        self.session.execute(delete(TrainingContact).where(condition))

    def _of_same_requester(self, training: Training) -> ColumnElement[bool]:
        return TrainingContact.training_id.in_(select(Training.id).where(self._is_by_same_requester(training)))

    @staticmethod
    def _is_by_same_requester(training: Training) -> ColumnElement[bool]:
        if training.requester_id is None:
            return Training.id == training.id
        return Training.requester_id == training.requester_id


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
