"""What a class really used."""

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

_SECONDS_PER_HOUR = 3600


@dataclass(frozen=True)
class Usage:
    """The jobs that the members of a training started while it was open, and how long these ran."""

    #: When they were counted; naive UTC.
    counted_at: datetime
    #: Members who started at least one job.
    people: int
    jobs: int
    #: Wall clock time, added up; ``None``: Galaxy measured none of these jobs.
    job_seconds: Optional[int]
    #: The same, each job times the cores that it had been given.
    core_seconds: Optional[int]

    @property
    def job_hours(self) -> Optional[float]:
        return hours(self.job_seconds)

    @property
    def core_hours(self) -> Optional[float]:
        return hours(self.core_seconds)


def hours(seconds: Optional[int]) -> Optional[float]:
    """Seconds in hours, to a tenth."""
    return None if seconds is None else round(seconds / _SECONDS_PER_HOUR, 1)
