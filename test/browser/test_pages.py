"""The pages by themselves: on a phone, without a mouse, without JavaScript, with mistakes."""

from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)
from zoneinfo import ZoneInfo

from days import utc_today
from fixtures import GalaxyServer
from playwright.sync_api import (
    expect,
    Page,
)
from windows import (
    Account,
    TIME_ZONE,
    Visit,
)


def test_a_trainee_sees_when_the_queue_opens_and_closes_in_the_local_time(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    start = utc_today() + timedelta(days=30)
    identifier = training("early", start=start.isoformat(), end=start.isoformat())
    page = visit(account("dean"), phone=True)
    page.goto(f"join-training/{identifier}")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    view = galaxy.api("GET", f"tiaas/trainings/{identifier}").json()
    for moment, field in zip(page.locator(".tiaas-queue time").all(), ("opens", "closes"), strict=True):
        there = datetime.fromisoformat(view[field]).astimezone(ZoneInfo(TIME_ZONE))
        expect(moment).to_contain_text(f"{there:%H:%M}")
        expect(moment).to_contain_text(f"{there.day} ")
    expect(page.get_by_role("link", name="Go to Galaxy")).to_be_visible()


def test_a_form_with_mistakes_keeps_what_was_typed_and_says_what_is_wrong_where_it_is_wrong(
    account: Account, visit: Visit
) -> None:
    page = visit(account("minerva"))
    page.goto("tiaas/new/")
    page.get_by_label("Title").fill("Charms")
    page.get_by_label("Identifier").fill("wingardium leviosa")
    page.locator("summary").filter(has_text="More").click()
    page.get_by_label("Website").fill("the web page of the castle")
    page.get_by_label("Short description").fill("one\n\ntwo <three>")
    page.get_by_label("People").fill("0")
    countries = page.get_by_role("combobox", name="Countries")
    for code in ("ZWE", "GB"):
        countries.press_sequentially(code)
        countries.press("Enter")
    page.get_by_label("blog post").check()
    page.get_by_role("button", name="Send the request").click()
    summary = page.get_by_role("alert")
    expect(summary).to_be_focused()
    summary.get_by_role("link", name="identifier").click()
    assert page.url.endswith("#identifier")
    for label, error in (("Identifier", "letters without accents"), ("Website", "https://"), ("First day", "fill in")):
        field = page.get_by_label(label)
        expect(field).to_have_attribute("aria-invalid", "true")
        expect(page.locator(f"#{field.get_attribute('name')}-error")).to_contain_text(error)
    expect(page.get_by_label("Title")).to_have_value("Charms")
    expect(page.get_by_label("Identifier")).to_have_value("wingardium leviosa")
    expect(page.get_by_label("Short description")).to_have_value("one\n\ntwo <three>")
    expect(page.get_by_label("People")).to_have_value("0")
    expect(page.locator("[name=location]")).to_have_values(["GB", "ZW"])
    expect(page.get_by_label("blog post")).to_be_checked()


def test_a_form_that_was_open_while_the_login_ended_is_not_lost(account: Account, visit: Visit) -> None:
    page = visit(account("minerva"))
    page.goto("tiaas/new/")
    page.get_by_label("Title").fill("Potions")
    expect(page.get_by_label("Identifier")).not_to_have_value("")
    page.context.clear_cookies()
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("alert")).to_contain_text("not logged in any more")
    expect(page.get_by_label("Title")).to_have_value("Potions")


def test_a_note_is_not_lost_when_a_decision_is_not_possible(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("late-note", approved=False)
    page = visit(account("admin"))
    page.goto(f"tiaas/admin/trainings/{identifier}")
    page.get_by_label("Note to the instructor").fill("Two admins at once")
    decision = {"state": "approved"}
    assert galaxy.api("PUT", f"tiaas/trainings/{identifier}/state", account("admin"), json=decision).ok
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("alert")).to_contain_text("is approved already")
    expect(page.get_by_label("Note to the instructor")).to_have_value("Two admins at once")


def test_a_training_is_requested_joined_and_left_without_javascript(
    account: Account, visit: Visit, training: Callable[..., str], unique: Callable[[str], str]
) -> None:
    page = visit(account("minerva"), javascript=False)
    page.goto("tiaas/new/")
    first_day = (utc_today() + timedelta(days=40)).isoformat()
    values = {"Title": "Herbology", "Identifier": unique("herbology"), "First day": first_day, "Last day": first_day}
    for label, value in {**values, "People": "12"}.items():
        page.get_by_label(label).fill(value)
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("status")).to_contain_text("Your request has arrived")

    identifier = training("no-script")
    page = visit(account("dean"), javascript=False)
    page.goto(f"join-training/{identifier}")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    expect(page.locator("main time").first).to_contain_text("UTC")
    page.get_by_role("link", name="Leave this training").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You have left")


def _focus_ring(page: Page) -> str:
    return str(page.evaluate("getComputedStyle(document.activeElement).outlineStyle"))


def test_the_keyboard_shows_where_it_is(account: Account, visit: Visit) -> None:
    page = visit(account("dean"))
    page.goto("tiaas/trainings/")
    for _ in range(10):
        page.keyboard.press("Tab")
        assert _focus_ring(page) == "solid"
