"""Addresses below ours that lead nowhere: an HTML page like the others, not Galaxy's own answer."""

from fastapi import Response
from galaxy.exceptions import ObjectNotFound

from .pages import PageRouter

router = PageRouter()

_PATHS = ("/tiaas/{rest:path}", "/join-training/", "/join-training/{identifier}/{rest:path}")


@router.page(*_PATHS)
def unknown() -> Response:
    raise ObjectNotFound("There is no page at this address.")
