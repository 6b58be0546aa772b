"""Which releases of Galaxy are refused, tried with a note, or taken for granted: compat/release.py."""

import logging
import sys
from types import SimpleNamespace
from typing import Optional

import pytest
import yaml
from click.testing import CliRunner
from galaxy.version import VERSION_MAJOR
from galaxy_tiaas import (
    __version__,
    guard,
    mount,
)
from galaxy_tiaas.cli import main
from galaxy_tiaas.compat import release
from galaxy_tiaas.core.config import TiaasConfig

from demo.instance import ROOT

RELEASES = ROOT / "test" / "galaxy_releases"


@pytest.fixture
def galaxy_is(monkeypatch: pytest.MonkeyPatch) -> "type[object]":
    class Is:
        def __init__(self, version: str) -> None:
            monkeypatch.setattr(release, "VERSION", version)
            monkeypatch.setattr(release, "VERSION_MAJOR", ".".join(version.split(".")[:2]))

    return Is


def test_the_tests_run_with_a_release_that_has_been_tried() -> None:
    release.ensure_supported()
    assert VERSION_MAJOR in release.TRIED
    assert release.untried() is None


def test_all_that_have_been_tried_have_their_pins_in_the_tests() -> None:
    assert list(release.TRIED) == sorted(file.stem for file in RELEASES.glob("*.txt"))


def test_the_workflow_of_the_public_forge_tries_them_all() -> None:
    workflow = yaml.safe_load((ROOT / ".github" / "workflows" / "tests.yml").read_text())
    assert workflow["jobs"]["releases"]["strategy"]["matrix"]["galaxy"] == list(release.TRIED)


@pytest.mark.parametrize("version", ["25.1.0", "26.0.2", "26.1.2.dev0", "26.2.dev0", "27.0.1", "100.0"])
def test_supported_releases_and_newer_ones_are_not_refused(galaxy_is: type, version: str) -> None:
    galaxy_is(version)
    release.ensure_supported()


@pytest.mark.parametrize("version", ["24.2.4", "25.0.4", "9.1"])
def test_an_older_one_is_refused_in_one_line_that_names_it(
    galaxy_is: type, version: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(guard.STRICT_VARIABLE, raising=False)
    galaxy_is(version)
    assert not guard.mount_guarded(None)
    assert [record.getMessage() for record in caplog.records if record.levelname == "ERROR"] == [
        f"galaxy-tiaas stays switched off: galaxy-tiaas {__version__} needs Galaxy 25.1 or newer;"
        f" this is Galaxy {version}"
    ]


def test_commands_refuse_it_too(galaxy_is: type) -> None:
    galaxy_is("25.0.4")
    result = CliRunner().invoke(main, ["db", "status"])
    assert result.exit_code == 1
    assert result.output.endswith("this is Galaxy 25.0.4\n")


@pytest.mark.parametrize(
    ("version", "note"),
    [
        ("25.1.3", None),
        ("26.1.9", None),
        ("26.2.0", f"galaxy-tiaas {__version__} has been tried with Galaxy 25.1, 26.0 and 26.1, but not with 26.2.0"),
    ],
)
def test_a_newer_one_is_noted(galaxy_is: type, version: str, note: Optional[str]) -> None:
    galaxy_is(version)
    assert release.untried() == note


def test_a_newer_one_is_mounted_with_one_line_in_the_log(galaxy_is: type, caplog: pytest.LogCaptureFixture) -> None:
    galaxy_is("26.2.0")
    # Commands that other tests run here have switched warnings off.
    with caplog.at_level(logging.WARNING):
        mount._check_release(TiaasConfig())
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert record.getMessage().endswith("but not with 26.2.0; it is mounted all the same")


def test_a_newer_one_is_refused_where_the_admin_wants_so(galaxy_is: type) -> None:
    galaxy_is("26.2.0")
    with pytest.raises(release.UnsupportedGalaxy, match="not with 26.2.0; see allow_untried_galaxy"):
        mount._check_release(TiaasConfig(allow_untried_galaxy=False))


def test_what_is_missing_in_a_newer_one_is_said_with_the_release(
    galaxy_is: type, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.delenv(guard.STRICT_VARIABLE, raising=False)
    galaxy_is("26.2.0")
    monkeypatch.setitem(sys.modules, "galaxy_tiaas.mount", SimpleNamespace())
    assert not guard.mount_guarded(None)
    assert "cannot import name 'mount'" in caplog.text
    assert "but not with 26.2.0)" in caplog.text
