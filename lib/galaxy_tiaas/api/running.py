"""What schedulers and autoscalers ask for."""

from datetime import datetime

from fastapi import (
    Header,
    Query,
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import (
    depends,
    Router,
)

from ..schema.running import RunningTrainings
from ..services.actor import Actor
from ..services.running import RunningService
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .status import answer

router = Router(tags=["trainings"])


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
    feed_token: str = Query("", description="The `feed_token` of the settings; better sent as a header."),
    authorization: str = Header("", description="`Bearer` and the `feed_token` of the settings."),
) -> Response:
    """For admins, and for whoever knows the `feed_token`. Who asks again with `If-None-Match` is answered 304
    while nothing has changed."""
    token = feed_token or authorization.removeprefix("Bearer ")
    return answer(request, service.running(actor, now, token))
