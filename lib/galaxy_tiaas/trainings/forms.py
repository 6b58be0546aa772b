"""The request form: what it holds, what was typed, and what is wrong with it."""

from collections.abc import (
    Iterable,
    Sequence,
)
from typing import (
    Any,
    Optional,
    Union,
)

from starlette.datastructures import (
    FormData,
    QueryParams,
)

from ..core import wording
from ..core.actor import Actor
from ..core.countries import (
    Country,
    find_countries,
)
from ..core.exceptions import (
    InvalidValue,
    TooManyRequests,
)
from ..core.times import find_time_zone
from ..web.payloads import (
    error_of,
    FieldProblem,
    FormErrors,
    FormValues,
    payload,
)
from .schema import (
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from .service import Person

BOOLEAN_FIELDS = frozenset({"use_gtn", "advertise", "blogpost", "retain_contact"})
#: Names that tiaas2 has for fields, so that links which prefill its form go on working.
TIAAS2_NAMES = {"training_identifier": "identifier", "advertise_eu": "advertise"}
_YES = frozenset({"1", "y", "yes", "true", "on"})

#: The other value of each field that two people have, after a word that says what it is.
Differences = dict[str, tuple[str, str]]


def prefilled(query: QueryParams, actor: Actor, earlier: Optional[FormValues] = None) -> FormValues:
    """The values of a new form: from the query parameters, else from an earlier training, else from the account."""
    values = {**(earlier or {}), **_values(query.multi_items())}
    if actor.user:
        for name, known in (("name", actor.user.username), ("email", actor.user.email)):
            values[name] = values.get(name) or known
    return values


def repeated(view: TrainingView, people: list[Person], actor: Actor) -> FormValues:
    """The values with which a training is requested again.

    Another one has other days and another identifier, and consent has to be given anew. Name and address are
    taken only from a request of the actor's own.
    """
    left_out = {"identifier", "start", "end", "retain_contact"}
    others = [person for person in people if person.email != (actor.user.email if actor.user else None)]
    own = any(person.requester for person in people) and not any(person.requester for person in others)
    left_out |= set() if own else {"name", "email"}
    values = stored(view, [person.handle for person in others])
    return {name: value for name, value in values.items() if name not in left_out}


def typed(form: FormData) -> FormValues:
    """What was typed; a box that is not ticked is a no."""
    values = _values((name, value) for name, value in form.multi_items() if isinstance(value, str))
    return {**{name: False for name in BOOLEAN_FIELDS}, "location": [], "instructors": [], **values}


def stored(view: TrainingView, people: list[str]) -> FormValues:
    """The values of a form that changes a training; ``people`` teach it besides the requester, or are invited to."""
    fields = view.model_dump(mode="json", include={*TrainingCreate.model_fields, "destination"})
    return {**fields, "instructors": people}


def changed(values: FormValues, stored: FormValues) -> FormValues:
    """What was typed differently from what is stored; only that is checked and saved."""
    return {name: value for name, value in values.items() if name in stored and not _same(value, stored[name])}


def merged(values: FormValues, stored: FormValues, before: FormValues) -> tuple[FormValues, Differences]:
    """A form whose training somebody else has changed since it was opened: what to show in it, and what to compare.

    A field that only they have changed holds what is stored now, all others what was typed.

    :param before: what the fields held that they have changed.
    """
    shown, differences = dict(values), {}
    for name in changed(values, stored):
        if name in before and _same(values[name], before[name]):
            shown[name] = stored[name]
            differences[name] = ("When you opened this page", wording.value(name, before[name]))
        else:
            differences[name] = ("Saved now", wording.value(name, stored[name]))
    return shown, differences


def version(form: FormData, name: str = "version") -> Optional[str]:
    """The version of the training that a form shows, if it says so."""
    return str(form.get(name, "")) or None


def _same(typed: Any, stored: Any) -> bool:
    if isinstance(stored, (bool, list)):
        return bool(typed == stored)
    return str(typed).replace("\r\n", "\n").strip() == str("" if stored is None else stored).strip()


def request(values: FormValues) -> Union[TrainingCreate, FormErrors]:
    """The request that the typed values make, or what is wrong with them; empty fields count as not given."""
    return payload(TrainingCreate, {name: value for name, value in values.items() if value != ""})


def draft(values: FormValues, wrong: FormErrors) -> TrainingUpdate:
    """What was typed into the fields of the large form that are right by themselves."""
    right = {name: value for name, value in values.items() if value != "" and name not in wrong}
    made = payload(TrainingUpdate, right)
    return made if isinstance(made, TrainingUpdate) else draft(right, made)


def all_errors(wrong: FormErrors, problems: Iterable[FieldProblem]) -> FormErrors:
    """What is wrong with fields by themselves and, for the others, the first problem that the service has with each."""
    errors: FormErrors = {}
    for problem in problems:
        errors = {**error_of(problem), **errors}
    return {**errors, **wrong}


def status_of(wrong: FormErrors, problems: Sequence[FieldProblem]) -> int:
    """The HTTP status of a page that shows the form again: 422, or 409 if only a name is taken.

    429 if it would have been taken later.
    """
    if any(isinstance(problem, TooManyRequests) for problem in problems):
        return TooManyRequests.status_code
    invalid = wrong or any(isinstance(problem, InvalidValue) for problem in problems)
    return 422 if invalid else 409


def _values(items: Iterable[tuple[str, str]]) -> FormValues:
    values: FormValues = {}
    for name, value in items:
        name = TIAAS2_NAMES.get(name, name)
        if name in BOOLEAN_FIELDS:
            values[name] = value.strip().lower() in _YES
        elif name == "location":
            values.setdefault(name, []).extend(_country_codes(value))
        elif name == "instructors":
            values.setdefault(name, []).extend(_separated(value))
        elif name == "timezone":
            values[name] = find_time_zone(value) or value
        else:
            values[name] = value
    return values


def _separated(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _country_codes(text: str) -> list[str]:
    """Codes of the countries that a text names; what names none stays as it is."""
    return [land.alpha2 if isinstance(land, Country) else land for land in find_countries(text)]
