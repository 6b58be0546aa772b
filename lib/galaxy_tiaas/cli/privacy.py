"""``galaxy-tiaas privacy``"""

import json
from typing import (
    Any,
    TYPE_CHECKING,
)

import click

from .decorators import pass_application

if TYPE_CHECKING:
    from ..privacy.service import Erasure
    from .application import CliApplication

_USER = "E-mail address, public name or encoded id. An address need not belong to an account."


@click.group()
def privacy() -> None:
    """Answer requests of people for their data."""


@privacy.command("export")
@click.option("--user", required=True, help=_USER)
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="Write to this file.")
@pass_application
def export(app: "CliApplication", user: str, output: Any) -> None:
    """Print everything that trainings store about a person, as JSON.

    This leaves out their Galaxy account, jobs and histories.
    """
    from ..privacy.service import PrivacyService

    found = app[PrivacyService].export(app.actor, user, app.now())
    output.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


@privacy.command("erase")
@click.option("--user", required=True, help=_USER)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@pass_application
def erase(app: "CliApplication", user: str, dry_run: bool, yes: bool) -> None:
    """Remove a person from all trainings, their requests, histories and classes, for good.

    Trainings that they asked for go on for the others. Their Galaxy account is left alone.
    """
    from ..privacy.service import PrivacyService

    service = app[PrivacyService]
    found = service.erase(app.actor, user, app.now(), dry_run=True)
    if not found:
        click.echo("nothing is held about this person")
        return
    for line in _lines(found):
        click.echo(line)
    if dry_run:
        return
    if not yes:
        click.confirm("Remove this for good?", abort=True)
    service.erase(app.actor, user, app.now())
    click.echo("removed")


def _lines(found: "Erasure") -> list[str]:
    places = (
        ("asked for, or contact of", found.requested),
        ("teaches", found.taught),
        ("joined", found.joined),
        ("named in", found.named),
    )
    numbers = (
        ("invitations to teach", found.invitations),
        ("names on dashboards", found.pseudonyms),
        ("answers in class", found.answers),
        ("lines of histories", found.events),
        ("messages that wait", found.messages),
        ("confirmations of contact addresses", found.contacts),
    )
    lines = [f"{what}: {', '.join(identifiers)}" for what, identifiers in places if identifiers]
    return lines + [f"{what}: {number}" for what, number in numbers if number]
