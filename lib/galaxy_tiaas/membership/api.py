"""API operations on the members of a training."""

from datetime import datetime

from galaxy.webapps.galaxy.api import depends

from ..core.actor import Actor
from ..core.model import Training
from ..web.api import ApiRouter
from ..web.permissions import (
    MayManage,
    MayTakePart,
)
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .schema import (
    MembershipView,
    MemberView,
)
from .service import MembershipsService

router = ApiRouter()


@router.cbv
class FastAPIMemberships:
    service: MembershipsService = depends(MembershipsService)

    @router.post("/api/tiaas/trainings/{identifier}/join", summary="Join a training; joining twice is joining once.")
    def join(
        self, training: Training = MayTakePart, actor: Actor = DependsOnActor, now: datetime = DependsOnNow
    ) -> MembershipView:
        return self.service.join(actor, training, now)

    @router.post("/api/tiaas/trainings/{identifier}/leave", summary="Leave a training.")
    def leave(
        self, training: Training = MayTakePart, actor: Actor = DependsOnActor, now: datetime = DependsOnNow
    ) -> MembershipView:
        return self.service.leave(actor, training, now)

    @router.get(
        "/api/tiaas/trainings/{identifier}/members",
        summary="List the members of a training, for its instructors and admins.",
        response_model_exclude_unset=True,
    )
    def members(self, training: Training = MayManage, actor: Actor = DependsOnActor) -> list[MemberView]:
        return self.service.members(actor, training)
