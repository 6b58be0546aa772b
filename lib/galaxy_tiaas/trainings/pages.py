"""Pages of those who request and teach trainings."""

from collections.abc import (
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from typing import (
    Optional,
    Union,
)
from urllib.parse import quote

from fastapi import (
    Depends,
    Query,
    Response,
)
from galaxy.exceptions import UserRequiredException
from starlette.datastructures import FormData

from ..compat.dependencies import depends
from ..core.actor import ensure_may_manage
from ..core.exceptions import (
    ChangedMeanwhile,
    CohortNameTaken,
    ForgedRequest,
    IdentifierTaken,
    InvalidValue,
    TooManyRequests,
    TrainingNotFound,
)
from ..core.model import Training
from ..core.result_pages import ResultPage
from ..invitations.service import (
    InvitationDecision,
    InvitationsService,
    InvitationView,
)
from ..membership.service import MembershipsService
from ..web import payloads
from ..web.forms import (
    DependsOnForm,
    DependsOnLongForm,
    DependsOnOpenForm,
    long_form,
    no_form,
    open_form,
)
from ..web.links import (
    qr_file,
    qr_svg,
)
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
    retry_later,
    SecretRoute,
)
from ..web.permissions import (
    DependsOnLookup,
    Lookup,
    may_manage,
    MayAnswer,
    MayManage,
    permission,
)
from . import forms
from .contact_service import (
    ContactQuestion,
    ContactsService,
)
from .identifier_service import IdentifiersService
from .identifiers import (
    identifier_in,
    normalise,
)
from .own_trainings_service import (
    OwnTraining,
    OwnTrainings,
    OwnTrainingsService,
)
from .schema import (
    Note,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from .service import (
    REVIEWED_FIELDS,
    TrainingsService,
)
from .states import TrainingState
from .views import VisibleTrainings

router = PageRouter()

PAGE_SIZE = 25
#: What the page of a training says after a change, by what its address says.
_SAVED = {
    "1": "Saved.",
    "asked": "Sent to the administrators: what waits below changes when one of them agrees. Everything else is saved.",
    "taken-back": "Taken back: nothing waits for the administrators any more.",
    "link": "We have sent the link, unless the address is confirmed already.",
    "ended": "The training has ended.",
    "withdrawn": "The training is withdrawn.",
    "accepted": "You teach this training now.",
}
#: The same of *My trainings*.
_ANSWERED = {"declined": "Declined. Nobody is told."}


@dataclass(frozen=True)
class _Typed:
    """Stands for the training in a form that is shown again to whoever may not know of it, or not any more."""

    identifier: str
    title: str
    state: TrainingState = TrainingState.NEW
    start: str = ""

    @classmethod
    def of(cls, identifier: str, values: payloads.FormValues) -> "_Typed":
        """:raises TrainingNotFound: if no training can have this identifier."""
        normalised = normalise(identifier)
        if normalised is None:
            raise TrainingNotFound(identifier)
        return cls(normalised, str(values.get("title") or normalised))


class _FormPages:
    """The large form, with which trainings are requested and changed."""

    page: Page = DependsOnPage
    service: TrainingsService = depends(TrainingsService)
    identifiers: IdentifiersService = depends(IdentifiersService)

    def suggestions(self, problems: Sequence[payloads.FieldProblem], values: payloads.FormValues) -> Sequence[str]:
        """What else the training could be called, if its identifier is not free."""
        if not any(isinstance(problem, (IdentifierTaken, CohortNameTaken)) for problem in problems):
            return ()
        text, title = str(values.get("identifier", "")), str(values.get("title", ""))
        return self.identifiers.check(self.page.actor, text, self.page.now, title=title).suggestions

    def stored(self, training: Training) -> tuple[TrainingView, payloads.FormValues]:
        people = self.service.people(self.page.actor, training)
        view = self.service.show(self.page.actor, training, self.page.now)
        handles = [person.handle for person in people if not person.requester]
        return view, forms.stored(view, [*handles, *(view.invited or [])])


@router.cbv
class RequestPages(_FormPages):
    visible: VisibleTrainings = depends(VisibleTrainings)

    @router.page("/tiaas/new/", login=True)
    def new(self, clone: str = "") -> Response:
        """The request form; ``clone`` is an earlier training of the actor's that it is filled in from."""
        earlier = self._to_repeat(self.visible.get(self.page.actor, clone)) if clone else None
        values = forms.prefilled(self.page.request.query_params, self.page.actor, earlier)
        return self._form_page(values, {}, origin=clone)

    @router.action("/tiaas/new/", form=long_form)
    def create(self, form: FormData = DependsOnLongForm) -> Response:
        page, values = self.page, forms.typed(form)
        if lost := _problem_with_session(page, form):
            return self._form_page(values, lost, 403)
        request = forms.request(values)
        wrong = request if isinstance(request, dict) else {}
        problems: list[payloads.FieldProblem] = []
        if isinstance(request, TrainingCreate):
            try:
                view = self.service.create(page.actor, request, page.now)
                return page.redirect(f"/tiaas/trainings/{view.identifier}?sent=1")
            except (InvalidValue, IdentifierTaken, TooManyRequests) as problem:
                page.forget_changes()
                if twice := self.service.already_requested(page.actor, request, page.now):
                    return page.redirect(f"/tiaas/trainings/{twice.identifier}?sent=1")
                problems.append(problem)
        problems += self.service.problems_of_request(page.actor, forms.draft(values, wrong), wrong.keys(), page.now)
        free = self.suggestions(problems, values)
        errors, status = forms.all_errors(wrong, problems), forms.status_of(wrong, problems)
        return _retry_later(self._form_page(values, errors, status, free), problems)

    def _to_repeat(self, training: Training) -> payloads.FormValues:
        actor = self.page.actor
        ensure_may_manage(actor, training)
        people = self.service.people(actor, training)
        return forms.repeated(self.service.show(actor, training, self.page.now), people, actor)

    def _form_page(
        self,
        values: payloads.FormValues,
        errors: payloads.FormErrors,
        status_code: int = 200,
        suggestions: Sequence[str] = (),
        *,
        origin: str = "",
    ) -> Response:
        return self.page.render(
            "new",
            status_code=status_code,
            training=None,
            values=values,
            differences={},
            errors=errors,
            suggestions=suggestions,
            origin=origin,
            reviewed=frozenset(),
        )


@permission
def _may_edit(
    lookup: Lookup = DependsOnLookup, page: Page = DependsOnPage, form: FormData = DependsOnLongForm
) -> Optional[Training]:
    """For those who may manage it; nothing for those whose session has ended, who get their form back."""
    return None if _problem_with_session(page, form) else may_manage(lookup)


@router.cbv
class EditPages(_FormPages):
    @router.page("/tiaas/trainings/{identifier}/edit")
    def edit(self, training: Training = MayManage) -> Response:
        view, values = self.stored(training)
        return self._form_page(view, values, {}, version=view.version)

    @router.action("/tiaas/trainings/{identifier}/edit", form=long_form)
    def update(
        self, identifier: str, training: Optional[Training] = Depends(_may_edit), form: FormData = DependsOnLongForm
    ) -> Response:
        page, values, version = self.page, forms.typed(form), forms.version(form)
        if training is None:
            lost, typed_training = _problem_with_session(page, form), _Typed.of(identifier, values)
            return self._form_page(typed_training, values, lost, 403, version=version)
        view, stored = self.stored(training)
        differences: forms.Differences = {}
        if version and version != view.version:
            before = self.service.changed_since(page.actor, training, version)
            values, differences = forms.merged(values, stored, before)
        typed = forms.changed(values, stored)
        change = payloads.payload(TrainingUpdate, {**typed, "version": view.version})
        wrong = change if isinstance(change, dict) else {}
        problems: list[payloads.FieldProblem] = []
        if isinstance(change, TrainingUpdate) and not differences:
            try:
                return _saved_change(page, self.service.update(page.actor, training, change, page.now), typed)
            except ChangedMeanwhile:
                page.forget_changes()
                return self.update(identifier, training, form)
            except (InvalidValue, IdentifierTaken, CohortNameTaken, TooManyRequests) as problem:
                page.forget_changes()
                view = self.service.show(page.actor, training, page.now)
                problems.append(problem)
        draft = forms.draft(typed, wrong)
        problems += self.service.problems_of_change(page.actor, training, draft, wrong.keys(), page.now)
        response = self._form_page(
            view,
            {**stored, **typed},
            forms.all_errors(wrong, problems),
            forms.status_of(wrong, problems),
            self.suggestions(problems, values),
            version=view.version,
            differences=differences,
        )
        return _retry_later(response, problems)

    def _form_page(
        self,
        training: Union[TrainingView, _Typed],
        values: payloads.FormValues,
        errors: payloads.FormErrors,
        status_code: int = 200,
        suggestions: Sequence[str] = (),
        *,
        version: Optional[str],
        differences: Optional[forms.Differences] = None,
    ) -> Response:
        """The training of this version in the form; ``differences`` are from what others have saved meanwhile."""
        is_admin = self.page.actor.is_admin
        return self.page.render(
            "edit",
            status_code=status_code,
            training=training,
            values=values,
            version=version or "",
            differences=differences or {},
            errors=errors,
            suggestions=suggestions,
            destinations=self.service.destinations.choices() if is_admin else [],
            reviewed=frozenset() if is_admin or training.state is TrainingState.NEW else REVIEWED_FIELDS,
        )


@router.cbv
class OwnTrainingsPages:
    page: Page = DependsOnPage
    own: OwnTrainingsService = depends(OwnTrainingsService)
    invitations: InvitationsService = depends(InvitationsService)

    @router.page("/tiaas/trainings/", login=True)
    def mine(self, number: int = Query(1, ge=1, le=100_000, alias="page"), answered: str = "") -> Response:
        return self._page(number, done=_ANSWERED.get(answered, ""))

    @router.action("/tiaas/trainings/", form=open_form)
    def go_to_join(
        self, form: FormData = DependsOnOpenForm, visible: VisibleTrainings = depends(VisibleTrainings)
    ) -> Response:
        """The box in which a trainee types an identifier or puts a link."""
        typed = str(form.get("identifier", "")).strip()
        identifier = identifier_in(typed)
        if not typed:
            return self.page.redirect("/tiaas/trainings/")
        if self.page.actor.user is None:
            return self.page.redirect(f"/join-training/{quote(identifier, safe='')}")
        try:
            training = visible.get(self.page.actor, identifier)
        except TrainingNotFound:
            problem = (
                "There is no training of that name on this server, or it has not been approved yet."
                " Please compare it with what your instructor wrote."
            )
            return self._page(1, status_code=404, typed=typed, problem=problem)
        return self.page.redirect(f"/join-training/{training.identifier}")

    @router.action("/tiaas/trainings/{identifier}/invitation")
    def answer_invitation(self, training: Training = MayAnswer, form: FormData = DependsOnForm) -> Response:
        """The two buttons beside an invitation."""
        decision = payloads.read(InvitationDecision, accept=form.get("answer") == "accept")
        answered = self.invitations.answer(self.page.actor, training, decision, self.page.now)
        if decision.accept:
            return self.page.redirect(f"/tiaas/trainings/{answered.identifier}?saved=accepted")
        return self.page.redirect("/tiaas/trainings/?answered=declined")

    def _page(
        self, number: int, *, status_code: int = 200, typed: str = "", problem: str = "", done: str = ""
    ) -> Response:
        page = self.page
        nothing: ResultPage[OwnTraining] = ResultPage([], 0, PAGE_SIZE)
        trainings = OwnTrainings(nothing, nothing)
        invited: Sequence[InvitationView] = ()
        if page.actor.user:
            invited = self.invitations.index(page.actor, page.now)
            trainings = self.own.show(page.actor, page.now, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
        return page.render(
            "mine",
            status_code=status_code,
            trainings=trainings,
            invitations=invited,
            done=done,
            typed=typed,
            problem=problem,
        )


@router.cbv
class TrainingPages:
    """What instructors see of a training, and do with it."""

    training: Training = MayManage
    page: Page = DependsOnPage
    service: TrainingsService = depends(TrainingsService)
    memberships: MembershipsService = depends(MembershipsService)
    invitations: InvitationsService = depends(InvitationsService)
    contacts: ContactsService = depends(ContactsService)

    @router.page("/tiaas/trainings/{identifier}")
    def show(self, sent: Optional[str] = None, saved: Optional[str] = None) -> Response:
        return self._page(sent=bool(sent), saved=_SAVED.get(saved or "", ""))

    @router.action("/tiaas/trainings/{identifier}/instructors")
    def change_instructors(self, form: FormData = DependsOnForm) -> Response:
        """The small form that invites people by name or address (``instructors``).

        It takes one away by id (``remove``), and an invitation back by what was typed (``uninvite``).
        """
        page, training = self.page, self.training
        typed, gone = str(form.get("instructors", "")), form.get("remove") or form.get("uninvite")
        change = payloads.payload(TrainingUpdate, {"instructors": forms.typed(form)["instructors"]})
        errors = change if isinstance(change, dict) else {}
        problems: list[payloads.FieldProblem] = []
        try:
            if gone:
                view = self.service.remove_instructor(page.actor, training, str(gone), page.now)
            elif isinstance(change, TrainingUpdate):
                view = self.service.add_instructors(page.actor, training, change.instructors or [], page.now)
        except (InvalidValue, TooManyRequests) as problem:
            page.forget_changes()
            errors = {"instructors": str(problem)}
            problems.append(problem)
        if errors:
            response = self._page(forms.status_of(errors, problems), instructors=typed, errors=errors)
            return _retry_later(response, problems)
        if view.instructors is None:  # has taken away nobody but the actor
            return page.redirect("/tiaas/trainings/")
        return page.redirect(f"/tiaas/trainings/{view.identifier}?saved=1#instructors")

    @router.page("/tiaas/trainings/{identifier}/slide")
    def slide(self) -> Response:
        """For the projector: the link, the QR code, and what to do with them."""
        view = self._view()
        return self.page.render("slide", training=view, qr_code=qr_svg(view.join_url))

    @router.page("/tiaas/trainings/{identifier}/qr.svg")
    def qr_code(self) -> Response:
        view = self._view()
        headers = {"content-disposition": f'attachment; filename="join-{view.identifier}.svg"'}
        return Response(qr_file(view.join_url), media_type="image/svg+xml", headers=headers)

    @router.page("/tiaas/trainings/{identifier}/extend", login=True)
    def extend_ask(self) -> Response:
        return self.page.render("extend_page", training=self._view(), errors={}, end="")

    @router.action("/tiaas/trainings/{identifier}/extend")
    def extend(self, form: FormData = DependsOnForm) -> Response:
        """Another last day, and nothing else."""
        page, typed, view = self.page, str(form.get("end", "")), self._view()
        change = payloads.payload(TrainingUpdate, {"end": typed})
        if isinstance(change, TrainingUpdate) and change.end:
            try:
                extended = self.service.extend(page.actor, self.training, change.end, page.now)
                return _saved_change(page, extended, ["end"])
            except InvalidValue as problem:
                page.forget_changes()
                change = payloads.error_of(problem)
            except TooManyRequests as problem:
                page.forget_changes()
                refused = {"errors": {"end": str(problem)}, "end": typed}
                response = page.render("extend_page", status_code=problem.status_code, training=view, **refused)
                return retry_later(response, problem)
        return page.render("extend_page", status_code=422, training=view, errors=change, end=typed)

    @router.action("/tiaas/trainings/{identifier}/take-back")
    def take_back(self) -> Response:
        """What was asked of the admins is asked no more."""
        return self._saved(self.service.take_back(self.page.actor, self.training, self.page.now), "taken-back")

    @router.action("/tiaas/trainings/{identifier}/end")
    def end(self, form: FormData = DependsOnForm) -> Response:
        note = payloads.read(Note, note=form.get("note", ""))
        return self._saved(self.service.end(self.page.actor, self.training, note, self.page.now), "ended")

    @router.action("/tiaas/trainings/{identifier}/withdraw")
    def withdraw(self, form: FormData = DependsOnForm) -> Response:
        change = payloads.read(StateChange, state=TrainingState.CANCELLED, note=form.get("note", ""))
        return self._saved(self.service.set_state(self.page.actor, self.training, change, self.page.now), "withdrawn")

    @router.action("/tiaas/trainings/{identifier}/contact")
    def ask_contact(self) -> Response:
        """Send the link to the contact address, or send it again when the last one is not valid any more."""
        address = f"/tiaas/trainings/{self.training.identifier}?saved=link"
        self.contacts.ask(self.page.actor, self.training, self.page.now)
        return self.page.redirect(address)

    def _view(self) -> TrainingView:
        return self.service.show(self.page.actor, self.training, self.page.now)

    def _saved(self, view: TrainingView, done: str) -> Response:
        return self.page.redirect(f"/tiaas/trainings/{view.identifier}?saved={done}")

    def _page(
        self,
        status_code: int = 200,
        *,
        sent: bool = False,
        saved: str = "",
        instructors: str = "",
        errors: Optional[payloads.FormErrors] = None,
    ) -> Response:
        actor, now = self.page.actor, self.page.now
        members = self.memberships.members(actor, self.training)
        view = self.service.show(actor, self.training, now)
        return self.page.render(
            "training",
            status_code=status_code,
            training=view,
            members=members,
            people=self.service.people(actor, self.training),
            invited=self.invitations.of(actor, self.training, now),
            history=self.service.history(actor, self.training),
            qr_code=qr_svg(view.join_url),
            contact=None if errors or view.email_confirmed else self.contacts.status(actor, self.training, now),
            sent=sent,
            saved=saved,
            instructors=instructors,
            errors=errors or {},
        )


# What a contact address is asked by mail. Whoever follows the link reads the mails of that address.


@router.page("/tiaas/contact/{token}", route_class=SecretRoute)
def ask(token: str, page: Page = DependsOnPage, contacts: ContactsService = depends(ContactsService)) -> Response:
    """Looking confirms nothing: programs that check mails follow links, too."""
    return _contact_page(page, token, contacts.question(token, page.now))


@router.action("/tiaas/contact/{token}", form=no_form)
def confirm(token: str, page: Page = DependsOnPage, contacts: ContactsService = depends(ContactsService)) -> Response:
    """No other page knows the token of the address."""
    return _contact_page(page, token, contacts.confirm(token, page.now))


def _contact_page(page: Page, token: str, question: ContactQuestion) -> Response:
    response = page.render("contact", question=question, address_token=token)
    # The address of this page is a secret.
    response.headers["referrer-policy"] = "no-referrer"
    response.headers["cache-control"] = "private, no-store"
    return response


def _saved_change(page: Page, training: TrainingView, fields: Iterable[str]) -> Response:
    """To the training's page, which says whether something waits for an admin."""
    asked = training.requested_change is not None and not training.requested_change.changes.keys().isdisjoint(fields)
    return page.redirect(f"/tiaas/trainings/{training.identifier}?saved={'asked' if asked else '1'}")


def _retry_later(response: Response, problems: Iterable[payloads.FieldProblem]) -> Response:
    """The response, which says when the form can be taken if that is all that is wrong."""
    for problem in problems:
        retry_later(response, problem)
    return response


def _problem_with_session(page: Page, form: FormData) -> payloads.FormErrors:
    """Why a long form cannot be taken although it may be right: the login has ended meanwhile, or is another one.

    The form is then shown again, as it was filled in, with the token of the present session.
    """
    try:
        page.actor.ensure_user()
        page.ensure_own_form(form)
    except UserRequiredException:
        return {"": "You are not logged in any more."}
    except ForgedRequest:
        return {"": "You have logged in since this form was opened. Please look at it and send it again."}
    return {}
