"""How FastAPI and Galaxy make what an endpoint depends on: here, in one thread, that of the endpoint."""

import inspect
from collections.abc import Callable
from copy import copy
from dataclasses import replace
from functools import (
    cached_property,
    partial,
    wraps,
)
from typing import (
    Any,
    cast,
    NamedTuple,
    Optional,
    TypeVar,
)

from anyio import (
    CapacityLimiter,
    to_thread,
)
from fastapi import (
    Depends,
    Request,
    Response,
)
from fastapi.dependencies.models import Dependant
from fastapi.security.base import SecurityBase
from galaxy.webapps.galaxy.api import DependsOnApp
from pydantic import BaseModel

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_IN_LINE = "tiaas_in_line"
#: What nginx notes of such requests; nobody gets it.
_GONE = 499

#: What FastAPI notes of a node by the name of a parameter, besides its fields.
_REQUEST = "request_param_name"
_NAMED = (_REQUEST, "http_connection_param_name", "response_param_name", "background_tasks_param_name")
_FIELDS = ("path_params", "query_params", "header_params", "cookie_params", "body_params")


class Services:
    """What routes depend on, by type: made by Galaxy's dependency injection once in a process, not for each request.

    Nothing of it may keep anything of a request; a test looks at all of it.
    """

    def __init__(self, app: Any) -> None:
        self._app = app
        self._made: dict[type, Any] = {}

    def get(self, dependency: type[T]) -> T:
        """One of this type; several threads may make the first one at once, which is harmless."""
        if dependency not in self._made:
            self._made[dependency] = self._app.resolve(dependency)
        return cast(T, self._made[dependency])


def depends(dependency: type[T]) -> T:
    """As Galaxy's ``depends``: what its dependency injection has of this type; see :class:`Services`."""

    def resolve(app: Any = DependsOnApp) -> T:
        return cast(Services, app[Services]).get(dependency)

    return cast(T, Depends(resolve))


class Line:
    """Where requests that a whole class makes at once wait for their turn: in order, without thread or connection.

    Whoever has gone meanwhile, as with a page that is loaded again because it takes so long, is not served any more.
    """

    def __init__(self, places: int) -> None:
        """:param places: how many are served at once, by one process."""
        self._places = places

    @cached_property
    def _turns(self) -> CapacityLimiter:
        # Made in the event loop of the process that serves.
        return CapacityLimiter(self._places)

    @cached_property
    def _threads(self) -> CapacityLimiter:
        """Besides Galaxy's, so that nobody whose turn it is waits for a thread."""
        return CapacityLimiter(self._places)

    async def serve(self, request: Request, function: Callable[[], Any]) -> Any:
        """What a function returns that is run in a thread when it is the turn of a request."""
        async with self._turns:
            if await request.is_disconnected():
                return Response(status_code=_GONE)
            return await to_thread.run_sync(function, limiter=self._threads)


def in_line(endpoint: F) -> F:
    """Mark an endpoint that a whole class may ask for at once; see :class:`Line`."""
    setattr(endpoint, _IN_LINE, True)
    return endpoint


def waits_in_line(endpoint: Callable[..., Any]) -> bool:
    return getattr(endpoint, _IN_LINE, False)


def run_in_one_thread(
    dependant: Dependant,
    release: Callable[[], object],
    line: Optional[Callable[[], Line]] = None,
) -> Dependant:
    """An endpoint and what it depends on, to be run one after the other, in one thread.

    FastAPI has each of them wait for a thread by itself. Those that have read something hold a connection to the
    database meanwhile, and once such requests hold all connections, nobody gets on. And it looks at the request for
    each of them anew, which takes as long as all the rest that it does.

    Relies on ``Dependant`` of FastAPI: ``call`` is called with what is read of the request for the fields of all kinds,
    by their ``name``, and with what the ``call`` of each of the ``dependencies`` returned; those of the same
    ``cache_key`` are called once. A field is read by its alias, whatever its name.

    :param release: called at the end, in the thread.
    :param line: where requests wait for their turn; without one, they wait for a thread of Galaxy's.
    :returns: what FastAPI is to solve instead: what is asynchronous, and everything that is read of the request.
    :raises TypeError: for an endpoint or a dependency that cannot be run so.
    """
    if not _is_synchronous(dependant.call):
        raise TypeError(f"{dependant.call} does not run in a thread")
    plan = _Plan(dependant)

    def run_in_thread(values: dict[str, Any]) -> Any:
        try:
            return plan.run(values)
        finally:
            release()

    @wraps(cast(Callable[..., Any], dependant.call))
    async def run(**values: Any) -> Any:
        function = partial(run_in_thread, values)
        return await (line().serve(values[_REQUEST], function) if line else to_thread.run_sync(function))

    plan.solved.call = run
    plan.solved.request_param_name = _REQUEST
    return plan.solved


class _Call(NamedTuple):
    function: Callable[..., Any]
    #: Names of parameters and of their values.
    arguments: list[tuple[str, str]]
    #: The name of what is returned.
    value: str


class _Plan:
    """Calls of an endpoint and of what it depends on, in order, and what FastAPI is to solve for them before."""

    def __init__(self, dependant: Dependant) -> None:
        self.solved = Dependant(path=dependant.path, scope=dependant.scope)
        self._calls: list[_Call] = []
        self._values: dict[Any, str] = {}
        self._count = 0
        self._result = self._value(dependant)

    def run(self, values: dict[str, Any]) -> Any:
        """What the endpoint returns."""
        for function, arguments, value in self._calls:
            values[value] = function(**{name: values[given] for name, given in arguments})
        return values[self._result]

    def _value(self, node: Dependant) -> str:
        """:returns: the name of the value of a node, whose call is planned if that has not been done yet."""
        if node.use_cache and node.cache_key in self._values:
            return self._values[node.cache_key]
        function = node.call
        if isinstance(function, SecurityBase):
            function = _without_waiting(function)
        if function is not None and _is_synchronous(function):
            arguments = self._arguments(node)
            value = self._new_name()
            self._calls.append(_Call(function, arguments, value))
        else:
            _ensure_asynchronous(node)
            value = self._new_name()
            self.solved.dependencies.append(replace(node, name=value))
        self._values[node.cache_key] = value
        return value

    def _arguments(self, node: Dependant) -> list[tuple[str, str]]:
        # Those without a name belong to the route, and no endpoint asks for their values.
        made = [(each.name, self._value(each)) for each in node.dependencies]
        arguments = [(name, value) for name, value in made if name]
        for kind in _FIELDS:
            for field in getattr(node, kind):
                arguments.append((field.name, self._lift(kind, field)))
        for kind in _NAMED:
            if name := getattr(node, kind):
                setattr(self.solved, kind, kind)
                arguments.append((name, kind))
        return arguments

    def _lift(self, kind: str, field: Any) -> str:
        """Have FastAPI read a field under a name of its own."""
        fields: list[Any] = getattr(self.solved, kind)
        is_body = kind == "body_params"
        annotation = field.field_info.annotation
        if is_body and fields or not is_body and inspect.isclass(annotation) and issubclass(annotation, BaseModel):
            # FastAPI reads these in another way if there is more than one.
            raise TypeError(f"{field.name} cannot be read beside others")
        lifted = copy(field)
        lifted.name = self._new_name()
        fields.append(lifted)
        return cast(str, lifted.name)

    def _new_name(self) -> str:
        self._count += 1
        return f"value_{self._count}"


def _ensure_asynchronous(node: Dependant) -> None:
    for each in node.dependencies:
        if _is_synchronous(each.call):
            raise TypeError(f"{node.call} does not run in a thread, but depends on what does")
        _ensure_asynchronous(each)


def _without_waiting(scheme: Any) -> Callable[..., Any]:
    """FastAPI's schemes of keys are coroutine functions, which look at the request and wait for nothing."""

    def look(**values: Any) -> Any:
        try:
            scheme(**values).send(None)
        except StopIteration as found:
            return found.value
        raise TypeError(f"{scheme} waits for something")

    return look


def _is_synchronous(call: Any) -> bool:
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
    functions = (call,) if inspect.isclass(call) else (call, getattr(call, "__call__", None))  # noqa: B004
    return not any(is_kind(function) for function in functions for is_kind in kinds)
