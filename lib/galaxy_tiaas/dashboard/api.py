"""API operations on the dashboard of a class."""

from datetime import datetime
from typing import (
    Annotated,
    Any,
    Union,
)

from fastapi import (
    Body,
    Query,
    Request,
    Response,
)

from ..compat.dependencies import depends
from ..core.actor import Actor
from ..core.model import Training
from ..web.api import (
    ApiController,
    ApiRouter,
)
from ..web.conditional import answer
from ..web.permissions import (
    MayHelp,
    MayManage,
    MayWatch,
)
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .help_service import HelpService
from .schema import (
    DashboardUpdate,
    DashboardView,
    JobsShown,
    TrainingActivity,
    TrainingHelp,
    TrainingProgress,
    TrainingStatus,
)
from .service import (
    ChartsService,
    LONGEST_HOURS,
    SHORTEST_HOURS,
    StatusService,
    USUAL_HOURS,
)
from .step_service import (
    DashboardsService,
    ProgressService,
)

router = ApiRouter()

_NOT_MODIFIED: dict[Union[int, str], dict[str, Any]] = {
    304: {"description": "Nothing has changed since the answer with the given entity tag."}
}
Hours = Annotated[int, Query(ge=SHORTEST_HOURS, le=LONGEST_HOURS)]
Jobs = Annotated[JobsShown, Query(description="Which jobs count.")]


@router.get(
    "/api/tiaas/trainings/{identifier}/status",
    summary="Show what a class did in the last hours.",
    response_model=TrainingStatus,
    responses=_NOT_MODIFIED,
)
def status(
    request: Request,
    training: Training = MayWatch,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: StatusService = depends(StatusService),
    hours: Hours = USUAL_HOURS,
    jobs: Jobs = JobsShown.ALL,
) -> Response:
    """Whoever asks again with `If-None-Match` is answered 304 while nothing has changed."""
    return answer(request, service.status(actor, training, hours, now, jobs))


@router.get(
    "/api/tiaas/trainings/{identifier}/activity",
    summary="Show jobs of a class over the last hours, and how long they waited.",
    response_model=TrainingActivity,
    responses=_NOT_MODIFIED,
)
def activity(
    request: Request,
    training: Training = MayWatch,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: ChartsService = depends(ChartsService),
    hours: Hours = USUAL_HOURS,
    jobs: Jobs = JobsShown.ALL,
) -> Response:
    """Waiting times stand beside those of everybody else on the server, where enough jobs make them anonymous."""
    return answer(request, service.show(actor, training, hours, now, jobs))


@router.get(
    "/api/tiaas/trainings/{identifier}/help",
    summary="Show who in a class needs help, for its instructors and admins.",
    response_model=TrainingHelp,
    responses=_NOT_MODIFIED,
)
def show_help(
    request: Request,
    training: Training = MayHelp,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: HelpService = depends(HelpService),
    hours: Hours = USUAL_HOURS,
    jobs: Jobs = JobsShown.ALL,
) -> Response:
    """Raised hands and answers are those of this moment, the rest is at most as old as the status."""
    return answer(request, service.help(actor, training, hours, now, jobs))


@router.get(
    "/api/tiaas/trainings/{identifier}/progress",
    summary="Show which member of a class is at which step, or uses which tools where no steps are set up.",
    response_model=TrainingProgress,
    responses=_NOT_MODIFIED,
)
def progress(
    request: Request,
    training: Training = MayWatch,
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: ProgressService = depends(ProgressService),
    jobs: Jobs = JobsShown.ALL,
) -> Response:
    """Jobs count that were created since the training's window opened. Whoever asks again with `If-None-Match` is
    answered 304 while nothing has changed."""
    return answer(request, service.progress(actor, training, now, jobs))


@router.cbv
class FastAPIDashboards(ApiController):
    service: DashboardsService = depends(DashboardsService)

    @router.get(
        "/api/tiaas/trainings/{identifier}/dashboard",
        summary="Show what is set up for the dashboard of a training, for its instructors and admins.",
    )
    def show(self, training: Training = MayManage) -> DashboardView:
        return self.service.show(training)

    @router.put(
        "/api/tiaas/trainings/{identifier}/dashboard",
        summary="Set up the dashboard of a training: its steps, and whether only the course is shown.",
    )
    def update(self, training: Training = MayManage, payload: DashboardUpdate = Body()) -> DashboardView:
        return self.service.update(self.actor, training, payload, self.now)
