"""Which entries our extension adds to Galaxy's window, with and without Galaxy's own extensions of the admin panel."""

from pathlib import Path
from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)

import galaxy_tiaas
import pytest
import yaml
from galaxy_tiaas.mount import _add_webhooks
from in_process import InProcess

OURS = Path(galaxy_tiaas.__file__).parent / "admin_extensions"


class _Galaxy:
    """Stands in for a Galaxy application that knows the given settings; it remembers the webhooks."""

    def __init__(self, known: list[str], **values: Optional[str]):
        self.config: Any = SimpleNamespace(schema=SimpleNamespace(app_schema=dict.fromkeys(known)), **values)
        self.webhooks_registry = self
        self.loaded: list[str] = []

    def load_webhook_from_config(self, directory: str, _: str) -> None:
        self.loaded.append(Path(directory).name)


def _mounted(galaxy: _Galaxy) -> _Galaxy:
    _add_webhooks(galaxy)  # type: ignore[arg-type]
    return galaxy


@pytest.mark.parametrize(("before", "after"), [(None, ""), ("", ""), ("/site/one, /site/two", "/site/one,/site/two,")])
def test_a_galaxy_with_extensions_of_its_own_shows_the_entry_itself(before: Optional[str], after: str) -> None:
    galaxy = _mounted(_Galaxy(["admin_extensions_dir"], admin_extensions_dir=before))
    assert galaxy.config.admin_extensions_dir == f"{after}{OURS}"
    assert galaxy.loaded and "tiaas_admin" not in galaxy.loaded


def test_our_directory_is_named_once_however_often_we_are_mounted() -> None:
    galaxy = _mounted(_mounted(_Galaxy(["admin_extensions_dir"], admin_extensions_dir="/site")))
    assert galaxy.config.admin_extensions_dir == f"/site,{OURS}"


@pytest.mark.parametrize("values", [{}, {"admin_extensions_dir": "/a key that this Galaxy does not know"}])
def test_a_galaxy_without_them_gets_the_webhook(values: dict[str, Optional[str]]) -> None:
    galaxy = _mounted(_Galaxy([], **values))
    assert "tiaas_admin" in galaxy.loaded
    assert vars(galaxy.config).get("admin_extensions_dir") == values.get("admin_extensions_dir")


def test_the_galaxy_that_is_installed_can_be_asked_for_its_settings(galaxy: InProcess) -> None:
    assert "webhooks_dir" in galaxy.host.config.schema.app_schema


def test_the_entry_is_described_as_galaxy_reads_it() -> None:
    description = yaml.safe_load((OURS / "trainings" / "config.yml").read_text())
    assert {"id", "section", "items"} == set(description)
    (item,) = description["items"]
    assert (item["type"], item["url"], item["target"]) == ("link", "/tiaas/admin/", "iframe")
