"""What a contact address is asked by mail. The link is enough: whoever follows it reads the mails of that address."""

from fastapi import Response
from galaxy.webapps.galaxy.api import depends

from ..web.forms import no_form
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from .contact_service import (
    ContactQuestion,
    ContactsService,
)

router = PageRouter()


@router.page("/tiaas/contact/{token}")
def ask(token: str, page: Page = DependsOnPage, contacts: ContactsService = depends(ContactsService)) -> Response:
    """Looking confirms nothing: programs that check mails follow links, too."""
    return _page(page, token, contacts.question(token, page.now))


@router.action("/tiaas/contact/{token}", form=no_form)
def confirm(token: str, page: Page = DependsOnPage, contacts: ContactsService = depends(ContactsService)) -> Response:
    """No other page knows the token of the address."""
    return _page(page, token, contacts.confirm(token, page.now))


def _page(page: Page, token: str, question: ContactQuestion) -> Response:
    response = page.render("contact", question=question, address_token=token)
    # The address of this page is a secret.
    response.headers["referrer-policy"] = "no-referrer"
    response.headers["cache-control"] = "private, no-store"
    return response
