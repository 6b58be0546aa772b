"""What our OpenAPI says of changes."""

from typing import Any

import pytest
from galaxy_tiaas.compat import web
from galaxy_tiaas.dashboard.schema import DashboardUpdate
from galaxy_tiaas.mount import _our_routes
from galaxy_tiaas.trainings.schema import TrainingUpdate
from pydantic import (
    BaseModel,
    ValidationError,
)

#: Fields of changes for which null is a value.
_MAY_BE_NULL = {"destination", "version"}
_UPDATES = pytest.mark.parametrize("model", [TrainingUpdate, DashboardUpdate])


@_UPDATES
def test_a_field_of_a_change_may_be_left_out_and_has_no_default(model: type[BaseModel]) -> None:
    schema = web.openapi_of(_our_routes())["components"]["schemas"][model.__name__]
    assert set(schema["properties"]) == set(model.model_fields)
    assert "required" not in schema
    assert [name for name, published in schema["properties"].items() if "default" in published] == []
    assert {name for name, published in schema["properties"].items() if "anyOf" in published} <= _MAY_BE_NULL


@_UPDATES
def test_null_is_refused_for_what_must_have_a_value(model: Any) -> None:
    assert model().model_dump(exclude_unset=True) == {}
    for name in model.model_fields.keys() - _MAY_BE_NULL:
        with pytest.raises(ValidationError) as refused:
            model(**{name: None})
        assert [error["loc"] for error in refused.value.errors()] == [(name,)]


def test_every_operation_is_listed_once_under_trainings() -> None:
    operations = [each for path in web.openapi_of(_our_routes())["paths"].values() for each in path.values()]
    assert operations
    assert {tuple(operation["tags"]) for operation in operations} == {("trainings",)}
