"""Who is told what: written into the outbox, in the transaction of what they are told of."""

import logging
from collections.abc import (
    Collection,
    Iterator,
    Mapping,
)
from contextlib import contextmanager
from datetime import (
    datetime,
    timedelta,
)
from email.utils import parseaddr
from typing import (
    Any,
    Literal,
    Optional,
    Protocol,
)

from galaxy.config import GalaxyAppConfiguration
from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    func,
    select,
)

from ..config import (
    site_address,
    TiaasConfig,
)
from ..domain import wording
from ..domain.doors import Door
from ..domain.invitations import (
    INVITATION_DAYS,
    shortened,
)
from ..domain.states import TrainingState
from ..exceptions import (
    DatabaseAway,
    describe,
)
from ..managers.cohorts import CohortManager
from ..managers.dialects import has_lost_transaction
from ..managers.members import (
    Member,
    MemberManager,
)
from ..managers.outbox import (
    Channel,
    Collected,
    OutboxManager,
    Recipient,
)
from ..managers.trainings import TrainingManager
from ..model import (
    Message,
    Training,
)
from .calendars import news
from .doorbell import Doorbell
from .letters import QR_CODE
from .texts import (
    join_url,
    Texts,
)

log = logging.getLogger(__name__)

#: These bring a training into the calendars of its people or take it out again.
_DATED = frozenset({"approved", "rejected", "cancelled", "ended_early", "resumed"})
_DAYS = frozenset({"start", "end", "timezone"})
#: Of a change of these nobody is told: they concern admins, or those who are invited.
_INTERNAL = frozenset({"destination", "resources", "invited"})
#: Of changes of one training, a group of people is told no more often.
_BETWEEN = timedelta(hours=1)
#: Members whom a reminder names; of more, the number is told.
_MOST_NAMED = 100


class Doer(Protocol):
    """Whoever did what others are told of; :class:`galaxy_tiaas.services.actor.Actor` is one."""

    @property
    def user(self) -> Optional[User]: ...
    @property
    def user_id(self) -> Optional[int]: ...
    @property
    def is_admin(self) -> bool: ...
    @property
    def via(self) -> Door: ...


class Announcer:
    """One method for each thing that people are told of. Call :meth:`send` after the commit.

    Nobody is told of what they did themselves, except that a request has arrived. A mistake on the way, in a text or in
    the database, is a line in the log and never in the way of what was done, unless what was done is lost with it.
    """

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        galaxy_config: GalaxyAppConfiguration,
        texts: Texts,
        trainings: TrainingManager,
        cohorts: CohortManager,
        named: MemberManager,
        outbox: OutboxManager,
        doorbell: Doorbell,
    ):
        self.session = session
        self.config = config
        self.galaxy_config = galaxy_config
        self.texts = texts
        self.trainings = trainings
        self.cohorts = cohorts
        self.named = named
        self.outbox = outbox
        self.doorbell = doorbell
        self._written = False

    def requested(self, actor: Doer, training: Training, now: datetime) -> None:
        """A request has come in: admins have something to decide, and whoever asked knows that it arrived."""
        with self._harmless("requested", training):
            self._tell_admins("requested", actor, training, now)
            people = self._instructors(training)[:1]
            by_mail = people if self.config.send_email_to_requester else []
            self._tell("requested", "instructor", actor, training, now, {"mail": by_mail, "notification": people})

    @property
    def can_ask(self) -> bool:
        """Whether a mail with a link can be sent to somebody."""
        return "mail" in self.channels and bool(site_address(self.config, self.galaxy_config))

    def contact_given(self, training: Training, token: str, now: datetime) -> bool:
        """Mails shall go to an address that nobody has confirmed: its owner gets a link.

        :returns: whether the mail was written.
        """
        written = False
        with self._harmless("contact", training):
            message = self._message("confirm", "contact", training, now, {"confirm_path": f"/tiaas/contact/{token}"})
            self._written |= self.outbox.put(message, {"mail": [Recipient(None, training.email)]})
            written = True
        return written

    def decided(self, actor: Doer, training: Training, note: str, now: datetime) -> None:
        """A training was approved, rejected or cancelled."""
        state = TrainingState(training.state)
        with self._harmless(state.value, training):
            if state is not TrainingState.APPROVED:
                self._drop_collected(training, now)
            self._tell_instructors(state.value, actor, training, now, note=note)
            # Who has joined before is told too when a decision is taken back.
            self._tell_members("approved" if state is TrainingState.APPROVED else "cancelled", actor, training, now)
            if state is TrainingState.CANCELLED and not actor.is_admin:
                self._tell_admins("cancelled", actor, training, now, note=note)

    def change_requested(self, actor: Doer, training: Training, wishes: dict[str, Any], now: datetime) -> None:
        """An instructor wants something changed that an admin decides.

        The first message goes at once. What is asked for within an hour after it is in one message at its end.

        :param wishes: everything that waits for a decision, as in the history.
        """
        with self._harmless("change requested", training):
            self._take_collected(training, "change_requested", "admin", training.wishes_told_at, now)
            due = _when(training.wishes_told_at, now)
            if self._tell_of_wishes(actor, training, wishes, now, due):
                training.wishes_told_at = due

    def wishes_withdrawn(self, actor: Doer, training: Training, wishes: dict[str, Any], now: datetime) -> None:
        """Something need not be decided any more: a message that waits does not speak of it.

        :param wishes: what still waits for a decision.
        """
        due = training.wishes_told_at
        if due is None or due <= now:
            return
        with self._harmless("change withdrawn", training):
            if not self._take_collected(training, "change_requested", "admin", due, now):
                return
            if not wishes or not self._tell_of_wishes(actor, training, wishes, now, due):
                training.wishes_told_at = due - _BETWEEN

    def changed(self, actor: Doer, training: Training, changes: dict[str, Any], now: datetime) -> None:
        """Somebody has changed something. Nobody is told before the training is approved.

        The first message goes at once, and so does any about days or link. What is changed within an hour after it is
        in one message at its end.

        :param changes: what, as in the history.
        """
        concerning = {name: values for name, values in changes.items() if name not in _INTERNAL}
        if not concerning or not self.tells_of_changes(training):
            return
        with self._harmless("changed", training):
            self._tell_of_changes(actor, training, concerning, now)
            self._tell_members_of_changes(actor, training, concerning, now)

    def change_decided(
        self, actor: Doer, training: Training, accepted: bool, note: str, changes: dict[str, Any], now: datetime
    ) -> None:
        """An admin has accepted or declined what an instructor wanted changed."""
        concerning = {name: values for name, values in changes.items() if name not in _INTERNAL}
        event = "change_accepted" if accepted else "change_declined"
        with self._harmless(event, training):
            self._tell_instructors(
                event, actor, training, now, changes=_in_words(concerning), note=note, **_new(concerning)
            )
            self._tell_members_of_changes(actor, training, concerning, now)
            if any(_new(concerning).values()):
                # What waits names days and link as they were.
                self._tell_of_changes(actor, training, {}, now)

    def invited(self, actor: Doer, training: Training, people: Collection[Optional[int]], now: datetime) -> None:
        """People are asked to teach a training.

        :param people: their accounts, ``None`` for each who has none or is not to be told. By what is done, whoever
            invites cannot tell the two apart.
        """
        with self._harmless("invited", training):
            to = [Recipient(user_id) for user_id in people]
            said: dict[str, Any] = {
                "inviter": actor.user.username if actor.user else "",
                "title": shortened(training.title),
                "valid_days": INVITATION_DAYS,
            }
            self._tell("invited", "instructor", actor, training, now, {"mail": to, "notification": to}, **said)

    def accepted(self, actor: Doer, training: Training, now: datetime) -> None:
        """Somebody who was invited teaches a training now."""
        with self._harmless("invitation accepted", training):
            who = (actor.user.username if actor.user else "") or "Somebody whom you invited"
            self._tell_instructors("accepted", actor, training, now, who=who)

    def switched(
        self, actor: Doer, training: Training, action: Literal["ended early", "resumed"], note: str, now: datetime
    ) -> None:
        """A training was ended before its last day, or goes on after that."""
        with self._harmless(action, training):
            self._tell_instructors(action.replace(" ", "_"), actor, training, now, note=note)

    def reminder(self, training: Training, now: datetime) -> None:
        """A training starts soon: its instructors learn who has joined.

        :raises Exception: if it cannot be written down; the lifecycle tries again.
        """
        self.named.name_members(training, self.named.roster(training).unnamed)
        members = self.named.roster(training).members
        names = [self._name(member) for member in members[:_MOST_NAMED]]
        self._tell_instructors("reminder", None, training, now, joined=len(members), names=names)

    def thanks(self, training: Training, now: datetime) -> None:
        """A training is over: its instructors are thanked, with a few numbers.

        :raises Exception: as :meth:`reminder`.
        """
        joined = self.cohorts.count_members([training]).get(training.id, 0)
        self._tell_instructors("thanks", None, training, now, joined=joined, usage=training.usage)

    def send(self) -> None:
        """Have delivered what was written; to be called when it is committed."""
        if self._written:
            self._written = False
            self.doorbell.ring()

    @property
    def channels(self) -> list[Channel]:
        """The ways in which this server can tell people something. For what can go none of them, nothing is written."""
        channels: list[Channel] = []
        if self.galaxy_config.smtp_server:
            channels.append("mail")
        if self.galaxy_config.enable_notification_system:
            channels.append("notification")
        return channels

    def tells_of_changes(self, training: Training) -> bool:
        """Whether anybody is told of changes: nobody is before it is approved, and when it will not take place."""
        return training.state == TrainingState.APPROVED

    def _channels(self, actor: Optional[Doer]) -> list[Channel]:
        # What happened elsewhere long ago is no news.
        return [] if actor and actor.via == "import" else self.channels

    @contextmanager
    def _harmless(self, event: str, training: Training) -> Iterator[None]:
        identifier = training.identifier
        savepoint = self.session.begin_nested()
        try:
            with savepoint:
                yield
        except Exception as problem:
            if has_lost_transaction(self.session):
                raise DatabaseAway() from None
            log.error("galaxy-tiaas: training '%s', %s: nobody is told: %s", identifier, event, describe(problem))

    def _tell_of_changes(self, actor: Doer, training: Training, changes: dict[str, Any], now: datetime) -> None:
        """Tell instructors what has changed, now or together with what changes within the hour."""
        collected = self._take_collected(training, "changed", "instructor", training.changes_told_at, now)
        if not changes and not collected:
            return
        waited: set[Any] = set()
        told: dict[str, Any] = {}
        for earlier in collected:
            waited |= earlier.people
            told = _merged(told, earlier.changes)
        told = _merged(told, changes)
        due = now if any(_new(changes).values()) else _when(training.changes_told_at, now)
        # Those who did something themselves are told of it if others did something, too.
        people = [
            person
            for person in self._instructors(training)
            if (person.user_id or person.address) in waited or (changes and person.user_id != actor.user_id)
        ]
        recipients: Mapping[Channel, Collection[Recipient]] = {"mail": people, "notification": people}
        context = {"changes": _in_words(told), "note": "", **_new(changes)}
        kept = told if due > now else None
        if told and self._tell("changed", "instructor", actor, training, now, recipients, due, kept, **context):
            training.changes_told_at = due
        elif collected and training.changes_told_at:
            training.changes_told_at -= _BETWEEN

    def _tell_members_of_changes(self, actor: Doer, training: Training, changes: dict[str, Any], now: datetime) -> None:
        over = training.window(self.config.join_flex_hours).is_over(now)
        if any(_new(changes).values()) and training.state == TrainingState.APPROVED and not over:
            self._tell_members("changed", actor, training, now, **_new(changes))

    def _tell_of_wishes(
        self, actor: Doer, training: Training, wishes: dict[str, Any], now: datetime, due: datetime
    ) -> bool:
        kept = wishes if due > now else None
        return self._tell_admins(
            "change_requested", actor, training, now, due=due, kept=kept, changes=_in_words(wishes)
        )

    def _take_collected(
        self, training: Training, event: str, audience: str, told_at: Optional[datetime], now: datetime
    ) -> list[Collected]:
        """Take back what waits to be told at ``told_at``."""
        if told_at is None or told_at <= now:
            return []
        return self.outbox.take_collected(training.id, event, audience)

    def _drop_collected(self, training: Training, now: datetime) -> None:
        """What waits to be told of a training is no news any more: it does not take place."""
        if self._take_collected(training, "changed", "instructor", training.changes_told_at, now):
            training.changes_told_at = now
        if self._take_collected(training, "change_requested", "admin", training.wishes_told_at, now):
            training.wishes_told_at = now

    def _tell_admins(
        self,
        event: str,
        actor: Doer,
        training: Training,
        now: datetime,
        *,
        due: Optional[datetime] = None,
        kept: Optional[dict[str, Any]] = None,
        **context: Any,
    ) -> bool:
        """:returns: whether anybody is told."""
        if not self._channels(actor):
            return False
        listed = {address.lower(): address for address in self.galaxy_config.admin_users_list}
        named = {address.strip().lower(): address.strip() for address in self.config.send_email_to.split(",")}
        email = func.lower(User.email)
        rows = self.session.execute(select(email, User.id, User.deleted).where(email.in_(listed))).all()
        live = [Recipient(user_id) for _, user_id, deleted in rows if not deleted and user_id != actor.user_id]
        unknown = [Recipient(None, listed[address]) for address in listed.keys() - {address for address, *_ in rows}]
        own = actor.user.email.lower() if actor.user else ""
        by_mail = [Recipient(None, address) for key, address in named.items() if address and key != own]
        by_mail = by_mail if any(named) else [*live, *unknown]
        recipients: Mapping[Channel, Collection[Recipient]] = {"mail": by_mail, "notification": live}
        return self._tell(event, "admin", actor, training, now, recipients, due, kept, **context)

    def _tell_instructors(
        self, event: str, actor: Optional[Doer], training: Training, now: datetime, **context: Any
    ) -> None:
        if not self._channels(actor):
            return
        doer = actor.user_id if actor else None
        people = [person for person in self._instructors(training) if doer is None or person.user_id != doer]
        self._tell(event, "instructor", actor, training, now, {"mail": people, "notification": people}, **context)

    def _tell_members(self, event: str, actor: Doer, training: Training, now: datetime, **context: Any) -> None:
        channels = self._channels(actor)
        if not channels or training.group_id is None:
            return
        teachers = {training.requester_id, *(instructor.user_id for instructor in training.instructors)}
        others = [user_id for user_id in {actor.user_id, *teachers} if user_id is not None]
        message = self._message(event, "member", training, now, context)
        self._written |= self.outbox.put_for_members(message, training.group_id, channels, but=others)

    def _instructors(self, training: Training) -> list[Recipient]:
        """The requester, at the contact address if that is confirmed, else at the account's; the other instructors."""
        people = [
            Recipient(user_id, training.email if _other_address(training, user_id, email) else "")
            for user_id, _, email in self.trainings.people(training)
        ]
        if training.requester_id is None and training.email and training.email_confirmed:
            return [Recipient(None, training.email), *people]
        return people

    def _tell(
        self,
        event: str,
        audience: str,
        actor: Optional[Doer],
        training: Training,
        now: datetime,
        recipients: Mapping[Channel, Collection[Recipient]],
        due: Optional[datetime] = None,
        kept: Optional[dict[str, Any]] = None,
        **context: Any,
    ) -> bool:
        """Write a message.

        :param due: when it is to be sent, if not now.
        :param kept: what it says, if more may be added until then.
        :returns: whether anybody is told.
        """
        reached = {channel: recipients[channel] for channel in self._channels(actor)}
        if not any(reached.values()):
            return False
        message = self._message(event, audience, training, now, context)
        message.changes = kept
        written = self.outbox.put(message, reached, due)
        self._written |= written
        return written

    def _message(
        self,
        event: str,
        audience: str,
        training: Training,
        now: datetime,
        context: dict[str, Any],
    ) -> Message:
        site = site_address(self.config, self.galaxy_config)
        letter = self.texts.letter(event, audience, training, site, **context)
        dated = event in _DATED or context.get("new_days") or context.get("new_link")
        # What was never approved is in no calendar.
        in_calendars = dated and audience != "admin" and training.group_id is not None
        return Message(
            training_id=training.id,
            event=event,
            audience=audience,
            subject=letter.subject,
            text=letter.text,
            html=letter.html,
            markdown=letter.markdown,
            link=join_url(training, site) if QR_CODE in letter.html else "",
            calendar=news(training, site, self._sender) if in_calendars else None,
            created=now,
        )

    @property
    def _sender(self) -> str:
        """The address alone from which mails come; calendars believe nobody else that a training is cancelled."""
        return parseaddr(self.config.send_email_from or self.galaxy_config.email_from or "")[1]

    def _name(self, member: Member) -> str:
        """What instructors may know of a member."""
        if (self.config.expose_username or self.config.instructors_see_usernames) and member.username:
            return f"{member.pseudonym.name} ({member.username})"
        return member.pseudonym.name


def _other_address(training: Training, user_id: int, email: str) -> bool:
    is_other = bool(training.email) and training.email.lower() != email.lower()
    return user_id == training.requester_id and is_other and training.email_confirmed


def _new(changes: Collection[str]) -> dict[str, bool]:
    """Whether a training has other days or another link, as templates ask."""
    return {"new_days": not _DAYS.isdisjoint(changes), "new_link": "identifier" in changes}


def _when(told_at: Optional[datetime], now: datetime) -> datetime:
    """When people can be told of something, who were told last, or will be told, at ``told_at``."""
    if told_at is None or told_at + _BETWEEN <= now:
        return now
    return told_at if told_at > now else told_at + _BETWEEN


def _merged(earlier: dict[str, Any], later: dict[str, Any]) -> dict[str, Any]:
    """Two changes as one; what is again as it was is left out."""
    both = dict(earlier)
    for name, (old, new) in later.items():
        both[name] = [both[name][0] if name in both else old, new]
    return {name: [old, new] for name, (old, new) in both.items() if old != new}


def _in_words(changes: dict[str, Any]) -> list[str]:
    return [wording.change(name, *values) for name, values in changes.items()]
