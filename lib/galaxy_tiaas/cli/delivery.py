"""Telling people of what a command has done, before it ends."""

import click

from .host import Host


def deliver(host: Host) -> None:
    """Bring to people what was written for them; Galaxy tries again what does not arrive now."""
    from galaxy.model.orm.now import now

    from ..notifications.doorbell import Doorbell

    if not host[Doorbell].rung:
        return
    from ..notifications.postman import Postman

    report = host[Postman].deliver(now())
    if report.postponed or report.unfinished:
        click.echo("Not everybody could be told yet; Galaxy keeps trying. See `galaxy-tiaas mail list`.", err=True)
    if report.given_up:
        click.echo("Somebody could not be told. See `galaxy-tiaas mail list`.", err=True)
