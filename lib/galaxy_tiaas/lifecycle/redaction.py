"""Forgetting people: all of a training when its time is over, one person wherever we name them.

What has to go is listed in ``docs/privacy.md``; a test fails if a column is not in there.
Numbers stay.
"""

import json
import time
from collections.abc import (
    Callable,
    Collection,
    Iterable,
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    timedelta,
)
from functools import partial
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
    JSON,
    or_,
    Select,
    select,
    String,
    Text,
    union,
    update,
)

from ..core.config import TiaasConfig
from ..core.db import (
    limit_waiting,
    lock_training,
)
from ..core.model import (
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
from ..notifications.outbox import OutboxManager
from ..privacy.scrubbing import (
    is_distinctive,
    REDACTED,
    Scrubber,
    spellings,
)
from ..trainings.contact_manager import ContactManager
from ..trainings.manager import TrainingManager
from ..trainings.states import ChangeSource

#: Fields that say who asked for a training; in its history their values go too.
CONTACT_FIELDS = ("name", "email", "other_requests")
#: Fields that identify people.
PERSONAL_FIELDS = (*CONTACT_FIELDS, "instructors", "invited")
#: Texts about the course. They stay, without the people who are named in them.
COURSE_TEXTS = tuple(
    column.key
    for column in Training.__table__.columns
    if isinstance(column.type, Text) and column.key not in CONTACT_FIELDS
)
#: Fields of a requested change that are worth something without the people in them.
_TEXTS = ("name", "other_requests", *COURSE_TEXTS)
#: Where else than in its history people may be named in what belongs to a training, and in a message.
_TRAINING_TEXTS = [getattr(Training, name) for name in (*CONTACT_FIELDS, *COURSE_TEXTS)]
_TEXTS_BESIDE = (
    *(TrainingStep.label, TrainingStep.section),
    TrainingQuestion.text,
    TrainingChange.changes,
    TrainingInvitation.typed,
)
_MESSAGE_TEXTS = [column for column in Message.__table__.columns if isinstance(column.type, (Text, JSON))]
#: The condition on a line of a history that it names invited people.
_NAMES_INVITED = cast(TrainingEvent.changes, String).contains('"invited"', autoescape=True)

#: Whether to continue, asked between two steps of long work; the rest is left for the next run.
ShouldContinue = Callable[[], bool]
#: How long a row may be locked by somebody else before it is left for the next run.
LONGEST_WAIT_SECONDS = 10
#: Lines of a history in one transaction, at most: so many, or the first with which they have so many characters.
_LINES_AT_ONCE, _CHARACTERS_AT_ONCE = 50, 100_000
_IDS_AT_ONCE = 1000
#: No account has this id.
_NOBODY = 0


def always() -> bool:
    return True


@dataclass(frozen=True)
class _Removal:
    """What is removed from one training."""

    scrubber: Scrubber
    #: Whose lines of the history lose the account and the note; ``None``: everybody's.
    user_id: Optional[int]
    #: Fields whose values go from the history as a whole, with all notes and the contact details; empty: those stay.
    fields: Collection[str]

    def scrub(self, event: TrainingEvent) -> None:
        """All that can be done while others still have to be told by the names in this line."""
        own = self.user_id is None or event.user_id == self.user_id
        event.note = "" if self.fields or own else self.scrubber.text(event.note)
        event.changes = {n: v if n in self.fields else self.scrubber.value(v) for n, v in event.changes.items()}

    def strip(self, event: TrainingEvent) -> None:
        event.changes = {n: v for n, v in event.changes.items() if n not in self.fields}


class RedactionService:
    """Removes what identifies people from our tables, for good. It commits.

    However long a history is: each step is a transaction of milliseconds, and between two steps other threads and other
    processes get their turn. Names are what the rest is found by, so they go last. A removal that is interrupted is
    completed by the next one, and doing it twice is doing it once.
    """

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
        #: Lets other threads run: only one thread of Python runs at a time, and a sleeping one holds nothing.
        self.pause: Callable[[], None] = partial(time.sleep, 0.001)

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
        return and_(Training.redacted_at.is_(None), Training.end < usual, or_(~kept_longer, Training.end < extended))

    def redact(self, training: Training, now: datetime, *, should_continue: ShouldContinue = always) -> bool:
        """Remove everybody from a training, its history and what waits to be sent about it.

        :returns: whether it was done to the end, by this call.
        """
        training_id = training.id
        self.outbox.forget_training(training_id)
        self.pause()
        asked = select(TrainingQuestion.id).where(TrainingQuestion.training_id == training_id)
        self.session.execute(delete(TrainingAnswer).where(TrainingAnswer.question_id.in_(asked)))
        self.session.execute(delete(TrainingQuestion).where(TrainingQuestion.training_id == training_id))
        training.other_requests = ""
        self._commit()
        scrubber = Scrubber(self._everybody_in(training), all_addresses=True, pause=self.pause)
        cleaned = self._remove(training_id, _Removal(scrubber, None, PERSONAL_FIELDS), should_continue)
        if cleaned is None:
            return False
        if cleaned.redacted_at is not None:
            # Another process was faster.
            self._commit()
            return False
        cleaned.requester_id = None
        cleaned.instructors = []
        cleaned.invitations = []
        cleaned.requested_change = None
        self.session.execute(_of_history(training_id).values(user_id=None))
        self.session.execute(delete(TrainingMember).where(TrainingMember.training_id == training_id))
        self.session.flush()
        self.trainings.record(cleaned, "redacted", now, user_id=None, via="lifecycle")
        cleaned.updated = cleaned.redacted_at = now
        self._commit()
        return True

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

    def forget_user(
        self, user_id: int, now: datetime, *, via: ChangeSource = "lifecycle", should_continue: ShouldContinue = always
    ) -> bool:
        """Remove one account from all trainings; those that it asked for go on for the others.

        :returns: whether it was done to the end.
        """
        account = self.session.get(User, user_id)
        called = [account.email, account.username] if account else []
        names = [name for name in (*called, self.security.encode_id(user_id)) if name]
        # Those that the account asked for, teaches, or did something to.
        linked = self.session.scalars(select(Training.id).where(_names_account(user_id)).order_by(Training.id)).all()
        named = [training_id for training_id, _ in self.trainings_naming(names)]
        for training_id in (*(each for each in named if each not in linked), *linked):
            if not should_continue() or not self._forget_account(
                training_id, user_id, names, now, via, should_continue
            ):
                return False
        for training_id in self._inviting(user_id, names):
            if not should_continue():
                return False
            self._forget_invitations(self._lock(training_id), user_id, names)
            self._commit()
        self._scrub_messages(names)
        self.session.execute(delete(TrainingAnswer).where(TrainingAnswer.user_id == user_id))
        self.session.execute(delete(TrainingMember).where(TrainingMember.user_id == user_id))
        in_cohort = UserGroupAssociation.group_id.in_(select(Training.group_id).where(Training.group_id.is_not(None)))
        self.session.execute(delete(UserGroupAssociation).where(UserGroupAssociation.user_id == user_id, in_cohort))
        self.outbox.forget_user(user_id)
        self._commit()
        return True

    def forget_address(self, address: str, now: datetime, *, via: ChangeSource = "lifecycle") -> None:
        """Remove an e-mail address, and the contact of the trainings that give it, be there an account or not."""
        address = address.strip().lower()
        for training_id, _ in self.trainings_naming([address]):
            training = self._lock(training_id)
            is_contact = training.email.strip().lower() == address
            names = [address, *self._names_beside(training, address)]
            if is_contact:
                self.outbox.forget_training(training_id)
                training.other_requests = ""
            self._commit()
            removal = _Removal(Scrubber(names, pause=self.pause), _NOBODY, CONTACT_FIELDS if is_contact else ())
            cleaned = self._remove(training_id, removal, always)
            assert cleaned, "nothing interrupts it"
            self.trainings.record(cleaned, "person forgotten", now, user_id=None, via=via)
            self._commit()
        sent_to = self.session.scalars(select(Delivery.id).where(func.lower(Delivery.address) == address)).all()
        about = select(Delivery.id).where(Delivery.message_id.in_(self._messages_naming([address])))
        self.outbox.drop([*sent_to, *self.session.scalars(about)])
        self.contacts.forget_address(address)
        self._commit()

    def trainings_naming(self, names: Iterable[str]) -> list[tuple[int, str]]:
        """Id and identifier of the trainings with one of these names and addresses in their texts or their history.

        Names that others may mean when they write them are not looked for.
        """
        names = [name for name in names if spellings(name)]
        if not names:
            return []
        statement = select(Training.id, Training.identifier).where(
            or_(
                _contain(names, *_TRAINING_TEXTS),
                _has(TrainingEvent, _contain(names, TrainingEvent.note, TrainingEvent.changes)),
                *(_has(column.class_, _contain(names, column)) for column in _TEXTS_BESIDE),
            )
        )
        found = self.session.execute(statement.order_by(Training.id)).all()
        scrubber = Scrubber(names, pause=self.pause)
        return [(row.id, row.identifier) for row in found if self._is_named(row.id, scrubber)]

    # How

    def _forget_account(
        self,
        training_id: int,
        user_id: int,
        names: list[str],
        now: datetime,
        via: ChangeSource,
        should_continue: ShouldContinue,
    ) -> bool:
        training = self._lock(training_id)
        asked_for_it = training.requester_id == user_id
        if asked_for_it:
            names = [*names, *self._contact_names(training)]
            self.outbox.forget_training(training_id)
            training.other_requests = ""
        self._commit()
        removal = _Removal(Scrubber(names, pause=self.pause), user_id, CONTACT_FIELDS if asked_for_it else ())
        cleaned = self._remove(training_id, removal, should_continue)
        if cleaned is None:
            return False
        training = cleaned
        is_linked = self.session.scalar(select(exists().where(Training.id == training_id, _names_account(user_id))))
        if asked_for_it:
            training.requester_id = None
        self._forget_invitations(training, user_id, names)
        if training.requested_change and training.requested_change.user_id == user_id:
            training.requested_change.user_id = None
        teaches_it = any(instructor.user_id == user_id for instructor in training.instructors)
        training.instructors = [instructor for instructor in training.instructors if instructor.user_id != user_id]
        self.session.execute(_of_history(training_id).where(TrainingEvent.user_id == user_id).values(user_id=None))
        if asked_for_it or teaches_it or not is_linked:
            training.updated = now
            self.trainings.record(training, "person forgotten", now, user_id=None, via=via)
        self._commit()
        return True

    def _inviting(self, user_id: int, names: Iterable[str]) -> Sequence[int]:
        """Ids of the trainings to which somebody is or was invited, by one of these names, the oldest first.

        Of an invitation that is gone, the history has what was typed, as one of the texts in its JSON.
        """
        concerned = [_has(TrainingInvitation, TrainingInvitation.user_id == user_id)]
        for name in names:
            in_history = cast(TrainingEvent.changes, String).icontains(json.dumps(name), autoescape=True)
            concerned += [
                _has(TrainingInvitation, func.lower(TrainingInvitation.typed) == name.lower()),
                _has(TrainingEvent, _NAMES_INVITED & in_history),
            ]
        return self.session.scalars(select(Training.id).where(or_(*concerned)).order_by(Training.id)).all()

    def _forget_invitations(self, training: Training, user_id: int, names: Iterable[str]) -> None:
        """Remove invitations to an account, under any name, and those that it has sent."""
        called = {name.lower() for name in names if name}
        called |= {each.typed.lower() for each in training.invitations if each.user_id == user_id}
        if any(each.invited_by == user_id for each in training.invitations):
            self.outbox.forget_training(training.id, event="invited")
        training.invitations = [
            each
            for each in training.invitations
            if user_id not in (each.user_id, each.invited_by) and each.typed.lower() not in called
        ]
        for ids in self._lines(training.id, 0):
            lines = select(TrainingEvent).where(TrainingEvent.id.in_(ids), _NAMES_INVITED)
            for event in self.session.scalars(lines).all():
                lists = [
                    texts and [REDACTED if text.lower() in called else text for text in texts]
                    for texts in event.changes.get("invited", ())
                ]
                event.changes = {**event.changes, **({"invited": lists} if lists else {})}
                self.pause()
            self.session.flush()

    def _remove(self, training_id: int, removal: _Removal, should_continue: ShouldContinue) -> Optional[Training]:
        """Take people out of a training's texts and its history, but leave who asked for it and who did what.

        :returns: the training, locked; ``None``: interrupted.
        """
        last = self._rewrite_history(training_id, [removal.scrub], 0, should_continue)
        if last is None:
            return None
        self._scrub_course(self._lock(training_id), removal)
        self._commit()
        if removal.fields and self._rewrite_history(training_id, [removal.strip], 0, should_continue) is None:
            return None
        # Since nobody was kept from writing meanwhile.
        training = self._lock(training_id)
        self._rewrite_history(training_id, [removal.scrub, removal.strip], last)
        self._scrub_course(training, removal)
        if removal.fields:
            training.name = training.email = training.other_requests = ""
            training.email_confirmed = False
            self.contacts.forget_training(training_id)
        self.session.flush()
        return training

    def _rewrite_history(
        self,
        training_id: int,
        changes: Sequence[Callable[[TrainingEvent], None]],
        after: int,
        should_continue: Optional[ShouldContinue] = None,
    ) -> Optional[int]:
        """Change all lines of a history with a greater id.

        :param should_continue: asked between two transactions; without it, everything belongs to the caller's.
        :returns: the id of the last line; ``None``: interrupted.
        """
        for ids in self._lines(training_id, after):
            if should_continue and not should_continue():
                return None
            limit_waiting(self.session, LONGEST_WAIT_SECONDS)
            for event in self.session.scalars(select(TrainingEvent).where(TrainingEvent.id.in_(ids))).all():
                for change in changes:
                    change(event)
                self.pause()
            self.session.flush()
            self.pause()
            if should_continue:
                self._commit()
            after = ids[-1]
        return after

    def _lines(self, training_id: int, after: int) -> Iterator[list[int]]:
        """Ids of the lines of a history, as many at a time as are not too long together."""
        size = func.length(TrainingEvent.note) + func.length(cast(TrainingEvent.changes, String))
        while True:
            statement = (
                select(TrainingEvent.id, size)
                .where(TrainingEvent.training_id == training_id, TrainingEvent.id > after)
                .order_by(TrainingEvent.id)
                .limit(_IDS_AT_ONCE)
            )
            found = self.session.execute(statement).all()
            ids: list[int] = []
            characters = 0
            for after, length in found:
                ids.append(after)
                characters += length or 0
                if len(ids) == _LINES_AT_ONCE or characters >= _CHARACTERS_AT_ONCE:
                    yield ids
                    ids, characters = [], 0
            if ids:
                yield ids
            if len(found) < _IDS_AT_ONCE:
                return

    def _is_named(self, training_id: int, scrubber: Scrubber) -> bool:
        """Whether the scrubber would find somebody in a training, its history or what waits for a decision."""
        texts = select(*_TRAINING_TEXTS).where(Training.id == training_id)
        written: list[Any] = [*self.session.execute(texts).one()]
        for column in _TEXTS_BESIDE:
            written += self.session.scalars(select(column).where(column.class_.training_id == training_id))
        if scrubber.value(written) != written:
            return True
        for ids in self._lines(training_id, 0):
            lines = select(TrainingEvent.note, TrainingEvent.changes).where(TrainingEvent.id.in_(ids))
            for note, changes in self.session.execute(lines).all():
                self.pause()
                if scrubber.text(note) != note or scrubber.value(changes) != changes:
                    return True
        return False

    def _messages_naming(self, names: list[str]) -> list[int]:
        """Messages with one of these names in their texts, and not in a longer one."""
        scrubber = Scrubber(names, pause=self.pause)
        statement = select(Message.id, *_MESSAGE_TEXTS).where(_contain(names, *_MESSAGE_TEXTS))
        found = []
        for message_id, *texts in self.session.execute(statement.execution_options(yield_per=20)):
            self.pause()
            if scrubber.value(texts) != texts:
                found.append(message_id)
        return found

    def _scrub_messages(self, names: list[str]) -> None:
        """Take somebody out of what waits for others."""
        names = [name for name in names if spellings(name)]
        if not names:
            return
        scrubber = Scrubber(names, pause=self.pause)
        for message_id in self._messages_naming(names):
            if message := self.session.get(Message, message_id):
                for column in _MESSAGE_TEXTS:
                    setattr(message, column.name, scrubber.value(getattr(message, column.name)))
            self._commit()

    def _scrub_course(self, training: Training, removal: _Removal) -> None:
        scrubber = removal.scrubber
        for name in COURSE_TEXTS:
            before = getattr(training, name)
            after = scrubber.text(before)
            if after != before:
                # An address with a hole leads nowhere.
                setattr(training, name, "" if name == "website" else after)
        if not removal.fields:
            training.name = scrubber.text(training.name)
            training.other_requests = scrubber.text(training.other_requests)
            if scrubber.text(training.email) != training.email:
                training.email = ""
        training.invitations = [each for each in training.invitations if not _is_meant(each.typed, scrubber)]
        if requested := training.requested_change:
            scrubbed = {n: scrubber.value(value) for n, value in requested.changes.items() if n not in removal.fields}
            # A value with a hole is none.
            requested.changes = {n: v for n, v in scrubbed.items() if n in _TEXTS or v == requested.changes[n]}
            if not requested.changes:
                training.requested_change = None
        for column in (TrainingStep.label, TrainingStep.section, TrainingQuestion.text):
            for row in self.session.scalars(select(column.class_).where(column.class_.training_id == training.id)):
                # What stands for a name may be longer than the name.
                setattr(row, column.key, scrubber.text(getattr(row, column.key))[: column.type.length])

    def _lock(self, training_id: int) -> Training:
        """Keep others from writing down meanwhile what is about to go, and read what they have written."""
        limit_waiting(self.session, LONGEST_WAIT_SECONDS)
        lock_training(self.session, training_id)
        statement = select(Training).where(Training.id == training_id).execution_options(populate_existing=True)
        return self.session.scalars(statement).one()

    def _commit(self) -> None:
        self.session.commit()
        self.pause()

    def _told(self, training_id: int) -> Iterator[tuple[list[str], list[str]]]:
        """What name and address of a training's contact have been, line by line of its history."""
        name, email = TrainingEvent.changes["name"], TrainingEvent.changes["email"]
        for ids in self._lines(training_id, 0):
            for told in self.session.execute(select(name, email).where(TrainingEvent.id.in_(ids))).all():
                names, emails = ([value for value in values or () if isinstance(value, str)] for values in told)
                if names or emails:
                    yield names, emails
            self.pause()

    def _contact_names(self, training: Training) -> Iterator[str]:
        """What a training's contact is and was called."""
        changes = training.requested_change.changes if training.requested_change else {}
        yield from (training.name, training.email, changes.get("name") or "", changes.get("email") or "")
        for names, emails in self._told(training.id):
            yield from (*names, *emails)

    def _names_beside(self, training: Training, address: str) -> Iterator[str]:
        """What somebody with this address was called in a training, now or earlier."""
        if training.email.strip().lower() == address:
            yield training.name
        for names, emails in self._told(training.id):
            if address in (email.lower() for email in emails):
                yield from names

    def _everybody_in(self, training: Training) -> set[str]:
        """Names and public names of everybody of whom the training knows the name, now or earlier.

        Of those who joined, public names that are nothing but letters may be words of the course.
        """
        names = {*self._contact_names(training), *(invitation.typed for invitation in training.invitations)}
        involved: Any = union(
            select(Training.requester_id).where(Training.id == training.id),
            *(
                select(model.user_id).where(model.training_id == training.id)
                for model in (TrainingInstructor, TrainingEvent, TrainingInvitation)
            ),
        )
        for row in self.session.execute(select(User.email, User.username).where(User.id.in_(involved))):
            names |= {row.email or "", row.username or ""}
        members = select(TrainingMember.user_id).where(TrainingMember.training_id == training.id)
        for username in self.session.scalars(select(User.username).where(User.id.in_(members))):
            if username and is_distinctive(username) and not username.isalpha():
                names.add(username)
        return names


def _names_account(user_id: int) -> ColumnElement[bool]:
    """The condition that somebody asked for a training, teaches it, or did something to it."""
    columns: list[Any] = [TrainingInstructor.user_id, TrainingEvent.user_id, TrainingChange.user_id]
    columns += [TrainingInvitation.invited_by]
    return or_(Training.requester_id == user_id, *(_has(column.class_, column == user_id) for column in columns))


def _has(model: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    """The condition that a training has a row of this table."""
    return exists().where(model.training_id == Training.id, condition)


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


def _of_history(training_id: int) -> Any:
    return (
        update(TrainingEvent)
        .where(TrainingEvent.training_id == training_id)
        .execution_options(synchronize_session="fetch")
    )


def _contain(names: Iterable[str], *columns: Any) -> ColumnElement[bool]:
    """Whether one of these columns of text or JSON has one of these names in it, in any case."""
    wanted = sorted({spelling for name in names for spelling in spellings(name)})
    found: list[ColumnElement[bool]] = []
    for column in columns:
        is_text = isinstance(column.type, String)
        # In JSON, letters other than ASCII are escaped.
        texts = wanted if is_text else [json.dumps(spelling)[1:-1] for spelling in wanted]
        found += [cast(column, String).icontains(text, autoescape=True) for text in texts]
    return or_(false(), *found)
