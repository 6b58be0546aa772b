"""Joining and leaving a training, and who is in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from typing import Optional

from galaxy.config import GalaxyAppConfiguration
from galaxy.model.scoped_session import galaxy_scoped_session

from ..classroom.manager import ClassroomManager
from ..compat.accounts import (
    ACTIVATION_PATH,
    requires_activation,
)
from ..core.actor import (
    Actor,
    may_manage,
)
from ..core.cache import Cache
from ..core.config import TiaasConfig
from ..core.db import (
    commit_and_keep,
    CounterManager,
)
from ..core.exceptions import (
    JoinTooEarly,
    TrainingOver,
)
from ..core.model import Training
from ..core.times import today_in
from ..core.wording import day
from ..trainings.manager import TrainingManager
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .join_statements import Entry
from .manager import (
    CohortManager,
    Member,
    Membership,
    Roster,
)
from .schema import (
    MembershipView,
    MemberView,
)

_MAX_ROSTERS = 64
#: How long the roster of a class that nobody looks at stays in memory.
_IDLE_SECONDS = 600
#: How long it may take until a deleted or renamed account is noticed.
_ACCOUNTS_INTERVAL = timedelta(minutes=1)


class RosterCache(Cache[int, tuple[Roster, datetime]]):
    """Rosters by the id of the training, and when their accounts were last compared; one for each process.

    In a large class these are thousands of rows that hardly ever change.
    """

    def __init__(self) -> None:
        super().__init__(_MAX_ROSTERS, _IDLE_SECONDS)


@dataclass
class MembershipsService:
    """What trainees do, and what others see of it."""

    session: galaxy_scoped_session
    config: TiaasConfig
    galaxy_config: GalaxyAppConfiguration
    trainings: TrainingManager
    cohorts: CohortManager
    classroom: ClassroomManager
    counters: CounterManager
    rosters: RosterCache

    def join(
        self, actor: Actor, training: Training, now: datetime, found: Optional[Membership] = None
    ) -> MembershipView:
        """Add the actor to the training's cohort. Joining twice, or from several requests at once, is joining once.

        Whoever is in it already changes and locks nothing.

        :param found: what the actor is in it, if that is known.
        :raises UserRequiredException: for visitors. :raises AccountDeleted: for deleted accounts.
        :raises JoinTooEarly, TrainingOver: as :meth:`ensure_open`.
        """
        entered, changed = self.enter(actor, training, now, found)
        return self.view(actor, training, entered, now, changed=changed)

    def enter(
        self, actor: Actor, training: Training, now: datetime, found: Optional[Membership] = None
    ) -> tuple[Membership, bool]:
        """The same. :returns: what the actor is in it now, and whether that is new."""
        user_id = actor.ensure_user().id
        self.ensure_open(training, actor, now)
        found = found or self.cohorts.membership(training, user_id)
        is_due = found.is_complete and found.is_on == self.cohorts.should_be_on(training, now)
        if is_due and found.joined and found.pseudonym:
            return found, False
        entry = self.cohorts.enter(training, user_id, now) if is_due else None
        if entry is None or not entry.unchanged:
            if entry is not None:
                # It has done nothing but share a lock, of which two could not both get the rest.
                self.session.rollback()
            entry = self._enter_what_changes(actor, training, user_id, now)
        pseudonym = found.pseudonym or entry.pseudonym or self.cohorts.pseudonym(training, user_id)
        if entry.joined:
            # Last, since all who join anything wait for one another from here to the commit.
            self.counters.add({"joins_total": 1})
        commit_and_keep(self.session)
        return found._replace(joined=True, pseudonym=pseudonym), entry.joined

    def _enter_what_changes(self, actor: Actor, training: Training, user_id: int, now: datetime) -> Entry:
        """Enter a training that has just been changed, or whose cohort is still to be made or switched."""
        self.trainings.lock(training)
        self.ensure_open(training, actor, now)
        found = self.cohorts.membership(training, user_id)
        if not found.is_complete:
            self.cohorts.ensure(training)
        if found.is_on != self.cohorts.should_be_on(training, now) and self.cohorts.switch(training, now):
            # Whoever happened to come first is not the one who did it.
            action = "resources off" if found.is_on else "resources on"
            self.trainings.record(training, action, now, user_id=None, via="lifecycle")
        return self.cohorts.enter(training, user_id, now)

    def leave(self, actor: Actor, training: Training, now: datetime) -> MembershipView:
        """Take the actor out of the training's cohort, with the hand down; nothing happens to those who are not in it.

        Until the end, name and answers are kept for those who come back, and so that nobody else gets the name.

        :raises UserRequiredException: for visitors.
        """
        user_id = actor.ensure_user().id
        left = self.cohorts.remove_member(training, user_id)
        self.classroom.set_hand(training, user_id, None)
        if training.window(self.config.join_flex_hours).is_over(now):
            self.classroom.take_back_answers(training, user_id)
            self.cohorts.forget(training, user_id)
        view = self.view(actor, training, Membership(), now, changed=left)
        self.session.commit()
        return view

    def show(self, actor: Actor, training: Training, now: datetime) -> MembershipView:
        """Where the actor stands."""
        return self.view(actor, training, self.find(actor, training), now)

    def find(self, actor: Actor, training: Training, found: Optional[Membership] = None) -> Membership:
        """What the actor is in the training. Whoever was put into the group past this extension is given a name.

        :param found: what was found already, but for the name.
        """
        user_id = actor.ensure_user().id
        found = found or self.cohorts.membership(training, user_id)
        if not found.joined or found.pseudonym or training.redacted_at:
            return found
        pseudonym = self.cohorts.pseudonym(training, user_id)
        commit_and_keep(self.session)
        return found._replace(pseudonym=pseudonym)

    def view(
        self, actor: Actor, training: Training, membership: Membership, now: datetime, *, changed: bool = False
    ) -> MembershipView:
        """The actor's own membership, as people are shown it."""
        window = training.window(self.config.join_flex_hours)
        shown = membership.pseudonym if membership.joined and not training.redacted_at else None
        return MembershipView(
            identifier=training.identifier,
            title=training.title,
            member=membership.joined,
            changed=changed,
            active=membership.joined and self.cohorts.should_be_on(training, now),
            opens=window.opens,
            closes=window.closes,
            **(shown.fields() if shown else {}),
            note=_how_to_activate(actor) if membership.joined and actor.needs_activation else None,
        )

    def members(self, actor: Actor, training: Training) -> list[MemberView]:
        """The members in the order in which they joined; names only where settings or rank allow it.

        Of a training that was redacted, nobody.
        """
        if training.redacted_at:
            return []
        named = actor.is_admin or self.config.expose_username or self.config.instructors_see_usernames
        needs_activation = requires_activation(self.galaxy_config)
        views = []
        for member in self.read_roster(training).members:
            address = {"email": member.email} if actor.is_admin else {}
            activated = {"activated": member.active} if needs_activation else {}
            views.append(MemberView(**member.fields(named), **address, **activated, joined_at=member.joined_at))
        return views

    def not_activated(self, members: Sequence[Member]) -> list[Member]:
        """Those of the members for whom Galaxy runs no tools before they have activated their accounts."""
        return [member for member in members if not member.active] if requires_activation(self.galaxy_config) else []

    def roster(self, training: Training, now: datetime) -> list[Member]:
        """All live members in the order in which they joined. The list is shared: nobody may change it.

        Who joined or left is noticed at once, who was deleted or renamed within a minute.
        """
        return self._cached_roster(training, now).members

    def by_name(self, training: Training, now: datetime) -> list[Member]:
        """The same in the order of their names: that of joining could be known from elsewhere."""
        return self._cached_roster(training, now).by_name

    def _cached_roster(self, training: Training, now: datetime) -> Roster:
        roster, checked_at = self.rosters.get(training.id) or (None, now)
        if roster is None or not self.cohorts.has_same_people(training, roster):
            roster, checked_at = self.read_roster(training), now
        elif not timedelta() <= now - checked_at < _ACCOUNTS_INTERVAL:
            same = self.cohorts.has_same_accounts(roster)
            roster, checked_at = roster if same else self.read_roster(training), now
        self.rosters.put(training.id, (roster, checked_at))
        return roster

    def read_roster(self, training: Training) -> Roster:
        """All live members as the database has them now; those who have no name yet are given one."""
        roster = self.cohorts.roster(training)
        if not roster.unnamed:
            return roster
        names = self.cohorts.name_members(training, roster.unnamed)
        commit_and_keep(self.session)
        return roster.named(names)

    def ensure_open(self, training: Training, actor: Actor, now: datetime) -> None:
        """Whether this training, of which the actor knows, can be joined now.

        :raises JoinTooEarly: if it is not approved, or not open for joining yet.
        :raises TrainingOver: if it has ended or was cancelled.
        """
        if training.state == TrainingState.CANCELLED:
            raise TrainingOver(f"The training '{training.title}' was cancelled.")
        if training.state != TrainingState.APPROVED:
            raise JoinTooEarly(
                f"The training '{training.title}' has not been approved by the administrators of this server."
            )
        phase = training.window(self.config.join_flex_hours).phase(now)
        if phase is TrainingPhase.FINISHED and training.ended_at:
            ended = today_in(training.timezone, training.ended_at)
            raise TrainingOver(f"The training '{training.title}' was ended early, on {day(ended)}.")
        if phase is TrainingPhase.FINISHED:
            raise TrainingOver(f"The training '{training.title}' ended on {day(training.end)}.")
        if phase is TrainingPhase.UPCOMING and not self.config.join_before_start and not may_manage(actor, training):
            raise JoinTooEarly(
                f"The training '{training.title}' starts on {day(training.start)} and cannot be joined before."
            )


def _how_to_activate(actor: Actor) -> str:
    return (
        "Activate your account first: until then, Galaxy runs no tools for you. Open the link in the e-mail that"
        f" Galaxy sent to you; {actor.base_url}{ACTIVATION_PATH} sends it again."
    )
