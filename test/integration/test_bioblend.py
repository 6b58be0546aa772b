"""The client in bioblend's style against a running server."""

import pytest
from bioblend import ConnectionError
from bioblend.galaxy import GalaxyInstance
from classroom import (
    Classroom,
    days_from_now,
    FUTURE,
    NOW,
)
from fixtures import User
from galaxy_tiaas.bioblend import TrainingsClient


def client(classroom: Classroom, user: User) -> TrainingsClient:
    return TrainingsClient(GalaxyInstance(classroom.galaxy.url, key=user.api_key))


def test_the_whole_way_of_a_training(classroom: Classroom) -> None:
    instructor, admin, trainee = (
        client(classroom, user) for user in (classroom.instructor, classroom.admin, classroom.trainee)
    )
    fields = classroom.payload()
    identifier = fields.pop("identifier")
    assert instructor.create_training(identifier, **fields)["state"] == "new"
    assert [t["identifier"] for t in admin.get_trainings(needs_decision=True, search=identifier)] == [identifier]
    assert instructor.update_training(identifier, attendance=30, title="Charms")["attendance"] == 30
    assert admin.approve_training(identifier, note="Welcome", destination="training-big")["state"] == "approved"
    instructor.update_training(identifier, attendance=35)
    assert admin.decide_change(identifier, True, note="Fine")["attendance"] == 35
    today = days_from_now(NOW)
    admin.update_training(identifier, start=today, end=today)
    assert identifier in {training["identifier"] for training in admin.get_running()}
    assert identifier in {training["identifier"] for training in admin.get_calendar(start=today, end=today)}
    assert admin.get_statistics()["ongoing"] >= 1
    membership = trainee.join_training(identifier)
    assert membership["active"]
    assert instructor.get_members(identifier)[0]["pseudonym"] == membership["pseudonym"]
    assert trainee.get_status(identifier, hours=1)["members"] == 1
    assert trainee.raise_hand(identifier)["hand_raised_at"]
    asked = instructor.ask_question(identifier, text="Done?")
    assert trainee.show_membership(identifier)["question"]["id"] == asked["id"]
    assert trainee.answer_question(identifier, True)["question"]["done"]
    help = instructor.get_help(identifier, hours=1, jobs="all")
    assert (help["hands"]["total"], help["question"]["done"]["total"]) == (1, 1)
    assert instructor.lower_hand(identifier, pseudonym=membership["pseudonym"])["changed"]
    assert trainee.lower_hand(identifier)["hand_raised_at"] is None
    assert instructor.close_question(identifier) == asked
    assert instructor.close_question(identifier) is None
    dashboard = instructor.update_dashboard(identifier, course_only=True, steps=[{"tool_id": "cat1"}])
    assert instructor.get_dashboard(identifier) == dashboard
    assert [step["label"] for step in trainee.get_progress(identifier, jobs="course")["steps"]] == [
        "Concatenate multiple datasets or collections"
    ]
    assert [event["action"] for event in instructor.get_history(identifier)][:2] == ["requested", "changed"]
    assert [t["identifier"] for t in trainee.get_trainings(mine=True, phase="ongoing")] == [identifier]
    assert instructor.end_training(identifier, note="We are through")["phase"] == "finished"
    assert admin.resume_training(identifier)["phase"] == "ongoing"
    assert not trainee.leave_training(identifier)["member"]
    assert instructor.cancel_training(identifier, note="Rain")["state"] == "cancelled"
    assert instructor.show_training(identifier)["title"] == "Charms"


def test_a_rejection(classroom: Classroom) -> None:
    identifier = classroom.request()
    assert client(classroom, classroom.admin).reject_training(identifier, note="No room")["state"] == "rejected"


def test_what_the_server_refuses_is_an_error_with_its_words(classroom: Classroom) -> None:
    trainee = client(classroom, classroom.trainee)
    with pytest.raises(ConnectionError) as refused:
        trainee.show_training("no such/training")
    assert refused.value.status_code == 404
    with pytest.raises(ConnectionError) as refused:
        trainee.join_training(classroom.approved(FUTURE * -1))
    assert refused.value.status_code == 410
    assert "ended" in str(refused.value.body)
