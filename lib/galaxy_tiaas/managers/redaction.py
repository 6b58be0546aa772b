"""Forgetting people: all of a training when its time is over, one person wherever we name them.

What has to go is listed in ``docs/privacy.md``; a test fails if a column is not in there. Numbers stay.
"""

import json
from collections.abc import (
    Iterable,
    Iterator,
)
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from dateutil.relativedelta import relativedelta
from galaxy.model import (
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from sqlalchemy import (
    and_,
    cast,
    ColumnElement,
    delete,
    exists,
    false,
    func,
    or_,
    Select,
    select,
    String,
    Text,
    union,
)

from ..config import TiaasConfig
from ..domain.doors import Door
from ..domain.scrubbing import (
    REDACTED,
    Scrubber,
)
from ..model import (
    Base,
    Delivery,
    Message,
    Training,
    TrainingAnswer,
    TrainingChange,
    TrainingEvent,
    TrainingInstructor,
    TrainingInvitation,
    TrainingMember,
    TrainingQuestion,
    TrainingStep,
)
from .contacts import ContactManager
from .dialects import lock_row
from .outbox import OutboxManager
from .trainings import TrainingManager

#: Fields that say who asked for a training; in its history their values go too.
CONTACT_FIELDS = ("name", "email", "other_requests")
#: Fields that identify people.
PERSONAL_FIELDS = (*CONTACT_FIELDS, "instructors", "invited")
#: Texts about the course. They stay, without the people who are named in them.
COURSE_TEXTS = ("title", "description", "website", "gtn_links", "non_gtn_links")


class RedactionManager:
    """Removes what identifies people from our tables, for good. It flushes; the caller locks and commits."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        security: IdEncodingHelper,
        trainings: TrainingManager,
        outbox: OutboxManager,
        contacts: ContactManager,
    ):
        self.session = session
        self.config = config
        self.security = security
        self.trainings = trainings
        self.outbox = outbox
        self.contacts = contacts

    # Trainings

    def due(self, today: date) -> ColumnElement[bool]:
        """The condition that the people of a training have been remembered long enough.

        What is written to a training after its redaction makes it due again: :meth:`TrainingManager.record`.
        """
        if not self.config.gdpr_auto_redact:
            return false()
        usual = today - timedelta(days=self.config.gdpr_redact_after_days)
        extended = min(usual, today - relativedelta(months=self.config.gdpr_retain_extra_months))
        kept_longer = Training.retain_contact.is_(True) if self.config.retain_contact_require_consent else ~false()
        return and_(
            Training.redacted_at.is_(None),
            Training.end < usual,
            or_(~kept_longer, Training.end < extended),
        )

    def redact(self, training: Training, now: datetime, *, via: Door = "lifecycle") -> None:
        """Remove everybody from a training, its history and what waits to be sent about it."""
        events = self._events(training)
        scrubber = self._scrubber_of_all(training, events)
        self._remove_contact(training)
        training.instructors = []
        training.invitations = []
        training.requested_change = None
        for event in events:
            event.user_id, event.note = None, ""
            event.changes = {
                name: scrubber.value(values) for name, values in event.changes.items() if name not in PERSONAL_FIELDS
            }
        self._scrub_course(training, scrubber)
        asked = select(TrainingQuestion.id).where(TrainingQuestion.training_id == training.id)
        self.session.execute(delete(TrainingAnswer).where(TrainingAnswer.question_id.in_(asked)))
        self.session.execute(delete(TrainingQuestion).where(TrainingQuestion.training_id == training.id))
        self.session.execute(delete(TrainingMember).where(TrainingMember.training_id == training.id))
        self.outbox.forget_training(training.id)
        self.session.flush()
        self.trainings.record(training, "redacted", now, user_id=None, via=via)
        training.updated = training.redacted_at = now
        self.session.flush()

    # People

    def people_to_forget(self) -> Select[tuple[int]]:
        """A query for the ids of accounts that were deleted or purged and are still named in our tables.

        Our tables are small and Galaxy's table of users is not. A condition that depends on the row keeps
        the database from reading the latter as a whole: it looks up those whom we name.
        """
        named = union(*(select(column).where(column.is_not(None)) for column in user_columns())).subquery("named")
        user_id = named.c[0]
        is_gone = select(or_(User.deleted.is_(True), User.purged.is_(True))).where(User.id == user_id).scalar_subquery()
        return select(user_id).where(is_gone)

    def forget_user(self, user_id: int, now: datetime, *, via: Door = "lifecycle") -> None:
        """Remove one account from all trainings; those that it asked for go on for the others.

        Doing it twice is doing it once.
        """
        account = self.session.get(User, user_id)
        known_as = [account.email or ""] if account else []
        usernames = [account.username or ""] if account else []
        for training in self.trainings_of(user_id):
            self._lock(training)
            self._forget_account(training, user_id, known_as, usernames, now, via)
        called = [name for name in (*known_as, *usernames) if name]
        for training in self._inviting(user_id, called):
            self._lock(training)
            self._forget_invitations(training, self._events(training), user_id, called)
        self.session.execute(delete(TrainingAnswer).where(TrainingAnswer.user_id == user_id))
        self.session.execute(delete(TrainingMember).where(TrainingMember.user_id == user_id))
        cohorts = select(Training.group_id).where(Training.group_id.is_not(None))
        self.session.execute(
            delete(UserGroupAssociation).where(
                UserGroupAssociation.user_id == user_id, UserGroupAssociation.group_id.in_(cohorts)
            )
        )
        self.outbox.forget_user(user_id)
        self.session.flush()

    def forget_address(self, address: str, now: datetime, *, via: Door = "lifecycle") -> None:
        """Remove an e-mail address, and the contact of the trainings that give it, be there an account or not."""
        address = address.strip().lower()
        for training in self.trainings_naming(address):
            self._lock(training)
            scrubber = Scrubber([address, *self._names_beside(training, address)])
            is_contact = training.email.strip().lower() == address
            if is_contact:
                self._remove_contact_details(training)
            self._scrub(training, self._events(training), scrubber, contact_gone=is_contact)
            if is_contact:
                self.outbox.forget_training(training.id)
            self.trainings.record(training, "person forgotten", now, user_id=None, via=via)
        to_or_about = or_(
            func.lower(Delivery.address) == address, Delivery.message_id.in_(self._messages_naming(address))
        )
        self.outbox.drop(self.session.scalars(select(Delivery.id).where(to_or_about)).all())
        self.contacts.forget_address(address)
        self.session.flush()

    def trainings_of(self, user_id: int) -> list[Training]:
        """Trainings that somebody asked for, teaches, or did something to, the oldest first."""
        return list(self.session.scalars(select(Training).where(self._names_account(user_id)).order_by(Training.id)))

    def trainings_naming(self, address: str) -> list[Training]:
        """Trainings with this e-mail address anywhere in their texts or their history, the oldest first.

        The database finds those that have it in a longer one too; they are left out.
        """
        in_json = json.dumps(address)[1:-1]

        def within(*columns: Any) -> ColumnElement[bool]:
            return or_(*(column.icontains(address, autoescape=True) for column in columns))

        def within_json(column: Any) -> ColumnElement[bool]:
            return cast(column, String).icontains(in_json, autoescape=True)

        invitation = exists().where(TrainingInvitation.training_id == Training.id, within(TrainingInvitation.typed))
        events = exists().where(
            TrainingEvent.training_id == Training.id,
            or_(within(TrainingEvent.note), within_json(TrainingEvent.changes)),
        )
        change = exists().where(TrainingChange.training_id == Training.id, within_json(TrainingChange.changes))
        step = exists().where(TrainingStep.training_id == Training.id, within(TrainingStep.label))
        question = exists().where(TrainingQuestion.training_id == Training.id, within(TrainingQuestion.text))
        texts = within(*(getattr(Training, name) for name in ("name", "email", "other_requests", *COURSE_TEXTS)))
        statement = select(Training).where(or_(texts, events, change, step, question, invitation)).order_by(Training.id)
        scrubber = Scrubber([address])
        return [training for training in self.session.scalars(statement) if self._is_named(training, scrubber)]

    # How

    def _forget_account(
        self,
        training: Training,
        user_id: int,
        names: list[str],
        usernames: list[str],
        now: datetime,
        via: Door,
    ) -> None:
        asked_for_it = training.requester_id == user_id
        teaches_it = any(instructor.user_id == user_id for instructor in training.instructors)
        events = self._events(training)
        if asked_for_it:
            names = [*names, training.name, training.email, *_told(events, ("name", "email"))]
            self._remove_contact(training)
            self.outbox.forget_training(training.id)
        training.instructors = [instructor for instructor in training.instructors if instructor.user_id != user_id]
        self._forget_invitations(training, events, user_id, [*names, *usernames])
        if training.requested_change and training.requested_change.user_id == user_id:
            training.requested_change.user_id = None
        for event in events:
            if event.user_id == user_id:
                event.user_id, event.note = None, ""
        scrubber = Scrubber(names, [*usernames, self.security.encode_id(user_id)])
        self._scrub(training, events, scrubber, contact_gone=asked_for_it)
        if asked_for_it or teaches_it:
            training.updated = now
            self.trainings.record(training, "person forgotten", now, user_id=None, via=via)

    def _inviting(self, user_id: int, names: Iterable[str]) -> list[Training]:
        """Trainings to which somebody is or was invited, by one of these names, the oldest first."""
        to_account = exists().where(
            TrainingInvitation.training_id == Training.id, TrainingInvitation.user_id == user_id
        )
        concerned = or_(to_account, *(self._invited_as(name) for name in names))
        return list(self.session.scalars(select(Training).where(concerned).order_by(Training.id)))

    def _invited_as(self, name: str) -> ColumnElement[bool]:
        """Of an invitation that is gone, the history has what was typed, as one of the texts in its JSON."""
        by_text = exists().where(
            TrainingInvitation.training_id == Training.id, func.lower(TrainingInvitation.typed) == name.lower()
        )
        changes = cast(TrainingEvent.changes, String)
        in_history = exists().where(
            TrainingEvent.training_id == Training.id,
            changes.contains('"invited"', autoescape=True),
            changes.icontains(json.dumps(name), autoescape=True),
        )
        return or_(by_text, in_history)

    def _forget_invitations(
        self, training: Training, events: Iterable[TrainingEvent], user_id: int, names: Iterable[str]
    ) -> None:
        """Remove invitations to an account, under any name, and those that it has sent."""
        called = {name.lower() for name in names if name} | {self.security.encode_id(user_id)}
        called |= {each.typed.lower() for each in training.invitations if each.user_id == user_id}
        if any(each.invited_by == user_id for each in training.invitations):
            self.outbox.forget_training(training.id, event="invited")
        training.invitations = [
            each
            for each in training.invitations
            if user_id not in (each.user_id, each.invited_by) and each.typed.lower() not in called
        ]
        for event in events:
            if "invited" in event.changes:
                lists = [
                    texts and [REDACTED if text.lower() in called else text for text in texts]
                    for texts in event.changes["invited"]
                ]
                event.changes = {**event.changes, "invited": lists}

    def _scrub(
        self, training: Training, events: Iterable[TrainingEvent], scrubber: Scrubber, *, contact_gone: bool
    ) -> None:
        """Take people out of a training's texts and history; with its contact, all that was written to them."""
        hidden = CONTACT_FIELDS if contact_gone else ()
        for event in events:
            event.note = "" if contact_gone else scrubber.text(event.note)
            event.changes = {n: scrubber.value(values) for n, values in event.changes.items() if n not in hidden}
        if not contact_gone:
            training.name, training.other_requests = (
                scrubber.text(training.name),
                scrubber.text(training.other_requests),
            )
        training.invitations = [each for each in training.invitations if not _is_meant(each.typed, scrubber)]
        if requested := training.requested_change:
            requested.changes = {n: scrubber.value(value) for n, value in requested.changes.items() if n not in hidden}
        for question in self.session.scalars(
            select(TrainingQuestion).where(TrainingQuestion.training_id == training.id)
        ):
            question.text = scrubber.text(question.text)
        self._scrub_course(training, scrubber)

    def _is_named(self, training: Training, scrubber: Scrubber) -> bool:
        """Whether the scrubber would find somebody in a training, its history or what waits for a decision."""
        written: list[Any] = [getattr(training, name) for name in (*CONTACT_FIELDS, *COURSE_TEXTS)]
        written += [invitation.typed for invitation in training.invitations]
        for event in self._events(training):
            written += [event.note, event.changes]
        if training.requested_change:
            written.append(training.requested_change.changes)
        for column in (TrainingStep.label, TrainingQuestion.text):
            written += self.session.scalars(select(column).where(column.class_.training_id == training.id))
        return scrubber.value(written) != written

    def _messages_naming(self, address: str) -> list[int]:
        """Messages with this address in one of their texts, and not in a longer one."""
        columns = [column for column in Message.__table__.columns if isinstance(column.type, Text)]
        contains = or_(*(column.icontains(address, autoescape=True) for column in columns))
        scrubber = Scrubber([address])
        return [
            message_id
            for message_id, *texts in self.session.execute(select(Message.id, *columns).where(contains))
            if scrubber.value(texts) != texts
        ]

    def _scrub_course(self, training: Training, scrubber: Scrubber) -> None:
        for name in COURSE_TEXTS:
            before = getattr(training, name)
            after = scrubber.text(before)
            if after != before:
                # An address with a hole leads nowhere.
                setattr(training, name, "" if name == "website" else after)
        for step in self.session.scalars(select(TrainingStep).where(TrainingStep.training_id == training.id)):
            step.label = scrubber.text(step.label)

    def _remove_contact(self, training: Training) -> None:
        self._remove_contact_details(training)
        training.requester_id = None

    def _remove_contact_details(self, training: Training) -> None:
        training.name = training.email = training.other_requests = ""
        training.email_confirmed = False
        self.contacts.forget_training(training.id)

    def _lock(self, training: Training) -> None:
        """Keep others from writing down meanwhile what is about to go, and read what they have written."""
        lock_row(self.session, Training.__table__, training.id)  # type: ignore[arg-type]
        self.session.refresh(training)

    def _events(self, training: Training) -> list[TrainingEvent]:
        statement = select(TrainingEvent).where(TrainingEvent.training_id == training.id).order_by(TrainingEvent.id)
        return list(self.session.scalars(statement))

    def _names_beside(self, training: Training, address: str) -> Iterator[str]:
        """What somebody with this address was called in a training, now or earlier."""
        if training.email.strip().lower() == address:
            yield training.name
        for event in self._events(training):
            if address in (email.lower() for email in _told([event], ["email"])):
                yield from _told([event], ["name"])

    def _scrubber_of_all(self, training: Training, events: list[TrainingEvent]) -> Scrubber:
        """Knows everybody of whom the training knows the name, now or earlier."""
        ids = {training.requester_id, *(i.user_id for i in training.instructors), *(e.user_id for e in events)}
        ids |= {each.user_id for each in training.invitations}
        accounts = self.session.execute(select(User.email, User.username).where(User.id.in_(ids - {None}))).all()
        names = [training.name, training.email, *_told(events, ("name", "email")), *(row.email for row in accounts)]
        names += [each.typed for each in training.invitations]
        return Scrubber(names, [row.username or "" for row in accounts], all_addresses=True)

    def _names_account(self, user_id: int) -> ColumnElement[bool]:
        teaches = exists().where(TrainingInstructor.training_id == Training.id, TrainingInstructor.user_id == user_id)
        did = exists().where(TrainingEvent.training_id == Training.id, TrainingEvent.user_id == user_id)
        asks = exists().where(TrainingChange.training_id == Training.id, TrainingChange.user_id == user_id)
        invites = exists().where(
            TrainingInvitation.training_id == Training.id, TrainingInvitation.invited_by == user_id
        )
        return or_(Training.requester_id == user_id, teaches, did, asks, invites)


def user_columns() -> list[ColumnElement[Optional[int]]]:
    """All columns of our tables that hold the id of a Galaxy account, later ones too."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if any(key.column.table is User.__table__ for key in column.foreign_keys)
    ]


def _is_meant(typed: str, scrubber: Scrubber) -> bool:
    """Whether an invitation is to somebody whom the scrubber knows; a public name may be the beginning of another."""
    left = scrubber.text(typed)
    return left != typed and (left == REDACTED or "@" in typed)


def _told(events: Iterable[TrainingEvent], fields: Iterable[str]) -> Iterator[str]:
    """What these fields of a training have ever been."""
    for event in events:
        for field in fields:
            yield from (value for value in event.changes.get(field, []) if isinstance(value, str))
