"""What admins look at before they decide: how much waits, who asks, and what else is promised on the same days."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import (
    date,
    timedelta,
)
from typing import Optional

from ..core.actor import Actor
from ..core.model import Training
from ..core.times import days_inclusive
from .manager import (
    PromisedSeats,
    TrainingManager,
)
from .schema import (
    TrainingUpdate,
    TrainingView,
)
from .states import TrainingState

#: Number of days for which the load is worked out.
LONGEST_LOAD = 62
#: What a training takes up of the seats that there are.
_SEAT_FIELDS = frozenset({"start", "end", "attendance"})


@dataclass(frozen=True)
class DayLoad:
    """A day, and how many people other approved trainings expect on it."""

    day: date
    seats: int
    #: False for the days before and after the training.
    within: bool = True


@dataclass(frozen=True)
class Beside:
    """What else is promised while a training goes on."""

    #: Of a very long training, of the first days only.
    load: Sequence[DayLoad]
    #: Those with a day in common, in the order of their days.
    trainings: Sequence[PromisedSeats]


def as_requested(view: TrainingView) -> Optional[TrainingView]:
    """The training with the days and the number of people that its instructor asks for.

    ``None`` if no other ones are asked for, or days that cannot be since the training's own have changed meanwhile.
    """
    if view.requested_change is None:
        return None
    wanted = TrainingUpdate(**view.requested_change.changes).given()
    seats = {name: value for name, value in wanted.items() if name in _SEAT_FIELDS}
    wished = view.model_copy(update=seats)
    return wished if seats and wished.start <= wished.end else None


class ReviewsService:
    """For admins only; it changes nothing."""

    def __init__(self, trainings: TrainingManager):
        self.trainings = trainings

    def count_by_state(self, actor: Actor) -> dict[TrainingState, int]:
        """Number of trainings in each state."""
        actor.ensure_admin()
        return self.trainings.count_by_state()

    def count_by_state_and_decisions(self, actor: Actor) -> tuple[dict[TrainingState, int], int]:
        """The same, and the number of trainings with a request or a requested change that waits."""
        actor.ensure_admin()
        return self.trainings.count_by_state_and_decisions()

    def earlier_requests(self, training: Training) -> dict[TrainingState, int]:
        """How many other trainings the same person asked for, and what became of them."""
        return self.trainings.earlier_requests(training)

    def beside(self, actor: Actor, views: Sequence[TrainingView], *, around: int = 0) -> list[Beside]:
        """What other approved trainings expect on the days of each of these, one after the other.

        :param around: for how many days before and after each training to give the load, too.
        """
        actor.ensure_admin()
        if not views:
            return []
        margin = timedelta(days=around)
        promised = self.trainings.promised_seats(
            min(view.start for view in views) - margin, max(view.end for view in views) + margin
        )
        return [Beside(_load_beside(view, promised, around), _trainings_beside(view, promised)) for view in views]


def _trainings_beside(view: TrainingView, promised: Sequence[PromisedSeats]) -> list[PromisedSeats]:
    others = [
        other
        for other in promised
        if other.identifier != view.identifier and other.start <= view.end and other.end >= view.start
    ]
    return sorted(others, key=lambda other: (other.start, other.identifier))


def _load_beside(view: TrainingView, promised: Sequence[PromisedSeats], around: int) -> list[DayLoad]:
    others = [other for other in promised if other.identifier != view.identifier]
    length = days_inclusive(view.start, view.end)
    after = around if length <= LONGEST_LOAD else 0
    days = [view.start + timedelta(days=number) for number in range(-around, min(length, LONGEST_LOAD) + after)]
    return [
        DayLoad(
            day,
            sum(other.seats for other in others if other.start <= day <= other.end),
            within=view.start <= day <= view.end,
        )
        for day in days
    ]
