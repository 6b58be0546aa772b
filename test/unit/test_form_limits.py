"""Forms are read before anything is known of who sent them."""

import asyncio
import logging
import time
from collections.abc import (
    AsyncIterator,
    Iterable,
)
from typing import Any

import pytest
from fastapi import Request
from galaxy_tiaas.exceptions import TooLarge
from galaxy_tiaas.web import forms
from starlette.datastructures import (
    FormData,
    UploadFile,
)
from starlette.exceptions import HTTPException

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=edge"


def _request(
    *chunks: bytes, length: "int | None" = None, content_type: str = _URLENCODED
) -> "tuple[Request, list[bytes]]":
    """A request, and what is left of it unread."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    headers = [(b"content-type", content_type.encode())]
    headers += [(b"content-length", str(length).encode())] if length is not None else []
    # In an application, Starlette says with an `HTTPException` what is wrong with a form.
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "app": None}
    return Request(scope, receive), left


def _read(request: Request, *, with_file: bool = False) -> FormData:
    async def read() -> FormData:
        if not with_file:
            return await forms._form(request)
        reading: AsyncIterator[FormData] = forms._form_with_file(request)
        return await reading.__anext__()

    return asyncio.run(read())


def _part(name: str, value: bytes, filename: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    return f'--edge\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + value + b"\r\n"


def test_a_form_is_read_as_browsers_send_it() -> None:
    request, _ = _request(b"title=Tea%20leaves+", b"%C3%A9&location=GB&location=FR&empty=")
    assert _read(request).multi_items() == [
        ("title", "Tea leaves é"),
        ("location", "GB"),
        ("location", "FR"),
        ("empty", ""),
    ]


def test_a_form_with_a_file_is_read() -> None:
    body = _part("change", b"file") + _part("file", b"{}", "qc.ga") + b"--edge--\r\n"
    form = _read(_request(body, content_type=_MULTIPART)[0], with_file=True)
    file = form["file"]
    assert isinstance(file, UploadFile)
    assert (form["change"], file.filename) == ("file", "qc.ga")


@pytest.mark.parametrize(
    "with_file, content_type, most",
    [
        (False, _URLENCODED, forms.LARGEST_FORM),
        (False, _MULTIPART, forms.LARGEST_FORM),
        (True, _URLENCODED, forms.LARGEST_FORM),
        (True, _MULTIPART, forms.LARGEST_UPLOAD),
    ],
)
def test_nothing_is_read_of_what_says_that_it_is_too_large(with_file: bool, content_type: str, most: int) -> None:
    request, left = _request(b"a=1", b"&b=2", length=most + 1, content_type=content_type)
    with pytest.raises(TooLarge, match=f"at most {most // 1024} kB"):
        _read(request, with_file=with_file)
    assert left == [b"a=1", b"&b=2"]


def test_what_does_not_say_how_large_it_is_is_read_up_to_the_limit() -> None:
    request, left = _request(*[b"a" * 1024] * 300)
    with pytest.raises(TooLarge):
        _read(request)
    assert len(left) == 300 - 256 - 1


def _fields(count: int, content_type: str) -> Iterable[bytes]:
    if content_type == _URLENCODED:
        return [b"a=1&" * count]
    return [_part("a", b"1") * count, b"--edge--\r\n"]


@pytest.mark.parametrize("content_type, count", [(_URLENCODED, 65_000), (_MULTIPART, 2_500)])
@pytest.mark.parametrize("with_file", [False, True])
def test_too_many_fields_cost_neither_time_nor_a_line_in_the_log(
    content_type: str, count: int, with_file: bool, caplog: pytest.LogCaptureFixture
) -> None:
    """50,000 fields took five seconds of the event loop and 25 MB of Galaxy's log."""
    request, _ = _request(*_fields(count, content_type), content_type=content_type)
    start = time.process_time()
    with caplog.at_level(logging.DEBUG), pytest.raises(HTTPException):
        _read(request, with_file=with_file)
    assert time.process_time() - start < 1
    assert [record for record in caplog.records if "multipart" in record.name] == []


def test_an_ordinary_form_writes_no_line_in_the_log(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        _read(_request(_part("a", b"1"), b"--edge--\r\n", content_type=_MULTIPART)[0])
        _read(_request(b"a=1")[0])
    assert [record for record in caplog.records if "multipart" in record.name] == []
