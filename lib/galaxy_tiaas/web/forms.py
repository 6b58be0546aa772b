"""Reads the forms that browsers send: small, quick and quiet, and only those that one of our pages made."""

import asyncio
import hmac
import logging
import re
from collections.abc import (
    AsyncGenerator,
    AsyncIterator,
)
from typing import cast
from urllib.parse import parse_qsl

from fastapi import (
    Depends,
    Request,
)
from galaxy.webapps.galaxy.api import DependsOnTrans
from galaxy.work.context import SessionRequestContext
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import (
    FormData,
    Headers,
)
from starlette.exceptions import HTTPException
from starlette.formparsers import (
    MultiPartException,
    MultiPartParser,
)

from ..compat.session import (
    is_session_token,
    session_token,
)
from ..core.config import TiaasConfig
from ..core.exceptions import (
    ForgedRequest,
    TooLarge,
)
from .origin import (
    Source,
    source_of,
)
from .request import own_hosts

#: The field of a form that has Galaxy's session token.
TOKEN_FIELD = "session_csrf_token"
#: Bytes of a form. Our longest texts have a tenth of it.
LARGEST_FORM = 256 * 1024
#: Bytes of a form with a workflow's file; more than that file may have, so that the page with the form says so.
LARGEST_UPLOAD = 2 * 1024 * 1024
#: Bytes of a form that anybody may send: an identifier, or a link.
LARGEST_OPEN_FORM = 8 * 1024
MOST_FIELDS = 2000
_MOST_FIELDS_BESIDE_FILE = 50
#: The token as both kinds of forms have it after its name, and so many bytes in which it is.
_TOKEN = re.compile(rb'(?:=|"\r\n\r\n)([0-9a-f]{16,64})(?:[&\r]|\Z)')
_BYTES_OF_TOKEN = 80

# At level DEBUG, which Galaxy's log has by default, it writes four lines for each field.
logging.getLogger("python_multipart").setLevel(logging.INFO)


async def session_form(request: Request, trans: SessionRequestContext = DependsOnTrans) -> FormData:
    """A form that a page of ours made for the present session. :raises ForgedRequest: for any other."""
    form = await _read(request, trans, LARGEST_FORM, max_fields=MOST_FIELDS)
    ensure_own_form(request, trans, form)
    return form


async def session_form_with_file(
    request: Request, trans: SessionRequestContext = DependsOnTrans
) -> AsyncIterator[FormData]:
    """The same with one file."""
    most = LARGEST_UPLOAD if _is_multipart(request) else LARGEST_FORM
    form = await _read(request, trans, most, max_fields=_MOST_FIELDS_BESIDE_FILE, max_files=1)
    try:
        ensure_own_form(request, trans, form)
        yield form
    finally:
        await form.close()


async def long_form(request: Request, trans: SessionRequestContext = DependsOnTrans) -> FormData:
    """Unprotected: a form with long texts, of any session, to be shown again if that has ended.

    Before it changes anything, its page calls :func:`ensure_own_form`.
    """
    return await _read(request, trans, LARGEST_FORM, max_fields=MOST_FIELDS, any_session=True)


async def open_form(request: Request) -> FormData:
    """Unprotected: a small form for everybody, which changes nothing."""
    return await _parsed(request, await _body(request, LARGEST_OPEN_FORM), max_fields=_MOST_FIELDS_BESIDE_FILE)


async def no_form() -> None:
    """Unprotected: for an address that is a secret itself."""


def ensure_own_form(request: Request, trans: SessionRequestContext, form: FormData) -> None:
    """:raises ForgedRequest: if the form was not made for this session, or comes from another site."""
    if source_of(request.headers, own_hosts(request, trans.app[TiaasConfig], trans.app.config)) is not Source.OWN:
        raise ForgedRequest()
    token, given = session_token(trans), form.get(TOKEN_FIELD)
    if not token or not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        raise ForgedRequest()


async def _read(
    request: Request,
    trans: SessionRequestContext,
    most: int,
    *,
    max_fields: int,
    max_files: int = 0,
    any_session: bool = False,
) -> FormData:
    """The form, which is not looked into unless it may be one of ours: parsing costs much more than reading.

    :param any_session: whether it may have been made for a session that has ended.
    :raises TooLarge: at once if the form says so, or when more has come.
    :raises ForgedRequest: without the token of the session, in whatever field.
    """
    token = session_token(trans)
    if not token and not any_session:
        _ensure_small(request, most)
        raise ForgedRequest()
    body = await _body(request, most)
    if not (token and token.encode() in body) and not (any_session and _has_token_of_ours(trans, body)):
        raise ForgedRequest()
    return await _parsed(request, body, max_fields=max_fields, max_files=max_files)


def _has_token_of_ours(trans: SessionRequestContext, body: bytes) -> bool:
    """Whether this Galaxy has made the token in a form, for whatever session."""
    name = TOKEN_FIELD.encode()
    begin = body.find(name) + len(name)
    found = _TOKEN.match(body[begin : begin + _BYTES_OF_TOKEN])
    return found is not None and is_session_token(trans, found[1].decode())


def _ensure_small(request: Request, most: int) -> None:
    length = request.headers.get("content-length", "")
    if length.isdecimal() and int(length) > most:
        raise TooLarge(most)


async def _body(request: Request, most: int) -> bytes:
    """What was sent, of which no more than so many bytes are read, and nothing if it says that it has more."""
    _ensure_small(request, most)
    chunks, size = [], 0
    async for chunk in request.stream():
        size += len(chunk)
        if size > most:
            raise TooLarge(most)
        chunks.append(chunk)
    return b"".join(chunks)


async def _parsed(request: Request, body: bytes, *, max_fields: int, max_files: int = 0) -> FormData:
    """The fields, found outside the event loop, where everybody else would wait meanwhile.

    :raises HTTPException: for what is no form, or has too many fields or files.
    """
    if _is_multipart(request):
        return await run_in_threadpool(_multipart, request.headers, body, max_fields, max_files)
    return await run_in_threadpool(_urlencoded, body, max_fields)


def _is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


def _multipart(headers: Headers, body: bytes, max_fields: int, max_files: int) -> FormData:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield body

    parser = MultiPartParser(headers, chunks(), max_files=max_files, max_fields=max_fields)
    try:
        # Starlette's parser is asynchronous; this loop is its own, and this thread's.
        return asyncio.run(parser.parse())
    except MultiPartException as problem:
        raise HTTPException(400, problem.message) from problem


def _urlencoded(body: bytes, max_fields: int) -> FormData:
    """As Starlette reads it, whose limit of fields does not hold here."""
    text = body.decode("utf-8", errors="replace")
    try:
        fields = parse_qsl(text, keep_blank_values=True, max_num_fields=max_fields)
    except ValueError as problem:
        raise HTTPException(400, "too many fields") from problem
    return FormData([*fields])


DependsOnForm = cast(FormData, Depends(session_form))
DependsOnFormWithFile = cast(FormData, Depends(session_form_with_file))
DependsOnLongForm = cast(FormData, Depends(long_form))
DependsOnOpenForm = cast(FormData, Depends(open_form))
