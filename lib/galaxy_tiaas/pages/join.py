"""Joining and leaving."""

from typing import Union

from fastapi import (
    Request,
    Response,
)
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import FormData

from ..exceptions import (
    JoinTooEarly,
    TrainingOver,
)
from ..services.classroom import ClassroomService
from ..services.memberships import MembershipsService
from ..services.trainings import TrainingsService
from ..web.forms import DependsOnForm
from .framework import (
    DependsOnPage,
    Page,
    PageRouter,
)
from .links import web_addresses

router = PageRouter()


def is_visit(request: Request) -> bool:
    """Whether a person opened this page, as far as the browser tells (Fetch Metadata).

    Not a visit: HEAD, a prefetch, an image or script of any page, a frame of another site. Clients
    that state nothing (curl, old browsers) are believed.
    """
    headers = request.headers
    if request.method != "GET" or "prefetch" in headers.get("sec-purpose", headers.get("purpose", "")):
        return False
    if headers.get("sec-fetch-mode", "navigate") != "navigate":
        return False
    destination = headers.get("sec-fetch-dest", "document")
    if headers.get("sec-fetch-site", "none") in ("none", "same-origin"):
        return destination in ("document", "iframe", "frame")
    return "sec-fetch-mode" in headers and destination == "document"


@router.page("/join-training/{identifier}")
def join(
    identifier: str,
    page: Page = DependsOnPage,
    memberships: MembershipsService = depends(MembershipsService),
    trainings: TrainingsService = depends(TrainingsService),
    classroom: ClassroomService = depends(ClassroomService),
) -> Response:
    try:
        memberships.ensure_joinable(page.actor, identifier, page.now)
        if not is_visit(page.request):
            return page.render("join_ask", training=trainings.show(page.actor, identifier, page.now))
        page.ensure_login()
        membership = memberships.join(page.actor, identifier, page.now)
    except (JoinTooEarly, TrainingOver) as problem:
        return _refusal(page, trainings, identifier, problem)
    training = trainings.show(page.actor, identifier, page.now)
    return page.render(
        "joined",
        training=training,
        membership=membership,
        place=classroom.place(page.actor, identifier, page.now),
        seconds=_seconds_between_looks(training.members),
        tutorials=web_addresses(training.gtn_links),
        # Who came by the button was sent on to this page, and has joined just now.
        again=not membership.changed and "now" not in page.request.query_params,
    )


@router.action("/join-training/{identifier}")
def join_by_button(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    memberships: MembershipsService = depends(MembershipsService),
    trainings: TrainingsService = depends(TrainingsService),
) -> Response:
    page.ensure_token(form)
    try:
        membership = memberships.join(page.actor, identifier, page.now)
    except (JoinTooEarly, TrainingOver) as problem:
        return _refusal(page, trainings, identifier, problem)
    return page.redirect(f"/join-training/{membership.identifier}{'?now=1' if membership.changed else ''}")


@router.page("/join-training/{identifier}/leave")
def leave_ask(
    identifier: str, page: Page = DependsOnPage, memberships: MembershipsService = depends(MembershipsService)
) -> Response:
    page.ensure_login()
    return page.render("leave", membership=memberships.show(page.actor, identifier, page.now))


@router.action("/join-training/{identifier}/leave")
def leave(
    identifier: str,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    memberships: MembershipsService = depends(MembershipsService),
) -> Response:
    page.ensure_token(form)
    return page.render("left", membership=memberships.leave(page.actor, identifier, page.now))


def _seconds_between_looks(members: int) -> int:
    """How long the page waits before it asks again, so that a class of any size asks 20 times a second at most."""
    return max(10, members // 20)


def _refusal(
    page: Page, trainings: TrainingsService, identifier: str, problem: Union[JoinTooEarly, TrainingOver]
) -> Response:
    """Why this training cannot be joined, and what to do instead."""
    training = trainings.show(page.actor, identifier, page.now)
    return page.render("join_refused", status_code=problem.status_code, training=training)
