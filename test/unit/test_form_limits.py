"""What is sent to a page is looked into only if one of our pages made it, and then in no time."""

import asyncio
import inspect
import logging
import time
from collections.abc import (
    Callable,
    Iterable,
)
from types import SimpleNamespace
from typing import Any

import pytest
from fastapi import Request
from galaxy.security.idencoding import IdEncodingHelper
from galaxy_tiaas.compat.session import Caller
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.core.exceptions import (
    ForgedRequest,
    TooLarge,
)
from galaxy_tiaas.web import forms
from starlette.datastructures import (
    FormData,
    UploadFile,
)
from starlette.exceptions import HTTPException

_URLENCODED = "application/x-www-form-urlencoded"
_MULTIPART = "multipart/form-data; boundary=edge"


def _request(
    *chunks: bytes, length: "int | None" = None, content_type: str = _URLENCODED, cookie: str = "galaxysession=1"
) -> "tuple[Request, list[bytes]]":
    """A request, and what is left of it unread."""
    left = list(chunks)

    async def receive() -> dict[str, Any]:
        body = left.pop(0) if left else b""
        return {"type": "http.request", "body": body, "more_body": bool(left)}

    headers = [(b"content-type", content_type.encode()), (b"cookie", cookie.encode())]
    headers += [(b"content-length", str(length).encode())] if length is not None else []
    # In an application, Starlette says with an `HTTPException` what is wrong with a form.
    scope = {"type": "http", "method": "POST", "path": "/", "headers": headers, "app": None}
    return Request(scope, receive), left


SECURITY = IdEncodingHelper(id_secret="a secret for tests")
TOKEN = SECURITY.encode_id(17, kind="csrf")
ENDED = SECURITY.encode_id(16, kind="csrf")
_FIELD = f"session_csrf_token={TOKEN}&".encode()


class _App(dict[type, Any]):
    """What Galaxy's application is to a form: the settings of both."""

    config = SimpleNamespace(galaxy_infrastructure_url_set=False)
    security = SECURITY


_APP: Any = _App({TiaasConfig: TiaasConfig()})
_CALLER, _NOBODY = Caller(session_id=17, token=TOKEN), Caller()


def _read(request: Request, *, with_file: bool = False, caller: Caller = _CALLER) -> FormData:
    if with_file:
        body = asyncio.run(forms._session_form_body_with_file(request))
        return forms.session_form_with_file(request, caller, _APP, body)
    return forms.session_form(request, caller, _APP, asyncio.run(forms._session_form_body(request)))


def _read_long(body: bytes, content_type: str, caller: Caller) -> FormData:
    request, _ = _request(body, content_type=content_type)
    return forms.long_form(request, caller, _APP, asyncio.run(forms._form_body(request)))


def _part(name: str, value: bytes, filename: str = "") -> bytes:
    file = f'; filename="{filename}"' if filename else ""
    return f'--edge\r\nContent-Disposition: form-data; name="{name}"{file}\r\n\r\n'.encode() + value + b"\r\n"


_TOKEN_PART = _part("session_csrf_token", TOKEN.encode())


def test_a_form_is_read_as_browsers_send_it() -> None:
    request, _ = _request(_FIELD, b"title=Tea%20leaves+", b"%C3%A9&location=GB&location=FR&empty=")
    assert _read(request).multi_items() == [
        ("session_csrf_token", TOKEN),
        ("title", "Tea leaves é"),
        ("location", "GB"),
        ("location", "FR"),
        ("empty", ""),
    ]


def test_a_form_with_a_file_is_read() -> None:
    body = _TOKEN_PART + _part("change", b"file") + _part("file", b"{}" * 700_000, "qc.ga") + b"--edge--\r\n"
    form = _read(_request(body, content_type=_MULTIPART)[0], with_file=True)
    file = form["file"]
    assert isinstance(file, UploadFile)
    assert (form["change"], file.filename, len(file.file.read())) == ("file", "qc.ga", 1_400_000)


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
    request, left = _request(_FIELD, *[b"a" * 1024] * 300)
    with pytest.raises(TooLarge):
        _read(request)
    assert len(left) == 300 - 256


def _fields(count: int, content_type: str) -> Iterable[bytes]:
    if content_type == _URLENCODED:
        return [_FIELD, b"a=1&" * count]
    return [_TOKEN_PART, _part("a", b"1") * count, b"--edge--\r\n"]


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
        _read(_request(_TOKEN_PART, b"--edge--\r\n", content_type=_MULTIPART)[0])
        _read(_request(_FIELD)[0])
    assert [record for record in caplog.records if "multipart" in record.name] == []


# What is not looked into


@pytest.fixture
def parsed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The functions that looked into a form."""
    names: list[str] = []
    for name in ("_urlencoded", "_multipart"):

        def parse(*arguments: Any, original: Any = getattr(forms, name)) -> FormData:
            names.append(original.__name__)
            form: FormData = original(*arguments)
            return form

        monkeypatch.setattr(forms, name, parse)
    return names


def _sent(content_type: str, token: str) -> bytes:
    value = token.encode()
    if content_type == _URLENCODED:
        return b"title=a&session_csrf_token=" + value + b"&description=b"
    return _part("title", b"a") + _part("session_csrf_token", value) + b"--edge--\r\n"


@pytest.mark.parametrize("form", [forms.session_form, forms.session_form_with_file, forms.long_form, forms.open_form])
def test_a_form_is_looked_into_outside_the_event_loop(form: Callable[..., Any]) -> None:
    """What is no coroutine function runs in a thread: `test_compat_dependencies.py`."""
    assert not inspect.iscoroutinefunction(form)


@pytest.mark.parametrize("content_type", [_URLENCODED, _MULTIPART])
@pytest.mark.parametrize("with_file", [False, True])
def test_a_form_without_the_token_is_not_looked_into(content_type: str, with_file: bool, parsed: list[str]) -> None:
    for body in (_sent(content_type, ENDED), _sent(content_type, ""), b"a=1"):
        with pytest.raises(ForgedRequest):
            _read(_request(body, content_type=content_type)[0], with_file=with_file)
    assert parsed == []


@pytest.mark.parametrize("with_file", [False, True])
def test_of_whoever_has_no_session_nothing_is_even_read(with_file: bool, parsed: list[str]) -> None:
    request, left = _request(_FIELD, b"a=1", cookie="")
    with pytest.raises(ForgedRequest):
        _read(request, with_file=with_file)
    assert (parsed, left) == ([], [_FIELD, b"a=1"])
    with pytest.raises(TooLarge):
        _read(_request(_FIELD, length=10**9, cookie="")[0], with_file=with_file)


@pytest.mark.parametrize("with_file", [False, True])
def test_of_whoever_has_a_session_that_has_ended_nothing_is_looked_into(with_file: bool, parsed: list[str]) -> None:
    with pytest.raises(ForgedRequest):
        _read(_request(_FIELD)[0], with_file=with_file, caller=_NOBODY)
    assert parsed == []


@pytest.mark.parametrize("content_type", [_URLENCODED, _MULTIPART])
@pytest.mark.parametrize("caller", [_NOBODY, _CALLER])
def test_long_texts_are_not_lost_with_the_session_that_they_were_written_in(
    content_type: str, caller: Caller, parsed: list[str]
) -> None:
    strangers = IdEncodingHelper(id_secret="another secret").encode_id(16, kind="csrf")
    for token in ("", "0" * len(TOKEN), "f" * (len(TOKEN) + 1), strangers, SECURITY.encode_id(16)):
        with pytest.raises(ForgedRequest):
            _read_long(_sent(content_type, token), content_type, caller)
    assert parsed == []
    assert _read_long(_sent(content_type, ENDED), content_type, caller)["title"] == "a"
    assert len(parsed) == 1


def test_a_form_for_everybody_is_small(parsed: list[str]) -> None:
    def read(body: bytes) -> FormData:
        request, _ = _request(body)
        return forms.open_form(request, asyncio.run(forms._open_form_body(request)))

    assert read(b"identifier=gryffindor")["identifier"] == "gryffindor"
    with pytest.raises(TooLarge, match="at most 8 kB"):
        read(b"a" * 8193)
    assert len(parsed) == 1
