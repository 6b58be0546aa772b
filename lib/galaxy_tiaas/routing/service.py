"""Explains where jobs go. Nothing of it is logged, and only admins may ask."""

from collections.abc import Sequence
from dataclasses import (
    dataclass,
    replace,
)
from datetime import datetime
from typing import Optional

from galaxy.security.idencoding import IdEncodingHelper
from galaxy.structured_app import MinimalManagerApp

from ..compat.jobs import (
    environment_of_tool,
    JobConfiguration,
    JobDestination,
)
from ..compat.tools import ToolNames
from ..core.accounts import (
    AccountManager,
    decoded,
)
from ..core.actor import Actor
from ..core.config import TiaasConfig
from ..core.exceptions import InvalidValue
from ..core.model import Training
from ..trainings.states import (
    TrainingPhase,
    TrainingState,
)
from .decision import (
    Decision,
    TRAINING_PARAMETER,
)
from .destinations import DestinationCatalogue
from .job_rule import (
    decide_for,
    facts_of,
    policy_of,
    REASON_PARAMETER,
)
from .manager import (
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
_UNDECIDED = {
    TrainingState.NEW.value: "it has not been approved",
    TrainingState.REJECTED.value: "it was rejected",
    TrainingState.CANCELLED.value: "it was cancelled",
}


@dataclass
class RoutingService:
    """Asks the rule as a job handler does, and says what it looked at."""

    app: MinimalManagerApp
    config: TiaasConfig
    job_config: JobConfiguration
    accounts: AccountManager
    placements: PlacementManager
    destinations: DestinationCatalogue
    security: IdEncodingHelper
    tools: ToolNames

    def explain(self, actor: Actor, question: RoutingQuestion, now: datetime) -> RoutingExplanation:
        """Where a job of somebody would go, or where one went; memberships and decisions are those of today.

        :raises AdminRequiredException: for all but admins.
        :raises InvalidValue: if there is no such account or job.
        """
        actor.ensure_admin()
        job = self._job(question.job) if question.job else None
        if job:
            user_id, tool_id, tool_version, at = job.user_id, job.tool_id, job.tool_version, job.created
        else:
            user_id, tool_id, tool_version = self._user_id(question.user), question.tool_id or None, None
            at = question.at or now
        toolbox = getattr(self.app, "toolbox", None)
        tool = toolbox.get_tool(tool_id, tool_version=tool_version) if toolbox and tool_id else None
        facts = facts_of(tool, tool_id, anonymous=user_id is None)
        facts = replace(facts, kinds=facts.kinds | question.kinds)
        # What the job configuration names for this tool need not be a rule of ours.
        environment = environment_of_tool(self.job_config, tool, [name.lower() for name in facts.tool_names])
        rules = []
        for rule in self.destinations.rules():
            policy = policy_of(self.app, rule.params, rule.id)
            decision = decide_for(self.app, user_id, facts, policy, at, history_id=job.history_id if job else None)
            rules.append(self._answer(rule, decision, asked=rule.id == environment))
        return RoutingExplanation(
            user=None if user_id is None else self.placements.name(user_id),
            tool_id=tool_id,
            tool_name=self.tools.name(tool_id),
            tool_known=bool(tool) if toolbox and tool_id else None,
            kinds=sorted(facts.kinds),
            at=at,
            environment=environment,
            rules=rules,
            trainings=[] if user_id is None else self._considered(user_id, at, rules),
            job=self._placed(job) if job else None,
        )

    def _answer(self, rule: JobDestination, decision: Decision, *, asked: bool) -> RuleAnswer:
        return RuleAnswer(
            rule=rule.id or "",
            asked=asked,
            destination=decision.destination,
            destination_title=self.destinations.title_of(decision.destination),
            reason=decision.reason,
            training=decision.training,
            params=dict(decision.settings.params),
            missing=decision.missing,
        )

    def _considered(self, user_id: int, at: datetime, rules: Sequence[RuleAnswer]) -> list[ConsideredTraining]:
        decided = next((answer.training for answer in rules if answer.asked and answer.training), None)
        considered = []
        for training, joined in self.placements.trainings_of(user_id, _MOST_TRAININGS):
            window = training.window(self.config.join_flex_hours)
            counts, why = eligibility(training, window.phase(at), joined, decided)
            considered.append(
                ConsideredTraining(
                    identifier=training.identifier,
                    title=training.title,
                    state=TrainingState(training.state),
                    phase=window.phase(at),
                    opens=window.opens,
                    closes=window.closes,
                    joined=joined,
                    counts=counts,
                    why=why,
                )
            )
        return considered

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


def eligibility(training: Training, phase: TrainingPhase, joined: bool, decided: Optional[str]) -> tuple[bool, str]:
    """Whether jobs of somebody go where a training says, and why they do or do not.

    :param joined: false of those who teach it and are no members.
    :param decided: the training that the rule has decided for, if any.
    """
    if not joined:
        return False, "teaches it, but has not joined it"
    if undecided := _UNDECIDED.get(training.state):
        return False, undecided
    if phase is TrainingPhase.UPCOMING:
        return False, "its window is not open yet"
    if phase is TrainingPhase.FINISHED:
        return False, "it is over" if training.ended_at is None else "it was ended early"
    if decided == training.identifier:
        return True, "it is running"
    if decided:
        return False, f"it is running, but so is '{decided}', which comes first"
    return False, "it is running, but this job does not depend on trainings"


def _account(destination: Optional[str], training: Optional[str], reason: Optional[str]) -> str:
    because = f", because {reason}" if reason else ""
    if not destination:
        return "Galaxy has not sent it anywhere yet."
    if training:
        return f"It went to '{destination}' and counted for the training '{training}'{because}."
    if reason:
        return f"It went to '{destination}' and counted for no training{because}."
    return (
        f"It went to '{destination}'. It was not placed by our rule, or by a version of it that did not keep the reason"
        " with the job, so whether it counted for a training is not known."
    )
