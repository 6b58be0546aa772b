"""Pages of the admins: what needs them, and one request at a time."""

from functools import partial
from typing import (
    Optional,
    TypeVar,
    Union,
)
from urllib.parse import urlencode

from fastapi import (
    Query,
    Response,
)
from galaxy.webapps.galaxy.api import depends
from pydantic import ValidationError
from starlette.datastructures import FormData

from ..domain.states import (
    TrainingPhase,
    TrainingState,
    TRANSITIONS,
)
from ..exceptions import InvalidValue
from ..managers.destinations import DestinationCatalogue
from ..managers.trainings import (
    SORT_COLUMNS,
    TrainingQuery,
)
from ..schema.trainings import (
    ChangeDecision,
    StateChange,
)
from ..services.memberships import MembershipsService
from ..services.trainings import TrainingsService
from . import forms
from .framework import (
    DependsOnForm,
    DependsOnPage,
    Page,
    PageRouter,
)

router = PageRouter()

PAGE_SIZE = 25
E = TypeVar("E", TrainingState, TrainingPhase)


@router.page("/tiaas/admin/")
def index(
    page: Page = DependsOnPage,
    service: TrainingsService = depends(TrainingsService),
    state: Optional[str] = None,
    phase: Optional[str] = None,
    search: str = Query("", max_length=255),
    sort_by: Optional[str] = None,
    sort_desc: str = "",
    number: int = Query(1, ge=1, le=100_000, alias="page"),
    done: Optional[int] = None,
) -> Response:
    """All requests; unless another order is asked for, those that wait for a decision come first."""
    page.ensure_admin()
    query = TrainingQuery(
        states=_chosen(TrainingState, state),
        phase=next(iter(_chosen(TrainingPhase, phase)), None),
        search=search,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
        sort_by=sort_by if sort_by and sort_by in SORT_COLUMNS else "start",
        sort_desc=bool(sort_desc),
        waiting_first=sort_by is None,
    )
    return _list_page(page, service, query, done=done)


@router.action("/tiaas/admin/")
def decide_many(
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    """One decision for several requests; those for which it is not possible stay as they are and say why."""
    page.ensure_token(form)
    page.ensure_admin()
    identifiers = [value for value in form.getlist("identifier") if isinstance(value, str)]
    problems = service.set_states(page.actor, identifiers, _decision(form), page.now)
    done = len(identifiers) - len(problems)
    if not problems:
        return page.redirect(f"/tiaas/admin/?done={done}")
    query = TrainingQuery(limit=PAGE_SIZE, sort_desc=False, waiting_first=True)
    return _list_page(page, service, query, status=409, done=done, problems=problems)


@router.page("/tiaas/admin/trainings/{identifier}")
def show(
    identifier: str,
    page: Page = DependsOnPage,
    service: TrainingsService = depends(TrainingsService),
    memberships: MembershipsService = depends(MembershipsService),
    destinations: DestinationCatalogue = depends(DestinationCatalogue),
    saved: Optional[str] = None,
) -> Response:
    page.ensure_admin()
    training = service.show(page.actor, identifier, page.now)
    return page.render(
        "admin_training",
        training=training,
        possible=TRANSITIONS[training.state],
        people=service.people(page.actor, identifier),
        members=memberships.members(page.actor, identifier),
        history=service.history(page.actor, identifier),
        load=service.load_beside(page.actor, [training])[training.identifier],
        destinations=destinations.choices(),
        saved=bool(saved),
    )


@router.action("/tiaas/admin/trainings/{identifier}")
def decide(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    page.ensure_token(form)
    page.ensure_admin()
    view = service.set_state(page.actor, identifier, _decision(form), page.now)
    return page.redirect(f"/tiaas/admin/trainings/{view.identifier}?saved=1")


@router.action("/tiaas/admin/trainings/{identifier}/change")
def decide_change(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    page.ensure_token(form)
    page.ensure_admin()
    decision = ChangeDecision(accept=form.get("decision") == "accept", note=str(form.get("note", "")))
    view = service.decide_change(page.actor, identifier, decision, page.now)
    return page.redirect(f"/tiaas/admin/trainings/{view.identifier}?saved=1")


def _list_page(
    page: Page,
    service: TrainingsService,
    query: TrainingQuery,
    *,
    status: int = 200,
    done: Optional[int] = None,
    problems: Optional[dict[str, str]] = None,
) -> Response:
    trainings, total = service.index(page.actor, query, page.now)
    return page.render(
        "admin_list",
        status_code=status,
        trainings=trainings,
        total=total,
        query=query,
        number=query.offset // PAGE_SIZE + 1,
        pages=max(1, -(-total // PAGE_SIZE)),
        counts=service.count_by_state(page.actor),
        load=service.load_beside(page.actor, trainings),
        address=partial(_address, page, query),
        done=done,
        problems=problems or {},
    )


def _address(page: Page, query: TrainingQuery, /, **changes: Union[str, int]) -> str:
    """The address of the list with other parameters; what is not named stays."""
    parameters: dict[str, Union[str, int]] = {
        "state": query.states[0].value if query.states else "",
        "phase": query.phase.value if query.phase else "",
        "search": query.search,
        "sort_by": "" if query.waiting_first else query.sort_by,
        "sort_desc": "1" if query.sort_desc else "",
        "page": query.offset // PAGE_SIZE + 1,
    }
    given = {name: value for name, value in {**parameters, **changes}.items() if value != "" or name == "state"}
    return page.templates.url(f"/tiaas/admin/?{urlencode(given)}")


def _decision(form: FormData) -> StateChange:
    try:
        return StateChange(
            state=str(form.get("state", "")),
            note=str(form.get("note", "")),
            destination=str(form.get("destination", "")) or None,
        )
    except ValidationError as problem:
        field, message = next(iter(forms.errors_by_field(problem).items()))
        raise InvalidValue(field, message) from None


def _chosen(enum: type[E], value: Optional[str]) -> list[E]:
    return [enum(value)] if value in {member.value for member in enum} else []
