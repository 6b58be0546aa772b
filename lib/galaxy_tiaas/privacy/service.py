"""What people may ask a server for by law: what it holds about them, and that it forgets them."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from galaxy.model.scoped_session import galaxy_scoped_session

from ..core.accounts import AccountManager
from ..core.actor import Actor
from ..core.exceptions import InvalidValue
from ..core.fields import (
    all_plain,
    is_email,
    plain,
)
from ..core.model import Training
from ..lifecycle.redaction import RedactionService
from ..trainings.states import InvitationState
from ..trainings.views import TrainingViews
from .manager import (
    Person,
    PersonManager,
)


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
        accounts: AccountManager,
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
        requested = self.persons.requested(person)
        found = self.persons.rows(person, requested)
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
        trainings = self.persons.requested(person)
        requested = [training.identifier for training in trainings]
        rows = self.persons.rows(person, trainings)
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
