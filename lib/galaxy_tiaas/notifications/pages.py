"""The mail queue."""

from fastapi import Response
from starlette.datastructures import FormData

from ..compat.dependencies import depends
from ..core.exceptions import InvalidValue
from ..web import payloads
from ..web.forms import DependsOnForm
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from .schema import MailAction
from .service import NotificationService

router = PageRouter()

_PATH = "/tiaas/admin/mail"


@router.page(_PATH)
def show(
    page: Page = DependsOnPage, service: NotificationService = depends(NotificationService), done: str = ""
) -> Response:
    page.ensure_admin()
    return page.render("admin_mail", mail=service.queue(page.actor), done=done)


@router.action(_PATH)
def act(
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: NotificationService = depends(NotificationService),
) -> Response:
    page.ensure_admin()
    fields = {name: str(form[name]) for name in ("action", "delivery") if form.get(name)}
    action = payloads.payload(MailAction, fields)
    if not isinstance(action, MailAction):
        raise InvalidValue("action", "Please use the buttons of the page.")
    count = service.act_on_queue(page.actor, action, page.now)
    return page.redirect(f"{_PATH}?done={action.action if count else 'nothing'}")
