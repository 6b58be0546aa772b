"""Who in a class needs help, for those who teach it."""

from dataclasses import dataclass
from datetime import (
    datetime,
    timedelta,
)

from ..classroom.manager import (
    Answerers,
    ClassroomManager,
)
from ..classroom.service import ClassroomService
from ..core.actor import Actor
from ..core.cache import ResultCache
from ..core.cached_response import CachedResponse
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
from . import help_schema as schema
from .activity_manager import ActivityManager
from .help_manager import HelpManager
from .schema import JobsShown
from .service import StatusService

LONGEST_LIST = 50
LONGEST_QUEUE = 20
#: Nobody is called silent in their first minutes.
GRACE = timedelta(minutes=10)


@dataclass(frozen=True)
class _CachedHelp:
    """What all who teach the class share: what its jobs tell, which is expensive, and its steps."""

    failed: schema.FailedMembers
    waiting: schema.WaitingMembers
    silent: schema.SilentMembers
    steps: list[schema.AskableStep]


class HelpService:
    """Hands and answers are read whenever somebody asks, so that they are seen at once; the rest is shared."""

    def __init__(
        self,
        config: TiaasConfig,
        cohorts: CohortManager,
        memberships: MembershipsService,
        activity: ActivityManager,
        helping: HelpManager,
        classroom: ClassroomManager,
        questions: ClassroomService,
        status: StatusService,
        results: ResultCache,
    ):
        self.config = config
        self.cohorts = cohorts
        self.memberships = memberships
        self.activity = activity
        self.helping = helping
        self.classroom = classroom
        self.questions = questions
        self.status = status
        self.results = results

    def help(
        self, actor: Actor, training: Training, hours: int, now: datetime, shown: JobsShown = JobsShown.ALL
    ) -> CachedResponse[schema.TrainingHelp]:
        """Who needs help, as far as the last ``hours`` (1 to 64) tell.

        :param shown: which jobs; nothing but ``COURSE`` where the instructor wants it so.
        """
        shown = JobsShown.COURSE if training.course_only else shown
        named = self.status.sees_usernames(actor, training)
        # Other steps are a change of the training, and seen at once.
        key = ("help", training.id, training.updated, hours, shown, named)
        cached = self.results.get(key, now, lambda: self._compute(training, hours, now, shown, named))
        live = self.questions.is_live(training, now)
        has_hands, question = self.classroom.hands_and_question(training) if live else (False, None)
        total, hands = self.classroom.hands(training, LONGEST_LIST) if has_hands else (0, [])
        return CachedResponse(
            schema.TrainingHelp(
                identifier=training.identifier,
                hours=hours,
                shown=shown,
                generated=now,
                live=live,
                hands=schema.RaisedHands(
                    total=total,
                    people=[
                        schema.RaisedHand(**one.pseudonym.with_username(one.username, named), raised_at=one.raised_at)
                        for one in hands
                    ],
                ),
                failed=cached.failed,
                waiting=cached.waiting,
                silent=cached.silent,
                question=self._question_view(training, question, named) if question else None,
                steps=cached.steps,
            )
        )

    def _question_view(self, training: Training, question: TrainingQuestion, named: bool) -> schema.AskedQuestion:
        answers = self.classroom.answers(training, question, training.teacher_ids, LONGEST_LIST)
        return schema.AskedQuestion(
            **dict(self.questions.question_view(question)),
            done=_answerers(answers[True], named),
            working=_answerers(answers[False], named),
            none=_answerers(answers[None], named),
        )

    def _compute(self, training: Training, hours: int, now: datetime, shown: JobsShown, named: bool) -> _CachedHelp:
        by_user = {member.user_id: member for member in self.memberships.roster(training, now)}
        course = shown is JobsShown.COURSE
        scope = self.status.last_hours(training, hours, now, shown, by_user)
        failing, failed = self.helping.failing(scope, LONGEST_LIST)
        in_queue, waiting = self.helping.waiting(scope, LONGEST_QUEUE)
        return _CachedHelp(
            failed=schema.FailedMembers(
                total=failing,
                people=[
                    schema.FailedMember(
                        **by_user[one.user_id].fields(named),
                        failures=one.failures,
                        tool_id=one.tool_id,
                        failed_at=one.failed_at,
                    )
                    for one in failed
                    if one.user_id in by_user
                ],
            ),
            waiting=schema.WaitingMembers(
                total=in_queue,
                people=[
                    schema.WaitingMember(
                        **by_user[one.user_id].fields(named),
                        waiting=one.waiting,
                        tool_id=one.tool_id,
                        state=one.state,
                        since=one.since,
                    )
                    for one in waiting
                    if one.user_id in by_user
                ],
            ),
            silent=self._silent(training, now, course, by_user, named),
            steps=[
                schema.AskableStep(position=step.position, label=step.label) for step in self.classroom.steps(training)
            ],
        )

    def _silent(
        self, training: Training, now: datetime, course: bool, by_user: dict[int, Member], named: bool
    ) -> schema.SilentMembers:
        """Those without a job since the opening of the window, or since they joined, if that was later."""
        opens = training.window(self.config.join_flex_hours).opens
        if not self.cohorts.should_be_on(training, now) or now - opens < GRACE:
            return schema.SilentMembers(total=0, people=[])
        scope = self.activity.scope(training, opens, course, by_user)
        total, silent = self.helping.silent(scope, training.teacher_ids, now, GRACE, LONGEST_LIST)
        return schema.SilentMembers(
            total=total,
            people=[
                schema.SilentMember(**by_user[one.user_id].fields(named), since=max(one.joined_at or opens, opens))
                for one in silent
                if one.user_id in by_user
            ],
        )


def _answerers(answerers: Answerers, named: bool) -> schema.Answerers:
    people = [PersonView(**pseudonym.with_username(username, named)) for pseudonym, username in answerers.people]
    return schema.Answerers(total=answerers.total, people=people)
