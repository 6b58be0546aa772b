"""The mail queue."""

from dataclasses import asdict
from datetime import datetime

from galaxy.config import GalaxyAppConfiguration
from galaxy.model.scoped_session import galaxy_scoped_session

from ..core.actor import Actor
from ..core.config import (
    site_address,
    TiaasConfig,
)
from .outbox import (
    OutboxManager,
    WakeUpEvent,
)
from .schema import (
    MailAction,
    MailView,
    UndeliveredView,
)

_MOST_SHOWN = 50


class MailService:
    """For admins only: it shows addresses."""

    def __init__(
        self,
        session: galaxy_scoped_session,
        config: TiaasConfig,
        galaxy_config: GalaxyAppConfiguration,
        outbox: OutboxManager,
        wake_up: WakeUpEvent,
    ):
        self.session = session
        self.config = config
        self.galaxy_config = galaxy_config
        self.outbox = outbox
        self.wake_up = wake_up

    def show(self, actor: Actor) -> MailView:
        """The deliveries that wait and that were abandoned.

        :raises AdminRequiredException: for everybody but admins.
        """
        actor.ensure_admin()
        queues = self.outbox.queues().values()
        return MailView(
            sends_mail=bool(self.galaxy_config.smtp_server),
            sends_notifications=bool(self.galaxy_config.enable_notification_system),
            knows_its_address=bool(site_address(self.config, self.galaxy_config)),
            waiting_total=sum(queue.waiting for queue in queues),
            given_up_total=sum(queue.given_up for queue in queues),
            waiting=self._views(given_up=False),
            given_up=self._views(given_up=True),
        )

    def act(self, actor: Actor, action: MailAction, now: datetime) -> int:
        """Retry deliveries now, or drop them.

        :returns: how many; those that are being sent, or were delivered meanwhile, do not count.
        :raises AdminRequiredException: for everybody but admins.
        """
        actor.ensure_admin()
        ids = self.outbox.undelivered_ids(action.delivery)
        count = len(ids)
        if action.action == "retry":
            count = self.outbox.retry(ids, now)
        else:
            self.outbox.drop(ids)
        self.session.commit()
        if count and action.action == "retry":
            self.wake_up.set()
        return count

    def _views(self, *, given_up: bool) -> list[UndeliveredView]:
        found = self.outbox.undelivered(given_up=given_up, limit=_MOST_SHOWN)
        return [UndeliveredView.model_validate(asdict(undelivered)) for undelivered in found]
