"""What we rely on of FastAPI and Galaxy where requests are run in one thread: compat/dependencies.py."""

import asyncio
import itertools
import threading
import time
from collections.abc import (
    AsyncIterator,
    Callable,
)
from types import SimpleNamespace
from typing import (
    Annotated,
    Any,
    Optional,
)
from unittest.mock import (
    MagicMock,
    patch,
)

import pytest
from fastapi import (
    APIRouter,
    BackgroundTasks,
    Cookie,
    Depends,
    FastAPI,
    Header,
    Path,
    Query,
    Request,
    Response,
    Security,
)
from fastapi.dependencies.utils import get_dependant
from fastapi.routing import APIRoute
from fastapi.security import (
    APIKeyCookie,
    APIKeyHeader,
    APIKeyQuery,
    HTTPAuthorizationCredentials,
    HTTPBearer,
)
from fastapi.testclient import TestClient
from galaxy.exceptions import ObjectNotFound
from galaxy_tiaas.compat.dependencies import (
    depends,
    in_line,
    Line,
    run_in_one_thread,
    Services,
    waits_in_line,
)
from pydantic import BaseModel

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
    line: Optional[Callable[[], Line]] = None,
    release: Callable[[], object] = lambda: _note("released"),
    path: str = "/",
) -> TestClient:
    class Route(APIRoute):
        def get_route_handler(self) -> Any:
            self.dependant = run_in_one_thread(self.dependant, release, line)
            return super().get_route_handler()

    router = APIRouter(route_class=Route)
    router.api_route(path, methods=["GET", "POST"], dependencies=dependencies)(endpoint)
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


class _Words(BaseModel):
    words: list[int]


def _first(
    response: Response,
    name: int = Query(0, alias="first"),
    x_word: Annotated[Optional[int], Header()] = None,
    identifier: str = Path(min_length=2),
) -> str:
    response.headers["x-first"] = str(name)
    return f"{identifier} {name} {x_word}"


def _second(request: Request, background: BackgroundTasks, first: str = Depends(_first), name: int = Cookie(0)) -> str:
    background.add_task(_note, f"after {request.method}")
    return f"{first} {name}"


def _both(
    words: _Words,
    response: Response,
    first: str = Depends(_first),
    second: str = Depends(_second),
    name: int = Query(0, alias="third"),
) -> list[Any]:
    response.status_code = 202
    return [first, second, name, words.words]


def _plain(endpoint: Callable[..., Any]) -> TestClient:
    app = FastAPI()
    app.post("/{identifier}")(endpoint)
    return TestClient(app)


@pytest.mark.parametrize(
    "path, headers, body",
    [
        ("/potions?first=1&third=3", {"x-word": "7", "cookie": "name=5"}, {"words": [1, 2]}),
        ("/potions", {}, {"words": []}),
        ("/p?first=a&third=b", {"x-word": "c", "cookie": "name=d"}, {"words": ["e"]}),
        ("/potions?third=b", {}, None),
    ],
)
def test_what_is_read_of_a_request_is_read_as_fastapi_reads_it(path: str, headers: Any, body: Any) -> None:
    clients = _plain(_both), _client(_both, path="/{identifier}")
    plain, ours = (client.post(path, headers=headers, json=body) for client in clients)
    assert (ours.status_code, ours.headers.get("x-first")) == (plain.status_code, plain.headers.get("x-first"))
    if ours.status_code == 202:
        assert ours.json() == plain.json()
        assert [what for what, _ in _happened].count("after POST") == 2
    else:
        # FastAPI reports twice what is asked for by two dependencies.
        found = [{str(error): error for error in each.json()["detail"]} for each in (plain, ours)]
        assert found[0] == found[1] and ours.json()["detail"]


def test_a_function_is_called_once_unless_it_is_not_to_be_kept() -> None:
    def again() -> str:
        return _note("again")

    def show(
        one: str = Depends(_session),
        two: str = Depends(again, use_cache=False),
        page: _Page = Depends(),
        three: str = Depends(again, use_cache=False),
    ) -> None:
        pass

    _client(show).get("/")
    happened = [what for what, _ in _happened]
    assert (happened.count("session of opened"), happened.count("again")) == (1, 2)


def test_keys_are_looked_for_in_the_thread() -> None:
    """FastAPI's schemes are coroutine functions that wait for nothing."""

    def show(
        query: Optional[str] = Security(APIKeyQuery(name="key", auto_error=False)),
        header: Optional[str] = Security(APIKeyHeader(name="x-api-key", auto_error=False)),
        cookie: Optional[str] = Security(APIKeyCookie(name="session", auto_error=False)),
        bearer: Optional[HTTPAuthorizationCredentials] = Security(HTTPBearer(auto_error=False)),
    ) -> list[Optional[str]]:
        return [query, header, cookie, bearer.credentials if bearer else None]

    dependant = get_dependant(path="/", call=show)
    assert run_in_one_thread(dependant, lambda: None).dependencies == []
    headers = {"x-api-key": "b", "cookie": "session=c", "authorization": "Bearer d"}
    assert _client(show).get("/?key=a", headers=headers).json() == ["a", "b", "c", "d"]
    assert _client(show).get("/").json() == [None] * 4


def test_a_key_that_takes_waiting_is_no_key() -> None:
    class Slow(APIKeyQuery):
        async def __call__(self, request: Request) -> Optional[str]:
            await asyncio.sleep(0)
            return await super().__call__(request)

    def show(key: str = Security(Slow(name="key"))) -> None:
        pass

    with pytest.raises(TypeError, match="waits for something"):
        _client(show).get("/?key=a")


def test_what_fastapi_reads_otherwise_when_it_is_not_alone_is_refused() -> None:
    def words(words: _Words) -> _Words:
        return words

    def two_bodies(more: _Words, words: _Words = Depends(words)) -> None:
        pass

    def model(words: Annotated[_Words, Query()]) -> None:
        pass

    for endpoint in (two_bodies, model):
        with pytest.raises(TypeError, match="cannot be read beside others"):
            _client(endpoint)


def test_who_waits_in_line_is_served() -> None:
    assert _client(lambda: threading.get_ident(), line=lambda: Line(1)).get("/").json() != threading.get_ident()


class _Visit:
    """A request, as far as somebody waits for its answer."""

    def __init__(self) -> None:
        self.is_gone = False

    async def is_disconnected(self) -> bool:
        return self.is_gone


async def _all_at_once(line: Line, join: Callable[[], object], *visits: _Visit) -> list[Any]:
    call = run_in_one_thread(get_dependant(path="/", call=join), lambda: None, lambda: line).call
    assert call
    return await asyncio.gather(*(call(request_param_name=visit) for visit in visits))


def test_of_those_who_wait_in_line_only_so_many_are_served_at_once() -> None:
    served, most = 0, 0

    @in_line
    def join() -> None:
        nonlocal served, most
        served += 1
        most = max(most, served)
        time.sleep(0.01)
        served -= 1

    assert waits_in_line(join)
    asyncio.run(_all_at_once(Line(2), join, *(_Visit() for _ in range(20))))
    assert most == 2


def test_who_has_gone_when_the_turn_comes_is_not_served() -> None:
    visits = [_Visit() for _ in range(3)]
    served = itertools.count(1)

    def join() -> int:
        visits[1].is_gone = True
        return next(served)

    first, gone, last = asyncio.run(_all_at_once(Line(1), join, *visits))
    assert (first, last) == (1, 2)
    assert gone.status_code == 499


def test_galaxys_dependency_injection_is_asked(happened: list[tuple[str, int]]) -> None:
    def show(page: SimpleNamespace = depends(SimpleNamespace)) -> str:
        return _note(str(page.name))

    model = SimpleNamespace(set_request_id=lambda _: None, unset_request_id=lambda _: None)
    app = MagicMock(model=model, install_model=model)
    app.__getitem__.return_value = Services(SimpleNamespace(resolve=lambda wanted: wanted(name="given")))
    context = SimpleNamespace(data={"X-Request-ID": "1"})
    with patch("galaxy.app.app", app, create=True), patch("galaxy.webapps.galaxy.api.request_context", context):
        assert _client(show).get("/").json() == "given"


def test_what_routes_depend_on_is_made_once() -> None:
    made: list[type] = []

    def resolve(wanted: type) -> Any:
        made.append(wanted)
        return wanted()

    services = Services(SimpleNamespace(resolve=resolve))
    assert services.get(SimpleNamespace) is services.get(SimpleNamespace) is not services.get(MagicMock)
    assert made == [SimpleNamespace, MagicMock]
