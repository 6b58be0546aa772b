"""The built client: which files a page loads."""

import json
from collections.abc import Callable
from pathlib import Path

from markupsafe import Markup

#: Folder below the static address that holds the built client.
DIST = "dist"
_MANIFEST = Path(__file__).parent.parent / "static" / DIST / "manifest.json"


class Assets:
    """Scripts and stylesheets by the entry in ``client/src/pages`` that they were built from.

    :param url: makes the address of a path below ``static``.
    :raises OSError: if the client was not built.
    """

    def __init__(self, url: Callable[[str], str]):
        self._url = url
        manifest = json.loads(_MANIFEST.read_text(encoding="utf-8"))
        self._entries = {chunk["name"]: chunk for chunk in manifest.values() if chunk.get("isEntry")}

    def tags(self, entry: str) -> Markup:
        """The ``link`` and ``script`` elements of an entry.

        :raises KeyError: if there is no such entry.
        """
        chunk = self._entries[entry]
        styles = [
            Markup('<link rel="stylesheet" href="{}">').format(self._address(file)) for file in chunk.get("css", [])
        ]
        script = Markup('<script src="{}" type="module"></script>').format(self._address(chunk["file"]))
        return Markup("\n    ").join([*styles, script])

    def _address(self, file: str) -> str:
        return self._url(f"/{DIST}/{file}")
