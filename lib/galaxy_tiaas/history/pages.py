"""The page on which admins see what happened to all trainings, and the files made of it.

Whom they look for is sent in the body and stands in the address as an encoded id: web servers log addresses.
"""

from collections.abc import (
    Iterator,
    Mapping,
)
from itertools import chain
from typing import (
    cast,
    Optional,
)
from urllib.parse import urlencode

from fastapi import (
    Depends,
    Query,
    Response,
)
from fastapi.responses import (
    RedirectResponse,
    StreamingResponse,
)
from starlette.datastructures import FormData

from ..compat.dependencies import depends
from ..core.exceptions import (
    InvalidValue,
    TrainingNotFound,
)
from ..core.fields import LAST_ID
from ..core.wording import BYTE_ORDER_MARK
from ..trainings.identifiers import identifier_in
from ..trainings.states import CHANGE_SOURCES
from ..web import payloads
from ..web.forms import DependsOnForm
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from .schema import (
    ACTIONS,
    HistoryFilter,
    SERVER,
)
from .service import (
    HistoryPage,
    HistoryService,
)

router = PageRouter()

_PATH = "/tiaas/admin/history"
_FIELDS = tuple(HistoryFilter.model_fields)


def _filter(
    training: str = "", user: str = "", action: str = "", via: str = "", since: str = "", until: str = ""
) -> HistoryFilter:
    given = {"training": training, "user": user, "action": action, "via": via, "since": since, "until": until}
    return payloads.read(HistoryFilter, **{name: value for name, value in given.items() if value})


DependsOnFilter = cast(HistoryFilter, Depends(_filter))


@router.page(_PATH)
def show(
    page: Page = DependsOnPage,
    wanted: HistoryFilter = DependsOnFilter,
    service: HistoryService = depends(HistoryService),
    before: Optional[int] = Query(None, ge=0, le=LAST_ID),
    after: Optional[int] = Query(None, ge=0, le=LAST_ID),
) -> Response:
    page.ensure_admin()
    found = service.page(page.actor, wanted, before=before, after=after)
    typed = {**_parameters(wanted), "user": service.name_of(page.actor, wanted)}
    return _page(page, typed, found=found, parameters=_parameters(wanted))


@router.action(_PATH)
def look(
    page: Page = DependsOnPage, form: FormData = DependsOnForm, service: HistoryService = depends(HistoryService)
) -> Response:
    """From what was typed to an address without names."""
    page.ensure_admin()
    typed = {name: str(form.get(name, "")).strip() for name in _FIELDS}
    typed["training"] = identifier_in(typed["training"])
    wanted = payloads.payload(HistoryFilter, {name: value for name, value in typed.items() if value})
    if not isinstance(wanted, HistoryFilter):
        return _page(page, typed, errors=wanted)
    try:
        found = service.addressed(page.actor, wanted)
    except TrainingNotFound as problem:
        return _page(page, typed, errors={"training": str(problem)})
    except InvalidValue as problem:
        return _page(page, typed, errors=payloads.error_of(problem))
    return RedirectResponse(_address(page, _parameters(found)), status_code=303)


@router.page(f"{_PATH}.csv")
def history_csv(
    page: Page = DependsOnPage,
    wanted: HistoryFilter = DependsOnFilter,
    service: HistoryService = depends(HistoryService),
    excel: bool = Query(False),
) -> Response:
    page.ensure_admin()
    content = service.csv(page.actor, wanted)
    return _file(chain([BYTE_ORDER_MARK], content) if excel else content, "csv", "text/csv; charset=utf-8")


@router.page(f"{_PATH}.json")
def history_json(
    page: Page = DependsOnPage,
    wanted: HistoryFilter = DependsOnFilter,
    service: HistoryService = depends(HistoryService),
) -> Response:
    page.ensure_admin()
    return _file(service.json(page.actor, wanted), "json", "application/json")


def _file(content: Iterator[str], ending: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="training-history.{ending}"'}
    return StreamingResponse(content, media_type=media_type, headers=headers)


def _page(
    page: Page,
    typed: dict[str, str],
    *,
    found: Optional[HistoryPage] = None,
    parameters: Optional[dict[str, str]] = None,
    errors: Optional[payloads.FormErrors] = None,
) -> Response:
    def address(ending: str = "", **more: object) -> str:
        return _address(page, {**(parameters or {}), **more}, ending)

    return page.render(
        "history",
        status_code=422 if errors else 200,
        typed=typed,
        errors=errors or {},
        found=found,
        filtered=bool(parameters),
        address=address,
        actions=ACTIONS,
        sources=CHANGE_SOURCES,
        server=SERVER,
    )


def _parameters(wanted: HistoryFilter) -> dict[str, str]:
    return {name: str(value) for name, value in wanted.model_dump(mode="json").items() if value}


def _address(page: Page, parameters: Mapping[str, object], ending: str = "") -> str:
    query = f"?{urlencode(parameters)}" if parameters else ""
    return page.templates.url(f"{_PATH}{ending}{query}")
