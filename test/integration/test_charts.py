"""Charts of the dashboard."""

from classroom import (
    Classroom,
    NOW,
    PAST,
)


def test_a_tag_saves_sending_the_same_again(classroom: Classroom) -> None:
    path = f"trainings/{classroom.approved(NOW)}/activity"
    tag = classroom.get(path, params={"hours": 1}).headers["etag"]
    again = classroom.get(path, params={"hours": 1}, headers={"If-None-Match": tag})
    assert (again.status_code, again.content) == (304, b"")


def test_charts_are_refused_as_the_dashboard_is(classroom: Classroom) -> None:
    assert classroom.get("trainings/no-such-training/activity").status_code == 404
    assert classroom.get(f"trainings/{classroom.request()}/activity").status_code == 404
    over = classroom.approved(PAST)
    assert classroom.get(f"trainings/{over}/activity", classroom.trainee).status_code == 410
    assert classroom.get(f"trainings/{over}/activity", classroom.instructor).ok
    for wrong in ({"hours": 0}, {"hours": 65}, {"jobs": "mine"}):
        assert classroom.get(f"trainings/{over}/activity", classroom.instructor, params=wrong).status_code == 400
