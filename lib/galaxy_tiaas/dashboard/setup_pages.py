"""The page on which instructors set up the dashboard of their class."""

from typing import (
    Any,
    Optional,
)

from fastapi import Response
from galaxy.exceptions import (
    ItemAccessibilityException,
    MessageException,
)
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import (
    FormData,
    UploadFile,
)

from ..core.exceptions import InvalidValue
from ..core.model import Training
from ..web import payloads
from ..web.forms import (
    DependsOnFormWithFile,
    session_form_with_file,
)
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from ..web.permissions import MayManage
from .setup_schema import (
    DashboardUpdate,
    StepPayload,
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

router = PageRouter()

_PATH = "/tiaas/trainings/{identifier}/dashboard"


@router.page(_PATH, login=True)
def show(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    service: DashboardsService = depends(DashboardsService),
    saved: Optional[str] = None,
) -> Response:
    return _setup_page(page, service, training, saved=bool(saved))


@router.action(_PATH, form=session_form_with_file)
def update(
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
    steps = [Step(step.position, step.label, step.tool_id) for step in dashboard.steps]
    return page.render(
        "dashboard_setup",
        status_code=status_code,
        dashboard=dashboard,
        not_installed=service.not_installed(dashboard),
        workflows=service.workflows(page.actor),
        tools=as_list(steps) if tools is None else tools,
        **{"saved": False, "errors": {}, **context},
    )
