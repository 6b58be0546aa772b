"""What all pages share: their errors are pages too, their forms carry Galaxy's session token."""

import logging
import random
from collections.abc import (
    Callable,
    Coroutine,
    Sequence,
)
from datetime import datetime
from typing import (
    Any,
    cast,
    Optional,
)
from urllib.parse import (
    quote,
    unquote,
)

from fastapi import (
    Depends,
    Request,
    Response,
)
from fastapi.exceptions import RequestValidationError
from fastapi.responses import (
    HTMLResponse,
    PlainTextResponse,
    RedirectResponse,
)
from galaxy.exceptions import (
    MalformedId,
    MessageException,
    UserRequiredException,
)
from galaxy.webapps.galaxy.api import DependsOnApp
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException

from ..compat.dependencies import depends
from ..compat.session import (
    Caller,
    DependsOnCaller,
    login_path,
    SESSION_COOKIE,
    uses_remote_user,
    with_session,
    with_session_of_remote_user,
)
from ..compat.web import current_app
from ..core.actor import Actor
from ..core.config import TiaasConfig
from ..core.exceptions import (
    AccountDeleted,
    database_is_away,
    DatabaseAway,
    describe_for_log,
    LoginRequired,
    TooManyRequests,
    TrainingRenamed,
)
from .class_routes import ClassRoutes
from .feeds import reading_feed_token
from .forms import (
    ensure_own_form,
    session_form,
)
from .origin import is_visit
from .request import (
    admit,
    DependsOnActor,
    DependsOnNow,
    ensure_admitted,
    ensure_readable,
    own_hosts,
    public_scheme,
    slow_down,
)
from .security import (
    NO_STORE,
    policy,
    ProtectedRoute,
)
from .templates import Templates

log = logging.getLogger(__name__)

RETURN_COOKIE = "tiaas_return"
#: After these, a login helps; Galaxy has ended the session of a deleted account when its login page opens.
_CURED_BY_LOGIN = (UserRequiredException, AccountDeleted)


_SECONDS_UNTIL_NEXT_TRY = (5, 15)


class PageRoute(ProtectedRoute):
    """A route whose errors are HTML pages with the right status, never a traceback."""

    extra_headers = {"content-security-policy": policy()}
    #: Whether Galaxy is asked for the session of the remote user first, as before each page of its own.
    follows_remote_user = True

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def page_handler(request: Request) -> Response:
            cookies: list[str] = []
            response = await answer(request, cookies)
            for cookie in cookies:
                response.headers.append("set-cookie", cookie)
                response.headers.setdefault("cache-control", NO_STORE)
            await slow_down(request)
            return response

        async def answer(request: Request, cookies: list[str]) -> Response:
            try:
                ensure_readable(request)
                galaxy_app = current_app()
                if self.follows_remote_user and galaxy_app and uses_remote_user(galaxy_app.config):
                    request, new = await with_session_of_remote_user(request, galaxy_app.config)
                    cookies += new
                return await handler(request)
            except LoginRequired:
                return self.ask_for_login(request)
            except TrainingRenamed as renamed:
                return RedirectResponse(self._renamed(request, renamed.identifier), status_code=302)
            except MalformedId:
                # The session cookie cannot be read, as after a change of Galaxy's id_secret.
                if request.method == "POST" or SESSION_COOKIE not in request.cookies:
                    return self.refuse(request, 403, "Your session is not valid any more.", offer_login=True)
                return await answer(with_session(request, None), cookies)
            except MessageException as problem:
                offer_login = isinstance(problem, _CURED_BY_LOGIN) or _is_cured_by_an_account(request, problem)
                return retry_later(self.refuse(request, problem.status_code, str(problem), offer_login), problem)
            except HTTPException:
                return self.refuse(request, 400, "What was sent cannot be read as a form.")
            except RequestValidationError:
                return self.refuse(request, 422, "The address of this page has a part that cannot be understood.")
            except Exception as problem:
                away = DatabaseAway() if database_is_away(problem) else None
                log.error("galaxy-tiaas: %s %s: %s", request.method, request.scope["path"], describe_for_log(problem))
                if away:
                    return _try_again(request, retry_later(self.refuse(request, away.status_code, str(away)), away))
                return self.refuse(
                    request, 500, "Something went wrong on this server. The administrators find it in the log."
                )

        return page_handler

    def _renamed(self, request: Request, identifier: str) -> str:
        """The address of the same page under another identifier."""
        names = {**request.path_params, "identifier": identifier}
        path = self.path_format.format(**{name: quote(str(value), safe="") for name, value in names.items()})
        return _templates().url(f"{path}?{request.url.query}" if request.url.query else path)

    def refuse(self, request: Request, status: int, message: str, offer_login: bool = False) -> Response:
        """The answer to a request that went wrong."""
        return error_page(request, status, message, offer_login)

    def ask_for_login(self, request: Request) -> Response:
        """The answer to a visitor who has to log in."""
        return _ask_for_login(request)


class PartRoute(PageRoute):
    """A route that answers a script with a part of a page; its errors are sentences for the page that is there."""

    follows_remote_user = False

    def ask_for_login(self, request: Request) -> Response:
        return self.refuse(request, 403, str(LoginRequired()))

    def refuse(self, request: Request, status: int, message: str, offer_login: bool = False) -> Response:
        return PlainTextResponse(message, status_code=status)


class FeedPageRoute(PageRoute):
    """A route for programs, which send the ``feed_token`` of the settings where visitors have to log in."""

    follows_remote_user = False

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        return reading_feed_token(super().get_route_handler())

    def ask_for_login(self, request: Request) -> Response:
        message = "This file is for people who are logged in, and for programs that send the feed token of this server."
        return self.refuse(request, 403, message, offer_login=True)


class SecretRoute(PageRoute):
    """A route whose address has a secret: whoever knows it need not log in."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def secret_handler(request: Request) -> Response:
            admit(request)
            return await handler(request)

        return secret_handler


def _is_cured_by_an_account(request: Request, problem: MessageException) -> bool:
    """Whether a visitor is refused for what others have done at the same address."""
    actor: Optional[Actor] = getattr(request.state, "actor", None)
    return isinstance(problem, TooManyRequests) and actor is not None and actor.user is None


def retry_later(response: Response, problem: MessageException) -> Response:
    """The response, which says when to try again if the problem does; Galaxy does the same for the API."""
    if seconds := getattr(problem, "retry_after", None):
        response.headers["retry-after"] = str(seconds)
    return response


def _try_again(request: Request, response: Response) -> Response:
    """The response, after which the browser of somebody who joins asks again by itself, not all of a class at once."""
    if request.method == "GET" and _is_joining(request):
        response.headers["refresh"] = str(random.randint(*_SECONDS_UNTIL_NEXT_TRY))
    return response


def _is_joining(request: Request) -> bool:
    return "/join-training/" in request.scope["path"]


class PageRouter(ClassRoutes):
    """Registers pages for GET and HEAD or for POST, with and without a slash at their end."""

    def __init__(self) -> None:
        super().__init__(route_class=PageRoute)

    def page(
        self, path: str, *more: str, login: bool = False, route_class: type[PageRoute] = PageRoute
    ) -> Callable[..., Any]:
        """Decorator for a page that changes nothing (but see joining).

        :param login: whether visitors are sent to the login, and come back.
        """
        dependencies = [Depends(_ensure_login)] if login else []
        return self._register((path, *more), ["GET", "HEAD"], route_class, dependencies)

    def feed(self, path: str) -> Callable[..., Any]:
        """Decorator for a file that programs ask for again and again."""
        return self._register((path,), ["GET", "HEAD"], FeedPageRoute, [Depends(ensure_admitted)])

    def part(self, path: str) -> Callable[..., Any]:
        """Decorator for a part of a page that a script asks for."""
        return self._register((path,), ["GET", "HEAD"], PartRoute)

    def action(self, path: str, form: Callable[..., Any] = session_form) -> Callable[..., Any]:
        """Decorator for what a form is sent to.

        :param form: the dependency that reads the form, and refuses those that no page of ours made for this session
            unless it says that it does not; endpoints that want the fields depend on the same one.

        Whoever opens the address itself, after a login perhaps, gets the page above it; unless there is
        a page at the same address, which has to be registered before.
        """
        above = path.rstrip("/").rpartition("/")[0]
        has_page = self.has_route(path)

        def go_back(page: Page = DependsOnPage) -> Response:
            names = {name: quote(value) for name, value in page.request.path_params.items()}
            return page.redirect(above.format(**names))

        def decorate(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            self._register((path,), ["POST"], dependencies=[Depends(Page), Depends(form)])(endpoint)
            if not has_page:
                self._register((path,), ["GET", "HEAD"])(go_back)
            return endpoint

        return decorate

    def _register(
        self,
        paths: tuple[str, ...],
        methods: list[str],
        route_class: type[PageRoute] = PageRoute,
        dependencies: Sequence[Any] = (),
    ) -> Callable[..., Any]:
        def decorate(endpoint: Callable[..., Any]) -> Callable[..., Any]:
            for path in paths:
                for spelling in (path, path.rstrip("/") if path.endswith("/") else f"{path}/"):
                    self.add_api_route(
                        spelling,
                        endpoint,
                        methods=methods,
                        dependencies=dependencies,
                        include_in_schema=False,
                        response_model=None,
                        response_class=HTMLResponse,
                        route_class_override=route_class,
                    )
            return endpoint

        return decorate


class Page:
    """One request for a page: who asks, when, and how to answer."""

    def __init__(
        self,
        request: Request,
        app: Any = DependsOnApp,
        caller: Caller = DependsOnCaller,
        actor: Actor = DependsOnActor,
        now: datetime = DependsOnNow,
        templates: Templates = depends(Templates),
    ):
        self.request = request
        self.actor = actor
        self.now = now
        self.templates = templates
        self.token = caller.token
        self.requires_login = bool(app.config.require_login)
        self.own_hosts = own_hosts(request, app[TiaasConfig], app.config)
        self._session = app.model.session

    def render(self, template: str, status_code: int = 200, **context: Any) -> HTMLResponse:
        """Answer with a template."""
        shared = {"actor": self.actor, "now": self.now, "token": self.token, "framed": is_framed(self.request)}
        response = HTMLResponse(self.templates.render(template, **shared, **context), status_code=status_code)
        return _arrived(self.request, response)

    def redirect(self, path: str) -> RedirectResponse:
        """Send the browser to another page after a change."""
        return RedirectResponse(self.templates.url(path), status_code=303)

    def forget_changes(self) -> None:
        """Drop what a refused change has left in the database session, before a page is made from it."""
        self._session.rollback()

    @property
    def is_visitor(self) -> bool:
        """Whether nobody is logged in."""
        return self.actor.user is None and not self.actor.account_deleted and not self.actor.is_admin

    @property
    def is_visit(self) -> bool:
        """Whether a person opened this page, rather than a page of another site."""
        return is_visit(self.request.method, self.request.headers, self.own_hosts)

    def ensure_account(self) -> None:
        """Offer visitors the login before anything is looked up: they need not know whether there is such a training.

        :raises UserRequiredException: for visitors. :raises AccountDeleted: for deleted accounts.
        """
        if not self.actor.is_admin:
            self.actor.ensure_user()

    def ensure_own_form(self, form: FormData) -> None:
        """For forms that were read without this. :raises ForgedRequest: see :func:`ensure_own_form`."""
        ensure_own_form(self.request, self.token, self.own_hosts, form)

    def ensure_admin(self) -> None:
        """:raises UserRequiredException: for visitors. :raises AdminRequiredException: for other users."""
        self.ensure_account()
        self.actor.ensure_admin()


def error_page(request: Request, status: int, message: str, offer_login: bool = False) -> HTMLResponse:
    """A page that says what went wrong; it needs neither database nor session.

    Who asks is known unless that itself went wrong; ``actor.user`` may be out of the database's reach.
    """
    actor: Optional[Actor] = getattr(request.state, "actor", None)
    joining = _is_joining(request)
    # Where a proxy says who somebody is, there is no page to log in on.
    login = None if _templates().uses_remote_user else login_url(request)
    text = _templates().render(
        "error",
        actor=actor,
        status=status,
        message=message,
        login=login if offer_login else None,
        login_to_see=None if actor and actor.user else login,
        framed=is_framed(request),
        joining=joining,
        can_repeat=request.method != "POST",
        typed=request.path_params.get("identifier", "") if joining else "",
    )
    return _arrived(request, HTMLResponse(text, status_code=status))


def _arrived(request: Request, response: HTMLResponse) -> HTMLResponse:
    """The response, which ends the offer of the webhook ``tiaas_return``: the visitor has found a page of ours."""
    if RETURN_COOKIE in request.cookies:
        response.delete_cookie(RETURN_COOKIE, path=_templates().prefix or "/")
    return response


def is_framed(request: Request) -> bool:
    """Whether the browser shows the answer in a frame such as Galaxy's centre panel, as far as it tells."""
    return request.headers.get("sec-fetch-dest") in ("iframe", "frame")


def login_url(request: Request, page: str = "login") -> str:
    """Galaxy's login page, which comes back to this page afterwards; from a frame, to Galaxy around it.

    ``register`` is the page on which people make an account.
    """
    path = _path_and_query(request)
    if is_framed(request):
        path = f"/?tiaas={quote(path.lstrip('/'), safe='/')}"
    return _templates().url(login_path(path, page))


def _ask_for_login(request: Request) -> Response:
    """To the login and back; a cookie remembers the way where registration or single sign-on loses it.

    The webhook ``tiaas_return`` reads the cookie on Galaxy's next page and offers the way. A frame gets a page
    with a link that leaves it: a login in there would end as a whole Galaxy inside of Galaxy. Whom a proxy has not
    named cannot log in here.
    """
    if _templates().uses_remote_user:
        return error_page(
            request,
            403,
            "Galaxy did not learn from the login of this server who you are. Log in there, then load this page again.",
        )
    if is_framed(request):
        return error_page(request, 403, "You are not logged in, or not any more.", offer_login=True)
    return remember_way(request, RedirectResponse(login_url(request), status_code=302))


def remember_way(request: Request, response: Response) -> Response:
    """The response, with a cookie by which the webhook ``tiaas_return`` finds back to this page."""
    response.set_cookie(
        RETURN_COOKIE,
        quote(_templates().url(_path_and_query(request)), safe=""),
        max_age=1800,
        path=_templates().prefix or "/",
        samesite="lax",
        secure=public_scheme(request) == "https",
    )
    return response


def _path_and_query(request: Request) -> str:
    """The path below the URL prefix, and the query, without percent-encoding."""
    path = request.scope["path"].removeprefix(_templates().prefix)
    return f"{path}?{unquote(request.url.query)}" if request.url.query else path


def _templates() -> Templates:
    """The templates where no dependency injection reaches."""
    return current_app()[Templates]


DependsOnPage = cast(Page, Depends(Page))


def _ensure_login(page: Page = DependsOnPage) -> None:
    if page.is_visitor:
        raise LoginRequired()
    page.ensure_account()
