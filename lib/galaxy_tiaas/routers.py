"""The routers of all slices, in the order in which they are asked: first those that a whole class needs at once."""

from urllib.parse import quote

from fastapi import (
    APIRouter,
    Response,
)
from galaxy.exceptions import ObjectNotFound

from .classroom import (
    api as classroom_api,
    pages as classroom_pages,
)
from .compat.session import ADDED_BY_FIRST_LOGIN
from .dashboard import (
    api as dashboard_api,
    pages as dashboard_pages,
)
from .history import (
    api as history_api,
    pages as history_pages,
)
from .invitations import api as invitations_api
from .membership import (
    api as membership_api,
    pages as membership_pages,
)
from .notifications import (
    api as notifications_api,
    pages as notifications_pages,
)
from .reporting import (
    api as reporting_api,
    pages as reporting_pages,
)
from .routing import (
    api as routing_api,
    pages as routing_pages,
)
from .trainings import (
    admin_pages,
    api as trainings_api,
    pages as trainings_pages,
)
from .web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)

#: Operations below ``/api/tiaas``.
api_routers: tuple[APIRouter, ...] = (
    membership_api.router,
    classroom_api.router,
    trainings_api.router,
    invitations_api.router,
    reporting_api.router,
    reporting_api.feed_router,
    dashboard_api.router,
    routing_api.router,
    history_api.router,
    notifications_api.router,
)
#: HTML pages.
page_routers: tuple[APIRouter, ...] = (
    membership_pages.router,
    reporting_pages.router,
    trainings_pages.router,
    admin_pages.router,
    routing_pages.router,
    history_pages.router,
    notifications_pages.router,
    classroom_pages.router,
    dashboard_pages.router,
)
#: Matches what is left; comes after everything else below our addresses.
last_router = PageRouter()


@last_router.page("/tiaas/{rest:path}", "/join-training/", "/join-training/{identifier}/{rest:path}")
def unknown(page: Page = DependsOnPage) -> Response:
    """A page like the others, not Galaxy's own answer; or the way to the page that Galaxy meant."""
    path = page.request.scope["path"].removeprefix(page.templates.prefix)
    if path.endswith(ADDED_BY_FIRST_LOGIN):
        return page.redirect(quote(path.removesuffix(ADDED_BY_FIRST_LOGIN)))
    raise ObjectNotFound("There is no page at this address.")
