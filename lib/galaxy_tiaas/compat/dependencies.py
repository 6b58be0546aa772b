"""How FastAPI and Galaxy make what an endpoint depends on: here, in one thread, that of the endpoint."""

import inspect
from collections.abc import (
    Callable,
    Mapping,
)
from functools import (
    cache,
    partial,
    wraps,
)
from typing import (
    Any,
    cast,
    Optional,
    TypeVar,
)

from anyio import (
    CapacityLimiter,
    to_thread,
)
from fastapi import Depends
from galaxy.webapps.galaxy.api import DependsOnApp

T = TypeVar("T")
F = TypeVar("F", bound=Callable[..., Any])

_IN_LINE = "tiaas_in_line"

#: Dependencies of a route, whose values no endpoint asks for, are called so.
_NAMELESS = "tiaas_nameless_"


def depends(dependency: type[T]) -> T:
    """As Galaxy's ``depends``: what its dependency injection has of this type."""

    def resolve(app: Any = DependsOnApp) -> T:
        return cast(T, app.resolve(dependency))

    return cast(T, Depends(resolve))


class Line:
    """Where requests that a whole class makes at once wait for their turn: in order, without thread or connection."""

    def __init__(self, places: int) -> None:
        """:param places: how many are served at once, by one process."""
        self._places = places
        self._limiter: Optional[CapacityLimiter] = None

    def limiter(self) -> CapacityLimiter:
        """For the event loop of this process."""
        if self._limiter is None:
            self._limiter = CapacityLimiter(self._places)
        return self._limiter


def in_line(endpoint: F) -> F:
    """Mark an endpoint that a whole class may ask for at once; see :class:`Line`."""
    setattr(endpoint, _IN_LINE, True)
    return endpoint


def waits_in_line(endpoint: Callable[..., Any]) -> bool:
    return getattr(endpoint, _IN_LINE, False)


def run_in_one_thread(
    dependant: Any,
    release: Callable[[], object],
    limiter: Callable[[], Optional[CapacityLimiter]] = lambda: None,
) -> None:
    """Have an endpoint and what it depends on run one after the other, in one thread.

    FastAPI has each of them wait for a thread by itself. Those that have read something hold a connection to the
    database meanwhile, and once such requests hold all connections, nobody gets on.

    Relies on ``fastapi.dependencies.models.Dependant``: FastAPI calls ``call`` with what the ``call`` of each of the
    ``dependencies`` returned, by ``name``; coroutine functions without a thread.

    :param dependant: of a route that has no handler yet.
    :param release: called at the end, in the thread.
    :param limiter: how many threads may run endpoints of this kind at once; without one, Galaxy's threads do.
    :raises TypeError: for an endpoint or a dependency that cannot be run so.
    """
    call = dependant.call
    if not _is_synchronous(call):
        raise TypeError(f"{call} does not run in a thread")
    for number, dependency in enumerate(dependant.dependencies):
        dependency.name = dependency.name or f"{_NAMELESS}{number}"
        _defer(dependency)

    def run_in_thread(values: dict[str, Any]) -> Any:
        try:
            made = _make(values)
            return call(**{name: value for name, value in made.items() if not name.startswith(_NAMELESS)})
        finally:
            release()

    @wraps(call)
    async def run(**values: Any) -> Any:
        return await to_thread.run_sync(partial(run_in_thread, values), limiter=limiter())

    dependant.call = run


class _Deferred:
    """A value that is made when it is first asked for."""

    def __init__(self, call: Callable[..., Any], values: Mapping[str, Any]):
        self._make = lambda: call(**_make(values))

    def get(self) -> Any:
        value = self._make()
        self._make = lambda: value
        return value


def _make(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value.get() if isinstance(value, _Deferred) else value for name, value in values.items()}


def _defer(dependant: Any) -> bool:
    """:returns: whether its value is made in the thread."""
    deferred = [dependency.call for dependency in dependant.dependencies if _defer(dependency)]
    if _is_synchronous(dependant.call):
        dependant.call = _deferring(dependant.call)
        return True
    if deferred:
        raise TypeError(f"{dependant.call} does not run in a thread, but depends on what does")
    return False


@cache
def _deferring(call: Callable[..., Any]) -> Callable[..., Any]:
    """Always the same for the same function: by that, FastAPI knows that a request has its value already."""

    @wraps(call)
    async def defer(**values: Any) -> _Deferred:
        return _Deferred(call, values)

    return defer


def _is_synchronous(call: Any) -> bool:
    kinds = (inspect.iscoroutinefunction, inspect.isasyncgenfunction, inspect.isgeneratorfunction)
    functions = (call,) if inspect.isclass(call) else (call, getattr(call, "__call__", None))  # noqa: B004
    return not any(is_kind(function) for function in functions for is_kind in kinds)
