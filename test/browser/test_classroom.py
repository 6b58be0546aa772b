"""A trainee's page while the class runs: the hand, the question, and what the instructor does meanwhile."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fixtures import (
    GalaxyServer,
    User,
)
from playwright.sync_api import (
    expect,
    Page,
    Route,
)
from windows import (
    Account,
    Visit,
)

AUDIT = (Path(__file__).parent / "audit.js").read_text()

Training = Callable[..., str]


def _look_often(page: Page) -> None:
    """Shorten the page's pauses to half a second, before its script reads them."""
    page.add_init_script(
        "document.addEventListener('readystatechange', () => {"
        " const root = document.getElementById('classroom'); if (root) root.dataset.seconds = '0.5'; })"
    )


def _stays(page: Page) -> None:
    """Leave a mark that a reload would wipe away."""
    page.evaluate("window.tiaasMark = true")


def _has_stayed(page: Page) -> bool:
    return bool(page.evaluate("window.tiaasMark === true"))


def _animations_have_ended(page: Page) -> None:
    # Not wait_for_function: it evaluates text within the page, which our Content-Security-Policy forbids.
    page.evaluate("Promise.allSettled(document.getAnimations().map(animation => animation.finished))")


def _ok(galaxy: GalaxyServer, method: str, path: str, user: User, **json: Any) -> Any:
    response = galaxy.api(method, f"tiaas/trainings/{path}", user, json=json)
    assert response.ok, response.text
    return response.json()


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
def test_a_trainee_raises_the_hand_and_the_instructor_lowers_it_without_a_reload(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training, phone: bool
) -> None:
    identifier = training(f"hand-{'p' if phone else 'l'}")
    page = visit(account("neville"), phone=phone)
    # Contrast is measured below, of colours that do not fade in.
    page.emulate_media(reduced_motion="reduce")
    _look_often(page)
    page.goto(f"join-training/{identifier}")
    name = page.locator(".tiaas-you .tiaas-person").inner_text().strip()
    _stays(page)
    page.get_by_role("button", name="I need help").click()
    button = page.get_by_role("button", name=re.compile(r"^Your hand is up since \d\d:\d\d – lower it$"))
    expect(button).to_be_visible()
    expect(button).to_be_focused()
    (hand,) = _ok(galaxy, "GET", f"{identifier}/help", account("admin"))["hands"]["people"]
    assert hand["pseudonym"] == name
    _animations_have_ended(page)
    assert page.evaluate(AUDIT) == []
    _ok(galaxy, "PUT", f"{identifier}/hands/{name}", account("admin"), raised=False)
    expect(page.get_by_role("button", name="I need help")).to_be_visible()
    assert _has_stayed(page)


def test_a_question_appears_by_itself_is_answered_and_goes(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    identifier = training("asked")
    page = visit(account("neville"), phone=True)
    _look_often(page)
    page.goto(f"join-training/{identifier}")
    expect(page.get_by_text("Your instructor asks")).to_be_hidden()
    _stays(page)
    _ok(galaxy, "POST", f"{identifier}/question", account("admin"), text="Have you seen the report?")
    expect(page.get_by_text("Have you seen the report?")).to_be_visible()
    done = page.get_by_role("button", name="Done")
    done.focus()
    page.keyboard.press("Enter")
    expect(done).to_have_attribute("aria-pressed", "true")
    question = _ok(galaxy, "GET", f"{identifier}/help", account("admin"))["question"]
    assert (question["done"]["total"], question["working"]["total"]) == (1, 0)
    _animations_have_ended(page)
    assert page.evaluate(AUDIT) == []
    page.get_by_role("button", name="Still working").click()
    expect(done).to_have_attribute("aria-pressed", "false")
    _ok(galaxy, "DELETE", f"{identifier}/question", account("admin"))
    expect(page.get_by_text("Your instructor asks")).to_be_hidden()
    assert _has_stayed(page)


def test_the_page_says_when_galaxy_is_out_of_reach_and_recovers(
    account: Account, visit: Visit, training: Training
) -> None:
    page = visit(account("neville"))
    _look_often(page)
    page.goto(f"join-training/{training('out-of-reach')}")
    trouble = page.get_by_role("alert")

    def answer_badly(route: Route) -> None:
        # An error status would be a line in the console, which fails every test.
        route.fulfill(status=200, content_type="text/html", body="<html>Maintenance")

    page.route("**/membership", answer_badly)
    expect(trouble).to_contain_text("Galaxy cannot be reached")
    page.unroute("**/membership")
    expect(trouble).to_be_hidden()


def test_without_a_script_the_forms_do_the_same(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    identifier = training("plain-hand")
    page = visit(account("neville"), javascript=False)
    page.goto(f"join-training/{identifier}")
    _ok(galaxy, "POST", f"{identifier}/question", account("admin"))
    page.get_by_role("button", name="I need help").click()
    expect(page.get_by_role("button", name="lower it")).to_be_visible()
    page.get_by_role("button", name="Still working").click()
    expect(page.get_by_role("button", name="Still working")).to_have_attribute("aria-pressed", "true")
    page.get_by_role("button", name="lower it").click()
    expect(page.get_by_role("button", name="I need help")).to_be_visible()
    view = _ok(galaxy, "GET", f"{identifier}/help", account("admin"))
    assert (view["hands"]["total"], view["question"]["working"]["total"]) == (0, 1)
