"""API operations on the members of a training."""

from ..compat.dependencies import (
    depends,
    in_line,
)
from ..core.model import Training
from ..web.api import (
    ApiController,
    ApiRouter,
)
from ..web.permissions import (
    MayEnter,
    MayManage,
    MayTakePart,
)
from .manager import Seat
from .schema import (
    MembershipView,
    MemberView,
)
from .service import MembershipsService

router = ApiRouter()


@router.cbv
class FastAPIMemberships(ApiController):
    service: MembershipsService = depends(MembershipsService)

    @router.post("/api/tiaas/trainings/{identifier}/join", summary="Join a training; joining twice is joining once.")
    @in_line
    def join(self, seat: Seat = MayEnter) -> MembershipView:
        return self.service.join(self.actor, seat.training, self.now, seat.membership)

    @router.post("/api/tiaas/trainings/{identifier}/leave", summary="Leave a training.")
    def leave(self, training: Training = MayTakePart) -> MembershipView:
        return self.service.leave(self.actor, training, self.now)

    @router.get(
        "/api/tiaas/trainings/{identifier}/members",
        summary="List the members of a training, for its instructors and admins.",
        response_model_exclude_unset=True,
    )
    def members(self, training: Training = MayManage) -> list[MemberView]:
        return self.service.members(self.actor, training)
