"""Limits on what one user may ask for within a day. Admins have none."""

from datetime import (
    datetime,
    timedelta,
)

from ..core.actor import Actor
from ..core.config import TiaasConfig
from ..core.exceptions import TooManyRequests
from ..core.wording import duration
from .quota_manager import (
    QuotaManager,
    seconds_left,
)

_DAY = timedelta(days=1)


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
                f"You have changed trainings too often in the last 24 hours. Try again in {duration(seconds)}.",
                seconds,
            )
