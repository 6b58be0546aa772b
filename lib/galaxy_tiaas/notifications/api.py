"""The mail queue, for admins."""

from galaxy.webapps.galaxy.api import depends

from ..web.api import (
    ApiController,
    ApiRouter,
)
from .queue_service import MailService
from .schema import (
    MailAction,
    MailView,
)

router = ApiRouter()


@router.cbv
class MailAPI(ApiController):
    service: MailService = depends(MailService)

    @router.get(
        "/api/tiaas/mail",
        summary="List mails and notifications that have not been delivered.",
    )
    def show(self) -> MailView:
        """For admins."""
        return self.service.show(self.actor)

    @router.post(
        "/api/tiaas/mail",
        summary="Retry or drop deliveries.",
    )
    def act(self, payload: MailAction) -> MailView:
        """For admins. Returns the queue."""
        self.service.act(self.actor, payload, self.now)
        return self.service.show(self.actor)
