"""The histories of all trainings together."""

from typing import (
    Annotated,
    Optional,
)

from fastapi import Query

from ..compat.dependencies import depends
from ..core.actor import Actor
from ..core.fields import (
    Day,
    LAST_ID,
    Line,
)
from ..trainings.states import ChangeSource
from ..web.api import ApiRouter
from ..web.request import DependsOnActor
from .schema import (
    AuditedEvent,
    HistoryFilter,
)
from .service import HistoryService

router = ApiRouter()

_FIELDS = HistoryFilter.model_fields


@router.get("/api/tiaas/history", summary="List who changed what in all trainings, newest first.", require_admin=True)
def index(
    actor: Actor = DependsOnActor,
    service: HistoryService = depends(HistoryService),
    training: Annotated[Line, Query(description=_FIELDS["training"].description)] = "",
    user: Annotated[Line, Query(description=_FIELDS["user"].description)] = "",
    action: Annotated[Line, Query(max_length=32, description=_FIELDS["action"].description)] = "",
    via: Optional[ChangeSource] = Query(None, description=_FIELDS["via"].description),
    since: Optional[Day] = Query(None, description=_FIELDS["since"].description),
    until: Optional[Day] = Query(None, description=_FIELDS["until"].description),
    before: Optional[int] = Query(None, ge=0, le=LAST_ID, description="Only what is older than the line of this id."),
    limit: int = Query(50, ge=1, le=1000),
) -> list[AuditedEvent]:
    """For admins. Web servers log addresses: use encoded ids where names should not be there.

    Go on with the id of the last line as `before`, until fewer than `limit` come back.
    """
    wanted = HistoryFilter.model_construct(
        training=training, user=user, action=action, via=via, since=since, until=until
    )
    return list(service.page(actor, wanted, before=before, limit=limit).events)
