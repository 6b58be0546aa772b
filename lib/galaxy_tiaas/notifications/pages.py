"""The mail queue."""

from fastapi import Response
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import FormData

from ..core.exceptions import InvalidValue
from ..web import payloads
from ..web.forms import DependsOnForm
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from .queue_service import MailService
from .schema import MailAction

router = PageRouter()

_PATH = "/tiaas/admin/mail"


@router.page(_PATH)
def show(page: Page = DependsOnPage, service: MailService = depends(MailService), done: str = "") -> Response:
    page.ensure_admin()
    return page.render("admin_mail", mail=service.show(page.actor), done=done)


@router.action(_PATH)
def act(
    page: Page = DependsOnPage, form: FormData = DependsOnForm, service: MailService = depends(MailService)
) -> Response:
    page.ensure_admin()
    fields = {name: str(form[name]) for name in ("action", "delivery") if form.get(name)}
    action = payloads.payload(MailAction, fields)
    if not isinstance(action, MailAction):
        raise InvalidValue("action", "Please use the buttons of the page.")
    count = service.act(page.actor, action, page.now)
    return page.redirect(f"{_PATH}?done={action.action if count else 'nothing'}")
