"""Adapter between Galaxy's jobs and :mod:`galaxy_tiaas.routing.decision`, called by :mod:`galaxy_tiaas.rules`.

It runs in Galaxy's job handlers, which have no web application. Whatever goes wrong here, the job goes
to a destination that exists and a line is logged: Galaxy fails a job whose rule raises.
"""

import logging
from collections.abc import (
    Container,
    Mapping,
)
from dataclasses import replace
from datetime import datetime
from typing import (
    Any,
    Optional,
    Union,
)

from galaxy.model.orm.now import now

from ..compat.jobs import (
    copy_of_environment,
    is_dynamic,
    is_gpu_tool,
    is_interactive_tool,
    is_internal_tool,
    JobDestination,
)
from ..core.config import config_of
from ..core.exceptions import describe
from ..core.rate_limited_log import RateLimitedLog
from .decision import (
    decide,
    Decision,
    depends_on_user,
    GPU,
    INTERACTIVE,
    INTERNAL,
    JobFacts,
    last_resort,
    LOCAL,
    Membership,
    Policy,
    TRAINING_PARAMETER,
)
from .manager import (
    memberships_for_job,
    memberships_of,
)

log = logging.getLogger(__name__)
errors = RateLimitedLog(log)

#: What a decision leaves, beside the training, in the parameters of a job's destination.
REASON_PARAMETER = "tiaas_reason"


def destination_of(
    app: Any,
    job_id: Optional[int],
    job: Any,
    user: Any,
    tool: Any,
    tool_id: Optional[str],
    referrer: Optional[JobDestination],
    params: Mapping[str, Optional[str]],
) -> Union[JobDestination, str]:
    """As :func:`galaxy_tiaas.rules.gateway.sorting_hat`; ``params`` are those beside the rule."""
    policy: Optional[Policy] = None
    rule_id = referrer.id if referrer else None
    try:
        policy = policy_of(app, params, rule_id)
        facts = facts_of(tool, tool_id, anonymous=user is None)
        user_id = user.id if user else None
        decision = decide_for(app, user_id, facts, policy, now(), job_id, job.history_id if job else None)
        log.debug("(%s) galaxy-tiaas: %s, because %s", job_id, decision.destination, decision.reason)
        if decision.missing:
            errors.error(
                f"missing {decision.missing}",
                f"({job_id}) galaxy-tiaas: there is no job environment '{decision.missing}' that could be used; the job"
                f" goes to '{decision.destination}'. Run `galaxy-tiaas config check`.",
            )
        return _job_destination(app, decision)
    except Exception as problem:
        _log_problem(f"({job_id}) galaxy-tiaas: this job goes to the default destination", problem)
        return last_resort(policy or _bare_policy(app, params, rule_id))


class _AnyName(Container[str]):
    """TPV's destinations, whose names only TPV knows."""

    def __contains__(self, name: object) -> bool:
        return True


def decision_for_tpv(app: Any, job: Any, tool: Any, user: Any, training: str) -> Optional[Decision]:
    """As :func:`galaxy_tiaas.rules.tpv.training_of`."""
    job_id = None
    try:
        job_id = getattr(job, "id", None)
        policy = replace(policy_of(app, {"training": training}), known=_AnyName())
        facts = facts_of(tool, getattr(tool, "id", None), anonymous=user is None)
        user_id = user.id if user else None
        decision = decide_for(app, user_id, facts, policy, now(), job_id, getattr(job, "history_id", None))
        log.debug("(%s) galaxy-tiaas: %s, because %s", job_id, decision.training or "no training", decision.reason)
        return decision if decision.training else None
    except Exception as problem:
        _log_problem(f"({job_id}) galaxy-tiaas: TPV is not told of a training for this job", problem)
        return None


def _log_problem(consequence: str, problem: Exception) -> None:
    errors.error(type(problem).__name__, f"{consequence}: {describe(problem)}")


def decide_for(
    app: Any,
    user_id: Optional[int],
    facts: JobFacts,
    policy: Policy,
    now: datetime,
    job_id: Optional[int] = None,
    history_id: Optional[int] = None,
) -> Decision:
    """The decision for a job of this user (``None``: not logged in).

    Asks the database once, and only where it depends on the user. With the id of a job that is about to run, an answer
    of the last seconds may do.
    """
    memberships: tuple[Membership, ...] = ()
    if user_id is not None and depends_on_user(facts, policy):
        engine, flex_hours = app.model.engine, config_of(app.config).join_flex_hours
        if job_id is None:
            memberships = memberships_of(engine, user_id, now, flex_hours, history_id).memberships
        else:
            memberships = memberships_for_job(engine, user_id, now, flex_hours, job_id, history_id)
    return decide(facts, memberships, policy, now)


def facts_of(tool: Any, tool_id: Optional[str], anonymous: bool = False) -> JobFacts:
    """What a tool is; without the tool (``None``), what its id says."""
    found = {INTERNAL: is_internal_tool(tool), INTERACTIVE: is_interactive_tool(tool), GPU: is_gpu_tool(tool)}
    kinds = frozenset(kind for kind, is_of_kind in found.items() if is_of_kind)
    version = getattr(tool, "version", None)
    return JobFacts(tool_id, version and str(version), kinds, anonymous)


def policy_of(app: Any, params: Mapping[str, Optional[str]], rule_id: Optional[str] = None) -> Policy:
    """What the admin has set: parameters beside the rule, else settings, else what is obvious.

    :param rule_id: the environment that uses the rule; no job may go there.
    :raises ConfigurationProblem: if the settings cannot be read.
    """
    config = config_of(app.config)
    named = {name: params.get(name) or getattr(config, name) for name in ("default", "training", "local")}
    return replace(_bare_policy(app, named, rule_id), rules=config.routing)


def _bare_policy(app: Any, params: Mapping[str, Optional[str]], rule_id: Optional[str]) -> Policy:
    environments = app.job_config.destinations
    default = params.get("default") or ""
    return Policy(
        default=default,
        training=params.get("training") or default,
        local=params.get("local") or (LOCAL if LOCAL in environments else default),
        known=environments.keys() - {rule_id},
        last_resorts=[name for name, same in environments.items() if not is_dynamic(same[0])],
    )


def _job_destination(app: Any, decision: Decision) -> JobDestination:
    """A copy of the environment, or of one of several with this tag, with the decision in it."""
    destination = copy_of_environment(app.job_config, decision.destination)
    destination.params = {**destination.params, **decision.settings.params}
    destination.params[REASON_PARAMETER] = _in_one_line(decision.reason)
    if decision.training:
        destination.params[TRAINING_PARAMETER] = decision.training
    return destination


def _in_one_line(text: str) -> str:
    """HTCondor gets every parameter as a line of its own, Pulsar replaces what follows a dollar."""
    return " ".join(text.replace("$", "").replace("\\", "/").split())
