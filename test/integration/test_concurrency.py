"""Several people at the same moment, on a Galaxy with several processes."""

from collections import Counter
from collections.abc import (
    Callable,
    Sequence,
)
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from classroom import (
    Classroom,
    days_from_now,
    FUTURE,
    NOW,
    ok,
)
from servers import on_both_servers

pytestmark = [on_both_servers, pytest.mark.no_rerun]


def at_once(actions: Sequence[Callable[[], requests.Response]]) -> Counter[int]:
    """Do all of this at the same time; how often each status was answered."""
    with ThreadPoolExecutor(len(actions)) as pool:
        return Counter(answer.status_code for answer in pool.map(lambda action: action(), actions))


def test_a_class_that_joins_at_once_and_clicks_thrice_is_joined_once(classroom: Classroom) -> None:
    identifier = classroom.approved()
    trainees = [classroom.galaxy.create_user() for _ in range(10)]
    sessions = [classroom.galaxy.login(trainee) for trainee in trainees[:3]]
    joins = [lambda t=trainee: classroom.join(identifier, t) for trainee in trainees for _ in range(3)]
    visits = [lambda s=session: classroom.page(f"/join-training/{identifier}", s) for session in sessions]
    assert at_once([*joins, *visits]) == {200: 33}
    assert classroom.members(identifier) == sorted(trainee.username for trainee in trainees)
    assert classroom.cohort_is_on(identifier)
    members = ok(classroom.get(f"trainings/{identifier}/members", classroom.instructor))
    assert len({member["pseudonym"] for member in members}) == 10


def test_of_two_admins_who_approve_at_once_one_does(classroom: Classroom) -> None:
    identifier = classroom.request()
    assert at_once([lambda: classroom.decide(identifier, "approved")] * 6) == {200: 1, 409: 5}
    name = f"training-{identifier}"
    assert len(classroom.galaxy.query("SELECT 1 FROM galaxy_group WHERE name = :name", name=name)) == 1
    assert len(classroom.galaxy.query("SELECT 1 FROM role WHERE name = :name", name=name)) == 1
    actions = [event["action"] for event in ok(classroom.get(f"trainings/{identifier}/history", classroom.admin))]
    assert actions == ["requested", "approved"]


def test_of_many_who_ask_for_an_identifier_at_once_one_gets_it(classroom: Classroom) -> None:
    payload = classroom.payload()
    user = classroom.instructor
    assert at_once([lambda: classroom.post("trainings", user, json=payload)] * 6) == {200: 1, 409: 5}


def test_joining_while_the_training_is_cancelled_leaves_no_cohort_on(classroom: Classroom) -> None:
    for _ in range(3):
        identifier = classroom.approved()
        trainees = [classroom.galaxy.create_user() for _ in range(4)]
        joins = [lambda t=trainee, i=identifier: classroom.join(i, t) for trainee in trainees]
        cancel = [lambda i=identifier: classroom.decide(i, "cancelled")]
        assert set(at_once([*joins[:2], *cancel, *joins[2:]])) <= {200, 404, 410}
        assert ok(classroom.get(f"trainings/{identifier}", classroom.admin))["state"] == "cancelled"
        assert not classroom.cohort_is_on(identifier)


def test_changes_at_once_are_all_in_the_history(classroom: Classroom) -> None:
    identifier = classroom.request()
    path = f"trainings/{identifier}"
    changes = [lambda n=n: classroom.put(path, classroom.admin, json={"attendance": n}) for n in range(30, 36)]
    assert at_once(changes) == {200: 6}
    history = ok(classroom.get(f"{path}/history", classroom.admin))
    steps = [event["changes"]["attendance"] for event in history if event["action"] == "changed"]
    assert [old for old, _ in steps] == [20, *(new for _, new in steps[:-1])]


def test_moving_and_joining_at_once_agree_with_the_dates(classroom: Classroom) -> None:
    identifier = classroom.approved()
    trainees = [classroom.galaxy.create_user() for _ in range(4)]
    days = [days_from_now(distance) for distance in (FUTURE, NOW, FUTURE)]
    moves = [
        lambda d=day: classroom.put(f"trainings/{identifier}", classroom.admin, json={"start": d, "end": d})
        for day in days
    ]
    joins = [lambda t=trainee: classroom.join(identifier, t) for trainee in trainees]
    assert at_once([*joins, *moves]).keys() <= {200, 400}
    view = ok(classroom.get(f"trainings/{identifier}"))
    assert classroom.cohort_is_on(identifier) == (view["phase"] == "ongoing")
