"""The built client: which files a page loads."""

import json
from collections.abc import (
    Callable,
    Mapping,
)
from os import (
    PathLike,
    stat_result,
)
from pathlib import Path
from typing import (
    Any,
    Union,
)

from markupsafe import Markup
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

#: Folder below the static address that holds the built client.
DIST = "dist"
_MANIFEST = Path(__file__).parent.parent / "static" / DIST / "manifest.json"


class Assets:
    """Scripts and stylesheets by the entry in ``client/src/pages`` that they were built from.

    :param url: makes the address of a path below ``static``.
    :raises OSError: if the client was not built.
    """

    def __init__(self, url: Callable[[str], str]):
        manifest = json.loads(_MANIFEST.read_text(encoding="utf-8"))
        entries = [chunk for chunk in manifest.values() if chunk.get("isEntry")]
        self._tags = {chunk["name"]: _tags(chunk, lambda file: url(f"/{DIST}/{file}")) for chunk in entries}

    def tags(self, entry: str) -> Markup:
        """The ``link`` and ``script`` elements of an entry.

        :raises KeyError: if there is no such entry.
        """
        return self._tags[entry]


def _tags(chunk: Mapping[str, Any], address: Callable[[str], str]) -> Markup:
    styles = [Markup('<link rel="stylesheet" href="{}">').format(address(file)) for file in chunk.get("css", [])]
    script = Markup('<script src="{}" type="module"></script>').format(address(chunk["file"]))
    return Markup("\n    ").join([*styles, script])


_FOREVER = "public, max-age=31536000, immutable"


class ClientFiles(StaticFiles):
    """Static files; those of the built client have a hash of their content in their names and may be kept for good."""

    def file_response(
        self, full_path: Union[str, "PathLike[str]"], stat_result: stat_result, scope: Scope, status_code: int = 200
    ) -> Response:
        response = super().file_response(full_path, stat_result, scope, status_code)
        response.headers["x-content-type-options"] = "nosniff"
        if "/dist/" in str(full_path) and str(full_path).endswith((".js", ".css")):
            response.headers["cache-control"] = _FOREVER
        return response
