"""Our static files."""

from os import (
    PathLike,
    stat_result,
)
from typing import Union

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

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
