"""The client: its own checks, and that what is committed is what its sources make."""

import gzip
import json
from pathlib import Path

import pytest

from client import npm
from demo.instance import ROOT

DIST = ROOT / "lib" / "galaxy_tiaas" / "static" / "dist"
#: Bytes, as the network carries them.
LARGEST_CLIENT = 400_000

pytestmark = pytest.mark.usefixtures("node_modules")


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.parametrize("script", ["lint", "test"])
def test_the_sources_of_the_client_are_clean_and_do_what_their_tests_say(script: str) -> None:
    npm("run", script)


def test_the_built_client_is_what_the_sources_make(tmp_path: Path) -> None:
    npm("run", "build", environment={"TIAAS_DIST": str(tmp_path / "dist")})
    built, committed = _files(tmp_path / "dist"), _files(DIST)
    assert sorted(built) == sorted(committed), "run `npm run build` in client/ and commit what it makes"
    assert [name for name in built if built[name] != committed[name]] == []


def test_the_client_is_small_and_each_page_loads_only_its_own_part() -> None:
    sizes = {name: len(gzip.compress(content)) for name, content in _files(DIST).items() if name != "licenses.md"}
    assert sum(sizes.values()) < LARGEST_CLIENT
    entries = [chunk for chunk in json.loads((DIST / "manifest.json").read_text()).values() if chunk.get("isEntry")]
    base = next(entry for entry in entries if entry["name"] == "base")
    assert sum(sizes[name] for name in (base["file"], *base["css"])) < 12_000
    assert len(entries) >= 6


def test_nothing_in_the_client_is_under_a_licence_that_asks_for_more_than_to_be_named() -> None:
    headings = [line for line in (DIST / "licenses.md").read_text().splitlines() if line.startswith("## ")]
    assert len(headings) > 10
    assert {line.rpartition("(")[2].rstrip(")") for line in headings} <= {
        "MIT",
        "ISC",
        "0BSD",
        "Apache-2.0",
        "BSD-3-Clause",
    }
