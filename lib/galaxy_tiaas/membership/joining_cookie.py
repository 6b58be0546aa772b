"""A cookie of somebody who began to join and was sent to log in.

A provider of logins leads back as any other site could: without a click. The cookie tells that the visit began here.
"""

import hmac
from datetime import (
    datetime,
    timezone,
)

from fastapi import (
    Request,
    Response,
)
from galaxy.config import GalaxyAppConfiguration

from ..web.request import public_scheme

#: Long enough to make an account and confirm an address.
LIFETIME_SECONDS = 30 * 60
#: Clocks of web processes on several machines may differ so much.
_CLOCK_SKEW_SECONDS = 5 * 60
_NAME = "tiaas_joining"
#: Browsers take a cookie of this name from this host only, not from another one of the domain, and not by http.
_SAFER_NAME = f"__Host-{_NAME}"


class JoiningCookie:
    """Says that its bearer opened the link of one training a short time ago; it says nothing about the bearer."""

    def __init__(self, galaxy_config: GalaxyAppConfiguration):
        self._key = hmac.digest(galaxy_config.id_secret.encode(), b"galaxy-tiaas: began to join", "sha256")
        self._path = galaxy_config.galaxy_url_prefix.rstrip("/") or "/"

    def give(self, request: Request, response: Response, identifier: str, now: datetime) -> None:
        """Let the response say that the training of this identifier is being joined."""
        response.set_cookie(
            self._name(request),
            self._sign(identifier, _seconds(now)),
            max_age=LIFETIME_SECONDS,
            path=self._path,
            secure=public_scheme(request) == "https",
            httponly=True,
            samesite="lax",
        )

    def is_held(self, request: Request, identifier: str, now: datetime) -> bool:
        """Whether the request has our cookie for this training, and it is not too old."""
        value = request.cookies.get(self._name(request), "")
        began = value.rpartition("~")[0].rpartition("~")[2]
        if not (began.isascii() and began.isdecimal() and len(began) < 12):
            return False
        genuine = hmac.compare_digest(value.encode(), self._sign(identifier, int(began)).encode())
        return genuine and -_CLOCK_SKEW_SECONDS <= _seconds(now) - int(began) <= LIFETIME_SECONDS

    def take(self, request: Request, response: Response) -> None:
        """Let the response end it."""
        if (name := self._name(request)) in request.cookies:
            response.delete_cookie(name, path=self._path, secure=name == _SAFER_NAME, httponly=True, samesite="lax")

    def _name(self, request: Request) -> str:
        return _SAFER_NAME if self._path == "/" and public_scheme(request) == "https" else _NAME

    def _sign(self, identifier: str, seconds: int) -> str:
        text = f"{identifier}~{seconds}"
        return f"{text}~{hmac.digest(self._key, text.encode(), 'sha256').hex()}"


def _seconds(now: datetime) -> int:
    return int(now.replace(tzinfo=timezone.utc).timestamp())
