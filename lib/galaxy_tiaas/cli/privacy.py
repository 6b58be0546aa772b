"""``galaxy-tiaas privacy``"""

import json
from typing import (
    Any,
    Optional,
    TYPE_CHECKING,
)

import click

from .error_handler import handle_errors

if TYPE_CHECKING:
    from ..privacy.service import (
        Erasure,
        PrivacyService,
    )

_USER = "E-mail address, public name or encoded id. An address need not belong to an account."


@click.group()
def privacy() -> None:
    """Answer requests of people for their data."""


@privacy.command("export")
@click.option("--user", required=True, help=_USER)
@click.option("--output", type=click.File("w", encoding="utf-8", lazy=True), default="-", help="Write to this file.")
@click.pass_obj
@handle_errors
def export(config_file: Optional[str], user: str, output: Any) -> None:
    """Print everything that trainings store about a person, as JSON.

    This leaves out their Galaxy account, jobs and histories.
    """
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER

    found = _service(config_file).export(SERVER, user, now())
    output.write(json.dumps(found, indent=2, ensure_ascii=False) + "\n")


@privacy.command("erase")
@click.option("--user", required=True, help=_USER)
@click.option("--dry-run", is_flag=True, help="Say what would be removed, and change nothing.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
@handle_errors
def erase(config_file: Optional[str], user: str, dry_run: bool, yes: bool) -> None:
    """Remove a person from all trainings, their requests, histories and classes, for good.

    Trainings that they asked for go on for the others. Their Galaxy account is left alone.
    """
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER

    service = _service(config_file)
    found = service.erase(SERVER, user, now(), dry_run=True)
    if not found:
        click.echo("nothing is held about this person")
        return
    for line in _lines(found):
        click.echo(line)
    if dry_run:
        return
    if not yes:
        click.confirm("Remove this for good?", abort=True)
    service.erase(SERVER, user, now())
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


def _service(config_file: Optional[str]) -> "PrivacyService":
    from ..privacy.service import PrivacyService
    from .application import ready_application

    return ready_application(config_file)[PrivacyService]
