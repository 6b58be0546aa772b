"""The page of one training, for those who teach it: sharing, and who else teaches."""

import re
from datetime import timedelta
from xml.etree import ElementTree

import pytest
import requests
from classroom import (
    Classroom,
    days_from_now,
    FUTURE,
    ok,
)


@pytest.fixture
def session(classroom: Classroom) -> requests.Session:
    """The instructor's browser, logged in."""
    return classroom.galaxy.login(classroom.instructor)


def _instructors(classroom: Classroom, identifier: str) -> list[str]:
    """Ids of those who teach the training besides the requester."""
    requester, *others = ok(classroom.get(f"trainings/{identifier}", classroom.admin))["instructors"]
    assert requester == classroom.instructor.id
    return list(others)


def test_the_qr_code_can_be_kept_as_a_file(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    answer = classroom.page(f"/tiaas/trainings/{identifier.upper()}/qr.svg", session)
    assert answer.headers["content-type"] == "image/svg+xml"
    assert answer.headers["content-disposition"] == f'attachment; filename="join-{identifier}.svg"'
    assert ElementTree.fromstring(answer.content).tag.endswith("svg")


def test_the_slide_has_title_link_and_code(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved(title="Potions & <poisons>")
    page = classroom.page(f"/tiaas/trainings/{identifier}/slide", session)
    assert page.status_code == 200
    assert "<h1>Potions &amp; &lt;poisons&gt;</h1>" in page.text
    assert f"/<wbr>join-training/<wbr>{identifier}" in page.text
    assert "<svg" in page.text


@pytest.mark.parametrize("part", ["/slide", "/qr.svg"])
def test_what_is_made_for_sharing_is_for_those_who_teach(classroom: Classroom, part: str) -> None:
    path = f"/tiaas/trainings/{classroom.approved()}{part}"
    assert classroom.page(path, classroom.galaxy.login(classroom.admin)).status_code == 200
    for browser in (requests, classroom.galaxy.login(classroom.trainee)):
        page = classroom.page(path, browser)
        assert page.status_code == 403
        assert page.headers["content-type"].startswith("text/html")
    assert classroom.page(f"/tiaas/trainings/nobody-knows-me{part}", browser).status_code == 404


@pytest.mark.parametrize("approved", [False, True], ids=["new", "approved"])
def test_instructors_are_invited_by_name_or_address_accept_and_are_removed(
    classroom: Classroom, session: requests.Session, approved: bool
) -> None:
    identifier = classroom.approved(FUTURE) if approved else classroom.request()
    path = f"/tiaas/trainings/{identifier}/instructors"
    first, second = classroom.stranger, classroom.trainee
    added = classroom.submit(path, session, instructors=f"{first.username}, {second.email.upper()}")
    assert added.status_code == 303
    assert added.headers["location"] == f"/tiaas/trainings/{identifier}?saved=1#instructors"
    assert _instructors(classroom, identifier) == []
    page = classroom.page(f"/tiaas/trainings/{identifier}", session).text
    assert f"<strong>{first.username}</strong>" in page and f"<strong>{second.email.upper()}</strong>" in page
    assert first.email not in page and second.username not in page
    assert classroom.submit(path, session, uninvite=second.email.upper()).status_code == 303
    theirs = classroom.galaxy.login(first)
    assert f"/tiaas/trainings/{identifier}/invitation" in classroom.page("/tiaas/trainings/", theirs).text
    answer = classroom.submit(f"/tiaas/trainings/{identifier}/invitation", theirs, answer="accept")
    assert answer.headers["location"] == f"/tiaas/trainings/{identifier}?saved=accepted"
    assert _instructors(classroom, identifier) == [first.id]
    page = classroom.page(f"/tiaas/trainings/{identifier}", session).text
    assert f"<strong>{first.username}</strong>" in page and first.email not in page
    assert classroom.submit(path, session, remove=first.id).status_code == 303
    assert _instructors(classroom, identifier) == []


def test_an_invitation_is_declined_with_the_token_only(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.request(instructors=[classroom.stranger.username])
    theirs = classroom.galaxy.login(classroom.stranger)
    path = f"/tiaas/trainings/{identifier}/invitation"
    forged = theirs.post(f"{classroom.galaxy.url}{path}", data={"answer": "accept"}, timeout=60)
    assert forged.status_code == 403
    assert classroom.submit(path, theirs, answer="decline").headers["location"] == "/tiaas/trainings/?answered=declined"
    mine = classroom.page("/tiaas/trainings/?answered=declined", theirs).text
    assert "Declined. Nobody is told." in mine and identifier not in mine
    assert classroom.stranger.username in classroom.page(f"/tiaas/trainings/{identifier}", session).text
    assert _instructors(classroom, identifier) == []
    assert classroom.submit(path, classroom.galaxy.login(classroom.trainee), answer="accept").status_code == 404


def test_too_many_invitations_are_a_mistake_in_the_form_for_now(classroom: Classroom) -> None:
    """On the small form, the large one, and in the API."""
    user = classroom.galaxy.create_user()
    session = classroom.galaxy.login(user)
    payload = classroom.payload(instructors=[f"nobody{number}" for number in range(15)])
    identifier = ok(classroom.post("trainings", user, json=payload))["identifier"]
    more = ", ".join(f"gilderoy{number}" for number in range(6))
    answers = [
        classroom.submit(f"/tiaas/trainings/{identifier}/instructors", session, instructors=more),
        classroom.submit(
            f"/tiaas/trainings/{identifier}/edit", session, **{**payload, "instructors": more, "location": "GB"}
        ),
        classroom.put(f"trainings/{identifier}", user, json={"instructors": more.split(", ")}),
    ]
    for answer in answers:
        assert answer.status_code == 429
        assert 3500 < int(answer.headers["Retry-After"]) <= 3600
        assert "You can invite 20 people an hour, and 5 more at the moment." in answer.text
    assert f'value="{more}"' in answers[0].text and 'id="instructors-error"' in answers[1].text
    assert len(ok(classroom.get(f"trainings/{identifier}", user))["invited"]) == 15


def test_the_page_says_what_has_become_of_a_change(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    path = f"/tiaas/trainings/{identifier}"

    def said(action: str, **fields: str) -> str:
        sent_on = classroom.submit(f"{path}/{action}", session, **fields).headers["location"]
        found = re.search(
            r'<div class="alert alert-success" role="status">([^<]*)</div>', classroom.page(sent_on, session).text
        )
        return found[1] if found else ""

    later = days_from_now(timedelta(days=3))
    assert said("extend", end=later).startswith("Sent to the administrators")
    assert said("instructors", instructors=classroom.stranger.username) == "Saved."
    assert said("take-back").startswith("Taken back")
    assert ok(classroom.get(f"trainings/{identifier}", classroom.instructor))["requested_change"] is None
    assert classroom.submit(f"{path}/take-back", session).status_code == 409
    assert classroom.submit(f"{path}/take-back", classroom.galaxy.login(classroom.trainee)).status_code == 403
    assert said("end") == "The training has ended."
    upcoming = classroom.approved(FUTURE)
    path = f"/tiaas/trainings/{upcoming}"
    assert said("withdraw") == "The training is withdrawn."


def test_whoever_removes_themselves_is_not_left_on_a_page_for_others(
    classroom: Classroom, session: requests.Session
) -> None:
    identifier = classroom.request()
    path = f"/tiaas/trainings/{identifier}/instructors"
    classroom.submit(path, session, instructors=classroom.stranger.username)
    classroom.accept(identifier, classroom.stranger)
    gone = classroom.submit(path, classroom.galaxy.login(classroom.stranger), remove=classroom.stranger.id)
    assert (gone.status_code, gone.headers["location"]) == (303, "/tiaas/trainings/")
    assert _instructors(classroom, identifier) == []


def test_instructors_are_not_changed_by_others_or_without_the_token(
    classroom: Classroom, session: requests.Session
) -> None:
    identifier = classroom.approved()
    path = f"/tiaas/trainings/{identifier}/instructors"
    form = {"instructors": classroom.stranger.username}
    assert classroom.submit(path, classroom.galaxy.login(classroom.trainee), **form).status_code == 403
    assert session.post(f"{classroom.galaxy.url}{path}", data=form, timeout=60).status_code == 403
    assert _instructors(classroom, identifier) == []


@pytest.mark.parametrize("action", ["end", "withdraw"])
def test_a_note_that_is_too_long_is_refused_in_words_and_ends_nothing(
    classroom: Classroom, session: requests.Session, action: str
) -> None:
    identifier = classroom.approved()
    page = classroom.submit(f"/tiaas/trainings/{identifier}/{action}", session, note="x" * 20_000)
    assert page.status_code == 400
    assert "shorten this to" in page.text
    view = ok(classroom.get(f"trainings/{identifier}", classroom.instructor))
    assert (view["state"], view["phase"]) == ("approved", "ongoing")
