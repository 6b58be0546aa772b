"""Which events of a training are told to whom: messages are written to the outbox, in the transaction of the event."""

import logging
from collections.abc import (
    Collection,
    Iterator,
)
from contextlib import contextmanager
from dataclasses import (
    dataclass,
    replace,
)
from datetime import (
    datetime,
    timedelta,
)
from email.utils import parseaddr
from typing import (
    Any,
    Literal,
    Optional,
)

from galaxy.config import GalaxyAppConfiguration
from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    func,
    select,
)

from ..core import wording
from ..core.actor import (
    Actor,
    SERVER,
)
from ..core.config import (
    site_address,
    TiaasConfig,
)
from ..core.db import has_lost_transaction
from ..core.exceptions import (
    DatabaseAway,
    describe,
)
from ..core.model import (
    Message,
    Training,
)
from ..membership.manager import CohortManager
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    INVITATION_DAYS,
    TrainingState,
)
from .calendars import itip_message
from .outbox import (
    Channel,
    Digest,
    OutboxManager,
    Recipient,
    WakeUpEvent,
)
from .rendering import (
    join_url,
    QR_CODE,
    render,
)
from .schema import (
    Audience,
    MailAction,
    MailView,
)

log = logging.getLogger(__name__)

#: Field name to ``[old, new]``, as in the history.
Changes = dict[str, Any]

#: Events whose mails carry an entry for calendars.
_DATED = frozenset({"approved", "rejected", "cancelled", "ended_early", "resumed"})
_DAYS = frozenset({"start", "end", "timezone"})
#: Changes of these are not told: they concern admins, or have messages of their own.
_INTERNAL = frozenset({"destination", "resources", "invited"})
#: Changes within this time after a message about changes are collected in a digest.
_DIGEST_INTERVAL = timedelta(hours=1)
#: Members named in a reminder; of more, the number is given.
_MAX_NAMES = 100
#: Where a session notes that a message was written in it.
_WRITTEN = "tiaas_written"


@dataclass(frozen=True)
class _Event:
    """What has happened to a training."""

    #: A message is rendered from ``mail/<name>_<audience>.mako``.
    name: str
    training: Training
    now: datetime
    actor: Actor


class NotificationService:
    """One method for each event; and the mail queue, for admins. Call :meth:`send` after the commit of an event.

    Nobody is told of their own actions, except that a request has arrived. If a message cannot be rendered or written,
    a line is logged and the action itself goes on, unless its transaction is lost.
    """

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        galaxy_config: GalaxyAppConfiguration,
        trainings: TrainingManager,
        cohorts: CohortManager,
        outbox: OutboxManager,
        wake_up: WakeUpEvent,
    ):
        self.session = session
        self.config = config
        self.galaxy_config = galaxy_config
        self.trainings = trainings
        self.cohorts = cohorts
        self.outbox = outbox
        self.wake_up = wake_up

    def requested(self, actor: Actor, training: Training, now: datetime) -> None:
        """A training was requested: admins have to decide, and the requester gets a confirmation."""
        with self._event("requested", training, now, actor) as event:
            self._to_admins(event)
            people = self._instructors(training)[:1]
            by_mail = people if self.config.send_email_to_requester else []
            self._write(event, "instructor", people, by_mail=by_mail)

    @property
    def can_ask(self) -> bool:
        """Whether a mail with a link can be sent to somebody."""
        return "mail" in self.channels and bool(site_address(self.config, self.galaxy_config))

    def contact_given(self, training: Training, token: str, now: datetime) -> bool:
        """A contact address is not confirmed yet: its owner gets a link.

        :returns: whether the mail was written.
        """
        with self._event("confirm", training, now, SERVER) as event:
            owner = [Recipient(None, training.email)]
            return self._write(event, "contact", owner, confirm_path=f"/tiaas/contact/{token}")
        return False

    def decided(self, actor: Actor, training: Training, note: str, now: datetime) -> None:
        """A training was approved, rejected or cancelled."""
        state = TrainingState(training.state)
        is_approved = state is TrainingState.APPROVED
        with self._event(state.value, training, now, actor) as event:
            if not is_approved:
                # What waits in digests concerns nobody any more.
                if self._take_digests(replace(event, name="changed"), "instructor", training.changes_told_at):
                    training.changes_told_at = now
                if self._take_digests(replace(event, name="change_requested"), "admin", training.wishes_told_at):
                    training.wishes_told_at = now
            self._to_instructors(event, note=note)
            # A reversed decision concerns those who had joined before.
            self._to_members(replace(event, name="approved" if is_approved else "cancelled"))
            if state is TrainingState.CANCELLED and not actor.is_admin:
                self._to_admins(event, note=note)

    def change_requested(self, actor: Actor, training: Training, changes: Changes, now: datetime) -> None:
        """An instructor asks for changes that an admin decides.

        The first message is sent at once; what is asked for within the next hour is sent together at its end.

        :param changes: all that wait for a decision, as in the history.
        """
        with self._event("change_requested", training, now, actor) as event:
            self._take_digests(event, "admin", training.wishes_told_at)
            send_at = _next_time(training.wishes_told_at, now)
            if self._to_admins(event, send_at=send_at, digest=changes, changes=_in_words(changes)):
                training.wishes_told_at = send_at

    def change_withdrawn(self, actor: Actor, training: Training, changes: Changes, now: datetime) -> None:
        """A requested change need not be decided any more: a digest that waits does not mention it.

        :param changes: those that still wait for a decision.
        """
        send_at = training.wishes_told_at
        if send_at is None or send_at <= now:
            return
        with self._event("change_requested", training, now, actor) as event:
            if not self._take_digests(event, "admin", send_at):
                return
            if not changes or not self._to_admins(event, send_at=send_at, digest=changes, changes=_in_words(changes)):
                training.wishes_told_at = send_at - _DIGEST_INTERVAL

    def changed(self, actor: Actor, training: Training, changes: Changes, now: datetime) -> None:
        """A training was changed.

        The first message is sent at once, and so is any about days or link; what is changed within the next hour is
        sent together at its end.
        """
        changes = _without_internal(changes)
        if changes and self.notifies_of_changes(training):
            with self._event("changed", training, now, actor) as event:
                self._changed_to_instructors(event, changes)
                self._changed_to_members(event, changes)

    def change_decided(
        self, actor: Actor, training: Training, accepted: bool, note: str, changes: Changes, now: datetime
    ) -> None:
        """An admin has accepted or declined a requested change."""
        changes = _without_internal(changes)
        with self._event("change_accepted" if accepted else "change_declined", training, now, actor) as event:
            self._to_instructors(event, changes=_in_words(changes), note=note, **_new(changes))
            changed = replace(event, name="changed")
            self._changed_to_members(changed, changes)
            if any(_new(changes).values()):
                # A digest that waits has the former days and link.
                self._changed_to_instructors(changed, {})

    def invited(self, actor: Actor, training: Training, people: Collection[Optional[int]], now: datetime) -> None:
        """People are invited to teach a training.

        :param people: their accounts; ``None`` for each who has none or is not to be told, so that the cost does not
            tell the two apart.
        """
        with self._event("invited", training, now, actor) as event:
            self._write(
                event,
                "instructor",
                [Recipient(user_id) for user_id in people],
                inviter=actor.user.username if actor.user else "",
                title=_shortened(training.title),
                valid_days=INVITATION_DAYS,
            )

    def accepted(self, actor: Actor, training: Training, now: datetime) -> None:
        """Somebody has accepted an invitation to teach a training."""
        with self._event("accepted", training, now, actor) as event:
            who = (actor.user.username if actor.user else "") or "Somebody whom you invited"
            self._to_instructors(event, who=who)

    def switched(
        self, actor: Actor, training: Training, action: Literal["ended early", "resumed"], note: str, now: datetime
    ) -> None:
        """A training was ended before its last day, or resumed after that."""
        with self._event(action.replace(" ", "_"), training, now, actor) as event:
            self._to_instructors(event, note=note)

    def reminder(self, training: Training, now: datetime) -> None:
        """A training starts soon: its instructors learn who has joined.

        :raises Exception: if the message cannot be written; the lifecycle tries again.
        """
        self.cohorts.name_members(training, self.cohorts.roster(training).unnamed)
        members = self.cohorts.roster(training).members
        shown = self.config.expose_username or self.config.instructors_see_usernames
        names = [
            f"{member.pseudonym.name} ({member.username})" if shown and member.username else member.pseudonym.name
            for member in members[:_MAX_NAMES]
        ]
        self._to_instructors(_Event("reminder", training, now, SERVER), joined=len(members), names=names)

    def thanks(self, training: Training, now: datetime) -> None:
        """A training is over: its instructors are thanked, with a few numbers.

        :raises Exception: as :meth:`reminder`.
        """
        joined = self.cohorts.count_members([training]).get(training.id, 0)
        self._to_instructors(_Event("thanks", training, now, SERVER), joined=joined, usage=training.usage)

    def send(self) -> None:
        """Wake the delivery worker if there is a new message; call it after the commit."""
        if self.session.info.pop(_WRITTEN, False):
            self.wake_up.set()

    def queue(self, actor: Actor) -> MailView:
        """The deliveries that wait and that were abandoned; for admins, since it shows addresses."""
        actor.ensure_admin()
        queues = self.outbox.queues().values()
        return MailView(
            sends_mail="mail" in self.channels,
            sends_notifications="notification" in self.channels,
            knows_its_address=bool(site_address(self.config, self.galaxy_config)),
            waiting_total=sum(queue.waiting for queue in queues),
            given_up_total=sum(queue.given_up for queue in queues),
            waiting=self.outbox.undelivered(given_up=False),
            given_up=self.outbox.undelivered(given_up=True),
        )

    def act_on_queue(self, actor: Actor, action: MailAction, now: datetime) -> int:
        """Retry deliveries now, or drop them; for admins.

        :returns: how many; those that are being sent, or were delivered meanwhile, do not count.
        """
        actor.ensure_admin()
        ids = self.outbox.undelivered_ids(action.delivery)
        if action.action == "retry":
            count = self.outbox.retry(ids, now)
        else:
            count = len(ids)
            self.outbox.drop(ids)
        self.session.commit()
        if count and action.action == "retry":
            self.wake_up.set()
        return count

    @property
    def channels(self) -> list[Channel]:
        """The channels that this Galaxy has. Without any, no message is written."""
        galaxy = self.galaxy_config
        on: dict[Channel, Any] = {"mail": galaxy.smtp_server, "notification": galaxy.enable_notification_system}
        return [channel for channel, is_on in on.items() if is_on]

    def notifies_of_changes(self, training: Training) -> bool:
        """Whether changes are told: not before the approval, nor when the training does not take place."""
        return training.state == TrainingState.APPROVED

    def _channels(self, event: _Event) -> list[Channel]:
        # An import writes down what happened elsewhere.
        return [] if event.actor.via == "import" else self.channels

    @contextmanager
    def _event(self, name: str, training: Training, now: datetime, actor: Actor) -> Iterator[_Event]:
        """A savepoint, which is rolled back if the messages of an event cannot be written."""
        identifier = training.identifier
        savepoint = self.session.begin_nested()
        try:
            with savepoint:
                yield _Event(name, training, now, actor)
        except Exception as problem:
            if has_lost_transaction(self.session):
                raise DatabaseAway() from None
            log.error("galaxy-tiaas: training '%s', %s: nobody is told: %s", identifier, name, describe(problem))

    def _changed_to_instructors(self, event: _Event, changes: Changes) -> None:
        """Tell instructors what has changed, now or in the next digest."""
        training = event.training
        digests = self._take_digests(event, "instructor", training.changes_told_at)
        if not changes and not digests:
            return
        waited = {person for digest in digests for person in digest.people}
        told: Changes = {}
        for each in (*(digest.changes for digest in digests), changes):
            told = _merged(told, each)
        send_at = event.now if any(_new(changes).values()) else _next_time(training.changes_told_at, event.now)
        # A digest with changes of several people goes to all of them.
        people = [
            person
            for person in self._instructors(training)
            if (person.user_id or person.address) in waited or (changes and person.user_id != event.actor.user_id)
        ]
        context: dict[str, Any] = {"changes": _in_words(told), "note": "", **_new(changes)}
        if told and self._write(event, "instructor", people, send_at=send_at, digest=told, **context):
            training.changes_told_at = send_at
        elif digests and training.changes_told_at:
            training.changes_told_at -= _DIGEST_INTERVAL

    def _changed_to_members(self, event: _Event, changes: Changes) -> None:
        training = event.training
        over = training.window(self.config.join_flex_hours).is_over(event.now)
        if any(_new(changes).values()) and training.state == TrainingState.APPROVED and not over:
            self._to_members(event, **_new(changes))

    def _take_digests(self, event: _Event, audience: Audience, told_at: Optional[datetime]) -> list[Digest]:
        """Take back the digests that are to be sent at ``told_at``."""
        if told_at is None or told_at <= event.now:
            return []
        return self.outbox.take_digests(event.training.id, event.name, audience)

    def _to_admins(self, event: _Event, **message: Any) -> bool:
        """Tell admins; ``False`` if there is nobody to tell."""
        if not self._channels(event):
            return False
        actor = event.actor
        listed = {address.lower(): address for address in self.galaxy_config.admin_users_list}
        named = {address.strip().lower(): address.strip() for address in self.config.send_email_to.split(",")}
        email = func.lower(User.email)
        rows = self.session.execute(select(email, User.id, User.deleted).where(email.in_(listed))).all()
        live = [Recipient(user_id) for _, user_id, deleted in rows if not deleted and user_id != actor.user_id]
        unknown = [Recipient(None, listed[address]) for address in listed.keys() - {address for address, *_ in rows}]
        own = actor.user.email.lower() if actor.user else ""
        by_mail = [Recipient(None, address) for key, address in named.items() if address and key != own]
        return self._write(event, "admin", live, by_mail=by_mail if any(named) else [*live, *unknown], **message)

    def _to_instructors(self, event: _Event, **context: Any) -> None:
        if not self._channels(event):
            return
        own = event.actor.user_id
        people = [person for person in self._instructors(event.training) if own is None or person.user_id != own]
        self._write(event, "instructor", people, **context)

    def _to_members(self, event: _Event, **context: Any) -> None:
        training, channels = event.training, self._channels(event)
        if not channels or training.group_id is None:
            return
        teachers = {training.requester_id, *(instructor.user_id for instructor in training.instructors)}
        others = [user_id for user_id in {event.actor.user_id, *teachers} if user_id is not None]
        message = self._message(event, "member", context)
        self._note(self.outbox.put_for_members(message, training.group_id, channels, but=others))

    def _instructors(self, training: Training) -> list[Recipient]:
        """The requester, at the contact address if that is confirmed, else at the account's; the other instructors."""
        contact = training.email if training.email_confirmed else ""
        people = []
        for user_id, _, email in self.trainings.people(training):
            has_contact = user_id == training.requester_id and contact.lower() != email.lower()
            people.append(Recipient(user_id, contact if has_contact else ""))
        if training.requester_id is None and contact:
            people.insert(0, Recipient(None, contact))
        return people

    def _write(
        self,
        event: _Event,
        audience: Audience,
        people: Collection[Recipient],
        *,
        by_mail: Optional[Collection[Recipient]] = None,
        send_at: Optional[datetime] = None,
        digest: Optional[Changes] = None,
        **context: Any,
    ) -> bool:
        """Write a message.

        :param by_mail: who gets it by mail, if not the same people.
        :param send_at: when it is to be sent, if not now.
        :param digest: the changes in it, if more may be added until it is sent.
        :returns: whether it has any recipient.
        """
        recipients = {"mail": people if by_mail is None else by_mail, "notification": people}
        reached = {channel: recipients[channel] for channel in self._channels(event)}
        if not any(reached.values()):
            return False
        message = self._message(event, audience, context)
        message.changes = digest if send_at and send_at > event.now else None
        return self._note(self.outbox.put(message, reached, send_at))

    def _note(self, written: bool) -> bool:
        """Note in the session, which belongs to one request, whether a message was written."""
        if written:
            self.session.info[_WRITTEN] = True
        return written

    def _message(self, event: _Event, audience: Audience, context: dict[str, Any]) -> Message:
        training, site = event.training, site_address(self.config, self.galaxy_config)
        rendered = render(f"{event.name}_{audience}", training, self.config, self.galaxy_config, site, context)
        dated = event.name in _DATED or context.get("new_days") or context.get("new_link")
        # What was never approved is in no calendar.
        in_calendars = dated and audience != "admin" and training.group_id is not None
        # The bare address of the sender: calendars accept a cancellation from the organiser only.
        organiser = parseaddr(self.config.send_email_from or self.galaxy_config.email_from or "")[1]
        return Message(
            training_id=training.id,
            event=event.name,
            audience=audience,
            **vars(rendered),
            link=join_url(training, site) if QR_CODE in rendered.html else "",
            calendar=itip_message(training, site, organiser) if in_calendars else None,
            created=event.now,
        )


def _without_internal(changes: Changes) -> Changes:
    return {name: values for name, values in changes.items() if name not in _INTERNAL}


def _new(changes: Collection[str]) -> dict[str, bool]:
    """Whether a training has other days or another link, as templates ask."""
    return {"new_days": not _DAYS.isdisjoint(changes), "new_link": "identifier" in changes}


def _next_time(told_at: Optional[datetime], now: datetime) -> datetime:
    """When to send the next message about changes, after one that was, or will be, sent at ``told_at``."""
    if told_at is None or told_at + _DIGEST_INTERVAL <= now:
        return now
    return told_at if told_at > now else told_at + _DIGEST_INTERVAL


def _merged(earlier: Changes, later: Changes) -> Changes:
    """Two changes as one; what is back at its first value is left out."""
    both = dict(earlier)
    for name, (old, new) in later.items():
        both[name] = [both[name][0] if name in both else old, new]
    return {name: [old, new] for name, (old, new) in both.items() if old != new}


def _in_words(changes: Changes) -> list[str]:
    return [wording.change(name, *values) for name, values in changes.items()]


def _shortened(text: str, longest: int = 60) -> str:
    """The beginning of what a stranger wrote, for the mail in which it is quoted."""
    line = " ".join(text.split())
    return line if len(line) <= longest else f"{line[: longest - 1].rstrip()}…"
