"""What has not arrived, for admins."""

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
        summary="List mails and notifications that wait or were given up.",
    )
    def show(self, actor: Actor = DependsOnActor) -> MailView:
        """For admins."""
        return self.service.show(actor)

    @router.post(
        "/api/tiaas/mail",
        summary="Try again what has not arrived, or drop it.",
    )
    def act(self, payload: MailAction, actor: Actor = DependsOnActor, now: datetime = DependsOnNow) -> MailView:
        """For admins. Answers with what has not arrived now."""
        self.service.act(actor, payload, now)
        return self.service.show(actor)
