"""``galaxy-tiaas explain``"""

from typing import Optional

import click

from .guarded import guarded


@click.command()
@click.option("--user", "name", required=True, help="Public name or e-mail address; 'anonymous' for nobody.")
@click.option("--tool", "tool_id", default="any_tool", help="Tool id; default: an ordinary tool.")
@click.pass_obj
@guarded
def explain(config_file: Optional[str], name: str, tool_id: str) -> None:
    """Say where a job of a user would go now, and why."""
    from ..config import TiaasConfig
    from ..managers.destinations import DestinationCatalogue
    from ..managers.trainings import TrainingManager
    from ..rules.gateway import (
        decide_for,
        destinations_of,
    )
    from .host import ready_host

    host = ready_host(config_file)
    user_id = None
    if name != "anonymous":
        user_id = host[TrainingManager].users_named([name]).get(name.lower())
        if user_id is None:
            raise click.ClickException(f"There is no Galaxy account called '{name}'.")
    rules = DestinationCatalogue(host.job_config, host[TiaasConfig]).rules()
    if not rules:
        raise click.ClickException(
            "No environment of the job configuration uses `rules_module: galaxy_tiaas.rules`, so trainings do not"
            " change where jobs go."
        )
    for rule in rules:
        parameters = [rule.params.get(parameter) for parameter in ("default", "training", "local")]
        decision = decide_for(host, user_id, tool_id, None, destinations_of(host, *parameters))
        click.echo(f"{rule.id}: {decision.destination or 'nowhere'}, because {decision.reason}.")
