"""The page on which admins see what happened to all trainings, its files and its API, on a real server."""

import csv
import io
import re
from html import unescape
from urllib.parse import (
    parse_qs,
    urlsplit,
)

import pytest
import requests
from bioblend import ConnectionError
from bioblend.galaxy import GalaxyInstance
from classroom import (
    Classroom,
    ok,
)
from galaxy_tiaas.bioblend import TrainingsClient

_PAGE = "/tiaas/admin/history"


def _text(page: requests.Response) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


def _look(classroom: Classroom, admin: requests.Session, **typed: str) -> requests.Response:
    """Send the form and go where it leads."""
    answer = classroom.submit(_PAGE, admin, **typed)
    assert answer.status_code == 303
    return classroom.page(answer.headers["location"], admin)


def test_admins_see_who_changed_what_and_through_which_door(classroom: Classroom) -> None:
    identifier = classroom.approved(description="=1+1")
    admin = classroom.galaxy.login(classroom.admin)
    assert _PAGE in classroom.page("/tiaas/admin/", admin).text
    classroom.submit(f"/tiaas/admin/trainings/{identifier}", admin, state="rejected", note="=HYPERLINK(1)")
    page = _look(classroom, admin, training=f"/join-training/{identifier.upper()}", user="", action="")
    assert (page.status_code, urlsplit(page.url).query) == (200, f"training={identifier}")
    text = _text(page)
    assert f"{classroom.admin.username} rejected" in text
    assert f"{classroom.admin.username} through the API approved" in text
    assert f"{classroom.instructor.username} through the API requested" in text
    rows = list(csv.DictReader(io.StringIO(classroom.page(f"{_PAGE}.csv?training={identifier}", admin).text)))
    assert [row["action"] for row in rows][0] == "rejected"
    assert (rows[0]["via"], rows[0]["note"]) == ("page", "'=HYPERLINK(1)")
    plain, excel = (
        classroom.page(f"{_PAGE}.csv?training={identifier}{more}", admin).content for more in ("", "&excel=true")
    )
    assert excel == b"\xef\xbb\xbf" + plain
    assert f"{_PAGE}.csv?training={identifier}&amp;excel=true" in page.text
    listed = classroom.page(f"{_PAGE}.json?training={identifier}", admin)
    assert listed.headers["content-disposition"].startswith("attachment;")
    client = TrainingsClient(GalaxyInstance(classroom.galaxy.url, key=classroom.admin.api_key))
    assert listed.json() == client.get_all_history(training=identifier)
    newest, *_ = client.get_all_history(training=identifier, limit=1)
    assert client.get_all_history(training=identifier, before=newest["id"]) == listed.json()[1:]


def test_no_address_names_anybody(classroom: Classroom) -> None:
    """Web servers log addresses."""
    classroom.request()
    admin = classroom.galaxy.login(classroom.admin)
    page = _look(classroom, admin, user=classroom.instructor.email, via="api")
    assert page.status_code == 200
    assert parse_qs(urlsplit(page.url).query) == {"user": [classroom.instructor.id], "via": ["api"]}
    assert f'value="{classroom.instructor.username}"' in page.text
    assert classroom.instructor.email not in "".join(re.findall(r'href="[^"]*"', page.text))


@pytest.mark.parametrize(
    "field, value, words",
    [
        ("user", "nobody-knows-me", "There is no Galaxy account called 'nobody-knows-me'."),
        (
            "training",
            "nobody-knows-me",
            "There is no training called 'nobody-knows-me' on this server, or it has not been approved yet.",
        ),
        ("since", "soon", "Please enter a date, as in 2027-03-31."),
    ],
)
def test_what_cannot_be_looked_for_is_said_beside_its_field(
    classroom: Classroom, field: str, value: str, words: str
) -> None:
    page = classroom.submit(_PAGE, classroom.galaxy.login(classroom.admin), **{field: value})
    assert page.status_code == 422
    assert re.search(rf'id="{field}-error" role="alert">{re.escape(words)}', unescape(page.text))


@pytest.mark.parametrize("ending", ["", ".csv", ".json"])
def test_it_is_for_admins_alone(classroom: Classroom, ending: str) -> None:
    for browser in (requests, classroom.galaxy.login(classroom.instructor)):
        assert classroom.page(f"{_PAGE}{ending}", browser).status_code == 403


def test_the_api_is_for_admins_alone(classroom: Classroom) -> None:
    assert classroom.get("history").status_code == 403
    assert classroom.get("history", classroom.instructor).status_code == 403
    assert ok(classroom.get("history", classroom.admin, params={"limit": 1}))
    assert classroom.get("history", classroom.admin, params={"training": "nobody-knows-me"}).status_code == 404
    assert classroom.get("history", classroom.admin, params={"via": "window"}).status_code == 400
    instructor = TrainingsClient(GalaxyInstance(classroom.galaxy.url, key=classroom.instructor.api_key))
    with pytest.raises(ConnectionError):
        instructor.get_all_history()
