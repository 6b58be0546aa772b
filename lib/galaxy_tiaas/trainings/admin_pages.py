"""Pages of the admins: what needs them, and one request at a time."""

from collections.abc import (
    Callable,
    Mapping,
    Sequence,
)
from dataclasses import dataclass
from typing import (
    Annotated,
    Optional,
    TypeVar,
    Union,
)
from urllib.parse import urlencode

from fastapi import (
    Depends,
    Query,
    Response,
)
from fastapi.responses import RedirectResponse
from galaxy.exceptions import MessageException
from starlette.datastructures import FormData

from ..compat.dependencies import depends
from ..core.fields import Words
from ..core.model import Training
from ..invitations.service import InvitationsService
from ..membership.service import MembershipsService
from ..routing.destinations import DestinationCatalogue
from ..web import payloads
from ..web.forms import DependsOnForm
from ..web.pages import (
    DependsOnPage,
    Page,
    PageRouter,
)
from ..web.permissions import MayDecide
from . import forms
from .capacity_chart import (
    capacity_chart_of,
    CapacityChart,
    common_top,
)
from .contact_service import ContactsService
from .manager import (
    PromisedSeats,
    SORT_COLUMNS,
    TrainingQuery,
)
from .review_service import (
    as_requested,
    Beside,
    DayLoad,
    ReviewsService,
)
from .schema import (
    ChangeDecision,
    Note,
    StateChange,
    TrainingUpdate,
    TrainingView,
)
from .service import TrainingsService
from .states import (
    TrainingPhase,
    TrainingState,
    TRANSITIONS,
)

router = PageRouter()

PAGE_SIZE = 25
#: Days before and after a training of which the strips show the load, in the list and on its own page.
AROUND, FAR_AROUND = 2, 7
E = TypeVar("E", TrainingState, TrainingPhase)


@dataclass(frozen=True)
class Seats:
    """What a training takes up, as it is or as its instructor wishes it to be, and what is promised beside it."""

    training: TrainingView
    load: Sequence[DayLoad]
    strip: CapacityChart
    beside: Sequence[PromisedSeats]
    wished: bool

    @property
    def days(self) -> list[DayLoad]:
        """The load on the days of the training alone."""
        return [entry for entry in self.load if entry.within]


@router.cbv
class ReviewPages:
    """The page on which one training is decided about, also when a decision was not possible."""

    training: Training = MayDecide
    page: Page = DependsOnPage
    service: TrainingsService = depends(TrainingsService)
    reviews: ReviewsService = depends(ReviewsService)
    memberships: MembershipsService = depends(MembershipsService)
    destinations: DestinationCatalogue = depends(DestinationCatalogue)
    invitations: InvitationsService = depends(InvitationsService)
    contacts: ContactsService = depends(ContactsService)

    @router.page("/tiaas/admin/trainings/{identifier}")
    def show(self, done: str = "") -> Response:
        return self._page(done=done)

    @router.action("/tiaas/admin/trainings/{identifier}")
    def decide(self, form: FormData = DependsOnForm) -> Response:
        def decide() -> TrainingView:
            version = forms.version(form)
            return self.service.set_state(
                self.page.actor, self.training, _decision(form), self.page.now, version=version
            )

        return self._carry_out(form, "decision", decide)

    @router.action("/tiaas/admin/trainings/{identifier}/change")
    def decide_change(self, form: FormData = DependsOnForm) -> Response:
        accept = form.get("decision") == "accept"

        def decide() -> TrainingView:
            decision = payloads.read(ChangeDecision, accept=accept, note=form.get("note", ""))
            version = forms.version(form)
            return self.service.decide_change(self.page.actor, self.training, decision, self.page.now, version=version)

        return self._carry_out(form, "change", decide, done="accepted" if accept else "declined")

    @router.action("/tiaas/admin/trainings/{identifier}/destination")
    def change_destination(self, form: FormData = DependsOnForm) -> Response:
        def change() -> TrainingView:
            chosen = form.get("destination") or None
            update = payloads.read(TrainingUpdate, destination=chosen, version=forms.version(form))
            return self.service.update(self.page.actor, self.training, update, self.page.now)

        return self._carry_out(form, "destination", change, done="destination")

    @router.action("/tiaas/admin/trainings/{identifier}/end")
    def end(self, form: FormData = DependsOnForm) -> Response:
        def end() -> TrainingView:
            note = payloads.read(Note, note=form.get("note", ""))
            return self.service.end(self.page.actor, self.training, note, self.page.now)

        return self._carry_out(form, "end", end, done="ended")

    @router.action("/tiaas/admin/trainings/{identifier}/resume")
    def resume(self, form: FormData = DependsOnForm) -> Response:
        def resume() -> TrainingView:
            return self.service.resume(self.page.actor, self.training, Note(), self.page.now)

        return self._carry_out(form, "end", resume, done="resumed")

    def _carry_out(self, form: FormData, box: str, action: Callable[[], TrainingView], done: str = "") -> Response:
        """Do what a form asks for and show the page afresh, or again with the reason why it is not possible."""
        try:
            view = action()
        except MessageException as problem:
            return self._page(problem=problem, form=form, box=box)
        return self.page.redirect(f"/tiaas/admin/trainings/{view.identifier}?done={done or view.state.value}")

    def _page(
        self,
        *,
        done: str = "",
        problem: Optional[MessageException] = None,
        form: Optional[FormData] = None,
        box: str = "",
    ) -> Response:
        """The page; with a ``problem``, it says so and holds what was typed into the ``form``.

        :param done: what has just been done, as in the address of the page.
        :param box: which form it was: ``decision``, ``change``, ``end`` or ``destination``.
        """
        if problem:
            self.page.forget_changes()
        actor, now = self.page.actor, self.page.now
        training = self.service.show(actor, self.training, now)
        return self.page.render(
            "admin_training",
            status_code=problem.status_code if problem else 200,
            training=training,
            possible=TRANSITIONS[training.state],
            people=self.service.people(actor, self.training),
            invited=self.invitations.of(actor, self.training, now),
            earlier=self.reviews.earlier_requests(self.training),
            members=self.memberships.members(actor, self.training),
            history=self.service.history(actor, self.training),
            seats=self._seats(training),
            destinations=self.destinations.choices(),
            contact=None if training.email_confirmed else self.contacts.status(actor, self.training, now),
            done=done,
            problem=problem,
            typed={name: value for name, value in (form or {}).items() if isinstance(value, str)},
            box=box,
        )

    def _seats(self, training: TrainingView) -> list[Seats]:
        """Those that the instructor asks for, if there are such, and those that the training has; on one scale."""
        actor, wished = self.page.actor, as_requested(training)
        variants = [wished, training] if wished else [training]
        found = self.reviews.beside(actor, variants, around=FAR_AROUND)
        top = common_top((variant.attendance, each.load) for variant, each in zip(variants, found, strict=True))
        return [
            Seats(
                training=variant,
                load=each.load,
                strip=capacity_chart_of(variant.attendance, each.load, top),
                beside=each.trainings,
                wished=variant is wished,
            )
            for variant, each in zip(variants, found, strict=True)
        ]


def _query(
    state: Optional[str] = None,
    phase: Optional[str] = None,
    needs_decision: str = "",
    search: Annotated[Words, Query()] = "",
    sort_by: Optional[str] = None,
    sort_desc: str = "",
    number: int = Query(1, ge=1, le=100_000, alias="page"),
) -> TrainingQuery:
    """What the address of the list asks for; unless another order is, what needs a decision comes first."""
    ordered = sort_by in SORT_COLUMNS
    return TrainingQuery(
        states=_chosen(TrainingState, state),
        phase=next(iter(_chosen(TrainingPhase, phase)), None),
        needs_decision=bool(needs_decision),
        search=search,
        limit=PAGE_SIZE,
        offset=(number - 1) * PAGE_SIZE,
        sort_by=sort_by if sort_by and ordered else "start",
        sort_desc=bool(sort_desc) or not ordered,
        decisions_first=not ordered,
    )


@router.cbv
class ListPages:
    """All requests."""

    page: Page = DependsOnPage
    query: TrainingQuery = Depends(_query)
    service: TrainingsService = depends(TrainingsService)
    reviews: ReviewsService = depends(ReviewsService)
    destinations: DestinationCatalogue = depends(DestinationCatalogue)

    @router.page("/tiaas/admin/")
    def index(self, decided: str = "", done: Optional[list[str]] = Query(None, max_length=PAGE_SIZE)) -> Response:
        self.page.ensure_admin()
        return self._page(decided=decided, done=done or [])

    @router.action("/tiaas/admin/")
    def decide_many(self, form: FormData = DependsOnForm) -> Response:
        """One decision for several requests; those for which it is not possible stay as they are and say why."""
        self.page.ensure_admin()
        versions = {
            value: forms.version(form, f"version-{value}")
            for value in form.getlist("identifier")
            if isinstance(value, str)
        }
        decision = _decision(form)
        problems = self.service.set_states(self.page.actor, versions, decision, self.page.now)
        decided, done = decision.state.value, [each for each in versions if each not in problems]
        if not problems:
            return RedirectResponse(self._address(page=1, decided=decided, done=done), status_code=303)
        typed = {"note": decision.note, "destination": decision.destination or ""}
        return self._page(409, decided=decided, done=done, problems=problems, typed=typed)

    def _page(
        self,
        status: int = 200,
        *,
        decided: str = "",
        done: Sequence[str] = (),
        problems: Optional[Mapping[str, str]] = None,
        typed: Optional[Mapping[str, str]] = None,
    ) -> Response:
        actor = self.page.actor
        trainings = self.service.index(actor, self.query, self.page.now)
        wished = {view.identifier: wish for view in trainings if (wish := as_requested(view))}
        drawn = [wished.get(view.identifier, view) for view in trainings if _may_still_happen(view)]
        counts, to_decide = self.reviews.count_by_state_and_decisions(actor)
        return self.page.render(
            "admin_list",
            status_code=status,
            trainings=trainings,
            query=self.query,
            counts=counts,
            to_decide=to_decide,
            strips=_strips(drawn, self.reviews.beside(actor, drawn, around=AROUND)),
            wished=wished,
            destinations=self.destinations.choices(),
            address=self._address,
            decided=decided,
            done=done,
            problems=problems or {},
            typed=typed or {},
        )

    def _address(self, **changes: Union[str, int, Sequence[str]]) -> str:
        """The address of the list with other parameters; what is not named stays."""
        query = self.query
        parameters: dict[str, Union[str, int, Sequence[str]]] = {
            "state": query.states[0].value if query.states else "",
            "needs_decision": "1" if query.needs_decision else "",
            "phase": query.phase.value if query.phase else "",
            "search": query.search,
            "sort_by": "" if query.decisions_first else query.sort_by,
            "sort_desc": "1" if query.sort_desc and not query.decisions_first else "",
            "page": query.offset // PAGE_SIZE + 1,
        }
        given = {name: value for name, value in {**parameters, **changes}.items() if value != ""}
        return self.page.templates.url(f"/tiaas/admin/?{urlencode(given, doseq=True)}")


@router.page("/tiaas/admin/training/{rest:path}")
def old_index(page: Page = DependsOnPage) -> Response:
    """Where admins had their requests in tiaas2, as bookmarks and old mails have it."""
    return page.redirect("/tiaas/admin/")


def _may_still_happen(view: TrainingView) -> bool:
    return view.state is not TrainingState.CANCELLED and view.phase is not TrainingPhase.FINISHED


def _strips(trainings: Sequence[TrainingView], beside: Sequence[Beside]) -> dict[str, CapacityChart]:
    """The strips of trainings, all on one scale; by identifier."""
    known = [(view, each.load) for view, each in zip(trainings, beside, strict=True)]
    top = common_top((view.attendance, load) for view, load in known)
    return {view.identifier: capacity_chart_of(view.attendance, load, top) for view, load in known}


def _decision(form: FormData) -> StateChange:
    """What the buttons say; a destination that is still chosen beside them belongs to an approval only."""
    state = form.get("state", "")
    destination = form.get("destination") if state == TrainingState.APPROVED.value else None
    return payloads.read(StateChange, state=state, note=form.get("note", ""), destination=destination or None)


def _chosen(enum: type[E], value: Optional[str]) -> list[E]:
    return [enum(value)] if value in {member.value for member in enum} else []
