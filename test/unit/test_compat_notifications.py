"""What we rely on of Galaxy's notifications: compat/notifications.py."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from galaxy.exceptions import ConfigDoesNotAllowException
from galaxy.managers.notification import NotificationManager
from galaxy.model.orm.now import now
from galaxy_tiaas.compat.notifications import GalaxyNotifications
from in_process import (
    InProcess,
    on_both_databases,
)


@on_both_databases
def test_a_notification_reaches_accounts_and_is_found_again(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(galaxy_conf={"enable_notification_system": True})
    before = now() - timedelta(minutes=1)
    minerva, severus = (galaxy.account(name) for name in ("minerva", "severus"))
    notifications = galaxy[GalaxyNotifications]
    notifications.send([minerva.id], "Approved", "**Come**", warning=True)
    galaxy.session.commit()
    (received,) = galaxy[NotificationManager].get_user_notifications(minerva)
    assert (received.source, received.variant, received.category) == ("galaxy-tiaas", "warning", "message")
    assert galaxy[NotificationManager].get_user_notifications(severus) == []
    ids = [minerva.id, severus.id]
    assert notifications.received(ids, "Approved", "**Come**", before) == {minerva.id}
    assert notifications.received(ids, "Approved", "Another message", before) == set()
    assert notifications.received(ids, "Approved", "**Come**", now() + timedelta(minutes=1)) == set()


def test_galaxy_does_not_send_it_by_mail_too(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(galaxy_conf={"enable_notification_system": True})
    galaxy[GalaxyNotifications].send([galaxy.account("minerva").id], "Approved", "Come")
    galaxy.session.commit()
    assert galaxy[NotificationManager].get_pending_notifications() == []


def test_galaxy_refuses_where_they_are_switched_off(galaxy: InProcess) -> None:
    with pytest.raises(ConfigDoesNotAllowException):
        galaxy[GalaxyNotifications].send([galaxy.account("minerva").id], "Approved", "Come")
