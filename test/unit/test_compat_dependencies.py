"""What we rely on of FastAPI and Galaxy where requests are run in one thread: compat/dependencies.py."""

import asyncio
import threading
import time
from collections.abc import (
    AsyncIterator,
    Callable,
)
from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)
from unittest.mock import patch

import pytest
from anyio import CapacityLimiter
from fastapi import (
    APIRouter,
    Depends,
    FastAPI,
)
from fastapi.dependencies.utils import get_dependant
from fastapi.routing import APIRoute
from fastapi.testclient import TestClient
from galaxy.exceptions import ObjectNotFound
from galaxy_tiaas.compat.dependencies import (
    depends,
    in_line,
    Line,
    run_in_one_thread,
    waits_in_line,
)

_happened: list[tuple[str, int]] = []
_IN_LOOP = ("now", "opened", "closed")


def _note(what: str) -> str:
    _happened.append((what, threading.get_ident()))
    return what


@pytest.fixture(autouse=True)
def happened() -> list[tuple[str, int]]:
    _happened.clear()
    return _happened


async def _now() -> str:
    return _note("now")


async def _opened() -> AsyncIterator[str]:
    yield _note("opened")
    _note("closed")


def _session(opened: str = Depends(_opened)) -> str:
    return _note(f"session of {opened}")


class _Page:
    def __init__(self, now: str = Depends(_now), session: str = Depends(_session)) -> None:
        self.text = _note(f"page of {session} at {now}")


def _refuse(session: str = Depends(_session)) -> None:
    _note("refused")
    raise ObjectNotFound(session)


def _show(page: _Page = Depends(), session: str = Depends(_session), number: int = 1) -> str:
    return _note(f"{page.text}, {session}, {number}")


def _client(
    endpoint: Callable[..., Any],
    dependencies: Any = (),
    limiter: Callable[[], Optional[CapacityLimiter]] = lambda: None,
    release: Callable[[], object] = lambda: _note("released"),
) -> TestClient:
    class Route(APIRoute):
        def get_route_handler(self) -> Any:
            run_in_one_thread(self.dependant, release, limiter)
            return super().get_route_handler()

    router = APIRouter(route_class=Route)
    router.get("/", dependencies=dependencies)(endpoint)
    app = FastAPI()
    app.include_router(router)
    return TestClient(app)


def test_everything_runs_in_the_thread_of_the_endpoint(happened: list[tuple[str, int]]) -> None:
    assert _client(_show).get("/?number=7").json() == "page of session of opened at now, session of opened, 7"
    in_loop = {thread for what, thread in happened if what in _IN_LOOP}
    elsewhere = {what: thread for what, thread in happened if what not in _IN_LOOP}
    assert list(elsewhere) == [
        "session of opened",
        "page of session of opened at now",
        "page of session of opened at now, session of opened, 7",
        "released",
    ]
    assert len(in_loop) == 1
    assert len(set(elsewhere.values())) == 1
    assert in_loop.isdisjoint(elsewhere.values())


def test_a_dependency_of_the_route_is_made_before_the_endpoint_is_called(happened: list[tuple[str, int]]) -> None:
    client = _client(_show, [Depends(_refuse)])
    with pytest.raises(ObjectNotFound):
        client.get("/")
    assert [what for what, _ in happened if what not in _IN_LOOP] == [
        "session of opened",
        "refused",
        "released",
    ]


def test_an_error_is_raised_as_it_is_and_the_connection_is_given_back(happened: list[tuple[str, int]]) -> None:
    def fail() -> None:
        raise ObjectNotFound("nothing")

    with pytest.raises(ObjectNotFound, match="nothing"):
        _client(fail).get("/")
    assert [what for what, _ in happened] == ["released"]


def test_what_is_asynchronous_cannot_depend_on_what_is_not() -> None:
    async def late(session: str = Depends(_session)) -> str:
        return session

    def show(late: str = Depends(late)) -> str:
        return late

    async def wait() -> None:
        pass

    with pytest.raises(TypeError, match="depends on what does"):
        _client(show)
    with pytest.raises(TypeError, match="does not run in a thread"):
        _client(wait)


def test_no_more_threads_than_the_limiter_allows() -> None:
    limiters: list[CapacityLimiter] = []

    def limiter() -> CapacityLimiter:
        limiters.append(CapacityLimiter(1))
        return limiters[-1]

    def show() -> int:
        return limiters[-1].borrowed_tokens

    assert _client(show, limiter=limiter).get("/").json() == 1


def test_of_those_who_wait_in_line_only_so_many_are_served_at_once() -> None:
    line, served, most = Line(2), 0, 0

    @in_line
    def join() -> None:
        nonlocal served, most
        served += 1
        most = max(most, served)
        time.sleep(0.01)
        served -= 1

    async def ask_at_once() -> None:
        dependant = get_dependant(path="/", call=join)
        run_in_one_thread(dependant, lambda: None, line.limiter)
        assert dependant.call
        await asyncio.gather(*(dependant.call() for _ in range(20)))

    assert waits_in_line(join)
    asyncio.run(ask_at_once())
    assert most == 2


def test_galaxys_dependency_injection_is_asked(happened: list[tuple[str, int]]) -> None:
    def show(page: SimpleNamespace = depends(SimpleNamespace)) -> str:
        return _note(str(page.name))

    model = SimpleNamespace(set_request_id=lambda _: None, unset_request_id=lambda _: None)
    app = SimpleNamespace(resolve=lambda wanted: wanted(name="given"), model=model, install_model=model)
    context = SimpleNamespace(data={"X-Request-ID": "1"})
    with patch("galaxy.app.app", app, create=True), patch("galaxy.webapps.galaxy.api.request_context", context):
        assert _client(show).get("/").json() == "given"
