"""What Prometheus asks for."""

from datetime import datetime

from fastapi import (
    Request,
    Response,
)
from fastapi.responses import PlainTextResponse
from galaxy.webapps.galaxy.api import depends
from prometheus_client.exposition import choose_encoder

from ..core.actor import Actor
from ..web.api import ApiRouter
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .feeds import (
    DependsOnFeedToken,
    FeedRoute,
)
from .metrics_service import MetricsService

router = ApiRouter(FeedRoute)


@router.get(
    "/api/tiaas/metrics",
    summary="Show numbers about trainings, for Prometheus.",
    response_class=PlainTextResponse,
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
