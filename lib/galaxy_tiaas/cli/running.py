"""``galaxy-tiaas running``: what runs and comes, in the words of batch systems. Nothing here is ever run by us."""

import shlex
from collections.abc import Sequence
from datetime import (
    datetime,
    timezone,
)
from typing import TYPE_CHECKING

import click

from .decorators import pass_application

if TYPE_CHECKING:
    from ..reporting.schema import RunningView
    from .application import CliApplication

_FORMATS = ("json", "yaml", "slurm", "htcondor")
#: Slurm refuses a reservation that starts in the past, so one of a training that runs already starts now.
_NOW = "now"
_SLURM_TIME = "%Y-%m-%dT%H:%M:%S"
_CLASSAD_ESCAPES = str.maketrans(
    # A dollar sign would begin a macro of the configuration file.
    {"\\": "\\\\", '"': '\\"', "$": "$(DOLLAR)", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
)


@click.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), default="json", show_default=True)
@click.option("--slurm-users", default="galaxy", show_default=True, help="Slurm: who may use the reservations.")
@click.option("--slurm-partition", default="", help="Slurm: the partition; default: the cluster's.")
@click.option(
    "--cores-per-person", type=click.IntRange(1), default=1, show_default=True, help="Slurm: cores to reserve."
)
@pass_application
def running(app: "CliApplication", form: str, slurm_users: str, slurm_partition: str, cores_per_person: int) -> None:
    """Print the trainings that run now or next, for schedulers and autoscalers.

    json and yaml are what GET /api/tiaas/running returns; slurm prints commands that create reservations, for you to
    run; htcondor prints configuration for machines that are kept for trainings.
    """
    import yaml

    from ..reporting.service import RunningService

    now = app.now()
    trainings = app[RunningService].running(app.actor, now).value
    if form == "json":
        text = trainings.model_dump_json(indent=2) + "\n"
    elif form == "yaml":
        text = yaml.safe_dump(trainings.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    elif form == "slurm":
        text = slurm_reservations(trainings.root, now, slurm_users, slurm_partition, cores_per_person)
    else:
        text = htcondor_start(trainings.root)
    click.echo(text, nl=False)


def slurm_reservations(
    trainings: "Sequence[RunningView]",
    now: datetime,
    users: str = "galaxy",
    partition: str = "",
    cores_per_person: int = 1,
) -> str:
    """Shell commands that make a Slurm reservation for each training, for an admin to read and run.

    Slurm takes times in the zone of whoever calls ``scontrol``; each command says that it is UTC. A
    reservation is called as the Galaxy role is and lasts as long as the window.

    :param users: who may use the reservations: the account under which Galaxy submits, or several with commas.
    :param partition: empty for Slurm's default partition.
    """
    lines = ["# Times are UTC and include the flexible hours. Nothing here has been run."]
    for training in trainings:
        values = {
            "ReservationName": training.role,
            "StartTime": _NOW if training.opens <= now else training.opens.strftime(_SLURM_TIME),
            "EndTime": training.closes.strftime(_SLURM_TIME),
            "Users": users,
            **({"PartitionName": partition} if partition else {}),
            "CoreCnt": str(training.attendance * cores_per_person),
        }
        options = [shlex.quote(f"{name}={value}") for name, value in values.items()]
        lines.append(" ".join(["TZ=UTC", "scontrol", "create", "reservation", *options]))
    return "".join(f"{line}\n" for line in lines)


def htcondor_start(trainings: "Sequence[RunningView]") -> str:
    """Configuration for machines that HTCondor keeps for trainings: they start jobs of those that are running.

    A job says in its attribute ``GalaxyGroup`` which training it is for. The windows are part of the
    expression, so a machine is right between two times at which it reads this.
    """
    conditions = [
        f"(TARGET.GalaxyGroup =?= {classad_string(training.role)}"
        f" && time() >= {_unix_time(training.opens)} && time() < {_unix_time(training.closes)})"
        for training in trainings
    ]
    lines = [
        "# Machines with this in their configuration run jobs of trainings only, each within its window.",
        f"TIAAS_RUNNING = {' || '.join(conditions) or 'False'}",
        "START = ($(START)) && ($(TIAAS_RUNNING))",
    ]
    return "".join(f"{line}\n" for line in lines)


def classad_string(text: str) -> str:
    """A string literal of HTCondor's ClassAds, as it may stand in a configuration file."""
    return f'"{text.translate(_CLASSAD_ESCAPES)}"'


def _unix_time(moment: datetime) -> int:
    return int(moment.replace(tzinfo=timezone.utc).timestamp())
