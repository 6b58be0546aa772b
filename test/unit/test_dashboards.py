"""What instructors set up for the dashboard of their class."""

from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from galaxy.model import (
    StoredWorkflow,
    StoredWorkflowUserShareAssociation,
    Workflow,
    WorkflowStep,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.dashboard.schema import (
    DashboardUpdate,
    DashboardView,
    StepPayload,
)
from galaxy_tiaas.dashboard.step_service import DashboardsService
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.web.permissions import may_manage
from in_process import (
    ANONYMOUS,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)

_FASTQC = "toolshed.g2.bx.psu.edu/repos/devteam/fastqc/fastqc/0.74"
_GA = {
    "a_galaxy_workflow": "true",
    "name": "Private notes of mine",
    "steps": {
        "0": {"id": 0, "type": "data_input", "label": "reads of patient 7"},
        "1": {
            "id": 1,
            "type": "tool",
            "tool_id": "toolshed.g2.bx.psu.edu/repos/devteam/fastqc/fastqc/0.74",
            "name": "FastQC",
            "annotation": "hunter2",
            "tool_state": '{"password": "hunter2"}',
            "input_connections": {"input": {"id": 0, "output_name": "output"}},
        },
    },
}


def _update(galaxy: InProcess, actor: Actor = SERVER, **fields: Any) -> DashboardView:
    return galaxy.perform(DashboardsService.update, actor, "gryffindor", DashboardUpdate(**fields), DURING)


def _steps(*tools: str) -> list[StepPayload]:
    return [StepPayload(tool_id=tool) for tool in tools]


def _tools(view: DashboardView) -> list[str]:
    return [step.tool_id for step in view.steps]


def _stored(galaxy: InProcess, owner: Actor, *entries: Any, name: str = "QC", **fields: Any) -> str:
    """A workflow with these tools, or subworkflows of them; its encoded id."""
    stored = StoredWorkflow()
    stored.user, stored.name = owner.user, name  # type: ignore[assignment]
    for field, value in fields.items():
        setattr(stored, field, value)
    workflow = _workflow(galaxy, *entries)
    workflow.stored_workflow = stored
    stored.latest_workflow = workflow
    galaxy.session.add(stored)
    galaxy.session.commit()
    return str(galaxy[DashboardsService].security.encode_id(stored.id))


def _workflow(galaxy: InProcess, *entries: Any) -> Workflow:
    workflow = Workflow()
    for index, entry in enumerate(entries):
        step = WorkflowStep()
        step.order_index = index
        if isinstance(entry, tuple):
            step.type, step.subworkflow = "subworkflow", _workflow(galaxy, *entry)
        elif entry is None:
            step.type = "data_input"
        else:
            step.type, step.tool_id = "tool", entry
            step.label = f"Run {entry}" if entry == "cat1" else None
        workflow.steps.append(step)
    galaxy.session.add(workflow)
    return workflow


@on_both_databases
def test_steps_are_replaced_as_a_whole_and_taken_away(galaxy: InProcess) -> None:
    galaxy.training()
    assert _tools(_update(galaxy, steps=_steps("cat1", "wc_gnu", "cat1"))) == ["cat1", "wc_gnu", "cat1"]
    view = _update(galaxy, steps=[StepPayload(tool_id="sort1", label="Sort them")])
    assert [(step.position, step.tool_id, step.label) for step in view.steps] == [(1, "sort1", "Sort them")]
    assert galaxy[DashboardsService].show(galaxy.found(may_manage, SERVER, "Gryffindor")) == view
    assert _update(galaxy, steps=[]).steps == []


def test_what_is_left_out_stays(galaxy: InProcess) -> None:
    galaxy.training()
    _update(galaxy, steps=_steps("cat1"))
    view = _update(galaxy, course_only=True)
    assert (view.course_only, _tools(view)) == (True, ["cat1"])
    view = _update(galaxy, steps=_steps("sort1"))
    assert (view.course_only, _tools(view)) == (True, ["sort1"])


def test_other_trainings_keep_their_steps(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.training("slytherin")
    _update(galaxy, steps=_steps("cat1"))
    assert galaxy[DashboardsService].show(galaxy.found(may_manage, SERVER, "slytherin")).steps == []


@on_both_databases
def test_of_a_workflow_only_tools_and_labels_are_kept(galaxy: InProcess) -> None:
    galaxy.training()
    (step,) = _update(galaxy, workflow=_GA).steps
    assert (step.label, step.tool_id) == ("FastQC", "toolshed.g2.bx.psu.edu/repos/devteam/fastqc/fastqc/0.74")
    ours = {name: rows for name, rows in galaxy.dump().items() if name.startswith("tiaas_")}
    assert "hunter2" not in str(ours)
    assert "patient" not in str(ours)
    assert "Private" not in str(ours)


def test_labels_that_no_database_can_hold_are_cleaned(galaxy: InProcess) -> None:
    galaxy.training()
    steps = [{"type": "tool", "tool_id": "cat1", "label": "Concatenate\x00 \ud800 \n them 🧬"}]
    assert _update(galaxy, workflow={"steps": steps}).steps[0].label == "Concatenate  them 🧬"


@pytest.mark.parametrize(
    "fields, reason",
    [
        ({"steps": _steps("cat1"), "workflow": _GA}, "one way only; here are steps and workflow"),
        ({"steps": [], "workflow_id": "0123456789abcdef"}, "one way only"),
        ({"workflow": {}}, "not a Galaxy workflow"),
        ({"workflow": {"class": "GalaxyWorkflow", "steps": 7}}, "gxformat2"),
        ({"workflow": {"steps": {}}}, "no tool"),
        ({"workflow_id": "no id"}, "not the id of a workflow"),
        ({"workflow_id": ""}, "not the id of a workflow"),
    ],
)
def test_what_has_no_usable_steps_is_refused_with_a_reason(
    galaxy: InProcess, fields: dict[str, Any], reason: str
) -> None:
    galaxy.training()
    problem = galaxy.refused(400, lambda: _update(galaxy, **fields))
    assert reason in str(problem)


def test_the_history_says_what_was_changed_and_nothing_where_nothing_was(galaxy: InProcess) -> None:
    galaxy.training()
    minerva = galaxy.user("minerva")
    _update(galaxy, minerva, course_only=True, steps=_steps("cat1", "sort1"))
    _update(galaxy, minerva, course_only=True, steps=_steps("cat1", "sort1"))
    *_, event = galaxy.perform(TrainingsService.history, SERVER, "gryffindor")
    assert (event.action, event.username) == ("dashboard set up", "minerva")
    assert event.changes == {"course_only": [False, True], "steps": [[], ["cat1", "sort1"]]}
    actions = [event.action for event in galaxy.perform(TrainingsService.history, SERVER, "gryffindor")]
    assert actions.count("dashboard set up") == 1


# Stored workflows


@on_both_databases
def test_the_tools_of_a_stored_workflow_come_in_its_order_with_those_of_subworkflows(galaxy: InProcess) -> None:
    galaxy.training()
    minerva = galaxy.user("minerva")
    workflow_id = _stored(galaxy, minerva, None, "cat1", (None, "sort1", ("wc_gnu",)), "cat1")
    view = _update(galaxy, minerva, workflow_id=workflow_id)
    assert _tools(view) == ["cat1", "sort1", "wc_gnu", "cat1"]
    assert [step.label for step in view.steps] == ["Run cat1", "sort1", "wc_gnu", "Run cat1"]


@pytest.mark.parametrize(
    "fields, who",
    [
        ({}, {"owner", "shared with", "admin"}),
        ({"importable": True}, {"owner", "shared with", "other instructor", "admin"}),
        ({"published": True}, {"owner", "shared with", "other instructor", "admin"}),
        ({"importable": True, "deleted": True}, set()),
    ],
)
def test_a_stored_workflow_serves_those_who_may_see_it(
    galaxy: InProcess, fields: dict[str, Any], who: set[str]
) -> None:
    people = {
        "owner": galaxy.user("minerva"),
        "shared with": galaxy.user("albus"),
        "other instructor": galaxy.user("severus"),
        "admin": galaxy.admin(),
    }
    galaxy.training(instructors=["minerva", "albus", "severus"], by=galaxy.user("rolanda"))
    workflow_id = _stored(galaxy, people["owner"], "cat1", **fields)
    share = StoredWorkflowUserShareAssociation()
    share.user_id = people["shared with"].user_id  # type: ignore[assignment]
    share.stored_workflow_id = galaxy[DashboardsService].security.decode_id(workflow_id)
    galaxy.session.add(share)
    galaxy.session.commit()
    for name, person in people.items():
        if name in who:
            assert _tools(_update(galaxy, person, workflow_id=workflow_id)) == ["cat1"]
        else:
            galaxy.refused(403, partial(_update, galaxy, person, workflow_id=workflow_id))


def test_workflows_to_choose_from_are_ones_own_and_shared_ones_the_newest_first(galaxy: InProcess) -> None:
    minerva, albus = galaxy.user("minerva"), galaxy.user("albus")
    _stored(galaxy, minerva, "cat1", name="Older")
    _stored(galaxy, minerva, "cat1", name="Hidden", hidden=True)
    _stored(galaxy, minerva, "cat1", name="Deleted", deleted=True)
    _stored(galaxy, albus, "cat1", name="Public", importable=True, published=True)
    shared = _stored(galaxy, albus, "cat1", name="Shared")
    share = StoredWorkflowUserShareAssociation()
    share.user_id = minerva.user_id  # type: ignore[assignment]
    share.stored_workflow_id = galaxy[DashboardsService].security.decode_id(shared)
    galaxy.session.add(share)
    galaxy.session.commit()
    _stored(galaxy, minerva, "cat1", name="Newer")
    options = galaxy[DashboardsService].workflows(minerva)
    assert [(option.name, option.own) for option in options] == [("Newer", True), ("Shared", False), ("Older", True)]
    assert options[1].id == shared
    assert galaxy[DashboardsService].workflows(SERVER) == []


# Who may


@pytest.mark.parametrize("who", ["anonymous", "stranger", "member"])
def test_others_neither_see_nor_change_it(galaxy: InProcess, who: str) -> None:
    galaxy.training()
    people = {"anonymous": ANONYMOUS, "stranger": galaxy.user("draco"), "member": galaxy.user("harry")}
    galaxy.join("gryffindor", people["member"])
    galaxy.refused(403, lambda: galaxy[DashboardsService].show(galaxy.found(may_manage, people[who], "gryffindor")))
    galaxy.refused(403, lambda: _update(galaxy, people[who], course_only=True))


@pytest.mark.parametrize("who", ["requester", "instructor", "admin"])
@pytest.mark.parametrize("state", ["new", "approved"])
def test_those_who_teach_it_and_admins_set_it_up(galaxy: InProcess, who: str, state: str) -> None:
    people = {"requester": galaxy.user("minerva"), "instructor": galaxy.user("albus"), "admin": galaxy.admin()}
    galaxy.training(state=state, instructors=["albus"])
    assert _update(galaxy, people[who], course_only=True).course_only
    assert galaxy[DashboardsService].show(galaxy.found(may_manage, people[who], "gryffindor")).course_only


def test_of_an_unknown_training_there_is_no_dashboard(galaxy: InProcess) -> None:
    galaxy.refused(404, lambda: _update(galaxy, course_only=True))


def test_steps_that_nobody_can_complete_are_named(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    galaxy.training()
    view = _update(
        galaxy, steps=_steps("CAT1", "upload1", "toolshed.g2.bx.psu.edu/repos/iuc/fastqc/fastqc/0.74", "catt")
    )
    assert all(step.installed for step in view.steps), "a command has no tools"
    tools = dict.fromkeys(
        ("cat1", "__DATA_FETCH__", "toolshed.example.org/repos/devteam/fastqc/fastqc/0.69"), SimpleNamespace(name="x")
    )
    monkeypatch.setattr(galaxy.host, "toolbox", SimpleNamespace(tools=tools.items), raising=False)
    view = galaxy[DashboardsService].show(galaxy.found(may_manage, SERVER, "gryffindor"))
    assert [step.tool_id for step in view.steps if not step.installed] == ["catt"]


def test_a_step_is_called_as_the_tool_panel_calls_its_tool_unless_somebody_chose_a_label(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    hermione = galaxy.user("hermione")
    galaxy.training(instructors=["hermione"])
    before = _update(galaxy, steps=[StepPayload(tool_id="__BUILD_LIST__"), StepPayload(tool_id=_FASTQC, label="Look")])
    assert [step.label for step in before.steps] == ["__BUILD_LIST__", "Look"]
    names = {"__BUILD_LIST__": "Build list", "Cut1": "Cut", "cat1": "Concatenate datasets", _FASTQC: "FastQC"}
    tools = {tool_id: SimpleNamespace(name=name) for tool_id, name in names.items()}
    monkeypatch.setattr(galaxy.host, "toolbox", SimpleNamespace(tools=tools.items), raising=False)
    shown = galaxy[DashboardsService].show(galaxy.found(may_manage, SERVER, "gryffindor"))
    assert [step.label for step in shown.steps] == ["Build list", "Look"], "steps that were set up before"
    tools_used = ("Cut1", _FASTQC.replace("0.74", "0.72"), "cat1", "tp_sort")
    stored = _stored(galaxy, hermione, *tools_used)
    assert [step.label for step in _update(galaxy, hermione, workflow_id=stored).steps] == [
        *("Cut", "FastQC", "Run cat1", "tp_sort")
    ]
    uploaded = {"steps": [{"type": "tool", "tool_id": tool, "name": "Its name"} for tool in ("Cut1", "tp_sort")]}
    assert [step.label for step in _update(galaxy, workflow=uploaded).steps] == ["Cut", "Its name"]


def test_steps_of_subworkflows_are_in_sections(galaxy: InProcess) -> None:
    hermione = galaxy.user("hermione")
    galaxy.training(instructors=["hermione"])
    stored = _stored(galaxy, hermione, "cat1", ("sort1", ("wc_gnu",), "cat1"), "sort1")
    for step in galaxy.session.query(WorkflowStep).filter(WorkflowStep.type == "subworkflow"):
        step.label = f"Part {step.order_index}"
    galaxy.session.commit()
    view = _update(galaxy, hermione, workflow_id=stored)
    assert [step.section for step in view.steps] == ["", "Part 1", "Part 1", "Part 1", ""]
