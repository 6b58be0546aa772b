"""The request form and what is around it, through HTTP as a browser would."""

from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from classroom import (
    Classroom,
    days_from_now,
    FUTURE,
    NOW,
    ok,
    PAST,
)


@pytest.fixture
def instructor(classroom: Classroom) -> requests.Session:
    return classroom.galaxy.login(classroom.instructor)


def _typed(classroom: Classroom, **fields: str) -> dict[str, str]:
    usual = {
        "identifier": str(classroom.payload()["identifier"]),
        "title": "Transfiguration",
        "name": "Minerva",
        "email": classroom.instructor.email,
        "start": days_from_now(FUTURE),
        "end": days_from_now(FUTURE),
        "timezone": "Europe/London",
        "attendance": "20",
    }
    return {**usual, **fields}


# Is it free?


def test_only_users_are_told_which_identifiers_are_free(classroom: Classroom) -> None:
    identifier = classroom.request()
    refused = classroom.get("identifiers", params={"text": identifier})
    assert refused.status_code == 403
    assert "log in" in refused.json()["err_msg"]
    for user in (classroom.stranger, classroom.admin):
        answer = ok(classroom.get("identifiers", user, params={"text": identifier, "title": "Charms"}))
        assert set(answer) == {"identifier", "valid", "available", "message", "suggestions"}
        assert (answer["identifier"], answer["valid"], answer["available"]) == (identifier, True, False)
        assert answer["suggestions"]
        free = ok(classroom.get("identifiers", user, params={"text": answer["suggestions"][0]}))
        assert free["available"] is True


def test_what_is_too_long_to_be_asked_is_refused(classroom: Classroom) -> None:
    assert classroom.get("identifiers", classroom.stranger, params={"text": "a" * 300}).status_code == 400
    assert classroom.get("identifiers", classroom.stranger, params={"year": "soon"}).status_code == 400


def test_a_taken_identifier_leads_to_free_ones_on_the_page_too(
    classroom: Classroom, instructor: requests.Session
) -> None:
    identifier = classroom.request()
    page = classroom.submit("/tiaas/new/", instructor, **_typed(classroom, identifier=identifier, title="Zzz Charms"))
    assert page.status_code == 409
    assert "Still free: " in page.text
    assert 'value="Zzz Charms"' in page.text


# Twice


def test_two_clicks_on_the_button_make_one_training_and_no_error(
    classroom: Classroom, instructor: requests.Session
) -> None:
    typed = _typed(classroom)
    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(lambda _: classroom.submit("/tiaas/new/", instructor, **typed), range(2)))
    assert [answer.status_code for answer in answers] == [303, 303]
    assert {answer.headers["location"] for answer in answers} == {f"/tiaas/trainings/{typed['identifier']}?sent=1"}
    history = ok(classroom.get(f"trainings/{typed['identifier']}/history", classroom.instructor))
    assert [event["action"] for event in history] == ["requested"]
    other = classroom.submit("/tiaas/new/", instructor, **{**typed, "title": "Something else"})
    assert other.status_code == 409


def test_the_page_after_sending_says_what_happens_next(classroom: Classroom, instructor: requests.Session) -> None:
    sent = classroom.submit("/tiaas/new/", instructor, **_typed(classroom))
    text = classroom.page(sent.headers["location"], instructor).text
    assert "Your request has arrived" in text
    assert "An administrator reads it" in text


# Again


def test_an_earlier_training_is_the_beginning_of_the_next_request(
    classroom: Classroom, instructor: requests.Session
) -> None:
    identifier = classroom.approved(PAST, title="Divination for all", location=["NO"], description="Tea leaves")
    assert f"/tiaas/new/?clone={identifier}" in classroom.page("/tiaas/trainings/", instructor).text
    form = classroom.page(f"/tiaas/new/?clone={identifier.upper()}&attendance=77", instructor)
    assert form.status_code == 200
    for part in ('value="Divination for all"', "Tea leaves", 'value="77"', "Filled in from"):
        assert part in form.text
    assert f'value="{identifier}"' not in form.text


def test_the_training_of_somebody_else_is_nobodys_beginning(classroom: Classroom) -> None:
    identifier = classroom.approved(PAST, title="Divination for all")
    trainee = classroom.galaxy.login(classroom.trainee)
    refused = classroom.page(f"/tiaas/new/?clone={identifier}", trainee)
    assert refused.status_code == 403
    assert "Only the instructors" in refused.text
    assert "Divination" not in refused.text
    assert classroom.page("/tiaas/new/?clone=nothing-of-that-name", trainee).status_code == 404
    assert classroom.page(f"/tiaas/new/?clone={identifier}").status_code == 302


# More days


def test_an_instructor_asks_for_more_days_and_an_admin_just_adds_them(
    classroom: Classroom, instructor: requests.Session
) -> None:
    identifier = classroom.approved(NOW)
    path, longer = f"/tiaas/trainings/{identifier}/extend", days_from_now(FUTURE)
    assert classroom.page(path, instructor).status_code == 200
    assert path in classroom.page(f"/tiaas/trainings/{identifier}", instructor).text
    asked = classroom.submit(path, instructor, end=longer)
    assert asked.status_code == 303
    view = ok(classroom.get(f"trainings/{identifier}", classroom.instructor))
    assert view["end"] == days_from_now(NOW)
    assert view["requested_change"]["changes"] == {"end": longer}
    assert classroom.submit(path, classroom.galaxy.login(classroom.admin), end=longer).status_code == 303
    assert ok(classroom.get(f"trainings/{identifier}"))["end"] == longer


def test_a_day_that_does_not_extend_is_said_beside_its_field(
    classroom: Classroom, instructor: requests.Session
) -> None:
    path = f"/tiaas/trainings/{classroom.approved(NOW)}/extend"
    for end, message in (("", "enter a date"), (days_from_now(PAST), "already")):
        page = classroom.submit(path, instructor, end=end)
        assert page.status_code == 422
        assert message in page.text
    stranger = classroom.galaxy.login(classroom.stranger)
    assert classroom.submit(path, stranger, end=days_from_now(FUTURE)).status_code == 403
    forged = instructor.post(f"{classroom.galaxy.url}{path}", data={"end": days_from_now(FUTURE)}, timeout=60)
    assert forged.status_code == 403


# My trainings


def test_the_box_takes_an_identifier_or_a_link_and_answers_kindly_to_anything_else(classroom: Classroom) -> None:
    identifier = classroom.approved()
    trainee = classroom.galaxy.login(classroom.trainee)
    for typed in (identifier.upper(), f"{classroom.galaxy.url}/join-training/{identifier}/status?hours=3"):
        answer = classroom.submit("/tiaas/trainings/", trainee, identifier=typed)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/join-training/{identifier}")
    for typed in ("griffindoor", "https://example.org/?<b>"):
        page = classroom.submit("/tiaas/trainings/", trainee, identifier=typed)
        assert page.status_code == 404
        assert "no training of that name" in page.text
        assert "<b>" not in page.text.replace("&lt;b&gt;", "")
    visitor = classroom.submit("/tiaas/trainings/", requests.Session(), identifier=identifier)
    assert (visitor.status_code, visitor.headers["location"]) == (303, f"/join-training/{identifier}")


def test_an_approved_training_says_which_fields_wait_for_an_admin(
    classroom: Classroom, instructor: requests.Session
) -> None:
    identifier = classroom.approved(FUTURE)
    path = f"/tiaas/trainings/{identifier}/edit"
    # Once in the explanation, once at each of the five fields.
    assert classroom.page(path, instructor).text.count("needs approval") == 6
    assert "needs approval" not in classroom.page(path, classroom.galaxy.login(classroom.admin)).text
    assert "needs approval" not in classroom.page(f"/tiaas/trainings/{classroom.request()}/edit", instructor).text
