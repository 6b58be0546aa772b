"""Every page in every state, for everybody: axe-core, and what axe does not look at."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import (
    timedelta,
)
from pathlib import Path
from typing import Any

import pytest
from crowds import (
    insert_job,
    Past,
)
from days import utc_today
from fixtures import GalaxyServer
from windows import (
    Account,
    centre,
    findings,
    Visit,
)

#: What a page must not have: a list of complaints. Contrast is that of WCAG 2.2, level AA.
AUDIT = (Path(__file__).parent / "audit.js").read_text()
#: A laptop, and the same zoomed to 400 % (WCAG 2.2, 1.4.10).
SIZES = {"laptop": (1280, 800), "at 400 %": (320, 256)}
LONG_TITLE = f"Haematopoietic differentiation {'and so on ' * 12}{'W' * 90}"


@dataclass(frozen=True)
class Scene:
    """A page as somebody sees it; ``press`` is a button of it that is pressed first."""

    path: str
    who: str = "nobody"
    press: str = ""

    def __str__(self) -> str:
        return f"{self.path} as {self.who}{f', {self.press}' if self.press else ''}"


SCENES = (
    Scene("tiaas/"),
    Scene("tiaas/", "cho"),
    Scene("tiaas/", "admin"),
    Scene("tiaas/stats/"),
    Scene("tiaas/stats/", "admin"),
    Scene("tiaas/calendar/"),
    Scene("tiaas/calendar/", "admin"),
    Scene("tiaas/calendar/?view=month"),
    Scene("tiaas/calendar/?view=list", "admin"),
    Scene("tiaas/new/", "cho"),
    Scene("tiaas/new/", "cho", press="Send the request"),
    Scene("tiaas/new/?title=Potions&location=GB&location=FR&use_gtn=yes", "minerva"),
    Scene("tiaas/trainings/", "cho"),
    Scene("tiaas/trainings/", "newcomer"),
    Scene("tiaas/trainings/{long}", "admin"),
    Scene("tiaas/trainings/{asked}?sent=1", "minerva"),
    Scene("tiaas/trainings/{changed}", "minerva"),
    Scene("tiaas/trainings/{asked}/extend", "minerva"),
    Scene("tiaas/trainings/{rejected}", "minerva"),
    Scene("tiaas/trainings/{long}/slide", "admin"),
    Scene("tiaas/trainings/{long}/edit", "admin"),
    Scene("tiaas/trainings/{changed}/edit", "minerva"),
    Scene("tiaas/admin/", "admin"),
    Scene("tiaas/admin/", "admin", press="Approve chosen"),
    Scene("tiaas/admin/?search=nothing-of-that-name", "admin"),
    Scene("tiaas/admin/", "cho"),
    Scene("tiaas/admin/mail", "admin"),
    Scene("tiaas/admin/routing", "admin"),
    Scene("tiaas/admin/routing", "admin", press="Explain where it would go"),
    Scene("tiaas/admin/routing", "admin", press="Explain where it went"),
    Scene("tiaas/admin/trainings/{asked}", "admin"),
    Scene("tiaas/admin/trainings/{changed}", "admin"),
    Scene("tiaas/admin/trainings/{long}", "admin"),
    Scene("join-training/{long}", "cho"),
    Scene("join-training/{early}", "cho"),
    Scene("join-training/{long}/leave", "cho"),
    Scene("join-training/{long}/leave", "newcomer"),
    Scene("join-training/{long}/status"),
    Scene("join-training/{long}/status", "cho"),
    Scene("join-training/{long}/status?view=wall"),
    Scene("join-training/{long}/status?jobs=course&find=nobody-of-that-name&lists=all", "minerva"),
    Scene("tiaas/trainings/{long}/dashboard", "minerva"),
    Scene("join-training/{early}/status"),
    Scene("join-training/{over}/status"),
    Scene("join-training/{over}/status", "minerva"),
    Scene("join-training/{over}/status?view=wall", "minerva"),
    Scene("join-training/nothing-of-that-name"),
    Scene("join-training/{asked}", "minerva"),
    Scene("join-training/{over}"),
    Scene("join-training/{cancelled}", "minerva"),
)


@pytest.fixture(scope="module")
def identifiers(galaxy: GalaxyServer, account: Account, unique: Callable[[str], str]) -> dict[str, str]:
    """Trainings in the states that pages have to show, one of them with texts as long as they may be."""
    minerva, admin = account("minerva"), account("admin")

    def make(name: str, state: str = "approved", starts: int = 0, **fields: Any) -> str:
        day = (utc_today() + timedelta(days=starts)).isoformat()
        request = {"identifier": unique(name), "title": f"The course {name}", "start": day, "end": day, "attendance": 9}
        key = admin if starts < 10 else minerva
        view = galaxy.api("POST", "tiaas/trainings", key, json={**request, "instructors": [minerva.username], **fields})
        assert view.ok, view.text
        path = f"tiaas/trainings/{request['identifier']}"
        if key is not minerva:
            assert galaxy.api("PUT", f"{path}/invitation", minerva, json={"accept": True}).ok
        if state != "new":
            assert galaxy.api("PUT", f"{path}/state", admin, json={"state": state, "note": "A word."}).ok
        return str(request["identifier"])

    texts: dict[str, Any] = {
        "description": "B" * 300,
        "website": f"https://example.org/{'c' * 200}",
        "other_requests": "D" * 300,
    }
    made = {
        "long": make("axe-long", title=LONG_TITLE, location=["GB", "BO", "KR", "TZ"], **texts),
        "asked": make("axe-asked", state="new", starts=30),
        "changed": make("axe-changed", starts=40),
        "early": make("axe-early", starts=50),
        "rejected": make("axe-rejected", state="rejected"),
        "cancelled": make("axe-cancelled", state="cancelled"),
        "over": make("axe-over", starts=-9),
    }
    wish = {"attendance": 500, "end": (utc_today() + timedelta(days=45)).isoformat()}
    assert galaxy.api("PUT", f"tiaas/trainings/{made['changed']}", minerva, json=wish).ok
    for name in ("cho", "ron"):
        assert galaxy.api("POST", f"tiaas/trainings/{made['long']}/join", account(name)).ok
    insert_job(galaxy, account("cho"), Past("cat1", "ok"))
    return made


@pytest.mark.parametrize("who", sorted({scene.who for scene in SCENES}))
def test_every_page_fits_its_window_and_can_be_read_and_operated_by_everybody(
    identifiers: dict[str, str], visit: Visit, account: Account, axe: Path, who: str
) -> None:
    page = visit(None if who == "nobody" else account(who))
    complaints = {}
    for scene in SCENES:
        if scene.who != who:
            continue
        page.goto(scene.path.format(**identifiers))
        if scene.press:
            page.get_by_role("button", name=scene.press).click()
            page.locator("[role=alert], .tiaas-answer").first.wait_for()
        for size, (width, height) in SIZES.items():
            page.set_viewport_size({"width": width, "height": height})
            if found := [*page.evaluate(AUDIT), *findings(page, axe)]:
                complaints[f"{scene}, {size}"] = found
    assert complaints == {}


def test_a_page_in_the_centre_panel_is_as_good(visit: Visit, account: Account, axe: Path) -> None:
    page = visit(account("admin"))
    page.goto("?tiaas=tiaas/admin/")
    centre(page).get_by_role("heading", level=1).wait_for()
    frame = page.frame("galaxy_main")
    assert frame
    assert [*frame.evaluate(AUDIT), *findings(frame, axe)] == []
