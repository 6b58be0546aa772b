"""The forms between an instructor and the class: hands, questions, answers. A script sends them through the API."""

from urllib.parse import urlencode

from fastapi import Response
from starlette.datastructures import FormData

from ..compat.dependencies import depends
from ..core.exceptions import NothingAsked
from ..core.model import Training
from ..web import payloads
from ..web.forms import DependsOnForm
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from ..web.permissions import (
    MayManage,
    MayTakePart,
)
from .schema import (
    Answer,
    HandChange,
    QuestionAsked,
)
from .service import ClassroomService

router = PageRouter()


@router.cbv
class TraineePages:
    training: Training = MayTakePart
    page: Page = DependsOnPage
    form: FormData = DependsOnForm
    service: ClassroomService = depends(ClassroomService)

    @router.action("/join-training/{identifier}/hand")
    def set_hand(self) -> Response:
        change = payloads.read(HandChange, raised=self.form.get("raised"))
        membership = self.service.set_hand(self.page.actor, self.training, change, self.page.now)
        return self.page.redirect(f"/join-training/{membership.identifier}#classroom")

    @router.action("/join-training/{identifier}/answer")
    def answer(self) -> Response:
        """Where something else is asked meanwhile, the page shows that."""
        page = self.page
        given = payloads.read(Answer, done=self.form.get("done"), question=self.form.get("question"))
        try:
            self.service.answer(page.actor, self.training, given, page.now)
        except NothingAsked:
            page.forget_changes()
        membership = self.service.show(page.actor, self.training, page.now)
        return page.redirect(f"/join-training/{membership.identifier}#classroom")


@router.cbv
class InstructorPages:
    training: Training = MayManage
    page: Page = DependsOnPage
    form: FormData = DependsOnForm
    service: ClassroomService = depends(ClassroomService)

    @router.action("/join-training/{identifier}/status/lower")
    def lower_hand(self) -> Response:
        self.service.lower_hand(self.page.actor, self.training, str(self.form.get("pseudonym", "")))
        return self._to_dashboard()

    @router.action("/join-training/{identifier}/status/ask")
    def ask(self) -> Response:
        text, position = self.form.get("text", ""), self.form.get("position") or None
        asked = payloads.read(QuestionAsked, text=text, position=position)
        self.service.ask(self.page.actor, self.training, asked, self.page.now)
        return self._to_dashboard()

    @router.action("/join-training/{identifier}/status/close")
    def close_question(self) -> Response:
        self.service.close_question(self.page.actor, self.training, self.page.now)
        return self._to_dashboard()

    def _to_dashboard(self) -> Response:
        """The dashboard as it was: with the same hours and the same jobs."""
        view = {name: str(self.form[name]) for name in ("hours", "jobs") if name in self.form}
        query = f"?{urlencode(view)}" if view else ""
        return self.page.redirect(f"/join-training/{self.training.identifier}/status{query}#help")
