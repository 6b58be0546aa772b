"""API operations on the dashboard of a class."""

from datetime import datetime
from typing import Any

from fastapi import (
    Query,
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends

from ..core.cached_response import CachedResponse
from ..model import Training
from ..schema.activity import (
    JobsShown,
    TrainingStatus,
)
from ..services.actor import Actor
from ..services.status import (
    LONGEST_HOURS,
    SHORTEST_HOURS,
    StatusService,
    USUAL_HOURS,
)
from ..web import conditional
from ..web.permissions import MayWatch
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .routes import ApiRouter

router = ApiRouter()


@router.get(
    "/api/tiaas/trainings/{identifier}/status",
    summary="Show what a class did in the last hours.",
    response_model=TrainingStatus,
    responses={304: {"description": "Nothing has changed since the answer with the given entity tag."}},
)
def status(
    request: Request,
    training: Training = MayWatch,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: StatusService = depends(StatusService),
    hours: int = Query(USUAL_HOURS, ge=SHORTEST_HOURS, le=LONGEST_HOURS),
    jobs: JobsShown = Query(JobsShown.ALL, description="Which jobs count."),
) -> Response:
    """Whoever asks again with `If-None-Match` is answered 304 while nothing has changed."""
    return answer(request, service.status(actor, training, hours, now, jobs))


def answer(request: Request, cached: CachedResponse[Any]) -> Response:
    """The JSON of a cached response, unless the client has it already."""
    if conditional.unchanged(request, cached):
        return conditional.not_modified(cached)
    return Response(cached.json, media_type="application/json", headers=conditional.headers(cached))
