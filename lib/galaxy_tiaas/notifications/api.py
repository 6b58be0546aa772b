"""The mail queue, for admins."""

from ..compat.dependencies import depends
from ..web.api import (
    ApiController,
    ApiRouter,
)
from .schema import (
    MailAction,
    MailView,
)
from .service import NotificationService

router = ApiRouter()


@router.cbv
class MailAPI(ApiController):
    service: NotificationService = depends(NotificationService)

    @router.get("/api/tiaas/mail", summary="List mails and notifications that have not been delivered.")
    def show(self) -> MailView:
        """For admins."""
        return self.service.queue(self.actor)

    @router.post("/api/tiaas/mail", summary="Retry or drop deliveries.")
    def act(self, payload: MailAction) -> MailView:
        """For admins. Returns the queue."""
        self.service.act_on_queue(self.actor, payload, self.now)
        return self.service.queue(self.actor)
