"""API operations on who needs help."""

from datetime import datetime

from fastapi import (
    Query,
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends

from ..model import Training
from ..schema.activity import JobsShown
from ..schema.help import TrainingHelp
from ..services.actor import Actor
from ..services.help import HelpService
from ..services.status import (
    LONGEST_HOURS,
    SHORTEST_HOURS,
    USUAL_HOURS,
)
from ..web.permissions import MayHelp
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .routes import ApiRouter
from .status import answer

router = ApiRouter()


@router.get(
    "/api/tiaas/trainings/{identifier}/help",
    summary="Show who in a class needs help, for its instructors and admins.",
    response_model=TrainingHelp,
    responses={304: {"description": "Nothing has changed since the answer with the given entity tag."}},
)
def show_help(
    request: Request,
    training: Training = MayHelp,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: HelpService = depends(HelpService),
    hours: int = Query(USUAL_HOURS, ge=SHORTEST_HOURS, le=LONGEST_HOURS),
    jobs: JobsShown = Query(JobsShown.ALL, description="Which jobs count."),
) -> Response:
    """Raised hands and answers are those of this moment, the rest is at most as old as the status."""
    return answer(request, service.help(actor, training, hours, now, jobs))
