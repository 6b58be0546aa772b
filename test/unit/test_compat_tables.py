"""What we rely on of Galaxy's tables, which we read and, for cohorts, write by its models."""

import ast
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import galaxy.model
import galaxy_tiaas
import pytest
import sqlalchemy
from galaxy.model.orm.now import now
from in_process import (
    InProcess,
    on_both_databases,
)


def _used() -> Iterator[str]:
    """Each attribute of a model of Galaxy's that our code names, such as `Job.update_time`."""
    for file in Path(galaxy_tiaas.__file__).parent.rglob("*.py"):
        nodes = list(ast.walk(ast.parse(file.read_text())))
        imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "galaxy.model"]
        models = {alias.asname or alias.name: alias.name for node in imports for alias in node.names}
        for node in nodes:
            if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id in models:
                yield f"{models[node.value.id]}.{node.attr}"


USED = sorted(set(_used()))


def test_what_we_use_was_found() -> None:
    assert {"Job.user_id", "User.username", "UserGroupAssociation.group_id"} <= set(USED)


@pytest.mark.parametrize("name", USED)
def test_galaxys_models_have_what_we_use(name: str) -> None:
    model, attribute = name.split(".")
    assert hasattr(getattr(galaxy.model, model), attribute)


@on_both_databases
@pytest.mark.parametrize(
    ("table", "columns"),
    [
        ("galaxy_group", {"name"}),
        ("user_group_association", {"user_id", "group_id"}),
        ("group_role_association", {"group_id", "role_id"}),
    ],
)
def test_of_several_that_write_the_same_row_of_a_cohort_one_wins(
    galaxy: InProcess, table: str, columns: set[str]
) -> None:
    inspector = sqlalchemy.inspect(galaxy.host.model.engine)
    unique = [set(constraint["column_names"]) for constraint in inspector.get_unique_constraints(table)]
    unique += [set(filter(None, index["column_names"])) for index in inspector.get_indexes(table) if index["unique"]]
    assert columns in unique


@on_both_databases
@pytest.mark.parametrize(("table", "column"), [("job", "user_id"), ("job", "update_time"), ("galaxy_user", "email")])
def test_what_we_search_by_has_an_index(galaxy: InProcess, table: str, column: str) -> None:
    indexes = sqlalchemy.inspect(galaxy.host.model.engine).get_indexes(table)
    assert column in [index["column_names"][0] for index in indexes]


def test_times_are_naive_and_in_utc(galaxy: InProcess) -> None:
    created = galaxy.account("minerva").create_time
    assert created.tzinfo is None
    assert abs(created - now()) < timedelta(minutes=5)
