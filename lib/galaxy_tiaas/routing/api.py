"""Explanations of where jobs go."""

from datetime import datetime
from typing import (
    Annotated,
    Optional,
)

from fastapi import Query

from ..compat.dependencies import depends
from ..core.actor import Actor
from ..core.fields import (
    Line,
    Moment,
)
from ..web.api import ApiRouter
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .schema import (
    RoutingExplanation,
    RoutingQuestion,
)
from .service import RoutingService

router = ApiRouter()

_FIELDS = RoutingQuestion.model_fields


@router.get(
    "/api/tiaas/routing", summary="Explain where a job would go and why, or where one went.", require_admin=True
)
def explain(
    actor: Actor = DependsOnActor,
    now: datetime = DependsOnNow,
    service: RoutingService = depends(RoutingService),
    user: Annotated[Line, Query(description=_FIELDS["user"].description)] = "",
    tool_id: Annotated[Line, Query(description=_FIELDS["tool_id"].description)] = "",
    at: Optional[Moment] = Query(None, description=_FIELDS["at"].description),
    job: Annotated[Line, Query(description=_FIELDS["job"].description)] = "",
) -> RoutingExplanation:
    """For admins. Web servers log addresses: use encoded ids where names should not be there."""
    return service.explain(actor, RoutingQuestion(user=user, tool_id=tool_id, at=at, job=job), now)
