"""API operations on invitations to teach."""

from datetime import datetime

from fastapi import Body
from galaxy.webapps.galaxy.api import depends

from ..core.actor import Actor
from ..core.model import Training
from ..web.api import ApiRouter
from ..web.permissions import MayAnswer
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .schema import (
    InvitationAnswered,
    InvitationDecision,
    InvitationView,
)
from .service import InvitationsService

router = ApiRouter()


@router.cbv
class FastAPITrainingInvitations:
    service: InvitationsService = depends(InvitationsService)

    @router.get("/api/tiaas/invitations", summary="List your invitations to teach trainings of others.")
    def index(self, actor: Actor = DependsOnActor, now: datetime = DependsOnNow) -> list[InvitationView]:
        """Newest first, without those that you have declined or that have expired."""
        return self.service.index(actor, now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/invitation", summary="Accept or decline an invitation to teach a training."
    )
    def answer(
        self,
        training: Training = MayAnswer,
        actor: Actor = DependsOnActor,
        now: datetime = DependsOnNow,
        payload: InvitationDecision = Body(),
    ) -> InvitationAnswered:
        """The same answer twice is one. Whoever invited you does not learn that you have declined. 404 without an
        invitation that is valid."""
        return self.service.answer(actor, training, payload, now)
