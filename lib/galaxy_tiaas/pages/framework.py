"""What all pages share: their errors are pages too, their forms carry Galaxy's session token."""

import hmac
import logging
from collections.abc import Callable
from datetime import datetime
from typing import (
    Any,
    cast,
    Optional,
)
from urllib.parse import quote

import galaxy.app
from fastapi import (
    APIRouter,
    Depends,
    Request,
    Response,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import (
    HTMLResponse,
    RedirectResponse,
)
from fastapi.routing import APIRoute
from galaxy.exceptions import (
    MessageException,
    UserRequiredException,
)
from galaxy.webapps.galaxy.api import (
    depends,
    DependsOnTrans,
)
from galaxy.work.context import SessionRequestContext
from starlette.datastructures import FormData

from ..exceptions import ForgedRequest
from ..services.actor import Actor
from ..web.request import (
    DependsOnActor,
    DependsOnNow,
)
from .templates import Templates

log = logging.getLogger(__name__)

TOKEN_FIELD = "session_csrf_token"


class LoginRequired(Exception):
    """The visitor is sent to Galaxy's login, and back to this page."""


class PageRoute(APIRoute):
    """A route whose errors are HTML pages with the right status, never a traceback."""

    def get_route_handler(self) -> Callable:
        handler = super().get_route_handler()

        async def page_handler(request: Request) -> Response:
            try:
                return await handler(request)
            except LoginRequired:
                return RedirectResponse(login_url(request), status_code=302)
            except MessageException as problem:
                return error_page(request, problem.status_code, str(problem), isinstance(problem, UserRequiredException))
            except RequestValidationError:
                return error_page(request, 422, "The address of this page has a part that cannot be understood.")
            except Exception:
                log.exception("galaxy-tiaas: %s %s failed", request.method, request.scope.get("path"))
                return error_page(request, 500, "Something went wrong on this server. The administrators find it in the log.")

        return page_handler


class PageRouter(APIRouter):
    """Registers pages for GET and HEAD or for POST, with and without a slash at their end."""

    def __init__(self) -> None:
        super().__init__(route_class=PageRoute)

    def page(self, path: str, *more: str) -> Callable:
        """Decorator for a page that changes nothing (but see joining)."""
        return self._register((path, *more), ["GET", "HEAD"])

    def action(self, path: str) -> Callable:
        """Decorator for what a form is sent to."""
        return self._register((path,), ["POST"])

    def _register(self, paths: tuple[str, ...], methods: list[str]) -> Callable:
        def decorate(endpoint: Callable) -> Callable:
            for path in paths:
                for spelling in {path, path.rstrip("/") if path.endswith("/") else f"{path}/"}:
                    self.add_api_route(
                        spelling,
                        endpoint,
                        methods=methods,
                        include_in_schema=False,
                        response_model=None,
                        response_class=HTMLResponse,
                    )
            return endpoint

        return decorate


class Page:
    """One request for a page: who asks, when, and how to answer."""

    def __init__(
        self,
        request: Request,
        trans: SessionRequestContext = DependsOnTrans,
        actor: Actor = DependsOnActor,
        now: datetime = DependsOnNow,
        templates: Templates = depends(Templates),
    ):
        self.request = request
        self.actor = actor
        self.now = now
        self.templates = templates
        session = trans.galaxy_session
        self.token: str = trans.security.encode_id(session.id, kind="csrf") if session else ""

    def render(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a template."""
        shared = {"actor": self.actor, "now": self.now, "token": self.token, "login": login_url(self.request)}
        return HTMLResponse(self.templates.render(template, **shared, **context), status_code=status)

    def redirect(self, path: str) -> RedirectResponse:
        """Send the browser to another page after a change."""
        return RedirectResponse(self.templates.url(path), status_code=303)

    def ensure_login(self) -> None:
        """Send visitors to the login.

        :raises LoginRequired: for visitors. :raises AccountDeleted: for deleted accounts.
        """
        if self.actor.user is None and not self.actor.account_deleted and not self.actor.is_admin:
            raise LoginRequired()
        if not self.actor.is_admin:
            self.actor.ensure_user()

    def ensure_admin(self) -> None:
        """:raises UserRequiredException: for visitors. :raises AdminRequiredException: for other users."""
        if not self.actor.is_admin:
            self.actor.ensure_user()
        self.actor.ensure_admin()

    def ensure_token(self, form: FormData) -> None:
        """:raises ForgedRequest: if the form was not made for this session."""
        token = form.get(TOKEN_FIELD)
        if not self.token or not isinstance(token, str) or not hmac.compare_digest(token.encode(), self.token.encode()):
            raise ForgedRequest()


async def _form(request: Request) -> FormData:
    return await request.form(max_files=0, max_fields=2000)


def error_page(request: Request, status: int, message: str, offer_login: bool = False) -> HTMLResponse:
    """A page that says what went wrong; it needs neither database nor session."""
    templates: Templates = cast(Any, galaxy.app.app)[Templates]
    text = templates.render(
        "error",
        actor=None,
        status=status,
        message=message,
        login=login_url(request) if offer_login else None,
    )
    return HTMLResponse(text, status_code=status)


def login_url(request: Request, path: Optional[str] = None) -> str:
    """Galaxy's login page, which comes back to this page or to ``path``."""
    templates: Templates = cast(Any, galaxy.app.app)[Templates]
    if path is None:
        inner = request.scope["path"].removeprefix(request.scope.get("root_path", ""))
        path = f"{inner}?{request.url.query}" if request.url.query else inner
    return templates.url(f"/login/start?redirect={quote(templates.url(path), safe='')}")


DependsOnPage = cast(Page, Depends(Page))
DependsOnForm = cast(FormData, Depends(_form))
