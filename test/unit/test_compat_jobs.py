"""What we rely on of Galaxy's job configuration, tools and job metrics: compat/jobs.py."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from galaxy.job_metrics.instrumenters.core import CorePlugin
from galaxy.model import Job
from galaxy.tool_util.deps.requirements import ResourceRequirement
from galaxy.tools import (
    ExportHistoryTool,
    ExpressionTool,
    ImportHistoryTool,
    InteractiveTool,
    SetMetadataTool,
)
from galaxy_tiaas.compat import jobs
from in_process import InProcess
from sqlalchemy import (
    select,
)

JOB_CONF = {
    "runners": {"local": {"load": "galaxy.jobs.runners.local:LocalJobRunner"}},
    "execution": {
        "default": "regular",
        "environments": {
            "regular": {"runner": "local", "tags": ["shared"]},
            "big": {"runner": "local", "tags": ["shared"], "params": {"cores": 4}},
            "rule": {"runner": "dynamic"},
        },
    },
    "tools": [{"id": "cat1", "environment": "big"}],
}


@pytest.fixture
def job_config(make_galaxy: Callable[..., InProcess]) -> Any:
    return make_galaxy(job_conf=JOB_CONF).host.job_config


def test_environments_are_listed_by_id_and_not_by_tag(job_config: Any) -> None:
    assert {each.id for each in jobs.environments(job_config)} == {"regular", "big", "rule"}
    assert {each.id for each in job_config.destinations["shared"]} == {"regular", "big"}


def test_a_rule_is_told_from_an_environment(job_config: Any) -> None:
    assert [each.id for each in jobs.environments(job_config) if jobs.is_dynamic(each)] == ["rule"]


def test_a_copy_of_an_environment_may_be_changed(job_config: Any) -> None:
    copy = jobs.copy_of_environment(job_config, "regular")
    copy.params["cores"] = 8
    again = jobs.copy_of_environment(job_config, "regular")
    assert "cores" not in again.params
    assert jobs.copy_of_environment(job_config, "shared").id in ("regular", "big")
    with pytest.raises(KeyError):
        jobs.copy_of_environment(job_config, "nowhere")


def test_a_tool_has_the_environment_of_the_job_configuration(job_config: Any) -> None:
    assert jobs.environment_of_tool(job_config, None, ["cat1"]) == "big"
    assert jobs.environment_of_tool(job_config, None, ["unknown"]) == "regular"
    tool = SimpleNamespace(job_tool_configurations=job_config.get_job_tool_configurations(["cat1"], []))
    assert jobs.environment_of_tool(job_config, tool, []) == "big"


@pytest.mark.parametrize("tool", [SetMetadataTool, ImportHistoryTool, ExportHistoryTool, ExpressionTool])
def test_galaxy_says_which_tools_it_runs_for_itself(tool: Any) -> None:
    assert jobs.is_internal_tool(tool) and not jobs.is_interactive_tool(tool)
    assert not jobs.is_internal_tool(None)


def test_galaxy_says_in_which_tools_people_work() -> None:
    assert jobs.is_interactive_tool(InteractiveTool) and not jobs.is_internal_tool(InteractiveTool)


@pytest.mark.parametrize(
    ("value", "kind", "asks"),
    [(1, "cuda_device_count_min", True), (0, "gpu_memory_min", False), (4, "cores_min", False)],
)
def test_a_tool_says_whether_it_needs_a_graphics_card(value: int, kind: Any, asks: bool) -> None:
    tool = SimpleNamespace(resource_requirements=[ResourceRequirement(value, kind)])
    assert jobs.is_gpu_tool(tool) is asks


def test_a_tool_whose_need_depends_on_the_job_needs_one() -> None:
    requirement = ResourceRequirement("$(inputs.gpus)", "cuda_device_count_min")
    assert requirement.runtime_required
    assert jobs.is_gpu_tool(SimpleNamespace(resource_requirements=[requirement]))


def test_galaxy_notes_what_it_measured_under_these_names(galaxy: InProcess) -> None:
    assert CorePlugin.plugin_type == jobs._METRICS_PLUGIN
    user = galaxy.user()
    galaxy.job(user)
    job: Any = galaxy.session.scalars(select(Job)).one()
    for seconds in (30, 12):
        job.add_metric("core", "runtime_seconds", seconds)
    job.add_metric("core", "galaxy_slots", 4)
    job.add_metric("cgroup", "runtime_seconds", 99)
    galaxy.session.commit()
    statement = select(jobs.runtime_seconds(), jobs.cores()).select_from(Job)
    assert galaxy.session.execute(statement).one() == (42, 4)
