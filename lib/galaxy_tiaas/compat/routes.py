"""How FastAPI builds routes, and Starlette finds one: ours are built when they are first needed, and found quickly."""

from collections.abc import (
    Callable,
    Iterable,
    Sequence,
)
from contextlib import suppress
from functools import cached_property
from threading import RLock
from typing import (
    Any,
    Optional,
)

from fastapi.routing import APIRoute
from starlette.convertors import PathConvertor
from starlette.datastructures import URLPath
from starlette.routing import (
    BaseRoute,
    compile_path,
    get_name,
    Match,
    NoMatchFound,
)
from starlette.types import (
    Receive,
    Scope,
    Send,
)

#: Where the route is noted that answers a request.
_FOUND = "tiaas_route"

#: How many slashes a path has, and its last part before any slash at its end, or ``None`` for a parameter.
_Ending = tuple[int, Optional[str]]

#: Of one thread, since FastAPI may ask a route that it builds for what it has not got yet.
_building = RLock()


class LazyRoute(APIRoute):
    """A route that has what it takes to match an address and to be named; FastAPI builds the rest when it is needed.

    That takes milliseconds for each, and hundreds of them would delay each start of Galaxy.

    Relies on ``APIRoute.__init__`` doing nothing but set attributes, and on those below being set as here.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self.path = path
        self.endpoint = endpoint
        self.name = options.get("name") or get_name(endpoint)
        self.methods = {method.upper() for method in options.get("methods") or ["GET"]}
        self.include_in_schema = options.get("include_in_schema", True)
        self.path_regex, self.path_format, self.param_convertors = compile_path(path)
        self._options = options

    def __getattr__(self, name: str) -> Any:
        self.build()
        try:
            return vars(self)[name]
        except KeyError:
            raise AttributeError(f"{type(self).__name__} has no attribute {name}") from None

    def build(self) -> None:
        """Build what is missing, once. No thread sees half of it."""
        with _building:
            if "_options" in vars(self):
                built = type(self).__new__(type(self))
                super(LazyRoute, built).__init__(self.path, self.endpoint, **self._options)
                vars(self).update(vars(built))
                del self._options


class RoutesBelow(BaseRoute):
    """Our routes below a path. What is asked for there is not compared with Galaxy's hundreds of routes before, which
    takes as long as to answer it; and what is asked for elsewhere with this path only.

    Of ours, only those are compared whose paths end like the one that is asked for.
    """

    def __init__(self, path: str, routes: Sequence[BaseRoute]) -> None:
        self.path = path
        self.routes = routes
        endings = [_ending_of(route) for route in routes]
        parameters = {(ending[0], None) for ending in endings if ending}
        #: The routes that may match a path, by its ending; those of ``None`` may match all others.
        self._by_ending: dict[Optional[_Ending], list[BaseRoute]] = {
            wanted: [
                route
                for route, ending in zip(routes, endings, strict=True)
                if ending in (None, wanted) or wanted and ending == (wanted[0], None)
            ]
            for wanted in {None, *endings, *parameters}
        }

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        best: tuple[Match, Scope] = (Match.NONE, {})
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        if path.startswith(self.path):
            for route in self._candidates(path):
                match, found = route.matches(scope)
                if match.value > best[0].value:
                    best = (match, {**found, _FOUND: route})
                if match is Match.FULL:
                    break
        return best

    def _candidates(self, path: str) -> list[BaseRoute]:
        slashes, last = _ending(path)
        for ending in ((slashes, last), (slashes, None)):
            if ending in self._by_ending:
                return self._by_ending[ending]
        return self._by_ending[None]

    @cached_property
    def _by_name(self) -> dict[str, list[BaseRoute]]:
        return routes_by_name(self.routes)

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope[_FOUND].handle(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: Any) -> URLPath:
        for route in self._by_name.get(name, ()):
            with suppress(NoMatchFound):
                return route.url_path_for(name, **path_params)
        raise NoMatchFound(name, path_params)


def routes_by_name(routes: Iterable[BaseRoute]) -> dict[str, list[BaseRoute]]:
    named: dict[str, list[BaseRoute]] = {}
    for route in routes:
        if name := getattr(route, "name", None):
            named.setdefault(name, []).append(route)
    return named


def _ending(path: str) -> tuple[int, str]:
    return path.count("/"), path.rstrip("/").rpartition("/")[2]


def _ending_of(route: BaseRoute) -> Optional[_Ending]:
    """How all paths end that a route matches; ``None`` for all kinds of paths, such as those of files.

    Relies on no other parameter than one of Starlette's ``PathConvertor`` matching a slash, or nothing.
    """
    path, convertors = getattr(route, "path", None), getattr(route, "param_convertors", {})
    if path is None or any(isinstance(each, PathConvertor) for each in convertors.values()):
        return None
    slashes, last = _ending(path)
    return slashes, None if "{" in last else last
