"""The page on which admins ask where jobs go, and the API behind it, on a real server."""

import re
from html import unescape

import pytest
import requests
from bioblend.galaxy import GalaxyInstance
from classroom import (
    Classroom,
    FUTURE,
    NOW,
    ok,
)
from galaxy_tiaas.bioblend import TrainingsClient

_PAGE = "/tiaas/admin/routing"


def _text(page: requests.Response) -> str:
    """What a page says, without its tags."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def test_an_admin_is_told_where_a_job_would_go_and_why(classroom: Classroom) -> None:
    running, coming = classroom.approved(NOW, "training-big"), classroom.approved(FUTURE)
    for identifier in (running, coming):
        ok(classroom.join(identifier, classroom.trainee))
    classroom.move(coming, FUTURE)
    admin = classroom.galaxy.login(classroom.admin)
    assert _PAGE in classroom.page("/tiaas/admin/", admin).text
    assert _PAGE in classroom.page(f"/tiaas/admin/trainings/{running}", admin).text
    page = classroom.submit(_PAGE, admin, about="user", user=classroom.trainee.email, tool_id="cat1", at="")
    assert page.status_code == 200
    text = _text(page)
    assert f"A job of {classroom.trainee.username}" in text
    assert "It goes to training-big because" in text
    assert f"{running} yes , it is running" in text
    assert f"{coming} no , its window is not open yet" in text
    assert classroom.trainee.email in page.text, "what was typed stays in the form"


def test_a_tool_that_never_gets_to_the_rule_is_said_to(classroom: Classroom) -> None:
    admin = classroom.galaxy.login(classroom.admin)
    text = _text(classroom.submit(_PAGE, admin, about="user", user="", tool_id="upload1", at=""))
    assert "A job of somebody who is not logged in" in text
    assert "The job configuration sends this tool to local and asks no rule of ours" in text


@pytest.mark.parametrize(
    "field, value, words",
    [
        ("user", "nobody-knows-me", "There is no Galaxy account called 'nobody-knows-me'."),
        ("at", "soon", "Must be a date and a time, as in 2027-03-31 14:00."),
        ("tool_id", "x" * 300, "Please shorten this to 255 characters."),
        ("job", "nothing", "There is no job 'nothing' on this server."),
        ("job", " ", "Please fill in this field."),
    ],
)
def test_what_cannot_be_answered_is_said_beside_its_field(
    classroom: Classroom, field: str, value: str, words: str
) -> None:
    admin = classroom.galaxy.login(classroom.admin)
    about = "job" if field == "job" else "user"
    page = classroom.submit(_PAGE, admin, about=about, **{field: value})
    assert page.status_code == 422
    assert re.search(rf'id="{field}-error" role="alert">{re.escape(words)}<', unescape(page.text))
    assert page.text.count("autofocus") == 1


def test_a_job_that_ran_is_explained_by_number_and_by_id(classroom: Classroom) -> None:
    identifier = classroom.approved(NOW)
    ok(classroom.join(identifier, classroom.trainee))
    job = classroom.galaxy.submit_tool(classroom.trainee, "test_sleep", {"seconds": 1})
    assert classroom.galaxy.wait_for_destination(job) == "training"
    client = TrainingsClient(GalaxyInstance(classroom.galaxy.url, key=classroom.admin.api_key))
    explained = client.explain_routing(job=job)
    assert explained["job"]["training"] == identifier
    assert explained["user"] == classroom.trainee.username
    number = str(explained["job"]["number"])
    by_number = client.explain_routing(job=number)
    # The job goes on meanwhile.
    assert {**by_number["job"], "state": None} == {**explained["job"], "state": None}
    assert by_number["rules"] == explained["rules"]
    text = _text(classroom.submit(_PAGE, classroom.galaxy.login(classroom.admin), about="job", job=number))
    assert f"Job {number} of {classroom.trainee.username}" in text
    assert "It went to training because" in text
    assert f"Counted for {identifier}" in text
    assert "it would go there again" in text


def test_others_are_told_nothing(classroom: Classroom) -> None:
    user = {"user": classroom.trainee.username}
    for actor in (None, classroom.trainee, classroom.instructor):
        assert classroom.get("routing", actor, params=user).status_code == 403
    for session in (requests.Session(), classroom.galaxy.login(classroom.instructor)):
        assert classroom.page(_PAGE, session).status_code == 403
        page = classroom.submit(_PAGE, session, about="user", **user)
        assert page.status_code == 403
        assert "sorting_hat" not in page.text
    forged = classroom.galaxy.login(classroom.admin).post(f"{classroom.galaxy.url}{_PAGE}", data=user, timeout=60)
    assert forged.status_code == 403


def test_the_api_answers_for_another_time_and_says_what_it_does_not_understand(classroom: Classroom) -> None:
    identifier = classroom.approved(NOW)
    ok(classroom.join(identifier, classroom.trainee))
    name = classroom.trainee.username
    (now,) = ok(classroom.get("routing", classroom.admin, params={"user": name}))["rules"]
    (later,) = ok(classroom.get("routing", classroom.admin, params={"user": name, "at": "2099-12-31T12:00Z"}))["rules"]
    assert (now["training"], later["training"]) == (identifier, None)
    for wrong in ({"at": "soon"}, {"user": "nobody-knows-me"}, {"job": "nothing"}):
        assert classroom.get("routing", classroom.admin, params=wrong).status_code == 400
