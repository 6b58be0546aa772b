"""Reads the forms that browsers send: small, quick and quiet, and only those that one of our pages made."""

import asyncio
import hmac
import logging
import re
from collections.abc import (
    AsyncGenerator,
    Collection,
)
from typing import (
    Any,
    cast,
)
from urllib.parse import parse_qsl

from fastapi import (
    Depends,
    Request,
)
from galaxy.security.idencoding import IdEncodingHelper
from galaxy.webapps.galaxy.api import DependsOnApp
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
    Caller,
    DependsOnCaller,
    is_session_token,
    SESSION_COOKIE,
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


async def _form_body(request: Request) -> bytes:
    return await _body(request, LARGEST_FORM)


async def _session_form_body(request: Request) -> bytes:
    return await _body_within_session(request, LARGEST_FORM)


async def _session_form_body_with_file(request: Request) -> bytes:
    return await _body_within_session(request, LARGEST_UPLOAD if _is_multipart(request) else LARGEST_FORM)


async def _open_form_body(request: Request) -> bytes:
    return await _body(request, LARGEST_OPEN_FORM)


def session_form(
    request: Request,
    caller: Caller = DependsOnCaller,
    app: Any = DependsOnApp,
    body: bytes = Depends(_session_form_body),
) -> FormData:
    """A form that a page of ours made for the present session. :raises ForgedRequest: for any other."""
    return _own_form(request, caller, app, body, max_fields=MOST_FIELDS)


def session_form_with_file(
    request: Request,
    caller: Caller = DependsOnCaller,
    app: Any = DependsOnApp,
    body: bytes = Depends(_session_form_body_with_file),
) -> FormData:
    """The same with one file."""
    return _own_form(request, caller, app, body, max_fields=_MOST_FIELDS_BESIDE_FILE, max_files=1)


def long_form(
    request: Request, caller: Caller = DependsOnCaller, app: Any = DependsOnApp, body: bytes = Depends(_form_body)
) -> FormData:
    """Unprotected: a form with long texts, of any session, to be shown again if that has ended.

    Before it changes anything, its page calls :func:`ensure_own_form`.
    """
    if not (_has_token(caller, body) or _has_token_of_ours(app.security, body)):
        raise ForgedRequest()
    return _parsed(request, body, max_fields=MOST_FIELDS)


def open_form(request: Request, body: bytes = Depends(_open_form_body)) -> FormData:
    """Unprotected: a small form for everybody, which changes nothing."""
    return _parsed(request, body, max_fields=_MOST_FIELDS_BESIDE_FILE)


async def no_form() -> None:
    """Unprotected: for an address that is a secret itself."""


def ensure_own_form(request: Request, token: str, hosts: Collection[str], form: FormData) -> None:
    """:raises ForgedRequest: if the form was not made for the session of this token, or comes from another site."""
    if source_of(request.headers, hosts) is not Source.OWN:
        raise ForgedRequest()
    given = form.get(TOKEN_FIELD)
    if not token or not isinstance(given, str) or not hmac.compare_digest(given.encode(), token.encode()):
        raise ForgedRequest()


def _own_form(
    request: Request, caller: Caller, app: Any, body: bytes, *, max_fields: int, max_files: int = 0
) -> FormData:
    """The form, which is not looked into unless it may be one of ours: parsing costs much more than reading.

    :raises ForgedRequest: without the token of the session, in whatever field, and as :func:`ensure_own_form`.
    """
    if not _has_token(caller, body):
        raise ForgedRequest()
    form = _parsed(request, body, max_fields=max_fields, max_files=max_files)
    ensure_own_form(request, caller.token, own_hosts(request, app[TiaasConfig], app.config), form)
    return form


def _has_token(caller: Caller, body: bytes) -> bool:
    return bool(caller.token) and caller.token.encode() in body


def _has_token_of_ours(security: IdEncodingHelper, body: bytes) -> bool:
    """Whether this Galaxy has made the token in a form, for whatever session."""
    name = TOKEN_FIELD.encode()
    begin = body.find(name) + len(name)
    found = _TOKEN.match(body[begin : begin + _BYTES_OF_TOKEN])
    return found is not None and is_session_token(security, found[1].decode())


async def _body_within_session(request: Request, most: int) -> bytes:
    """Whoever has no session cannot have a form of ours: of theirs, nothing is read.

    :raises TooLarge: at once if the form says so, or when more has come. :raises ForgedRequest: without a session.
    """
    if SESSION_COOKIE not in request.cookies:
        _ensure_small(request, most)
        raise ForgedRequest()
    return await _body(request, most)


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


def _parsed(request: Request, body: bytes, *, max_fields: int, max_files: int = 0) -> FormData:
    """The fields. Not for the event loop, where everybody else would wait meanwhile.

    :raises HTTPException: for what is no form, or has too many fields or files.
    """
    if _is_multipart(request):
        return _multipart(request.headers, body, max_fields, max_files)
    return _urlencoded(body, max_fields)


def _is_multipart(request: Request) -> bool:
    return request.headers.get("content-type", "").lower().startswith("multipart/form-data")


class _Parser(MultiPartParser):
    """Starlette's, which keeps a file in memory, where it is already."""

    max_file_size = spool_max_size = LARGEST_UPLOAD


def _multipart(headers: Headers, body: bytes, max_fields: int, max_files: int) -> FormData:
    async def chunks() -> AsyncGenerator[bytes, None]:
        yield body

    parser = _Parser(headers, chunks(), max_files=max_files, max_fields=max_fields)
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
