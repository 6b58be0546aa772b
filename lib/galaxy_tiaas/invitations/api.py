"""API operations on invitations to teach."""

from fastapi import Body

from ..compat.dependencies import depends
from ..core.model import Training
from ..web.api import (
    ApiController,
    ApiRouter,
)
from ..web.permissions import MayAnswer
from .service import (
    InvitationAnswered,
    InvitationDecision,
    InvitationsService,
    InvitationView,
)

router = ApiRouter()


@router.cbv
class FastAPITrainingInvitations(ApiController):
    service: InvitationsService = depends(InvitationsService)

    @router.get("/api/tiaas/invitations", summary="List your invitations to teach trainings of others.")
    def index(self) -> list[InvitationView]:
        """Newest first, without those that you have declined or that have expired."""
        return self.service.index(self.actor, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/invitation", summary="Accept or decline an invitation to teach a training."
    )
    def answer(self, training: Training = MayAnswer, payload: InvitationDecision = Body()) -> InvitationAnswered:
        """The same answer twice is one. Whoever invited you does not learn that you have declined. 404 without an
        invitation that is valid."""
        return self.service.answer(self.actor, training, payload, self.now)
