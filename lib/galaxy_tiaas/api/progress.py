"""API operations on how far a class is."""

from datetime import datetime

from fastapi import (
    Query,
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends

from ..model import Training
from ..schema.activity import JobsShown
from ..schema.progress import TrainingProgress
from ..services.actor import Actor
from ..services.progress import ProgressService
from ..web.permissions import MayWatch
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .routes import ApiRouter
from .status import answer

router = ApiRouter()


@router.get(
    "/api/tiaas/trainings/{identifier}/progress",
    summary="Show which member of a class is at which step, or uses which tools where no steps are set up.",
    response_model=TrainingProgress,
    responses={304: {"description": "Nothing has changed since the answer with the given entity tag."}},
)
def progress(
    request: Request,
    training: Training = MayWatch,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: ProgressService = depends(ProgressService),
    jobs: JobsShown = Query(JobsShown.ALL, description="Which jobs count."),
) -> Response:
    """Jobs count that were created since the training's window opened. Whoever asks again with `If-None-Match` is
    answered 304 while nothing has changed."""
    return answer(request, service.progress(actor, training, now, jobs))
