"""The live part of a dashboard, and what is answered to those who ask for it again and again."""

import re
import time
from typing import Any

import pytest
import requests
from classroom import (
    Classroom,
    NOW,
    ok,
    PAST,
)
from fixtures import (
    GalaxyServer,
)


def live(classroom: Classroom, identifier: str, session: Any = requests, **kwargs: Any) -> requests.Response:
    return classroom.page(f"/join-training/{identifier}/status/live", session, **kwargs)


def again(tag: str) -> dict[str, str]:
    return {"if-none-match": tag}


@pytest.fixture
def identifier(classroom: Classroom) -> str:
    return classroom.approved(NOW)


def test_the_live_part_is_sent_again_only_when_something_has_changed(classroom: Classroom, identifier: str) -> None:
    first = live(classroom, identifier)
    assert first.status_code == 200
    assert first.headers["content-type"].startswith("text/html")
    assert first.headers["cache-control"] == "private, no-cache"
    assert "Nobody has joined yet." in first.text
    tag = first.headers["etag"]
    for unknown in ('"', "W/", ",,,", f"{tag[:-1]}", '"' + "a" * 8000 + '"'):
        assert live(classroom, identifier, headers=again(unknown)).status_code == 200
    for known in (tag, tag.removeprefix("W/"), f'"other", {tag}', "*"):
        same = live(classroom, identifier, headers=again(known))
        assert (same.status_code, same.content, same.headers["etag"]) == (304, b"", tag)

    pseudonym = ok(classroom.join(identifier, classroom.trainee))["pseudonym"]
    _wait_for(classroom, identifier, pseudonym)
    changed = live(classroom, identifier, headers=again(tag))
    assert changed.status_code == 200
    assert pseudonym in changed.text
    assert classroom.trainee.username not in changed.text


def _wait_for(classroom: Classroom, identifier: str, text: str) -> None:
    """Until each of Galaxy's processes has counted anew."""
    deadline = time.monotonic() + 60
    while not all(text in live(classroom, identifier).text for _ in range(6)):
        assert time.monotonic() < deadline, f"{text} does not appear"
        time.sleep(0.3)


def test_every_view_has_a_tag_of_its_own(classroom: Classroom, identifier: str) -> None:
    queries = ["hours=3", "hours=6", "hours=3&jobs=course", "hours=3&view=wall", "people=2", "rows=2", "find=a"]
    queries.append("lists=all")
    path = f"/join-training/{identifier}/status/live"
    tags = {classroom.page(f"{path}?{query}").headers["etag"] for query in queries}
    assert len(tags) == len(queries)


def test_the_page_has_the_live_part_in_it_and_knows_its_tag(classroom: Classroom, identifier: str) -> None:
    ok(classroom.join(identifier, classroom.trainee))
    page = classroom.page(f"/join-training/{identifier}/status?hours=6&jobs=course")
    part = classroom.page(f"/join-training/{identifier}/status/live?hours=6&jobs=course")
    assert part.text in page.text
    assert f'data-etag="{part.headers["etag"].replace(chr(34), "&#34;")}"' in page.text
    assert f'data-address="/join-training/{identifier}/status/live?hours=6&amp;jobs=course"' in page.text


def test_the_live_part_is_the_same_for_all_and_says_nothing_of_its_reader(
    classroom: Classroom, identifier: str
) -> None:
    pseudonym = ok(classroom.join(identifier, classroom.trainee))["pseudonym"]
    _wait_for(classroom, identifier, pseudonym)
    trainee = classroom.galaxy.login(classroom.trainee)
    mine, public = live(classroom, identifier, trainee), live(classroom, identifier)
    assert (mine.text, mine.headers["etag"]) == (public.text, public.headers["etag"])
    page = classroom.page(f"/join-training/{identifier}/status", trainee).text
    assert "On this dashboard you are" in page
    assert f'data-me="{pseudonym}"' in page
    assert "On this dashboard you are" not in classroom.page(f"/join-training/{identifier}/status").text


def test_an_ended_training_is_closed_to_all_but_those_who_teach_it(classroom: Classroom) -> None:
    identifier = classroom.approved(NOW)
    ok(classroom.join(identifier, classroom.trainee))
    classroom.move(identifier, PAST)
    trainee = classroom.galaxy.login(classroom.trainee)
    for session in (requests, trainee):
        part = live(classroom, identifier, session)
        assert part.status_code == 410
        assert part.headers["content-type"].startswith("text/plain")
        assert part.text == "The training 'Transfiguration' is over, and its dashboard is closed."
        page = classroom.page(f"/join-training/{identifier}/status", session)
        assert page.status_code == 410
        assert "is over, and its dashboard is closed" in page.text
        assert "still in your histories" in page.text
    for user in (classroom.instructor, classroom.admin):
        session = classroom.galaxy.login(user)
        assert live(classroom, identifier, session).status_code == 200
        page = classroom.page(f"/join-training/{identifier}/status", session)
        assert "Only its instructors and administrators see this dashboard now" in page.text
        wall = classroom.page(f"/join-training/{identifier}/status?view=wall", session)
        assert wall.status_code == 200
        assert 'class="tiaas-qr"' not in wall.text


def test_the_link_is_on_the_wall_while_trainees_can_join(classroom: Classroom, identifier: str) -> None:
    wall = classroom.page(f"/join-training/{identifier}/status?view=wall").text
    assert "<svg" in wall
    assert f"{classroom.galaxy.url}/join-training/{identifier}".partition("://")[2] in re.sub("<[^>]*>", "", wall)
    assert 'class="tiaas-qr"' not in classroom.page(f"/join-training/{identifier}/status").text


def test_whose_login_has_ended_is_told_so_rather_than_shown_what_the_public_sees(
    classroom: Classroom, identifier: str
) -> None:
    instructor = classroom.galaxy.login(classroom.instructor)
    path = f"/join-training/{identifier}/status/live?hours=3&as=instructor"
    page = classroom.page(f"/join-training/{identifier}/status", instructor)
    assert f'data-address="{path.replace("&", "&amp;")}"' in page.text
    assert classroom.page(path, instructor).status_code == 200
    refused = classroom.page(path)
    assert (refused.status_code, refused.headers["content-type"].split(";")[0]) == (403, "text/plain")
    assert refused.text.startswith("You are not logged in any more")


def test_an_unknown_training_has_no_live_part(classroom: Classroom) -> None:
    missing = live(classroom, "nobody-knows-me")
    assert (missing.status_code, missing.headers["content-type"].split(";")[0]) == (404, "text/plain")
    assert "nobody-knows-me" in missing.text


def test_nonsense_in_the_address_is_read_as_the_usual(classroom: Classroom, identifier: str) -> None:
    path = f"/join-training/{identifier}/status/live"
    usual = live(classroom, identifier).text
    for nonsense in ("hours=soon&jobs=all-of-them&view=floor&people=all&rows=x", f"hours={'9' * 5000}", "hours=%00%FF"):
        assert classroom.page(f"{path}?{nonsense}").text == usual
    assert "<script>" not in classroom.page(f"{path}?find=%3Cscript%3E%F0%9F%A7%99").text
    assert "The last 64 hours" in classroom.page(f"{path}?hours=1000").text
    assert "The last hour" in classroom.page(f"{path}?hours=-1").text


def test_the_api_answers_that_nothing_has_changed_too(classroom: Classroom, identifier: str) -> None:
    first = classroom.get(f"trainings/{identifier}/status")
    tag = first.headers["etag"]
    same = classroom.get(f"trainings/{identifier}/status", headers=again(tag))
    assert (same.status_code, same.content) == (304, b"")
    assert classroom.get(f"trainings/{identifier}/status", headers=again('"other"')).status_code == 200
    assert classroom.get(f"trainings/{identifier}/status", params={"hours": 6}, headers=again(tag)).status_code == 200


def test_below_a_prefix_the_page_finds_its_live_part(galaxy_prefix: GalaxyServer) -> None:
    classroom = Classroom(galaxy_prefix)
    identifier = classroom.approved(NOW)
    page = classroom.page(f"/join-training/{identifier}/status").text
    prefix = galaxy_prefix.url.split("/", 3)[3]
    assert f'data-address="/{prefix}/join-training/{identifier}/status/live?hours=3"' in page
    assert live(classroom, identifier).status_code == 200
