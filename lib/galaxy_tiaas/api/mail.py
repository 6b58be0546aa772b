"""The mail queue, for admins."""

from datetime import datetime

from galaxy.webapps.galaxy.api import depends

from ..schema.mail import (
    MailAction,
    MailView,
)
from ..services.actor import Actor
from ..services.mail import MailService
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .routes import ApiRouter

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
