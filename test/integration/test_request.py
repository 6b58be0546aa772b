"""The request form and what is around it, through HTTP as a browser would."""

import re
from concurrent.futures import ThreadPoolExecutor
from typing import Any

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
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.trainings.schema import TrainingCreate


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


def test_everything_that_is_wrong_is_said_in_one_round(classroom: Classroom, instructor: requests.Session) -> None:
    taken = classroom.request()
    typed = _typed(classroom, identifier=taken, title="", start=days_from_now(PAST), instructors="x" * 256)
    page = classroom.submit("/tiaas/new/", instructor, **typed)
    assert page.status_code == 422
    for field in ("title", "identifier", "start", "instructors"):
        assert f'id="{field}-error"' in page.text
    assert "Still free: " in page.text
    own = classroom.request()
    path = f"/tiaas/trainings/{own}/edit"
    page = classroom.submit(path, instructor, **{**typed, "start": days_from_now(FUTURE), "attendance": "0"})
    assert page.status_code == 422
    for field in ("title", "identifier", "attendance", "instructors"):
        assert f'id="{field}-error"' in page.text


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
    end = ok(classroom.get(f"trainings/{identifier}", classroom.admin))["end"]
    assert classroom.page(path, instructor).status_code == 200
    assert path in classroom.page(f"/tiaas/trainings/{identifier}", instructor).text
    asked = classroom.submit(path, instructor, end=longer)
    assert asked.status_code == 303
    view = ok(classroom.get(f"trainings/{identifier}", classroom.instructor))
    assert view["end"] == end
    assert view["requested_change"]["changes"] == {"end": longer}
    assert classroom.submit(path, classroom.galaxy.login(classroom.admin), end=longer).status_code == 303
    assert ok(classroom.get(f"trainings/{identifier}", classroom.admin))["end"] == longer


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


# Two people at once


def _opened(classroom: Classroom, path: str, person: requests.Session) -> dict[str, Any]:
    """What a browser would send back of a form that changes a training."""
    version = _version(classroom.page(path, person).text)
    training = ok(classroom.get(f"trainings/{path.split('/')[3]}", classroom.instructor))
    names = [name for name in TrainingCreate.model_fields if training[name] not in (False, None)]
    values = {name: training[name] for name in names if name != "instructors"}
    return {**values, "location": ", ".join(training["location"]), "version": version}


def _version(page: str) -> str:
    return re.findall(r'name="version" value="([^"]+)"', page)[0]


def _compared(page: str) -> dict[str, str]:
    """The other value beside each field of which there are two."""
    found = re.findall(r' id="([^"]+)-difference"><span class="tiaas-help">([^<]*)</span> <span>([^<]*)</span>', page)
    return {name: f"{what} {value}" for name, what, value in found}


def test_a_form_that_was_open_while_somebody_else_saved_brings_back_nothing(
    classroom: Classroom, instructor: requests.Session
) -> None:
    """The reader has touched neither title nor website."""
    identifier = classroom.request(website="https://old.example.org/")
    path = f"/tiaas/trainings/{identifier}/edit"
    typed = {**_opened(classroom, path, instructor), "attendance": "21"}
    ok(classroom.put(f"trainings/{identifier}", classroom.admin, json={"title": "Transfiguration"}))
    ok(classroom.put(f"trainings/{identifier}", classroom.admin, json={"title": "Charms", "website": ""}))
    page = classroom.submit(path, instructor, **typed)
    assert page.status_code == 409
    assert _compared(page.text) == {
        "title": f"When you opened this page: {typed['title']}",
        "website": "When you opened this page: https://old.example.org/",
        "attendance": "Saved now: 20",
    }
    assert 'name="title" type="text" value="Charms"' in page.text
    assert 'name="attendance" type="number" value="21"' in page.text
    assert ok(classroom.get(f"trainings/{identifier}", classroom.admin))["attendance"] == 20
    again = {**typed, "title": "Charms", "website": "", "version": _version(page.text)}
    assert classroom.submit(path, instructor, **again).status_code == 303
    training = ok(classroom.get(f"trainings/{identifier}", classroom.admin))
    assert (training["title"], training["website"], training["attendance"]) == ("Charms", "", 21)


def test_who_changes_what_somebody_else_has_just_changed_sees_both_and_decides(
    classroom: Classroom, instructor: requests.Session
) -> None:
    """In the second of two tabs, say, in which the same mistake is corrected in another way."""
    identifier = classroom.request()
    path = f"/tiaas/trainings/{identifier}/edit"
    first = {**_opened(classroom, path, instructor), "title": "Charms"}
    second = {**first, "title": "Potions"}
    assert classroom.submit(path, instructor, **first).status_code == 303
    page = classroom.submit(path, instructor, **second)
    assert page.status_code == 409
    assert _compared(page.text) == {"title": "Saved now: Charms"}
    assert 'name="title" type="text" value="Potions"' in page.text
    assert classroom.submit(path, instructor, **{**second, "version": _version(page.text)}).status_code == 303
    assert ok(classroom.get(f"trainings/{identifier}", classroom.admin))["title"] == "Potions"


def test_mistakes_are_named_beside_what_somebody_else_has_saved(
    classroom: Classroom, instructor: requests.Session
) -> None:
    identifier = classroom.request()
    path = f"/tiaas/trainings/{identifier}/edit"
    typed = {**_opened(classroom, path, instructor), "attendance": "0"}
    ok(classroom.put(f"trainings/{identifier}", classroom.admin, json={"title": "Charms"}))
    page = classroom.submit(path, instructor, **typed)
    assert page.status_code == 422
    assert set(_compared(page.text)) == {"title", "attendance"}
    assert "Please enter 1 or more." in page.text


def test_whoever_typed_the_same_as_somebody_else_has_saved_it(
    classroom: Classroom, instructor: requests.Session
) -> None:
    identifier = classroom.request()
    path = f"/tiaas/trainings/{identifier}/edit"
    typed = {**_opened(classroom, path, instructor), "title": "Charms"}
    ok(classroom.put(f"trainings/{identifier}", classroom.admin, json={"title": "Charms"}))
    assert classroom.submit(path, instructor, **typed).status_code == 303


def test_a_form_with_a_version_that_never_was_is_compared_with_what_is_stored(
    classroom: Classroom, instructor: requests.Session
) -> None:
    identifier = classroom.request()
    path = f"/tiaas/trainings/{identifier}/edit"
    typed = {**_opened(classroom, path, instructor), "title": "Charms", "version": "🧙"}
    page = classroom.submit(path, instructor, **typed)
    assert (page.status_code, set(_compared(page.text))) == (409, {"title"})


def test_the_api_changes_only_the_version_that_was_read(classroom: Classroom) -> None:
    identifier = classroom.request()
    path = f"trainings/{identifier}"
    read = ok(classroom.get(path, classroom.instructor))["version"]
    changed = ok(classroom.put(path, classroom.instructor, json={"title": "Charms", "version": read}))
    assert changed["version"] != read
    assert changed["version"] == ok(classroom.get(path, classroom.admin))["version"]
    refused = classroom.put(path, classroom.admin, json={"attendance": 30, "version": read})
    assert refused.status_code == 409
    assert refused.json()["err_msg"].endswith("Look at it as it is now, then try again.")
    assert ok(classroom.get(path, classroom.admin)) == changed | {"attendance": 20}
    ok(classroom.put(path, classroom.admin, json={"attendance": 30, "version": changed["version"]}))
    ok(classroom.put(path, classroom.admin, json={"attendance": 31}))


def test_admins_decide_about_what_they_see(classroom: Classroom) -> None:
    admin = classroom.galaxy.login(classroom.admin)
    identifier = classroom.request()
    pages = (
        (f"/tiaas/admin/trainings/{identifier}", "version"),
        (f"/tiaas/admin/?search={identifier}", f"version-{identifier}"),
    )
    shown = [re.findall(rf'name="{name}" value="([^"]+)"', classroom.page(path, admin).text)[0] for path, name in pages]
    ok(classroom.put(f"trainings/{identifier}", classroom.instructor, json={"attendance": 900}))
    for (path, name), version in zip(pages, shown, strict=True):
        page = classroom.submit(path, admin, identifier=identifier, state="approved", **{name: version})
        assert page.status_code == 409
        assert "has changed since you opened it, so nothing was saved" in page.text
        assert ok(classroom.get(f"trainings/{identifier}", classroom.admin))["state"] == "new"
    path, name = pages[0]
    version = _version(classroom.page(path, admin).text)
    assert classroom.submit(path, admin, state="approved", version=version).status_code == 303


# Too many


def test_who_requests_too_much_is_told_when_to_come_back_and_loses_nothing(
    classroom: Classroom, instructor: requests.Session
) -> None:
    most = TiaasConfig().requests_per_day
    for _ in range(most):
        last = classroom.request()
    refused = classroom.post("trainings", classroom.instructor, json=classroom.payload())
    assert refused.status_code == 429
    assert 86_000 < int(refused.headers["retry-after"]) <= 86_400
    assert set(refused.json()) == {"err_msg", "err_code"}
    page = classroom.submit("/tiaas/new/", instructor, **_typed(classroom, title="Zzz Charms"))
    assert page.status_code == 429
    assert 86_000 < int(page.headers["retry-after"]) <= 86_400
    assert f"You can request {most} trainings within 24 hours." in page.text
    assert 'value="Zzz Charms"' in page.text
    edited = classroom.submit(f"/tiaas/trainings/{last}/edit", instructor, title="Still possible")
    assert edited.status_code == 303
