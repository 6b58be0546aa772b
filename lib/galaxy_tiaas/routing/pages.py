"""The page on which admins ask where jobs go. What they ask is sent in the body: web servers log addresses."""

from typing import Optional

from fastapi import Response
from starlette.datastructures import FormData

from ..compat.dependencies import depends
from ..core.exceptions import InvalidValue
from ..web import payloads
from ..web.forms import DependsOnForm
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from .schema import (
    RoutingExplanation,
    RoutingQuestion,
)
from .service import RoutingService

router = PageRouter()

_PATH = "/tiaas/admin/routing"
#: The fields of the two forms, by the name of the form.
_FIELDS = {"user": ("user", "tool_id", "at"), "job": ("job",)}


@router.page(_PATH)
def ask(page: Page = DependsOnPage) -> Response:
    page.ensure_admin()
    return _page(page, {})


@router.action(_PATH)
def explain(
    page: Page = DependsOnPage, form: FormData = DependsOnForm, service: RoutingService = depends(RoutingService)
) -> Response:
    page.ensure_admin()
    fields = _FIELDS["job" if form.get("about") == "job" else "user"]
    typed = {name: str(form.get(name, "")).strip() for name in fields}
    question = payloads.payload(RoutingQuestion, {name: value for name, value in typed.items() if value})
    if not isinstance(question, RoutingQuestion):
        return _page(page, typed, errors=question)
    if "job" in typed and not question.job:
        return _page(page, typed, errors={"job": "Please fill in this field."})
    try:
        explanation = service.explain(page.actor, question, page.now)
    except InvalidValue as problem:
        return _page(page, typed, errors=payloads.error_of(problem))
    return _page(page, typed, explanation=explanation)


def _page(
    page: Page,
    typed: dict[str, str],
    errors: Optional[payloads.FormErrors] = None,
    explanation: Optional[RoutingExplanation] = None,
) -> Response:
    return page.render(
        "routing", status_code=422 if errors else 200, typed=typed, errors=errors or {}, explanation=explanation
    )
