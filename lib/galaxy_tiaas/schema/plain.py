"""Days and moments as JSON has them."""

from datetime import (
    date,
    datetime,
)
from typing import Any


def plain(value: Any) -> Any:
    """``2027-03-05`` for a day, ``2027-03-05T09:30:00Z`` for a moment (naive UTC); anything else stays as it is."""
    if isinstance(value, datetime):
        return f"{value.isoformat(timespec='seconds')}Z"
    return value.isoformat() if isinstance(value, date) else value


def all_plain(values: dict[str, Any]) -> dict[str, Any]:
    return {name: plain(value) for name, value in values.items()}
