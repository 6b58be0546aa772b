"""Our pages in the window of a Galaxy below a URL prefix, with two processes."""

from collections.abc import Callable

import pytest
from days import utc_today
from fixtures import GalaxyServer
from playwright.sync_api import expect
from servers import PREFIX
from windows import (
    centre,
    log_in,
    Visit,
)


@pytest.fixture(scope="module")
def galaxy(galaxy_prefix: GalaxyServer) -> GalaxyServer:
    return galaxy_prefix


@pytest.fixture(scope="module")
def identifier(galaxy: GalaxyServer, unique: Callable[[str], str]) -> str:
    """A training that runs today."""
    name, today = unique("divination"), utc_today().isoformat()
    request = {"identifier": name, "title": "Divination", "start": today, "end": today, "attendance": 10}
    galaxy.api("POST", "tiaas/trainings", galaxy.admin, json=request).raise_for_status()
    decision = {"state": "approved"}
    galaxy.api("PUT", f"tiaas/trainings/{name}/state", galaxy.admin, json=decision).raise_for_status()
    return name


def test_the_entries_of_masthead_and_admin_panel_lead_below_the_prefix(galaxy: GalaxyServer, visit: Visit) -> None:
    page = visit(galaxy.admin)
    page.goto("")
    page.click("#tiaas_masthead a")
    heading = centre(page).get_by_role("heading", level=1)
    expect(heading).to_have_text("My trainings")
    page.click("#activity-admin")
    page.click("#admin-link-trainings")
    expect(heading).to_have_text("Requests and trainings")
    page.wait_for_url(f"**{PREFIX}/?tiaas=tiaas%2Fadmin%2F")
    page.reload()
    expect(heading).to_have_text("Requests and trainings")
    centre(page).get_by_role("link", name="Calendar").click()
    expect(centre(page).locator(".fc-daygrid")).to_be_visible()


def test_the_link_leads_through_the_login_and_back(galaxy: GalaxyServer, visit: Visit, identifier: str) -> None:
    page = visit(phone=True)
    page.goto(f"join-training/{identifier}")
    page.get_by_role("link", name="Log in").click()
    log_in(page, galaxy.create_user())
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    assert page.url == f"{galaxy.url}/join-training/{identifier}"


def test_a_way_that_the_login_forgot_is_offered_on_the_next_page_of_galaxy(
    galaxy: GalaxyServer, visit: Visit, identifier: str
) -> None:
    page = visit()
    page.goto(f"join-training/{identifier}")
    page.goto("login/start")
    log_in(page, galaxy.create_user())
    page.get_by_role("dialog").get_by_role("button", name="Finish joining").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    assert page.url == f"{galaxy.url}/join-training/{identifier}"
