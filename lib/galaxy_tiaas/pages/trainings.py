"""Pages of those who request and teach trainings."""

from typing import Optional
from urllib.parse import quote

import segno
from fastapi import Response
from galaxy.exceptions import UserRequiredException
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import FormData

from ..config import TiaasConfig
from ..domain.states import TrainingState
from ..exceptions import (
    CohortNameTaken,
    ForgedRequest,
    IdentifierTaken,
    InvalidValue,
)
from ..managers.trainings import TrainingQuery
from ..schema.trainings import (
    StateChange,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
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


@router.page("/tiaas/new/")
def new(page: Page = DependsOnPage, config: TiaasConfig = depends(TiaasConfig)) -> Response:
    page.ensure_login()
    return page.render("new", values=forms.prefilled(page.request.query_params, page.actor, config), errors={})


@router.action("/tiaas/new/")
def create(
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    values = forms.typed(form)
    if lost := _problem_with_session(page, form):
        return page.render("new", status_code=403, values=values, errors=lost)
    request = forms.payload(TrainingCreate, values)
    if isinstance(request, dict):
        return page.render("new", status_code=422, values=values, errors=request)
    try:
        view = service.create(page.actor, request, page.now)
    except (InvalidValue, IdentifierTaken) as problem:
        return page.render("new", status_code=forms.status_of(problem), values=values, errors=forms.error_of(problem))
    return page.redirect(f"/tiaas/trainings/{view.identifier}?sent=1")


@router.page("/tiaas/trainings/")
def mine(page: Page = DependsOnPage, service: TrainingsService = depends(TrainingsService)) -> Response:
    page.ensure_login()
    trainings: list[TrainingView] = []
    if page.actor.user:
        trainings, _ = service.index(page.actor, TrainingQuery(mine=True, limit=200), page.now)
    return page.render("mine", trainings=trainings)


@router.action("/tiaas/trainings/")
def go_to_join(page: Page = DependsOnPage, form: FormData = DependsOnForm) -> Response:
    """The box in which a trainee types an identifier; the page it leads to says whether that exists."""
    identifier = str(form.get("identifier", "")).strip().rstrip("/").rsplit("/", 1)[-1]
    return page.redirect(f"/join-training/{quote(identifier, safe='')}" if identifier else "/tiaas/trainings/")


@router.page("/tiaas/trainings/{identifier}")
def show(
    identifier: str,
    page: Page = DependsOnPage,
    service: TrainingsService = depends(TrainingsService),
    memberships: MembershipsService = depends(MembershipsService),
    sent: Optional[str] = None,
    saved: Optional[str] = None,
) -> Response:
    members = memberships.members(page.actor, identifier)
    training = service.show(page.actor, identifier, page.now)
    qr_code = segno.make(training.join_url, error="m").svg_inline(scale=5, dark="#25313c", light="#ffffff", border=2)
    return page.render(
        "training",
        training=training,
        members=members,
        people=service.people(page.actor, identifier),
        history=service.history(page.actor, identifier),
        qr_code=qr_code,
        sent=bool(sent),
        saved=bool(saved),
    )


@router.page("/tiaas/trainings/{identifier}/edit")
def edit(
    identifier: str, page: Page = DependsOnPage, service: TrainingsService = depends(TrainingsService)
) -> Response:
    training, values = _stored(identifier, page, service)
    return _edit_page(page, service, training, values, {})


@router.action("/tiaas/trainings/{identifier}/edit")
def update(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    training = service.show(page.actor, identifier, page.now)
    values = forms.typed(form)
    if lost := _problem_with_session(page, form):
        return _edit_page(page, service, training, values, lost, 403)
    training, before = _stored(identifier, page, service)
    change = forms.payload(TrainingUpdate, forms.changed(values, before))
    if isinstance(change, dict):
        return _edit_page(page, service, training, values, change, 422)
    try:
        training = service.update(page.actor, identifier, change, page.now)
    except (InvalidValue, IdentifierTaken, CohortNameTaken) as problem:
        page.forget_changes()
        training = service.show(page.actor, identifier, page.now)
        return _edit_page(page, service, training, values, forms.error_of(problem), forms.status_of(problem))
    return page.redirect(f"/tiaas/trainings/{training.identifier}?saved=1")


@router.action("/tiaas/trainings/{identifier}/withdraw")
def withdraw(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    page.ensure_token(form)
    change = StateChange(state=TrainingState.CANCELLED, note=str(form.get("note", "")), destination=None)
    view = service.set_state(page.actor, identifier, change, page.now)
    return page.redirect(f"/tiaas/trainings/{view.identifier}?saved=1")


def _edit_page(
    page: Page,
    service: TrainingsService,
    training: TrainingView,
    values: forms.FormValues,
    errors: forms.FormErrors,
    status_code: int = 200,
) -> Response:
    destinations = service.destinations.choices() if page.actor.is_admin else []
    return page.render(
        "edit", status_code=status_code, training=training, values=values, errors=errors, destinations=destinations
    )


def _stored(identifier: str, page: Page, service: TrainingsService) -> tuple[TrainingView, forms.FormValues]:
    people = service.people(page.actor, identifier)
    training = service.show(page.actor, identifier, page.now)
    return training, forms.stored(training, [person.name for person in people if not person.requester])


def _problem_with_session(page: Page, form: FormData) -> forms.FormErrors:
    """Why a long form cannot be taken although it may be right: the login has ended meanwhile, or is another one.

    The form is then shown again, as it was filled in, with the token of the present session.
    """
    try:
        page.actor.ensure_user()
        page.ensure_token(form)
    except UserRequiredException:
        return {"": "You are not logged in any more."}
    except ForgedRequest:
        return {"": "You have logged in since this form was opened. Please look at it and send it again."}
    return {}
