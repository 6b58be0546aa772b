"""The forms between an instructor and the class: hands, questions, answers. A script sends them through the API."""

from urllib.parse import (
    quote,
    urlencode,
)

from fastapi import Response
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import FormData

from ..exceptions import NothingAsked
from ..schema.classroom import (
    Answer,
    HandChange,
    QuestionAsked,
)
from ..services.classroom import ClassroomService
from ..web.forms import DependsOnForm
from . import forms
from .framework import (
    DependsOnPage,
    Page,
    PageRouter,
)

router = PageRouter()


@router.action("/join-training/{identifier}/hand")
def set_hand(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    change = forms.read(HandChange, raised=form.get("raised"))
    place = service.set_hand(page.actor, identifier, change, page.now)
    return page.redirect(f"/join-training/{place.identifier}#classroom")


@router.action("/join-training/{identifier}/answer")
def answer(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    """Where something else is asked meanwhile, the page shows that."""
    given = forms.read(Answer, done=form.get("done"), question=form.get("question"))
    try:
        service.answer(page.actor, identifier, given, page.now)
    except NothingAsked:
        page.forget_changes()
    place = service.place(page.actor, identifier, page.now)
    return page.redirect(f"/join-training/{place.identifier}#classroom")


@router.action("/join-training/{identifier}/status/lower")
def lower_hand(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    service.lower_hand(page.actor, identifier, str(form.get("pseudonym", "")))
    return _to_dashboard(page, identifier, form)


@router.action("/join-training/{identifier}/status/ask")
def ask(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    asked = forms.read(QuestionAsked, text=form.get("text", ""), position=form.get("position") or None)
    service.ask(page.actor, identifier, asked, page.now)
    return _to_dashboard(page, identifier, form)


@router.action("/join-training/{identifier}/status/close")
def close_question(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    service.close_question(page.actor, identifier, page.now)
    return _to_dashboard(page, identifier, form)


def _to_dashboard(page: Page, identifier: str, form: FormData) -> Response:
    """The dashboard as it was: with the same hours and the same jobs."""
    view = {name: str(form[name]) for name in ("hours", "jobs") if name in form}
    query = f"?{urlencode(view)}" if view else ""
    return page.redirect(f"/join-training/{quote(identifier, safe='')}/status{query}#help")
