"""Reads the forms that browsers send, before anything is known of who sent them: small, quick and quiet."""

import logging
from collections.abc import AsyncIterator
from typing import cast
from urllib.parse import parse_qsl

from fastapi import (
    Depends,
    Request,
)
from starlette.datastructures import FormData
from starlette.exceptions import HTTPException
from starlette.types import Message

from ..exceptions import TooLarge

#: Bytes of a form. Our longest texts have a tenth of it.
LARGEST_FORM = 256 * 1024
#: Bytes of a form with a workflow's file; more than that file may have, so that the page with the form says so.
LARGEST_UPLOAD = 2 * 1024 * 1024
MOST_FIELDS = 2000
_MOST_FIELDS_BESIDE_FILE = 50

# At level DEBUG, which Galaxy's log has by default, it writes four lines for each field.
logging.getLogger("python_multipart").setLevel(logging.INFO)


async def _form(request: Request) -> FormData:
    if _is_multipart(request):
        return await _limited(request, LARGEST_FORM).form(max_files=0, max_fields=MOST_FIELDS)
    return await _urlencoded(request)


async def _form_with_file(request: Request) -> AsyncIterator[FormData]:
    if _is_multipart(request):
        limited = _limited(request, LARGEST_UPLOAD)
        async with limited.form(max_files=1, max_fields=_MOST_FIELDS_BESIDE_FILE) as form:
            yield form
    else:
        yield await _urlencoded(request)


def _is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


async def _urlencoded(request: Request) -> FormData:
    """As Starlette reads it, whose limit of fields does not hold here.

    :raises HTTPException: for more than `MOST_FIELDS`.
    """
    body = await _limited(request, LARGEST_FORM).body()
    text = body.decode("utf-8", errors="replace")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=MOST_FIELDS)
    except ValueError as problem:
        raise HTTPException(400, "too many fields") from problem
    return FormData([*fields])


def _limited(request: Request, most: int) -> Request:
    """The request, of which no more than so many bytes are read, and nothing if it says that it has more.

    :raises TooLarge: at once, or when more have come.
    """
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise TooLarge(most)
    left, receive = most, request.receive

    async def receive_no_more() -> Message:
        nonlocal left
        message = await receive()
        left -= len(message.get("body", b""))
        if left < 0:
            raise TooLarge(most)
        return message

    return Request(request.scope, receive_no_more)


DependsOnForm = cast(FormData, Depends(_form))
#: The same for a form with one file.
DependsOnFormWithFile = cast(FormData, Depends(_form_with_file))
