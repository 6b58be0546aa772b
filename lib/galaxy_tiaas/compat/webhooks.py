"""Entries of ours in Galaxy's window: webhooks, and extensions of the admin panel where Galaxy has them."""

from pathlib import Path
from typing import Any

from galaxy.webhooks import (
    Webhook,
    WebhooksRegistry,
)

from .application import Installation

#: Galaxy's setting for directories with entries of the admin panel; Galaxy 26.1 does not have it yet.
_EXTENSIONS_SETTING = "admin_extensions_dir"


def load_webhooks(directories: list[Path]) -> list[Webhook]:
    """The webhooks in these directories, in a registry of their own.

    Relies on ``WebhooksRegistry.load_webhook_from_config`` adding to ``webhooks``, one for each ``config.yml``.
    """
    registry = WebhooksRegistry("")
    for directory in directories:
        registry.load_webhook_from_config(str(directory), str(directory / "config.yml"))
    return registry.webhooks


def install_webhooks(installation: Installation, app: Any, webhooks: list[Webhook]) -> None:
    """Have Galaxy's client load webhooks, without touching ``webhooks_dir``.

    Relies on ``/api/webhooks`` and ``enable_webhooks`` of ``/api/configuration`` reading ``app.webhooks_registry``.
    """
    registered: list[Webhook] = app.webhooks_registry.webhooks
    installation.insert(registered, len(registered), webhooks)


def has_admin_extensions(app: Any) -> bool:
    """Whether this Galaxy shows extensions of the admin panel by itself.

    A key that Galaxy does not know is kept in its configuration too, so ``config.schema`` is asked, not the values.
    """
    return _EXTENSIONS_SETTING in app.config.schema.app_schema


def install_admin_extensions(installation: Installation, app: Any, directory: Path) -> None:
    """Name a directory in ``admin_extensions_dir``, after those of the admin.

    Relies on Galaxy reading that list, with commas, at the first request for the entries.
    """
    named = [name.strip() for name in (getattr(app.config, _EXTENSIONS_SETTING) or "").split(",")]
    ours = str(directory)
    value = ",".join([*(name for name in named if name and name != ours), ours])
    installation.set(app.config, _EXTENSIONS_SETTING, value)
