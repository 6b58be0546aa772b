"""API operations on how far a class is."""

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
from .progress_schema import TrainingProgress
from .progress_service import ProgressService
from .schema import JobsShown

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
