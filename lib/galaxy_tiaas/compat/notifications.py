"""Galaxy's notifications, which people see under the bell in the masthead."""

from collections.abc import Collection
from datetime import datetime

from galaxy.managers.notification import NotificationManager
from galaxy.model import (
    Notification,
    UserNotificationAssociation,
)
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.schema.notifications import (
    MessageNotificationContent,
    NotificationCreateData,
    NotificationCreateRequest,
    NotificationRecipients,
    NotificationVariant,
    PersonalNotificationCategory,
)
from sqlalchemy import select

#: ``source`` of our notifications in Galaxy's table.
_SOURCE = "galaxy-tiaas"


class GalaxyNotifications:
    """Sends messages as notifications.

    Where ``enable_notification_system`` is not set, the manager refuses to send.
    """

    def __init__(self, session: galaxy_scoped_session, manager: NotificationManager):
        self.session = session
        self.manager = manager

    def send(self, user_ids: list[int], subject: str, message: str, *, warning: bool = False) -> None:
        """Send one to accounts, by their ids in the database. Galaxy commits.

        Relies on ``send_notification_to_recipients`` returning the notification, and on its ``dispatched`` keeping
        Galaxy from sending it by mail too.
        """
        request = NotificationCreateRequest(
            # Without validation, which takes encoded ids only.
            recipients=NotificationRecipients.model_construct(user_ids=user_ids),
            notification=NotificationCreateData(
                source=_SOURCE,
                category=PersonalNotificationCategory.message,
                variant=NotificationVariant.warning if warning else NotificationVariant.info,
                content=MessageNotificationContent(subject=subject, message=message),
                publication_time=None,
                expiration_time=None,
            ),
        )
        notification, _ = self.manager.send_notification_to_recipients(request)
        if notification is not None:
            notification.dispatched = True

    def received(self, user_ids: Collection[int], subject: str, message: str, since: datetime) -> set[int]:
        """Which accounts have had this message from us since then. Galaxy will not send it by mail, either.

        Relies on ``content`` being what was sent, as a dictionary.
        """
        association = UserNotificationAssociation
        statement = (
            select(association.user_id, Notification)
            .join(Notification, Notification.id == association.notification_id)
            .where(association.user_id.in_(user_ids), Notification.source == _SOURCE, Notification.create_time >= since)
        )
        found = set()
        for user_id, notification in self.session.execute(statement):
            if (notification.content["subject"], notification.content["message"]) == (subject, message):
                notification.dispatched = True
                found.add(user_id)
        return found
