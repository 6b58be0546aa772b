"""The request form: what it holds, what was typed, and what is wrong with it."""

import re
from collections.abc import (
    Iterable,
    Sequence,
)
from typing import (
    Any,
    Optional,
    TypeVar,
    Union,
)
from urllib.parse import unquote

from pydantic import ValidationError
from starlette.datastructures import (
    FormData,
    QueryParams,
)

from ..domain import wording
from ..domain.countries import find_country
from ..domain.windows import find_time_zone
from ..exceptions import (
    CohortNameTaken,
    IdentifierTaken,
    InvalidValue,
    TooManyRequests,
)
from ..schema.trainings import (
    Payload,
    TrainingCreate,
    TrainingUpdate,
    TrainingView,
)
from ..services.actor import Actor
from ..services.trainings import Person

P = TypeVar("P", bound=Payload)

BOOLEAN_FIELDS = frozenset({"use_gtn", "advertise", "blogpost", "retain_contact"})
#: Names that tiaas2 has for fields, so that links which prefill its form go on working.
TIAAS2_NAMES = {"training_identifier": "identifier", "advertise_eu": "advertise"}
_YES = frozenset({"1", "y", "yes", "true", "on"})

FormErrors = dict[str, str]
FormValues = dict[str, Any]
#: The other value of each field that two people have, after a word that says what it is.
Differences = dict[str, tuple[str, str]]
#: What only a service can know of a field.
FieldProblem = Union[InvalidValue, IdentifierTaken, CohortNameTaken, TooManyRequests]


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


def identifier_in(text: str) -> str:
    """The identifier that somebody typed, or that is in the link which they put instead.

    ``https://galaxy.example.org/join-training/gryffindor/status?hours=3`` names ``gryffindor``.
    """
    path = unquote(re.split(r"[?#]", text, maxsplit=1)[0])
    if found := re.search(r"/(?:join-training|tiaas/(?:admin/)?trainings)/([^/]+)", path):
        return found[1].strip()
    return path.strip().rstrip("/").rsplit("/", 1)[-1]


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


def payload(model: type[P], values: FormValues) -> Union[P, FormErrors]:
    """The payload that the typed values make, or what is wrong with them, by field.

    Empty optional fields count as not given when a training is requested, and as emptied when it is changed.
    """
    known = {name: value for name, value in values.items() if name in model.model_fields}
    if model is TrainingCreate:
        known = {name: value for name, value in known.items() if value != ""}
    try:
        return model(**known)
    except ValidationError as problem:
        return errors_by_field(problem)


def draft(values: FormValues, wrong: FormErrors) -> TrainingUpdate:
    """What was typed into the fields of the large form that are right by themselves."""
    right = {name: value for name, value in values.items() if value != "" and name not in wrong}
    made = payload(TrainingUpdate, right)
    return made if isinstance(made, TrainingUpdate) else draft(right, made)


def read(model: type[P], **values: object) -> P:
    """The payload of a small form, which is not shown again with its errors.

    :raises InvalidValue: for what the model refuses.
    """
    try:
        return model(**values)
    except ValidationError as problem:
        field, message = next(iter(errors_by_field(problem).items()))
        raise InvalidValue(field, message) from None


def errors_by_field(problem: ValidationError) -> FormErrors:
    """One sentence for each field that cannot be taken as it is."""
    errors: FormErrors = {}
    for error in problem.errors():
        field = str(error["loc"][0]) if error["loc"] else ""
        errors.setdefault(field, _sentence(error["type"], error["msg"], error.get("ctx", {})))
    return errors


def all_errors(wrong: FormErrors, problems: Iterable[FieldProblem]) -> FormErrors:
    """What is wrong with fields by themselves and, for the others, the first problem that the service has with each."""
    errors: FormErrors = {}
    for problem in problems:
        errors = {**error_of(problem), **errors}
    return {**errors, **wrong}


def error_of(problem: FieldProblem) -> FormErrors:
    """The same for what only the service can know."""
    field = problem.field if isinstance(problem, (InvalidValue, TooManyRequests)) else "identifier"
    return {field: str(problem)}


def status_of(wrong: FormErrors, problems: Sequence[FieldProblem]) -> int:
    """The HTTP status of a page that shows the form again: 422, or 409 if only a name is taken.

    429 if it would have been taken later.
    """
    if any(isinstance(problem, TooManyRequests) for problem in problems):
        return TooManyRequests.status_code
    invalid = wrong or any(isinstance(problem, InvalidValue) for problem in problems)
    return 422 if invalid else 409


def _sentence(kind: str, message: str, limits: dict[str, Any]) -> str:
    if kind in ("missing", "string_too_short"):
        return "Please fill in this field."
    if kind.startswith(("date_", "date")):
        return "Please enter a date, as in 2027-03-31."
    if kind.startswith("int_"):
        return "Please enter a whole number."
    if kind == "greater_than_equal":
        return f"Please enter {limits['ge']} or more."
    if kind == "less_than_equal":
        return f"Please enter {limits['le']} or less."
    if kind == "string_too_long":
        return f"Please shorten this to {limits['max_length']} characters."
    text = message.removeprefix("Value error, ")
    return f"{text[:1].upper()}{text[1:]}."


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
    """Codes of the countries that a text names; a name may itself hold a comma, as in ``Korea, Republic of``."""
    parts = [text.strip()] if find_country(text) else _separated(text)
    return [land.alpha2 if (land := find_country(part)) else part for part in parts]
