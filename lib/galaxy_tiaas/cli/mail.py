"""``galaxy-tiaas mail``"""

from typing import (
    Optional,
    TYPE_CHECKING,
)

import click

from .error_handler import handle_errors

if TYPE_CHECKING:
    from ..notifications.schema import UndeliveredView


@click.group()
def mail() -> None:
    """The mail queue: mails and notifications that have not been delivered."""


@mail.command("list")
@click.pass_obj
@handle_errors
def list_undelivered(config_file: Optional[str]) -> None:
    """List deliveries that wait and that were abandoned."""
    from ..core.actor import SERVER
    from ..notifications.service import NotificationService
    from .application import ready_application

    view = ready_application(config_file)[NotificationService].queue(SERVER)
    for title, total, found in (
        ("waiting", view.waiting_total, view.waiting),
        ("abandoned", view.given_up_total, view.given_up),
    ):
        click.echo(f"{title}: {total}")
        for undelivered in found:
            click.echo(_line(undelivered))
        if total > len(found):
            click.echo(f"  ({total - len(found)} more)")
    if not view.sends_mail:
        click.echo("Galaxy sends no mail: smtp_server is not set in galaxy.yml.")


@mail.command("retry")
@click.argument("delivery", type=int, required=False)
@click.pass_obj
@handle_errors
def retry(config_file: Optional[str], delivery: Optional[int]) -> None:
    """Retry one now, by its number in `mail list`, or all that were abandoned.

    One that is being sent is left alone.
    """
    _act(config_file, "retry", delivery)


@mail.command("drop")
@click.argument("delivery", type=int, required=False)
@click.pass_obj
@handle_errors
def drop(config_file: Optional[str], delivery: Optional[int]) -> None:
    """Drop one, by its number in `mail list`, or all that were abandoned."""
    _act(config_file, "drop", delivery)


def _act(config_file: Optional[str], action: str, delivery: Optional[int]) -> None:
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER
    from ..notifications.schema import MailAction
    from ..notifications.service import NotificationService
    from .application import ready_application
    from .delivery import deliver

    host = ready_application(config_file)
    wanted = MailAction.model_validate({"action": action, "delivery": delivery})
    count = host[NotificationService].act_on_queue(SERVER, wanted, now())
    if delivery is not None and not count:
        raise click.ClickException(f"{delivery} is not in the queue: it was delivered or dropped, or is being sent.")
    click.echo(f"{count} {'queued for retry' if action == 'retry' else 'dropped'}")
    deliver(host)


def _line(undelivered: "UndeliveredView") -> str:
    what = f"{undelivered.event} to {undelivered.audience}"
    when = f"{undelivered.created:%Y-%m-%d %H:%M} UTC, {undelivered.attempts} attempts"
    parts = [f"  {undelivered.id}", undelivered.channel, undelivered.identifier or "-", what, when, undelivered.problem]
    return "  ".join(part for part in parts if part)
