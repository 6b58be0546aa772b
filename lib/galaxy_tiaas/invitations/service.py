"""Who teaches a training with its requester: people are invited, and become instructors by accepting.

Whoever invites somebody learns nothing of them. Known and unknown names, names and addresses of the same person, and
invitations that are open or declined cannot be told apart: not by an answer, a status, a history, a mail to somebody
else, nor by what is asked of the database.
"""

from collections.abc import (
    Iterable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
    timedelta,
)
from math import ceil
from typing import Optional

from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from pydantic import (
    BaseModel,
    Field,
)
from sqlalchemy import (
    and_,
    exists,
    or_,
    select,
)

from ..core.accounts import decoded
from ..core.actor import (
    Actor,
    invited,
    is_invited,
    teaches,
)
from ..core.config import TiaasConfig
from ..core.exceptions import (
    NotInvited,
    TooManyRequests,
)
from ..core.fields import (
    Payload,
    UtcTime,
)
from ..core.model import (
    Training,
    TrainingInstructor,
    TrainingInvitation,
)
from ..core.wording import duration
from ..notifications.service import NotificationService
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    expires,
    InvitationState,
    oldest_valid,
    TrainingState,
    WAITING,
)

#: Invitations are counted over this time.
_COUNTED = timedelta(hours=1)


class InvitationView(BaseModel):
    """Somebody asks the caller to teach a training with them."""

    identifier: str
    title: str
    start: date
    end: date
    timezone: str
    invited_by: Optional[str] = Field(description="Public name of who asks; null for the server itself.")
    invited_at: UtcTime
    expires_at: UtcTime


class InvitationDecision(Payload):
    """The answer to an invitation."""

    accept: bool


class InvitationAnswered(BaseModel):
    """What has become of an invitation."""

    identifier: str
    title: str
    teaches: bool = Field(description="Whether the caller teaches the training now.")


@dataclass(frozen=True)
class Invited:
    """Somebody who is invited and has not accepted. Whom the text means, only admins know."""

    typed: str
    created: datetime
    expires: datetime
    #: Public name and address of the account, for admins; ``None`` where there is none.
    account: Optional[tuple[str, str]] = None
    declined: bool = False


@dataclass
class InvitationsService:
    """Inviting, accepting, declining."""

    session: galaxy_scoped_session
    security: IdEncodingHelper
    config: TiaasConfig
    trainings: TrainingManager
    notifications: NotificationService

    def index(self, actor: Actor, now: datetime) -> list[InvitationView]:
        """Invitations that the actor can accept, newest first. Where several texts mean them, the latest counts.

        :raises UserRequiredException: for visitors.
        """
        user_id = actor.ensure_user().id
        is_theirs = exists().where(TrainingInstructor.training_id == Training.id, TrainingInstructor.user_id == user_id)
        statement = (
            select(
                Training.identifier,
                Training.title,
                Training.start,
                Training.end,
                Training.timezone,
                TrainingInvitation.created.label("invited_at"),
                User.username.label("invited_by"),
            )
            .join(Training, Training.id == TrainingInvitation.training_id)
            .outerjoin(User, and_(User.id == TrainingInvitation.invited_by, User.deleted.is_(False)))
            .where(
                TrainingInvitation.user_id == user_id,
                TrainingInvitation.state == InvitationState.OPEN.value,
                TrainingInvitation.created > oldest_valid(now),
                Training.state != TrainingState.CANCELLED.value,
                or_(Training.requester_id.is_(None), Training.requester_id != user_id),
                ~is_theirs,
            )
            .order_by(TrainingInvitation.created.desc(), TrainingInvitation.id.desc())
        )
        found = {row["identifier"]: row for row in reversed(self.session.execute(statement).mappings().all())}
        return [InvitationView(**row, expires_at=expires(row["invited_at"])) for row in reversed(found.values())]

    def answer(
        self, actor: Actor, training: Training, decision: InvitationDecision, now: datetime
    ) -> InvitationAnswered:
        """Accept or decline. Answering in the same way again changes nothing; who has declined may still accept.

        :raises UserRequiredException: for visitors. :raises NotInvited: without an invitation that is valid.
        """
        user_id = actor.ensure_user().id
        self.trainings.lock(training)
        already = teaches(actor, training)
        if not already or not decision.accept:
            if not is_invited(actor, training, now) or training.state == TrainingState.CANCELLED:
                raise NotInvited(training.identifier)
            self._close(actor, training, user_id, decision.accept and not already, now)
        answered = InvitationAnswered(
            identifier=training.identifier, title=training.title, teaches=teaches(actor, training)
        )
        self.session.commit()
        self.notifications.send()
        return answered

    def of(self, actor: Actor, training: Training, now: datetime) -> list[Invited]:
        """Who is invited to a training and has not accepted."""
        waiting = invited(training, now)
        ids = [each.user_id for each in waiting if each.user_id is not None]
        accounts = self._names_and_addresses(ids) if ids and actor.is_admin else {}
        return [
            Invited(
                typed=each.typed,
                created=each.created,
                expires=expires(each.created),
                account=accounts.get(each.user_id) if each.user_id else None,
                declined=actor.is_admin and each.state == InvitationState.DECLINED,
            )
            for each in waiting
        ]

    def set_instructors(self, actor: Actor, training: Training, names: Sequence[str], now: datetime) -> None:
        """Let those of the named teach who do so already, and invite the others.

        Whoever is not named teaches, or is invited, no longer. The training is in the database, and locked if others
        can know it.

        :raises TooManyRequests: if the actor may not invite as many people now.
        """
        valid = [
            invitation
            for invitation in training.invitations
            if invitation.state == InvitationState.ACCEPTED or invitation.created > oldest_valid(now)
        ]
        if len(valid) < len(training.invitations):
            training.invitations = valid
            self.session.flush()
        teaching = self._teaching(actor, training, names)
        wanted: dict[str, str] = {}
        for name in names:
            if name not in teaching:
                wanted.setdefault(name.lower(), name)
        waiting = {typed.lower() for typed in self.typed(training)}
        new = [name for key, name in wanted.items() if key not in waiting]
        self._ensure_may_invite(actor, len(new), now)
        kept = {*teaching.values(), training.requester_id}
        training.instructors = [instructor for instructor in training.instructors if instructor.user_id in kept]
        for invitation in training.invitations:
            gone = invitation.state == InvitationState.ACCEPTED and invitation.user_id not in kept
            if gone or (invitation.state in WAITING and invitation.typed.lower() not in wanted):
                invitation.state = InvitationState.WITHDRAWN.value
        self.session.flush()
        if new:
            to_tell = self._invite(training, self._accounts(new), actor.user_id, now)
            self.notifications.invited(actor, training, to_tell, now)

    def typed(self, training: Training) -> list[str]:
        """Who is invited, as it was typed."""
        return [invitation.typed for invitation in training.invitations if invitation.state in WAITING]

    def is_asked(self, actor: Actor, training: Training, names: Iterable[str]) -> bool:
        """Whether exactly these people, besides the actor, are instructors of the training or invited."""
        user = actor.user
        own = {(user.username or "").lower(), user.email.lower(), self.security.encode_id(user.id)} if user else set()
        known = {each.typed.lower() for each in training.invitations if each.state != InvitationState.WITHDRAWN}
        return {name.lower() for name in names} - own == known - own

    def _invite(
        self, training: Training, accounts: Mapping[str, Optional[int]], invited_by: Optional[int], now: datetime
    ) -> list[Optional[int]]:
        """Invite people, each text with the account that it means.

        :returns: for each invitation the account that learns of it: nobody twice, and nobody who teaches already or has
            been invited before.
        """
        told = {*training.teacher_ids, *(invitation.user_id for invitation in training.invitations)}
        to_tell: list[Optional[int]] = []
        for typed, user_id in accounts.items():
            to_tell.append(None if user_id in told else user_id)
            told.add(user_id)
            training.invitations.append(
                TrainingInvitation(typed=typed, user_id=user_id, invited_by=invited_by, created=now)
            )
        self.session.flush()
        return to_tell

    def _names_and_addresses(self, user_ids: Sequence[int]) -> dict[int, tuple[str, str]]:
        """Of live accounts."""
        statement = select(User.id, User.username, User.email).where(User.id.in_(user_ids), User.deleted.is_(False))
        return {user_id: (username or "", email) for user_id, username, email in self.session.execute(statement)}

    def _close(self, actor: Actor, training: Training, user_id: int, accept: bool, now: datetime) -> None:
        """Note the answer in every invitation of the person: several texts may mean the same one.

        A refusal is in no history: it would say that there is such an account.
        """
        before = self._people(training)
        for invitation in training.invitations:
            if invitation.user_id == user_id and invitation.state in WAITING:
                invitation.state = (InvitationState.ACCEPTED if accept else InvitationState.DECLINED).value
        if accept:
            training.instructors.append(TrainingInstructor(user_id=user_id))
            after = self._people(training)
            changes = {name: [before[name], after[name]] for name in before if before[name] != after[name]}
            self.trainings.record(training, "invitation accepted", now, user_id=user_id, via=actor.via, changes=changes)
            self.notifications.accepted(actor, training, now)

    def _people(self, training: Training) -> dict[str, list[str]]:
        ids = [self.security.encode_id(instructor.user_id) for instructor in training.instructors]
        return {"instructors": ids, "invited": self.typed(training)}

    def _teaching(self, actor: Actor, training: Training, names: Sequence[str]) -> dict[str, int]:
        """The names that mean somebody who teaches already, and whom.

        An address means them only for admins, for the person itself, and where it led to the invitation which they
        accepted: for everybody else, it would confirm a guess.
        """
        people = {self.security.encode_id(user_id): user_id for user_id in training.teacher_ids}
        accepted = {
            each.typed.lower(): each.user_id
            for each in training.invitations
            if each.state == InvitationState.ACCEPTED and each.user_id in people.values()
        }
        called: dict[str, int] = {}
        for user_id, username, email in self.trainings.people(training):
            own = user_id == actor.user_id
            called |= {name.lower(): user_id for name in (username, email if actor.is_admin or own else None) if name}
        found = {name: people.get(name) or called.get(name.lower()) or accepted.get(name.lower()) for name in names}
        return {name: user_id for name, user_id in found.items() if user_id is not None}

    def _accounts(self, names: Sequence[str]) -> dict[str, Optional[int]]:
        """The accounts meant by encoded ids, public names or e-mail addresses; ``None`` where there is none.

        An id comes first: anybody may choose a public name that looks like the id of somebody else.
        """
        by_id = {name: decoded(self.security, name) for name in names}
        live = self.trainings.existing_users([user_id for user_id in by_id.values() if user_id is not None])
        named = self.trainings.users_named(names)
        return {name: user_id if user_id in live else named.get(name.lower()) for name, user_id in by_id.items()}

    def _ensure_may_invite(self, actor: Actor, number: int, now: datetime) -> None:
        limit = self.config.invitations_per_hour
        if not number or actor.is_admin or not limit:
            return
        user_id = actor.ensure_user().id
        # Until the transaction ends, invitations of the same person in other transactions wait. On SQLite, one that has
        # written something keeps all others from writing.
        self.session.execute(select(User.id).where(User.id == user_id).with_for_update(key_share=True))
        statement = (
            select(TrainingInvitation.created)
            .where(TrainingInvitation.invited_by == user_id, TrainingInvitation.created > now - _COUNTED)
            .order_by(TrainingInvitation.created)
        )
        sent = self.session.scalars(statement).all()
        if len(sent) + number <= limit:
            return
        # So many have to be older than an hour; if more are wanted than may ever be, all.
        too_many = min(len(sent) + number - limit, len(sent))
        oldest = sent[too_many - 1] if too_many else now
        seconds = ceil((oldest + _COUNTED - now).total_seconds())
        raise TooManyRequests(
            f"You can invite {limit} people an hour, and {max(0, limit - len(sent))} more at the moment. "
            f"Name fewer, or try again in {duration(seconds)}.",
            retry_after=seconds,
            field="instructors",
        )
