"""Setting up the dashboard, by the page and by the API, and what it then says about a class."""

import json
from typing import Any

import pytest
import requests
from classroom import (
    Classroom,
    ok,
)

_FASTQC = "toolshed.g2.bx.psu.edu/repos/devteam/fastqc/fastqc/0.74+galaxy1"


def _workflow(*tools: str, name: str = "Quality control") -> dict[str, Any]:
    steps: dict[str, Any] = {
        str(number): {
            "id": number,
            "type": "tool",
            "tool_id": tool,
            "tool_version": "1.0",
            "tool_state": "{}",
            "name": tool,
            "label": None,
            "annotation": "",
            "input_connections": {},
            "position": {"left": 0, "top": 0},
            "workflow_outputs": [],
        }
        for number, tool in enumerate(tools)
    }
    return {"a_galaxy_workflow": "true", "format-version": "0.1", "name": name, "annotation": "", "steps": steps}


def _tools(classroom: Classroom, identifier: str) -> list[str]:
    dashboard = ok(classroom.get(f"trainings/{identifier}/dashboard", classroom.instructor))
    return [step["tool_id"] for step in dashboard["steps"]]


def _set_up(classroom: Classroom, identifier: str, user: Any = None, **fields: Any) -> requests.Response:
    return classroom.put(f"trainings/{identifier}/dashboard", user or classroom.instructor, json=fields)


def _send(
    classroom: Classroom, session: requests.Session, identifier: str, file: Any = None, **fields: str
) -> requests.Response:
    """One of the forms of the page, as a browser sends it."""
    fields = {"session_csrf_token": classroom.galaxy.csrf_token(session), **fields}
    parts: dict[str, Any] = {name: (None, value) for name, value in fields.items()}
    if file is not None:
        parts["file"] = file
    url = f"{classroom.galaxy.url}/tiaas/trainings/{identifier}/dashboard"
    return session.post(url, files=parts, timeout=120, allow_redirects=False)


@pytest.fixture
def session(classroom: Classroom) -> requests.Session:
    """The instructor's browser, logged in."""
    return classroom.galaxy.login(classroom.instructor)


# The API


def test_progress_that_has_not_changed_is_not_sent_again(classroom: Classroom) -> None:
    identifier = classroom.approved()
    path = f"trainings/{identifier}/progress"
    tag = classroom.get(path).headers["etag"]
    assert classroom.get(path, headers={"if-none-match": tag}).status_code == 304
    ok(_set_up(classroom, identifier, steps=[{"tool_id": "cat1"}]))
    assert classroom.get(path, headers={"if-none-match": tag}).status_code == 200


def test_a_stored_workflow_gives_its_tools_to_its_owner(classroom: Classroom) -> None:
    identifier = classroom.approved()
    workflow = {"workflow": _workflow("cat1", "wc_gnu")}
    stored = ok(classroom.galaxy.api("POST", "workflows", classroom.instructor, json=workflow))
    assert len(ok(_set_up(classroom, identifier, workflow_id=stored["id"]))["steps"]) == 2
    foreign = ok(classroom.galaxy.api("POST", "workflows", classroom.stranger, json=workflow))
    refused = _set_up(classroom, identifier, workflow_id=foreign["id"])
    assert refused.status_code == 403
    assert "not shared with you" in refused.json()["err_msg"]
    assert _tools(classroom, identifier) == ["cat1", "wc_gnu"]


@pytest.mark.parametrize(
    "fields, reason",
    [
        ({"steps": [], "workflow": _workflow("cat1")}, "one way only"),
        ({"workflow": {"class": "GalaxyWorkflow", "steps": 7}}, "gxformat2"),
        ({"workflow": "cat1"}, "workflow"),
        ({"workflow_id": "nonsense"}, "not the id of a workflow"),
        ({"steps": [{"tool_id": "cat1"}] * 301}, "300"),
        ({"steps": [{"tool_id": ""}]}, "tool_id"),
        ({"steps": None}, "steps"),
        ({"anything": 1}, "anything"),
    ],
)
def test_what_the_api_cannot_take_is_refused_with_a_reason(
    classroom: Classroom, fields: dict[str, Any], reason: str
) -> None:
    identifier = classroom.request()
    refused = _set_up(classroom, identifier, **fields)
    assert refused.status_code == 400
    assert reason in refused.text


def test_the_set_up_is_for_those_who_teach(classroom: Classroom) -> None:
    identifier = classroom.approved()
    ok(classroom.join(identifier, classroom.trainee))
    path = f"trainings/{identifier}/dashboard"
    for user in (None, classroom.trainee, classroom.stranger):
        assert classroom.get(path, user).status_code == 403
        assert classroom.put(path, user, json={"course_only": True}).status_code == 403
    for user in (classroom.instructor, classroom.admin):
        assert ok(classroom.put(path, user, json={}))["course_only"] is False
    assert classroom.get("trainings/nobody-knows-me/dashboard", classroom.admin).status_code == 404


# The page


def test_the_page_is_for_those_who_teach(classroom: Classroom, session: requests.Session) -> None:
    path = f"/tiaas/trainings/{classroom.request()}/dashboard"
    assert classroom.page(path, session).status_code == 200
    assert classroom.page(path, classroom.galaxy.login(classroom.admin)).status_code == 200
    assert classroom.page(path, classroom.galaxy.login(classroom.stranger)).status_code == 404
    assert classroom.page(path).status_code == 302
    assert f'href="{path}"' in classroom.page(path.removesuffix("/dashboard"), session).text


def test_steps_come_from_an_uploaded_file(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.request()
    file = ("qc.ga", json.dumps(_workflow(_FASTQC, "cat1"), indent=4), "application/octet-stream")
    sent = _send(classroom, session, identifier, file, change="file")
    assert (sent.status_code, sent.headers["location"]) == (303, f"/tiaas/trainings/{identifier}/dashboard?saved=1")
    assert _tools(classroom, identifier) == [_FASTQC, "cat1"]
    page = classroom.page(sent.headers["location"], session).text
    assert "Saved." in page
    assert "<code" in page
    assert _send(classroom, session, identifier, change="remove").status_code == 303
    assert _tools(classroom, identifier) == []


@pytest.mark.parametrize(
    "content, reason",
    [
        (b"", "The file is empty."),
        (b"\x89PNG\r\n\x1a\n\x00\xff", "not a Galaxy workflow"),
        (b"class: GalaxyWorkflow\nsteps: 7\n", "gxformat2"),
        (b'{"steps": {}}', "no tool"),
        (b" " * (1024 * 1024 + 1), "larger than 1 MB"),
    ],
    ids=["empty", "picture", "format 2", "without tools", "large"],
)
def test_a_file_that_is_no_workflow_leaves_everything_as_it_is(
    classroom: Classroom, session: requests.Session, content: bytes, reason: str
) -> None:
    identifier = classroom.request()
    ok(_set_up(classroom, identifier, steps=[{"tool_id": "cat1"}]))
    page = _send(classroom, session, identifier, ("qc.ga", content), change="file")
    assert page.status_code == 422
    assert reason in page.text
    assert 'id="file-error" role="alert"' in page.text
    assert _tools(classroom, identifier) == ["cat1"]


def test_far_too_much_is_not_read_to_its_end(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.request()
    page = _send(classroom, session, identifier, ("qc.ga", b" " * 17 * 1024 * 1024), change="file")
    assert page.status_code == 413
    assert "too large" in page.text


def test_a_form_without_a_file_or_workflow_says_so(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.request()
    for change, reason in (("file", "Choose a file first."), ("workflow", "Choose a workflow first.")):
        page = _send(classroom, session, identifier, change=change)
        assert page.status_code == 422
        assert reason in page.text
    assert _send(classroom, session, identifier, change="something else").status_code == 400


def test_steps_come_from_a_list_and_what_was_typed_stays_after_a_mistake(
    classroom: Classroom, session: requests.Session
) -> None:
    identifier = classroom.request()
    typed = "# QC\nfastqc | <Look> & see\r\ncat1"
    assert _send(classroom, session, identifier, change="tools", tools=typed).status_code == 303
    assert _tools(classroom, identifier) == ["fastqc", "cat1"]
    assert "&lt;Look&gt; &amp; see" in classroom.page(f"/tiaas/trainings/{identifier}/dashboard", session).text
    page = _send(classroom, session, identifier, change="tools", tools="cat1\n| nothing")
    assert page.status_code == 422
    assert "Step 2 has no tool." in page.text
    assert "| nothing</textarea>" in page.text


def test_the_page_names_steps_that_nobody_can_complete(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.approved()
    for tools, warned in (("cat1 | Join them\nupload1", False), ("cat1\ncatt | Join <them>", True)):
        assert _send(classroom, session, identifier, change="tools", tools=tools).status_code == 303
        page = classroom.page(f"/tiaas/trainings/{identifier}/dashboard", session).text
        assert (page.count("not installed on this Galaxy") == 1) is warned
        assert ("Nobody can complete it" in page) is warned
    assert "not installed on this Galaxy" in page.partition("Join &lt;them&gt;")[2].partition("</li>")[0]


def test_one_of_ones_own_workflows_can_be_chosen(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.request()
    workflow = {"workflow": _workflow("cat1", name="QC & more")}
    stored = ok(classroom.galaxy.api("POST", "workflows", classroom.instructor, json=workflow))
    assert f'<option value="{stored["id"]}">QC &amp; more</option>' in (
        classroom.page(f"/tiaas/trainings/{identifier}/dashboard", session).text
    )
    assert _send(classroom, session, identifier, change="workflow", workflow_id=stored["id"]).status_code == 303
    assert _tools(classroom, identifier) == ["cat1"]


def test_the_tick_is_set_and_taken_off(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.request()
    path = f"trainings/{identifier}/dashboard"
    assert _send(classroom, session, identifier, change="course_only", course_only="on").status_code == 303
    assert ok(classroom.get(path, classroom.instructor))["course_only"] is True
    assert _send(classroom, session, identifier, change="course_only").status_code == 303
    assert ok(classroom.get(path, classroom.instructor))["course_only"] is False


def test_without_the_token_nothing_is_changed(classroom: Classroom, session: requests.Session) -> None:
    identifier = classroom.request()
    page = _send(classroom, session, identifier, change="tools", tools="cat1", session_csrf_token="wrong")
    assert page.status_code == 403
    assert _tools(classroom, identifier) == []
