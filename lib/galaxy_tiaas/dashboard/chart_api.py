"""API operation for the charts of the dashboard."""

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
from .chart_schema import TrainingActivity
from .chart_service import ChartsService
from .schema import JobsShown
from .service import (
    LONGEST_HOURS,
    SHORTEST_HOURS,
    USUAL_HOURS,
)

router = ApiRouter()


@router.get(
    "/api/tiaas/trainings/{identifier}/activity",
    summary="Show jobs of a class over the last hours, and how long they waited.",
    response_model=TrainingActivity,
    responses={304: {"description": "Nothing has changed since the answer with the given entity tag."}},
)
def activity(
    request: Request,
    training: Training = MayWatch,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: ChartsService = depends(ChartsService),
    hours: int = Query(USUAL_HOURS, ge=SHORTEST_HOURS, le=LONGEST_HOURS),
    jobs: JobsShown = Query(JobsShown.ALL, description="Which jobs count."),
) -> Response:
    """Waiting times stand beside those of everybody else on the server, where enough jobs make them anonymous."""
    return answer(request, service.show(actor, training, hours, now, jobs))
