"""The trainings of somebody, and what they are in each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Optional

from ..core.actor import (
    Actor,
    teaches,
)
from ..core.result_pages import ResultPage
from ..membership.manager import CohortManager
from ..membership.pseudonyms import Pseudonym
from ..membership.schema import Pseudonymous
from .manager import (
    TrainingManager,
    TrainingQuery,
)
from .schema import TrainingView
from .views import TrainingViews


@dataclass(frozen=True)
class OwnTraining:
    """A training of somebody, and what they are in it."""

    view: TrainingView
    teaches: bool
    joined: bool
    #: Who they are on its dashboard, while they are in it and it is not over.
    shown_as: Optional[Pseudonymous]


@dataclass(frozen=True)
class OwnTrainings:
    """The trainings of somebody: those that still matter, the next first, and the others."""

    current: ResultPage[OwnTraining]
    past: ResultPage[OwnTraining]


@dataclass
class OwnTrainingsService:
    """For whoever is logged in."""

    trainings: TrainingManager
    cohorts: CohortManager
    views: TrainingViews

    def show(self, actor: Actor, now: datetime, *, limit: int, offset: int = 0) -> OwnTrainings:
        """What the actor requested, teaches or joined.

        :param limit: how many of the past ones, and how many at most of the others; ``offset`` is for the past.
        :raises UserRequiredException: for visitors.
        """
        actor.ensure_user()
        current = TrainingQuery(mine=True, current=True, sort_desc=False, limit=4 * limit)
        past = TrainingQuery(mine=True, current=False, limit=limit, offset=offset)
        found = self.trainings.pages([current, past], now, user_id=actor.user_id, see_all=False)
        everything = [training for page in found for training in page]
        members, joined = self.cohorts.members_and_joined(everything, actor.user_id)
        in_class = [training for training in found[0] if training.id in joined]
        names = self.cohorts.names(in_class, actor.user_id) if actor.user_id and in_class else {}
        return OwnTrainings(
            *(
                page.of(
                    OwnTraining(
                        view=self.views.view(training, actor, now, members.get(training.id, 0)),
                        teaches=teaches(actor, training),
                        joined=training.id in joined,
                        shown_as=_shown_as(names.get(training.id)),
                    )
                    for training in page
                )
                for page in found
            )
        )


def _shown_as(pseudonym: Optional[Pseudonym]) -> Optional[Pseudonymous]:
    return Pseudonymous(**pseudonym.fields()) if pseudonym else None
