"""API operations on trainings."""

from typing import (
    Annotated,
    Literal,
    Optional,
)

from fastapi import (
    Body,
    Query,
    Response,
)
from pydantic import TypeAdapter

from ..compat.dependencies import depends
from ..core.fields import Words
from ..core.model import Training
from ..core.times import (
    FIRST_DATE,
    LAST_DATE,
)
from ..history.schema import EventView
from ..web.api import (
    ApiController,
    ApiRouter,
)
from ..web.permissions import (
    MayDecide,
    MayManage,
    MaySee,
)
from .identifier_service import IdentifiersService
from .manager import TrainingQuery
from .schema import (
    ChangeDecision,
    IdentifierCheck,
    Note,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from .service import TrainingsService
from .states import (
    TrainingPhase,
    TrainingState,
)

router = ApiRouter()

_VIEWS = TypeAdapter(list[TrainingView])

SortBy = Literal["identifier", "title", "start", "end", "created", "updated", "state", "attendance"]


@router.cbv
class FastAPITrainings(ApiController):
    service: TrainingsService = depends(TrainingsService)

    @router.get(
        "/api/tiaas/trainings",
        summary="List trainings: advertised ones, and those you requested, teach or joined. Admins see all.",
        response_model=list[TrainingView],
    )
    def index(
        self,
        state: list[TrainingState] = Query([], description="Only trainings in one of these states."),
        phase: Optional[TrainingPhase] = Query(None, description="Only trainings in this phase."),
        mine: bool = Query(False, description="Only trainings you requested, teach or joined."),
        needs_decision: bool = Query(
            False, description="Only trainings with a request or a requested change to decide. For admins."
        ),
        search: Annotated[Words, Query(description="Words in identifier, title or description; or a country.")] = "",
        limit: int = Query(50, ge=1, le=1000),
        offset: int = Query(0, ge=0, le=2**31),
        sort_by: SortBy = Query("start"),
        sort_desc: bool = Query(True),
    ) -> Response:
        """The header `total_matches` says how many there are in all."""
        query = TrainingQuery(
            states=state,
            phase=phase,
            mine=mine,
            needs_decision=needs_decision,
            search=search,
            limit=limit,
            offset=offset,
            sort_by=sort_by,
            sort_desc=sort_desc,
        )
        found = self.service.index(self.actor, query, self.now)
        # FastAPI would turn each view into a dictionary, back into a view and again into a dictionary.
        content = _VIEWS.dump_json([*found], exclude_unset=True)
        return Response(content, media_type="application/json", headers={"total_matches": str(found.total)})

    @router.post("/api/tiaas/trainings", summary="Request a training.", response_model_exclude_unset=True)
    def create(self, payload: TrainingCreate = Body()) -> TrainingView:
        return self.service.create(self.actor, payload, self.now)

    @router.get(
        "/api/tiaas/trainings/{identifier}",
        summary="Show a training. Personal fields are for its instructors and admins.",
        response_model_exclude_unset=True,
    )
    def show(self, training: Training = MaySee) -> TrainingView:
        return self.service.show(self.actor, training, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}", summary="Change fields of a training.", response_model_exclude_unset=True
    )
    def update(self, training: Training = MayManage, payload: TrainingUpdate = Body()) -> TrainingView:
        """Once a training is approved, an instructor's change of `identifier`, `start`, `end`, `timezone` or
        `attendance` becomes its `requested_change`, which an admin decides."""
        return self.service.update(self.actor, training, payload, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/change",
        summary="Accept or decline the change that an instructor requested.",
        require_admin=True,
        response_model_exclude_unset=True,
    )
    def decide_change(self, training: Training = MayDecide, payload: ChangeDecision = Body()) -> TrainingView:
        return self.service.decide_change(self.actor, training, payload, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/state",
        summary="Approve, reject or cancel a training. Instructors may cancel.",
        response_model_exclude_unset=True,
    )
    def set_state(self, training: Training = MaySee, payload: StateChange = Body()) -> TrainingView:
        return self.service.set_state(self.actor, training, payload, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/end",
        summary="End a running training before its last day. For its instructors and admins.",
        response_model_exclude_unset=True,
    )
    def end(self, training: Training = MayManage, payload: Note = Body(default_factory=Note)) -> TrainingView:
        """Its resources end now and nobody can join any more. Another last day lets it go on."""
        return self.service.end(self.actor, training, payload, self.now)

    @router.put(
        "/api/tiaas/trainings/{identifier}/resume",
        summary="Let a training that was ended early go on.",
        require_admin=True,
        response_model_exclude_unset=True,
    )
    def resume(self, training: Training = MayDecide, payload: Note = Body(default_factory=Note)) -> TrainingView:
        return self.service.resume(self.actor, training, payload, self.now)

    @router.get(
        "/api/tiaas/trainings/{identifier}/history",
        summary="List who changed what in a training, for its instructors and admins.",
    )
    def history(self, training: Training = MayManage) -> list[EventView]:
        return self.service.history(self.actor, training)


@router.cbv
class FastAPITrainingIdentifiers(ApiController):
    service: IdentifiersService = depends(IdentifiersService)

    @router.get(
        "/api/tiaas/identifiers", summary="Say whether an identifier is free for a training, and suggest others."
    )
    def check(
        self,
        text: str = Query("", max_length=255, description="The identifier as it was typed."),
        title: str = Query("", max_length=255, description="Title of the training, to make suggestions from."),
        year: Optional[int] = Query(
            None, ge=FIRST_DATE.year, le=LAST_DATE.year, description="Year of the training, for suggestions."
        ),
        except_for: str = Query("", max_length=255, description="Identifier of the training that is to be renamed."),
    ) -> IdentifierCheck:
        return self.service.check(self.actor, text, self.now, title=title, year=year, except_for=except_for)
