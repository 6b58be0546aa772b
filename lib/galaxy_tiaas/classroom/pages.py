"""The forms between an instructor and the class: hands, questions, answers. A script sends them through the API."""

from urllib.parse import urlencode

from fastapi import Response
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import FormData

from ..core.exceptions import NothingAsked
from ..core.model import Training
from ..web import payloads
from ..web.forms import DependsOnForm
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from ..web.permissions import (
    MayManage,
    MayTakePart,
)
from .schema import (
    Answer,
    HandChange,
    QuestionAsked,
)
from .service import ClassroomService

router = PageRouter()


@router.action("/join-training/{identifier}/hand")
def set_hand(
    training: Training = MayTakePart,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    change = payloads.read(HandChange, raised=form.get("raised"))
    membership = service.set_hand(page.actor, training, change, page.now)
    return page.redirect(f"/join-training/{membership.identifier}#classroom")


@router.action("/join-training/{identifier}/answer")
def answer(
    training: Training = MayTakePart,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    """Where something else is asked meanwhile, the page shows that."""
    given = payloads.read(Answer, done=form.get("done"), question=form.get("question"))
    try:
        service.answer(page.actor, training, given, page.now)
    except NothingAsked:
        page.forget_changes()
    membership = service.show(page.actor, training, page.now)
    return page.redirect(f"/join-training/{membership.identifier}#classroom")


@router.action("/join-training/{identifier}/status/lower")
def lower_hand(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    service.lower_hand(page.actor, training, str(form.get("pseudonym", "")))
    return _to_dashboard(page, training.identifier, form)


@router.action("/join-training/{identifier}/status/ask")
def ask(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    asked = payloads.read(QuestionAsked, text=form.get("text", ""), position=form.get("position") or None)
    service.ask(page.actor, training, asked, page.now)
    return _to_dashboard(page, training.identifier, form)


@router.action("/join-training/{identifier}/status/close")
def close_question(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: ClassroomService = depends(ClassroomService),
) -> Response:
    service.close_question(page.actor, training, page.now)
    return _to_dashboard(page, training.identifier, form)


def _to_dashboard(page: Page, identifier: str, form: FormData) -> Response:
    """The dashboard as it was: with the same hours and the same jobs."""
    view = {name: str(form[name]) for name in ("hours", "jobs") if name in form}
    query = f"?{urlencode(view)}" if view else ""
    return page.redirect(f"/join-training/{identifier}/status{query}#help")
