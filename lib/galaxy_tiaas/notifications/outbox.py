"""Messages and their deliveries: written in the transaction of their event, claimed and sent by the worker."""

import threading
from collections.abc import (
    Collection,
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from itertools import groupby
from typing import (
    Any,
    get_args,
    Literal,
    NamedTuple,
    Optional,
    Union,
)

from galaxy.model import (
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    case,
    ColumnElement,
    CursorResult,
    delete,
    exists,
    func,
    insert,
    literal,
    or_,
    select,
    true,
    update,
)

from ..core.model import (
    Delivery,
    Message,
    Training,
)
from .schema import UndeliveredView

Channel = Literal["mail", "notification"]

#: How long a claimed delivery is left alone. A process that is killed meanwhile delays it by as much.
_CLAIM = timedelta(minutes=10)
#: How long deliveries that were given up are shown to admins.
_KEPT = timedelta(days=30)
_MAX_SHOWN = 50
#: Pauses between attempts: about three days in all.
_PAUSES = [timedelta(minutes=minutes) for minutes in (1, 5, 15, 60, 3 * 60, 6 * 60, 12 * 60, 24 * 60, 24 * 60)]
#: Where a delivery goes: to its own address, else to the account's.
_ADDRESS = func.coalesce(func.nullif(Delivery.address, ""), User.email, "")


class WakeUpEvent(threading.Event):
    """Set once messages have been committed. A command looks at it before it ends."""


@dataclass(frozen=True)
class Recipient:
    """An account, an address, or an account that wants to be written to elsewhere.

    With neither it is nobody: the delivery is written as done, so that its cost tells nothing about accounts.
    """

    user_id: Optional[int]
    address: str = ""

    @property
    def is_nobody(self) -> bool:
        return self.user_id is None and not self.address


@dataclass(frozen=True)
class PendingDelivery:
    """A delivery that may be tried now, with its message."""

    id: int
    message_id: int
    channel: Channel
    user_id: Optional[int]
    #: Empty for an account that was deleted.
    address: str
    attempts: int
    event: str
    audience: str
    created: datetime
    subject: str
    text: str
    html: str
    markdown: str
    link: str
    calendar: Optional[str]


class Queue(NamedTuple):
    """Numbers of deliveries that will be tried, and that will not be tried any more."""

    waiting: int
    given_up: int


@dataclass(frozen=True)
class Digest:
    """A message that waits until a later time, so that further changes can be added."""

    #: Field name to ``[old, new]``.
    changes: dict[str, Any]
    #: Accounts, or addresses of those who have none.
    people: frozenset[Union[int, str]]


class OutboxManager:
    """Reads and writes messages and their deliveries."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def put(
        self, message: Message, recipients: Mapping[Channel, Collection[Recipient]], send_at: Optional[datetime] = None
    ) -> bool:
        """Write a message for some recipients, by channel, to be delivered at ``send_at``, else at once.

        Recipients without an account get no notification.

        :returns: whether it has any recipient.
        """
        rows = [
            {
                **_new(channel, send_at or message.created),
                **({"next_attempt_at": None, "delivered_at": message.created} if recipient.is_nobody else {}),
                "user_id": recipient.user_id,
                "address": recipient.address,
            }
            for channel, people in recipients.items()
            for recipient in people
            if channel == "mail" or recipient.user_id or recipient.is_nobody
        ]
        if rows:
            self.session.add(message)
            self.session.flush()
            statement = insert(Delivery).execution_options(render_nulls=True)
            self.session.execute(statement, [{**row, "message_id": message.id} for row in rows])
        return bool(rows)

    def put_for_members(
        self, message: Message, group_id: int, channels: Collection[Channel], *, but: Collection[int]
    ) -> bool:
        """The same for all members of a group with a live account, except some: one statement for each channel."""
        membership = UserGroupAssociation
        members = and_(
            membership.group_id == group_id, membership.user_id == User.id, User.deleted.is_(False), User.id.not_in(but)
        )
        if not self.session.scalar(select(exists().where(members))):
            return False
        self.session.add(message)
        self.session.flush()
        for channel in channels:
            values = {**_new(channel, message.created), "message_id": message.id, "address": ""}
            columns = [literal(value, getattr(Delivery, name).type) for name, value in values.items()]
            rows = select(*columns, User.id).join_from(User, membership, members)
            self.session.execute(insert(Delivery).from_select([*values, "user_id"], rows))
        return True

    def take_digests(self, training_id: int, event: str, audience: str) -> list[Digest]:
        """Delete digests that are not being delivered yet, and return them, the oldest first."""
        statement = (
            select(
                *(Message.id, Message.changes, Delivery.user_id, Delivery.address, Delivery.attempts),
                Delivery.delivered_at,
            )
            .join(Message, Message.id == Delivery.message_id)
            .where(Message.training_id == training_id, Message.event == event, Message.audience == audience)
            .where(Message.changes.is_not(None))
            .order_by(Message.id)
            .with_for_update(of=Delivery)
        )
        found = []
        rows = self.session.execute(statement).all()
        for message_id, group in groupby(rows, lambda row: row.id):
            deliveries = list(group)
            if any(row.attempts or row.delivered_at for row in deliveries):
                continue
            self.session.execute(_delete(Delivery, Delivery.message_id == message_id))
            self.session.execute(_delete(Message, Message.id == message_id))
            people = frozenset(row.user_id or row.address for row in deliveries)
            found.append(Digest(deliveries[0].changes, people))
        return found

    @staticmethod
    def is_outdated(now: datetime) -> ColumnElement[bool]:
        """The condition that a delivery was given up so long ago that it is to be deleted."""
        return Delivery.given_up_at < now - _KEPT

    def pending(self, now: datetime, limit: int) -> list[PendingDelivery]:
        """Deliveries that may be tried now, the oldest first."""
        statement = (
            select(
                *(Delivery.id, Delivery.message_id, Delivery.channel, Delivery.user_id, Delivery.attempts),
                case((User.deleted.is_(True), ""), else_=_ADDRESS).label("address"),
                *(Message.event, Message.audience, Message.created),
                *(Message.subject, Message.text, Message.html, Message.markdown, Message.link, Message.calendar),
            )
            .join(Message, Message.id == Delivery.message_id)
            .outerjoin(User, User.id == Delivery.user_id)
            .where(Delivery.next_attempt_at <= now)
            .order_by(Delivery.next_attempt_at, Delivery.id)
            .limit(limit)
        )
        return [PendingDelivery(**row._mapping) for row in self.session.execute(statement)]

    def claim(self, delivery_ids: Collection[int], now: datetime) -> set[int]:
        """Claim those that nobody else has claimed, and count the attempt; their ids. Commit before sending."""
        # On PostgreSQL, rows that another process is claiming are skipped.
        free = (
            select(Delivery.id)
            .where(Delivery.id.in_(delivery_ids), Delivery.next_attempt_at <= now)
            .with_for_update(skip_locked=True)
        )
        statement = (
            update(Delivery)
            .where(Delivery.id.in_(free), Delivery.next_attempt_at <= now)
            .values(next_attempt_at=now + _CLAIM, claimed_until=now + _CLAIM, attempts=Delivery.attempts + 1)
            .returning(Delivery.id)
            .execution_options(synchronize_session=False)
        )
        return set(self.session.scalars(statement))

    def delivered(self, deliveries: Collection[PendingDelivery], now: datetime) -> None:
        """Mark deliveries as done, and delete messages without further ones."""
        ids = [each.id for each in deliveries]
        values = {"delivered_at": now, "next_attempt_at": None, "given_up_at": None, "address": "", "problem": ""}
        self._update(ids, **values, claimed_until=None)
        self._forget_delivered(each.message_id for each in deliveries)

    def failed(self, pending: PendingDelivery, now: datetime, problem: str, *, for_good: bool = False) -> bool:
        """Store why a delivery failed, and when to retry it. Its claim has counted the attempt.

        :returns: whether it will be retried.
        """
        again = None if for_good else next_attempt(pending.attempts + 1, now)
        given_up_at = None if again else now
        self._update([pending.id], next_attempt_at=again, claimed_until=None, given_up_at=given_up_at, problem=problem)
        return again is not None

    def drop(self, delivery_ids: Collection[int]) -> None:
        """Delete deliveries, and messages without further ones."""
        messages = list(self.session.scalars(select(Delivery.message_id).where(Delivery.id.in_(delivery_ids))))
        self.session.execute(_delete(Delivery, Delivery.id.in_(delivery_ids)))
        self._forget_delivered(messages)

    def retry(self, delivery_ids: Collection[int], now: datetime) -> int:
        """Start again with deliveries that wait or were given up, unless they are claimed.

        :returns: how many.
        """
        unclaimed = or_(Delivery.claimed_until.is_(None), Delivery.claimed_until <= now)
        return self._update(
            delivery_ids, Delivery.delivered_at.is_(None), unclaimed, attempts=0, next_attempt_at=now, given_up_at=None
        )

    def forget_training(self, training_id: int, *, event: str = "") -> None:
        """Delete every message about a training, or about one of its events: they contain personal data."""
        which = and_(Message.training_id == training_id, Message.event == event if event else true())
        self.session.execute(_delete(Delivery, Delivery.message_id.in_(select(Message.id).where(which))))
        self.session.execute(_delete(Message, which))

    def forget_user(self, user_id: int) -> None:
        """Delete every delivery to an account."""
        self.drop(list(self.session.scalars(select(Delivery.id).where(Delivery.user_id == user_id))))

    def tidy(self, now: datetime) -> int:
        """Delete deliveries that were given up long ago, and messages whose last deliveries were made at the same time.

        :returns: how many deliveries had been given up.
        """
        old = list(self.session.scalars(select(Delivery.id).where(self.is_outdated(now))))
        if old:
            self.drop(old)
        self._forget_delivered()
        return len(old)

    def queues(self) -> dict[Channel, Queue]:
        """Numbers of undelivered messages by channel."""
        waiting, given_up = Delivery.next_attempt_at, Delivery.given_up_at
        statement = (
            select(Delivery.channel, func.count(waiting), func.count(given_up))
            .where(or_(waiting.is_not(None), given_up.is_not(None)))
            .group_by(Delivery.channel)
        )
        found = {channel: Queue(*counts) for channel, *counts in self.session.execute(statement)}
        return {channel: found.get(channel, Queue(0, 0)) for channel in get_args(Channel)}

    def undelivered(self, *, given_up: bool) -> list[UndeliveredView]:
        """The last deliveries that were given up, the latest first, or the next that wait."""
        column = Delivery.given_up_at if given_up else Delivery.next_attempt_at
        statement = (
            select(
                *(Delivery.id, Delivery.channel, _ADDRESS.label("address"), Delivery.attempts, Delivery.problem),
                *(Delivery.next_attempt_at, Delivery.given_up_at, User.username),
                *(Message.event, Message.audience, Message.created, Training.identifier),
            )
            .join(Message, Message.id == Delivery.message_id)
            .outerjoin(User, User.id == Delivery.user_id)
            .outerjoin(Training, Training.id == Message.training_id)
            .where(column.is_not(None))
            .order_by(column.desc() if given_up else column, Delivery.id)
            .limit(_MAX_SHOWN)
        )
        return [UndeliveredView(**row._mapping) for row in self.session.execute(statement)]

    def undelivered_ids(self, delivery_id: Optional[int]) -> Sequence[int]:
        """The id of one, if it was not delivered; or those of all that were given up."""
        missing = Delivery.given_up_at.is_not(None) if delivery_id is None else Delivery.id == delivery_id
        return self.session.scalars(select(Delivery.id).where(missing, Delivery.delivered_at.is_(None))).all()

    def _update(self, delivery_ids: Collection[int], *conditions: ColumnElement[bool], **values: Any) -> int:
        statement = update(Delivery).where(Delivery.id.in_(delivery_ids), *conditions).values(**values)
        result: CursorResult[Any] = self.session.execute(statement.execution_options(synchronize_session=False))  # type: ignore[assignment]
        return result.rowcount

    def _forget_delivered(self, message_ids: Optional[Iterable[int]] = None) -> None:
        waits = exists().where(Delivery.message_id == Message.id, Delivery.delivered_at.is_(None))
        statement = select(Message.id).where(~waits)
        if message_ids is not None:
            statement = statement.where(Message.id.in_(set(message_ids)))
        if done := list(self.session.scalars(statement)):
            self.session.execute(_delete(Delivery, Delivery.message_id.in_(done)))
            self.session.execute(_delete(Message, Message.id.in_(done)))


def next_attempt(attempts: int, now: datetime) -> Optional[datetime]:
    """When to retry after this many failed attempts, the last of them at ``now``; ``None``: give up."""
    return now + _PAUSES[attempts - 1] if attempts <= len(_PAUSES) else None


def _new(channel: Channel, now: datetime) -> dict[str, Any]:
    return {"channel": channel, "attempts": 0, "next_attempt_at": now, "delivered_at": None, "problem": ""}


def _delete(model: Any, condition: ColumnElement[bool]) -> Any:
    return delete(model).where(condition).execution_options(synchronize_session=False)
