"""API operations between an instructor and the class: hands, questions, answers."""

from typing import (
    Annotated,
    Optional,
)

from fastapi import (
    Body,
    Path,
)

from ..compat.dependencies import depends
from ..core.model import Training
from ..membership.manager import Seat
from ..web.api import (
    ApiController,
    ApiRouter,
)
from ..web.permissions import (
    MayEnter,
    MayManage,
    MayTakePart,
)
from .schema import (
    Answer,
    ClassMembershipView,
    HandChange,
    HandLowered,
    HandView,
    QuestionAsked,
    QuestionView,
)
from .service import ClassroomService

router = ApiRouter()

PseudonymPath = Annotated[str, Path(description="The name that stands for the member on the dashboard.")]


@router.cbv
class FastAPIClassroom(ApiController):
    service: ClassroomService = depends(ClassroomService)

    @router.get(
        "/api/tiaas/trainings/{identifier}/membership",
        summary="Show where you stand in a training: joined or not, your hand, and what you are asked.",
    )
    def show(self, seat: Seat = MayEnter) -> ClassMembershipView:
        return self.service.show(self.actor, seat.training, self.now, seat.membership)

    @router.put("/api/tiaas/trainings/{identifier}/hand", summary="Raise or lower your hand. For members.")
    def set_hand(self, training: Training = MayTakePart, payload: HandChange = Body()) -> ClassMembershipView:
        return self.service.set_hand(self.actor, training, payload, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/answer",
        summary="Answer what the instructor asks: done, or still working. For members.",
    )
    def answer(self, training: Training = MayTakePart, payload: Answer = Body()) -> ClassMembershipView:
        """The last answer counts; 409 if nothing is asked."""
        return self.service.answer(self.actor, training, payload, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/hands/{pseudonym}",
        summary="Lower the hand of a member, for instructors and admins.",
    )
    def lower_hand(
        self, pseudonym: PseudonymPath, training: Training = MayManage, payload: HandLowered = Body()
    ) -> HandView:
        return self.service.lower_hand(self.actor, training, pseudonym)

    @router.post(
        "/api/tiaas/trainings/{identifier}/question",
        summary="Ask the class whether it is done, for instructors and admins.",
    )
    def ask(
        self, training: Training = MayManage, payload: QuestionAsked = Body(default_factory=QuestionAsked)
    ) -> QuestionView:
        """This closes the question before. Asking the same twice within ten seconds is asking once."""
        return self.service.ask(self.actor, training, payload, self.now)

    @router.delete(
        "/api/tiaas/trainings/{identifier}/question",
        summary="Close the question that is open, for instructors and admins.",
    )
    def close_question(self, training: Training = MayManage) -> Optional[QuestionView]:
        """Answers what was asked; null if nothing was."""
        return self.service.close_question(self.actor, training, self.now)
