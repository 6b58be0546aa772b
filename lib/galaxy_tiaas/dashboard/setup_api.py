"""API operations on what instructors set up for the dashboard of a class."""

from fastapi import Body
from galaxy.webapps.galaxy.api import depends

from ..core.model import Training
from ..web.api import (
    ApiController,
    ApiRouter,
)
from ..web.permissions import MayManage
from .setup_schema import (
    DashboardUpdate,
    DashboardView,
)
from .setup_service import DashboardsService

router = ApiRouter()


@router.cbv
class FastAPIDashboards(ApiController):
    service: DashboardsService = depends(DashboardsService)

    @router.get(
        "/api/tiaas/trainings/{identifier}/dashboard",
        summary="Show what is set up for the dashboard of a training, for its instructors and admins.",
    )
    def show(self, training: Training = MayManage) -> DashboardView:
        return self.service.show(training)

    @router.put(
        "/api/tiaas/trainings/{identifier}/dashboard",
        summary="Set up the dashboard of a training: its steps, and whether only the course is shown.",
    )
    def update(
        self,
        training: Training = MayManage,
        payload: DashboardUpdate = Body(),
    ) -> DashboardView:
        return self.service.update(self.actor, training, payload, self.now)
