"""API operations on who needs help."""

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
from ..web.permissions import MayHelp
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .help_schema import TrainingHelp
from .help_service import HelpService
from .schema import JobsShown
from .service import (
    LONGEST_HOURS,
    SHORTEST_HOURS,
    USUAL_HOURS,
)

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
