"""Who may do what through the API, on a real Galaxy."""

from typing import (
    Any,
    Optional,
)

import pytest
import requests
from classroom import (
    Classroom,
    days_from_now,
    FUTURE,
    NOW,
    ok,
    PAST,
)
from fixtures import (
    BOOTSTRAP_KEY,
    User,
)
from galaxy_tiaas.trainings.schema import TrainingView
from galaxy_tiaas.trainings.views import (
    PUBLIC_FIELDS,
)

pytestmark = pytest.mark.no_rerun

PERSONAL = TrainingView.model_fields.keys() - PUBLIC_FIELDS


def _someone(classroom: Classroom, who: str) -> Optional[User]:
    return None if who == "anonymous" else getattr(classroom, who)


def test_a_request_needs_a_login(classroom: Classroom) -> None:
    refused = classroom.post("trainings", json=classroom.payload())
    assert refused.status_code == 403
    assert refused.json()["err_msg"] == "Please log in to Galaxy first."


def test_a_user_requests_a_training_and_is_its_instructor(classroom: Classroom) -> None:
    view = ok(classroom.post("trainings", classroom.instructor, json=classroom.payload(identifier="Nimbus-2000")))
    assert view["identifier"] == "nimbus-2000"
    assert (view["state"], view["phase"], view["members"]) == ("new", "upcoming", 0)
    assert view["name"] == classroom.instructor.username
    assert view["email"] == classroom.instructor.email
    assert view["requester_id"] == classroom.instructor.id
    assert view["instructors"] == [classroom.instructor.id]
    assert view["join_url"] == f"{classroom.galaxy.url}/join-training/nimbus-2000"
    assert view["status_url"] == f"{classroom.galaxy.url}/join-training/nimbus-2000/status"
    taken = classroom.post("trainings", classroom.stranger, json=classroom.payload(identifier="NIMBUS-2000"))
    assert taken.status_code == 409
    assert "nimbus-2000" in taken.json()["err_msg"]


@pytest.mark.parametrize("field", ["state", "requester_id", "created", "destination", "members", "phase"])
def test_what_the_server_stamps_cannot_be_sent(classroom: Classroom, field: str) -> None:
    refused = classroom.post("trainings", classroom.instructor, json=classroom.payload(**{field: "approved"}))
    assert refused.status_code == 400
    assert field in refused.json()["err_msg"]
    identifier = classroom.request()
    assert classroom.put(f"trainings/{identifier}", classroom.admin, json={field: "approved"}).status_code == 400


def test_late_requests_are_refused_but_to_admins(classroom: Classroom) -> None:
    late = classroom.payload(start=days_from_now(NOW), end=days_from_now(NOW))
    refused = classroom.post("trainings", classroom.instructor, json=late)
    assert refused.status_code == 400
    assert "10 days" in refused.json()["err_msg"]
    assert classroom.post("trainings", classroom.admin, json=late).status_code == 200


@pytest.mark.parametrize(
    "who, entitled",
    [("anonymous", False), ("stranger", False), ("trainee", False), ("instructor", True), ("admin", True)],
)
def test_personal_fields_are_for_instructors_and_admins(classroom: Classroom, who: str, entitled: bool) -> None:
    identifier = classroom.approved(advertise=True)
    ok(classroom.join(identifier, classroom.trainee))
    user = _someone(classroom, who)
    view = ok(classroom.get(f"trainings/{identifier.upper()}", user))
    listed = ok(classroom.get("trainings", user, params={"search": identifier}))
    for shown in (view, *listed):
        assert (shown.keys() & PERSONAL) == (PERSONAL if entitled else set())
        assert ("A cat may be present" in str(shown)) == entitled
    assert len(listed) == 1


@pytest.mark.parametrize(
    "who, sees",
    [("anonymous", False), ("stranger", False), ("trainee", True), ("instructor", True), ("admin", True)],
)
def test_a_training_that_is_not_advertised_is_listed_to_those_it_concerns(
    classroom: Classroom, who: str, sees: bool
) -> None:
    identifier = classroom.approved(advertise=False)
    ok(classroom.join(identifier, classroom.trainee))
    found = classroom.get("trainings", _someone(classroom, who), params={"search": identifier})
    assert [view["identifier"] for view in ok(found)] == ([identifier] if sees else [])
    assert found.headers["total_matches"] == ("1" if sees else "0")


def test_an_advertised_request_is_not_listed_before_it_is_approved(classroom: Classroom) -> None:
    identifier = classroom.request(advertise=True)
    assert ok(classroom.get("trainings", params={"search": identifier})) == []


def test_lists_are_filtered_sorted_and_cut(classroom: Classroom) -> None:
    word = f"w{classroom.instructor.username}"
    new = classroom.request(title=f"{word} c")
    past = classroom.approved(PAST, title=f"{word} a")
    running = classroom.approved(NOW, title=f"{word} b")

    def listed(**params: Any) -> list[str]:
        found = classroom.get("trainings", classroom.admin, params={"search": word, **params})
        return [view["identifier"] for view in ok(found)]

    assert listed() == [new, running, past]
    assert listed(sort_by="title", sort_desc="false") == [past, running, new]
    assert listed(state="new") == [new]
    assert listed(phase="ongoing") == [running]
    assert listed(phase="finished") == [past]
    assert listed(limit=1, offset=1) == [running]
    assert set(listed(mine="true")) == set()
    mine = ok(classroom.get("trainings", classroom.instructor, params={"mine": "true"}))
    assert {view["identifier"] for view in mine} == {new, past, running}
    assert classroom.get("trainings", params={"mine": "true"}).status_code == 403
    assert classroom.get("trainings", params={"state": "open"}).status_code == 400
    assert classroom.get("trainings", params={"limit": 0}).status_code == 400


@pytest.mark.parametrize("who, status", [("anonymous", 404), ("stranger", 404), ("trainee", 404), ("instructor", 403)])
def test_only_admins_approve(classroom: Classroom, who: str, status: int) -> None:
    identifier = classroom.request()
    decision = classroom.put(f"trainings/{identifier}/state", _someone(classroom, who), json={"state": "approved"})
    assert decision.status_code == status
    assert ok(classroom.get(f"trainings/{identifier}", classroom.admin))["state"] == "new"


def test_approval_makes_group_and_role_and_is_in_the_history(classroom: Classroom) -> None:
    identifier = classroom.request()
    view = ok(classroom.decide(identifier, "approved", note="Welcome", destination="training-big"))
    assert (view["state"], view["destination"]) == ("approved", "training-big")
    name = f"training-{identifier}"
    assert len(classroom.galaxy.query("SELECT 1 FROM galaxy_group WHERE name = :name", name=name)) == 1
    assert len(classroom.galaxy.query("SELECT 1 FROM role WHERE name = :name", name=name)) == 1
    requested, approved = ok(classroom.get(f"trainings/{identifier}/history", classroom.instructor))
    assert (requested["action"], requested["username"]) == ("requested", classroom.instructor.username)
    assert (approved["from_state"], approved["to_state"]) == ("new", "approved")
    assert (approved["note"], approved["user_id"]) == ("Welcome", classroom.admin.id)


def test_decisions_that_are_not_possible_are_refused(classroom: Classroom) -> None:
    identifier = classroom.request()
    unknown = classroom.decide(identifier, "approved", destination="the-moon")
    assert unknown.status_code == 400
    assert "the-moon" in unknown.json()["err_msg"]
    assert classroom.decide(identifier, "splendid").status_code == 400
    ok(classroom.decide(identifier, "approved"))
    again = classroom.decide(identifier, "approved")
    assert (again.status_code, again.json()["err_code"]) == (409, 409001)
    ok(classroom.decide(identifier, "cancelled"))
    assert classroom.decide(identifier, "approved").status_code == 409
    assert classroom.decide("no-such-training", "approved").status_code == 404


def test_a_foreign_group_or_role_of_that_name_is_left_alone(classroom: Classroom) -> None:
    for kind in ("groups", "roles"):
        identifier = classroom.request()
        name = f"training-{identifier}"
        payload = {"name": name, "description": name, "user_ids": [], "role_ids": []}
        created = classroom.galaxy.api("POST", kind, classroom.admin, json=payload)
        assert created.ok, created.text
        refused = classroom.decide(identifier, "approved")
        assert refused.status_code == 409
        assert name in refused.json()["err_msg"]
        assert ok(classroom.get(f"trainings/{identifier}", classroom.admin))["state"] == "new"


def test_instructors_withdraw_and_strangers_do_not(classroom: Classroom) -> None:
    identifier = classroom.approved()
    path = f"trainings/{identifier}/state"
    assert classroom.put(path, classroom.stranger, json={"state": "cancelled"}).status_code == 403
    assert ok(classroom.put(path, classroom.instructor, json={"state": "cancelled"}))["state"] == "cancelled"
    assert not classroom.cohort_is_on(identifier)


def test_an_instructor_changes_a_new_request_and_asks_for_changes_afterwards(classroom: Classroom) -> None:
    identifier = classroom.request()
    path = f"trainings/{identifier}"
    assert classroom.put(path, classroom.stranger, json={"title": "Charms"}).status_code == 404
    assert ok(classroom.put(path, classroom.instructor, json={"attendance": 25}))["attendance"] == 25
    ok(classroom.decide(identifier, "approved"))
    later = days_from_now(FUTURE * 2)
    view = ok(classroom.put(path, classroom.instructor, json={"title": "Charms", "end": later}))
    assert (view["title"], view["end"]) == ("Charms", days_from_now(FUTURE))
    assert view["requested_change"]["changes"] == {"end": later}
    decision = {"accept": True, "note": "Fine"}
    assert classroom.put(f"{path}/change", classroom.instructor, json=decision).status_code == 403
    view = ok(classroom.put(f"{path}/change", classroom.admin, json=decision))
    assert (view["end"], view["requested_change"]) == (later, None)
    assert classroom.put(f"{path}/change", classroom.admin, json=decision).status_code == 409


def test_a_co_instructor_may_what_the_instructor_may(classroom: Classroom) -> None:
    identifier = classroom.approved()
    path = f"trainings/{identifier}"
    names = [classroom.stranger.email, "nobody@example.org"]
    view = ok(classroom.put(path, classroom.instructor, json={"instructors": names}))
    assert (view["instructors"], view["invited"]) == ([classroom.instructor.id], names)
    assert classroom.get(f"{path}/members", classroom.stranger).status_code == 403
    invitations = ok(classroom.get("invitations", classroom.stranger))
    assert [each["invited_by"] for each in invitations if each["identifier"] == identifier] == [
        classroom.instructor.username
    ]
    answer = {"accept": True}
    assert classroom.put(f"{path}/invitation", json=answer).status_code == 403
    assert classroom.put(f"{path}/invitation", classroom.trainee, json=answer).status_code == 404
    assert ok(classroom.put(f"{path}/invitation", classroom.stranger, json=answer))["teaches"]
    view = ok(classroom.get(path, classroom.instructor))
    assert view["instructors"] == [classroom.instructor.id, classroom.stranger.id]
    assert classroom.get(f"{path}/members", classroom.stranger).status_code == 200
    assert classroom.get(f"{path}/history", classroom.stranger).status_code == 200


@pytest.mark.parametrize("part", ["members", "history"])
@pytest.mark.parametrize(
    "who, status",
    [("anonymous", 403), ("stranger", 403), ("trainee", 403), ("instructor", 200), ("admin", 200)],
)
def test_members_and_history_are_for_instructors_and_admins(
    classroom: Classroom, part: str, who: str, status: int
) -> None:
    identifier = classroom.approved()
    ok(classroom.join(identifier, classroom.trainee))
    assert classroom.get(f"trainings/{identifier}/{part}", _someone(classroom, who)).status_code == status


def test_names_of_members_are_for_admins(classroom: Classroom) -> None:
    identifier = classroom.approved()
    pseudonym = ok(classroom.join(identifier, classroom.trainee))["pseudonym"]
    (for_instructor,) = ok(classroom.get(f"trainings/{identifier}/members", classroom.instructor))
    assert for_instructor.keys() == {"pseudonym", "colour", "shape", "joined_at"}
    assert for_instructor["pseudonym"] == pseudonym
    (for_admin,) = ok(classroom.get(f"trainings/{identifier}/members", classroom.admin))
    assert for_admin["username"] == classroom.trainee.username


def test_joining_is_idempotent_and_leaving_too(classroom: Classroom) -> None:
    identifier = classroom.approved()
    assert classroom.join(identifier, None).status_code == 403  # type: ignore[arg-type]
    first, second = (ok(classroom.join(identifier, classroom.trainee)) for _ in range(2))
    assert (first["member"], first["changed"], second["changed"]) == (True, True, False)
    assert first["pseudonym"] == second["pseudonym"]
    assert first["active"]
    assert classroom.members(identifier) == [classroom.trainee.username]
    assert classroom.cohort_is_on(identifier)
    path = f"trainings/{identifier}/leave"
    first, second = (ok(classroom.post(path, classroom.trainee)) for _ in range(2))
    assert (first["member"], first["changed"], second["changed"]) == (False, True, False)
    assert classroom.members(identifier) == []


def test_pseudonyms_of_one_person_differ_between_trainings(classroom: Classroom) -> None:
    pseudonyms = {ok(classroom.join(classroom.approved(), classroom.trainee))["pseudonym"] for _ in range(3)}
    assert len(pseudonyms) > 1
    assert classroom.trainee.username not in pseudonyms


def test_signing_up_early_takes_effect_on_the_day(classroom: Classroom) -> None:
    identifier = classroom.approved(FUTURE)
    assert not ok(classroom.join(identifier, classroom.trainee))["active"]
    assert not classroom.cohort_is_on(identifier)
    classroom.move(identifier, NOW)
    assert classroom.cohort_is_on(identifier)
    classroom.move(identifier, PAST)
    assert not classroom.cohort_is_on(identifier)


@pytest.mark.parametrize(
    "look_alike", ["gryffind\u00f6r", "\u212aourse", "cour\u017fe", "\uff43ourse", "..", "a b", "%00"]
)
def test_look_alikes_of_identifiers_are_unknown(classroom: Classroom, look_alike: str) -> None:
    assert classroom.get(f"trainings/{look_alike}").status_code in (400, 404)
    assert classroom.post(f"trainings/{look_alike}/join", classroom.trainee).status_code in (400, 404, 405)
    refused = classroom.post("trainings", classroom.instructor, json=classroom.payload(identifier=look_alike))
    assert refused.status_code == 400


def test_joining_what_is_not_open_is_refused(classroom: Classroom) -> None:
    requested = classroom.request()
    assert classroom.join(requested, classroom.trainee).status_code == 404
    assert classroom.join(requested, classroom.instructor).status_code == 403
    over = classroom.approved(PAST)
    assert classroom.join(over, classroom.trainee).status_code == 410
    withdrawn = classroom.approved()
    ok(classroom.decide(withdrawn, "cancelled"))
    assert classroom.join(withdrawn, classroom.trainee).status_code == 410
    assert classroom.join(withdrawn, classroom.instructor).status_code == 410
    assert classroom.members(over) == classroom.members(withdrawn) == []


def test_the_status_is_public_and_within_hours(classroom: Classroom) -> None:
    identifier = classroom.approved()
    pseudonym = ok(classroom.join(identifier, classroom.trainee))["pseudonym"]
    status = ok(classroom.get(f"trainings/{identifier}/status", params={"hours": 64}))
    assert (status["hours"], status["members"], status["jobs"]) == (64, 1, {"states": {}, "total": 0})
    assert [user["pseudonym"] for user in status["users"]] == [pseudonym]
    assert classroom.trainee.username not in str(status)
    assert ok(classroom.get(f"trainings/{identifier}/status"))["hours"] == 3
    for hours in (0, 65, "many"):
        assert classroom.get(f"trainings/{identifier}/status", params={"hours": hours}).status_code == 400
    assert classroom.get(f"trainings/{classroom.request()}/status").status_code == 404


def test_running_trainings_are_for_admins(classroom: Classroom) -> None:
    running, coming, over = (
        classroom.approved(NOW, "training-big"),
        classroom.approved(FUTURE),
        classroom.approved(PAST),
    )
    for user in (None, classroom.instructor):
        assert classroom.get("running", user).status_code == 403
    found = {training["identifier"]: training for training in ok(classroom.get("running", classroom.admin))}
    assert found[running]["destination"] == "training-big"
    assert found[running]["role"] == f"training-{running}"
    assert (found[running]["phase"], found[coming]["phase"]) == ("ongoing", "upcoming")
    assert over not in found


def test_a_scheduler_that_knows_what_runs_is_answered_in_a_few_bytes(classroom: Classroom) -> None:
    identifier = classroom.approved(NOW)
    url = f"{classroom.galaxy.url}/api/tiaas/running"
    headers = {"x-api-key": classroom.admin.api_key}
    first = requests.get(url, headers=headers, timeout=60)
    assert identifier in first.text
    again = requests.get(url, headers={**headers, "if-none-match": first.headers["etag"]}, timeout=60)
    assert (again.status_code, again.content) == (304, b"")
    ok(classroom.decide(identifier, "cancelled"))
    changed = requests.get(url, headers={**headers, "if-none-match": first.headers["etag"]}, timeout=60)
    assert (changed.status_code, identifier in changed.text) == (200, False)


def test_statistics_and_calendar_show_no_names(classroom: Classroom) -> None:
    before = ok(classroom.get("statistics"))
    identifier = classroom.approved(title="Divination", location=["CD", "IS"])
    classroom.request()
    after = ok(classroom.get("statistics"))
    assert after["trainings"] == before["trainings"] + 1
    assert after["waiting"] == before["waiting"] + 1
    assert after["days"] == before["days"] + 2
    assert after["attendance"] == before["attendance"] + 20
    countries = {country["alpha2"]: country for country in after["countries"]}
    assert countries["IS"]["code"] == "ISL"
    training = ok(classroom.get(f"trainings/{identifier}"))
    days = {"start": training["start"], "end": training["end"]}
    public = ok(classroom.get("calendar", params=days))
    assert days in public
    assert all(event.keys() == {"start", "end"} for event in public)
    full = ok(classroom.get("calendar", classroom.admin, params=days))
    assert identifier in {event["identifier"] for event in full}


def test_the_bootstrap_key_is_an_admin_without_an_account(classroom: Classroom) -> None:
    payload = classroom.payload(name="Albus", email="albus@example.org")
    view = ok(classroom.post("trainings", key=BOOTSTRAP_KEY, json=payload))
    assert view["requester_id"] is None
    path = f"trainings/{view['identifier']}"
    assert ok(classroom.put(f"{path}/state", key=BOOTSTRAP_KEY, json={"state": "approved"}))["state"] == "approved"
    assert classroom.post(f"{path}/join", key=BOOTSTRAP_KEY).status_code == 403
    assert ok(classroom.get(f"{path}/members", key=BOOTSTRAP_KEY)) == []


def test_a_name_that_looks_like_a_script_is_text_everywhere(classroom: Classroom) -> None:
    title = '<script>alert("x")</script>'
    identifier = classroom.approved(title=title, advertise=True)
    assert ok(classroom.get(f"trainings/{identifier}"))["title"] == title
    for path in (f"/join-training/{identifier}/status", f"/tiaas/trainings/{identifier}"):
        session = classroom.galaxy.login(classroom.instructor)
        page = classroom.page(path, session)
        assert page.status_code == 200
        assert "<script>alert" not in page.text


def test_an_admin_changes_the_destination_later(classroom: Classroom) -> None:
    identifier = classroom.approved(destination="training-big")
    path = f"trainings/{identifier}"
    assert classroom.put(path, classroom.instructor, json={"destination": "regular"}).status_code == 403
    unknown = classroom.put(path, classroom.admin, json={"destination": "the-moon"})
    assert unknown.status_code == 400
    assert ok(classroom.put(path, classroom.admin, json={"destination": "regular"}))["destination"] == "regular"
    assert ok(classroom.put(path, classroom.admin, json={"destination": None}))["destination"] is None


def test_instructors_and_admins_end_a_running_training_and_an_admin_resumes_it(classroom: Classroom) -> None:
    identifier = classroom.approved()
    path = f"trainings/{identifier}/end"
    assert classroom.put(path, json={}).status_code == 403
    assert classroom.put(path, classroom.stranger, json={}).status_code == 403
    assert classroom.put(path, classroom.instructor, json={"why": "Snow"}).status_code == 400
    view = ok(classroom.put(path, classroom.instructor, json={"note": "Snow"}))
    assert (view["state"], view["phase"], view["closes"]) == ("approved", "finished", view["ended_at"])
    assert not classroom.cohort_is_on(identifier)
    assert classroom.join(identifier, classroom.trainee).status_code == 410
    again = classroom.put(path, classroom.admin)
    assert (again.status_code, "is finished" in again.json()["err_msg"]) == (409, True)
    assert classroom.put(f"trainings/{identifier}/resume", classroom.instructor, json={}).status_code == 403
    assert ok(classroom.put(f"trainings/{identifier}/resume", classroom.admin))["phase"] == "ongoing"
    assert classroom.cohort_is_on(identifier)
    assert classroom.put(f"trainings/{identifier}/resume", classroom.admin).status_code == 409


def test_admins_ask_for_what_needs_a_decision(classroom: Classroom) -> None:
    waiting, approved = classroom.request(), classroom.approved()

    def found() -> list[str]:
        answer = classroom.get("trainings", classroom.admin, params={"needs_decision": True, "limit": 1000})
        return [training["identifier"] for training in ok(answer)]

    assert waiting in found() and approved not in found()
    ok(classroom.put(f"trainings/{approved}", classroom.instructor, json={"attendance": 99}))
    assert approved in found()
    asked_by_others = classroom.get("trainings", classroom.instructor, params={"needs_decision": True})
    assert asked_by_others.status_code == 403
