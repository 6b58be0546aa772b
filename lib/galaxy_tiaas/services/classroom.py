"""Raising hands, asking the class, answering."""

from datetime import datetime
from typing import Optional

from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper

from ..config import TiaasConfig
from ..domain.states import TrainingState
from ..exceptions import (
    InvalidValue,
    NotAMember,
    NothingAsked,
    PseudonymNotFound,
)
from ..managers.classroom import ClassroomManager
from ..managers.cohorts import CohortManager
from ..managers.members import MemberManager
from ..managers.trainings import TrainingManager
from ..model import (
    Training,
    TrainingQuestion,
)
from ..schema.classroom import (
    Answer,
    HandChange,
    HandView,
    OpenQuestion,
    PlaceView,
    QuestionAsked,
    QuestionView,
)
from .access import ensure_may_manage
from .actor import Actor
from .memberships import MembershipsService
from .visibility import VisibleTrainings

#: As long as the column.
_LONGEST_QUESTION = 255


class ClassroomService:
    """What trainees and instructors tell each other. Everything can be repeated, and done by several at once."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        security: IdEncodingHelper,
        config: TiaasConfig,
        trainings: TrainingManager,
        visible: VisibleTrainings,
        cohorts: CohortManager,
        members: MemberManager,
        classroom: ClassroomManager,
        memberships: MembershipsService,
    ):
        self.session = session
        self.security = security
        self.config = config
        self.trainings = trainings
        self.visible = visible
        self.cohorts = cohorts
        self.members = members
        self.classroom = classroom
        self.memberships = memberships

    # Trainees

    def place(self, actor: Actor, identifier: str, now: datetime) -> PlaceView:
        """Where the actor stands: in the class or not, with the hand up or not, and what is asked. Joins nobody.

        :raises UserRequiredException: for visitors.
        :raises TrainingNotFound: if there is none that the actor may know of.
        """
        view = self.memberships.standing(actor, identifier, now)
        training = self.trainings.get(identifier)
        user_id = actor.ensure_user().id
        live = view.member and self.is_live(training, now)
        place = PlaceView(
            **dict(view),
            hand_raised_at=self.classroom.hand_raised_at(training, user_id) if live else None,
            question=self._open_question(training, user_id) if live else None,
            course_only=training.course_only,
        )
        self.session.commit()
        return place

    def set_hand(self, actor: Actor, identifier: str, change: HandChange, now: datetime) -> PlaceView:
        """Raise or lower the actor's own hand.

        :raises NotAMember: for those who have not joined.
        :raises JoinTooEarly, TrainingOver: if the training cannot be joined now.
        """
        training, user_id = self._as_member(actor, identifier, now)
        if change.raised:
            if self.members.pseudonym(training, user_id) is None:
                self.members.name_members(training, [user_id])
            self.classroom.raise_hand(training, user_id, now)
        else:
            self.classroom.lower_hand(training, user_id)
        return self.place(actor, identifier, now)

    def answer(self, actor: Actor, identifier: str, answer: Answer, now: datetime) -> PlaceView:
        """Answer the open question; the last answer counts.

        :raises NothingAsked: if none is open, or not the one that is meant.
        :raises NotAMember, JoinTooEarly, TrainingOver: as :meth:`set_hand`.
        """
        training, user_id = self._as_member(actor, identifier, now)
        question = self.classroom.open_question(training)
        if question is None:
            raise NothingAsked(training.title)
        if answer.question is not None and answer.question != self.question_id(question):
            raise NothingAsked(training.title, another=True)
        self.classroom.answer(question, user_id, answer.done, now)
        return self.place(actor, identifier, now)

    # Instructors

    def lower_hand(self, actor: Actor, identifier: str, pseudonym: str) -> HandView:
        """Lower the hand of a member.

        :raises NotYours: for everybody but instructors and admins.
        :raises PseudonymNotFound: if nobody in the training is called so.
        """
        training = self.visible.get(actor, identifier)
        ensure_may_manage(actor, training)
        name = pseudonym.strip().lower()
        changed = self.classroom.lower_hand_of(training, name) if name.isprintable() else None
        if changed is None:
            raise PseudonymNotFound(pseudonym)
        self.session.commit()
        return HandView(pseudonym=name, changed=changed)

    def ask(self, actor: Actor, identifier: str, asked: QuestionAsked, now: datetime) -> QuestionView:
        """Ask the class whether it is done; the question before is closed.

        :raises NotYours: for everybody but instructors and admins.
        :raises InvalidValue: if the training has no such step.
        :raises JoinTooEarly, TrainingOver: if the training cannot be joined now.
        """
        ensure_may_manage(actor, self.visible.get(actor, identifier))
        self.memberships.ensure_joinable(actor, identifier, now)
        training = self.trainings.get(identifier, lock=True)
        text = asked.text or self._usual_text(training, asked.position)
        question = self.classroom.ask(training, text, asked.position, now)
        view = self.question_view(question)
        self.session.commit()
        return view

    def close_question(self, actor: Actor, identifier: str, now: datetime) -> Optional[QuestionView]:
        """Close the open question.

        :returns: what was asked, if something was.
        :raises NotYours: for everybody but instructors and admins.
        """
        ensure_may_manage(actor, self.visible.get(actor, identifier))
        training = self.trainings.get(identifier, lock=True)
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

    def question_id(self, question: TrainingQuestion) -> str:
        """The id by which clients know a question; it does not tell how many this server has seen."""
        return self.security.encode_id(question.id, kind="tiaas_question")

    def question_view(self, question: TrainingQuestion) -> QuestionView:
        return QuestionView(
            id=self.question_id(question),
            text=question.text,
            position=question.position,
            asked_at=question.asked_at,
        )

    def _as_member(self, actor: Actor, identifier: str, now: datetime) -> tuple[Training, int]:
        user_id = actor.ensure_user().id
        training = self.memberships.ensure_joinable(actor, identifier, now)
        if not self.cohorts.is_member(training, user_id):
            raise NotAMember(training.title)
        return training, user_id

    def _open_question(self, training: Training, user_id: int) -> Optional[OpenQuestion]:
        question = self.classroom.open_question(training)
        if question is None:
            return None
        return OpenQuestion(**dict(self.question_view(question)), done=self.classroom.answer_of(question, user_id))

    def _usual_text(self, training: Training, position: Optional[int]) -> str:
        if position is None:
            return "Are you done?"
        labels = {step.position: step.label for step in self.classroom.steps(training)}
        if position not in labels:
            raise InvalidValue("position", f"The training '{training.identifier}' has no step {position}.")
        start = f"Are you done with step {position}: "
        return f"{start}{labels[position][: _LONGEST_QUESTION - len(start) - 1]}?"
