"""Reads forms into the models that the API takes, and says in the words of a form what is wrong."""

from typing import (
    Any,
    TypeVar,
    Union,
)

from pydantic import ValidationError

from ..core.exceptions import (
    CohortNameTaken,
    IdentifierTaken,
    InvalidValue,
    TooManyRequests,
)
from ..core.fields import Payload

P = TypeVar("P", bound=Payload)

FormErrors = dict[str, str]
FormValues = dict[str, Any]
#: What only a service can know of a field.
FieldProblem = Union[InvalidValue, IdentifierTaken, CohortNameTaken, TooManyRequests]


def payload(model: type[P], values: FormValues) -> Union[P, FormErrors]:
    """The payload that the typed values make, or what is wrong with them, by field."""
    known = {name: value for name, value in values.items() if name in model.model_fields}
    try:
        return model(**known)
    except ValidationError as problem:
        return errors_by_field(problem)


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


def error_of(problem: FieldProblem) -> FormErrors:
    """The same for what only the service can know."""
    field = problem.field if isinstance(problem, (InvalidValue, TooManyRequests)) else "identifier"
    return {field: str(problem)}


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
