"""Who in a class needs help, for those who teach it."""

from collections.abc import (
    Iterator,
    Sequence,
)
from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

from sqlalchemy import RowMapping

from ..classroom.manager import ClassroomManager
from ..classroom.service import ClassroomService
from ..compat.tools import ToolNames
from ..core.actor import Actor
from ..core.cache import (
    CachedResponse,
    ResultCache,
)
from ..core.config import TiaasConfig
from ..core.model import (
    Training,
    TrainingQuestion,
)
from ..membership.manager import (
    CohortManager,
    Member,
)
from ..membership.schema import PersonView
from ..membership.service import MembershipsService
from . import (
    needs,
    schema,
)
from .activity_manager import ActivityManager
from .execution_manager import ExecutionManager
from .manager import StepManager
from .schema import JobsShown
from .service import (
    Audience,
    StatusService,
)

LONGEST_LIST = 50
LONGEST_QUEUE = 20
#: Nobody is called silent in their first minutes.
GRACE = timedelta(minutes=10)


@dataclass
class HelpService:
    """Hands and answers are read whenever somebody asks, so that they are seen at once; the rest is shared."""

    config: TiaasConfig
    cohorts: CohortManager
    memberships: MembershipsService
    activity: ActivityManager
    executions: ExecutionManager
    steps: StepManager
    tools: ToolNames
    classroom: ClassroomManager
    questions: ClassroomService
    status: StatusService
    results: ResultCache

    def help(
        self, actor: Actor, training: Training, hours: int, now: datetime, shown: JobsShown = JobsShown.ALL
    ) -> CachedResponse[schema.TrainingHelp]:
        """Who needs help, as far as the last ``hours`` (1 to 64) tell."""
        audience = self.status.audience(actor, training, shown)
        # Other steps are a change of the training, and seen at once.
        key = ("help", training.id, training.updated, hours, audience)
        cached = self.results.get(key, now, lambda: self._compute(training, hours, now, audience))
        live = self.questions.is_live(training, now)
        has_hands, question = self.classroom.hands_and_question(training) if live else (False, None)
        hands = self.classroom.hands(training, LONGEST_LIST, named=audience.named) if has_hands else []
        return CachedResponse(
            schema.TrainingHelp(
                identifier=training.identifier,
                hours=hours,
                shown=audience.shown,
                generated=now,
                live=live,
                hands=schema.RaisedHands(total=_total(hands), people=[schema.RaisedHand(**hand) for hand in hands]),
                question=self._question_view(training, question, audience.named) if question else None,
                **cached,
            )
        )

    def _question_view(self, training: Training, question: TrainingQuestion, named: bool) -> schema.AskedQuestion:
        answers = self.classroom.answers(training, question, training.teacher_ids, LONGEST_LIST, named=named)
        return schema.AskedQuestion(
            **dict(self.questions.question_view(question)),
            done=_answerers(answers, True),
            working=_answerers(answers, False),
            none=_answerers(answers, None),
        )

    def _compute(self, training: Training, hours: int, now: datetime, audience: Audience) -> dict[str, Any]:
        """What all who teach the class share: what its jobs tell, which is expensive, and its steps."""
        members = self.memberships.by_name(training, now)
        by_user = {member.user_id: member for member in members}
        scope = self.status.last_hours(training, hours, now, audience.shown, by_user)
        jobs = self.activity.class_jobs(scope, now)
        failed, waiting = needs.failing(jobs, self.executions.of(scope, now)), needs.waiting(jobs)
        blocked = self.memberships.not_activated(members)
        return {
            "failed": schema.FailedMembers(
                total=len(failed),
                people=[
                    schema.FailedMember(**fields) for fields in self._fields(failed[:LONGEST_LIST], by_user, audience)
                ],
            ),
            "waiting": schema.WaitingMembers(
                total=len(waiting),
                people=[
                    schema.WaitingMember(**fields)
                    for fields in self._fields(waiting[:LONGEST_QUEUE], by_user, audience)
                ],
            ),
            "silent": self._silent(training, now, members, audience),
            "not_activated": schema.BlockedMembers(
                total=len(blocked),
                people=[PersonView(**member.fields(audience.named)) for member in blocked[:LONGEST_LIST]],
            ),
            "steps": [schema.AskableStep(position=step.position, label=step.label) for step in self.steps.of(training)],
        }

    def _fields(self, rows: needs.Rows, by_user: dict[int, Member], audience: Audience) -> Iterator[dict[str, Any]]:
        """With the fields that tell who each of these people is, and what the tool is called."""
        for row in rows:
            person = by_user[row["user_id"]].fields(audience.named)
            yield {**row, **person, "tool_name": self.tools.name(row["tool_id"])}

    def _silent(
        self, training: Training, now: datetime, members: Sequence[Member], audience: Audience
    ) -> schema.SilentMembers:
        """Those without a job since the opening of the window, or since they joined, if that was later.

        Who cannot run any is not among them.
        """
        opens = training.window(self.config.join_flex_hours).opens
        if not self.cohorts.should_be_on(training, now) or now - opens < GRACE:
            return schema.SilentMembers(total=0, people=[])
        member_ids = [member.user_id for member in members]
        scope = self.activity.scope(training, opens, audience.shown is JobsShown.COURSE, member_ids)
        jobs = self.activity.class_jobs(scope, now)
        excused = [*training.teacher_ids, *(member.user_id for member in self.memberships.not_activated(members))]
        silent = needs.silent(jobs, members, excused, opens, now - GRACE)
        return schema.SilentMembers(
            total=len(silent),
            people=[
                schema.SilentMember(**member.fields(audience.named), since=max(member.joined_at or opens, opens))
                for member in silent[:LONGEST_LIST]
            ],
        )


def _answerers(answers: Sequence[RowMapping], done: Optional[bool]) -> schema.Answerers:
    alike = [answer for answer in answers if answer["done"] is done]
    return schema.Answerers(total=_total(alike), people=[PersonView(**answer) for answer in alike])


def _total(rows: Sequence[RowMapping]) -> int:
    """How many there are besides those that were read, as the database counted them with each row."""
    return rows[0]["total"] if rows else 0
