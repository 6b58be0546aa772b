"""Watching a class, and what instructors set up for that.

The dashboard is a page for the person, and in it a part that is the same for all who may see the same. The script of
the page asks for that part alone, again and again. It has an entity tag, and is rendered once for everybody when
something has changed.
"""

from functools import (
    cached_property,
    lru_cache,
)
from typing import (
    Any,
    Optional,
    Union,
)

from fastapi import Response
from fastapi.responses import HTMLResponse
from galaxy.exceptions import (
    ItemAccessibilityException,
    MessageException,
)
from starlette.datastructures import (
    FormData,
    UploadFile,
)

from ..compat.dependencies import depends
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
from .schema import (
    DashboardUpdate,
    StepPayload,
)
from .service import (
    StatusResponse,
    StatusService,
    USUAL_HOURS,
)
from .step_service import (
    DashboardsService,
    ProgressService,
)
from .steps import (
    as_list,
    Step,
    steps_of_list,
    UnusableSteps,
)
from .view import (
    HOURS_AFTERWARDS,
    View,
)
from .workflow_files import (
    LARGEST_FILE,
    parse_workflow,
)

router = PageRouter()

#: Between two questions of a page, where the setting says that everything is counted anew.
_USUAL_REFRESH_SECONDS = 5
#: What the script of the page says its reader is, so that it learns when the login has ended.
_INSTRUCTOR = "instructor"
_SETUP_PATH = "/tiaas/trainings/{identifier}/dashboard"


@router.cbv
class DashboardPages:
    """One request for the dashboard of one class; the page calls it ``visit``."""

    training: Training = MayWatch
    page: Page = DependsOnPage
    service: StatusService = depends(StatusService)
    memberships: MembershipsService = depends(MembershipsService)
    progress: ProgressService = depends(ProgressService)
    help: HelpService = depends(HelpService)
    config: TiaasConfig = depends(TiaasConfig)

    @router.page("/join-training/{identifier}/status", "/join-training/{identifier}/dashboard")
    def show(self) -> Response:
        return self.page.render("status", visit=self, status=self.status.outline, view=self.view)

    @router.part("/join-training/{identifier}/status/live")
    def show_live(self) -> Response:
        """The part of the page that changes; errors are sentences without a page around them."""
        request = self.page.request
        if request.query_params.get("as") == _INSTRUCTOR and (self.page.is_visitor or not self.teaches):
            raise NotYours("You are not logged in any more, or not as an instructor of this training.")
        if conditional.unchanged(request, self):
            return conditional.not_modified(self)
        return HTMLResponse(self.live, headers=conditional.headers(self))

    @property
    def refresh_seconds(self) -> int:
        return self.config.status_refresh_seconds or _USUAL_REFRESH_SECONDS

    @cached_property
    def view(self) -> View:
        return View.of(self.page.request.query_params, HOURS_AFTERWARDS if self.is_over else USUAL_HOURS)

    @cached_property
    def is_over(self) -> bool:
        return self.service.is_over(self.training, self.page.now)

    @cached_property
    def teaches(self) -> bool:
        """Whether this is one of the instructors or an admin."""
        return may_manage(self.page.actor, self.training)

    @cached_property
    def status(self) -> StatusResponse:
        view = self.view
        # A projector shows the whole room what is on it.
        return self.service.status(
            self.page.actor, self.training, view.hours, self.page.now, view.jobs, for_class=view.projector
        )

    @cached_property
    def sections(self) -> dict[str, CachedResponse[Any]]:
        """Those with a service of their own: live part and page show them with the template of the same name."""
        actor, training, view, now = self.page.actor, self.training, self.view, self.page.now
        sections: dict[str, CachedResponse[Any]] = {"progress": self.progress.progress(actor, training, now, view.jobs)}
        if self.teaches and not self.is_over:
            sections["help"] = self.help.help(actor, training, view.hours, now, view.jobs)
        return sections

    @cached_property
    def membership(self) -> Optional[MembershipView]:
        """Who the person is in this class, if in it."""
        if self.page.actor.user is None:
            return None
        membership = self.memberships.show(self.page.actor, self.training, self.page.now)
        return membership if membership.member else None

    @cached_property
    def closed(self) -> Optional[Union[JoinTooEarly, TrainingOver]]:
        """Why trainees cannot join now, if they cannot."""
        try:
            self.memberships.ensure_open(self.training, Actor(), self.page.now)
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
        named = self.service.audience(self.page.actor, self.training, self.view.jobs).named
        return self.page.templates.render_once(
            "live",
            (self.training.identifier, self.view, self.join_url, self.teaches, named, self.token),
            self.etag,
            status=self.status.outline,
            view=self.view,
            sections={name: section.outline for name, section in self.sections.items()},
            join_url=self.join_url,
            qr_code=_qr_svg(self.join_url) if self.join_url else "",
            token=self.token,
        )


_qr_svg = lru_cache(maxsize=32)(links.qr_svg)


# Setup


@router.cbv
class SetupPages:
    training: Training = MayManage
    page: Page = DependsOnPage
    service: DashboardsService = depends(DashboardsService)

    @router.page(_SETUP_PATH, login=True)
    def show(self, saved: Optional[str] = None) -> Response:
        return self._render(saved=bool(saved))

    @router.action(_SETUP_PATH, form=session_form_with_file)
    def update(self, form: FormData = DependsOnFormWithFile) -> Response:
        """Each of the small forms of the page says in ``change`` which one it is."""
        change = str(form.get("change", ""))
        try:
            dashboard = self.service.update(self.page.actor, self.training, _payload(change, form), self.page.now)
        except (InvalidValue, UnusableSteps, ItemAccessibilityException) as problem:
            self.page.forget_changes()
            typed = str(form.get("tools", "")) if change == "tools" else None
            return self._render(422, tools=typed, errors={change: str(problem)})
        return self.page.redirect(f"/tiaas/trainings/{dashboard.identifier}/dashboard?saved=1")

    def _render(
        self,
        status_code: int = 200,
        *,
        saved: bool = False,
        tools: Optional[str] = None,
        errors: Optional[dict[str, str]] = None,
    ) -> Response:
        dashboard = self.service.show(self.training)
        if tools is None:
            tools = as_list(Step(**step.model_dump(exclude={"installed"})) for step in dashboard.steps)
        return self.page.render(
            "dashboard_setup",
            status_code=status_code,
            dashboard=dashboard,
            workflows=self.service.workflows(self.page.actor),
            tools=tools,
            saved=saved,
            errors=errors or {},
        )


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
        return DashboardUpdate(
            steps=[StepPayload(tool_id=step.tool_id, label=step.label, section=step.section) for step in steps]
        )
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
