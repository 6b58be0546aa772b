"""The day on which tests run."""

from datetime import (
    date,
    datetime,
    timezone,
)


def utc_today() -> date:
    """The day in UTC, the time zone of the tests' trainings. The local date may be the one before or after."""
    return datetime.now(timezone.utc).date()
