"""Raising hands, asking the class, answering."""

from dataclasses import dataclass
from datetime import datetime
from typing import (
    Any,
    Optional,
    Union,
)

from galaxy.exceptions import (
    InsufficientPermissionsException,
    ObjectNotFound,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from sqlalchemy import Row

from ..compat.tools import ToolNames
from ..core.actor import Actor
from ..core.config import TiaasConfig
from ..core.exceptions import (
    InvalidValue,
    NothingAsked,
)
from ..core.model import (
    Training,
    TrainingQuestion,
)
from ..dashboard.steps import shown_label
from ..membership.manager import Membership
from ..membership.service import MembershipsService
from ..trainings.manager import TrainingManager
from ..trainings.states import TrainingState
from .manager import ClassroomManager
from .schema import (
    Answer,
    ClassMembershipView,
    HandChange,
    HandView,
    OpenQuestion,
    QuestionAsked,
    QuestionView,
)

#: As long as the column.
_LONGEST_QUESTION = 255


@dataclass
class ClassroomService:
    """What trainees and instructors tell each other. Everything can be repeated, and done by several at once."""

    session: galaxy_scoped_session
    security: IdEncodingHelper
    config: TiaasConfig
    trainings: TrainingManager
    classroom: ClassroomManager
    memberships: MembershipsService
    tools: ToolNames

    # Trainees

    def show(
        self, actor: Actor, training: Training, now: datetime, found: Optional[Membership] = None
    ) -> ClassMembershipView:
        """Where the actor stands: in the class or not, with the hand up or not, and what is asked. Joins nobody.

        :param found: what the actor is in it, if that is known.
        :raises UserRequiredException: for visitors.
        """
        membership = self.memberships.find(actor, training, found)
        asked = self.asked(actor, training, now) if membership.joined else None
        return self.place(actor, training, membership, asked, now)

    def asked(self, actor: Actor, training: Training, now: datetime) -> Optional[OpenQuestion]:
        """What members are asked now, and what the actor has answered.

        :raises UserRequiredException: for visitors.
        """
        user_id = actor.ensure_user().id
        if not self.is_live(training, now):
            return None
        found = self.classroom.open_question_to(training, user_id)
        return OpenQuestion(**dict(self.question_view(found)), done=found.done) if found else None

    def place(
        self, actor: Actor, training: Training, membership: Membership, asked: Optional[OpenQuestion], now: datetime
    ) -> ClassMembershipView:
        """The actor's own membership, as people are shown it, with what they are asked."""
        live = membership.joined and self.is_live(training, now)
        return ClassMembershipView(
            **dict(self.memberships.view(actor, training, membership, now)),
            hand_raised_at=membership.hand_raised_at if live else None,
            question=asked if live else None,
            course_only=training.course_only,
        )

    def set_hand(self, actor: Actor, training: Training, change: HandChange, now: datetime) -> ClassMembershipView:
        """Raise or lower the actor's own hand.

        :raises InsufficientPermissionsException: for those who have not joined.
        :raises JoinTooEarly, TrainingOver: if the training cannot be joined now.
        """
        user_id = self._ensure_member(actor, training, now)
        self.classroom.set_hand(training, user_id, now if change.raised else None)
        return self._committed(actor, training, now)

    def answer(self, actor: Actor, training: Training, answer: Answer, now: datetime) -> ClassMembershipView:
        """Answer the open question; the last answer counts.

        :raises NothingAsked: if none is open, or not the one that is meant.
        :raises InsufficientPermissionsException, JoinTooEarly, TrainingOver: as :meth:`set_hand`.
        """
        user_id = self._ensure_member(actor, training, now)
        question = self.classroom.open_question(training)
        if question is None:
            raise NothingAsked(training.title)
        if answer.question not in (None, self.question_view(question).id):
            raise NothingAsked(training.title, another=True)
        self.classroom.answer(question, user_id, answer.done, now)
        return self._committed(actor, training, now)

    # Instructors

    def lower_hand(self, actor: Actor, training: Training, pseudonym: str) -> HandView:
        """Lower the hand of a member. :raises ObjectNotFound: if nobody in the training is called so."""
        name = pseudonym.strip().lower()
        changed = self.classroom.lower_hand_of(training, name) if name.isprintable() else None
        if changed is None:
            raise ObjectNotFound(f"Nobody in this training is called '{pseudonym}'.")
        self.session.commit()
        return HandView(pseudonym=name, changed=changed)

    def ask(self, actor: Actor, training: Training, asked: QuestionAsked, now: datetime) -> QuestionView:
        """Ask the class whether it is done; the question before is closed.

        :raises InvalidValue: if the training has no such step.
        :raises JoinTooEarly, TrainingOver: if the training cannot be joined now.
        """
        self.memberships.ensure_open(training, actor, now)
        self.trainings.lock(training)
        text = asked.text or self._usual_text(training, asked.position)
        question = self.classroom.ask(training, text, asked.position, now)
        view = self.question_view(question)
        self.session.commit()
        return view

    def close_question(self, actor: Actor, training: Training, now: datetime) -> Optional[QuestionView]:
        """Close the open question. :returns: what was asked, if something was."""
        self.trainings.lock(training)
        question = self.classroom.open_question(training)
        view = self.question_view(question) if question else None
        self.classroom.close(training, now)
        self.session.commit()
        return view

    # Both

    def is_live(self, training: Training, now: datetime) -> bool:
        """Whether hands and questions count: from approval to the end."""
        is_over = training.window(self.config.join_flex_hours).is_over(now)
        return training.state == TrainingState.APPROVED and not is_over

    def question_view(self, question: Union[TrainingQuestion, Row[Any]]) -> QuestionView:
        """Its id does not tell how many this server has seen."""
        question_id = self.security.encode_id(question.id, kind="tiaas_question")
        return QuestionView(id=question_id, text=question.text, position=question.position, asked_at=question.asked_at)

    def _ensure_member(self, actor: Actor, training: Training, now: datetime) -> int:
        """The id of the actor, who is in the class and has a name in it."""
        user_id = actor.ensure_user().id
        self.memberships.ensure_open(training, actor, now)
        if not self.memberships.find(actor, training).joined:
            raise InsufficientPermissionsException(f"You have not joined the training '{training.title}'.")
        return user_id

    def _committed(self, actor: Actor, training: Training, now: datetime) -> ClassMembershipView:
        """Commit. The answer is read before, so that nobody is refused what is done already."""
        membership = self.show(actor, training, now)
        self.session.commit()
        return membership

    def _usual_text(self, training: Training, position: Optional[int]) -> str:
        if position is None:
            return "Are you done?"
        labels = {
            step.position: shown_label(step.label, step.tool_id, self.tools.known)
            for step in self.classroom.steps(training)
        }
        if position not in labels:
            raise InvalidValue("position", f"The training '{training.identifier}' has no step {position}.")
        start = f"Are you done with step {position}: "
        return f"{start}{labels[position][: _LONGEST_QUESTION - len(start) - 1]}?"
