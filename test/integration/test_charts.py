"""Charts of the dashboard, with jobs of a real Galaxy."""

from bioblend.galaxy import GalaxyInstance
from classroom import (
    Classroom,
    NOW,
    ok,
    PAST,
)
from fixtures import dataset
from galaxy_tiaas.bioblend import TrainingsClient


def test_the_jobs_of_a_class_are_drawn_over_time(classroom: Classroom) -> None:
    """As many as the status counts; one person's waits are not told, and a tag saves sending it all again."""
    identifier = classroom.approved(NOW)
    ok(classroom.join(identifier, classroom.trainee))
    upload = classroom.galaxy.upload(classroom.trainee, "one\ntwo\n")
    classroom.galaxy.run_tool(classroom.trainee, "cat1", {"input1": dataset(upload.outputs[0])}, upload.history_id)

    answer = classroom.get(f"trainings/{identifier}/activity", params={"hours": 1})
    activity = ok(answer)
    assert activity["identifier"] == identifier
    assert [bucket["states"] for bucket in activity["buckets"] if bucket["states"]] in (
        [{"ok": 2}],
        [{"ok": 1}, {"ok": 1}],
    )
    assert activity["buckets"][-1]["start"] <= activity["generated"]
    assert activity["waits"]["members"] is None
    assert activity["waits"]["members_withheld"] == "too_few"
    headers = {"If-None-Match": answer.headers["etag"]}
    again = classroom.get(f"trainings/{identifier}/activity", params={"hours": 1}, headers=headers)
    assert (again.status_code, again.content) == (304, b"")

    client = TrainingsClient(GalaxyInstance(classroom.galaxy.url, key=classroom.trainee.api_key))
    course = client.get_activity(identifier, hours=1, jobs="course")
    assert (course["shown"], [bucket for bucket in course["buckets"] if bucket["states"]]) == ("course", [])


def test_charts_are_refused_as_the_dashboard_is(classroom: Classroom) -> None:
    assert classroom.get("trainings/no-such-training/activity").status_code == 404
    assert classroom.get(f"trainings/{classroom.request()}/activity").status_code == 403
    over = classroom.approved(PAST)
    assert classroom.get(f"trainings/{over}/activity", classroom.trainee).status_code == 410
    assert classroom.get(f"trainings/{over}/activity", classroom.instructor).ok
    for wrong in ({"hours": 0}, {"hours": 65}, {"jobs": "mine"}):
        assert classroom.get(f"trainings/{over}/activity", classroom.instructor, params=wrong).status_code == 400
