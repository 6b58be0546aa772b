"""What Galaxy's toolbox tells of its tools."""

from types import SimpleNamespace
from typing import Any

from galaxy.tool_util.toolbox.base import AbstractToolBox
from galaxy_tiaas.compat.tools import ToolNames

_FASTQC = "toolshed.g2.bx.psu.edu/repos/devteam/fastqc/fastqc"


class _Toolbox(AbstractToolBox):
    """Galaxy's own, without loading tools."""

    def __init__(self, **names: str) -> None:
        self._tools_by_id: Any = {tool_id: SimpleNamespace(name=name) for tool_id, name in names.items()}

    def _get_tool_shed_repository(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def _looks_like_a_tool(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def create_tool(self, *_: Any, **__: Any) -> Any:
        raise NotImplementedError

    def tool_tag_manager(self) -> Any:
        raise NotImplementedError


def _names(**names: str) -> ToolNames:
    app: Any = SimpleNamespace(toolbox=_Toolbox(**names))
    return ToolNames(app)


def test_a_tool_is_called_as_the_tool_panel_calls_it_in_whatever_version() -> None:
    names = _names(**{"__BUILD_LIST__": "Build list", "Cut1": "Cut", f"{_FASTQC}/0.74": "FastQC", "sort1": "Sort"})
    assert [names.name(tool) for tool in ("__BUILD_LIST__", "Cut1", f"{_FASTQC}/0.72+galaxy1", "fastqc", "SORT1")] == [
        *("Build list", "Cut", "FastQC", "FastQC", "Sort")
    ]


def test_the_very_tool_comes_before_another_with_the_same_short_id() -> None:
    names = _names(**{f"{_FASTQC}/0.74": "FastQC Read Quality reports", "fastqc": "FastQC (ours)"})
    assert names.name(f"{_FASTQC}/0.74") == "FastQC Read Quality reports"
    assert names.name("fastqc") == "FastQC (ours)"


def test_what_is_not_here_has_its_short_id_and_galaxys_internal_tools_plain_words() -> None:
    names = _names(upload1="Upload File", __DATA_FETCH__="Data Fetch")
    assert [names.name(tool) for tool in (f"{_FASTQC}/0.74", "__DATA_FETCH__", "upload1", None, "")] == [
        *("fastqc", "upload", "upload", "–", "–")
    ]
    assert [names.is_installed(tool) for tool in (f"{_FASTQC}/0.74", "upload1", "__DATA_FETCH__")] == [
        *(False, True, True)
    ]


def test_where_no_tools_are_loaded_none_is_said_to_be_missing() -> None:
    for app in (SimpleNamespace(), SimpleNamespace(toolbox=None)):
        names = ToolNames(app)  # type: ignore[arg-type]
        assert (names.name("Cut1"), names.known("Cut1"), names.is_installed("Cut1")) == ("Cut1", None, True)
