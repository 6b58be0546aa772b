"""Raised hands, the question that is open, and the answers to it: small tables of ours, always read afresh."""

from collections.abc import (
    Collection,
    Sequence,
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
    bindparam,
    ColumnElement,
    delete,
    func,
    or_,
    Row,
    RowMapping,
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
from ..membership.join_statements import PSEUDONYM_COLUMNS

#: Who asks the same again so soon has clicked twice.
_SAME_CLICK = timedelta(seconds=10)


class ClassroomManager:
    """Hands of members who are in the class count only; the rows of those who left stay, with the hand down.

    People have the fields of :class:`galaxy_tiaas.membership.schema.PersonView`, ``named`` with their public names.
    """

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    # Hands

    def set_hand(self, training: Training, user_id: int, raised_at: Optional[datetime]) -> bool:
        """Raise or lower the hand of a member who has a name already. One that is up stays up since when it was.

        :returns: whether that changed anything.
        """
        is_up = TrainingMember.hand_raised_at.is_not(None)
        result: Any = self.session.execute(
            update(TrainingMember)
            .where(
                TrainingMember.training_id == training.id,
                TrainingMember.user_id == user_id,
                ~is_up if raised_at else is_up,
            )
            .values(hand_raised_at=raised_at)
        )
        return bool(result.rowcount)

    def lower_hand_of(self, training: Training, pseudonym: str) -> Optional[bool]:
        """:returns: whether it was up; nothing if nobody in this training was ever called so."""
        named = select(TrainingMember.user_id).where(
            TrainingMember.training_id == training.id, TrainingMember.pseudonym == pseudonym
        )
        user_id = self.session.scalar(named)
        return None if user_id is None else self.set_hand(training, user_id, None)

    def hands(self, training: Training, limit: int, *, named: bool) -> Sequence[RowMapping]:
        """Those whose hands are up longest, with ``raised_at`` and the ``total`` of raised hands."""
        raised_at = TrainingMember.hand_raised_at
        statement = (
            self._members(training, named, func.count().over().label("total"), raised_at.label("raised_at"))
            .where(raised_at.is_not(None))
            .order_by(raised_at, TrainingMember.id)
            .limit(limit)
        )
        return self.session.execute(statement).mappings().all()

    # Questions

    def steps(self, training: Training) -> list[TrainingStep]:
        statement = select(TrainingStep).where(TrainingStep.training_id == training.id).order_by(TrainingStep.position)
        return list(self.session.scalars(statement))

    def open_question(self, training: Training) -> Optional[TrainingQuestion]:
        return self.session.scalars(_open_questions(training.id)).first()

    def hands_and_question(self, training: Training) -> tuple[bool, Optional[TrainingQuestion]]:
        """Whether a hand is up, and the open question, in one query: mostly there is neither."""
        is_up = select(TrainingMember.id).where(
            TrainingMember.training_id == training.id, TrainingMember.hand_raised_at.is_not(None)
        )
        hands = select(is_up.exists().label("up")).subquery()
        statement = select(hands.c.up, TrainingQuestion).outerjoin_from(hands, TrainingQuestion, _is_open(training.id))
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
        self.session.execute(update(TrainingQuestion).where(_is_open(training.id)).values(closed_at=now))

    def answer(self, question: TrainingQuestion, user_id: int, done: bool, now: datetime) -> None:
        """Store what a member answers last, once, however often they click."""
        values = {"question_id": question.id, "user_id": user_id, "done": done, "time": now}
        if insert_once(self.session, TrainingAnswer, values):
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

    def open_question_to(self, training: Training, user_id: int) -> Optional[Row[Any]]:
        """What is asked, as columns of the question, and what a member has answered (``done``)."""
        # Past the session: all of a class asks this again and again, and mostly nothing is asked.
        parameters = {"training_id": training.id, "user_id": user_id}
        found: Optional[Row[Any]] = self.session.connection().execute(_OPEN_QUESTION_TO, parameters).first()
        return found

    def answers(
        self, training: Training, question: TrainingQuestion, teacher_ids: Collection[int], limit: int, *, named: bool
    ) -> Sequence[RowMapping]:
        """The first members by name with each answer (``done``: null, if they gave none), and the ``total`` of them.

        Who teaches need not answer.
        """
        alike = TrainingAnswer.done
        is_theirs = and_(TrainingAnswer.question_id == question.id, TrainingAnswer.user_id == TrainingMember.user_id)
        numbered = (
            self._members(
                training,
                named,
                alike.label("done"),
                func.row_number().over(partition_by=alike, order_by=TrainingMember.pseudonym).label("number"),
                func.count().over(partition_by=alike).label("total"),
            )
            .outerjoin(TrainingAnswer, is_theirs)
            .where(or_(alike.is_not(None), TrainingMember.user_id.not_in(teacher_ids)))
            .subquery()
        )
        statement = select(numbered).where(numbered.c.number <= limit).order_by(numbered.c.number)
        return self.session.execute(statement).mappings().all()

    @staticmethod
    def _members(training: Training, named: bool, *columns: Any) -> Select[Any]:
        """These columns of those who are in the class now and have a name, and who they are."""
        in_group = and_(UserGroupAssociation.user_id == User.id, UserGroupAssociation.group_id == training.group_id)
        return (
            select(*columns, *PSEUDONYM_COLUMNS, *([User.username] if named else []))
            .select_from(TrainingMember)
            .join(User, User.id == TrainingMember.user_id)
            .join(UserGroupAssociation, in_group)
            .where(TrainingMember.training_id == training.id, User.deleted.is_(False))
        )


def _is_open(training_id: Any) -> ColumnElement[bool]:
    return and_(TrainingQuestion.training_id == training_id, TrainingQuestion.closed_at.is_(None))


def _open_questions(training_id: Any) -> Select[Any]:
    return select(TrainingQuestion).where(_is_open(training_id)).order_by(TrainingQuestion.id.desc()).limit(1)


_OPEN_QUESTION_TO = (
    _open_questions(bindparam("training_id"))
    .with_only_columns(
        TrainingQuestion.id,
        TrainingQuestion.text,
        TrainingQuestion.position,
        TrainingQuestion.asked_at,
        TrainingAnswer.done,
    )
    .outerjoin(
        TrainingAnswer,
        and_(TrainingAnswer.question_id == TrainingQuestion.id, TrainingAnswer.user_id == bindparam("user_id")),
    )
)
