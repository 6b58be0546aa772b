"""What the calendar does to trainings: cohorts go on and off, and people are forgotten.

Joining and job routing look at the dates themselves, so a run that comes late harms nobody.
"""

import logging
from collections.abc import (
    Callable,
    Sequence,
)
from dataclasses import dataclass
from datetime import datetime

from galaxy.model.scoped_session import galaxy_scoped_session

from .exceptions import describe
from .managers.cohorts import CohortManager
from .managers.lifecycle import LifecycleManager
from .model import Training

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class LifecycleReport:
    """What was done, or would be done: identifiers of the trainings concerned."""

    switched_on: tuple[str, ...] = ()
    switched_off: tuple[str, ...] = ()
    redacted: tuple[str, ...] = ()
    failed: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.switched_on or self.switched_off or self.redacted or self.failed)

    def __str__(self) -> str:
        return ", ".join(f"{name.replace('_', ' ')}: {len(found)}" for name, found in vars(self).items())


class Lifecycle:
    """Finds and does what is due. Running it twice does nothing the second time."""

    def __init__(self, session: galaxy_scoped_session, manager: LifecycleManager, cohorts: CohortManager):
        self.session = session
        self.manager = manager
        self.cohorts = cohorts

    def run(self, now: datetime, *, dry_run: bool = False) -> LifecycleReport:
        """Switch cohorts on and off and redact, as is due at ``now`` (naive UTC).

        Every training is a transaction of its own; what fails for one is logged and leaves the others alone.

        :param dry_run: say what would be done, and change nothing.
        """
        wrongly_switched = self.manager.wrongly_switched(now)
        to_switch_on = [t for t in wrongly_switched if self.cohorts.should_be_on(t, now)]
        to_switch_off = [t for t in wrongly_switched if not self.cohorts.should_be_on(t, now)]
        to_redact = self.manager.due_for_redaction(now.date())
        failed: list[str] = []
        report = LifecycleReport(
            switched_on=self._each(to_switch_on, lambda t: self.cohorts.switch(t, now), failed, dry_run),
            switched_off=self._each(to_switch_off, lambda t: self.cohorts.switch(t, now), failed, dry_run),
            redacted=self._each(to_redact, lambda t: self.manager.redaction.redact(t, now), failed, dry_run),
            failed=tuple(failed),
        )
        if report and not dry_run:
            log.info("galaxy-tiaas lifecycle: %s", report)
        return report

    def _each(
        self,
        trainings: Sequence[Training],
        action: Callable[[Training], object],
        failed: list[str],
        dry_run: bool,
    ) -> tuple[str, ...]:
        done = []
        for identifier, training in [(training.identifier, training) for training in trainings]:
            try:
                if not dry_run:
                    action(training)
                    self.session.commit()
                done.append(identifier)
            except Exception as problem:
                self.session.rollback()
                failed.append(identifier)
                log.error("galaxy-tiaas lifecycle: training '%s': %s", identifier, describe(problem))
        return tuple(done)
