"""Timed calls over HTTP, with as little of the client in them as possible."""

import time
from dataclasses import (
    dataclass,
    field,
)
from http.client import HTTPConnection
from typing import Optional
from urllib.parse import urlsplit

TIMEOUT = 120


@dataclass(frozen=True)
class Reply:
    """One answer: `milliseconds` from the first byte sent to the last received."""

    milliseconds: float
    status: int
    etag: Optional[str]
    body: bytes = field(repr=False)


class Client:
    """Somebody who asks; each call has a connection of its own, as behind most proxies."""

    def __init__(self, url: str, api_key: Optional[str] = None, headers: Optional[dict[str, str]] = None) -> None:
        self._address = urlsplit(url).netloc
        self._headers = {**({"x-api-key": api_key} if api_key else {}), **(headers or {})}

    def get(self, path: str, etag: Optional[str] = None) -> Reply:
        """Ask for a path; with the `ETag` of an earlier answer, only for what has changed since."""
        return self._request("GET", path, {"if-none-match": etag} if etag else {})

    def post(self, path: str) -> Reply:
        return self._request("POST", path, {})

    def _request(self, method: str, path: str, headers: dict[str, str]) -> Reply:
        connection = HTTPConnection(self._address, timeout=TIMEOUT)
        started = time.perf_counter()
        try:
            connection.request(method, path, headers={**self._headers, **headers})
            answer = connection.getresponse()
            body = answer.read()
        finally:
            connection.close()
        return Reply((time.perf_counter() - started) * 1000, answer.status, answer.getheader("etag"), body)
