"""API operations on the numbers and dates of all trainings, and feeds for programs that have no Galaxy account."""

from collections.abc import (
    Callable,
    Coroutine,
)
from datetime import (
    date,
    datetime,
)
from typing import (
    Any,
    cast,
    Optional,
    Union,
)

from fastapi import (
    Depends,
    Query,
    Request,
    Response,
)
from fastapi.responses import PlainTextResponse
from prometheus_client.exposition import choose_encoder

from ..compat.dependencies import depends
from ..core.actor import Actor
from ..web.api import (
    ApiController,
    ApiRoute,
    ApiRouter,
)
from ..web.conditional import (
    answer,
)
from ..web.feeds import reading_feed_token
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .metrics_service import MetricsService
from .responses import StatisticsResponses
from .schema import (
    CalendarEvent,
    RunningTrainings,
    Statistics,
)
from .service import RunningService


class FeedRoute(ApiRoute):
    """A route that also understands the ``feed_token`` of the settings."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return reading_feed_token(super().get_route_handler())


def _feed_token(
    request: Request,
    feed_token: str = Query(
        "", description="The `feed_token` of the settings; better sent as `Authorization: Bearer …`, which no log has."
    ),
) -> str:
    return feed_token or getattr(request.state, "feed_token", "")


#: What a program sent to be let in without an account; empty if nothing.
DependsOnFeedToken = cast(str, Depends(_feed_token))

_UNCHANGED: dict[Union[int, str], dict[str, Any]] = {
    304: {"description": "Nothing has changed since the answer with the given entity tag."}
}

router = ApiRouter()
feed_router = ApiRouter(FeedRoute)


@router.cbv
class FastAPITrainingStatistics(ApiController):
    responses: StatisticsResponses = depends(StatisticsResponses)

    @router.get(
        "/api/tiaas/statistics",
        summary="Show numbers about all approved trainings.",
        public=True,
        response_model=Statistics,
        responses=_UNCHANGED,
    )
    def statistics(self, request: Request) -> Response:
        """A request with `If-None-Match` is answered 304 while nothing has changed."""
        return answer(request, self.responses.show(self.now))

    @router.get(
        "/api/tiaas/calendar",
        summary="List approved trainings by date: the dates alone, everything for admins.",
        response_model=list[CalendarEvent],
        responses=_UNCHANGED,
    )
    def calendar(
        self,
        request: Request,
        start: Optional[date] = Query(None, description="Leave out trainings that end before this day."),
        end: Optional[date] = Query(None, description="Leave out trainings that start after this day."),
    ) -> Response:
        """A request with `If-None-Match` is answered 304 while nothing has changed."""
        return answer(request, self.responses.calendar(self.actor, self.now, start, end))


@feed_router.get(
    "/api/tiaas/running",
    summary="List the trainings that run now or next, for schedulers.",
    response_model=RunningTrainings,
    responses=_UNCHANGED,
)
def running(
    request: Request,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: RunningService = depends(RunningService),
    token: str = DependsOnFeedToken,
) -> Response:
    """For admins, and for programs that send the `feed_token`. A request with `If-None-Match` is answered 304 while
    nothing has changed."""
    return answer(request, service.running(actor, now, token))


@feed_router.get(
    "/api/tiaas/metrics", summary="Show numbers about trainings, for Prometheus.", response_class=PlainTextResponse
)
def metrics(
    request: Request,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: MetricsService = depends(MetricsService),
    token: str = DependsOnFeedToken,
) -> Response:
    """For admins, and for programs that send the `feed_token`. In the text format of Prometheus, or as OpenMetrics for
    clients that accept it."""
    encode, content_type = choose_encoder(request.headers.get("accept", ""))
    return Response(encode(service.registry(actor, now, token)), headers={"content-type": content_type})
