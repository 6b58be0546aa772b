"""What is running and coming, in the words of batch systems. Nothing here is ever run by us."""

import shlex
from collections.abc import (
    Iterable,
    Sequence,
)
from datetime import (
    datetime,
    timezone,
)
from typing import Protocol

#: Slurm refuses a reservation that starts in the past, so one of a training that runs already starts now.
_NOW = "now"
_SLURM_TIME = "%Y-%m-%dT%H:%M:%S"
_CLASSAD_ESCAPES = str.maketrans(
    # A dollar sign would begin a macro of the configuration file.
    {"\\": "\\\\", '"': '\\"', "$": "$(DOLLAR)", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
)


class Scheduled(Protocol):
    """A training as a scheduler needs to know it. Times are naive UTC, the flexible hours included."""

    @property
    def identifier(self) -> str: ...
    @property
    def role(self) -> str: ...
    @property
    def opens(self) -> datetime: ...
    @property
    def closes(self) -> datetime: ...
    @property
    def attendance(self) -> int: ...


def slurm_reservations(
    trainings: Sequence[Scheduled],
    now: datetime,
    *,
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


def htcondor_start(trainings: Iterable[Scheduled]) -> str:
    """Configuration for machines that HTCondor keeps for trainings: they start jobs of those that are running.

    A job says in its attribute ``GalaxyGroup`` which training it is for. The windows are part of the
    expression, so a machine is right between two times at which it reads this.
    """
    conditions = [
        f"(TARGET.GalaxyGroup =?= {classad_string(training.role)}"
        f" && time() >= {_seconds(training.opens)} && time() < {_seconds(training.closes)})"
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


def _seconds(moment: datetime) -> int:
    return int(moment.replace(tzinfo=timezone.utc).timestamp())
