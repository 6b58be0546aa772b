"""Explains where jobs go. Nothing of it is logged, and only admins may ask."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import (
    Any,
    Optional,
)

from galaxy.security.idencoding import IdEncodingHelper
from galaxy.structured_app import MinimalManagerApp

from ..compat.jobs import (
    environment_of_tool,
    JobConfiguration,
    JobDestination,
)
from ..core.accounts import (
    AccountFinder,
    decoded,
)
from ..core.actor import Actor
from ..core.config import TiaasConfig
from ..core.exceptions import InvalidValue
from ..core.model import Training
from ..trainings.states import TrainingState
from .decision import (
    JobFacts,
    TRAINING_PARAMETER,
)
from .destinations import DestinationCatalogue
from .eligibility import eligibility_of
from .job_rule import (
    decide_for,
    facts_of,
    REASON_PARAMETER,
)
from .placement_manager import (
    Placement,
    PlacementManager,
)
from .schema import (
    ConsideredTraining,
    PlacedJob,
    RoutingExplanation,
    RoutingQuestion,
    RuleAnswer,
)

#: What stands for somebody who is not logged in.
NOBODY = "anonymous"
#: Shorter than any encoded id, which has 16 digits or a multiple of it.
_LONGEST_NUMBER = 15
#: Of somebody who has been in more, the latest.
_MOST_TRAININGS = 50


class RoutingService:
    """Asks the rule as a job handler does, and says what it looked at."""

    def __init__(
        self,
        app: MinimalManagerApp,
        config: TiaasConfig,
        job_config: JobConfiguration,
        accounts: AccountFinder,
        placements: PlacementManager,
        destinations: DestinationCatalogue,
        security: IdEncodingHelper,
    ):
        self.app = app
        self.config = config
        self.job_config = job_config
        self.accounts = accounts
        self.placements = placements
        self.destinations = destinations
        self.security = security

    def explain(self, actor: Actor, question: RoutingQuestion, now: datetime) -> RoutingExplanation:
        """Where a job of somebody would go, or where one went; memberships and decisions are those of today.

        :raises AdminRequiredException: for all but admins.
        :raises InvalidValue: if there is no such account or job.
        """
        actor.ensure_admin()
        if question.job:
            job = self._job(question.job)
            return self._explain(job.user_id, job.tool_id, job.tool_version, job.created, question.kinds, job)
        user_id = self._user_id(question.user)
        return self._explain(user_id, question.tool_id or None, None, question.at or now, question.kinds)

    def _explain(
        self,
        user_id: Optional[int],
        tool_id: Optional[str],
        tool_version: Optional[str],
        at: datetime,
        kinds: frozenset[str],
        job: Optional[Placement] = None,
    ) -> RoutingExplanation:
        toolbox = getattr(self.app, "toolbox", None)
        tool = toolbox.get_tool(tool_id, tool_version=tool_version) if toolbox and tool_id else None
        facts = facts_of(tool, tool_id, anonymous=user_id is None)
        facts = replace(facts, kinds=facts.kinds | kinds)
        environment = self._environment(facts, tool)
        rules = [
            self._answer(rule, user_id, facts, at, environment, job.history_id if job else None)
            for rule in self.destinations.rules()
        ]
        return RoutingExplanation(
            user=None if user_id is None else self.placements.name(user_id),
            tool_id=tool_id,
            tool_known=bool(tool) if toolbox and tool_id else None,
            kinds=sorted(facts.kinds),
            at=at,
            environment=environment,
            rules=rules,
            trainings=self._considered(user_id, at, rules),
            job=self._placed(job) if job else None,
        )

    def _answer(
        self,
        rule: JobDestination,
        user_id: Optional[int],
        facts: JobFacts,
        at: datetime,
        environment: str,
        history_id: Optional[int],
    ) -> RuleAnswer:
        decision = decide_for(self.app, user_id, facts, rule, at, history_id=history_id)
        return RuleAnswer(
            rule=rule.id or "",
            asked=rule.id == environment,
            destination=decision.destination,
            destination_title=self.destinations.title_of(decision.destination),
            reason=decision.reason,
            training=decision.training,
            params=dict(decision.settings.params),
            missing=decision.missing,
        )

    def _environment(self, facts: JobFacts, tool: Any) -> str:
        """The environment that the job configuration names for this tool, which need not use a rule of ours."""
        names = [name.lower() for name in facts.tool_names]
        return environment_of_tool(self.job_config, tool, names)

    def _considered(
        self, user_id: Optional[int], at: datetime, rules: Sequence[RuleAnswer]
    ) -> list[ConsideredTraining]:
        if user_id is None:
            return []
        decided = next((answer.training for answer in rules if answer.asked and answer.training), None)
        found = self.placements.trainings_of(user_id, _MOST_TRAININGS)
        return [self._consider(training, joined, at, decided) for training, joined in found]

    def _consider(self, training: Training, joined: bool, at: datetime, decided: Optional[str]) -> ConsideredTraining:
        window = training.window(self.config.join_flex_hours)
        state = TrainingState(training.state)
        early = training.ended_at is not None
        standing = eligibility_of(training.identifier, state, window, early, joined, at, decided)
        return ConsideredTraining(
            identifier=training.identifier,
            title=training.title,
            state=state,
            phase=window.phase(at),
            opens=window.opens,
            closes=window.closes,
            joined=joined,
            counts=standing.counts,
            why=standing.why,
        )

    def _placed(self, job: Placement) -> PlacedJob:
        training, reason = job.notes.get(TRAINING_PARAMETER), job.notes.get(REASON_PARAMETER)
        return PlacedJob(
            id=self.security.encode_id(job.job_id),
            number=job.job_id,
            state=job.state,
            created=job.created,
            destination=job.destination,
            destination_title=self.destinations.title_of(job.destination),
            training=training,
            reason=reason,
            account=_account(job.destination, training, reason),
        )

    def _user_id(self, text: str) -> Optional[int]:
        if text.lower() in ("", NOBODY):
            return None
        account = self.accounts.get(text)
        if account.deleted:
            raise InvalidValue("user", f"The Galaxy account '{text}' has been deleted.")
        return account.id

    def _job(self, text: str) -> Placement:
        is_number = text.isascii() and text.isdigit() and len(text) <= _LONGEST_NUMBER
        job_id = int(text) if is_number else decoded(self.security, text)
        job = None if job_id is None else self.placements.placement(job_id)
        if job is None:
            raise InvalidValue("job", f"There is no job '{text}' on this server.")
        return job


def _account(destination: Optional[str], training: Optional[str], reason: Optional[str]) -> str:
    if not destination:
        return "Galaxy has not sent it anywhere yet."
    if training:
        return f"It went to '{destination}' and counted for the training '{training}'{_because(reason)}."
    if reason:
        return f"It went to '{destination}' and counted for no training{_because(reason)}."
    return (
        f"It went to '{destination}'. It was not placed by our rule, or by a version of it that did not keep the reason"
        " with the job, so whether it counted for a training is not known."
    )


def _because(reason: Optional[str]) -> str:
    return f", because {reason}" if reason else ""
