"""The mail queue, for admins."""

from datetime import datetime

from galaxy.webapps.galaxy.api import depends

from ..core.actor import Actor
from ..web.api import ApiRouter
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .queue_service import MailService
from .schema import (
    MailAction,
    MailView,
)

router = ApiRouter()


@router.cbv
class MailAPI:
    service: MailService = depends(MailService)

    @router.get(
        "/api/tiaas/mail",
        summary="List mails and notifications that have not been delivered.",
    )
    def show(self, actor: Actor = DependsOnActor) -> MailView:
        """For admins."""
        return self.service.show(actor)

    @router.post(
        "/api/tiaas/mail",
        summary="Retry or drop deliveries.",
    )
    def act(self, payload: MailAction, actor: Actor = DependsOnActor, now: datetime = DependsOnNow) -> MailView:
        """For admins. Returns the queue."""
        self.service.act(actor, payload, now)
        return self.service.show(actor)
