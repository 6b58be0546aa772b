"""Setting up the dashboard: three ways to name the steps, and what is said when one of them does not work."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fixtures import (
    GalaxyServer,
    User,
)
from playwright.sync_api import (
    expect,
    Locator,
    Page,
)
from windows import (
    Account,
    findings,
    Visit,
)

AUDIT = (Path(__file__).parent / "audit.js").read_text()

Training = Callable[..., str]
Complaints = Callable[[Page], list[str]]

_CAT = "Concatenate multiple datasets or collections"


def _workflow(*tools: str, name: str = "Quality control") -> dict[str, Any]:
    """A workflow as Galaxy exports it, each tool after the one before."""
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


def _file(name: str, content: bytes) -> Any:
    return {"name": name, "mimeType": "application/octet-stream", "buffer": content}


def _open(page: Page, identifier: str) -> None:
    page.goto(f"tiaas/trainings/{identifier}/dashboard")
    expect(page.get_by_role("heading", level=1)).to_have_text("Set up the dashboard")


def _steps(page: Page) -> Locator:
    return page.get_by_role("region", name="What your class will do").get_by_role("listitem")


@pytest.fixture
def complaints(axe: Path) -> Callable[[Page], list[str]]:
    """What is wrong with a page for those who see it badly or not at all; colours do not fade in meanwhile."""

    def of(page: Page) -> list[str]:
        page.emulate_media(reduced_motion="reduce")
        return [*page.evaluate(AUDIT), *findings(page, axe)]

    return of


@pytest.fixture
def minerva(account: Account) -> User:
    return account("minerva")


@pytest.fixture
def taught(training: Training, minerva: User) -> Callable[[str], str]:
    """Makes a training that Minerva teaches."""
    return lambda name: training(name, instructors=[minerva])


@pytest.mark.parametrize("phone", [False, True], ids=["laptop", "phone"])
def test_steps_named_in_a_list_are_on_the_dashboard(
    visit: Visit, taught: Callable[[str], str], minerva: User, complaints: Complaints, phone: bool
) -> None:
    identifier = taught(f"listed-{'p' if phone else 'l'}")
    page = visit(minerva, phone=phone)
    page.goto(f"tiaas/trainings/{identifier}")
    page.get_by_role("link", name="Set up the dashboard").click()
    expect(page.get_by_text("No steps are named yet")).to_be_visible()
    assert complaints(page) == []
    page.get_by_label("As a list of tools").fill("# first day\nupload1 | Upload <the> reads 🧬\ncat1\n\nwc_gnu | Count")
    page.get_by_role("button", name="Use this list").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(_steps(page)).to_have_text(
        ["Upload <the> reads 🧬 upload1", f"{_CAT} cat1", "Count wc_gnu"], use_inner_text=True
    )
    expect(page.get_by_label("As a list of tools")).to_have_value(
        f"upload1 | Upload <the> reads 🧬\ncat1 | {_CAT}\nwc_gnu | Count"
    )
    assert complaints(page) == []
    page.get_by_role("link", name="Open the dashboard").click()
    steps = page.get_by_role("region", name="Steps")
    expect(steps).to_contain_text("Nobody has joined yet.")


def test_a_mistake_in_the_list_is_told_beside_it_and_what_was_typed_stays(
    visit: Visit, taught: Callable[[str], str], minerva: User, complaints: Complaints
) -> None:
    page = visit(minerva)
    _open(page, taught("mistyped"))
    typed = "cat1\n| A step without a tool"
    tools = page.get_by_label("As a list of tools")
    tools.fill(typed)
    page.get_by_role("button", name="Use this list").click()
    expect(page).to_have_title(re.compile("^Error: Set up the dashboard of The course mistyped"))
    expect(page.get_by_role("alert")).to_have_text("Step 2 has no tool.")
    expect(tools).to_have_value(typed)
    expect(tools).to_be_focused()
    expect(tools).to_have_accessible_description(re.compile(r"^One tool in each line.*Step 2 has no tool\.$"))
    expect(tools).to_have_attribute("aria-invalid", "true")
    assert complaints(page) == []
    tools.fill("cat1")
    page.get_by_role("button", name="Use this list").click()
    expect(_steps(page)).to_have_count(1)


def test_steps_come_from_a_workflows_file_and_what_is_none_is_told_beside_it(
    visit: Visit, taught: Callable[[str], str], minerva: User, complaints: Complaints
) -> None:
    page = visit(minerva)
    _open(page, taught("uploaded"))
    file, use = page.get_by_label("From a workflow's file"), page.get_by_role("button", name="Use it (the file)")
    use.click()
    # The browser itself asks for a file.
    assert file.evaluate("input => input.validity.valueMissing")
    for name, content, reason in (
        ("holiday.png", b"\x89PNG\r\n\x1a\n\x00\xff", "This is not a Galaxy workflow."),
        ("empty.ga", b"", "The file is empty."),
        ("format2.gxwf.yml", b"class: GalaxyWorkflow\nsteps:\n  - {tool_id: [\n", "not valid YAML in line"),
        ("large.ga", b" " * 1_100_000, "The file is larger than 1 MB"),
    ):
        file.set_input_files([_file(name, content)])
        use.click()
        expect(page.get_by_role("alert")).to_contain_text(reason)
        expect(file).to_be_focused()
        expect(_steps(page)).to_have_count(0)
    assert complaints(page) == []
    hostile = "toolshed.example.org/repos/a/b/<img src=x onerror=alert(1)>/1.0"
    file.set_input_files([_file("qc.ga", json.dumps(_workflow("cat1", hostile)).encode())])
    use.click()
    expect(_steps(page)).to_have_count(2)
    expect(_steps(page).last).to_contain_text("<img src=x onerror=alert(1)>")
    page.get_by_role("button", name="Remove these steps").click()
    expect(page.get_by_text("No steps are named yet")).to_be_visible()


def test_a_file_that_is_no_workflow_by_far_is_refused_on_a_page(
    visit: Visit, taught: Callable[[str], str], minerva: User
) -> None:
    page = visit(minerva)
    _open(page, taught("by-far"))
    page.get_by_label("From a workflow's file").set_input_files([_file("film.ga", b" " * 20_000_000)])
    page.get_by_role("button", name="Use it (the file)").click()
    expect(page.get_by_text("too large")).to_be_visible()


def test_one_of_my_workflows_is_chosen(
    galaxy: GalaxyServer,
    visit: Visit,
    taught: Callable[[str], str],
    minerva: User,
    complaints: Complaints,
    unique: Callable[[str], str],
) -> None:
    identifier, name = taught("stored"), unique("QC & more")
    workflow = _workflow("cat1", "wc_gnu", name=name)
    assert galaxy.api("POST", "workflows", minerva, json={"workflow": workflow}).ok
    page = visit(minerva)
    _open(page, identifier)
    page.get_by_label("From one of my workflows").select_option(label=name)
    page.get_by_role("button", name="Use it (the workflow)").click()
    expect(page.get_by_role("status")).to_contain_text("Saved.")
    expect(_steps(page)).to_have_text([f"{_CAT} cat1", "Line/Word/Character count wc_gnu"], use_inner_text=True)
    assert complaints(page) == []


def test_only_the_course_is_ticked_and_all_of_it_works_without_a_script(
    visit: Visit, taught: Callable[[str], str], minerva: User
) -> None:
    identifier = taught("ticked")
    page = visit(minerva, javascript=False)
    _open(page, identifier)
    page.get_by_label("Only the course").check()
    page.get_by_role("button", name="Save this choice").click()
    expect(page.get_by_label("Only the course")).to_be_checked()
    page.get_by_label("As a list of tools").fill("cat1")
    page.get_by_role("button", name="Use this list").click()
    expect(_steps(page)).to_have_count(1)
    expect(page.get_by_label("Only the course")).to_be_checked()
    page.get_by_role("link", name="Open the dashboard").click()
    expect(page.get_by_text("set by the instructor")).to_be_visible()
