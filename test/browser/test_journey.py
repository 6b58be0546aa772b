"""The journey of the README, by clicking: request, review, join, run, watch, leave."""

import re
from collections.abc import Callable
from datetime import (
    timedelta,
)

from crowds import (
    crowd,
    insert_job,
    Past,
)
from days import utc_today
from fixtures import (
    GalaxyServer,
    User,
)
from playwright.sync_api import expect
from windows import (
    Account,
    centre,
    log_in,
    SCREENSHOTS,
    Visit,
)

Picture = Callable[..., None]

#: The class in the pictures: so many besides harry, and what they do.
OTHERS = 22
STEPS = (
    ("__DATA_FETCH__", "Upload the reads"),
    ("cat1", "Put the lanes together"),
    ("Show beginning1", "Trim the adapters"),
    ("sort1", "Map to the genome"),
    ("wc_gnu", "Count the reads"),
)


def test_a_course_goes_from_the_request_form_to_the_dashboard_and_back_out(
    galaxy: GalaxyServer, account: Account, unique: Callable[[str], str], visit: Visit, picture: Picture
) -> None:
    minerva, harry, admin = account("minerva"), account("harry"), account("admin")
    identifier = unique("gryffindor")

    # minerva requests a training
    page = visit(minerva)
    page.goto("tiaas/new/")
    first_day = utc_today() + timedelta(days=20)
    page.get_by_label("Title").fill("Transfiguration of sequencing data")
    page.get_by_label("Identifier").fill(identifier)
    page.get_by_label("Short description").fill("From FASTQ to differentially expressed genes, wand not needed.")
    page.get_by_label("First day").fill(first_day.isoformat())
    page.get_by_label("Last day").fill((first_day + timedelta(days=1)).isoformat())
    page.get_by_label("Time zone").fill("Europe/London")
    page.get_by_label("People").fill("24")
    countries = page.get_by_role("combobox", name="Countries")
    countries.press_sequentially("GB")
    countries.press("Enter")
    page.get_by_label("I use materials of the Galaxy Training Network").check()
    if SCREENSHOTS:
        page.set_viewport_size({"width": 1280, "height": 1200})
        page.evaluate("scrollTo(0, 0)")
    picture(page, "request")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("status")).to_contain_text("Your request has arrived")
    expect(page.locator(".tiaas-link")).to_contain_text(f"{galaxy.url}/join-training/{identifier}")

    # an admin finds it in Galaxy's own admin panel, and approves it there
    page = visit(admin)
    page.goto("")
    page.click("#activity-admin")
    expect(page.locator("#admin-link-trainings .badge")).to_have_attribute("title", re.compile(r"requests? waiting"))
    page.click("#admin-link-trainings")
    if not SCREENSHOTS:
        # What other tests ask for may fill the first page.
        centre(page).get_by_label("Search").fill(identifier)
        centre(page).get_by_role("button", name="Show").click()
        panel = page.frame("galaxy_main")
        assert panel
        panel.wait_for_url(f"**search={identifier}**")
    request = centre(page).get_by_role("row", name=identifier)
    expect(request).to_contain_text("waiting")
    picture(page, "admin")
    request.get_by_role("link", name="Transfiguration of sequencing data").click()
    expect(centre(page).get_by_role("heading", level=1)).to_have_text("Transfiguration of sequencing data")
    centre(page).get_by_label("Destination").select_option("training-big")
    centre(page).get_by_label("Note to the instructor").fill("On the large nodes. Have a good course!")
    if SCREENSHOTS:
        review = visit(admin)
        review.goto(f"tiaas/admin/trainings/{identifier}")
        picture(review, "review", full_page=True)
    centre(page).get_by_role("button", name="Approve").click()
    expect(centre(page).get_by_role("status")).to_contain_text("approved")

    # minerva sees the answer
    page = visit(minerva)
    page.goto(f"tiaas/trainings/{identifier}")
    expect(page.get_by_text("Approved by")).to_contain_text("admin")
    expect(page.locator(".alert")).to_contain_text("On the large nodes.")
    expect(page.locator(".tiaas-qr svg")).to_be_visible()
    picture(page, "share")

    # harry follows the link in the morning of the first day: logged out, on a phone
    today = {"start": utc_today().isoformat(), "end": (utc_today() + timedelta(days=1)).isoformat()}
    assert galaxy.api("PUT", f"tiaas/trainings/{identifier}", admin, json=today).ok
    page = visit(phone=True)
    page.goto(f"join-training/{identifier}")
    page.get_by_role("link", name="Log in").click()
    log_in(page, harry)
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    assert page.url == f"{galaxy.url}/join-training/{identifier}"
    pseudonym = page.locator(".tiaas-you .tiaas-person").inner_text()
    assert re.fullmatch(r"[a-z]+-[a-z]+", pseudonym)
    expect(page.locator(".tiaas-queue")).not_to_contain_text("UTC")
    picture(page, "join")

    # harry works
    for tool in ("__DATA_FETCH__", "cat1"):
        insert_job(galaxy, harry, Past(tool, "ok"))

    # everybody sees it under his pseudonym, he sees which one he is
    if SCREENSHOTS:
        _others_work(galaxy, minerva, identifier)
    page = visit()
    page.goto(f"join-training/{identifier}/status")
    person = page.get_by_role("listitem").filter(has_text=pseudonym)
    expect(person).to_contain_text("ok 2")
    expect(page.get_by_text("you", exact=True)).to_have_count(0)
    expect(page.locator("body")).not_to_contain_text(harry.username)
    picture(page, "dashboard")
    if SCREENSHOTS:
        wall = visit()
        wall.set_viewport_size({"width": 1600, "height": 900})
        wall.goto(f"join-training/{identifier}/status?view=wall")
        picture(wall, "classroom")
    page = visit(harry)
    page.goto(f"join-training/{identifier}/status")
    expect(page.get_by_role("listitem").filter(has_text=pseudonym)).to_contain_text("you")

    # and he leaves
    page.goto("tiaas/trainings/")
    page.get_by_role("listitem").filter(has_text=identifier).get_by_role("link", name="Leave").click()
    page.get_by_role("button", name="Leave").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("You have left")
    page.goto(f"join-training/{identifier}/leave")
    expect(page.get_by_role("heading", level=1)).to_contain_text("You are not in")
    assert len(galaxy.api("GET", f"tiaas/trainings/{identifier}/members", admin).json()) == (
        OTHERS if SCREENSHOTS else 0
    )


def _others_work(galaxy: GalaxyServer, instructor: User, identifier: str) -> None:
    """A class worth a picture."""
    steps = [{"tool_id": tool, "label": label} for tool, label in STEPS]
    assert galaxy.api("PUT", f"tiaas/trainings/{identifier}/dashboard", instructor, json={"steps": steps}).ok

    def jobs(number: int) -> list[Past]:
        begun = min(number * 5 // OTHERS + number % 2, len(STEPS))
        done = [Past(tool, "ok", 90 - 15 * place) for place, (tool, _) in enumerate(STEPS[:begun])]
        last = ("ok", "running", "queued", "ok", "error", "ok")[number % 6]
        return [*done[:-1], done[-1]._replace(state=last)] if done else []

    crowd(galaxy, identifier, OTHERS, jobs)


def test_a_course_goes_the_same_way_on_phones(
    galaxy: GalaxyServer, account: Account, unique: Callable[[str], str], visit: Visit
) -> None:
    minerva, admin = account("minerva"), account("admin")
    identifier = unique("phones")
    today = utc_today()

    page = visit(minerva, phone=True)
    page.goto("tiaas/new/")
    page.get_by_label("Title").fill("Muggle studies")
    page.get_by_label("Identifier").fill(identifier)
    page.get_by_label("First day").fill((today + timedelta(days=20)).isoformat())
    page.get_by_label("People").fill("5")
    page.get_by_role("button", name="Send the request").click()
    expect(page.get_by_role("status")).to_contain_text("Your request has arrived")

    page = visit(admin, phone=True)
    page.goto(f"tiaas/admin/?search={identifier}")
    page.get_by_role("link", name="Muggle studies", exact=True).click()
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("status")).to_contain_text("approved")
    days = {"start": today.isoformat(), "end": today.isoformat()}
    assert galaxy.api("PUT", f"tiaas/trainings/{identifier}", admin, json=days).ok

    page = visit(account("luna"), phone=True)
    page.goto(f"join-training/{identifier}")
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    page.get_by_role("link", name="See the dashboard").click()
    expect(page.get_by_role("region", name="People", exact=True).get_by_text("you", exact=True)).to_be_visible()

    page = visit(minerva, phone=True)
    page.goto("tiaas/trainings/")
    page.get_by_role("link", name="Muggle studies", exact=True).click()
    expect(page.get_by_text("1 joined, 5 expected")).to_be_visible()
    page.get_by_text("End it early").click()
    page.get_by_role("button", name="End the training now").click()
    expect(page.get_by_text("The training ended early")).to_be_visible()
    page = visit(account("neville"), phone=True)
    page.goto(f"join-training/{identifier}")
    expect(page.get_by_role("heading", level=1)).to_have_text("This training is over")


def test_whoever_registers_instead_of_logging_in_has_joined_too(
    galaxy: GalaxyServer, training: Callable[..., str], unique: Callable[[str], str], visit: Visit
) -> None:
    identifier = training("newcomers")
    page = visit()
    page.goto(f"join-training/{identifier}")
    page.get_by_role("link", name="Create account").click()
    page.fill("input[name=email]", f"{unique('ginny')}@example.org")
    page.fill("input[name=password]", "password")
    page.fill("input[name=confirm]", "password")
    page.fill("input[name=username]", unique("ginny"))
    page.click("button[name=create]")
    page.get_by_role("dialog").get_by_role("button", name="Finish joining").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are in.")
    assert page.url == f"{galaxy.url}/join-training/{identifier}"
    assert "tiaas_return" not in {cookie["name"] for cookie in page.context.cookies()}
