"""Requesting, changing and deciding about trainings."""

from collections.abc import (
    Iterator,
    Mapping,
    Sequence,
    Set,
)
from dataclasses import dataclass
from datetime import (
    date,
    datetime,
)
from typing import (
    Any,
    Literal,
    Optional,
    Union,
)

from galaxy.exceptions import MessageException
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper

from ..core.actor import (
    Actor,
    invited,
    teaches,
)
from ..core.config import TiaasConfig
from ..core.exceptions import (
    ChangedMeanwhile,
    IdentifierTaken,
    InvalidValue,
    NoSuchTransition,
    NotEndedEarly,
    NothingRequested,
    NotRunning,
    NotYours,
)
from ..core.fields import (
    all_plain,
    plain,
)
from ..core.model import (
    Training,
    TrainingChange,
    version_at,
)
from ..core.result_pages import ResultPage
from ..core.wording import day
from ..history.schema import EventView
from ..invitations.service import InvitationsService
from ..membership.manager import CohortManager
from ..notifications.service import NotificationService
from ..routing.destinations import DestinationCatalogue
from .contact_service import ContactsService
from .manager import (
    TrainingManager,
    TrainingQuery,
)
from .quotas import Quotas
from .refusals import (
    DAY_FIELDS,
    Refusals,
)
from .schema import (
    ChangeDecision,
    MOST_INSTRUCTORS,
    Note,
    StateChange,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from .states import (
    INSTRUCTOR_TRANSITIONS,
    TrainingPhase,
    TrainingState,
    transition_exists,
)
from .views import TrainingViews

#: Fields on which resources depend. Once a training is approved, an instructor's change of one of
#: these waits for an admin.
REVIEWED_FIELDS = frozenset({"identifier", "start", "end", "timezone", "attendance"})


@dataclass(frozen=True)
class Person:
    """Someone who teaches a training; ``requester`` is the one who asked for it, ``id`` is encoded.

    ``email`` is for admins and for that person; nor is it the ``name`` for others of those who have no public name.
    """

    id: str
    name: str
    email: Optional[str]
    requester: bool
    #: What a form calls them: the public name, else the encoded id.
    handle: str = ""


@dataclass
class TrainingsService:
    """One method for each thing that can be done to a training."""

    session: galaxy_scoped_session
    security: IdEncodingHelper
    config: TiaasConfig
    trainings: TrainingManager
    cohorts: CohortManager
    destinations: DestinationCatalogue
    refusals: Refusals
    quotas: Quotas
    contacts: ContactsService
    views: TrainingViews
    notifications: NotificationService
    invitations: InvitationsService

    def index(self, actor: Actor, query: TrainingQuery, now: datetime) -> ResultPage[TrainingView]:
        """One page of the trainings that the actor may see.

        :raises AdminRequiredException: if others ask what waits for a decision.
        """
        if query.mine:
            actor.ensure_user()
        if query.needs_decision:
            actor.ensure_admin()
        page = self.trainings.page(query, now, user_id=actor.user_id, see_all=actor.is_admin)
        members = self.cohorts.count_members(page.items)
        return page.of(self.views.view(training, actor, now, members.get(training.id, 0)) for training in page)

    def show(self, actor: Actor, training: Training, now: datetime) -> TrainingView:
        """One training, with the fields that the actor gets."""
        members = self.cohorts.count_members([training])
        return self.views.view(training, actor, now, members.get(training.id, 0))

    def create(self, actor: Actor, payload: TrainingCreate, now: datetime) -> TrainingView:
        """Request a training.

        :raises UserRequiredException: for visitors.
        :raises InvalidValue: for dates or an identifier that are not possible here.
        :raises IdentifierTaken: if another training has the identifier.
        :raises TooManyRequests: for more requests or invitations than one user may make.
        """
        requester = actor.user if actor.is_admin else actor.ensure_user()
        name = payload.name or (requester.username if requester else None)
        email = payload.email or (requester.email if requester else None)
        if not name or not email:
            raise InvalidValue("email", "Name and e-mail address of the instructor are needed.")
        timezone = payload.timezone or self.config.timezone
        for problem in self.refusals.of_request(actor, {**payload.model_dump(), "timezone": timezone}, now):
            raise problem
        self.quotas.ensure_may_request(actor, now)
        values = payload.model_dump(exclude={"name", "email", "start", "end", "timezone", "location", "instructors"})
        training = Training(**values, name=name, email=email, created=now, updated=now, state=TrainingState.NEW.value)
        training.requester_id = requester.id if requester else None
        training.set_days(payload.start, payload.end, timezone)
        training.location = payload.location
        if actor.lookups:
            actor.lookups.tried(training.identifier)
        self.trainings.create(training)
        self.contacts.check_address(actor, training, requester.email if requester else None, now)
        self.invitations.set_instructors(actor, training, payload.instructors, now)
        self.trainings.record(
            training,
            "requested",
            now,
            user_id=actor.user_id,
            via=actor.via,
            to_state=TrainingState.NEW,
            changes=self._initial(training),
        )
        self.notifications.requested(actor, training, now)
        return self._committed(training, actor, now)

    def already_requested(self, actor: Actor, payload: TrainingCreate, now: datetime) -> Optional[TrainingView]:
        """The training that the actor has requested with exactly this payload, as somebody who sends a form twice has.

        ``None`` if the identifier is free, or taken by something else.
        """
        training = self.trainings.find(payload.identifier)
        if training is None or actor.user_id is None or training.requester_id != actor.user_id:
            return None
        asked = {name: value for name, value in payload.model_dump().items() if value is not None}
        people = asked.pop("instructors")
        stored = {name: getattr(training, name) for name in asked}
        same = asked == stored and self.invitations.is_asked(actor, training, people)
        return self.show(actor, training, now) if same else None

    def problems_of_request(
        self, actor: Actor, draft: TrainingUpdate, wrong: Set[str], now: datetime
    ) -> list[Union[InvalidValue, IdentifierTaken]]:
        """Everything for which :meth:`create` would refuse a form of which some fields are wrong by themselves.

        :param draft: the fields that are right.
        :param wrong: the names of the others; what depends on one of these is not judged.
        :raises UserRequiredException: for visitors.
        """
        if not actor.is_admin:
            actor.ensure_user()
        values = draft.given()
        if "timezone" not in wrong:
            values["timezone"] = values.get("timezone") or self.config.timezone
        return [*self.refusals.of_request(actor, values, now), *self._taken(actor, values, except_for=None)]

    def problems_of_change(
        self, actor: Actor, training: Training, draft: TrainingUpdate, wrong: Set[str], now: datetime
    ) -> list[Union[InvalidValue, IdentifierTaken]]:
        """The same for :meth:`update`."""
        given = draft.given()
        values = self._really_changed(training, given)
        waits = not actor.is_admin and training.state != TrainingState.NEW
        wanted = self._with_requested(training, values, given) if waits else values
        return [
            *self.refusals.of_identifier(values),
            *self.refusals.of_changed_days(actor, training, wanted, wrong, now, notice=not waits),
            *self._taken(actor, values, except_for=training),
        ]

    def update(self, actor: Actor, training: Training, payload: TrainingUpdate, now: datetime) -> TrainingView:
        """Change fields of a training.

        Admins change everything at any time. Instructors change everything while the request is new;
        once it is approved, what resources depend on waits for an admin as a requested change.

        :raises ChangedMeanwhile: if it has another version than the one that was sent.
        :raises InvalidValue: for values that are not possible here.
        :raises IdentifierTaken, CohortNameTaken: for a new identifier that is not free.
        :raises TooManyRequests: for more changes that others are told of, or invitations, than one user may make.
        """
        self.trainings.lock(training)
        _ensure_version(training, payload.version)
        return self._update(actor, training, payload.given(), now)

    def changed_since(self, actor: Actor, training: Training, version: str) -> dict[str, Any]:
        """What fields held when the training had this version, of those that have changed since."""
        held: dict[str, Any] = {}
        for event, _ in reversed(self.trainings.history(training)):
            if version_at(event.time) == version:
                return held
            if event.action != "change withdrawn":
                held |= {name: values[0] for name, values in event.changes.items()}
        return {}

    def add_instructors(self, actor: Actor, training: Training, names: Sequence[str], now: datetime) -> TrainingView:
        """Invite people to teach a training with those who do.

        :raises InvalidValue: for more than a training may have.
        :raises TooManyRequests: as :meth:`update`.
        """
        self.trainings.lock(training)
        return self._set_instructors(actor, training, [*self._co_instructors(training, now), *names], now)

    def remove_instructor(self, actor: Actor, training: Training, name: str, now: datetime) -> TrainingView:
        """Let somebody teach a training no longer, or take an invitation back.

        :param name: the encoded id of who teaches it, or what was typed to invite somebody.
        """
        self.trainings.lock(training)
        left = [each for each in self._co_instructors(training, now) if each.lower() != name.lower()]
        return self._set_instructors(actor, training, left, now)

    def extend(self, actor: Actor, training: Training, end: date, now: datetime) -> TrainingView:
        """Let a training go on until a later day, which waits for an admin as any other change of the days does.

        :raises InvalidValue: if that is no later than it ends anyway.
        :raises NotYours, InvalidValue: as :meth:`update`.
        """
        if end <= training.end:
            raise InvalidValue("end", f"The training goes on until {day(training.end)} already; choose a later day.")
        return self.update(actor, training, TrainingUpdate(end=end), now)

    def decide_change(
        self,
        actor: Actor,
        training: Training,
        decision: ChangeDecision,
        now: datetime,
        *,
        version: Optional[str] = None,
    ) -> TrainingView:
        """Accept or decline what an instructor wants changed.

        :param version: of the training that is decided about; ``None``: as it is now.
        :raises NothingRequested: if no change waits.
        :raises ChangedMeanwhile: if it has another version by now.
        """
        self.trainings.lock(training)
        requested = training.requested_change
        if requested is None:
            raise NothingRequested(training.identifier)
        _ensure_version(training, version)
        values = _from_json(requested.changes)
        training.requested_change = None
        changes: dict[str, Any] = {}
        if decision.accept:
            values = self._really_changed(training, values)
            self._check_update(actor, training, values, now, notice=False)
            changes = self._apply(actor, training, values, now)
        changes |= self._switch(training, now)
        action = "change accepted" if decision.accept else "change declined"
        self.trainings.record(
            training, action, now, user_id=actor.user_id, via=actor.via, note=decision.note, changes=changes
        )
        self.notifications.change_withdrawn(actor, training, {}, now)
        self.notifications.change_decided(actor, training, decision.accept, decision.note, changes, now)
        return self._committed(training, actor, now)

    def take_back(self, actor: Actor, training: Training, now: datetime) -> TrainingView:
        """Take back everything that waits for an admin; the training stays as it is.

        :raises NothingRequested: if no change waits.
        """
        self.trainings.lock(training)
        if training.requested_change is None:
            raise NothingRequested(training.identifier)
        self._take_back(actor, training, training.requested_change.changes.keys(), now)
        return self._committed(training, actor, now)

    def set_state(
        self, actor: Actor, training: Training, change: StateChange, now: datetime, *, version: Optional[str] = None
    ) -> TrainingView:
        """Approve, reject or cancel a training.

        :param version: as for :meth:`decide_change`.
        :raises NotYours: for everybody but admins, and for instructors who do anything but cancel.
        :raises NoSuchTransition: if the state cannot be changed in this way.
        :raises ChangedMeanwhile: if it has another version by now.
        :raises InvalidValue: for a destination that is not configured.
        :raises CohortNameTaken: if a foreign group or role has the name that is needed.
        """
        self._ensure_may_decide(actor, training, change.state)
        self.trainings.lock(training)
        before = TrainingState(training.state)
        if not transition_exists(before, change.state):
            raise NoSuchTransition(training.identifier, before.value, change.state.value)
        _ensure_version(training, version)
        changes: dict[str, Any] = {}
        if change.destination:
            if change.state is not TrainingState.APPROVED:
                raise InvalidValue("destination", "A destination is chosen when a training is approved, not otherwise.")
            self._check_destination(change.destination)
        if change.state is TrainingState.APPROVED and training.destination != (change.destination or None):
            changes["destination"] = [training.destination, change.destination or None]
            training.destination = change.destination or None
        training.state = change.state.value
        if change.state is TrainingState.APPROVED:
            changes |= self._set_end(training, None)
            self.cohorts.ensure(training)
        elif training.requested_change:
            self._take_back(actor, training, training.requested_change.changes.keys(), now)
        changes |= self._switch(training, now)
        self.trainings.record(
            training,
            change.state.value,
            now,
            user_id=actor.user_id,
            via=actor.via,
            from_state=before,
            to_state=change.state,
            note=change.note,
            changes=changes,
        )
        self.notifications.decided(actor, training, change.note, now)
        return self._committed(training, actor, now)

    def end(self, actor: Actor, training: Training, note: Note, now: datetime) -> TrainingView:
        """End a training now instead of after its last day: its resources are free for others.

        It stays approved, with its days as they were planned; another last day lets it go on.

        :raises NotRunning: if it is not approved or not ongoing.
        """
        self.trainings.lock(training)
        if training.state != TrainingState.APPROVED:
            raise NotRunning(training.identifier, f"is {training.state}")
        phase = training.window(self.config.join_flex_hours).phase(now)
        if phase is not TrainingPhase.ONGOING:
            raise NotRunning(training.identifier, f"is {phase.value}")
        return self._end_or_resume(actor, training, "ended early", now, note, now)

    def resume(self, actor: Actor, training: Training, note: Note, now: datetime) -> TrainingView:
        """Let a training that was ended early go on until its last day.

        :raises NotEndedEarly: if it was not, or if its days are over too.
        """
        self.trainings.lock(training)
        over = training.planned_window(self.config.join_flex_hours).is_over(now)
        if training.ended_at is None or training.state != TrainingState.APPROVED or over:
            raise NotEndedEarly(training.identifier)
        return self._end_or_resume(actor, training, "resumed", None, note, now)

    def history(self, actor: Actor, training: Training) -> list[EventView]:
        """Who changed what, when, with which note; oldest first."""
        return [self.views.event(event, username) for event, username in self.trainings.history(training)]

    def set_states(
        self, actor: Actor, identifiers: Mapping[str, Optional[str]], change: StateChange, now: datetime
    ) -> dict[str, str]:
        """The same decision for several trainings, each on its own.

        :param identifiers: which, each with its version as for :meth:`decide_change`.
        :returns: why it could not be carried out, by identifier; empty if it was everywhere.
        :raises AdminRequiredException: for everybody but admins.
        """
        actor.ensure_admin()
        problems: dict[str, str] = {}
        for identifier, version in identifiers.items():
            try:
                self.set_state(actor, self.trainings.get(identifier), change, now, version=version)
            except MessageException as problem:
                self.session.rollback()
                problems[identifier] = str(problem)
        return problems

    def people(self, actor: Actor, training: Training) -> list[Person]:
        """The requester and the instructors, the requester first.

        :raises NotYours: for everybody but instructors and admins.
        """
        found = []
        for user_id, username, address in self.trainings.people(training):
            encoded = self.security.encode_id(user_id)
            email = address if actor.is_admin or user_id == actor.user_id else None
            name = username or email or "somebody without a public name"
            found.append(Person(encoded, name, email, user_id == training.requester_id, username or encoded))
        return found

    def _update(self, actor: Actor, training: Training, given: dict[str, Any], now: datetime) -> TrainingView:
        """The same for a training that is locked already."""
        values = self._really_changed(training, given)
        waiting: dict[str, Any] = {}
        if not actor.is_admin and training.state != TrainingState.NEW:
            waiting = {name: value for name, value in values.items() if name in REVIEWED_FIELDS}
            values = {name: value for name, value in values.items() if name not in REVIEWED_FIELDS}
        wanted = self._with_requested(training, values | waiting, given) if waiting else values
        self._check_update(actor, training, wanted, now, notice=not waiting)
        for problem in self._taken(actor, waiting, except_for=training):
            raise problem
        if waiting or (values and self.notifications.notifies_of_changes(training)):
            self.quotas.ensure_may_tell(actor, now)
        if not actor.is_admin:
            self._take_back(actor, training, given.keys() - values.keys() - waiting.keys(), now)
        if waiting:
            self._request_change(actor, training, waiting, now)
        changes = self._apply(actor, training, values, now)
        if "email" in changes:
            self.contacts.check_address(actor, training, training.account_email, now)
        self._drop_fulfilled(training)
        if changes:
            changes |= self._switch(training, now)
            self.trainings.record(training, "changed", now, user_id=actor.user_id, via=actor.via, changes=changes)
            self.notifications.changed(actor, training, changes, now)
            if not waiting:
                self.notifications.change_withdrawn(actor, training, self._requested(training), now)
        return self._committed(training, actor, now)

    def _co_instructors(self, training: Training, now: datetime) -> list[str]:
        """Who teaches it besides the requester and who is invited to, as :class:`TrainingUpdate` names them."""
        return [*self._value(training, "instructors"), *(each.typed for each in invited(training, now))]

    def _set_instructors(self, actor: Actor, training: Training, names: Sequence[str], now: datetime) -> TrainingView:
        if len(names) > MOST_INSTRUCTORS:
            raise InvalidValue("instructors", f"A training has at most {MOST_INSTRUCTORS} instructors and invitations.")
        return self._update(actor, training, {"instructors": [*names]}, now)

    def _end_or_resume(
        self,
        actor: Actor,
        training: Training,
        action: Literal["ended early", "resumed"],
        ended_at: Optional[datetime],
        note: Note,
        now: datetime,
    ) -> TrainingView:
        changes = self._set_end(training, ended_at) | self._switch(training, now)
        self.trainings.record(
            training, action, now, user_id=actor.user_id, via=actor.via, note=note.note, changes=changes
        )
        self.notifications.switched(actor, training, action, note.note, now)
        return self._committed(training, actor, now)

    def _set_end(self, training: Training, ended_at: Optional[datetime]) -> dict[str, Any]:
        """Set when the training was ended early, and return what that changes, for its history."""
        before = training.ended_at
        training.end_early(ended_at)
        return {} if before == ended_at else {"ended_at": [plain(before), plain(ended_at)]}

    def _switch(self, training: Training, now: datetime) -> dict[str, Any]:
        """Switch the cohort as is due, and return what that changes, for the training's history."""
        if not self.cohorts.switch(training, now):
            return {}
        on = self.cohorts.should_be_on(training, now)
        return {"resources": [not on, on]}

    def _committed(self, training: Training, actor: Actor, now: datetime) -> TrainingView:
        """Commit, and have delivered what people are told of it.

        :returns: the training as it is committed; read before, so that nobody is refused what is done already.
        """
        self.session.flush()
        view = self.show(actor, training, now)
        self.session.commit()
        self.notifications.send()
        return view

    def _ensure_may_decide(self, actor: Actor, training: Training, target: TrainingState) -> None:
        if actor.is_admin or (teaches(actor, training) and target in INSTRUCTOR_TRANSITIONS):
            return
        actor.ensure_user()
        raise NotYours(
            f"Only administrators may bring the training '{training.identifier}' into the state {target.value}."
        )

    def _ensure_may_route(self, actor: Actor, training: Training, destination: Optional[str]) -> None:
        if not actor.is_admin:
            raise NotYours(f"Only administrators may choose where the jobs of '{training.identifier}' go.")
        if destination:
            self._check_destination(destination)

    def _check_destination(self, destination: str) -> None:
        if not self.destinations.may_be_chosen(destination):
            known = ", ".join(choice.id for choice in self.destinations.choices())
            raise InvalidValue(
                "destination", f"'{destination}' is not a destination for trainings here. Choose from: {known}."
            )

    def _check_update(
        self, actor: Actor, training: Training, values: Mapping[str, Any], now: datetime, *, notice: bool
    ) -> None:
        for problem in self.refusals.of_identifier(values):
            raise problem
        if "destination" in values:
            self._ensure_may_route(actor, training, values["destination"])
        for problem in self.refusals.of_changed_days(actor, training, values, frozenset(), now, notice=notice):
            raise problem

    def _request_change(self, actor: Actor, training: Training, values: dict[str, Any], now: datetime) -> None:
        if training.state != TrainingState.APPROVED:
            raise NotYours(
                f"The training '{training.identifier}' is {training.state}; of it only the texts can be changed."
            )
        changes = all_plain(values)
        if training.requested_change is None:
            training.requested_change = TrainingChange(user_id=actor.user_id, time=now, changes=changes)
        else:
            waiting = training.requested_change
            waiting.user_id, waiting.time, waiting.changes = actor.user_id, now, waiting.changes | changes
        asked = {name: [old, changes[name]] for name, old in all_plain(self._current(training, changes)).items()}
        self.trainings.record(training, "change requested", now, user_id=actor.user_id, via=actor.via, changes=asked)
        self.notifications.change_requested(actor, training, self._requested(training), now)

    def _requested(self, training: Training) -> dict[str, Any]:
        """Everything that waits for a decision, as ``{name: [old, new]}``."""
        wanted = training.requested_change.changes if training.requested_change else {}
        return {name: [old, wanted[name]] for name, old in all_plain(self._current(training, wanted)).items()}

    def _with_requested(
        self, training: Training, values: Mapping[str, Any], given: Mapping[str, Any]
    ) -> Mapping[str, Any]:
        """The values, and of what waits already the days that belong to them: they will be decided together.

        :param given: all that was sent; what is in there and not in ``values`` is as it is, and waits no longer.
        """
        requested = training.requested_change
        if requested is None or not DAY_FIELDS & values.keys():
            return values
        waiting = _from_json({n: v for n, v in requested.changes.items() if n in DAY_FIELDS - given.keys()})
        return {**waiting, **values}

    def _drop_fulfilled(self, training: Training) -> None:
        """Nobody need decide what has come true."""
        requested = training.requested_change
        if requested is None:
            return
        wishes = self._really_changed(training, _from_json(requested.changes))
        if not wishes:
            training.requested_change = None
        elif wishes.keys() != requested.changes.keys():
            requested.changes = {name: value for name, value in requested.changes.items() if name in wishes}

    def _take_back(self, actor: Actor, training: Training, names: Set[str], now: datetime) -> None:
        """Asking for what is already so takes back an earlier wish for something else."""
        requested = training.requested_change
        taken_back = requested.changes.keys() & names if requested else set()
        if not requested or not taken_back:
            return
        changes = {name: [value, None] for name, value in requested.changes.items() if name in taken_back}
        requested.changes = {name: value for name, value in requested.changes.items() if name not in taken_back}
        if not requested.changes:
            training.requested_change = None
        self.trainings.record(training, "change withdrawn", now, user_id=actor.user_id, via=actor.via, changes=changes)
        self.notifications.change_withdrawn(actor, training, self._requested(training), now)

    def _current(self, training: Training, names: Any) -> dict[str, Any]:
        return {name: self._value(training, name) for name in names}

    def _value(self, training: Training, name: str) -> Any:
        if name == "instructors":
            return [self.security.encode_id(instructor.user_id) for instructor in training.instructors]
        if name == "invited":
            return self.invitations.typed(training)
        return getattr(training, name)

    def _taken(
        self, actor: Actor, values: Mapping[str, Any], *, except_for: Optional[Training]
    ) -> Iterator[IdentifierTaken]:
        """:raises TooManyRequests: for those who ask for too many."""
        if "identifier" in values and actor.lookups:
            actor.lookups.tried(values["identifier"])
        found = self.trainings.find(values["identifier"]) if "identifier" in values else None
        if found is not None and found is not except_for:
            yield IdentifierTaken(values["identifier"])

    def _really_changed(self, training: Training, values: dict[str, Any]) -> dict[str, Any]:
        """The values without those that are as they are; what ``instructors`` change is known when they are set."""
        return {
            name: value
            for name, value in values.items()
            if name == "instructors" or self._value(training, name) != value
        }

    def _apply(self, actor: Actor, training: Training, values: dict[str, Any], now: datetime) -> dict[str, Any]:
        """Set fields, and return what really changed as ``{name: [old, new]}``.

        :raises IdentifierTaken, CohortNameTaken: for a new identifier that is not free.
        """
        for problem in self._taken(actor, values, except_for=training):
            raise problem
        rest = dict(values)
        watched = [*values]
        if DAY_FIELDS & rest.keys():
            watched.append("ended_at")
        if "instructors" in rest:
            watched.append("invited")
        before = self._current(training, watched)
        if DAY_FIELDS & rest.keys():
            training.set_days(
                rest.pop("start", training.start),
                rest.pop("end", training.end),
                rest.pop("timezone", training.timezone),
            )
        people = rest.pop("instructors", None)
        if "identifier" in rest:
            self.trainings.rename(training, rest.pop("identifier"), now)
            self.cohorts.rename(training)
        for name, value in rest.items():
            setattr(training, name, value)
        if people is not None:
            self.invitations.set_instructors(actor, training, people, now)
        after = self._current(training, watched)
        old, new = all_plain(before), all_plain(after)
        return {name: [old[name], new[name]] for name in watched if old[name] != new[name]}

    def _initial(self, training: Training) -> dict[str, Any]:
        """What a training is when it is requested, without what says nothing."""
        values = all_plain(self._current(training, [*TrainingCreate.model_fields, "invited"]))
        return {name: [None, value] for name, value in values.items() if value not in ("", [], False, None)}


def _ensure_version(training: Training, version: Optional[str]) -> None:
    if version not in (None, training.version):
        raise ChangedMeanwhile(training.identifier)


def _from_json(values: dict[str, Any]) -> dict[str, Any]:
    return TrainingUpdate(**values).given()
