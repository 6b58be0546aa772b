"""Galaxy's job configuration, what a rule is told of a job, and what Galaxy measured of jobs.

Job handlers import it: it needs nothing of the web. ``JobConfiguration`` and ``JobDestination`` have been in other
modules and may move again.
"""

from collections.abc import (
    Iterator,
    Sequence,
)
from typing import Any

from galaxy.job_metrics.instrumenters.core import (
    GALAXY_SLOTS_KEY,
    RUNTIME_SECONDS_KEY,
)
from galaxy.jobs import (
    JobConfiguration as JobConfiguration,
    JobDestination as JobDestination,
)
from galaxy.model import (
    Job,
    JobMetricNumeric,
)
from sqlalchemy import (
    func,
    ScalarSelect,
    select,
)

#: Kinds of tools that Galaxy runs for itself, whatever their id.
_INTERNAL_TOOL_TYPES = frozenset({"set_metadata", "import_history", "export_history", "expression"})
_GPU_RESOURCES = ("cuda_", "gpu_")
#: The plugin that measures jobs, which is on unless an admin configured others.
_METRICS_PLUGIN = "core"


def environments(job_config: JobConfiguration) -> Iterator[JobDestination]:
    """Each environment of the job configuration once.

    Relies on ``destinations``, which maps each id, and each tag, to a list of environments.
    """
    for name, same in job_config.destinations.items():
        yield from (environment for environment in same if environment.id == name)


def runners(job_config: JobConfiguration) -> set[str]:
    """The names by which environments choose what runs their jobs. Relies on ``id`` in ``runner_plugins``."""
    return {str(plugin["id"]) for plugin in job_config.runner_plugins}


def is_dynamic(environment: JobDestination) -> bool:
    """Whether a rule decides where the jobs of an environment run, rather than this environment."""
    return environment.runner == "dynamic"


def copy_of_environment(job_config: JobConfiguration, name: str) -> JobDestination:
    """An environment that a rule may change, or one of several with this tag.

    Relies on ``get_destination`` returning a copy, its parameters included.

    :raises KeyError: if there is none.
    """
    return job_config.get_destination(name)


def environment_of_tool(job_config: JobConfiguration, tool: Any, names: Sequence[str]) -> str:
    """The id of the environment that the job configuration names for a tool.

    Relies on ``job_tool_configurations`` of a tool, and on ``get_job_tool_configurations`` where there is no toolbox.

    :param names: ids of the tool, in lower case, the longest first.
    """
    configurations = getattr(tool, "job_tool_configurations", None)
    if configurations is None:
        configurations = job_config.get_job_tool_configurations([*names], [])
    without_params = [each for each in configurations if not each.params] or configurations
    return without_params[0].destination or job_config.default_destination_id or ""


def is_internal_tool(tool: Any) -> bool:
    """Whether Galaxy runs a tool for itself. Relies on ``tool_type``."""
    return getattr(tool, "tool_type", None) in _INTERNAL_TOOL_TYPES


def is_interactive_tool(tool: Any) -> bool:
    """Whether people work in a tool while it runs. Relies on ``tool_type``."""
    return getattr(tool, "tool_type", None) == "interactive"


def is_gpu_tool(tool: Any) -> bool:
    """Whether a tool asks for a graphics card.

    Relies on ``resource_requirements``, whose value is a number, or an expression that is evaluated for each job.
    """
    return any(_asks_for_gpu(requirement) for requirement in getattr(tool, "resource_requirements", None) or ())


def _asks_for_gpu(requirement: Any) -> bool:
    if not str(requirement.resource_type).startswith(_GPU_RESOURCES):
        return False
    return requirement.runtime_required or requirement.get_value() > 0


def runtime_seconds() -> ScalarSelect[Any]:
    """How long a row of ``Job`` ran; one that was resubmitted has a value for each attempt."""
    return _metric(RUNTIME_SECONDS_KEY, func.sum)


def cores() -> ScalarSelect[Any]:
    """How many cores it had (``GALAXY_SLOTS``)."""
    return _metric(GALAXY_SLOTS_KEY, func.max)


def _metric(name: str, combined: Any) -> ScalarSelect[Any]:
    """Relies on ``job_metric_numeric`` naming plugin and metric as the plugin itself does."""
    return (
        select(combined(JobMetricNumeric.metric_value))
        .where(
            JobMetricNumeric.job_id == Job.id,
            JobMetricNumeric.plugin == _METRICS_PLUGIN,
            JobMetricNumeric.metric_name == name,
        )
        .scalar_subquery()
    )
