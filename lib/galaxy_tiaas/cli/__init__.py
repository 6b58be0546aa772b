"""The command ``galaxy-tiaas``.

Importing Galaxy takes seconds, so the modules here do it inside the commands that need it: help and
typing errors answer at once.
"""

import logging
import warnings
from typing import Optional

import click

from .. import __version__
from .explain import explain
from .import_tiaas2 import import_tiaas2
from .privacy import privacy
from .running import running
from .server import (
    config,
    db,
    lifecycle,
    mail,
)
from .trainings import trainings


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="galaxy-tiaas")
def main() -> None:
    """Training Infrastructure as a Service for Galaxy.

    Exit codes: 0 if it was done, 1 if it was not or something is wrong, with a sentence that says why, 2 if the command
    itself was mistyped.
    """
    # What Galaxy's libraries say while they are imported is of no use to who runs a command.
    logging.disable(logging.WARNING)
    warnings.simplefilter("ignore")


def _name_config_file(context: click.Context, _: click.Parameter, config_file: Optional[str]) -> None:
    """Leave the file to the commands below; the name that stands last counts."""
    if config_file:
        context.obj = config_file


def _take_config_file(command: click.Command, *, envvar: Optional[str] = None) -> None:
    """Let the option stand wherever people look for it: before a command, between its words, or behind it."""
    command.params.append(
        click.Option(
            ("-c", "--config-file"),
            metavar="FILE",
            envvar=envvar,
            expose_value=False,
            callback=_name_config_file,
            help="Galaxy's configuration file; default: $GALAXY_CONFIG_FILE, else galaxy.yml here or in ./config.",
        )
    )
    if isinstance(command, click.Group):
        for each in command.commands.values():
            _take_config_file(each)


for command in (config, db, trainings, lifecycle, explain, running, mail, privacy, import_tiaas2):
    main.add_command(command)
_take_config_file(main, envvar="GALAXY_CONFIG_FILE")
