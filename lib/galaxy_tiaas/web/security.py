"""What answers tell browsers to do, and not to do, with them."""

from collections.abc import (
    Callable,
    Coroutine,
    Mapping,
)
from typing import (
    Any,
    cast,
)

from fastapi import (
    Request,
    Response,
)
from starlette.datastructures import MutableHeaders
from starlette.types import (
    Message,
    Receive,
    Scope,
    Send,
)

from ..compat.dependencies import (
    Line,
    run_in_one_thread,
    waits_in_line,
)
from ..compat.routes import LazyRoute
from ..compat.session import SESSION_COOKIE
from ..compat.web import (
    current_app,
    release_connection,
)
from ..core.config import TiaasConfig

#: Nobody keeps the answer, not even the browser: it may hold names, and the next person may sit at the same screen.
NO_STORE = "private, no-store"
#: A browser keeps the answer and asks before it shows it again; nobody in between keeps it.
NO_CACHE = "private, no-cache"

#: Of an empty style element. FullCalendar fills one by script, which needs no permission.
_NOTHING = "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
_POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": f"'self' {_NOTHING}",
    "img-src": "'self' data:",
    "font-src": "'self' data:",
    "connect-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'self'",
}


def policy(*, embeddable: bool = False) -> str:
    """The Content Security Policy of a page: nothing inline, nothing from elsewhere.

    :param embeddable: whether any site may show the page in a frame, rather than this Galaxy only. It overrides the
        ``X-Frame-Options`` of Galaxy.
    """
    directives = {**_POLICY, "frame-ancestors": "*"} if embeddable else _POLICY
    return "; ".join(f"{name} {sources}" for name, sources in directives.items())


class ProtectedRoute(LazyRoute):
    """A route whose answers, errors too, are read as what they are and kept by nobody else.

    Headers that an answer has already stay. All that it does is done in one thread.
    """

    #: Besides the headers of all answers.
    extra_headers: Mapping[str, str] = {}

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        line = _line if waits_in_line(self.endpoint) else None
        described = self.dependant
        self.dependant = run_in_one_thread(described, release_connection, line)
        handler = super().get_route_handler()
        # The schema is made of what it was before.
        self.dependant = described
        return handler

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        shared = {
            "cache-control": NO_STORE if is_personal(Request(scope)) else NO_CACHE,
            "x-content-type-options": "nosniff",
            "referrer-policy": "same-origin",
            **self.extra_headers,
        }

        async def send_protected(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in shared.items():
                    headers.setdefault(name, value)
            await send(message)

        await super().handle(scope, receive, send_protected)


def _line() -> Line:
    """Of this process; no dependency injection reaches here."""
    return cast(Line, current_app()[Line])


def is_personal(request: Request) -> bool:
    """Whether the answer may hold names, or anything else that is for one person.

    Visitors see names only where the settings show them to everybody.
    """
    headers = request.headers
    if SESSION_COOKIE in request.cookies or "x-api-key" in headers or "authorization" in headers:
        return True
    return "key" in request.query_params or _names_are_public()


def _names_are_public() -> bool:
    app = current_app()
    return app is not None and app[TiaasConfig].expose_username
