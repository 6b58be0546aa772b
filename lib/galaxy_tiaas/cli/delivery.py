"""Delivers the messages of a command before it ends."""

import click

from .application import CliApplication


def deliver(host: CliApplication) -> None:
    """Deliver the messages that a command has written; Galaxy retries what does not arrive now."""
    from galaxy.model.orm.now import now

    from ..notifications.outbox import WakeUpEvent

    if not host[WakeUpEvent].is_set():
        return
    from ..notifications.delivery import Dispatcher

    report = host[Dispatcher].deliver(now())
    if report.postponed or report.unfinished:
        click.echo("Some messages are not delivered yet; Galaxy retries them. See `galaxy-tiaas mail list`.", err=True)
    if report.given_up:
        click.echo("The delivery of some messages was abandoned. See `galaxy-tiaas mail list`.", err=True)
