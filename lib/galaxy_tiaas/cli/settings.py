"""``galaxy-tiaas config``"""

from typing import Optional

import click

from .error_handler import handle_errors


@click.group()
def config() -> None:
    """Check settings, or print a sample of them."""


@config.command("check")
@click.pass_obj
@handle_errors
def check(config_file: Optional[str]) -> None:
    """Check the settings, and the destinations in them against Galaxy's job configuration."""
    from ..core.config import (
        CONFIG_FILE_KEY,
        site_address,
        TiaasConfig,
    )
    from ..routing.destinations import DestinationCatalogue
    from .application import CliApplication

    host = CliApplication(config_file)
    settings = host[TiaasConfig]
    problems = DestinationCatalogue(host.job_config, settings).problems()
    if problems:
        raise click.ClickException("\n".join(problems))
    if not site_address(settings, host.config):
        click.echo(
            "Mails and notifications have no links: set galaxy_infrastructure_url in galaxy.yml, or base_url here, to"
            " the address at which people reach this Galaxy.",
            err=True,
        )
    click.echo(f"{host.config.get(CONFIG_FILE_KEY) or 'The defaults'}: no problems found.")


@config.command("sample")
def print_sample() -> None:
    """Print a file with all settings and their defaults."""
    from ..core.config import sample

    click.echo(sample(), nl=False)
