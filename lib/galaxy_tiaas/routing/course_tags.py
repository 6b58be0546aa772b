"""When a tag of a history names a training."""

from typing import Any

from galaxy.model import (
    HistoryTagAssociation,
    Tag,
)
from sqlalchemy import (
    and_,
    ColumnElement,
    or_,
)


def names_training(identifier: Any) -> ColumnElement[bool]:
    """Whether a history's tag is ``identifier`` or ``#identifier`` (Galaxy's ``name:identifier``).

    Galaxy keeps the name of a tag and a tag's value in lower case beside what was typed.

    :param identifier: a value or a column.
    """
    return or_(Tag.name == identifier, and_(Tag.name == "name", HistoryTagAssociation.value == identifier))
