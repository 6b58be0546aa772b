"""Watching a class, and what instructors set up for that.

The dashboard is a page for the person, and in it a part that is the same for all who may see the same. The script of
the page asks for that part alone, again and again. It has an entity tag, and is rendered once
for everybody when something has changed.
"""

from functools import (
    cached_property,
    lru_cache,
)
from typing import (
    Any,
    cast,
    Optional,
    Union,
)

from fastapi import (
    Depends,
    Response,
)
from fastapi.responses import HTMLResponse
from galaxy.exceptions import (
    ItemAccessibilityException,
    MessageException,
)
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import (
    FormData,
    UploadFile,
)

from ..core.actor import (
    Actor,
    may_manage,
)
from ..core.cache import CachedResponse
from ..core.config import TiaasConfig
from ..core.exceptions import (
    InvalidValue,
    JoinTooEarly,
    NotYours,
    TrainingOver,
)
from ..core.model import Training
from ..membership.schema import MembershipView
from ..membership.service import MembershipsService
from ..web import (
    conditional,
    links,
    payloads,
)
from ..web.forms import (
    DependsOnFormWithFile,
    session_form_with_file,
)
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from ..web.permissions import (
    MayManage,
    MayWatch,
)
from .help_service import HelpService
from .progress_service import ProgressService
from .schema import (
    DashboardUpdate,
    StepPayload,
    TrainingStatus,
)
from .service import (
    StatusService,
    USUAL_HOURS,
)
from .setup_service import DashboardsService
from .steps import (
    as_list,
    LARGEST_FILE,
    parse_workflow,
    Step,
    steps_of_list,
    UnusableSteps,
)
from .view import (
    HOURS_AFTERWARDS,
    View,
)

router = PageRouter()

#: Between two questions of a page, where the setting says that everything is counted anew.
_USUAL_REFRESH_SECONDS = 5
#: What the script of the page says its reader is, so that it learns when the login has ended.
_INSTRUCTOR = "instructor"
_SETUP_PATH = "/tiaas/trainings/{identifier}/dashboard"


class DashboardRequest:
    """One request for the dashboard of one class."""

    def __init__(
        self,
        training: Training = MayWatch,
        page: Page = DependsOnPage,
        service: StatusService = depends(StatusService),
        memberships: MembershipsService = depends(MembershipsService),
        progress: ProgressService = depends(ProgressService),
        help: HelpService = depends(HelpService),
        config: TiaasConfig = depends(TiaasConfig),
    ):
        self.training = training
        self.page = page
        self.refresh_seconds = config.status_refresh_seconds or _USUAL_REFRESH_SECONDS
        self._service = service
        self._memberships = memberships
        self._progress = progress
        self._help = help

    @cached_property
    def view(self) -> View:
        return View.of(self.page.request.query_params, HOURS_AFTERWARDS if self.is_over else USUAL_HOURS)

    @cached_property
    def is_over(self) -> bool:
        return self._service.is_over(self.training, self.page.now)

    @cached_property
    def teaches(self) -> bool:
        """Whether this is one of the instructors or an admin."""
        return may_manage(self.page.actor, self.training)

    @cached_property
    def status(self) -> CachedResponse[TrainingStatus]:
        view = self.view
        # A projector shows the whole room what is on it.
        return self._service.status(
            self.page.actor, self.training, view.hours, self.page.now, view.jobs, for_class=view.projector
        )

    @cached_property
    def sections(self) -> dict[str, CachedResponse[Any]]:
        """Those with a service of their own: live part and page show them with the template of the same name."""
        actor, training, view, now = self.page.actor, self.training, self.view, self.page.now
        sections: dict[str, CachedResponse[Any]] = {
            "progress": self._progress.progress(actor, training, now, view.jobs)
        }
        if self.teaches and not self.is_over:
            sections["help"] = self._help.help(actor, training, view.hours, now, view.jobs)
        return sections

    @cached_property
    def membership(self) -> Optional[MembershipView]:
        """Who the person is in this class, if in it."""
        if self.page.actor.user is None:
            return None
        membership = self._memberships.show(self.page.actor, self.training, self.page.now)
        return membership if membership.member else None

    @cached_property
    def closed(self) -> Optional[Union[JoinTooEarly, TrainingOver]]:
        """Why trainees cannot join now, if they cannot."""
        try:
            self._memberships.ensure_open(self.training, Actor(), self.page.now)
        except (JoinTooEarly, TrainingOver) as problem:
            return problem
        return None

    @cached_property
    def join_url(self) -> str:
        """Where latecomers find in, for those who look at the projector."""
        shows = self.view.projector and not self.closed
        return f"{self.page.actor.base_url}/join-training/{self.training.identifier}" if shows else ""

    @property
    def token(self) -> str:
        """That of the forms in the live part, which are the reader's own: only instructors have such."""
        return self.page.token if "help" in self.sections else ""

    @cached_property
    def etag(self) -> str:
        """That of the live part."""
        sections = [f"{name} {section.etag}" for name, section in sorted(self.sections.items())]
        return conditional.combined(self.view.address(), self.status.etag, *sections, self.join_url, self.token)

    @property
    def live(self) -> str:
        """The live part, rendered unless somebody has been shown the same before."""
        named = self._service.audience(self.page.actor, self.training, self.view.jobs).named
        return self.page.templates.render_once(
            "live",
            (self.training.identifier, self.view, self.join_url, self.teaches, named, self.token),
            self.etag,
            status=self.status.value,
            view=self.view,
            sections={name: section.value for name, section in self.sections.items()},
            join_url=self.join_url,
            qr_code=_qr_svg(self.join_url) if self.join_url else "",
            token=self.token,
        )


DependsOnDashboard = cast(DashboardRequest, Depends(DashboardRequest))


@router.page("/join-training/{identifier}/status", "/join-training/{identifier}/dashboard")
def status(look: DashboardRequest = DependsOnDashboard) -> Response:
    return look.page.render("status", visit=look, status=look.status.value, view=look.view)


@router.part("/join-training/{identifier}/status/live")
def live(look: DashboardRequest = DependsOnDashboard) -> Response:
    """The part of the page that changes; errors are sentences without a page around them."""
    request = look.page.request
    if request.query_params.get("as") == _INSTRUCTOR and (look.page.is_visitor or not look.teaches):
        raise NotYours("You are not logged in any more, or not as an instructor of this training.")
    if conditional.unchanged(request, look):
        return conditional.not_modified(look)
    return HTMLResponse(look.live, headers=conditional.headers(look))


_qr_svg = lru_cache(maxsize=32)(links.qr_svg)


# Setup


@router.page(_SETUP_PATH, login=True)
def show_setup(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    service: DashboardsService = depends(DashboardsService),
    saved: Optional[str] = None,
) -> Response:
    return _setup_page(page, service, training, saved=bool(saved))


@router.action(_SETUP_PATH, form=session_form_with_file)
def update_setup(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnFormWithFile,
    service: DashboardsService = depends(DashboardsService),
) -> Response:
    """Each of the small forms of the page says in ``change`` which one it is."""
    change = str(form.get("change", ""))
    try:
        dashboard = service.update(page.actor, training, _payload(change, form), page.now)
    except (InvalidValue, UnusableSteps, ItemAccessibilityException) as problem:
        page.forget_changes()
        typed = str(form.get("tools", "")) if change == "tools" else None
        return _setup_page(page, service, training, 422, tools=typed, errors={change: str(problem)})
    return page.redirect(f"/tiaas/trainings/{dashboard.identifier}/dashboard?saved=1")


def _payload(change: str, form: FormData) -> DashboardUpdate:
    """What one of the forms asks for.

    :raises UnusableSteps: for a file or list that has no steps.
    """
    if change == "course_only":
        return DashboardUpdate(course_only="course_only" in form)
    if change == "remove":
        return DashboardUpdate(steps=[])
    if change == "tools":
        steps = steps_of_list(str(form.get("tools", "")))
        return DashboardUpdate(steps=[StepPayload(tool_id=step.tool_id, label=step.label) for step in steps])
    if change == "workflow":
        workflow_id = str(form.get("workflow_id", ""))
        if not workflow_id:
            raise UnusableSteps("Choose a workflow first.")
        return payloads.read(DashboardUpdate, workflow_id=workflow_id)
    if change == "file":
        file = form.get("file")
        if not isinstance(file, UploadFile) or not file.filename:
            raise UnusableSteps("Choose a file first.")
        return DashboardUpdate(workflow=parse_workflow(file.file.read(LARGEST_FILE + 1)))
    raise MessageException("This page has no such form.")


def _setup_page(
    page: Page, service: DashboardsService, training: Training, status_code: int = 200, **context: Any
) -> Response:
    dashboard = service.show(training)
    tools = context.pop("tools", None)
    return page.render(
        "dashboard_setup",
        status_code=status_code,
        dashboard=dashboard,
        not_installed=service.not_installed(dashboard),
        workflows=service.workflows(page.actor),
        tools=as_list(Step(**dict(step)) for step in dashboard.steps) if tools is None else tools,
        **{"saved": False, "errors": {}, **context},
    )
