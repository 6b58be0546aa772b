"""Joining, sharing and finding back, as seen in a window."""

import re
from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

import pytest
from days import utc_today
from fixtures import GalaxyServer
from playwright.sync_api import (
    expect,
    Page,
)
from windows import (
    Account,
    log_in,
    TIME_ZONE,
    Visit,
)

AUDIT = (Path(__file__).parent / "audit.js").read_text()
TUTORIAL = "https://training.example.org/topics/introduction/tutorials/galaxy-intro-101/tutorial.html"

Training = Callable[..., str]


# Joining


def test_one_look_says_that_you_are_in_until_when_and_who_you_are(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    identifier = training("one-look", gtn_links=f"{TUTORIAL.removeprefix('https://')};www.example.org/slides")
    page = visit(account("neville"), phone=True)
    page.goto(f"join-training/{identifier}")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    closes = datetime.fromisoformat(galaxy.api("GET", f"tiaas/trainings/{identifier}").json()["closes"])
    there = closes.astimezone(ZoneInfo(TIME_ZONE))
    assert there.date() - datetime.now(ZoneInfo(TIME_ZONE)).date() in (timedelta(1), timedelta(2))
    expect(page.locator(".tiaas-queue time")).to_have_text(
        re.compile(rf"^(tomorrow|\w+ {there.day} \w+) at {there:%H:%M}$")
    )
    name = page.locator(".tiaas-you .tiaas-person")
    button = page.get_by_role("link", name="Open the tutorial")
    expect(button).to_have_attribute("href", TUTORIAL)
    expect(page.locator(".btn-primary")).to_have_count(1)
    expect(page.get_by_role("link", name="www.example.org/slides")).to_be_visible()
    for seen in (page.get_by_role("heading", level=1), page.locator(".tiaas-queue time"), name, button):
        expect(seen).to_be_in_viewport()
    assert page.evaluate(AUDIT) == []
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are already in.")


def test_a_typing_error_is_corrected_where_it_is_noticed(account: Account, visit: Visit, training: Training) -> None:
    identifier = training("typing")
    page = visit(account("neville"), phone=True)
    page.goto(f"join-training/{identifier}x")
    expect(page.get_by_role("heading", level=1)).to_have_text("No such training")
    box = page.get_by_label("Check the spelling")
    expect(box).to_have_value(f"{identifier}x")
    box.fill(f"  {identifier.upper()} ")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
def test_pages_that_refuse_can_be_read_and_operated_by_everybody(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training, phone: bool
) -> None:
    states: dict[str, dict[str, str]] = {"no-new": {}}
    for state in ("rejected", "cancelled"):
        states[f"no-{state}"] = {"state": state}
    page = visit(account("neville"), phone=phone)
    complaints = {}
    for name, decision in states.items():
        identifier = training(f"{name}-{'p' if phone else 'l'}", approved=False)
        if decision:
            assert galaxy.api("PUT", f"tiaas/trainings/{identifier}/state", account("admin"), json=decision).ok
        for path in (f"join-training/{identifier}", f"tiaas/trainings/{identifier}", "tiaas/calendar/?month=99"):
            page.goto(path)
            complaints[path] = page.evaluate(AUDIT)
    assert {path: found for path, found in complaints.items() if found} == {}


# Sharing


def test_an_instructor_copies_the_link(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    identifier = training("copied")
    page = visit(account("admin"))
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.goto(f"tiaas/trainings/{identifier}")
    page.get_by_role("button", name="Copy the link").click()
    expect(page.get_by_text("✓ Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == f"{galaxy.url}/join-training/{identifier}"


def test_without_a_clipboard_the_link_is_copied_in_the_old_way(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    page = visit(account("admin"))
    page.add_init_script("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.goto(f"tiaas/trainings/{training('copied-http')}")
    button = page.get_by_role("button", name="Copy the link")
    button.click()
    expect(page.get_by_text("✓ Copied")).to_be_visible()
    expect(button).to_be_focused()


def test_the_slide_fills_a_projector_and_one_sheet_of_paper(account: Account, visit: Visit, training: Training) -> None:
    identifier = training("slide", title=f"Charms {'for genome browsers ' * 6}")
    page = visit(account("admin"))
    page.set_viewport_size({"width": 1920, "height": 1080})
    page.goto(f"tiaas/trainings/{identifier}")
    with page.context.expect_page() as opened:
        page.get_by_role("link", name="Show as a slide").click()
    page = opened.value
    page.set_viewport_size({"width": 1920, "height": 1080})
    for seen in (page.get_by_role("heading", level=1), page.locator("svg"), page.get_by_text(f"/{identifier}")):
        expect(seen).to_be_in_viewport(ratio=1)
    assert page.evaluate("document.documentElement.scrollHeight") == 1080
    assert page.evaluate(AUDIT) == []
    assert page.pdf(format="A4").count(b"/Type /Page\n") == 1
    page.get_by_role("button", name="Full screen").click()
    expect(page.get_by_role("navigation")).to_be_hidden()


def test_an_instructor_invites_another_one_who_accepts(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    minerva, filius = account("minerva"), account("filius")
    identifier = training("two-teachers", instructors=[minerva])
    page = visit(minerva, phone=True)
    page.goto(f"tiaas/trainings/{identifier}")
    field = page.get_by_label("Invite somebody to teach with you")
    field.fill("x" * 300)
    page.get_by_role("button", name="Invite").click()
    expect(field).to_have_attribute("aria-invalid", "true")
    expect(field).to_be_focused()
    field.fill(f"{filius.email}, nobody-of-that-name")
    page.get_by_role("button", name="Invite").click()
    expect(page.get_by_role("status")).to_have_text("Saved.")
    for typed in (filius.email, "nobody-of-that-name"):
        expect(page.get_by_role("listitem").filter(has_text=typed)).to_contain_text("until")
    assert page.evaluate(AUDIT) == []
    withdraw = page.get_by_role("button", name="Withdraw the invitation to nobody-of-that-name")
    withdraw.click()
    expect(withdraw).to_have_count(0)
    theirs = visit(filius, phone=True)
    theirs.goto("tiaas/trainings/")
    invitation = theirs.get_by_role("listitem").filter(has_text="The course two-teachers").filter(has_text="asks you")
    assert theirs.evaluate(AUDIT) == []
    invitation.get_by_role("button", name="Accept").click()
    expect(theirs.get_by_role("status")).to_have_text("You teach this training now.")
    page.reload()
    expect(page.get_by_role("button", name=f"Withdraw the invitation to {filius.email}")).to_have_count(0)
    remove = page.get_by_role("button", name=f"Remove {filius.username}")
    remove.click()
    expect(remove).to_have_count(0)


# The way back after a login that forgets it


def _forgotten(page: Page, galaxy: GalaxyServer, path: str) -> None:
    """The cookie that the page has left before the login."""
    page.context.add_cookies([{"name": "tiaas_return", "value": quote(path, safe=""), "url": galaxy.url}])


def _has_cookie(page: Page) -> bool:
    return "tiaas_return" in {cookie["name"] for cookie in page.context.cookies()}


def test_a_login_that_forgets_the_way_offers_to_finish_on_whatever_page_it_ends(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    identifier = training("lost-way")
    page = visit(phone=True)
    page.goto(f"join-training/{identifier}")
    page.goto("login/start?redirect=%2Fdatasets%2Flist")
    expect(page.locator("input[name=login]")).to_be_visible()
    offer = page.get_by_role("dialog", name=f"You were about to join the training “{identifier}”.")
    expect(offer).to_have_count(0)  # nobody is logged in yet
    log_in(page, account("neville"))
    expect(offer).to_be_visible()
    assert page.url == f"{galaxy.url}/datasets/list"
    button = offer.get_by_role("button", name="Finish joining")
    expect(button).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    assert page.url == f"{galaxy.url}/join-training/{identifier}"
    assert not _has_cookie(page)


@pytest.mark.parametrize("decline", ["Not now", "Escape"])
def test_an_offer_that_is_declined_does_not_come_back(
    galaxy: GalaxyServer, account: Account, visit: Visit, decline: str
) -> None:
    page = visit(account("neville"))
    _forgotten(page, galaxy, "/tiaas/new/?title=Potions")
    page.goto("")
    offer = page.get_by_role("dialog", name="You were on the way to the request for a training.")
    expect(offer.get_by_role("button", name="Continue")).to_be_focused()
    if decline == "Escape":
        page.keyboard.press("Escape")
    else:
        offer.get_by_role("button", name=decline).click()
    expect(offer).to_have_count(0)
    assert not _has_cookie(page)


def test_the_offer_of_another_page_leads_there_with_what_was_filled_in(
    galaxy: GalaxyServer, account: Account, visit: Visit
) -> None:
    page = visit(account("neville"))
    _forgotten(page, galaxy, "/tiaas/new/?title=Potions")
    page.goto("")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Title")).to_have_value("Potions")
    assert not _has_cookie(page)


@pytest.mark.parametrize(
    "path", ["/user/logout", "//elsewhere.example.com/tiaas/", "https://elsewhere.example.com/tiaas/"]
)
def test_only_pages_of_ours_are_offered(galaxy: GalaxyServer, account: Account, visit: Visit, path: str) -> None:
    page = visit(account("neville"))
    _forgotten(page, galaxy, path)
    page.goto("")
    expect(page.locator("#tiaas_masthead a")).to_be_visible()
    page.wait_for_function("!document.cookie.includes('tiaas_return')")
    expect(page.get_by_role("dialog")).to_have_count(0)


def test_an_early_training_says_in_local_time_when_the_queue_opens(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    start = (utc_today() + timedelta(days=30)).isoformat()
    identifier = training("in-a-month", start=start, end=start)
    page = visit(account("admin"))
    page.goto(f"tiaas/trainings/{identifier}")
    opens = datetime.fromisoformat(galaxy.api("GET", f"tiaas/trainings/{identifier}").json()["opens"])
    there = opens.astimezone(ZoneInfo(TIME_ZONE))
    expect(page.locator(".tiaas-next")).to_contain_text(f"{there:%A} {there.day} {there:%B}")
    expect(page.locator(".tiaas-next")).to_contain_text(re.compile(rf"at {there:%H:%M}, in 4 weeks"))
