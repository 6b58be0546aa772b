"""The pages for everybody, with what their scripts make of them: calendar, statistics, classroom view."""

import re
from collections.abc import Callable
from typing import Optional

import pytest
from crowds import crowd
from days import utc_today
from fixtures import GalaxyServer
from playwright.sync_api import expect
from windows import (
    Account,
    SCREENSHOTS,
    Visit,
)

Training = Callable[..., str]
Picture = Callable[..., None]


def test_an_admin_leafs_through_the_calendar_to_the_review_of_a_training_and_comes_back(
    account: Account, visit: Visit, training: Training
) -> None:
    identifier = training("leaf", title="Herbology by owl", start="2031-03-10", end="2031-03-12")
    page = visit(account("admin"))
    page.goto("tiaas/calendar/?year=2031&month=2")
    month = page.locator("#tiaas-calendar").get_by_role("heading", level=2)
    expect(month).to_have_text("February 2031")
    expect(page.locator("#tiaas-month")).to_have_count(0)
    page.get_by_role("button", name="Next month").click()
    expect(month).to_have_text("March 2031")
    expect(page.get_by_role("columnheader").first).to_have_text("Mon")
    expect(page.get_by_role("gridcell", name="10 March 2031").get_by_role("link")).to_have_text("Herbology by owl")
    page.get_by_role("button", name="list").click()
    lines = page.locator("#tiaas-calendar").get_by_role("listitem")
    expect(lines).to_contain_text(["10 – 12 March 2031"])
    page.reload()
    expect(month).to_have_text("March 2031")
    page.get_by_role("link", name="Herbology by owl, 3 days, 10 people expected").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Herbology by owl")
    assert page.url.endswith(f"/tiaas/admin/trainings/{identifier}")
    page.go_back()
    expect(month).to_have_text("March 2031")
    expect(lines).to_have_count(1)


def test_the_public_sees_on_which_days_there_are_trainings_and_not_which(visit: Visit, training: Training) -> None:
    training("secret", title="Occlumency", start="2031-05-05", end="2031-05-06")
    page = visit()
    page.goto("tiaas/calendar/?year=2031&month=5")
    expect(page.locator(".fc-event")).to_have_text("Training, 2 days")
    expect(page.locator(".fc-event[href]")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("Occlumency")


def test_a_day_with_many_trainings_is_opened_by_keyboard(visit: Visit, training: Training) -> None:
    for number in range(5):
        training(f"busy-{number}", start="2031-07-09", end="2031-07-09")
    page = visit()
    page.goto("tiaas/calendar/?year=2031&month=7")
    more = page.locator(".fc-daygrid-more-link")
    expect(more).to_have_text("+2 more")
    more.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".fc-popover .fc-event")).to_have_count(5)
    page.keyboard.press("Escape")
    expect(page.locator(".fc-popover")).to_have_count(0)


def test_the_calendar_is_there_without_javascript(visit: Visit, training: Training) -> None:
    training("plain", start="2031-09-02", end="2031-09-03")
    page = visit(javascript=False)
    page.goto("tiaas/calendar/?year=2031&month=8")
    page.get_by_role("link", name="September").click()
    expect(page.get_by_role("heading", level=2, name="September 2031")).to_be_visible()
    expect(page.get_by_role("cell", name="1 training")).to_have_count(2)
    expect(page.get_by_role("listitem").filter(has_text="2 – 3 September 2031")).to_be_visible()


def test_a_calendar_can_be_subscribed(galaxy: GalaxyServer, visit: Visit, picture: Picture) -> None:
    page = visit()
    page.goto("tiaas/calendar/")
    expect(page.locator(".fc-daygrid")).to_be_visible()
    if SCREENSHOTS:
        expect(page.locator(".fc-event").first).to_be_visible()
    picture(page, "calendar")
    feed = f"{galaxy.url}/tiaas/calendar.ics"
    link = page.get_by_role("link", name="Subscribe with your calendar program")
    expect(link).to_have_attribute("href", re.sub("^https?", "webcal", feed))
    expect(page.get_by_text(feed)).to_be_visible()
    page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page.get_by_role("button", name="Copy address").click()
    expect(page.get_by_text("✓ Copied")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == feed


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
def test_the_map_and_its_table_have_the_same_numbers(visit: Visit, training: Training, phone: bool) -> None:
    training("mapped-phone" if phone else "mapped", location=["AU", "SG", "XK"])
    page = visit(phone=phone)
    page.goto("tiaas/stats/")
    picture = page.get_by_role("img", name="World map")
    expect(picture.locator("svg")).to_be_visible()
    table = page.get_by_role("table", name="Trainings by country").get_by_role("row").all()
    in_table = {tuple(row.get_by_role("cell").all_inner_texts()[:2]) for row in table[1:]}
    labels = picture.locator("[data-label]:not([data-label$=none])").evaluate_all(
        "all => all.map(e => e.dataset.label)"
    )
    on_map = {tuple(label.rsplit(": ", 1)) for label in labels}
    small = page.locator("#tiaas-small-countries").inner_text()
    beside_map = set(re.findall(r"(?:: |, )([^()]+) \(([\d,]+)\)", small))
    assert on_map | beside_map == in_table
    assert "Australia" in {name for name, _ in on_map}
    assert "Singapore" in {name for name, _ in beside_map}


def _let_be_counted(galaxy: GalaxyServer, identifier: str) -> None:
    """As the lifecycle counts trainings that are over, this one and all of the past."""
    with galaxy.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tiaas_training SET usage_counted_at = ends_at, usage_people = attendance / 2,"
            " usage_jobs = attendance * 12, usage_job_seconds = attendance * 5400,"
            " usage_core_seconds = attendance * 9000"
            f" WHERE state = 'approved' AND (ends_at < '{utc_today()}' OR identifier = '{identifier}')"
        )


def test_every_picture_of_the_statistics_has_a_table_and_only_the_table_needs_no_script(
    galaxy: GalaxyServer, visit: Visit, training: Training, picture: Picture
) -> None:
    _let_be_counted(galaxy, training("drawn", location=["NO"]))
    if SCREENSHOTS:
        past = galaxy.query("SELECT identifier, attendance FROM tiaas_training WHERE usage_counted_at IS NOT NULL")
        for identifier, attendance in past:
            crowd(galaxy, identifier, attendance * 5 // 6, lambda _: [])
    page = visit()
    page.goto("tiaas/stats/")
    expect(page.get_by_role("img").locator("svg")).to_have_count(5)
    expect(page.locator(".tiaas-numbers")).to_contain_text("core hours")
    expect(page.get_by_role("columnheader", name="Job hours")).to_be_visible()
    picture(page, "statistics")
    page = visit(javascript=False)
    page.goto("tiaas/stats/")
    expect(page.get_by_role("img")).to_have_count(0)
    expect(page.get_by_role("table")).to_have_count(2)
    expect(page.get_by_role("rowheader", name=str(utc_today().year))).to_be_visible()


@pytest.mark.parametrize("person", [None, "admin"], ids=["anonymous", "admin"])
def test_no_number_of_the_statistics_is_beside_the_screen_of_a_phone(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training, person: Optional[str]
) -> None:
    _let_be_counted(galaxy, training("beside-admin" if person else "beside"))
    page = visit(account(person) if person else None, phone=True)
    page.goto("tiaas/stats/")
    expect(page.get_by_text("Core hours:").or_(page.get_by_text("core hours")).first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_admins_find_the_trainings_behind_the_numbers(account: Account, visit: Visit, training: Training) -> None:
    training("behind", title="Divination", start="2039-01-03", end="2039-01-04")
    page = visit()
    page.goto("tiaas/stats/")
    expect(page.get_by_text("For administrators")).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text("Divination")
    page = visit(account("admin"))
    page.goto("tiaas/stats/")
    page.get_by_role("link", name="Divination").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Divination")


def test_the_classroom_view_has_the_class_the_way_in_and_nothing_else(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    identifier = training("wall")
    page = visit(account("minerva"))
    page.goto(f"join-training/{identifier}/status?hours=6")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Classroom view").click()
    wall = popup.value
    expect(wall.get_by_role("heading", level=1)).to_have_text("The course wall")
    expect(wall.get_by_role("navigation")).to_have_count(0)
    expect(wall.locator(".tiaas-qr svg")).to_be_visible()
    expect(wall.get_by_text(f"{galaxy.url}/join-training/{identifier}".partition("://")[2])).to_be_visible()
    assert galaxy.api("POST", f"tiaas/trainings/{identifier}/join", account("padma")).ok
    people = wall.get_by_role("region", name="People")
    expect(people.get_by_role("listitem")).to_contain_text("no job yet", timeout=60_000)
    expect(wall.get_by_role("button", name="Full screen")).to_be_visible()
    wall.get_by_role("link", name="Ordinary view").click()
    expect(wall.get_by_role("link", name="6 h", exact=True)).to_have_attribute("aria-current", "true")
