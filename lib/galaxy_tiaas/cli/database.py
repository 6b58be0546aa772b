"""``galaxy-tiaas db``"""

from typing import Optional

import click

from .error_handler import handle_errors


@click.group()
def db() -> None:
    """Tables of the extension in Galaxy's database."""


@db.command("status")
@click.pass_obj
@handle_errors
def status(config_file: Optional[str]) -> None:
    """Print the revision of the tables and the one this version needs; exit code 1 if they differ."""
    from ..core.model import migrate
    from .application import CliApplication

    current = migrate.current_revision(CliApplication(config_file).model.engine)
    head = migrate.head_revision()
    verdict = "up to date" if current == head else "run `galaxy-tiaas db upgrade`, or restart Galaxy"
    click.echo(f"revision {current or 'none'}, needed {head}: {verdict}")
    if current != head:
        raise SystemExit(1)


@db.command("upgrade")
@click.pass_obj
@handle_errors
def upgrade(config_file: Optional[str]) -> None:
    """Create or upgrade the tables, as Galaxy does when it starts."""
    from ..core.model import migrate
    from .application import CliApplication

    changed = migrate.upgrade(CliApplication(config_file).model.engine)
    click.echo(f"{'upgraded to' if changed else 'already at'} revision {migrate.head_revision()}")
