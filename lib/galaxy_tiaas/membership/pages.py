"""Joining and leaving."""

import hmac
from datetime import (
    datetime,
    timezone,
)
from typing import Union

from fastapi import (
    Request,
    Response,
)
from galaxy.config import GalaxyAppConfiguration

from ..classroom.service import ClassroomService
from ..compat.dependencies import (
    depends,
    in_line,
)
from ..compat.web import current_app
from ..core.config import TiaasConfig
from ..core.exceptions import (
    JoinTooEarly,
    LoginRequired,
    TrainingOver,
)
from ..core.model import Training
from ..trainings.identifiers import normalise
from ..trainings.views import TrainingViews
from ..web.links import web_addresses
from ..web.origin import (
    is_visit,
    opens_window,
)
from ..web.pages import (
    DependsOnPage,
    login_url,
    Page,
    PageRoute,
    PageRouter,
    remember_way,
)
from ..web.permissions import (
    MayEnter,
    MayJoin,
    MayTakePart,
)
from ..web.request import (
    get_now,
    own_hosts,
    public_scheme,
)
from .manager import Seat
from .service import MembershipsService

router = PageRouter()

#: Long enough to make an account and confirm an address.
_LIFETIME_SECONDS = 30 * 60
#: Clocks of web processes on several machines may differ so much.
_CLOCK_SKEW_SECONDS = 5 * 60
_NAME = "tiaas_joining"
#: Browsers take a cookie of this name from this host only, not from another one of the domain, and not by http.
_SAFER_NAME = f"__Host-{_NAME}"


class JoiningCookie:
    """Says that its bearer opened the link of one training a short time ago; it says nothing about the bearer.

    Who is sent to a provider of logins comes back as from any other site, without a click: the visit began here.
    """

    def __init__(self, galaxy_config: GalaxyAppConfiguration):
        self._key = hmac.digest(galaxy_config.id_secret.encode(), b"galaxy-tiaas: began to join", "sha256")
        self._path = galaxy_config.galaxy_url_prefix.rstrip("/") or "/"

    def give(self, request: Request, response: Response, identifier: str, now: datetime) -> None:
        """Let the response say that the training of this identifier is being joined."""
        response.set_cookie(
            self._name(request),
            self._sign(identifier, _seconds(now)),
            max_age=_LIFETIME_SECONDS,
            path=self._path,
            secure=public_scheme(request) == "https",
            httponly=True,
            samesite="lax",
        )

    def is_held(self, request: Request, identifier: str, now: datetime) -> bool:
        """Whether the request has our cookie for this training, and it is not too old."""
        value = request.cookies.get(self._name(request), "")
        began = value.rpartition("~")[0].rpartition("~")[2]
        if not (began.isascii() and began.isdecimal() and len(began) < 12):
            return False
        genuine = hmac.compare_digest(value.encode(), self._sign(identifier, int(began)).encode())
        return genuine and -_CLOCK_SKEW_SECONDS <= _seconds(now) - int(began) <= _LIFETIME_SECONDS

    def take(self, request: Request, response: Response) -> None:
        """Let the response end it."""
        if (name := self._name(request)) in request.cookies:
            response.delete_cookie(name, path=self._path, secure=name == _SAFER_NAME, httponly=True, samesite="lax")

    def _name(self, request: Request) -> str:
        return _SAFER_NAME if self._path == "/" and public_scheme(request) == "https" else _NAME

    def _sign(self, identifier: str, seconds: int) -> str:
        text = f"{identifier}~{seconds}"
        return f"{text}~{hmac.digest(self._key, text.encode(), 'sha256').hex()}"


def _seconds(now: datetime) -> int:
    return int(now.replace(tzinfo=timezone.utc).timestamp())


class JoinRoute(PageRoute):
    """Remembers who came by themselves and is sent to the login before anything is looked up."""

    def ask_for_login(self, request: Request) -> Response:
        response = super().ask_for_login(request)
        app = current_app()
        hosts = own_hosts(request, app[TiaasConfig], app.config)
        identifier = normalise(request.path_params["identifier"])
        if identifier and is_visit(request.method, request.headers, hosts):
            JoiningCookie(app.config).give(request, response, identifier, get_now())
        return response


@router.cbv
class MembershipPages:
    page: Page = DependsOnPage
    memberships: MembershipsService = depends(MembershipsService)
    views: TrainingViews = depends(TrainingViews)

    @router.page("/join-training/{identifier}", route_class=JoinRoute)
    @in_line
    def join(
        self,
        seat: Seat = MayJoin,
        classroom: ClassroomService = depends(ClassroomService),
        cookie: JoiningCookie = depends(JoiningCookie),
    ) -> Response:
        """Join whoever visits this page and is logged in.

        Visitors are asked to log in, and come back joined, also by way of a provider. Whom another site led here
        without a click gets a button.
        """
        page, training = self.page, seat.training
        try:
            self.memberships.ensure_open(training, page.actor, page.now)
            if not page.is_visit and not self._comes_back(cookie, training.identifier):
                return page.render("join_ask", training=training)
            if page.is_visitor:
                if page.templates.uses_remote_user:
                    raise LoginRequired()
                return self._login(cookie, training)
            page.ensure_account()
            # Asked before the commit, so that it does not take a transaction of its own.
            asked = classroom.asked(page.actor, training, page.now)
            membership, is_new = self.memberships.enter(page.actor, training, page.now, seat.membership)
        except (JoinTooEarly, TrainingOver) as problem:
            return self._refusal(training, problem)
        place = classroom.place(page.actor, training, membership, asked, page.now)
        response = page.render(
            "joined",
            training=training,
            membership=place,
            place=place,
            teaches=page.actor.is_admin or membership.is_instructor or training.requester_id == page.actor.user_id,
            # How long the page waits before it asks again: a class of the expected size asks 20 times a second at most.
            seconds=max(10, training.attendance // 20),
            tutorials=web_addresses(training.gtn_links),
            # Who came by the button was sent on to this page, and has joined just now.
            again=not is_new and "now" not in page.request.query_params,
        )
        cookie.take(page.request, response)
        return response

    @router.action("/join-training/{identifier}")
    @in_line
    def join_by_button(self, seat: Seat = MayEnter) -> Response:
        try:
            membership = self.memberships.join(self.page.actor, seat.training, self.page.now, seat.membership)
        except (JoinTooEarly, TrainingOver) as problem:
            return self._refusal(seat.training, problem)
        return self.page.redirect(f"/join-training/{membership.identifier}{'?now=1' if membership.changed else ''}")

    @router.page("/join-training/{identifier}/leave", login=True)
    def leave_ask(self, training: Training = MayTakePart) -> Response:
        membership = self.memberships.show(self.page.actor, training, self.page.now)
        return self.page.render("leave", membership=membership)

    @router.action("/join-training/{identifier}/leave")
    def leave(self, training: Training = MayTakePart) -> Response:
        membership = self.memberships.leave(self.page.actor, training, self.page.now)
        return self.page.render("left", membership=membership)

    def _comes_back(self, cookie: JoiningCookie, identifier: str) -> bool:
        """Whether a provider of logins leads somebody back whom this page sent there."""
        request = self.page.request
        return opens_window(request.method, request.headers) and cookie.is_held(request, identifier, self.page.now)

    def _login(self, cookie: JoiningCookie, training: Training) -> Response:
        """What the training is, and how to log in; only who came by themselves come back joined without a click."""
        page = self.page
        response = page.render(
            "join_login",
            training=training,
            login=login_url(page.request),
            register=login_url(page.request, "register") if page.templates.allows_registration else "",
        )
        if page.is_visit:
            cookie.give(page.request, response, training.identifier, page.now)
        return remember_way(page.request, response)

    def _refusal(self, training: Training, problem: Union[JoinTooEarly, TrainingOver]) -> Response:
        """Why this training cannot be joined, and what to do instead."""
        view = self.views.view(training, self.page.actor, self.page.now, members=0)
        return self.page.render("join_refused", status_code=problem.status_code, training=view)
