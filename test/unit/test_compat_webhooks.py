"""What we rely on of Galaxy's webhooks and of its admin panel: compat/web.py and webhooks/."""

from pathlib import Path
from types import SimpleNamespace
from typing import (
    Any,
    Optional,
)
from unittest.mock import MagicMock

import galaxy_tiaas
import pytest
import yaml
from galaxy.managers.configuration import ConfigSerializer
from galaxy.webapps.galaxy.api.webhooks import WebhooksController
from galaxy.webhooks import WebhooksRegistry
from galaxy_tiaas.compat import web
from galaxy_tiaas.compat.web import Installation
from galaxy_tiaas.mount import _webhook_directories
from in_process import InProcess

PACKAGE = Path(galaxy_tiaas.__file__).parent
EXTENSIONS = PACKAGE / "admin_extensions"


def _app(*known: str, **values: Optional[str]) -> Any:
    """A Galaxy application whose schema has these settings."""
    schema = SimpleNamespace(app_schema=dict.fromkeys(known))
    return SimpleNamespace(config=SimpleNamespace(schema=schema, **values), webhooks_registry=WebhooksRegistry(""))


# Webhooks


def test_galaxy_reads_our_webhooks() -> None:
    loaded = {webhook.id: webhook for webhook in web.load_webhooks(_webhook_directories(without_admin=False))}
    assert set(loaded) == {"tiaas_admin", "tiaas_centre", "tiaas_masthead", "tiaas_return"}
    assert all(webhook.activate for webhook in loaded.values())
    assert loaded["tiaas_masthead"].styles and loaded["tiaas_masthead"].config["url"] == "/tiaas/trainings/"
    for name in ("tiaas_admin", "tiaas_centre", "tiaas_return"):
        assert loaded[name].script == (PACKAGE / "webhooks" / name / "script.js").read_text()


def test_one_that_galaxy_cannot_read_is_raised(tmp_path: Path) -> None:
    (tmp_path / "config.yml").write_text("{id: tiaas_x, type: onload, weight: 0}")
    with pytest.raises(ValueError, match="weight"):
        web.load_webhooks([tmp_path])


def test_galaxys_api_and_client_learn_of_them() -> None:
    app = _app()
    controller: Any = SimpleNamespace(app=app)
    listed = WebhooksController.all_webhooks.__wrapped__
    app.security, app.object_store = None, MagicMock()
    # The client of Galaxy 25.1 asks for them in any case.
    enabled = ConfigSerializer(app).serializers.get("enable_webhooks")
    assert not (enabled and enabled(None, "enable_webhooks"))
    with Installation() as installation:
        web.install_webhooks(installation, app, web.load_webhooks(_webhook_directories(without_admin=True)))
        assert {webhook["id"] for webhook in listed(controller, None)} >= {"tiaas_masthead", "tiaas_centre"}
        assert not enabled or enabled(None, "enable_webhooks")
    assert listed(controller, None) == []


# The admin panel


@pytest.mark.parametrize(("before", "after"), [(None, ""), ("", ""), ("/site/one, /site/two", "/site/one,/site/two,")])
def test_a_galaxy_with_extensions_of_its_own_shows_the_entry_itself(before: Optional[str], after: str) -> None:
    app = _app("admin_extensions_dir", admin_extensions_dir=before)
    assert web.has_admin_extensions(app)
    with Installation() as installation:
        for _ in range(2):
            web.install_admin_extensions(installation, app, EXTENSIONS)
        assert app.config.admin_extensions_dir == f"{after}{EXTENSIONS}"
    assert app.config.admin_extensions_dir == before


@pytest.mark.parametrize("values", [{}, {"admin_extensions_dir": "/a key that this Galaxy does not know"}])
def test_a_galaxy_without_them_is_known_by_its_schema(values: dict[str, Optional[str]]) -> None:
    assert not web.has_admin_extensions(_app(**values))


def test_where_galaxy_shows_the_entry_our_webhook_does_not() -> None:
    names = {without: {each.name for each in _webhook_directories(without_admin=without)} for without in (True, False)}
    assert names[False] - names[True] == {"tiaas_admin"}


def test_the_galaxy_that_is_installed_can_be_asked_for_its_settings(galaxy: InProcess) -> None:
    assert "webhooks_dir" in galaxy.host.config.schema.app_schema


def test_the_entry_is_described_as_galaxy_reads_it() -> None:
    description = yaml.safe_load((EXTENSIONS / "trainings" / "config.yml").read_text())
    assert {"id", "section", "items"} == set(description)
    (item,) = description["items"]
    assert (item["type"], item["url"], item["target"]) == ("link", "/tiaas/admin/", "iframe")
