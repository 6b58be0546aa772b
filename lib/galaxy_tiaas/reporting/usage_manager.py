"""What a class really used: how many jobs, and how long they ran.

Galaxy's ``core`` plugin of job metrics, which is on unless an admin configured others, measures how long each job ran
and how many cores it had. Job hours are the sum of ``runtime_seconds``, core hours that of ``runtime_seconds`` times
``galaxy_slots``, as in the reports of gxadmin (``query monthly-cpu-years``).
"""

from datetime import datetime
from typing import (
    Any,
    Optional,
)

from galaxy.model import Job
from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import (
    func,
    select,
)

from ..compat.jobs import (
    cores,
    runtime_seconds,
)
from ..core.config import TiaasConfig
from ..core.model import Training
from ..dashboard.activity_manager import (
    ActivityManager,
    made_here,
)
from .usage import Usage


class UsageManager:
    """Counts what a class used; the database adds up."""

    def __init__(self, session: galaxy_scoped_session, config: TiaasConfig, activity: ActivityManager):
        self.session = session
        self.config = config
        self.activity = activity

    def count(self, training: Training, now: datetime) -> Usage:
        """What the live members of a training used while its window was open, as far as it is known at ``now``.

        Which jobs count is as on the dashboard: all, or only those of the course. What came with an imported history
        ran elsewhere.
        """
        window = training.window(self.config.join_flex_hours)
        scope = self.activity.scope(training, window.opens, training.course_only, until=window.closes)
        measured = runtime_seconds().label("runtime"), cores().label("cores")
        job = self.activity.jobs(scope, Job.user_id, *measured).where(*made_here(Job)).subquery().c
        statement = select(
            func.count(job.user_id.distinct()),
            func.count(),
            func.sum(job.runtime),
            func.sum(job.runtime * func.coalesce(job.cores, 1)),
        ).select_from(job.user_id.table)
        people, jobs, job_seconds, core_seconds = self.session.execute(statement).one()
        return Usage(now, people, jobs, _whole(job_seconds), _whole(core_seconds))


def _whole(seconds: Any) -> Optional[int]:
    return None if seconds is None else round(seconds)
