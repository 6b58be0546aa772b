"""``galaxy-tiaas explain``"""

from collections.abc import Iterator
from typing import (
    Optional,
    TYPE_CHECKING,
)

import click

from .decorators import handle_errors

if TYPE_CHECKING:
    from ..routing.schema import (
        ConsideredTraining,
        RoutingExplanation,
    )

_KINDS = ("internal", "interactive", "gpu")


@click.command()
@click.option("--user", default="", help="Public name, e-mail address or encoded id; 'anonymous' for nobody.")
@click.option("--tool", "tool_id", default="", help="Tool id; default: an ordinary tool.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="What the tool is; none are loaded.")
@click.option("--at", metavar="TIME", help="When, as in '2027-03-31 14:00' (UTC) or with an offset; default: now.")
@click.option("--job", default="", help="Instead of a user: a job that exists, by its number or encoded id.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON as the API gives it.")
@click.pass_obj
@handle_errors
def explain(
    config_file: Optional[str],
    user: str,
    tool_id: str,
    kinds: tuple[str, ...],
    at: Optional[str],
    job: str,
    as_json: bool,
) -> None:
    """Say where a job of a user would go and why, or where a job went.

    Memberships, decisions and settings are always the current ones, whatever TIME is.
    """
    from ..routing.schema import RoutingQuestion
    from ..routing.service import RoutingService
    from .application import ready_application

    if bool(user) == bool(job):
        raise click.UsageError("Name either a user with --user or a job with --job.")
    question = RoutingQuestion(user=user, tool_id=tool_id, at=at, job=job, kinds=frozenset(kinds))
    app = ready_application(config_file)
    explanation = app[RoutingService].explain(app.actor, question, app.now())
    if as_json:
        click.echo(explanation.model_dump_json(indent=2))
        return
    if not explanation.rules and not explanation.job:
        raise click.ClickException(
            "No environment of the job configuration uses `rules_module: galaxy_tiaas.rules`, so trainings do not"
            " change where jobs go."
        )
    for line in _lines(explanation):
        click.echo(line)


def _lines(explanation: "RoutingExplanation") -> Iterator[str]:
    indent = ""
    if explanation.job:
        job = explanation.job
        yield f"Job {job.number} ({explanation.tool_id}, {explanation.user or 'not logged in'}, {job.state}):"
        yield f"  {job.account}"
        yield f"For a job like it at {explanation.at:%Y-%m-%d %H:%M} UTC, as things are today:"
        indent = "  "
    for answer in explanation.rules:
        yield f"{indent}{answer.rule}: {answer.destination or 'nowhere'}, because {answer.reason}."
        for name, value in answer.params.items():
            yield f"{indent}  {name}: {value}"
    if explanation.environment not in {answer.rule for answer in explanation.rules}:
        yield (
            f"{indent}But the job configuration sends {explanation.tool_id or 'jobs'} to '{explanation.environment}'"
            " and asks no rule of ours."
        )
    if explanation.trainings:
        yield f"{indent}Trainings:"
        yield from (f"{indent}  {_line_of(training)}" for training in explanation.trainings)


def _line_of(training: "ConsideredTraining") -> str:
    verdict = "counts" if training.counts else "does not count"
    window = f"{training.opens:%Y-%m-%d %H:%M} to {training.closes:%Y-%m-%d %H:%M} UTC"
    return f"{training.identifier}: {verdict}, {training.why} ({window})"
