"""Delivers the messages of a command before it ends."""

import click

from .host import Host


def deliver(host: Host) -> None:
    """Deliver the messages that a command has written; Galaxy retries what does not arrive now."""
    from galaxy.model.orm.now import now

    from ..notifications.outbox import WakeUpEvent

    if not host[WakeUpEvent].is_set():
        return
    from ..notifications.delivery import Dispatcher

    report = host[Dispatcher].deliver(now())
    if report.postponed or report.unfinished:
        click.echo("Not everybody could be told yet; Galaxy keeps trying. See `galaxy-tiaas mail list`.", err=True)
    if report.given_up:
        click.echo("Somebody could not be told. See `galaxy-tiaas mail list`.", err=True)
