"""What we rely on of Galaxy's web application: compat/web.py."""

import asyncio
from collections.abc import Callable
from contextlib import asynccontextmanager
from types import SimpleNamespace
from typing import Any
from unittest.mock import patch

import pytest
from fastapi import (
    APIRouter,
    FastAPI,
    Request,
)
from fastapi.testclient import TestClient
from galaxy.exceptions import ObjectNotFound
from galaxy.webapps.base import api as base_api
from galaxy.webapps.galaxy.api import UrlBuilder
from galaxy_tiaas.compat import web
from galaxy_tiaas.compat.web import Installation
from galaxy_tiaas.mount import _our_routes
from galaxy_web import (
    GalaxyApp,
    names_of,
)
from in_process import InProcess
from pydantic import BaseModel
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import (
    BaseRoute,
    Mount,
    Route,
)


@pytest.fixture
def galaxy_app(galaxy: InProcess) -> GalaxyApp:
    return GalaxyApp(galaxy)


def _greet(_: Request) -> PlainTextResponse:
    return PlainTextResponse("ours")


OURS = Route("/tiaas/greeting", _greet, name="tiaas_greeting")


def test_galaxys_application_is_found_below_a_prefix_and_without(make_galaxy: Callable[..., InProcess]) -> None:
    at_root = GalaxyApp(make_galaxy()).build_web_app()
    assert web.inner_app(at_root) is at_root
    parent = GalaxyApp(make_galaxy(galaxy_conf={"galaxy_url_prefix": "/galaxy"})).build_web_app()
    inner = web.inner_app(parent)
    assert inner is not parent and isinstance(inner.routes[-1], Mount)


def test_another_application_is_none_of_galaxys() -> None:
    with pytest.raises(RuntimeError, match="fast_factory"):
        web.inner_app(FastAPI())


def test_the_mount_of_the_older_part_is_last_and_matches_everything(galaxy_app: GalaxyApp) -> None:
    last = galaxy_app.build_web_app().routes[-1]
    assert isinstance(last, Mount) and last.path == ""


def test_our_routes_answer_and_galaxy_finds_them_by_name(galaxy_app: GalaxyApp) -> None:
    web_app = galaxy_app.build_web_app()
    with Installation() as installation:
        web.install_routes(installation, web_app, [OURS])
        assert TestClient(web_app).get("/tiaas/greeting").text == "ours"
        assert TestClient(web_app).get("/elsewhere").text == "Galaxy's older part"
        request = Request({"type": "http", "app": web_app, "headers": []})
        assert UrlBuilder(request)("tiaas_greeting") == "/tiaas/greeting"
    assert TestClient(web_app).get("/tiaas/greeting").text == "Galaxy's older part"
    assert "tiaas_greeting" not in (names_of(web_app) or {})


class _Thing(BaseModel):
    """Ours; Galaxy has another one."""

    name: str


class _Mine(BaseModel):
    thing: _Thing


def _routes() -> list[BaseRoute]:
    router = APIRouter()

    @router.get("/api/tiaas")
    def mine() -> _Mine:
        raise NotImplementedError

    return router.routes


def test_our_paths_stand_beside_galaxys_in_openapi(galaxy_app: GalaxyApp) -> None:
    web_app = galaxy_app.build_web_app()
    before = web_app.openapi_schema
    theirs = {"components": {"schemas": {"_Thing": "Galaxy's"}}, **before}
    web_app.openapi_schema = theirs
    with Installation() as installation:
        web.install_openapi(installation, web_app, _routes())
        schema = TestClient(web_app).get("/openapi.json").json()
        assert {"/api/legacy", "/api/tiaas"} <= set(schema["paths"])
        assert schema["components"]["schemas"]["_Thing"] == "Galaxy's"
        assert "_Mine" in schema["components"]["schemas"]
        assert web_app.openapi() is web_app.openapi()
    assert web_app.openapi() is web_app.openapi_schema is theirs


def test_no_schema_is_built_before_somebody_asks_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    web_app = FastAPI()
    with Installation() as installation:
        with monkeypatch.context() as patch:
            patch.setattr(web, "get_openapi", None)
            web.install_openapi(installation, web_app, _routes())
        assert web_app.openapi_schema is None
        assert "/api/tiaas" in web_app.openapi()["paths"]
    assert "/api/tiaas" not in web_app.openapi()["paths"]


def test_galaxys_schema_is_there_if_ours_cannot_be_built(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    web_app = FastAPI()
    with Installation() as installation:
        web.install_openapi(installation, web_app, _routes())
        monkeypatch.setattr(web, "get_openapi", None)
        answers = [TestClient(web_app).get("/openapi.json") for _ in range(2)]
    assert [(answer.status_code, answer.json()["paths"]) for answer in answers] == [(200, {})] * 2
    assert [record.levelname for record in caplog.records if record.name == web.log.name] == ["ERROR"]


def test_errors_are_json_whatever_an_operation_answers() -> None:
    schema = web.openapi_of(_our_routes())
    operations = [operation for item in schema["paths"].values() for operation in item.values()]
    texts = [each for each in operations if "text/plain" in each["responses"].get("200", {}).get("content", {})]
    assert texts, "there is an operation that answers with text"
    shape = {"application/json": {"schema": {"$ref": "#/components/schemas/MessageExceptionModel"}}}
    for operation in operations:
        assert operation["responses"]["4XX"]["content"] == operation["responses"]["5XX"]["content"] == shape


def test_errors_are_described_as_galaxy_describes_its_own() -> None:
    given: list[Any] = []

    class App(FastAPI):
        def include_router(self, *_: Any, **options: Any) -> None:
            given.append(options["responses"])

    modules = [("api", SimpleNamespace(router=APIRouter()))]
    with patch.object(base_api, "walk_controller_modules", return_value=modules):
        base_api.include_all_package_routers(App(), "galaxy.webapps.galaxy.api")
    assert given == [web.ERROR_RESPONSES]


def test_an_error_has_galaxys_shape() -> None:
    request = Request({"type": "http", "path": "/api/tiaas/trainings", "headers": [], "query_string": b""})
    response = web.error_response(request, ObjectNotFound("There is none."))
    assert response.status_code == 404
    assert b'"err_msg":"There is none."' in bytes(response.body) and b'"err_code":404001' in bytes(response.body)


def test_something_runs_from_the_start_of_the_server_to_its_end() -> None:
    """And so after any fork; what Galaxy does at these moments is done too."""
    order: list[str] = []

    @asynccontextmanager
    async def lifespan(_: Any) -> Any:
        order.append("Galaxy starts")
        yield {"state": "kept"}
        order.append("Galaxy ends")

    web_app = Starlette(lifespan=lifespan)
    with Installation() as installation:
        web.run_while_serving(
            installation, web_app, lambda: order.append("ours starts"), lambda: order.append("ours ends")
        )
        installation.keep()

    async def serve() -> None:
        async with web_app.router.lifespan_context(web_app) as state:
            order.append(str(state))

    asyncio.run(serve())
    assert order == ["ours starts", "Galaxy starts", "{'state': 'kept'}", "Galaxy ends", "ours ends"]
