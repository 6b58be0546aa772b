"""Pages of those who request and teach trainings."""

from collections.abc import (
    Iterable,
    Sequence,
)
from dataclasses import dataclass
from typing import (
    Any,
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
from galaxy.webapps.galaxy.api import depends
from starlette.datastructures import FormData

from ..core.access import ensure_may_manage
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
from ..invitations.schema import (
    InvitationDecision,
    InvitationView,
)
from ..invitations.service import InvitationsService
from ..membership.service import MembershipsService
from ..web import payloads
from ..web.forms import (
    DependsOnForm,
    DependsOnLongForm,
    DependsOnOpenForm,
    long_form,
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
from .contact_service import ContactsService
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
from .visibility import VisibleTrainings

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


@router.page("/tiaas/new/", login=True)
def new(
    page: Page = DependsOnPage,
    service: TrainingsService = depends(TrainingsService),
    visible: VisibleTrainings = depends(VisibleTrainings),
    clone: str = "",
) -> Response:
    """The request form; ``clone`` is an earlier training of the actor's that it is filled in from."""
    earlier = _to_repeat(visible.get(page.actor, clone), page, service) if clone else None
    values = forms.prefilled(page.request.query_params, page.actor, earlier)
    return _new_page(page, values, {}, origin=clone)


@router.action("/tiaas/new/", form=long_form)
def create(
    page: Page = DependsOnPage,
    form: FormData = DependsOnLongForm,
    service: TrainingsService = depends(TrainingsService),
    identifiers: IdentifiersService = depends(IdentifiersService),
) -> Response:
    values = forms.typed(form)
    if lost := _problem_with_session(page, form):
        return _new_page(page, values, lost, 403)
    request = forms.request(values)
    wrong = request if isinstance(request, dict) else {}
    problems: list[payloads.FieldProblem] = []
    if isinstance(request, TrainingCreate):
        try:
            view = service.create(page.actor, request, page.now)
            return page.redirect(f"/tiaas/trainings/{view.identifier}?sent=1")
        except (InvalidValue, IdentifierTaken, TooManyRequests) as problem:
            page.forget_changes()
            if twice := service.already_requested(page.actor, request, page.now):
                return page.redirect(f"/tiaas/trainings/{twice.identifier}?sent=1")
            problems.append(problem)
    problems += service.problems_of_request(page.actor, forms.draft(values, wrong), wrong.keys(), page.now)
    free = _suggestions(problems, page, identifiers, values)
    response = _new_page(page, values, forms.all_errors(wrong, problems), forms.status_of(wrong, problems), free)
    return _retry_later(response, problems)


@router.page("/tiaas/trainings/", login=True)
def mine(
    page: Page = DependsOnPage,
    own: OwnTrainingsService = depends(OwnTrainingsService),
    invitations: InvitationsService = depends(InvitationsService),
    number: int = Query(1, ge=1, le=100_000, alias="page"),
    answered: str = "",
) -> Response:
    return _mine_page(page, own, invitations, number, done=_ANSWERED.get(answered, ""))


@router.action("/tiaas/trainings/", form=open_form)
def go_to_join(
    page: Page = DependsOnPage,
    form: FormData = DependsOnOpenForm,
    visible: VisibleTrainings = depends(VisibleTrainings),
    own: OwnTrainingsService = depends(OwnTrainingsService),
    invitations: InvitationsService = depends(InvitationsService),
) -> Response:
    """The box in which a trainee types an identifier or puts a link."""
    typed = str(form.get("identifier", "")).strip()
    identifier = identifier_in(typed)
    if not typed:
        return page.redirect("/tiaas/trainings/")
    if page.actor.user is None:
        return page.redirect(f"/join-training/{quote(identifier, safe='')}")
    try:
        training = visible.get(page.actor, identifier)
    except TrainingNotFound:
        problem = (
            "There is no training of that name on this server, or it has not been approved yet."
            " Please compare it with what your instructor wrote."
        )
        return _mine_page(page, own, invitations, 1, status_code=404, typed=typed, problem=problem)
    return page.redirect(f"/join-training/{training.identifier}")


@router.page("/tiaas/trainings/{identifier}")
def show(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    service: TrainingsService = depends(TrainingsService),
    memberships: MembershipsService = depends(MembershipsService),
    invitations: InvitationsService = depends(InvitationsService),
    contacts: ContactsService = depends(ContactsService),
    sent: Optional[str] = None,
    saved: Optional[str] = None,
) -> Response:
    done = _SAVED.get(saved or "", "")
    return _training_page(
        page, service, memberships, invitations, training, contacts=contacts, sent=bool(sent), saved=done
    )


@router.page("/tiaas/trainings/{identifier}/slide")
def slide(
    training: Training = MayManage, page: Page = DependsOnPage, service: TrainingsService = depends(TrainingsService)
) -> Response:
    """For the projector: the link, the QR code, and what to do with them."""
    view = service.show(page.actor, training, page.now)
    return page.render("slide", training=view, qr_code=qr_svg(view.join_url))


@router.page("/tiaas/trainings/{identifier}/qr.svg")
def qr_code(
    training: Training = MayManage, page: Page = DependsOnPage, service: TrainingsService = depends(TrainingsService)
) -> Response:
    view = service.show(page.actor, training, page.now)
    headers = {"content-disposition": f'attachment; filename="join-{view.identifier}.svg"'}
    return Response(qr_file(view.join_url), media_type="image/svg+xml", headers=headers)


@router.action("/tiaas/trainings/{identifier}/instructors")
def change_instructors(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
    memberships: MembershipsService = depends(MembershipsService),
    invitations: InvitationsService = depends(InvitationsService),
) -> Response:
    """The small form that invites people by name or address (``instructors``).

    It takes one away by id (``remove``), and an invitation back by what was typed (``uninvite``).
    """
    typed, gone = str(form.get("instructors", "")), form.get("remove") or form.get("uninvite")
    change = payloads.payload(TrainingUpdate, {"instructors": forms.typed(form)["instructors"]})
    errors = change if isinstance(change, dict) else {}
    problems: list[payloads.FieldProblem] = []
    try:
        if gone:
            view = service.remove_instructor(page.actor, training, str(gone), page.now)
        elif isinstance(change, TrainingUpdate):
            view = service.add_instructors(page.actor, training, change.instructors or [], page.now)
    except (InvalidValue, TooManyRequests) as problem:
        page.forget_changes()
        errors = {"instructors": str(problem)}
        problems.append(problem)
    if errors:
        status = forms.status_of(errors, problems)
        response = _training_page(
            page, service, memberships, invitations, training, status, instructors=typed, errors=errors
        )
        return _retry_later(response, problems)
    if view.instructors is None:  # has taken away nobody but the actor
        return page.redirect("/tiaas/trainings/")
    return page.redirect(f"/tiaas/trainings/{view.identifier}?saved=1#instructors")


@router.action("/tiaas/trainings/{identifier}/invitation")
def answer_invitation(
    training: Training = MayAnswer,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    invitations: InvitationsService = depends(InvitationsService),
) -> Response:
    """The two buttons beside an invitation on *My trainings*."""
    decision = payloads.read(InvitationDecision, accept=form.get("answer") == "accept")
    answered = invitations.answer(page.actor, training, decision, page.now)
    if decision.accept:
        return page.redirect(f"/tiaas/trainings/{answered.identifier}?saved=accepted")
    return page.redirect("/tiaas/trainings/?answered=declined")


@router.page("/tiaas/trainings/{identifier}/edit")
def edit(
    training: Training = MayManage, page: Page = DependsOnPage, service: TrainingsService = depends(TrainingsService)
) -> Response:
    view, values = _stored(training, page, service)
    return _edit_page(page, service, view, values, {}, version=view.version)


@permission
def _may_edit(
    lookup: Lookup = DependsOnLookup, page: Page = DependsOnPage, form: FormData = DependsOnLongForm
) -> Optional[Training]:
    """For those who may manage it; nothing for those whose session has ended, who get their form back."""
    return None if _problem_with_session(page, form) else may_manage(lookup)


@router.action("/tiaas/trainings/{identifier}/edit", form=long_form)
def update(
    identifier: str,
    training: Optional[Training] = Depends(_may_edit),
    page: Page = DependsOnPage,
    form: FormData = DependsOnLongForm,
    service: TrainingsService = depends(TrainingsService),
    identifiers: IdentifiersService = depends(IdentifiersService),
) -> Response:
    values = forms.typed(form)
    version = forms.version(form)
    if training is None:
        lost, typed_training = _problem_with_session(page, form), _Typed.of(identifier, values)
        return _edit_page(page, service, typed_training, values, lost, 403, version=version)
    view, stored = _stored(training, page, service)
    differences: forms.Differences = {}
    if version and version != view.version:
        before = service.changed_since(page.actor, training, version)
        values, differences = forms.merged(values, stored, before)
    typed = forms.changed(values, stored)
    change = payloads.payload(TrainingUpdate, {**typed, "version": view.version})
    wrong = change if isinstance(change, dict) else {}
    problems: list[payloads.FieldProblem] = []
    if isinstance(change, TrainingUpdate) and not differences:
        try:
            return _saved_change(page, service.update(page.actor, training, change, page.now), typed)
        except ChangedMeanwhile:
            page.forget_changes()
            return update(identifier, training, page, form, service, identifiers)
        except (InvalidValue, IdentifierTaken, CohortNameTaken, TooManyRequests) as problem:
            page.forget_changes()
            view = service.show(page.actor, training, page.now)
            problems.append(problem)
    problems += service.problems_of_change(page.actor, training, forms.draft(typed, wrong), wrong.keys(), page.now)
    free = _suggestions(problems, page, identifiers, values)
    errors, status = forms.all_errors(wrong, problems), forms.status_of(wrong, problems)
    response = _edit_page(
        page,
        service,
        view,
        {**stored, **typed},
        errors,
        status,
        free,
        version=view.version,
        differences=differences,
    )
    return _retry_later(response, problems)


@router.page("/tiaas/trainings/{identifier}/extend", login=True)
def extend_ask(
    training: Training = MayManage, page: Page = DependsOnPage, service: TrainingsService = depends(TrainingsService)
) -> Response:
    view = service.show(page.actor, training, page.now)
    return page.render("extend_page", training=view, errors={}, end="")


@router.action("/tiaas/trainings/{identifier}/extend")
def extend(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    """Another last day, and nothing else."""
    typed = str(form.get("end", ""))
    view = service.show(page.actor, training, page.now)
    change = payloads.payload(TrainingUpdate, {"end": typed})
    if isinstance(change, TrainingUpdate) and change.end:
        try:
            return _saved_change(page, service.extend(page.actor, training, change.end, page.now), ["end"])
        except InvalidValue as problem:
            page.forget_changes()
            change = payloads.error_of(problem)
        except TooManyRequests as problem:
            page.forget_changes()
            refused = {"errors": {"end": str(problem)}, "end": typed}
            response = page.render("extend_page", status_code=problem.status_code, training=view, **refused)
            return retry_later(response, problem)
    return page.render("extend_page", status_code=422, training=view, errors=change, end=typed)


@router.action("/tiaas/trainings/{identifier}/contact")
def ask_contact(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    contacts: ContactsService = depends(ContactsService),
) -> Response:
    """Send the link to the contact address, or send it again when the last one is not valid any more."""
    address = f"/tiaas/trainings/{training.identifier}?saved=link"
    contacts.ask(page.actor, training, page.now)
    return page.redirect(address)


@router.action("/tiaas/trainings/{identifier}/take-back")
def take_back(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    """What was asked of the admins is asked no more."""
    view = service.take_back(page.actor, training, page.now)
    return page.redirect(f"/tiaas/trainings/{view.identifier}?saved=taken-back")


@router.action("/tiaas/trainings/{identifier}/end")
def end(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    view = service.end(page.actor, training, payloads.read(Note, note=form.get("note", "")), page.now)
    return page.redirect(f"/tiaas/trainings/{view.identifier}?saved=ended")


@router.action("/tiaas/trainings/{identifier}/withdraw")
def withdraw(
    training: Training = MayManage,
    page: Page = DependsOnPage,
    form: FormData = DependsOnForm,
    service: TrainingsService = depends(TrainingsService),
) -> Response:
    change = payloads.read(StateChange, state=TrainingState.CANCELLED, note=form.get("note", ""))
    view = service.set_state(page.actor, training, change, page.now)
    return page.redirect(f"/tiaas/trainings/{view.identifier}?saved=withdrawn")


def _saved_change(page: Page, training: TrainingView, fields: Iterable[str]) -> Response:
    """To the training's page, which says whether something waits for an admin."""
    asked = training.requested_change is not None and not training.requested_change.changes.keys().isdisjoint(fields)
    return page.redirect(f"/tiaas/trainings/{training.identifier}?saved={'asked' if asked else '1'}")


def _new_page(
    page: Page,
    values: payloads.FormValues,
    errors: payloads.FormErrors,
    status_code: int = 200,
    suggestions: Sequence[str] = (),
    *,
    origin: str = "",
) -> Response:
    return page.render(
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


def _training_page(
    page: Page,
    service: TrainingsService,
    memberships: MembershipsService,
    invitations: InvitationsService,
    training: Training,
    status_code: int = 200,
    *,
    contacts: Optional[ContactsService] = None,
    **context: Any,
) -> Response:
    members = memberships.members(page.actor, training)
    view = service.show(page.actor, training, page.now)
    shown = {"sent": False, "saved": "", "instructors": "", "errors": {}, "contact": None, **context}
    if contacts and not view.email_confirmed:
        shown["contact"] = contacts.status(page.actor, training, page.now)
    return page.render(
        "training",
        status_code=status_code,
        training=view,
        members=members,
        people=service.people(page.actor, training),
        invited=invitations.of(page.actor, training, page.now),
        history=service.history(page.actor, training),
        qr_code=qr_svg(view.join_url),
        **shown,
    )


def _edit_page(
    page: Page,
    service: TrainingsService,
    training: Union[TrainingView, _Typed],
    values: payloads.FormValues,
    errors: payloads.FormErrors,
    status_code: int = 200,
    suggestions: Sequence[str] = (),
    *,
    version: Optional[str],
    differences: Optional[forms.Differences] = None,
) -> Response:
    """The form that changes a training of this version; ``differences`` are from what others have saved meanwhile."""
    return page.render(
        "edit",
        status_code=status_code,
        training=training,
        values=values,
        version=version or "",
        differences=differences or {},
        errors=errors,
        suggestions=suggestions,
        destinations=service.destinations.choices() if page.actor.is_admin else [],
        reviewed=frozenset() if page.actor.is_admin or training.state is TrainingState.NEW else REVIEWED_FIELDS,
    )


def _mine_page(
    page: Page,
    own: OwnTrainingsService,
    invitations: InvitationsService,
    number: int,
    *,
    status_code: int = 200,
    typed: str = "",
    problem: str = "",
    done: str = "",
) -> Response:
    nothing: ResultPage[OwnTraining] = ResultPage([], 0, PAGE_SIZE)
    trainings = OwnTrainings(nothing, nothing)
    invited: Sequence[InvitationView] = ()
    if page.actor.user:
        invited = invitations.index(page.actor, page.now)
        trainings = own.show(page.actor, page.now, limit=PAGE_SIZE, offset=(number - 1) * PAGE_SIZE)
    return page.render(
        "mine",
        status_code=status_code,
        trainings=trainings,
        invitations=invited,
        done=done,
        typed=typed,
        problem=problem,
    )


def _suggestions(
    problems: Sequence[payloads.FieldProblem], page: Page, identifiers: IdentifiersService, values: payloads.FormValues
) -> Sequence[str]:
    """What else the training could be called, if its identifier is not free."""
    if not any(isinstance(problem, (IdentifierTaken, CohortNameTaken)) for problem in problems):
        return ()
    text, title = str(values.get("identifier", "")), str(values.get("title", ""))
    return identifiers.check(page.actor, text, page.now, title=title).suggestions


def _to_repeat(training: Training, page: Page, service: TrainingsService) -> payloads.FormValues:
    ensure_may_manage(page.actor, training)
    people = service.people(page.actor, training)
    return forms.repeated(service.show(page.actor, training, page.now), people, page.actor)


def _stored(training: Training, page: Page, service: TrainingsService) -> tuple[TrainingView, payloads.FormValues]:
    people = service.people(page.actor, training)
    view = service.show(page.actor, training, page.now)
    handles = [person.handle for person in people if not person.requester]
    return view, forms.stored(view, [*handles, *(view.invited or [])])


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
