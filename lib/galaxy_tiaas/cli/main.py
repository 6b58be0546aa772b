"""The command itself; what it can do is in the other modules of this package."""

import logging
import warnings
from typing import Optional

import click

from .. import __version__
from .database import db
from .explain import explain
from .import_tiaas2 import import_tiaas2
from .lifecycle import lifecycle
from .mail import mail
from .privacy import privacy
from .running import running
from .settings import config
from .trainings import trainings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "-c",
    "--config-file",
    envvar="GALAXY_CONFIG_FILE",
    help="Galaxy's configuration file; default: $GALAXY_CONFIG_FILE, else where Galaxy looks for galaxy.yml.",
)
@click.version_option(__version__, prog_name="galaxy-tiaas")
@click.pass_context
def main(context: click.Context, config_file: Optional[str]) -> None:
    """Training Infrastructure as a Service for Galaxy."""
    # What Galaxy's libraries say while they are imported is of no use to who runs a command.
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")
    context.obj = config_file


for command in (config, db, trainings, lifecycle, explain, running, mail, privacy, import_tiaas2):
    main.add_command(command)
