"""``galaxy-tiaas running``"""

from typing import Optional

import click

from .error_handler import handle_errors

_FORMATS = ("json", "yaml", "slurm", "htcondor")


@click.command()
@click.option("--format", "form", type=click.Choice(_FORMATS), default="json", show_default=True)
@click.option("--slurm-users", default="galaxy", show_default=True, help="Slurm: who may use the reservations.")
@click.option("--slurm-partition", default="", help="Slurm: the partition; default: the cluster's.")
@click.option(
    "--cores-per-person", type=click.IntRange(1), default=1, show_default=True, help="Slurm: cores to reserve."
)
@click.pass_obj
@handle_errors
def running(
    config_file: Optional[str], form: str, slurm_users: str, slurm_partition: str, cores_per_person: int
) -> None:
    """Print the trainings that run now or next, for schedulers and autoscalers.

    json and yaml are what GET /api/tiaas/running returns; slurm prints commands that create reservations, for you to
    run; htcondor prints configuration for machines that are kept for trainings.
    """
    import yaml
    from galaxy.model.orm.now import now

    from ..core.actor import SERVER
    from ..reporting.running_service import RunningService
    from ..routing import schedulers
    from .application import ready_application

    moment = now()
    trainings = ready_application(config_file)[RunningService].running(SERVER, moment).value
    if form == "json":
        text = trainings.model_dump_json(indent=2) + "\n"
    elif form == "yaml":
        text = yaml.safe_dump(trainings.model_dump(mode="json"), sort_keys=False, allow_unicode=True)
    elif form == "slurm":
        text = schedulers.slurm_reservations(
            trainings.root,
            moment,
            users=slurm_users,
            partition=slurm_partition,
            cores_per_person=cores_per_person,
        )
    else:
        text = schedulers.htcondor_start(trainings.root)
    click.echo(text, nl=False)
