"""Hands, questions and who needs help, through HTTP: by API and by plain forms."""

import itertools
from concurrent.futures import ThreadPoolExecutor

from classroom import (
    Classroom,
    NOW,
    ok,
    PAST,
)


def _class(classroom: Classroom) -> str:
    """A training that runs and that the trainee has joined."""
    identifier = classroom.approved(NOW)
    ok(classroom.join(identifier, classroom.trainee))
    return f"trainings/{identifier}"


def test_a_hand_goes_up_is_seen_and_is_lowered(classroom: Classroom) -> None:
    path = _class(classroom)
    raised = ok(classroom.put(f"{path}/hand", classroom.trainee, json={"raised": True}))
    hands = ok(classroom.get(f"{path}/help", classroom.instructor))["hands"]
    assert hands["total"] == 1
    (hand,) = hands["people"]
    assert (hand["pseudonym"], hand["raised_at"]) == (raised["pseudonym"], raised["hand_raised_at"])
    assert set(hand) == {"pseudonym", "colour", "shape", "raised_at"}
    lower = f"{path}/hands/{hand['pseudonym']}"
    assert ok(classroom.put(lower, classroom.instructor, json={"raised": False}))["changed"]
    assert ok(classroom.get(f"{path}/membership", classroom.trainee))["hand_raised_at"] is None
    assert classroom.put(lower, classroom.instructor, json={"raised": True}).status_code == 400
    unknown = classroom.put(f"{path}/hands/nobody-newt", classroom.instructor, json={"raised": False})
    assert (unknown.status_code, "nobody-newt" in unknown.json()["err_msg"]) == (404, True)


def test_a_question_is_asked_answered_and_closed(classroom: Classroom) -> None:
    path = _class(classroom)
    assert classroom.put(f"{path}/answer", classroom.trainee, json={"done": True}).status_code == 409
    asked = ok(classroom.post(f"{path}/question", classroom.instructor, json={"text": "", "position": None}))
    assert asked["text"] == "Are you done?"
    seen = ok(classroom.get(f"{path}/membership", classroom.trainee))["question"]
    assert seen == {**asked, "done": None}
    answered = ok(classroom.put(f"{path}/answer", classroom.trainee, json={"done": False, "question": seen["id"]}))
    assert answered["question"]["done"] is False
    question = ok(classroom.get(f"{path}/help", classroom.instructor))["question"]
    assert [question[group]["total"] for group in ("done", "working", "none")] == [0, 1, 0]
    assert ok(classroom.galaxy.api("DELETE", f"tiaas/{path}/question", classroom.instructor)) == asked
    assert ok(classroom.get(f"{path}/membership", classroom.trainee))["question"] is None
    assert classroom.post(f"{path}/question", classroom.instructor, json={"position": 1}).status_code == 400


def test_everybody_else_is_refused(classroom: Classroom) -> None:
    path = _class(classroom)
    for user in (None, classroom.stranger, classroom.trainee):
        assert classroom.get(f"{path}/help", user).status_code == 403
        assert classroom.post(f"{path}/question", user, json={}).status_code == 403
        assert classroom.galaxy.api("DELETE", f"tiaas/{path}/question", user).status_code == 403
    assert classroom.get(f"{path}/membership").status_code == 403
    for user in (None, classroom.stranger):
        assert classroom.put(f"{path}/hand", user, json={"raised": True}).status_code == 403
    assert not ok(classroom.get(f"{path}/membership", classroom.stranger))["member"]
    assert classroom.put(f"{path}/hand", classroom.trainee, json={"raised": True, "user_id": 1}).status_code == 400


def test_after_the_end_no_hand_goes_up(classroom: Classroom) -> None:
    path = _class(classroom)
    ok(classroom.put(f"{path}/hand", classroom.trainee, json={"raised": True}))
    classroom.move(path.rpartition("/")[2], PAST)
    assert classroom.put(f"{path}/hand", classroom.trainee, json={"raised": True}).status_code == 410
    assert ok(classroom.get(f"{path}/membership", classroom.trainee))["hand_raised_at"] is None
    assert ok(classroom.get(f"{path}/help", classroom.instructor))["hands"]["total"] == 0


def test_who_asks_again_is_told_that_nothing_has_changed(classroom: Classroom) -> None:
    path = _class(classroom)
    first = classroom.get(f"{path}/help", classroom.instructor)
    tag = {"if-none-match": first.headers["etag"]}
    assert classroom.get(f"{path}/help", classroom.instructor, headers=tag).status_code == 304
    ok(classroom.put(f"{path}/hand", classroom.trainee, json={"raised": True}))
    assert classroom.get(f"{path}/help", classroom.instructor, headers=tag).status_code == 200


def test_a_class_that_answers_and_instructors_who_ask_at_once_leave_one_question_open(classroom: Classroom) -> None:
    path = _class(classroom)
    trainees = [classroom.trainee, *(classroom.galaxy.create_user() for _ in range(3))]
    for trainee in trainees[1:]:
        ok(classroom.join(path.rpartition("/")[2], trainee))
    texts = [f"Question {number}?" for number in range(4)]
    asks = [lambda t=text: classroom.post(f"{path}/question", classroom.instructor, json={"text": t}) for text in texts]
    hands = [lambda u=user: classroom.put(f"{path}/hand", u, json={"raised": True}) for user in trainees * 2]
    with ThreadPoolExecutor(12) as pool:
        codes = [answer.status_code for answer in pool.map(lambda action: action(), [*asks, *hands])]
    assert set(codes) == {200}
    still_open = classroom.galaxy.query(
        "SELECT q.text FROM tiaas_training_question q JOIN tiaas_training t ON t.id = q.training_id"
        " WHERE t.identifier = :identifier AND q.closed_at IS NULL",
        identifier=path.rpartition("/")[2],
    )
    assert len(still_open) == 1
    answers = [
        lambda u=user, d=done: classroom.put(f"{path}/answer", u, json={"done": d})
        for user, done in itertools.product(trainees, (True, True, True))
    ]
    with ThreadPoolExecutor(12) as pool:
        assert {answer.status_code for answer in pool.map(lambda action: action(), answers)} == {200}
    view = ok(classroom.get(f"{path}/help", classroom.instructor))
    assert (view["hands"]["total"], view["question"]["done"]["total"]) == (4, 4)


def test_without_a_script_plain_forms_do_the_same(classroom: Classroom) -> None:
    path = _class(classroom)
    page = f"/join-training/{path.rpartition('/')[2]}"
    trainee, instructor = (classroom.galaxy.login(user) for user in (classroom.trainee, classroom.instructor))
    name = ok(classroom.get(f"{path}/membership", classroom.trainee))["pseudonym"]
    assert name in trainee.get(f"{classroom.galaxy.url}/tiaas/trainings/").text

    sent = classroom.submit(f"{page}/hand", trainee, raised="true")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}#classroom")
    assert "lower it" in classroom.page(page, trainee).text
    sent = classroom.submit(f"{page}/status/lower", instructor, pseudonym=name, hours="6", jobs="course")
    assert (sent.status_code, sent.headers["location"]) == (303, f"{page}/status?hours=6&jobs=course#help")
    assert ok(classroom.get(f"{path}/membership", classroom.trainee))["hand_raised_at"] is None

    assert classroom.submit(f"{page}/status/ask", instructor, text="<b>Done?", position="").status_code == 303
    assert "&lt;b&gt;Done?" in classroom.page(page, trainee).text
    old = ok(classroom.get(f"{path}/membership", classroom.trainee))["question"]["id"]
    assert classroom.submit(f"{page}/answer", trainee, done="true", question=old).status_code == 303
    assert ok(classroom.get(f"{path}/membership", classroom.trainee))["question"]["done"] is True
    assert classroom.submit(f"{page}/status/close", instructor).status_code == 303
    assert classroom.submit(f"{page}/answer", trainee, done="false", question=old).status_code == 303
    assert ok(classroom.get(f"{path}/help", classroom.instructor))["question"] is None


def test_forms_without_the_token_or_from_others_change_nothing(classroom: Classroom) -> None:
    path = _class(classroom)
    page = f"/join-training/{path.rpartition('/')[2]}"
    trainee = classroom.galaxy.login(classroom.trainee)
    for address in ("hand", "answer", "status/lower", "status/ask", "status/close"):
        forged = trainee.post(f"{classroom.galaxy.url}{page}/{address}", data={"raised": "true", "done": "true"})
        assert forged.status_code == 403
    for address in ("status/lower", "status/ask", "status/close"):
        assert classroom.submit(f"{page}/{address}", trainee).status_code == 403
    assert classroom.submit(f"{page}/hand", trainee, raised="perhaps").status_code == 400
    view = ok(classroom.get(f"{path}/help", classroom.instructor))
    assert (view["hands"]["total"], view["question"]) == (0, None)


def test_looking_where_one_stands_joins_nobody(classroom: Classroom) -> None:
    path = _class(classroom)
    for _ in range(2):
        assert not ok(classroom.get(f"{path}/membership", classroom.stranger))["member"]
    assert classroom.members(path.rpartition("/")[2]) == [classroom.trainee.username]
