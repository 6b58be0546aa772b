"""API operations on the dashboard of a class."""

from datetime import datetime

from fastapi import (
    Query,
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends

from ..core.actor import Actor
from ..core.model import Training
from ..web.api import ApiRouter
from ..web.conditional import answer
from ..web.permissions import MayWatch
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .schema import (
    JobsShown,
    TrainingStatus,
)
from .service import (
    LONGEST_HOURS,
    SHORTEST_HOURS,
    StatusService,
    USUAL_HOURS,
)

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
