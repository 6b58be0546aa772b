"""Answers that need not be sent again when nothing has changed."""

import hashlib
from typing import Protocol

from fastapi import (
    Request,
    Response,
)

from ..core.cache import ReadyResponse


class Tagged(Protocol):
    """What has an entity tag."""

    @property
    def etag(self) -> str: ...


class Answer(Tagged, Protocol):
    """What can be sent as it is."""

    @property
    def content(self) -> bytes: ...

    @property
    def media_type(self) -> str: ...


def unchanged(request: Request, tagged: Tagged) -> bool:
    """Whether the client has this already (``If-None-Match``, RFC 9110, 13.1.2; weak comparison)."""
    known = [tag.strip().removeprefix("W/") for tag in request.headers.get("if-none-match", "").split(",")]
    return "*" in known or tagged.etag.removeprefix("W/") in known


def combined(*tags: str) -> str:
    """The weak entity tag of what consists of several parts."""
    return f'W/"{hashlib.sha256(chr(10).join(tags).encode()).hexdigest()[:32]}"'


def headers(tagged: Tagged) -> dict[str, str]:
    return {"etag": tagged.etag}


def not_modified(tagged: Tagged) -> Response:
    return Response(status_code=304, headers=headers(tagged))


def tagged_page(request: Request, page: Response) -> Response:
    """The page, unless the client has it already. One that sets or deletes a cookie is always sent."""
    ready = ReadyResponse(bytes(page.body), page.media_type or "")
    if "set-cookie" not in page.headers and unchanged(request, ready):
        return not_modified(ready)
    page.headers.update(headers(ready))
    return page


def answer(request: Request, ready: Answer) -> Response:
    """The answer, unless the client has it already."""
    if unchanged(request, ready):
        return not_modified(ready)
    return Response(ready.content, media_type=ready.media_type, headers=headers(ready))
