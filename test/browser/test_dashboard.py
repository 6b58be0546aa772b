"""The dashboard of a class stays fresh by itself, and leaves its readers alone meanwhile."""

import re
import uuid
from collections.abc import (
    Callable,
)
from typing import Any

import pytest
from crowds import (
    crowd,
    insert_job,
    Past,
)
from fixtures import (
    GalaxyServer,
    User,
)
from playwright.sync_api import (
    expect,
    Page,
    Request,
    Route,
)
from windows import (
    Account,
    centre,
    Visit,
)

Training = Callable[..., str]

LIVE = re.compile(r"/status/live\?")
#: Longer than the pause between two questions, and than the time for which Galaxy's answers are shared.
PAUSE = 7_000


@pytest.fixture
def join(galaxy: GalaxyServer) -> Callable[[str, User], str]:
    """Lets somebody join; returns the name on the dashboard."""

    def joined(identifier: str, user: User) -> str:
        response = galaxy.api("POST", f"tiaas/trainings/{identifier}/join", user)
        assert response.ok, response.text
        return str(response.json()["pseudonym"])

    return joined


def watch(page: Page, identifier: str, query: str = "") -> list[Request]:
    """Open a dashboard; returns the questions for its live part, to which every further one is added."""
    asked: list[Request] = []
    page.on("request", lambda request: asked.append(request) if LIVE.search(request.url) else None)
    page.goto(f"join-training/{identifier}/status{query}")
    expect(page.locator("#fresh")).to_have_text(re.compile(r"Up to date, \d\d:\d\d:\d\d"))
    return asked


def let_time_pass_until_it_asks(page: Page, asked: list[Request]) -> None:
    """The next question is due when the answer to the one before has been read, whenever that is."""
    before = len(asked)
    for _ in range(200):
        page.clock.fast_forward(75_000)
        page.wait_for_timeout(100)
        if len(asked) > before:
            return
    raise AssertionError("It does not ask any more")


def next_answer(page: Page) -> int:
    """The status of the next answer to a question for the live part."""
    with page.expect_response(LIVE) as answer:
        pass
    return answer.value.status


def tile(page: Page, pseudonym: str) -> Any:
    return page.get_by_role("region", name="People", exact=True).get_by_role("listitem").filter(has_text=pseudonym)


def test_a_job_of_a_trainee_appears_without_a_reload_and_what_the_reader_does_is_left_alone(
    account: Account,
    visit: Visit,
    training: Training,
    join: Callable[[str, User], str],
    galaxy: GalaxyServer,
) -> None:
    # Of whoever is in two classes, a job counts in one of them.
    identifier, luna = training("live"), account("pandora")
    pseudonym = join(identifier, luna)
    insert_job(galaxy, luna, Past("cat1", "running"))
    page = visit(account("admin"))
    page.set_viewport_size({"width": 1280, "height": 400})
    watch(page, identifier)
    expect(tile(page, pseudonym)).to_contain_text("running 1")
    page.evaluate("window.neverReloaded = true")
    jobs = page.locator("details#jobs")
    expect(jobs).to_have_attribute("open", "")
    jobs.locator("summary").click()
    page.get_by_role("link", name="3 h", exact=True).focus()
    page.evaluate("getSelection().selectAllChildren(document.querySelector('h1'))")
    page.evaluate("scrollTo(0, 120)")
    first_tile = tile(page, pseudonym).element_handle()

    insert_job(galaxy, luna, Past("cat1", "running"))
    expect(tile(page, pseudonym)).to_contain_text("running 2")
    expect(page.get_by_text("2 jobs in all")).to_be_visible()
    assert page.evaluate("window.neverReloaded") is True
    expect(jobs).not_to_have_attribute("open", "")
    expect(jobs.get_by_role("row", include_hidden=True)).to_have_count(3)
    expect(page.get_by_role("link", name="3 h", exact=True)).to_be_focused()
    assert page.evaluate("getSelection().toString()") == "The course live"
    assert page.evaluate("scrollY") == 120
    assert first_tile.evaluate("tile => tile.isConnected")


def test_nothing_is_sent_again_while_nothing_changes(visit: Visit, training: Training) -> None:
    page = visit()
    page.clock.install()
    asked = watch(page, training("idle"))
    for _ in range(3):
        with page.expect_response(LIVE) as answer:
            page.clock.fast_forward(PAUSE)
        assert answer.value.status == 304
    assert {request.headers["if-none-match"] for request in asked} == {
        page.locator("#live").get_attribute("data-etag"),
    }


def test_a_tab_that_nobody_sees_does_not_ask_and_asks_at_once_when_it_is_seen(visit: Visit, training: Training) -> None:
    page = visit()
    page.clock.install()
    asked = watch(page, training("away"))
    _show(page, False)
    page.clock.run_for(600_000)
    assert asked == []
    with page.expect_response(LIVE):
        _show(page, True)
    assert len(asked) == 1


def _show(page: Page, visible: bool) -> None:
    """What a browser does when its user turns to another tab, and back."""
    page.evaluate(
        "hidden => {"
        "Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });"
        "document.dispatchEvent(new Event('visibilitychange')); }",
        not visible,
    )


def test_a_dashboard_in_galaxys_centre_panel_does_not_ask_while_galaxy_hides_it(
    account: Account, visit: Visit, training: Training
) -> None:
    page = visit(account("minerva"))
    page.clock.install()
    identifier = training("in-panel")
    page.goto(f"?tiaas=join-training/{identifier}/status")
    expect(centre(page).locator("#fresh")).to_contain_text("Up to date")
    with page.expect_response(LIVE):
        page.clock.fast_forward(PAUSE)
    frame = page.locator("#galaxy_main")
    frame.evaluate("frame => { frame.style.display = 'none' }")
    asked: list[Request] = []
    page.evaluate("new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)))")
    page.on("request", lambda request: asked.append(request) if LIVE.search(request.url) else None)
    page.clock.fast_forward(10 * PAUSE)
    # Requests are reported in their order: one that was sent before this one would be known by now.
    page.evaluate("fetch('/api/version')")
    assert asked == []
    with page.expect_request(LIVE):
        frame.evaluate("frame => { frame.style.display = '' }")
        page.clock.fast_forward(PAUSE)


@pytest.mark.parametrize(
    "answer",
    [
        lambda route: route.fulfill(body="<p>Please pay for the hotel's network"),
        lambda route: route.fulfill(status=502, body="<h1>Bad Gateway", content_type="text/html"),
        lambda route: route.abort("connectionrefused"),
    ],
    ids=["another page", "proxy without Galaxy", "no connection"],
)
def test_a_page_that_cannot_reach_galaxy_says_so_asks_less_often_and_recovers(
    visit: Visit, training: Training, answer: Callable[[Route], None]
) -> None:
    identifier = training(f"stale-{uuid.uuid4().hex[:6]}")
    page = visit()
    page.clock.install()
    asked = watch(page, identifier)
    trouble = page.locator("#trouble")
    expect(trouble).to_be_empty()

    page.route(LIVE, answer)
    page.clock.fast_forward(PAUSE)
    expect(trouble).to_have_text(
        re.compile(r"^Galaxy cannot be reached since \d\d:\d\d; shown is what was known then\. Trying again…$")
    )
    expect(page.locator("#fresh")).to_be_empty()
    for _ in range(6):
        let_time_pass_until_it_asks(page, asked)
    before = len(asked)
    page.clock.fast_forward(20_000)
    assert len(asked) == before
    page.unroute(LIVE)
    let_time_pass_until_it_asks(page, asked)
    expect(page.locator("#fresh")).to_contain_text("Up to date")
    expect(trouble).to_be_empty()


@pytest.mark.parametrize(
    "status, sentence, offers_reload",
    [(410, "The training is over.", False), (403, "You are not logged in any more.", True)],
)
def test_a_dashboard_that_closes_says_why_and_does_not_ask_again(
    visit: Visit, training: Training, status: int, sentence: str, offers_reload: bool
) -> None:
    def close(route: Route) -> None:
        route.fulfill(status=status, body=sentence, content_type="text/plain; charset=utf-8")

    page = visit()
    page.clock.install()
    asked = watch(page, training(f"closing-{status}"))
    page.route(LIVE, close)
    page.clock.fast_forward(PAUSE)
    expect(page.locator("#trouble")).to_have_text(sentence)
    expect(page.get_by_role("link", name="Reload the page")).to_have_count(1 if offers_reload else 0)
    page.clock.run_for(600_000)
    assert len(asked) == 1


def test_a_training_that_ends_closes_its_dashboard_to_the_public_and_takes_the_link_off_the_wall(
    galaxy: GalaxyServer, account: Account, visit: Visit, training: Training
) -> None:
    minerva = account("minerva")
    identifier = training("ending", instructors=[minerva])
    page, wall = visit(), visit(minerva)
    watch(page, identifier)
    watch(wall, identifier, "?view=wall")
    expect(wall.locator(".tiaas-qr svg")).to_be_visible()
    assert galaxy.api("PUT", f"tiaas/trainings/{identifier}/end", account("admin"), json={}).ok
    expect(page.locator("#trouble")).to_contain_text("is over, and its dashboard is closed")
    expect(wall.locator(".tiaas-qr")).to_have_count(0)
    page.reload()
    expect(page.get_by_role("heading", level=1)).to_have_text("It is over")


def test_the_view_is_named_and_can_be_changed(
    visit: Visit, account: Account, training: Training, join: Callable[[str, User], str]
) -> None:
    identifier = training("views")
    join(identifier, account("luna"))
    page = visit()
    watch(page, identifier)
    expect(page.get_by_text("All jobs of the members")).to_be_visible()
    page.get_by_role("link", name="Only the course").click()
    shown = f"Only jobs in histories tagged #{identifier} or shared with an instructor"
    expect(page.get_by_text(shown)).to_be_visible()
    page.get_by_role("link", name="12 h", exact=True).click()
    expect(page.get_by_text("The last 12 hours")).to_be_visible()
    expect(page.get_by_role("link", name="Only the course")).to_have_attribute("aria-current", "true")
    with page.expect_popup() as popup:
        page.get_by_role("link", name="Classroom view").click()
    expect(popup.value.get_by_text(f"The last 12 hours. {shown}")).to_be_visible()


def test_where_the_instructor_wants_only_the_course_nobody_can_choose(
    galaxy: GalaxyServer, visit: Visit, training: Training
) -> None:
    identifier = training("course-only")
    with galaxy.engine.begin() as connection:
        connection.exec_driver_sql(f"UPDATE tiaas_training SET course_only = true WHERE identifier = '{identifier}'")
    page = visit()
    watch(page, identifier)
    expect(page.get_by_text("shared with an instructor, set by the instructor")).to_be_visible()
    expect(page.get_by_role("link", name="All jobs")).to_have_count(0)


def test_trainees_find_themselves_and_visitors_see_nobodys_account(
    visit: Visit, account: Account, training: Training, join: Callable[[str, User], str]
) -> None:
    identifier, luna, cho = training("who"), account("luna"), account("cho")
    names = {user.username: join(identifier, user) for user in (luna, cho)}
    page = visit(luna)
    page.clock.install()
    watch(page, identifier)
    expect(page.get_by_text("On this dashboard you are")).to_contain_text(names[luna.username])
    for _ in range(2):
        expect(tile(page, names[luna.username])).to_contain_text("you")
        expect(tile(page, names[cho.username])).not_to_contain_text("you")
        with page.expect_response(LIVE):
            page.clock.fast_forward(PAUSE)
    page.get_by_role("link", name=names[luna.username]).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("You are already in.")

    page = visit()
    watch(page, identifier)
    expect(tile(page, names[luna.username])).to_be_visible()
    for username in names:
        expect(page.locator("body")).not_to_contain_text(username)
    expect(page.get_by_text("you", exact=True)).to_have_count(0)


def test_a_long_list_comes_when_it_is_opened(
    galaxy: GalaxyServer, visit: Visit, account: Account, training: Training, join: Callable[[str, User], str]
) -> None:
    identifier, lavender = training("long"), account("lavender")
    join(identifier, lavender)
    user_id = galaxy.decode_id(lavender.id)
    with galaxy.engine.begin() as connection:
        for number in range(310):
            connection.exec_driver_sql(
                "INSERT INTO job (create_time, update_time, tool_id, state, user_id)"
                f" VALUES (datetime('now', '-{number} seconds'), datetime('now'), 'cat1', 'ok', {user_id})"
            )
    page = visit(account("admin"))
    watch(page, identifier)
    jobs = page.locator("details#jobs")
    expect(jobs.get_by_role("table", include_hidden=True)).to_have_count(0)
    jobs.get_by_text("The newest 300 of 310").click()
    expect(jobs.get_by_role("row")).to_have_count(301)
    page = visit(account("admin"), javascript=False)
    page.goto(f"join-training/{identifier}/status")
    page.get_by_text("The newest 300 of 310").click()
    page.get_by_role("link", name="Show the list").click()
    expect(page.locator("details#jobs").get_by_role("row")).to_have_count(301)


def test_what_an_instructor_is_typing_is_left_alone(
    visit: Visit, account: Account, training: Training, join: Callable[[str, User], str]
) -> None:
    minerva, luna = account("minerva"), account("luna")
    identifier = training("typing", instructors=[minerva])
    page = visit(minerva)
    watch(page, identifier)
    question = page.get_by_label("Ask the class")
    question.press_sequentially("Have you se")
    pseudonym = join(identifier, luna)
    expect(tile(page, pseudonym)).to_be_visible()
    expect(question).to_have_value("Have you se")
    expect(question).to_be_focused()
    question.press_sequentially("en it?")
    question.press("Enter")
    expect(page.get_by_role("heading", name="Have you seen it?")).to_be_visible()
    expect(page.get_by_label("Ask the class")).to_have_value("")


def _every_fifth_fails(number: int) -> list[Past]:
    return [] if number % 5 else [Past("cat1", "error", 1)]


def test_a_class_of_hundreds_is_looked_through_in_pages_and_somebody_is_found(
    galaxy: GalaxyServer, visit: Visit, account: Account, training: Training
) -> None:
    minerva = account("minerva")
    identifier = training("crowd", instructors=[minerva])
    crowd(galaxy, identifier, 260, _every_fifth_fails)
    page = visit(minerva)
    watch(page, identifier)
    people = page.get_by_role("region", name="People", exact=True)
    expect(people.get_by_role("listitem")).to_have_count(240)
    expect(people).to_contain_text("and 20 more without a job.")
    people.get_by_role("link", name="Next").click()
    expect(people.get_by_role("listitem")).to_have_count(20)
    expect(people).to_contain_text("241 to 260 of 260")
    steps = page.get_by_role("region", name="Who uses which tools")
    expect(steps).to_contain_text("Below are the people 1 to 100 of 260, by name.")
    steps.get_by_role("link", name="Next").click()
    expect(steps).to_contain_text("101 to 200 of 260")
    expect(people).to_contain_text("241 to 260 of 260")

    name = people.locator(".tiaas-pseudonym").first.inner_text()
    spoken = name.replace("-", " ").upper()
    page.get_by_label("Find a person").fill(spoken)
    page.get_by_label("Find a person").press("Enter")
    expect(people).to_contain_text(re.compile(rf"(1 person has|\d people have) {spoken} in their name\."))
    expect(people.get_by_role("listitem").first).to_contain_text(name)
    expect(steps.get_by_role("rowheader").first).to_contain_text(name)
    expect(page.locator("#fresh")).to_have_text(re.compile("Up to date"))
    people.get_by_role("link", name="Show everybody").click()
    expect(people.get_by_role("listitem")).to_have_count(240)


def test_the_wall_is_one_picture_that_is_read_from_afar(galaxy: GalaxyServer, visit: Visit, training: Training) -> None:
    sizes = {}
    for people in (5, 30, 90):
        identifier = training(f"wall-{people}")
        crowd(galaxy, identifier, people, _every_fifth_fails)
        page = visit()
        page.set_viewport_size({"width": 1920, "height": 1080})
        watch(page, identifier, "?view=wall")
        expect(page.get_by_role("region", name="People", exact=True).get_by_role("listitem")).to_have_count(
            min(people, 60)
        )
        overflow = page.evaluate("document.documentElement.scrollHeight - innerHeight")
        assert overflow <= 0, f"The picture of {people} people is {overflow} pixels too high"
        sizes[people] = page.locator("#tiles").evaluate("tiles => parseFloat(getComputedStyle(tiles).fontSize)")
    assert sizes[5] >= sizes[30] >= sizes[90] >= 16


def test_the_steps_of_a_long_course_stand_in_columns_however_long_their_titles_are(
    galaxy: GalaxyServer, visit: Visit, account: Account, training: Training, join: Callable[[str, User], str]
) -> None:
    minerva = account("minerva")
    identifier = training("long-course", instructors=[minerva])
    join(identifier, minerva)
    steps = [{"tool_id": "cat1", "label": f"Step {number}"} for number in range(1, 121)]
    steps[0]["section"] = "What you should have read of this course before it begins"
    assert galaxy.api("PUT", f"tiaas/trainings/{identifier}/dashboard", minerva, json={"steps": steps}).ok
    page = visit(minerva)
    watch(page, identifier)
    page.get_by_text("Steps 21 to 120").click()
    number = {step: page.locator(f"#step-{step} .tiaas-step-number").bounding_box() for step in (99, 100)}
    assert number[99] and number[100] and number[100]["height"] == number[99]["height"]
    matrix = page.get_by_role("region", name="People and steps")
    first, second = (matrix.locator("tbody td").nth(place).bounding_box() for place in (0, 1))
    assert first and second and first["width"] < 2 * second["width"]


def test_on_a_phone_names_stay_readable_while_the_steps_scroll_beneath_them(
    galaxy: GalaxyServer, visit: Visit, account: Account, training: Training, join: Callable[[str, User], str]
) -> None:
    minerva = account("minerva")
    identifier = training("phone-steps", instructors=[minerva])
    join(identifier, account("hermione-granger"))
    steps = [{"tool_id": "cat1", "label": f"Step {number}"} for number in range(1, 13)]
    assert galaxy.api("PUT", f"tiaas/trainings/{identifier}/dashboard", minerva, json={"steps": steps}).ok
    page = visit(minerva, phone=True)
    watch(page, identifier)
    matrix = page.get_by_role("region", name="People and steps")
    name = matrix.locator("tbody th").first
    before = name.bounding_box()
    assert before and 140 <= before["width"] <= 0.45 * 390
    matrix.evaluate("matrix => matrix.scrollBy(200, 0)")
    after = name.bounding_box()
    # It stays but for the space between two cells.
    assert after and before["x"] - after["x"] <= 2
    assert matrix.evaluate("matrix => matrix.scrollLeft") > 0
