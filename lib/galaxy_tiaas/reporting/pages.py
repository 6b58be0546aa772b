"""Pages for everybody: about, statistics, calendar."""

from calendar import monthrange
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import Optional

from fastapi import (
    Query,
    Request,
    Response,
)

from ..compat.dependencies import depends
from ..core.actor import Actor
from ..trainings.review_service import ReviewsService
from ..web.conditional import (
    answer,
    tagged_page,
)
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .responses import StatisticsResponses
from .service import StatisticsService

router = PageRouter()
#: Whether Excel is to read the file, too, which takes one without a byte order mark for something else than UTF-8.
_EXCEL = Query(False)


@router.page("/tiaas/")
def about(page: Page = DependsOnPage) -> Response:
    return page.render("about")


@router.page("/tiaas/stats/")
def stats(
    page: Page = DependsOnPage,
    responses: StatisticsResponses = depends(StatisticsResponses),
    reviews: ReviewsService = depends(ReviewsService),
    number: int = Query(1, alias="page", ge=1, le=100_000),
) -> Response:
    trainings, states = None, None
    if page.actor.is_admin:
        trainings, states = responses.numbers(page.actor, page.now, number), reviews.count_by_state(page.actor)
    statistics = responses.show(page.now).value
    return tagged_page(page.request, page.render("stats", statistics=statistics, trainings=trainings, states=states))


@router.feed("/tiaas/stats.csv")
def stats_csv(
    request: Request,
    now: datetime = DependsOnNow,
    responses: StatisticsResponses = depends(StatisticsResponses),
    excel: bool = _EXCEL,
) -> Response:
    return answer(request, responses.countries_csv(now, excel=excel))


@router.feed("/tiaas/numbers.csv")
def numbers_csv(
    request: Request,
    now: datetime = DependsOnNow,
    responses: StatisticsResponses = depends(StatisticsResponses),
    excel: bool = _EXCEL,
) -> Response:
    return answer(request, responses.numbers_csv(now, excel=excel))


@router.feed("/tiaas/years.csv")
def years_csv(
    request: Request,
    now: datetime = DependsOnNow,
    responses: StatisticsResponses = depends(StatisticsResponses),
    excel: bool = _EXCEL,
) -> Response:
    return answer(request, responses.years_csv(now, excel=excel))


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
    shown = page.render(
        "calendar",
        first=first,
        last=last,
        before=first - timedelta(days=1),
        after=last + timedelta(days=1),
        events=events,
        feed=f"{page.actor.base_url}/tiaas/calendar.ics",
        feed_is_open=not page.requires_login,
    )
    return tagged_page(page.request, shown)


@router.feed("/tiaas/calendar/events.json")
def events_json(
    request: Request,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    responses: StatisticsResponses = depends(StatisticsResponses),
    start: Optional[date] = Query(None),
    end: Optional[date] = Query(None),
) -> Response:
    return answer(request, responses.calendar(actor, now, start, end))


@router.feed("/tiaas/calendar.ics")
def calendar_ics(
    request: Request,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    responses: StatisticsResponses = depends(StatisticsResponses),
    start: Optional[date] = Query(None),
    end: Optional[date] = Query(None),
) -> Response:
    """Without `start` and `end`: the last twelve months and the next 24."""
    return answer(request, responses.icalendar(actor, now, start, end))
