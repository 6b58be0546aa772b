"""Classes whose methods are operations or pages, as Galaxy's routers have them."""

from collections.abc import Callable
from typing import (
    Any,
    TypeVar,
)

from fastapi import APIRouter
from galaxy.webapps.galaxy.api.cbv import cbv
from starlette.routing import Route

T = TypeVar("T")


class ClassRoutes(APIRouter):
    """A router that builds the routes of a class when the class is complete.

    Galaxy's ``cbv`` lets FastAPI build each of them before that, too, which takes milliseconds and is thrown away.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        #: Path, method and options of the routes of the class that is being made.
        self._waiting: list[tuple[str, Callable[..., Any], dict[str, Any]]] = []

    def add_api_route(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        if _is_method(endpoint):
            self._waiting.append((path, endpoint, options))
        else:
            super().add_api_route(path, endpoint, **options)

    def has_route(self, path: str) -> bool:
        """Whether there is a route at exactly this path, if only in the class that is being made."""
        waits = any(waiting == path for waiting, *_ in self._waiting)
        return waits or any(isinstance(route, Route) and route.path == path for route in self.routes)

    @property
    def cbv(self) -> Callable[[type[T]], type[T]]:
        """Decorator for a class: its attributes are what its methods depend on."""

        def decorate(cls: type[T]) -> type[T]:
            waiting, self._waiting = self._waiting, []
            # Galaxy's looks at the endpoints only.
            methods = APIRouter(routes=[Route("/", endpoint) for _, endpoint, _ in waiting])
            cbv(methods)(cls)
            for path, endpoint, options in waiting:
                super(ClassRoutes, self).add_api_route(path, endpoint, **options)
            return cls

        return decorate


def _is_method(endpoint: Callable[..., Any]) -> bool:
    return "." in endpoint.__qualname__.rpartition("<locals>.")[2]
