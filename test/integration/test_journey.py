"""The journey of the README, through HTTP as a browser would."""

import re

import requests
from classroom import (
    Classroom,
    days_from_now,
    FUTURE,
    NOW,
    ok,
    PAST,
)
from fixtures import dataset
from servers import on_both_servers


@on_both_servers
def test_request_review_join_jobs_status_end(classroom: Classroom) -> None:
    galaxy = classroom.galaxy
    instructor, admin, trainee = (
        galaxy.login_by_form(user) for user in (classroom.instructor, classroom.admin, classroom.trainee)
    )
    identifier = classroom.payload()["identifier"]

    form = classroom.page(f"/tiaas/new/?title=Transfiguration&training_identifier={identifier}&location=GB", instructor)
    assert form.status_code == 200
    assert f'value="{identifier}"' in form.text
    assert classroom.instructor.email in form.text

    typed = {
        "identifier": identifier,
        "title": "Transfiguration",
        "name": "Minerva",
        "email": classroom.instructor.email,
        "start": days_from_now(FUTURE),
        "end": days_from_now(FUTURE),
        "timezone": "Europe/London",
        "location": ["GB", "FR"],
        "attendance": "20",
    }
    wrong = classroom.submit("/tiaas/new/", instructor, **{**typed, "attendance": "many", "title": ""})
    assert wrong.status_code == 422
    assert 'value="many"' in wrong.text
    assert "Please enter a whole number." in wrong.text
    sent = classroom.submit("/tiaas/new/", instructor, **typed)
    assert sent.status_code == 303
    page = classroom.page(sent.headers["location"], instructor)
    assert page.status_code == 200
    assert f"/join-training/{identifier}" in page.text
    taken = classroom.submit("/tiaas/new/", trainee, **typed)
    assert taken.status_code == 409

    waiting = classroom.page(f"/tiaas/admin/?state=new&search={identifier}", admin)
    assert f'href="/tiaas/admin/trainings/{identifier}"' in waiting.text
    review = classroom.page(f"/tiaas/admin/trainings/{identifier}", admin)
    assert "training-big" in review.text
    approved = classroom.submit(f"/tiaas/admin/trainings/{identifier}", admin, state="approved", note="Welcome")
    assert approved.status_code == 303
    classroom.move(identifier, NOW)

    joined = classroom.page(f"/join-training/{identifier}", trainee)
    assert "You are in" in joined.text
    pseudonym = ok(classroom.join(identifier, classroom.trainee))["pseudonym"]
    assert pseudonym in joined.text

    upload = galaxy.upload(classroom.trainee)
    job = galaxy.run_tool(classroom.trainee, "cat1", {"input1": dataset(upload.outputs[0])}, upload.history_id)
    assert (upload.destination_id, job.destination_id) == ("local", "training")

    status = classroom.page(f"/join-training/{identifier}/status?hours=1").text
    assert pseudonym in status
    assert "cat1" in status
    assert classroom.trainee.username not in status
    assert "Welcome" in classroom.page(f"/tiaas/trainings/{identifier}", instructor).text
    assert identifier in classroom.page("/tiaas/trainings/", trainee).text

    past = days_from_now(PAST)
    moved = classroom.submit(
        f"/tiaas/trainings/{identifier}/edit",
        admin,
        **{**typed, "start": past, "end": past},
    )
    assert moved.status_code == 303
    later = galaxy.submit_tool(classroom.trainee, "cat1", {"input1": dataset(upload.outputs[0])}, upload.history_id)
    assert galaxy.wait_for_destination(later) == "regular"
    galaxy.cancel_job(classroom.trainee, later)
    assert classroom.page(f"/join-training/{identifier}", trainee).status_code == 410


def test_bulk_decisions_leave_alone_what_is_not_possible(classroom: Classroom) -> None:
    admin = classroom.galaxy.login(classroom.admin)
    one, two, cancelled = classroom.request(), classroom.request(), classroom.request()
    ok(classroom.decide(cancelled, "cancelled"))
    answer = classroom.submit("/tiaas/admin/", admin, identifier=[one, two, cancelled], state="approved", note="All")
    assert answer.status_code == 409
    assert re.search(rf"{cancelled}.*cannot become approved", answer.text, re.DOTALL)
    states = [
        ok(classroom.get(f"trainings/{identifier}", classroom.admin))["state"] for identifier in (one, two, cancelled)
    ]
    assert states == ["approved", "approved", "cancelled"]


def test_csv_files_and_calendars_are_for_everybody(classroom: Classroom) -> None:
    training = ok(classroom.get(f"trainings/{classroom.approved(location=['CD'], use_gtn=True)}"))
    first, last = training["start"], training["end"]
    countries = classroom.page("/tiaas/stats.csv")
    assert countries.headers["content-type"].startswith("text/csv")
    assert countries.text.splitlines()[0] == "name,code,pop"
    assert re.search(r"^Democratic Republic of the Congo,COD,\d+\r$", countries.text, re.MULTILINE)
    numbers = classroom.page("/tiaas/numbers.csv").text.splitlines()
    assert numbers[0] == "id,start,end,location,use_gtn,attendance"
    assert any(re.fullmatch(rf"\d+,{first},{last},CD,Y,20", line) for line in numbers)
    events = classroom.page("/tiaas/calendar/events.json").json()
    assert {"start": first, "end": last} in events
    calendar = classroom.page("/tiaas/calendar.ics")
    assert calendar.headers["content-type"].startswith("text/calendar")
    assert "SUMMARY:Training\r\n" in calendar.text
    known = {"if-none-match": calendar.headers["etag"]}
    again = requests.get(f"{classroom.galaxy.url}/tiaas/calendar.ics", headers=known, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    assert "SUMMARY" not in classroom.page(f"/tiaas/calendar.ics?start={first}&end=2001-01-01").text
    for path in ("/tiaas/stats.csv", "/tiaas/numbers.csv", "/tiaas/years.csv"):
        plain, excel = (classroom.page(f"{path}{query}") for query in ("", "?excel=true"))
        assert excel.content.removeprefix(b"\xef\xbb\xbf") == plain.content != excel.content
        assert f"{path}?excel=true" in classroom.page("/tiaas/stats/").text
