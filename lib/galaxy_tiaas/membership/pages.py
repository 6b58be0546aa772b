"""Joining and leaving."""

from typing import Union

from fastapi import Response
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import FormData

from ..classroom.service import ClassroomService
from ..core.exceptions import (
    JoinTooEarly,
    TrainingOver,
)
from ..core.model import Training
from ..trainings.schema import TrainingView
from ..trainings.service import TrainingsService
from ..web.forms import DependsOnForm
from ..web.links import web_addresses
from ..web.origin import opens_window
from ..web.pages import (
    DependsOnPage,
    login_url,
    Page,
    PageRouter,
    remember_way,
)
from ..web.permissions import (
    MayJoin,
    MayTakePart,
)
from .joining_cookie import JoiningCookie
from .service import MembershipsService

router = PageRouter()


@router.page("/join-training/{identifier}")
def join(
    training: Training = MayJoin,
    page: Page = DependsOnPage,
    memberships: MembershipsService = depends(MembershipsService),
    trainings: TrainingsService = depends(TrainingsService),
    classroom: ClassroomService = depends(ClassroomService),
    cookie: JoiningCookie = depends(JoiningCookie),
) -> Response:
    """Join whoever visits this page and is logged in.

    Visitors are asked to log in, and come back joined, also by way of a provider. Whom another site led here without
    a click gets a button.
    """
    try:
        memberships.ensure_open(training, page.actor, page.now)
        if not page.is_visit and not _comes_back(page, cookie, training.identifier):
            return page.render("join_ask", training=trainings.show(page.actor, training, page.now))
        if page.is_visitor:
            return _login(page, cookie, trainings.show(page.actor, training, page.now))
        page.ensure_account()
        membership = memberships.join(page.actor, training, page.now)
    except (JoinTooEarly, TrainingOver) as problem:
        return _refusal(page, trainings, training, problem)
    view = trainings.show(page.actor, training, page.now)
    response = page.render(
        "joined",
        training=view,
        membership=membership,
        place=classroom.show(page.actor, training, page.now),
        seconds=_seconds_between_looks(view.members),
        tutorials=web_addresses(view.gtn_links),
        # Who came by the button was sent on to this page, and has joined just now.
        again=not membership.changed and "now" not in page.request.query_params,
    )
    cookie.take(page.request, response)
    return response


@router.action("/join-training/{identifier}")
def join_by_button(
    training: Training = MayTakePart,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    memberships: MembershipsService = depends(MembershipsService),
    trainings: TrainingsService = depends(TrainingsService),
) -> Response:
    try:
        membership = memberships.join(page.actor, training, page.now)
    except (JoinTooEarly, TrainingOver) as problem:
        return _refusal(page, trainings, training, problem)
    return page.redirect(f"/join-training/{membership.identifier}{'?now=1' if membership.changed else ''}")


@router.page("/join-training/{identifier}/leave", login=True)
def leave_ask(
    training: Training = MayTakePart,
    page: Page = DependsOnPage,
    memberships: MembershipsService = depends(MembershipsService),
) -> Response:
    return page.render("leave", membership=memberships.show(page.actor, training, page.now))


@router.action("/join-training/{identifier}/leave")
def leave(
    training: Training = MayTakePart,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    memberships: MembershipsService = depends(MembershipsService),
) -> Response:
    return page.render("left", membership=memberships.leave(page.actor, training, page.now))


def _comes_back(page: Page, cookie: JoiningCookie, identifier: str) -> bool:
    """Whether a provider of logins leads somebody back whom this page sent there."""
    request = page.request
    return opens_window(request.method, request.headers) and cookie.is_held(request, identifier, page.now)


def _login(page: Page, cookie: JoiningCookie, training: TrainingView) -> Response:
    """What the training is, and the ways to log in; only who came by themselves come back joined without a click."""
    response = page.render(
        "join_login",
        training=training,
        login=login_url(page.request),
        register=login_url(page.request, "register") if page.templates.allows_registration else "",
    )
    if page.is_visit:
        cookie.give(page.request, response, training.identifier, page.now)
    return remember_way(page.request, response)


def _seconds_between_looks(members: int) -> int:
    """How long the page waits before it asks again, so that a class of any size asks 20 times a second at most."""
    return max(10, members // 20)


def _refusal(
    page: Page, trainings: TrainingsService, training: Training, problem: Union[JoinTooEarly, TrainingOver]
) -> Response:
    """Why this training cannot be joined, and what to do instead."""
    view = trainings.show(page.actor, training, page.now)
    return page.render("join_refused", status_code=problem.status_code, training=view)
