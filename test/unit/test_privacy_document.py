"""The document says where personal data is; a new column has to be in it."""

from pathlib import Path

import pytest
from galaxy_tiaas.core.model import Base
from galaxy_tiaas.lifecycle.redaction import user_columns
from sqlalchemy import (
    JSON,
    String,
)

_DOCUMENT = (Path(__file__).parents[2] / "docs" / "privacy.md").read_text(encoding="utf-8")

_OF_USERS = {f"{column.table.name}.{column.name}" for column in user_columns()}
_OF_TEXTS = {
    f"{table.name}.{column.name}"
    for table in Base.metadata.sorted_tables
    for column in table.columns
    if isinstance(column.type, (String, JSON))
}


def test_the_columns_are_found() -> None:
    assert {"tiaas_training.requester_id", "tiaas_delivery.user_id"} <= _OF_USERS
    assert {"tiaas_training.name", "tiaas_training_event.changes", "tiaas_message.html"} <= _OF_TEXTS


@pytest.mark.parametrize("column", sorted(_OF_USERS | _OF_TEXTS))
def test_every_column_that_may_tell_of_people_is_in_the_document(column: str) -> None:
    assert f"`{column}`" in _DOCUMENT


def test_the_document_names_no_column_that_does_not_exist() -> None:
    named = {word.strip("`(),.") for word in _DOCUMENT.split() if word.startswith(("`tiaas_training", "`tiaas_d"))}
    columns = {f"{table.name}.{column.name}" for table in Base.metadata.sorted_tables for column in table.columns}
    assert {name for name in named if "." in name} <= columns
