"""Pages for everybody: about, statistics, calendar."""

from calendar import monthrange
from datetime import (
    date,
    timedelta,
)
from typing import Optional

from fastapi import (
    Query,
    Response,
)
from fastapi.responses import JSONResponse

from ..compat.dependencies import depends
from ..trainings.review_service import ReviewsService
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from .service import StatisticsService

router = PageRouter()

_CSV = "text/csv; charset=utf-8"


@router.page("/tiaas/")
def about(page: Page = DependsOnPage) -> Response:
    return page.render("about")


@router.page("/tiaas/stats/")
def stats(
    page: Page = DependsOnPage,
    service: StatisticsService = depends(StatisticsService),
    reviews: ReviewsService = depends(ReviewsService),
    number: int = Query(1, alias="page", ge=1, le=100_000),
) -> Response:
    trainings, states = None, None
    if page.actor.is_admin:
        trainings, states = service.numbers(page.actor, page.now, number), reviews.count_by_state(page.actor)
    return page.render("stats", statistics=service.show(page.now), trainings=trainings, states=states)


@router.page("/tiaas/stats.csv")
def stats_csv(service: StatisticsService = depends(StatisticsService)) -> Response:
    return Response(service.countries_csv(), media_type=_CSV)


@router.page("/tiaas/numbers.csv")
def numbers_csv(service: StatisticsService = depends(StatisticsService)) -> Response:
    return Response(service.numbers_csv(), media_type=_CSV)


@router.page("/tiaas/years.csv")
def years_csv(service: StatisticsService = depends(StatisticsService)) -> Response:
    return Response(service.years_csv(), media_type=_CSV)


@router.page("/tiaas/calendar/")
def calendar(
    page: Page = DependsOnPage,
    service: StatisticsService = depends(StatisticsService),
    year: Optional[int] = Query(None, ge=2000, le=2100),
    month: Optional[int] = Query(None, ge=1, le=12),
) -> Response:
    first = date(year or page.now.year, month or page.now.month, 1)
    last = first.replace(day=monthrange(first.year, first.month)[1])
    events = service.calendar(page.actor, first, last)
    return page.render(
        "calendar",
        first=first,
        last=last,
        before=first - timedelta(days=1),
        after=last + timedelta(days=1),
        events=events,
        feed=f"{page.actor.base_url}/tiaas/calendar.ics",
    )


@router.page("/tiaas/calendar/events.json")
def events_json(
    page: Page = DependsOnPage,
    service: StatisticsService = depends(StatisticsService),
    start: Optional[date] = Query(None),
    end: Optional[date] = Query(None),
) -> Response:
    events = service.calendar(page.actor, start, end)
    return JSONResponse([event.model_dump(mode="json", exclude_unset=True) for event in events])


@router.page("/tiaas/calendar.ics")
def calendar_ics(page: Page = DependsOnPage, service: StatisticsService = depends(StatisticsService)) -> Response:
    return Response(service.icalendar(page.actor, page.now), media_type="text/calendar; charset=utf-8")
