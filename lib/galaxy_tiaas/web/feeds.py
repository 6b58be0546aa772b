"""Feeds: files for programs that have no account, and may send the ``feed_token`` of the settings instead."""

from collections.abc import (
    Callable,
    Coroutine,
)
from typing import Any

from fastapi import (
    Request,
    Response,
)

from ..compat.web import current_app
from ..core.actor import knows_feed_token
from ..core.config import TiaasConfig
from .request import admit

Handler = Callable[[Request], Coroutine[Any, Any, Response]]


def reading_feed_token(handler: Handler) -> Handler:
    """A handler that also understands the ``feed_token``, in the address or as ``Authorization: Bearer``.

    With an OpenID Connect provider Galaxy takes every bearer token for one of that provider, and answers 401 to all
    others before our code is asked. So ours is taken out of the request first.
    """

    async def feed_handler(request: Request) -> Response:
        # No dependency injection reaches here.
        config = current_app()[TiaasConfig]
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() == "bearer" and knows_feed_token(config, token):
            request.state.feed_token = token
            headers = [(name, value) for name, value in request.scope["headers"] if name != b"authorization"]
            request = Request({**request.scope, "headers": headers}, request.receive)
            admit(request)
        elif knows_feed_token(config, request.query_params.get("feed_token", "")):
            admit(request)
        return await handler(request)

    return feed_handler
