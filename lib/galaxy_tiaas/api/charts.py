"""API operation for the charts of the dashboard."""

from datetime import datetime

from fastapi import (
    Query,
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends

from ..model import Training
from ..schema.activity import JobsShown
from ..schema.charts import TrainingActivity
from ..services.actor import Actor
from ..services.charts import ChartsService
from ..services.status import (
    LONGEST_HOURS,
    SHORTEST_HOURS,
    USUAL_HOURS,
)
from ..web.permissions import MayWatch
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .routes import ApiRouter
from .status import answer

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
