"""Our pages within Galaxy's own window: masthead, admin panel, centre panel."""

from collections.abc import Callable

from fixtures import GalaxyServer
from playwright.sync_api import (
    expect,
    Page,
)
from windows import (
    Account,
    centre,
    log_in,
    Visit,
)

Picture = Callable[..., None]
MASTHEAD_ENTRY = "#tiaas_masthead a"


def _open_galaxy(page: Page) -> None:
    page.goto("")
    expect(page.locator("#masthead")).to_be_visible()
    expect(page.locator("#history-current, .history-index, #current-history-panel").first).to_be_visible()


def test_the_masthead_entry_opens_my_trainings_in_the_centre_panel(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str], picture: Picture
) -> None:
    identifier = training("charms", title="Charms for genome browsers")
    assert galaxy.api("POST", f"tiaas/trainings/{identifier}/join", account("dean")).ok
    page = visit(account("dean"))
    _open_galaxy(page)
    page.click(MASTHEAD_ENTRY)
    expect(centre(page).get_by_role("heading", level=1)).to_have_text("My trainings")
    expect(centre(page).locator(".tiaas-home")).to_be_hidden()
    expect(centre(page).get_by_role("heading", name="Running now")).to_be_visible()
    expect(centre(page).locator(".tiaas-own", has_text=identifier)).to_contain_text("you joined")
    expect(page.get_by_text("Loading Toolbox")).to_have_count(0)
    picture(page, "masthead")


def test_whoever_is_not_logged_in_has_no_entry_in_the_masthead(visit: Visit) -> None:
    page = visit()
    page.goto("")
    expect(page.locator("#tiaas_masthead")).to_be_attached()
    expect(page.locator("#tiaas_masthead")).to_be_hidden()


def test_only_admins_have_the_entry_of_the_admin_panel(account: Account, visit: Visit) -> None:
    page = visit(account("admin"))
    page.goto("")
    page.click("#activity-admin")
    expect(page.locator("#admin-link-trainings")).to_be_visible()
    page = visit(account("dean"))
    _open_galaxy(page)
    expect(page.locator(MASTHEAD_ENTRY)).to_be_visible()
    expect(page.locator("#activity-admin")).to_have_count(0)
    expect(page.locator("#admin-link-trainings")).to_have_count(0)


def test_reload_and_back_keep_the_page_in_the_centre_panel(account: Account, visit: Visit) -> None:
    page = visit(account("dean"))
    _open_galaxy(page)
    page.click(MASTHEAD_ENTRY)
    heading = centre(page).get_by_role("heading", level=1)
    expect(heading).to_have_text("My trainings")
    centre(page).get_by_role("link", name="Statistics").click()
    expect(heading).to_have_text("Trainings in numbers")
    page.wait_for_url("**/?tiaas=tiaas%2Fstats%2F")
    page.reload()
    expect(heading).to_have_text("Trainings in numbers")
    page.click(MASTHEAD_ENTRY)
    expect(heading).to_have_text("My trainings")
    page.go_back(wait_until="commit")
    expect(heading).to_have_text("Trainings in numbers")


def test_a_lost_login_does_not_put_a_galaxy_into_the_galaxy(
    galaxy: GalaxyServer, account: Account, visit: Visit
) -> None:
    dean = account("dean")
    page = visit(dean)
    page.goto("?tiaas=tiaas/calendar/")
    expect(centre(page).get_by_role("link", name="Subscribe")).to_be_visible()
    page.context.clear_cookies()
    centre(page).get_by_role("link", name="My trainings").click()
    expect(centre(page).get_by_role("heading", level=1)).to_have_text("Please log in")
    centre(page).locator("main").get_by_role("link", name="Log in").click()
    page.wait_for_url("**/login/start?*")
    log_in(page, dean)
    expect(centre(page).get_by_role("heading", level=1)).to_have_text("My trainings")
    assert page.url == f"{galaxy.url}/?tiaas=tiaas%2Ftrainings%2F"


def test_the_badge_follows_a_decision_in_the_centre_panel(
    account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("badge", approved=False)
    page = visit(account("admin"))
    page.goto("")
    page.click("#activity-admin")
    badge = page.locator("#admin-link-trainings .badge")
    waiting = int(badge.inner_text())
    page.click("#admin-link-trainings")
    centre(page).get_by_label("Search").fill(identifier)
    # The list before has this button too.
    with page.expect_event("framenavigated"):
        centre(page).get_by_role("button", name="Show").click()
    centre(page).get_by_role("button", name="Approve chosen").click()
    expect(centre(page).get_by_role("alert")).to_contain_text("Nothing was chosen")
    centre(page).get_by_label("Choose The course badge").check()
    centre(page).get_by_role("button", name="Approve chosen").click()
    expect(centre(page).get_by_role("status")).to_contain_text("Done for 1 training.")
    expect(centre(page).get_by_role("row", name=identifier)).to_contain_text("approved")
    expect(badge).to_have_count(0) if waiting == 1 else expect(badge).to_have_text(str(waiting - 1))
