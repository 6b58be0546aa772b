"""What the browser tests do in a window."""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Union

from fixtures import (
    PASSWORD,
    User,
)
from playwright.sync_api import (
    Frame,
    FrameLocator,
    Page,
)

#: Whether the pictures of the documentation are made anew.
SCREENSHOTS = os.environ.get("TIAAS_SCREENSHOTS") == "1"
#: Where the people in these tests sit; not the server's UTC.
TIME_ZONE = "Europe/Berlin"

Visit = Callable[..., Page]
Account = Callable[[str], User]


def log_in(page: Page, user: User) -> None:
    """Fill in Galaxy's login form, as a person does."""
    page.fill("input[name=login]", user.email)
    page.fill("input[name=password]", PASSWORD)
    page.click("button[name=login]")


def centre(page: Page) -> FrameLocator:
    """What Galaxy's centre panel shows."""
    return page.frame_locator("#galaxy_main")


def findings(page: Union[Page, Frame], axe: Path) -> list[str]:
    """What axe-core finds serious or critical in a page."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(axe.read_text())  # as an element, the page's own policy would forbid it
    result = page.evaluate("axe.run({resultTypes: ['violations']})")
    return [
        f"{violation['id']} ({violation['impact']}): {node['html'][:150]}"
        for violation in result["violations"]
        if violation["impact"] in ("serious", "critical")
        for node in violation["nodes"]
    ]
