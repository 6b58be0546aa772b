"""What all operations share: their errors look like Galaxy's, their answers are for one person, none can be forged."""

import logging
from collections.abc import (
    Callable,
    Coroutine,
)
from datetime import datetime
from typing import Any

from fastapi import (
    Depends,
    Request,
    Response,
)
from galaxy.exceptions import (
    InternalServerError,
    RequestParameterInvalidException,
)
from galaxy.webapps.galaxy.api import Router
from sqlalchemy.exc import SQLAlchemyError
from starlette.exceptions import HTTPException

from ..compat.web import (
    error_response,
    ERROR_RESPONSES,
)
from ..core.actor import Actor
from ..core.exceptions import (
    database_is_away,
    DatabaseAway,
    describe_for_log,
)
from .class_routes import ClassRoutes
from .request import (
    DependsOnActor,
    DependsOnNow,
    ensure_not_forged,
    ensure_readable,
    slow_down,
)
from .security import ProtectedRoute

log = logging.getLogger(__name__)


class ApiRoute(ProtectedRoute):
    """A route that also says in Galaxy's way what Galaxy leaves to the web server.

    That is a body that is no JSON, and an error of the database: Galaxy would write the values of the query that
    failed into its log.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def api_handler(request: Request) -> Response:
            try:
                ensure_readable(request)
                return await handler(request)
            except HTTPException as problem:
                if problem.status_code != 400:
                    raise
                raise RequestParameterInvalidException("What was sent cannot be read as JSON.") from None
            except SQLAlchemyError as problem:
                away = database_is_away(problem)
                log.error("galaxy-tiaas: %s %s: %s", request.method, request.scope["path"], describe_for_log(problem))
                response = error_response(request, DatabaseAway() if away else InternalServerError())
                if away:
                    response.headers["retry-after"] = str(DatabaseAway.retry_after)
                return response
            finally:
                await slow_down(request)

        return api_handler


class ApiController:
    """What every operation knows of its request: who asks, and when. Its classes of operations derive from this."""

    actor: Actor = DependsOnActor
    now: datetime = DependsOnNow


class ApiRouter(ClassRoutes, Router):
    """Registers operations whose changes no page of another site can cause."""

    def __init__(self, route_class: type[ApiRoute] = ApiRoute) -> None:
        super().__init__(
            route_class=route_class,
            tags=["trainings"],
            dependencies=[Depends(ensure_not_forged)],
            responses=ERROR_RESPONSES,
        )
