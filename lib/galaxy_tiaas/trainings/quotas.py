"""Limits on what one user may ask for within a day. Admins have none."""

from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from galaxy.model.scoped_session import galaxy_scoped_session
from sqlalchemy import select

from ..core.actor import Actor
from ..core.config import TiaasConfig
from ..core.db import lock_user
from ..core.exceptions import TooManyRequests
from ..core.model import (
    Training,
    TrainingEvent,
)
from ..core.wording import duration

_DAY = timedelta(days=1)


#: Lines of a history of which other people are told.
TOLD_ACTIONS = ("requested", "changed", "change requested", "cancelled", "ended early")


class QuotaManager:
    """Finds out when a user has used up a quota."""

    def __init__(self, session: galaxy_scoped_session):
        self.session = session

    def lock(self, user_id: int) -> None:
        """Let one request of a user at a time be counted, until the transaction ends."""
        lock_user(self.session, user_id)

    def nth_request(self, user_id: int, number: int) -> Optional[datetime]:
        """When the user made the last request but ``number - 1``; ``None`` if there are fewer."""
        return self._nth(Training.created, Training.requester_id == user_id, number)

    def nth_told(self, user_id: int, number: int) -> Optional[datetime]:
        """The same for what the user did and others are told of."""
        did = (TrainingEvent.user_id == user_id) & TrainingEvent.action.in_(TOLD_ACTIONS)
        return self._nth(TrainingEvent.time, did, number)

    def _nth(self, time: Any, condition: Any, number: int) -> Optional[datetime]:
        return self.session.scalar(select(time).where(condition).order_by(time.desc()).offset(number - 1).limit(1))


def seconds_left(used_up_at: Optional[datetime], now: datetime, window: timedelta) -> int:
    """Seconds until something that happened at ``used_up_at`` does not count any more; 0: it does not."""
    if used_up_at is None or used_up_at + window <= now:
        return 0
    return max(1, int((used_up_at + window - now).total_seconds()))


class Quotas:
    """Refuses what is too much, before anything of it is written."""

    def __init__(self, config: TiaasConfig, quotas: QuotaManager):
        self.config = config
        self.quotas = quotas

    def ensure_may_request(self, actor: Actor, now: datetime) -> None:
        """:raises TooManyRequests: if the actor has requested too many trainings within a day."""
        most = self.config.requests_per_day
        if not most or actor.is_admin or actor.user_id is None:
            return
        self.quotas.lock(actor.user_id)
        if seconds := seconds_left(self.quotas.nth_request(actor.user_id, most), now, _DAY):
            noun = "training" if most == 1 else "trainings"
            raise TooManyRequests(
                f"You can request {most} {noun} within 24 hours. Try again in {duration(seconds)}.", seconds
            )

    def ensure_may_tell(self, actor: Actor, now: datetime) -> None:
        """For a change of which other people are told.

        :raises TooManyRequests: if the actor has made too many of them within a day.
        """
        most = self.config.messages_per_day
        if not most or actor.is_admin or actor.user_id is None:
            return
        if seconds := seconds_left(self.quotas.nth_told(actor.user_id, most), now, _DAY):
            raise TooManyRequests(
                f"You have changed trainings too often in the last 24 hours. Try again in {duration(seconds)}.", seconds
            )
