"""What Galaxy measured of jobs: its plugin ``core``, which is on unless an admin configured others."""

from typing import Any

from galaxy.job_metrics.instrumenters.core import (
    GALAXY_SLOTS_KEY,
    RUNTIME_SECONDS_KEY,
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

_PLUGIN = "core"


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
            JobMetricNumeric.plugin == _PLUGIN,
            JobMetricNumeric.metric_name == name,
        )
        .scalar_subquery()
    )
