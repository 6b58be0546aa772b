"""What instructors set up for the dashboard of their class."""

from datetime import datetime
from typing import (
    Any,
    Optional,
)

from galaxy.exceptions import ItemAccessibilityException
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from galaxy.structured_app import MinimalManagerApp

from ..core.accounts import decoded
from ..core.actor import Actor
from ..core.exceptions import InvalidValue
from ..core.model import Training
from ..trainings.manager import TrainingManager
from .manager import StepManager
from .schema import (
    DashboardUpdate,
    DashboardView,
    StepView,
    WorkflowOption,
)
from .steps import (
    numbered,
    Step,
    steps_of_workflow,
    tool_key,
    UnusableSteps,
)

#: So many workflows can be chosen from; people have thousands.
LONGEST_CHOICE = 200
_SOURCES = ("steps", "workflow_id", "workflow")


class DashboardsService:
    """For instructors and admins."""

    def __init__(
        self,
        app: MinimalManagerApp,
        session: galaxy_scoped_session,
        security: IdEncodingHelper,
        trainings: TrainingManager,
        steps: StepManager,
    ):
        self.app = app
        self.session = session
        self.security = security
        self.trainings = trainings
        self.steps = steps

    def show(self, training: Training) -> DashboardView:
        """What is set up."""
        return DashboardView(
            identifier=training.identifier,
            title=training.title,
            course_only=training.course_only,
            steps=[StepView(**vars(step)) for step in self.steps.of(training)],
        )

    def not_installed(self, dashboard: DashboardView) -> list[str]:
        """Labels of the steps whose tool this Galaxy does not have, so that nobody can complete them.

        Where the tools are not loaded, as in a command, nothing is known of any.
        """
        toolbox: Any = getattr(self.app, "toolbox", None)
        if toolbox is None or not dashboard.steps:
            return []
        installed = {tool_key(tool_id) for tool_id, _ in toolbox.tools()}
        return [step.label for step in dashboard.steps if tool_key(step.tool_id) not in installed]

    def update(self, actor: Actor, training: Training, payload: DashboardUpdate, now: datetime) -> DashboardView:
        """Set up what the payload gives; of a workflow, its tools and labels are kept and nothing else.

        :raises InvalidValue: for more than one source of steps, and for one without usable steps.
        :raises ItemAccessibilityException: for a workflow that the actor may not use.
        """
        steps = self._steps(actor, payload)
        self.trainings.lock(training)
        changes: dict[str, Any] = {}
        if payload.course_only is not None and payload.course_only != training.course_only:
            changes["course_only"] = [training.course_only, payload.course_only]
            training.course_only = payload.course_only
        if steps is not None and steps != (before := self.steps.of(training)):
            changes["steps"] = [_written(before), _written(steps)]
            self.steps.replace(training, steps)
        if changes:
            self.trainings.record(
                training, "dashboard set up", now, user_id=actor.user_id, via=actor.via, changes=changes
            )
        view = self.show(training)
        self.session.commit()
        return view

    def workflows(self, actor: Actor) -> list[WorkflowOption]:
        """The actor's own workflows and those shared with them, the newest 200."""
        if actor.user_id is None:
            return []
        return [
            WorkflowOption(id=self.security.encode_id(stored_id), name=name, own=own)
            for stored_id, name, own in self.steps.workflows(actor.user_id, LONGEST_CHOICE)
        ]

    def _steps(self, actor: Actor, payload: DashboardUpdate) -> Optional[list[Step]]:
        """The steps that the payload gives, if it gives some."""
        sources = [name for name in _SOURCES if getattr(payload, name) is not None]
        if len(sources) > 1:
            raise InvalidValue(sources[1], f"Give the steps in one way only; here are {' and '.join(sources)}.")
        try:
            if payload.workflow is not None:
                return steps_of_workflow(payload.workflow)
            if payload.workflow_id is not None:
                return self.steps.of_workflow(self._workflow(actor, payload.workflow_id))
            if payload.steps is None:
                return None
            return numbered((step.tool_id, step.label) for step in payload.steps) if payload.steps else []
        except UnusableSteps as problem:
            raise InvalidValue(sources[0], str(problem)) from None

    def _workflow(self, actor: Actor, encoded_id: str) -> int:
        """The newest version of a workflow.

        :raises InvalidValue: if this is not an encoded id.
        :raises ItemAccessibilityException: if there is none that the actor may use.
        """
        stored_id = decoded(self.security, encoded_id)
        if stored_id is None:
            raise InvalidValue("workflow_id", "This is not the id of a workflow.")
        found = self.steps.newest_version(stored_id, actor.user_id, see_all=actor.is_admin)
        if found is None:
            raise ItemAccessibilityException("There is no such workflow, or it is not shared with you.")
        return found


def _written(steps: list[Step]) -> list[str]:
    """Steps as a history tells them."""
    return [step.label if step.label == step.tool_id else f"{step.label} ({step.tool_id})" for step in steps]
