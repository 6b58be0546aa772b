"""The tools that this Galaxy has, and what they are called in its tool panel."""

from typing import (
    Any,
    NamedTuple,
    Optional,
)

from galaxy.structured_app import MinimalManagerApp

from ..core.cache import Cache
from ..dashboard.steps import (
    short_id,
    tool_key,
)

#: Galaxy's own tools that people use without knowing what they are called.
_INTERNAL_TOOLS = {
    "__DATA_FETCH__": "upload",
    "upload1": "upload",
    "__SET_METADATA__": "set metadata",
    "__IMPORT_HISTORY__": "import a history",
    "__EXPORT_HISTORY__": "export a history",
}
#: Tools are installed and loaded anew now and then.
_TTL_SECONDS = 15


class _Names(NamedTuple):
    by_id: dict[str, str]
    by_key: dict[str, str]


class ToolNames:
    """Relies on the toolbox giving ``tools()``, pairs of id and tool, and on the ``name`` of a tool.

    Where no tools are loaded, as in commands, nothing is known of any.
    """

    def __init__(self, app: MinimalManagerApp):
        self._app = app
        self._names: Cache[str, _Names] = Cache(1, _TTL_SECONDS)

    def name(self, tool_id: Optional[str]) -> str:
        """What the tool panel calls a tool; of one that is not here, its id without Tool Shed and version."""
        if not tool_id:
            return "–"
        return _INTERNAL_TOOLS.get(tool_id) or self.known(tool_id) or short_id(tool_id)

    def known(self, tool_id: str) -> Optional[str]:
        """The same of a tool that is here, in whatever version; ``None`` if it is not."""
        names = self._all()
        return names.by_id.get(tool_id) or names.by_key.get(tool_key(tool_id))

    def is_installed(self, tool_id: str) -> bool:
        """Whether the tool is here, in whatever version; yes where that is not known."""
        names = self._all()
        return not names.by_key or tool_key(tool_id) in names.by_key

    def _all(self) -> _Names:
        return self._names.get("names") or self._names.put("names", self._read())

    def _read(self) -> _Names:
        toolbox: Any = getattr(self._app, "toolbox", None)
        by_id = {tool_id: tool.name for tool_id, tool in toolbox.tools()} if toolbox is not None else {}
        return _Names(by_id, {tool_key(tool_id): name for tool_id, name in by_id.items()})
