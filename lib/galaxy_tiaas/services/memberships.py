"""Joining and leaving a training, and who is in it."""

from datetime import datetime

from galaxy.model.scoped_session import galaxy_scoped_session

from ..config import TiaasConfig
from ..domain.pseudonyms import Pseudonym
from ..domain.states import (
    TrainingPhase,
    TrainingState,
)
from ..domain.windows import today_in
from ..domain.wording import day
from ..exceptions import (
    JoinTooEarly,
    TrainingOver,
)
from ..managers.classroom import ClassroomManager
from ..managers.cohorts import CohortManager
from ..managers.counters import CounterManager
from ..managers.members import MemberManager
from ..managers.trainings import TrainingManager
from ..model import Training
from ..schema.trainings import (
    MembershipView,
    MemberView,
)
from .access import (
    ensure_may_manage,
    may_manage,
)
from .actor import Actor
from .members import MembersService
from .visibility import VisibleTrainings


class MembershipsService:
    """What trainees do, and what instructors see of it."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        trainings: TrainingManager,
        visible: VisibleTrainings,
        cohorts: CohortManager,
        named: MemberManager,
        classroom: ClassroomManager,
        counters: CounterManager,
        rosters: MembersService,
    ):
        self.session = session
        self.config = config
        self.trainings = trainings
        self.visible = visible
        self.cohorts = cohorts
        self.named = named
        self.classroom = classroom
        self.counters = counters
        self.rosters = rosters

    def ensure_joinable(self, actor: Actor, identifier: str, now: datetime) -> Training:
        """The training, if it can be joined now (by whoever logs in).

        :raises TrainingNotFound: if there is none that the actor may know of.
        :raises JoinTooEarly, TrainingOver: as :meth:`ensure_open`.
        """
        training = self.visible.get(actor, identifier, to_join=True)
        self.ensure_open(training, actor, now)
        return training

    def join(self, actor: Actor, identifier: str, now: datetime) -> MembershipView:
        """Add the actor to the training's cohort. Joining twice, or from several requests at once, is joining once.

        :raises UserRequiredException: for visitors. :raises AccountDeleted: for deleted accounts.
        :raises TrainingNotFound, JoinTooEarly, TrainingOver: as :meth:`ensure_joinable`.
        """
        user = actor.ensure_user()
        self.ensure_joinable(actor, identifier, now)
        training = self.trainings.get(identifier, lock=True)
        self.ensure_open(training, actor, now)
        joined = self.cohorts.add_member(training, user.id, now)
        if self.cohorts.switch(training, now):
            # Whoever happened to come first is not the one who did it.
            on = self.cohorts.should_be_on(training, now)
            action = "resources on" if on else "resources off"
            self.trainings.record(training, action, now, user_id=None, via="lifecycle")
        view = self._membership(training, user.id, now, member=True, changed=joined)
        if joined:
            # Last, since all who join anything wait for one another from here to the commit.
            self.counters.add({"joins_total": 1})
        self.session.commit()
        return view

    def leave(self, actor: Actor, identifier: str, now: datetime) -> MembershipView:
        """Take the actor out of the training's cohort, with the hand down; nothing happens to those who are not in it.

        Until the end, name and answers are kept for those who come back, and so that nobody else gets the name.

        :raises UserRequiredException: for visitors. :raises TrainingNotFound: as :meth:`ensure_joinable`.
        """
        user = actor.ensure_user()
        training = self.visible.get(actor, identifier)
        left = self.cohorts.remove_member(training, user.id)
        self.classroom.lower_hand(training, user.id)
        if training.window(self.config.join_flex_hours).is_over(now):
            self.classroom.take_back_answers(training, user.id)
            self.named.forget(training, user.id)
        view = self._membership(training, user.id, now, member=False, changed=left)
        self.session.commit()
        return view

    def show(self, actor: Actor, identifier: str, now: datetime) -> MembershipView:
        """Where the actor stands."""
        view = self.standing(actor, identifier, now)
        self.session.commit()
        return view

    def standing(self, actor: Actor, identifier: str, now: datetime) -> MembershipView:
        """The same within a transaction of the caller, who commits: whoever was put into the group is named now."""
        user = actor.ensure_user()
        training = self.visible.get(actor, identifier)
        member = self.cohorts.is_member(training, user.id)
        return self._membership(training, user.id, now, member=member, changed=False)

    def members(self, actor: Actor, identifier: str) -> list[MemberView]:
        """The members in the order in which they joined; names only where settings or rank allow it.

        Of a training that was redacted, nobody.

        :raises NotYours: for everybody but instructors and admins.
        """
        training = self.visible.get(actor, identifier)
        ensure_may_manage(actor, training)
        if training.redacted_at:
            return []
        named = actor.is_admin or self.config.expose_username or self.config.instructors_see_usernames
        views = []
        for member in self.rosters.read(training).members:
            address = {"email": member.email} if actor.is_admin else {}
            views.append(MemberView(**member.fields(named), **address, joined_at=member.joined_at))
        return views

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

    def _membership(
        self, training: Training, user_id: int, now: datetime, *, member: bool, changed: bool
    ) -> MembershipView:
        window = training.window(self.config.join_flex_hours)
        mine = self._pseudonym(training, user_id) if member and not training.redacted_at else None
        return MembershipView(
            identifier=training.identifier,
            title=training.title,
            member=member,
            changed=changed,
            active=member and self.cohorts.should_be_on(training, now),
            opens=window.opens,
            closes=window.closes,
            **(mine.fields() if mine else {}),
        )

    def _pseudonym(self, training: Training, user_id: int) -> Pseudonym:
        """The name of a member; one who has none yet is given it, and the caller commits."""
        named = self.named.pseudonym(training, user_id)
        return named or self.named.name_members(training, [user_id])[user_id]
