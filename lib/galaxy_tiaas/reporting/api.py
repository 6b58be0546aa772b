"""API operations on the numbers and dates of all trainings."""

from datetime import (
    date,
)
from typing import Optional

from fastapi import Query
from galaxy.webapps.galaxy.api import depends

from ..web.api import (
    ApiController,
    ApiRouter,
)
from .schema import (
    CalendarEvent,
    Statistics,
)
from .service import StatisticsService

router = ApiRouter()


@router.cbv
class FastAPITrainingStatistics(ApiController):
    service: StatisticsService = depends(StatisticsService)

    @router.get("/api/tiaas/statistics", summary="Show numbers about all approved trainings.", public=True)
    def statistics(self) -> Statistics:
        return self.service.show(self.now)

    @router.get(
        "/api/tiaas/calendar",
        summary="List approved trainings by date: the dates alone, everything for admins.",
        response_model_exclude_unset=True,
    )
    def calendar(
        self,
        start: Optional[date] = Query(None, description="Leave out trainings that end before this day."),
        end: Optional[date] = Query(None, description="Leave out trainings that start after this day."),
    ) -> list[CalendarEvent]:
        return self.service.calendar(self.actor, start, end)
