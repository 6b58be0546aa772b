"""Raised hands, the question that is open, and the answers to it: small tables of ours, always read afresh."""

from collections.abc import Collection
from dataclasses import (
    dataclass,
    field,
)
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from galaxy.model import (
    User,
    UserGroupAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    and_,
    delete,
    func,
    or_,
    Select,
    select,
    update,
)

from ..core.db import insert_once
from ..core.model import (
    Training,
    TrainingAnswer,
    TrainingMember,
    TrainingQuestion,
    TrainingStep,
)
from ..membership.pseudonyms import Pseudonym

#: Who asks the same again so soon has clicked twice.
_SAME_CLICK = timedelta(seconds=10)


@dataclass(frozen=True)
class Hand:
    """A raised hand."""

    pseudonym: Pseudonym
    username: Optional[str]
    raised_at: datetime


@dataclass
class Answerers:
    """Members with the same answer: how many, and the first of them by name."""

    total: int = 0
    people: list[tuple[Pseudonym, Optional[str]]] = field(default_factory=list)


class ClassroomManager:
    """Hands of members who are in the class count only; the rows of those who left stay, with the hand down."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    # Hands

    def raise_hand(self, training: Training, user_id: int, now: datetime) -> None:
        """A hand that is up stays up since when it was; the member has a name already."""
        self.session.execute(
            update(TrainingMember)
            .where(
                TrainingMember.training_id == training.id,
                TrainingMember.user_id == user_id,
                TrainingMember.hand_raised_at.is_(None),
            )
            .values(hand_raised_at=now)
        )

    def lower_hand(self, training: Training, user_id: int) -> bool:
        """:returns: whether it was up."""
        return self._lower(training, TrainingMember.user_id == user_id)

    def lower_hand_of(self, training: Training, pseudonym: str) -> Optional[bool]:
        """:returns: whether it was up; nothing if nobody in this training was ever called so."""
        known = select(TrainingMember.id).where(
            TrainingMember.training_id == training.id, TrainingMember.pseudonym == pseudonym
        )
        if self.session.scalar(known) is None:
            return None
        return self._lower(training, TrainingMember.pseudonym == pseudonym)

    def hands(self, training: Training, limit: int) -> tuple[int, list[Hand]]:
        """How many hands are up, and those that are up longest."""
        statement = (
            self._members(
                training,
                func.count().over(),
                TrainingMember.hand_raised_at,
                TrainingMember.pseudonym,
                TrainingMember.colour,
                TrainingMember.shape,
                User.username,
            )
            .where(TrainingMember.hand_raised_at.is_not(None))
            .order_by(TrainingMember.hand_raised_at, TrainingMember.id)
            .limit(limit)
        )
        rows = list(self.session.execute(statement))
        total = rows[0][0] if rows else 0
        return total, [Hand(Pseudonym(*row[2:5]), row.username, row.hand_raised_at) for row in rows]

    def _lower(self, training: Training, who: Any) -> bool:
        result: Any = self.session.execute(
            update(TrainingMember)
            .where(TrainingMember.training_id == training.id, who, TrainingMember.hand_raised_at.is_not(None))
            .values(hand_raised_at=None)
        )
        return bool(result.rowcount)

    # Questions

    def steps(self, training: Training) -> list[TrainingStep]:
        statement = select(TrainingStep).where(TrainingStep.training_id == training.id).order_by(TrainingStep.position)
        return list(self.session.scalars(statement))

    def open_question(self, training: Training) -> Optional[TrainingQuestion]:
        return self.session.scalars(self._open_questions(training)).first()

    def hands_and_question(self, training: Training) -> tuple[bool, Optional[TrainingQuestion]]:
        """Whether a hand is up, and the open question, in one query: mostly there is neither."""
        is_up = select(TrainingMember.id).where(
            TrainingMember.training_id == training.id, TrainingMember.hand_raised_at.is_not(None)
        )
        hands = select(is_up.exists().label("up")).subquery()
        is_open = and_(TrainingQuestion.training_id == training.id, TrainingQuestion.closed_at.is_(None))
        statement = select(hands.c.up, TrainingQuestion).outerjoin_from(hands, TrainingQuestion, is_open)
        has_hands, question = self.session.execute(statement.order_by(TrainingQuestion.id.desc()).limit(1)).one()
        return has_hands, question

    def ask(self, training: Training, text: str, position: Optional[int], now: datetime) -> TrainingQuestion:
        """Close the question before and ask another; the caller holds the training's lock."""
        before = self.open_question(training)
        if before and (before.text, before.position) == (text, position) and now - before.asked_at < _SAME_CLICK:
            return before
        self.close(training, now)
        question = TrainingQuestion(training_id=training.id, text=text, position=position, asked_at=now)
        self.session.add(question)
        self.session.flush()
        return question

    def close(self, training: Training, now: datetime) -> None:
        self.session.execute(
            update(TrainingQuestion)
            .where(TrainingQuestion.training_id == training.id, TrainingQuestion.closed_at.is_(None))
            .values(closed_at=now)
        )

    def answer(self, question: TrainingQuestion, user_id: int, done: bool, now: datetime) -> None:
        """Store what a member answers last, once, however often they click."""
        values = {"question_id": question.id, "user_id": user_id, "done": done, "time": now}
        if insert_once(self.session, TrainingAnswer.__table__, values):  # type: ignore[arg-type]
            return
        self.session.execute(
            update(TrainingAnswer)
            .where(
                TrainingAnswer.question_id == question.id,
                TrainingAnswer.user_id == user_id,
                TrainingAnswer.done.is_not(done),
            )
            .values(done=done, time=now)
        )

    def take_back_answers(self, training: Training, user_id: int) -> None:
        """Delete what somebody has answered in this training."""
        asked = select(TrainingQuestion.id).where(TrainingQuestion.training_id == training.id)
        self.session.execute(
            delete(TrainingAnswer).where(TrainingAnswer.user_id == user_id, TrainingAnswer.question_id.in_(asked))
        )

    def open_question_to(self, training: Training, user_id: int) -> tuple[Optional[TrainingQuestion], Optional[bool]]:
        """What is asked, and what a member has answered, in one statement."""
        is_theirs = and_(TrainingAnswer.question_id == TrainingQuestion.id, TrainingAnswer.user_id == user_id)
        statement = self._open_questions(training).add_columns(TrainingAnswer.done).outerjoin(TrainingAnswer, is_theirs)
        row = self.session.execute(statement).first()
        return (row[0], row[1]) if row else (None, None)

    def answers(
        self, training: Training, question: TrainingQuestion, teacher_ids: Collection[int], limit: int
    ) -> dict[Optional[bool], Answerers]:
        """Members by their answer: done, still working, none. Who teaches need not answer."""
        alike = TrainingAnswer.done
        numbered = (
            self._members(
                training,
                alike.label("done"),
                func.row_number().over(partition_by=alike, order_by=TrainingMember.pseudonym).label("number"),
                func.count().over(partition_by=alike).label("total"),
                TrainingMember.pseudonym,
                TrainingMember.colour,
                TrainingMember.shape,
                User.username,
            )
            .outerjoin(
                TrainingAnswer,
                and_(
                    TrainingAnswer.question_id == question.id,
                    TrainingAnswer.user_id == TrainingMember.user_id,
                ),
            )
            .where(or_(alike.is_not(None), TrainingMember.user_id.not_in(teacher_ids)))
            .subquery()
        )
        statement = select(numbered).where(numbered.c.number <= limit).order_by(numbered.c.number)
        found: dict[Optional[bool], Answerers] = {True: Answerers(), False: Answerers(), None: Answerers()}
        for row in self.session.execute(statement):
            answerers = found[row.done]
            answerers.total = row.total
            answerers.people.append((Pseudonym(*row[3:6]), row.username))
        return found

    @staticmethod
    def _open_questions(training: Training) -> Select[Any]:
        return (
            select(TrainingQuestion)
            .where(TrainingQuestion.training_id == training.id, TrainingQuestion.closed_at.is_(None))
            .order_by(TrainingQuestion.id.desc())
            .limit(1)
        )

    @staticmethod
    def _members(training: Training, *columns: Any) -> Select[Any]:
        """These columns of those who are in the class now and have a name."""
        return (
            select(*columns)
            .select_from(TrainingMember)
            .join(User, User.id == TrainingMember.user_id)
            .join(
                UserGroupAssociation,
                and_(
                    UserGroupAssociation.user_id == User.id,
                    UserGroupAssociation.group_id == training.group_id,
                ),
            )
            .where(TrainingMember.training_id == training.id, User.deleted.is_(False))
        )
