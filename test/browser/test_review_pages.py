"""The admins' pages: what needs a decision, many at once, one at a glance, by mouse, keyboard and plain forms."""

import itertools
from collections.abc import Callable
from datetime import (
    date,
    timedelta,
)
from pathlib import Path
from typing import Any

import pytest
from days import utc_today
from fixtures import GalaxyServer
from playwright.sync_api import (
    expect,
    Page,
)
from windows import (
    Account,
    Visit,
)

AUDIT = (Path(__file__).parent / "audit.js").read_text()
_numbers = itertools.count(1)
NEXT_WEEK = (utc_today() + timedelta(days=7)).isoformat()


@pytest.fixture
def three(training: Callable[..., str], unique: Callable[[str], str]) -> tuple[str, list[str]]:
    """A word to search for, and the identifiers of three requests that have it, called a, b and c."""
    word = unique(f"trio{next(_numbers)}")
    return word, [
        training(f"{name}-{word}", approved=False, description=word, title=f"The course {name}-of")
        for name in ("a", "b", "c")
    ]


def _open_list(page: Page, word: str) -> None:
    page.goto("tiaas/admin/")
    page.get_by_label("Search").fill(word)
    page.get_by_role("button", name="Show").click()


def _state(galaxy: GalaxyServer, account: Account, identifier: str) -> Any:
    return galaxy.api("GET", f"tiaas/trainings/{identifier}", account("admin")).json()


def test_requests_are_chosen_by_keyboard_counted_and_decided_together(
    galaxy: GalaxyServer, account: Account, visit: Visit, three: tuple[str, list[str]]
) -> None:
    word, (one, two, last) = three
    page = visit(account("admin"))
    _open_list(page, word)
    expect(page.get_by_text("Nothing chosen")).to_be_visible()
    page.get_by_label("Choose all on this page").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("3 chosen")).to_be_visible()
    page.get_by_label("Choose The course b-of").focus()
    page.keyboard.press("Space")
    expect(page.get_by_text("2 chosen")).to_be_visible()
    assert page.get_by_label("Choose all on this page").evaluate("box => box.indeterminate")
    page.get_by_label("Destination").select_option("training-big")
    page.get_by_label("Note to the instructors").fill("Welcome, all of you")
    page.get_by_role("button", name="Approve chosen").press("Enter")
    status = page.get_by_role("status").filter(has_text="Done for 2 trainings.")
    for identifier in (one, last):
        expect(status.get_by_role("link", name=identifier)).to_be_visible()
        view = _state(galaxy, account, identifier)
        assert (view["state"], view["destination"]) == ("approved", "training-big")
    expect(page.get_by_role("row", name=two)).to_contain_text("waiting")


def test_a_click_with_the_shift_key_chooses_all_between(
    account: Account, visit: Visit, three: tuple[str, list[str]]
) -> None:
    page = visit(account("admin"))
    _open_list(page, three[0])
    boxes = page.get_by_role("checkbox", name="Choose The course")
    boxes.nth(0).click()
    boxes.nth(2).click(modifiers=["Shift"])
    expect(page.get_by_text("3 chosen")).to_be_visible()


def test_the_bar_of_decisions_stays_in_sight_on_a_phone_once_something_is_chosen(
    account: Account, visit: Visit, three: tuple[str, list[str]]
) -> None:
    page = visit(account("admin"), phone=True)
    _open_list(page, three[0])
    button = page.get_by_role("button", name="Approve chosen")
    page.get_by_label("Choose The course a-of").check()
    expect(button).to_be_in_viewport()
    page.evaluate("window.scrollTo(0, 0)")
    expect(button).to_be_in_viewport()
    assert page.evaluate(AUDIT) == []


def test_what_is_not_possible_is_said_and_the_rest_is_done(
    galaxy: GalaxyServer, account: Account, visit: Visit, three: tuple[str, list[str]]
) -> None:
    word, (one, two, _) = three
    page = visit(account("admin"))
    _open_list(page, word)
    page.get_by_label("Choose The course a-of").check()
    page.get_by_label("Choose The course b-of").check()
    page.get_by_label("Note to the instructors").fill("No room")
    path = f"tiaas/trainings/{one}/state"
    assert galaxy.api("PUT", path, account("admin"), json={"state": "rejected"}).ok
    page.get_by_role("button", name="Reject chosen").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text(f"{one}: The training '{one}' is rejected")
    expect(alert).to_contain_text(f"Rejected: {two}")
    expect(page.get_by_label("Note to the instructors")).to_have_value("No room")


def test_the_list_works_without_javascript(
    galaxy: GalaxyServer, account: Account, visit: Visit, three: tuple[str, list[str]]
) -> None:
    word, (one, _, _) = three
    page = visit(account("admin"), javascript=False)
    _open_list(page, word)
    expect(page.get_by_label("Choose all on this page")).to_be_hidden()
    page.get_by_label("Choose The course a-of").check()
    page.get_by_role("button", name="Reject chosen").click()
    expect(page.get_by_role("status")).to_contain_text("Done for 1 training.")
    assert _state(galaxy, account, one)["state"] == "rejected"


def test_a_requested_change_is_found_and_accepted(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("more", start=NEXT_WEEK, end=NEXT_WEEK, instructors=[account("minerva")])
    path = f"tiaas/trainings/{identifier}"
    assert galaxy.api("PUT", path, account("minerva"), json={"attendance": 25}).ok
    page = visit(account("admin"))
    page.goto(f"tiaas/admin/?needs_decision=1&search={identifier}")
    row = page.get_by_role("row", name=identifier)
    expect(row).to_contain_text("people expected: 10 → 25")
    row.get_by_role("link", name="The course more").click()
    form = page.locator("form").filter(has_text="The instructor asks for a change")
    expect(form).to_contain_text("10 → 25")
    assert page.evaluate(AUDIT) == []
    form.get_by_role("button", name="Accept").click()
    expect(page.get_by_role("status")).to_contain_text("accepted")
    assert _state(galaxy, account, identifier)["attendance"] == 25


def test_seats_of_others_are_seen_in_the_list_and_on_the_page(
    account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    day = (utc_today() + timedelta(days=400)).isoformat()
    other = training("neighbour", start=day, end=day, attendance=30)
    identifier = training("beside", approved=False, start=day, end=day, attendance=12)
    page = visit(account("admin"))
    _open_list(page, identifier)
    row = page.get_by_role("row", name=identifier)
    expect(row).to_contain_text("at most 42, 30 of others")
    expect(row.get_by_role("img")).to_have_accessible_name(
        f"Load: at most 42 seats on one day ({date.fromisoformat(day):%-d %B %Y}): 12 here and 30 of others"
    )
    row.get_by_role("link", name="The course beside").click()
    page.get_by_text("Numbers by day").click()
    expect(page.get_by_role("link", name="The course neighbour")).to_be_visible()
    expect(page.locator(f"a[href$='/{other}']")).to_be_visible()


def test_the_decision_is_in_sight_when_the_page_opens(
    account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("sight", approved=False, description="Long. " * 400)
    page = visit(account("admin"))
    page.goto(f"tiaas/admin/trainings/{identifier}")
    for name in ("Approve", "Reject"):
        expect(page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)
    page.mouse.wheel(0, 3000)
    expect(page.get_by_role("button", name="Approve", exact=True)).to_be_in_viewport(ratio=1)


def test_a_running_training_is_ended_early_and_goes_on_after_all(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("short")
    page = visit(account("admin"))
    page.goto(f"tiaas/admin/trainings/{identifier}")
    page.get_by_text("End it early").click()
    page.get_by_label("Why it ends early").fill("Snow")
    assert page.evaluate(AUDIT) == []
    page.get_by_role("button", name="End the training now").click()
    expect(page.get_by_role("status")).to_contain_text("the training is over")
    expect(page.locator(".tiaas-timeline")).to_contain_text("Ended early")
    assert _state(galaxy, account, identifier)["phase"] == "finished"
    page.get_by_role("button", name="Resume").click()
    expect(page.get_by_role("status")).to_contain_text("goes on")
    assert _state(galaxy, account, identifier)["phase"] == "ongoing"


def test_an_instructor_ends_the_own_course_early(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("own-end", instructors=[account("minerva")])
    page = visit(account("minerva"))
    page.goto(f"tiaas/trainings/{identifier}")
    page.get_by_text("End it early").click()
    page.get_by_role("button", name="End the training now").click()
    expect(page.get_by_role("status")).to_be_visible()
    assert _state(galaxy, account, identifier)["phase"] == "finished"


def test_a_mistaken_decision_is_undone(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("undo", approved=False)
    page = visit(account("admin"))
    page.goto(f"tiaas/admin/trainings/{identifier}")
    page.get_by_role("button", name="Reject", exact=True).click()
    page.get_by_role("button", name="Approve after all").click()
    expect(page.get_by_role("status")).to_contain_text("approved")
    page.get_by_text("Undo the approval").click()
    page.get_by_role("button", name="Reject after all").click()
    expect(page.get_by_role("status")).to_contain_text("rejected")
    assert _state(galaxy, account, identifier)["state"] == "rejected"


def test_a_wrong_destination_is_said_beside_the_destination(
    account: Account, visit: Visit, training: Callable[..., str]
) -> None:
    identifier = training("nowhere", approved=False)
    page = visit(account("admin"))
    page.goto(f"tiaas/admin/trainings/{identifier}")
    destination = page.get_by_label("Destination")
    destination.evaluate("select => select.options[0].value = 'the-moon'")
    page.get_by_role("button", name="Approve", exact=True).click()
    expect(destination).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#destination-error")).to_contain_text("'the-moon' is not a destination")
