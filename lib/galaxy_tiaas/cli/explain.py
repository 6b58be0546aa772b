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
    from galaxy.util import now

    from ..config import TiaasConfig
    from ..managers.destinations import DestinationCatalogue
    from ..managers.trainings import TrainingManager
    from ..rules.gateway import (
        decide_for,
        facts_of,
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
        decision = decide_for(host, user_id, facts_of(None, tool_id, user_id is None), rule, now())
        click.echo(f"{rule.id}: {decision.destination or 'nowhere'}, because {decision.reason}.")
