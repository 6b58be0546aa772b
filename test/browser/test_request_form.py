"""What the request form says while it is filled in, and what it needs no script for."""

from collections.abc import Callable
from datetime import (
    timedelta,
)

import pytest
from days import utc_today
from fixtures import GalaxyServer
from playwright.sync_api import (
    expect,
    Locator,
    Page,
)
from windows import (
    Account,
    centre,
    TIME_ZONE,
    Visit,
)

Unique = Callable[[str], str]


@pytest.fixture
def form(account: Account, visit: Visit) -> Page:
    page = visit(account("minerva"))
    page.goto("tiaas/new/")
    return page


def _note(page: Page, name: str) -> Locator:
    return page.locator(f"#{name}-note")


def _days_from_now(count: int) -> str:
    return (utc_today() + timedelta(days=count)).isoformat()


def _choose(page: Page, *texts: str) -> None:
    countries = page.get_by_role("combobox", name="Countries")
    for text in texts:
        countries.press_sequentially(text)
        countries.press("Enter")


# Identifier


def test_a_title_makes_an_identifier_until_somebody_types_another_one(
    form: Page, unique: Unique, galaxy: GalaxyServer
) -> None:
    word = unique("Ancient runes")
    expected = word.lower().replace(" ", "-")
    form.get_by_label("Title").fill(word)
    expect(form.get_by_label("Identifier")).to_have_value(expected)
    expect(_note(form, "identifier")).to_contain_text(f"{galaxy.url}/join-training/{expected}")
    form.get_by_label("Identifier").fill(unique("runes"))
    form.get_by_label("Title").fill("Arithmancy")
    expect(_note(form, "identifier")).to_contain_text(f"/join-training/{unique('runes')}")
    expect(form.get_by_label("Identifier")).to_have_value(unique("runes"))


def test_a_taken_identifier_is_said_at_once_and_a_free_one_is_a_click_away(
    form: Page, training: Callable[..., str]
) -> None:
    taken = training("quidditch", approved=False)
    form.get_by_label("Identifier").fill(taken.upper())
    expect(_note(form, "identifier")).to_contain_text("taken")
    offered = form.get_by_role("button", name=taken[:8]).first
    text = offered.inner_text()
    offered.click()
    expect(form.get_by_label("Identifier")).to_have_value(text)
    expect(form.get_by_label("Identifier")).to_be_focused()
    expect(_note(form, "identifier")).to_contain_text(f"/join-training/{text}")


@pytest.mark.parametrize("text, reason", [("wingardium leviosa", "Only letters"), ("w" * 25, "Too long by 5")])
def test_what_can_be_no_identifier_says_why(form: Page, text: str, reason: str) -> None:
    form.get_by_label("Identifier").fill(text)
    expect(_note(form, "identifier")).to_contain_text(reason)


# Days and time zone


def test_the_last_day_follows_the_first_and_the_length_is_told(form: Page) -> None:
    first, last = form.get_by_label("First day"), form.get_by_label("Last day")
    first.fill("2098-03-03")
    expect(last).to_have_value("2098-03-03")
    last.fill("2098-03-05")
    expect(_note(form, "days")).to_have_text("3 days, Monday to Wednesday")
    first.fill("2098-03-10")
    expect(last).to_have_value("2098-03-12")


def test_days_can_be_typed(form: Page) -> None:
    """The third of the third and so on, since browsers differ about which comes first, day or month."""
    first, last = form.get_by_label("First day"), form.get_by_label("Last day")
    first.press_sequentially("03032098")
    expect(first).to_have_value("2098-03-03")
    expect(last).to_have_value("2098-03-03")
    last.press_sequentially("04042098")
    expect(_note(form, "days")).to_contain_text("33 days")
    first.press_sequentially("12122098")
    expect(first).to_have_value("2098-12-12")
    expect(last).to_have_value("2099-01-13")
    expect(_note(form, "days")).to_contain_text("33 days")


def test_who_is_late_learns_at_once_what_to_do(form: Page) -> None:
    form.get_by_label("First day").fill(_days_from_now(-3))
    expect(_note(form, "days")).to_contain_text("in the past")
    form.get_by_label("First day").fill(_days_from_now(60))
    expect(_note(form, "days")).to_contain_text("1 day")


def test_the_time_zone_is_guessed_and_a_city_is_enough(form: Page) -> None:
    zone = form.get_by_label("Time zone")
    expect(zone).to_have_value(TIME_ZONE)
    expect(_note(form, "timezone")).to_contain_text("Guessed")
    zone.fill("new york")
    zone.press("Tab")
    expect(zone).to_have_value("America/New_York")
    expect(_note(form, "timezone")).not_to_contain_text("Guessed")
    form.goto("tiaas/new/?timezone=tokyo")
    expect(zone).to_have_value("Asia/Tokyo")


# Countries, materials


def test_countries_are_found_by_name_and_code_and_taken_away_by_keyboard(form: Page) -> None:
    _choose(form, "GBR", "norw", "south korea", "DE")
    chosen = form.locator("[name=location]")
    expect(chosen).to_have_values(["GB", "NO", "KR", "DE"])
    form.get_by_role("combobox", name="Countries").press("Backspace")
    expect(chosen).to_have_values(["GB", "NO", "KR"])
    form.get_by_role("button", name="Remove").first.click()
    expect(chosen).to_have_values(["NO", "KR"])


def test_countries_are_found_as_people_write_them(form: Page) -> None:
    _choose(
        form, "Niger", "Cote d'Ivoire", "The Gambia", "Korea, Republic of", "Bosnia &", "united st", "st vin", "Guinea"
    )
    expect(form.locator("[name=location]")).to_have_values(["NE", "CI", "GM", "KR", "BA", "US", "VC", "GN"])


def test_the_list_of_countries_opens_when_asked_and_tab_chooses_only_what_was_typed(form: Page) -> None:
    countries, chosen = form.get_by_role("combobox", name="Countries"), form.locator("[name=location]")
    options = form.get_by_role("listbox").get_by_role("option")
    countries.focus()
    expect(options.first).to_be_hidden()
    countries.press("Tab")
    countries.click()
    expect(options.first).to_be_visible()
    countries.press("Tab")
    expect(options.first).to_be_hidden()
    expect(chosen).to_have_values([])
    countries.press_sequentially("GB")
    countries.press("Tab")
    expect(chosen).to_have_values(["GB"])
    # As when the window comes back to the front.
    countries.dispatch_event("focus")
    expect(options.first).to_be_hidden()
    countries.press("ArrowDown")
    expect(options.first).to_be_visible()


def test_tutorials_are_asked_for_where_they_are_used_and_never_lost(form: Page) -> None:
    tutorials = form.get_by_label("Which of its tutorials?")
    box = form.get_by_label("I use materials of the Galaxy Training Network")
    expect(tutorials).to_be_hidden()
    box.check()
    tutorials.fill("All of them")
    box.uncheck()
    expect(tutorials).to_be_hidden()
    box.check()
    expect(tutorials).to_have_value("All of them")


# The whole form


def _fill(page: Page, identifier: str) -> None:
    page.get_by_label("Title").fill("Care of magical creatures")
    page.get_by_label("Identifier").fill(identifier)
    page.get_by_label("First day").fill(_days_from_now(40))
    page.get_by_label("People").fill("12")


def test_a_second_click_on_the_button_sends_nothing(form: Page, unique: Unique) -> None:
    sent: list[str] = []
    form.on("request", lambda request: sent.append(request.url) if request.method == "POST" else None)
    _fill(form, unique("creatures"))
    form.get_by_role("button", name="Send the request").dblclick()
    expect(form.get_by_role("status")).to_contain_text("Your request has arrived")
    assert len(sent) == 1


def test_inside_galaxy_the_form_is_sent_in_the_centre_panel(account: Account, visit: Visit, unique: Unique) -> None:
    page = visit(account("minerva"))
    page.goto("?tiaas=tiaas/new/")
    panel = centre(page)
    panel.get_by_label("Title").fill("Care of magical creatures")
    panel.get_by_label("Identifier").fill(unique("framed"))
    panel.get_by_label("First day").fill(_days_from_now(40))
    panel.get_by_label("People").fill("12")
    panel.get_by_role("button", name="Send the request").click()
    expect(panel.get_by_role("status")).to_contain_text("Your request has arrived")


def test_a_course_is_asked_for_again_and_for_longer_without_a_script(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str], unique: Unique
) -> None:
    earlier = training("astronomy", title="Astronomy", instructors=[account("minerva")], location=["GB"])
    page = visit(account("minerva"), javascript=False)
    page.goto(f"tiaas/new/?clone={earlier}")
    expect(page.get_by_label("Title")).to_have_value("Astronomy")
    expect(page.get_by_label("Countries")).to_have_values(["GB"])
    page.get_by_label("Countries").select_option(["GB", "NO"])
    expect(page.get_by_label("Which of its tutorials?")).to_be_visible()
    page.get_by_label("Identifier").fill(unique("stars"))
    for label in ("First day", "Last day"):
        page.get_by_label(label).fill(_days_from_now(40))
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("status")).to_contain_text("Your request has arrived")
    page.goto(f"tiaas/trainings/{unique('stars')}/extend")
    page.get_by_label("Extend until").fill(_days_from_now(42))
    page.get_by_role("button", name="Extend").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Astronomy")
    stored = galaxy.api("GET", f"tiaas/trainings/{unique('stars')}", account("minerva")).json()
    assert (stored["end"], stored["location"]) == (_days_from_now(42), ["GB", "NO"])


# My trainings


def test_the_box_on_my_trainings_takes_a_link_and_keeps_a_mistake(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("boxed")
    page = visit(account("harry"), phone=True)
    page.goto("tiaas/trainings/")
    box = page.get_by_label("Join a training")
    box.fill("griffindoor")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("alert")).to_contain_text("no training of that name")
    expect(box).to_have_value("griffindoor")
    box.fill(f"{galaxy.url}/join-training/{identifier}/status?hours=1")
    page.get_by_role("button", name="Join").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    page.goto("tiaas/trainings/")
    expect(page.get_by_role("listitem").filter(has_text=identifier)).to_contain_text("you joined")


# Two tabs


def test_the_second_of_two_tabs_shows_what_the_first_has_saved(
    account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    minerva = account("minerva")
    identifier = training(
        "divination", instructors=[minerva], description="For beginners.", website="https://example.org/"
    )
    first = visit(minerva)
    second = first.context.new_page()
    for tab in (first, second):
        tab.goto(f"tiaas/trainings/{identifier}/edit")
    first.get_by_label("Title").fill("Ancient runes")
    first.get_by_label("Short description").fill("Read them, write them.\n\nNo knowledge is needed.")
    first.get_by_role("button", name="Save").click()
    expect(first.get_by_text("Saved.")).to_be_visible()
    second.get_by_label("Title").fill("Modern runes")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_role("alert")).to_contain_text("Not saved yet.")
    title, description = second.get_by_label("Title"), second.get_by_label("Short description")
    expect(title).to_have_value("Modern runes")
    expect(title).to_have_accessible_description("Saved now: Ancient runes")
    expect(description).to_have_value("Read them, write them.\n\nNo knowledge is needed.")
    expect(second.locator("#description-difference")).to_have_text("When you opened this page: For beginners.")
    second.get_by_role("button", name="Save").click()
    expect(second.get_by_text("Saved.")).to_be_visible()
    expect(second.get_by_role("heading", level=1)).to_contain_text("Modern runes")
    expect(second.get_by_role("definition").filter(has_text="No knowledge is needed.")).to_be_visible()
