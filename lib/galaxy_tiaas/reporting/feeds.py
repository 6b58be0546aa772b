"""Answers for programs that have no Galaxy account."""

from collections.abc import (
    Callable,
    Coroutine,
)
from typing import (
    Any,
    cast,
)

from fastapi import (
    Depends,
    Query,
    Request,
    Response,
)

from ..compat.web import current_app
from ..core.actor import knows_feed_token
from ..core.config import TiaasConfig
from ..web.api import ApiRoute


class FeedRoute(ApiRoute):
    """A route that also understands ``Authorization: Bearer`` and the ``feed_token`` of the settings.

    With an OpenID Connect provider Galaxy takes every bearer token for one of that provider, and answers 401 to all
    others before our code is asked. So ours is taken out of the request first.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        handler = super().get_route_handler()

        async def feed_handler(request: Request) -> Response:
            scheme, _, token = request.headers.get("authorization", "").partition(" ")
            if scheme.lower() == "bearer" and knows_feed_token(_config(), token):
                request.state.feed_token = token
                headers = [(name, value) for name, value in request.scope["headers"] if name != b"authorization"]
                request = Request({**request.scope, "headers": headers}, request.receive)
            return await handler(request)

        return feed_handler


def _config() -> TiaasConfig:
    """The settings where no dependency injection reaches."""
    return current_app()[TiaasConfig]


def _feed_token(
    request: Request,
    feed_token: str = Query(
        "", description="The `feed_token` of the settings; better sent as `Authorization: Bearer …`, which no log has."
    ),
) -> str:
    return feed_token or getattr(request.state, "feed_token", "")


#: What a program sent to be let in without an account; empty if nothing.
DependsOnFeedToken = cast(str, Depends(_feed_token))
