"""How many seats are promised on the days of a training, as a strip of bars.

The strips of a page share one scale, so that they can be compared. Now and then somebody asks for
thousands of seats; the scale then ends below, and such a bar is drawn with its top cut off.
"""

from collections.abc import (
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from statistics import median

from .review_service import DayLoad

#: A strip in its own units; the stylesheet decides how large they are.
HEIGHT = 100
BAR = 10
GAP = 2
#: A bar that stands for somebody is seen.
_LOWEST = 3
#: The scale ends at so many times the usual peak.
_UNUSUAL = 4


@dataclass(frozen=True)
class Bar:
    """One day: the seats of others, and on them those of the training. Heights are numbers of our units."""

    entry: DayLoad
    x: int
    others: float
    own: float
    cut: bool


@dataclass(frozen=True)
class CapacityChart:
    """The days of a training and a few around them; ``peak`` is the day of the training on which most is promised."""

    bars: Sequence[Bar]
    attendance: int
    peak: DayLoad
    top: int

    @property
    def width(self) -> int:
        return len(self.bars) * (BAR + GAP) - GAP

    @property
    def highest(self) -> int:
        """Seats on the day on which most is promised, those of the training included."""
        return self.peak.seats + self.attendance


def common_top(loads: Iterable[tuple[int, Sequence[DayLoad]]]) -> int:
    """The number of seats at which the scale of a page ends.

    :param loads: attendance of each training, and what is promised beside it.
    """
    peaks = [max(_total(entry, attendance) for entry in load) for attendance, load in loads if load]
    return max(1, min(max(peaks), round(_UNUSUAL * median(peaks)))) if peaks else 1


def capacity_chart_of(attendance: int, load: Sequence[DayLoad], top: int) -> CapacityChart:
    """The strip of one training on a scale that ends at ``top`` seats."""
    peak = max((entry for entry in load if entry.within), key=lambda entry: entry.seats)
    bars = [_bar(number, entry, attendance if entry.within else 0, top) for number, entry in enumerate(load)]
    return CapacityChart(bars, attendance, peak, top)


def _bar(number: int, entry: DayLoad, own: int, top: int) -> Bar:
    total = entry.seats + own
    cut = total > top
    whole = HEIGHT if cut else _height(total, top)
    others = min(_height(entry.seats, top), HEIGHT if not own else HEIGHT - _LOWEST)
    return Bar(entry, number * (BAR + GAP), others, round(max(whole - others, _LOWEST if own else 0), 1), cut)


def _height(seats: int, top: int) -> float:
    return round(max(seats * HEIGHT / top, _LOWEST), 1) if seats else 0


def _total(entry: DayLoad, attendance: int) -> int:
    return entry.seats + (attendance if entry.within else 0)
