"""What schedulers and autoscalers ask for."""

from datetime import datetime

from fastapi import (
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends

from ..core.actor import Actor
from ..web.api import ApiRouter
from ..web.conditional import answer
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .feeds import (
    DependsOnFeedToken,
    FeedRoute,
)
from .running_schema import RunningTrainings
from .running_service import RunningService

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
