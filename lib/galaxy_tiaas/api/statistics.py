"""API operations on the numbers and dates of all trainings."""

from datetime import (
    date,
    datetime,
)
from typing import Optional

from fastapi import Query
from galaxy.webapps.galaxy.api import depends

from ..schema.statistics import (
    CalendarEvent,
    Statistics,
)
from ..services.actor import Actor
from ..services.statistics import StatisticsService
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .routes import ApiRouter

router = ApiRouter()


@router.cbv
class FastAPITrainingStatistics:
    service: StatisticsService = depends(StatisticsService)

    @router.get("/api/tiaas/statistics", summary="Show numbers about all approved trainings.", public=True)
    def statistics(self, now: datetime = DependsOnNow) -> Statistics:
        return self.service.show(now)

    @router.get(
        "/api/tiaas/calendar",
        summary="List approved trainings by date: the dates alone, everything for admins.",
        response_model_exclude_unset=True,
    )
    def calendar(
        self,
        actor: Actor = DependsOnActor,
        start: Optional[date] = Query(None, description="Leave out trainings that end before this day."),
        end: Optional[date] = Query(None, description="Leave out trainings that start after this day."),
    ) -> list[CalendarEvent]:
        return self.service.calendar(actor, start, end)
