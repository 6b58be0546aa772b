"""What schedulers and autoscalers ask for."""

from datetime import datetime

from fastapi import (
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends

from ..schema.running import RunningTrainings
from ..services.actor import Actor
from ..services.running import RunningService
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .feeds import (
    DependsOnFeedToken,
    FeedRoute,
)
from .routes import ApiRouter
from .status import answer

router = ApiRouter(FeedRoute)


@router.get(
    "/api/tiaas/running",
    summary="List the trainings that run now or next, for schedulers.",
    response_model=RunningTrainings,
    responses={304: {"description": "Nothing has changed since the answer with the given entity tag."}},
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
