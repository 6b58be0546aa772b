"""Sessions, forged requests and everything else that must not join anybody."""

import pytest
import requests
from classroom import (
    Classroom,
    FUTURE,
    ok,
    PAST,
)
from galaxy_tiaas.core.lookup_limits import MOST_MISSES

pytestmark = pytest.mark.no_rerun

#: What a browser says about a request that a page of another site caused.
IMAGE = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
FRAME = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}
#: By a script (``location=``) or a redirect; Safari says the same of a click.
LED = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
#: The same over plain http, of which browsers say less.
HTTP_LED = {"Referer": "http://evil.example.org/", "Accept": "text/html,*/*;q=0.8", "User-Agent": "Mozilla/5.0"}
HTTP_IMAGE = {"Accept": "image/avif,*/*;q=0.8", "User-Agent": "Mozilla/5.0"}
FETCH = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "cors", "Sec-Fetch-Dest": "empty"}
OWN_IMAGE = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"}
PREFETCH = {
    "Sec-Fetch-Site": "none",
    "Sec-Fetch-Mode": "navigate",
    "Sec-Fetch-Dest": "document",
    "Sec-Purpose": "prefetch",
}
#: And about a person who follows a link: typed, on a page of this Galaxy, on another site, in the centre panel.
TYPED = {"Sec-Fetch-Site": "none", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}
CLICK = {**TYPED, "Sec-Fetch-Site": "cross-site", "Sec-Fetch-User": "?1"}
PANEL = {"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"}


@pytest.fixture
def session(classroom: Classroom) -> requests.Session:
    """The trainee's browser, logged in."""
    return classroom.galaxy.login(classroom.trainee)


@pytest.mark.parametrize("headers", [{}, TYPED, CLICK, PANEL], ids=["curl", "typed", "click", "panel"])
def test_visiting_the_page_joins(classroom: Classroom, session: requests.Session, headers: dict[str, str]) -> None:
    identifier = classroom.approved()
    page = classroom.page(f"/join-training/{identifier.upper()}/", session, headers=headers)
    assert page.status_code == 200
    assert "You are in" in page.text
    assert classroom.members(identifier) == [classroom.trainee.username]
    assert classroom.cohort_is_on(identifier)


@pytest.mark.parametrize(
    "headers",
    [IMAGE, FRAME, FETCH, OWN_IMAGE, PREFETCH, LED, HTTP_LED, HTTP_IMAGE],
    ids=["image", "frame", "fetch", "own image", "prefetch", "led", "http, led", "http, image"],
)
def test_a_request_that_a_page_caused_gets_a_button_and_joins_nobody(
    classroom: Classroom, session: requests.Session, headers: dict[str, str]
) -> None:
    identifier = classroom.approved()
    page = classroom.page(f"/join-training/{identifier}", session, headers=headers)
    assert page.status_code == 200
    assert "<button" in page.text
    assert classroom.members(identifier) == []


def test_the_button_joins_with_the_session_token_only(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    url = f"{classroom.galaxy.url}/join-training/{identifier}"
    stranger_token = classroom.galaxy.csrf_token(classroom.galaxy.login(classroom.stranger))
    for form in ({}, {"session_csrf_token": ""}, {"session_csrf_token": stranger_token}):
        refused = session.post(url, data=form, allow_redirects=False, timeout=60)
        assert refused.status_code == 403
        assert "<html" in refused.text
    assert classroom.members(identifier) == []
    assert classroom.submit(f"/join-training/{identifier}", session).status_code == 303
    assert classroom.members(identifier) == [classroom.trainee.username]


def test_head_joins_nobody(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    response = session.head(f"{classroom.galaxy.url}/join-training/{identifier}", timeout=60)
    assert (response.status_code, response.content) == (200, b"")
    assert classroom.members(identifier) == []


def test_leaving_is_a_post_with_the_token(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    classroom.page(f"/join-training/{identifier}", session)
    path = f"/join-training/{identifier}/leave"
    assert "<form" in classroom.page(path, session).text
    assert session.post(f"{classroom.galaxy.url}{path}", timeout=60).status_code == 403
    assert classroom.members(identifier) == [classroom.trainee.username]
    assert classroom.submit(path, session).status_code == 200
    assert classroom.members(identifier) == []


@pytest.mark.parametrize("path", ["join", "leave"])
@pytest.mark.parametrize("headers", [FETCH, {"Origin": "https://evil.example.org"}], ids=["https", "http or old"])
def test_the_api_refuses_what_another_site_caused_with_the_cookie(
    classroom: Classroom, session: requests.Session, headers: dict[str, str], path: str
) -> None:
    identifier = classroom.approved()
    if path == "leave":
        ok(classroom.join(identifier, classroom.trainee))
    before = classroom.members(identifier)
    url = f"{classroom.galaxy.url}/api/tiaas/trainings/{identifier}/{path}"
    assert session.post(url, headers=headers, timeout=60).status_code == 403
    ours = {"Origin": "/".join(classroom.galaxy.url.split("/")[:3])}
    unmarked = session.post(url, data={"a": "b"}, headers=ours, timeout=60)
    assert unmarked.status_code == 403
    assert "X-Requested-With" in unmarked.json()["err_msg"]
    assert classroom.members(identifier) == before
    ours["X-Requested-With"] = "XMLHttpRequest"
    assert session.post(url, headers=ours, timeout=60).status_code == 200
    assert classroom.members(identifier) != before


def test_a_form_of_another_site_changes_nothing_even_with_the_token(
    classroom: Classroom, session: requests.Session
) -> None:
    identifier = classroom.approved()
    form = {"session_csrf_token": classroom.galaxy.csrf_token(session)}
    url = f"{classroom.galaxy.url}/join-training/{identifier}"
    for headers in (LED, CLICK, {"Origin": "http://evil.example.org"}):
        assert session.post(url, data=form, headers=headers, timeout=60).status_code == 403
    assert classroom.members(identifier) == []


def test_whoever_is_not_logged_in_goes_to_the_login_and_back(classroom: Classroom) -> None:
    identifier = classroom.approved()
    for path in (f"/join-training/{identifier}/leave", "/tiaas/new/", "/tiaas/trainings/"):
        answer = classroom.page(path)
        assert answer.status_code == 302
        expected = path.replace("/", "%2F")
        assert answer.headers["location"] == f"/login/start?redirect={expected}"


def _logs_in(classroom: Classroom, visitor: requests.Session) -> None:
    """What a provider of logins does before it leads back."""
    visitor.cookies.update(classroom.galaxy.login(classroom.trainee).cookies)


@pytest.mark.parametrize("headers", [{}, TYPED, CLICK], ids=["curl", "typed", "click"])
def test_a_visitor_is_told_what_it_is_and_comes_back_joined_from_any_login(
    classroom: Classroom, headers: dict[str, str]
) -> None:
    identifier, other = classroom.approved(title="Charms"), classroom.approved()
    path, visitor = f"/join-training/{identifier}", requests.Session()
    page = classroom.page(path.upper().replace("/JOIN-TRAINING", "/join-training"), visitor, headers=headers)
    assert page.status_code == 200
    assert "Charms" in page.text
    for name, start in (("Log in", "login"), ("Create account", "register")):
        assert f'/{start}/start?redirect=%2Fjoin-training%2F{identifier.upper()}" target="_top">{name}</a>' in page.text
    assert "tiaas_joining" in visitor.cookies
    _logs_in(classroom, visitor)
    for elsewhere, caused in ((other, LED), (identifier, IMAGE), (identifier, FRAME)):
        assert "<button" in classroom.page(f"/join-training/{elsewhere}", visitor, headers=caused).text
    assert classroom.members(identifier) == classroom.members(other) == []
    assert "You are in." in classroom.page(path, visitor, headers=LED).text
    assert classroom.members(identifier) == [classroom.trainee.username]
    assert "tiaas_joining" not in visitor.cookies


@pytest.mark.parametrize("headers", [LED, IMAGE, HTTP_LED], ids=["led", "image", "http, led"])
def test_whom_another_site_led_here_before_the_login_does_not_come_back_joined(
    classroom: Classroom, headers: dict[str, str]
) -> None:
    identifier = classroom.approved()
    path, visitor = f"/join-training/{identifier}", requests.Session()
    page = classroom.page(path, visitor, headers=headers)
    assert f'href="{path}"' in page.text
    assert "tiaas_joining" not in visitor.cookies
    _logs_in(classroom, visitor)
    assert "<button" in classroom.page(path, visitor, headers=headers).text
    assert classroom.members(identifier) == []


@pytest.mark.parametrize("logged_in", [True, False])
def test_each_reason_not_to_join_has_its_page(classroom: Classroom, session: requests.Session, logged_in: bool) -> None:
    cases = {"no-such-training": 404, "gryffind\u00f6r": 404, classroom.request(): 404, classroom.approved(PAST): 410}
    for identifier, status in cases.items():
        page = classroom.page(f"/join-training/{identifier}", session if logged_in else requests)
        assert page.status_code == status, identifier
        assert page.headers["content-type"].startswith("text/html")
        assert "Traceback" not in page.text
        assert "err_msg" not in page.text


def test_strangers_cannot_tell_a_request_from_nothing(classroom: Classroom, session: requests.Session) -> None:
    requested = classroom.request(title="A secret")
    for path in ("", "/status", "/status/live", "/leave", "/hand"):
        for browser in (session, requests):
            known, unknown = (
                classroom.page(f"/join-training/{identifier}{path}", browser) for identifier in (requested, "n0-course")
            )
            assert known.status_code == unknown.status_code, path
            assert known.text.replace(requested, "n0-course") == unknown.text, path
    for path in ("", "/edit", "/slide", "/qr.svg", "/dashboard", "/extend"):
        known, unknown = (
            classroom.page(f"/tiaas/trainings/{identifier}{path}") for identifier in (requested, "n0-course")
        )
        assert known.status_code == unknown.status_code in (302, 403), path
        assert known.text.replace(requested, "n0-course") == unknown.text, path
        assert classroom.page(f"/tiaas/trainings/{requested}{path}", session).status_code == 404, path


def test_the_earlier_link_of_a_training_leads_to_the_new_one(classroom: Classroom, session: requests.Session) -> None:
    old = classroom.approved()
    new = f"{old}-renamed"
    ok(classroom.put(f"trainings/{old}", classroom.admin, json={"identifier": new}))
    instructor = classroom.galaxy.login(classroom.instructor)
    for path, query, browser in (
        ("/join-training/{}", "?a=b%20c&d", requests),
        ("/join-training/{}/status", "?hours=12", requests),
        ("/join-training/{}/status/live", "?hours=12", requests),
        ("/join-training/{}/leave", "", session),
        ("/tiaas/trainings/{}", "", instructor),
        ("/tiaas/trainings/{}/edit", "", instructor),
        ("/tiaas/trainings/{}/dashboard/", "", instructor),
    ):
        page = classroom.page(path.format(old.upper()) + query, browser)
        assert (page.status_code, page.headers["location"]) == (302, path.format(new) + query)
    assert classroom.page(f"/tiaas/new/?clone={old}", instructor).status_code == 200
    assert ok(classroom.get(f"trainings/{old}"))["identifier"] == new
    assert ok(classroom.join(old, classroom.trainee))["identifier"] == new
    by_button = classroom.submit(f"/join-training/{old}", session)
    assert (by_button.status_code, by_button.headers["location"].partition("?")[0]) == (303, f"/join-training/{new}")


def test_guessing_ends_with_429_in_the_api_and_on_pages_of_each_process(classroom: Classroom) -> None:
    guesser = classroom.galaxy.create_user()
    session, identifier = classroom.galaxy.login(guesser), classroom.approved()
    # Two processes count for themselves; each has refused, if so many in a row were.
    answers: list[requests.Response] = []
    while len(answers) < 10 * MOST_MISSES and {answer.status_code for answer in answers[-20:]} != {429}:
        answers.append(classroom.get(f"trainings/guess-{len(answers)}", guesser))
    refused = [answer for answer in answers if answer.status_code == 429]
    assert len(refused) >= 20 and {answer.status_code for answer in answers} == {404, 429}
    assert 0 < int(refused[0].headers["retry-after"]) <= 600
    assert "Too many identifiers" in refused[0].json()["err_msg"]
    page = classroom.page(f"/join-training/{identifier}/status", session)
    assert (page.status_code, page.headers["content-type"].split(";")[0]) == (429, "text/html")
    assert "Too many requests" in page.text and 0 < int(page.headers["retry-after"]) <= 600
    assert ok(classroom.get(f"trainings/{identifier}", classroom.stranger))["identifier"] == identifier


def test_whoever_is_not_logged_in_learns_that_this_may_be_why_there_is_no_such_training(classroom: Classroom) -> None:
    page = classroom.page("/join-training/n0-course")
    assert "or it has not been approved yet" in page.text
    assert 'href="/login/start?redirect=%2Fjoin-training%2Fn0-course"' in page.text


def test_a_form_is_not_lost_with_the_login_and_tells_nothing(classroom: Classroom) -> None:
    requested = classroom.request(title="A secret")
    token = classroom.galaxy.csrf_token(classroom.galaxy.login(classroom.instructor))
    form = {"title": "Charms", "session_csrf_token": token}
    pages = [
        requests.post(f"{classroom.galaxy.url}/tiaas/trainings/{identifier}/edit", data=form, timeout=60)
        for identifier in (requested, "n0-course")
    ]
    assert [page.status_code for page in pages] == [403, 403]
    assert 'value="Charms"' in pages[0].text and "You are not logged in any more." in pages[0].text
    assert pages[0].text.replace(requested, "n0-course") == pages[1].text


def test_each_reason_not_to_join_says_what_to_do(classroom: Classroom) -> None:
    session = classroom.galaxy.login(classroom.instructor)
    rejected, cancelled = classroom.request(), classroom.approved()
    ok(classroom.decide(rejected, "rejected"))
    ok(classroom.decide(cancelled, "cancelled"))
    cases = {
        classroom.request(): (403, "Open the link again later"),
        rejected: (403, "Ask your instructor what happens instead"),
        cancelled: (410, "Ask your instructor what happens instead"),
        classroom.approved(PAST): (410, "your histories and results are in your account"),
    }
    for identifier, (status, advice) in cases.items():
        by_button = classroom.submit(f"/join-training/{identifier}", session)
        for page in (classroom.page(f"/join-training/{identifier}", session), by_button):
            assert page.status_code == status, identifier
            assert advice in page.text


def test_an_unknown_identifier_can_be_typed_again(classroom: Classroom) -> None:
    for path in ("", "/status"):
        page = classroom.page(f"/join-training/no<b>ody{path}")
        assert page.status_code == 404
        assert '<input class="form-control" id="identifier" name="identifier" value="no&lt;b&gt;ody"' in page.text
    url = f"{classroom.galaxy.url}/tiaas/trainings/"
    again = requests.post(url, data={"identifier": "nobody"}, timeout=60, allow_redirects=False)
    assert again.headers["location"] == "/join-training/nobody"


def test_coming_a_second_time_says_so(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    path = f"/join-training/{identifier}"
    assert "<h1>You are in.</h1>" in classroom.page(path, session).text
    assert "<h1>You are already in.</h1>" in classroom.page(path, session).text


def test_who_joined_by_the_button_is_not_told_to_have_been_there_before(
    classroom: Classroom, session: requests.Session
) -> None:
    path = f"/join-training/{classroom.approved()}"
    for heading in ("You are in.", "You are already in."):
        sent_on = classroom.submit(path, session).headers["location"]
        assert f"<h1>{heading}</h1>" in classroom.page(sent_on, session).text


def test_the_first_address_of_the_materials_is_where_the_button_leads(
    classroom: Classroom, session: requests.Session
) -> None:
    links = "Galaxy 101: https://training.example.org/a, then http://training.example.org/b. javascript:alert(1)"
    page = classroom.page(f"/join-training/{classroom.approved(gtn_links=links)}", session).text
    assert '<a class="btn btn-primary btn-lg" href="https://training.example.org/a"' in page
    assert '<a href="http://training.example.org/b"' in page
    assert "javascript:" not in page
    page = classroom.page(f"/join-training/{classroom.approved(gtn_links='Galaxy 101')}", session).text
    assert '<a class="btn btn-primary btn-lg" href="/"' in page


def test_an_instructor_who_comes_early_is_told_that_jobs_do_not_go_there_yet(
    classroom: Classroom, session: requests.Session
) -> None:
    path = f"/join-training/{classroom.approved(FUTURE)}"
    rehearsal = "Until the queue opens"
    assert rehearsal in classroom.page(path, classroom.galaxy.login(classroom.instructor)).text
    assert rehearsal not in classroom.page(path, session).text


def test_admins_keep_their_navigation_on_pages_of_errors(classroom: Classroom, session: requests.Session) -> None:
    everywhere = 'href="/tiaas/admin/"'
    path = "/tiaas/trainings/nobody-knows-me"
    assert everywhere in classroom.page(path, classroom.galaxy.login(classroom.admin)).text
    assert everywhere not in classroom.page(path, session).text
    assert everywhere not in classroom.page(path).text


def test_an_upcoming_training_says_when_it_starts(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved(FUTURE)
    page = classroom.page(f"/join-training/{identifier}", session)
    assert page.status_code == 200
    assert "You are in" in page.text
    assert classroom.members(identifier) == [classroom.trainee.username]
    assert not classroom.cohort_is_on(identifier)


def test_a_deleted_account_joins_nothing_though_its_session_is_valid(
    classroom: Classroom, session: requests.Session
) -> None:
    identifier = classroom.approved()
    with classroom.galaxy.engine.begin() as connection:
        connection.exec_driver_sql(
            f"UPDATE galaxy_user SET deleted = true WHERE id = {classroom.galaxy.decode_id(classroom.trainee.id)}"
        )
    page = classroom.page(f"/join-training/{identifier}", session)
    assert page.status_code == 403
    assert "deleted" in page.text
    assert 'href="/login/start?' in page.text
    url = f"{classroom.galaxy.url}/api/tiaas/trainings/{identifier}/join"
    refused = session.post(url, json={}, timeout=60)
    assert refused.status_code == 403
    assert "deleted" in refused.json()["err_msg"]
    assert classroom.members(identifier) == []


def test_an_invalid_session_is_nobody(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    with classroom.galaxy.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE galaxy_session SET is_valid = false"
            f" WHERE user_id = {classroom.galaxy.decode_id(classroom.trainee.id)}"
        )
    made_up = requests.Session()
    made_up.cookies.set("galaxysession", "0123456789abcdef")
    for nobody in (session, made_up):
        page = classroom.page(f"/join-training/{identifier}", nobody)
        assert page.status_code == 200
        assert "/login/start" in page.text
        assert classroom.page(f"/join-training/{identifier}/leave", nobody).status_code == 302
    assert classroom.members(identifier) == []


def test_what_is_no_form_is_refused_as_a_page(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    for path in (f"/join-training/{identifier}", "/tiaas/new/"):
        url = f"{classroom.galaxy.url}{path}"
        broken = session.post(url, data=b"--", headers={"content-type": "multipart/form-data; boundary=x"}, timeout=60)
        with_file = session.post(url, files={"title": ("t.txt", b"text")}, timeout=60)
        for answer in (broken, with_file):
            assert answer.status_code in (400, 403), path
            assert answer.headers["content-type"].startswith("text/html")
    assert classroom.members(identifier) == []


def test_the_box_for_an_identifier_changes_nothing_and_reads_forms_only(
    classroom: Classroom, session: requests.Session
) -> None:
    url = f"{classroom.galaxy.url}/tiaas/trainings/"
    multipart = {"content-type": "multipart/form-data; boundary=x"}
    empty = session.post(url, data=b"--", headers=multipart, timeout=60, allow_redirects=False)
    assert (empty.status_code, empty.headers["location"]) == (303, "/tiaas/trainings/")
    with_file = session.post(url, files={"title": ("t.txt", b"text")}, timeout=60, allow_redirects=False)
    assert with_file.status_code == 400
    assert with_file.headers["content-type"].startswith("text/html")


def test_pages_for_others_are_refused_as_pages(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    paths = ["/tiaas/admin/", f"/tiaas/admin/trainings/{identifier}", f"/tiaas/trainings/{identifier}"]
    for path in paths:
        for browser in (session, requests):
            page = classroom.page(path, browser)
            assert page.status_code == 403, path
            assert page.headers["content-type"].startswith("text/html")
    assert classroom.submit(f"/tiaas/admin/trainings/{identifier}", session, state="cancelled").status_code == 403
    assert classroom.submit(f"/tiaas/trainings/{identifier}/withdraw", session).status_code == 403
    assert ok(classroom.get(f"trainings/{identifier}"))["state"] == "approved"
