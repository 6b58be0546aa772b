"""What people may ask a server for by law: what it holds about them, and that it forgets them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from galaxy.model.scoped_session import galaxy_scoped_session

from ..core.accounts import (
    Account,
    AccountFinder,
)
from ..core.actor import Actor
from ..core.exceptions import InvalidValue
from ..core.fields import (
    all_plain,
    is_email,
    plain,
)
from ..core.model import Training
from ..invitations.states import InvitationState
from ..lifecycle.redaction import RedactionService
from ..trainings.views import TrainingViews
from .manager import PersonManager


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


class PrivacyService:
    """For admins; nothing of it is logged."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        accounts: AccountFinder,
        persons: PersonManager,
        redaction: RedactionService,
        views: TrainingViews,
    ):
        self.session = session
        self.accounts = accounts
        self.persons = persons
        self.redaction = redaction
        self.views = views

    def export(self, actor: Actor, text: str, now: datetime) -> dict[str, Any]:
        """Everything that our tables hold about somebody, as JSON has it.

        :param text: e-mail address, public name or encoded id.
        :raises AdminRequiredException: for everybody but admins.
        :raises InvalidValue: if it is neither an account nor an address.
        """
        actor.ensure_admin()
        person = self._person(text)
        ids, addresses = person.user_ids, person.addresses
        requested = self.persons.requested(ids, addresses)
        events = self.persons.events(ids, [training.id for training in requested])
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
                "addresses": addresses,
            },
            "requested": [self._training(training) for training in requested],
            "contacts": _rows(self.persons.contacts([training.id for training in requested], addresses)),
            "taught": list(self.persons.taught(ids)),
            "invited": _rows(self.persons.invited(ids, person.names)),
            "inviting": [{**row, "state": _known_to_sender(row["state"])} for row in _rows(self.persons.inviting(ids))],
            "joined": _rows(self.persons.joined(ids)),
            "shown_as": _rows(self.persons.shown_as(ids)),
            "answers": _rows(self.persons.answers(ids)),
            "requested_changes": _rows(self.persons.wishes(ids)),
            "history": [
                {**row, "user_id": self.views.encoded(user_id) if user_id in ids else None, "own": user_id in ids}
                for row in _rows(events)
                for user_id in (row["user_id"],)
            ],
            "messages": _rows(self.persons.messages(ids, addresses)),
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
        found = self._found(person)
        if found and not dry_run:
            for user_id in person.user_ids:
                self.redaction.forget_user(user_id, now, via=actor.via)
            for address in person.addresses:
                self.redaction.forget_address(address, now, via=actor.via)
        return found

    def _found(self, person: Person) -> Erasure:
        ids, addresses = person.user_ids, person.addresses
        trainings = self.persons.requested(ids, addresses)
        requested = [training.identifier for training in trainings]
        return Erasure(
            requested=tuple(requested),
            taught=tuple(self.persons.taught(ids)),
            joined=tuple(row.identifier for row in self.persons.joined(ids)),
            named=tuple(name for name in self._named_in(person) if name not in requested),
            invitations=len(self.persons.invited(ids, person.names)) + len(self.persons.inviting(ids)),
            pseudonyms=len(self.persons.shown_as(ids)),
            answers=len(self.persons.answers(ids)),
            events=len(self.persons.events(ids, [])) + len(self.persons.wishes(ids)),
            messages=len(self.persons.messages(ids, addresses)),
            contacts=len(self.persons.contacts([training.id for training in trainings], addresses)),
        )

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


def _known_to_sender(state: str) -> str:
    """Whoever has invited somebody does not learn that there is such an account."""
    return InvitationState.OPEN.value if state == InvitationState.DECLINED else state


def _rows(rows: Iterable[Any]) -> list[dict[str, Any]]:
    return [all_plain(dict(row._mapping)) for row in rows]
