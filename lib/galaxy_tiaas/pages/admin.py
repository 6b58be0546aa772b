"""Pages of the admins: what needs them, and one request at a time."""

from functools import partial
from typing import (
    cast,
    Optional,
    TypeVar,
    Union,
)
from urllib.parse import urlencode

from fastapi import (
    Depends,
    Query,
    Response,
)
from fastapi.responses import RedirectResponse
from galaxy.exceptions import MessageException
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


class Review:
    """The page on which one training is decided about, also when a decision was not possible."""

    def __init__(
        self,
        page: Page = DependsOnPage,
        service: TrainingsService = depends(TrainingsService),
        memberships: MembershipsService = depends(MembershipsService),
        destinations: DestinationCatalogue = depends(DestinationCatalogue),
    ):
        self._page = page
        self.service = service
        self._memberships = memberships
        self._destinations = destinations

    def page(
        self,
        identifier: str,
        *,
        saved: bool = False,
        problem: Optional[MessageException] = None,
        form: Optional[FormData] = None,
        changing: bool = False,
    ) -> Response:
        """The page; with a ``problem``, it says so and holds what was typed into the ``form``.

        :param changing: whether the form was the one about a requested change.
        """
        if problem:
            self._page.forget_changes()
        actor = self._page.actor
        training = self.service.show(actor, identifier, self._page.now)
        typed = form or FormData()
        return self._page.render(
            "admin_training",
            status_code=problem.status_code if problem else 200,
            training=training,
            possible=TRANSITIONS[training.state],
            people=self.service.people(actor, identifier),
            members=self._memberships.members(actor, identifier),
            history=self.service.history(actor, identifier),
            load=self.service.load_beside(actor, [training])[training.identifier],
            destinations=self._destinations.choices(),
            saved=saved,
            problem=str(problem) if problem else "",
            note=typed.get("note", ""),
            destination=typed.get("destination", ""),
            changing=changing,
        )


DependsOnReview = cast(Review, Depends(Review))


def _query(
    state: Optional[str] = None,
    phase: Optional[str] = None,
    search: str = Query("", max_length=255),
    sort_by: Optional[str] = None,
    sort_desc: str = "",
    number: int = Query(1, ge=1, le=100_000, alias="page"),
) -> TrainingQuery:
    """What the address of the list asks for; unless another order is, those that wait for a decision come first."""
    return TrainingQuery(
        states=_chosen(TrainingState, state),
        phase=next(iter(_chosen(TrainingPhase, phase)), None),
        search=search,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
        sort_by=sort_by if sort_by and sort_by in SORT_COLUMNS else "start",
        sort_desc=bool(sort_desc),
        decisions_first=sort_by is None,
    )


DependsOnQuery = cast(TrainingQuery, Depends(_query))


@router.page("/tiaas/admin/")
def index(
    page: Page = DependsOnPage,
    query: TrainingQuery = DependsOnQuery,
    service: TrainingsService = depends(TrainingsService),
    done: Optional[int] = None,
) -> Response:
    """All requests."""
    page.ensure_admin()
    return _list_page(page, service, query, done=done)


@router.action("/tiaas/admin/")
def decide_many(
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    query: TrainingQuery = DependsOnQuery,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    """One decision for several requests; those for which it is not possible stay as they are and say why."""
    page.ensure_token(form)
    page.ensure_admin()
    identifiers = [value for value in form.getlist("identifier") if isinstance(value, str)]
    decision = _decision(form)
    problems = service.set_states(page.actor, identifiers, decision, page.now)
    done = len(identifiers) - len(problems)
    if not problems:
        return RedirectResponse(_address(page, query, page=1, done=done), status_code=303)
    return _list_page(page, service, query, status=409, done=done, problems=problems, note=decision.note)


@router.page("/tiaas/admin/trainings/{identifier}")
def show(
    identifier: str,
    page: Page = DependsOnPage,
    review: Review = DependsOnReview,
    saved: Optional[str] = None,
) -> Response:
    page.ensure_admin()
    return review.page(identifier, saved=bool(saved))


@router.action("/tiaas/admin/trainings/{identifier}")
def decide(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    review: Review = DependsOnReview,
) -> Response:
    page.ensure_token(form)
    page.ensure_admin()
    try:
        view = review.service.set_state(page.actor, identifier, _decision(form), page.now)
    except MessageException as problem:
        return review.page(identifier, problem=problem, form=form)
    return page.redirect(f"/tiaas/admin/trainings/{view.identifier}?saved=1")


@router.action("/tiaas/admin/trainings/{identifier}/change")
def decide_change(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    review: Review = DependsOnReview,
) -> Response:
    page.ensure_token(form)
    page.ensure_admin()
    decision = ChangeDecision(accept=form.get("decision") == "accept", note=str(form.get("note", "")))
    try:
        view = review.service.decide_change(page.actor, identifier, decision, page.now)
    except MessageException as problem:
        return review.page(identifier, problem=problem, form=form, changing=True)
    return page.redirect(f"/tiaas/admin/trainings/{view.identifier}?saved=1")


def _list_page(
    page: Page,
    service: TrainingsService,
    query: TrainingQuery,
    *,
    status: int = 200,
    done: Optional[int] = None,
    problems: Optional[dict[str, str]] = None,
    note: str = "",
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
        note=note,
    )


def _address(page: Page, query: TrainingQuery, /, **changes: Union[str, int]) -> str:
    """The address of the list with other parameters; what is not named stays."""
    parameters: dict[str, Union[str, int]] = {
        "state": query.states[0].value if query.states else "",
        "phase": query.phase.value if query.phase else "",
        "search": query.search,
        "sort_by": "" if query.decisions_first else query.sort_by,
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
