"""What a unique constraint refuses leaves the rest of its transaction as it is, on both databases."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy
from galaxy.model import Group
from galaxy_tiaas.core.db import unless_taken
from galaxy_tiaas.core.exceptions import (
    CohortNameTaken,
    IdentifierTaken,
)
from galaxy_tiaas.core.model import Training
from galaxy_tiaas.membership.manager import CohortManager
from galaxy_tiaas.trainings.manager import TrainingManager
from in_process import (
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
)

_TAKEN = IdentifierTaken("training-gryffindor")
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)


def _groups(galaxy: InProcess) -> list[str]:
    return [row.name for row in galaxy.query("SELECT name FROM galaxy_group ORDER BY name")]


def _add_group(galaxy: InProcess, name: str) -> None:
    with unless_taken(galaxy[TrainingManager].session, _TAKEN):
        galaxy.session.add(Group(name=name))


@on_both_databases
def test_what_was_written_before_a_refusal_is_committed(galaxy: InProcess) -> None:
    galaxy.foreign_group("training-gryffindor")
    galaxy.session.add(Group(name="before"))
    with pytest.raises(IdentifierTaken):
        _add_group(galaxy, "training-gryffindor")
    _add_group(galaxy, "after")
    galaxy.session.commit()
    assert _groups(galaxy) == ["after", "before", "training-gryffindor"]


@on_both_databases
def test_what_begins_a_transaction_is_part_of_it(galaxy: InProcess) -> None:
    """SQLite would commit the savepoint."""
    _add_group(galaxy, "training-gryffindor")
    galaxy.session.rollback()
    assert _groups(galaxy) == []


@contextmanager
def _just_before(galaxy: InProcess, statement: str, sql: str, **values: Any) -> Iterator[None]:
    """Somebody else commits something just before a statement is sent that begins like this."""
    engine = galaxy.host.model.engine
    todo = [sql]

    def listen(_connection: Any, _cursor: Any, sent: str, *_: Any) -> None:
        if todo and sent.startswith(statement):
            todo.pop()
            with engine.begin() as other:
                other.execute(sqlalchemy.text(sql), values)

    sqlalchemy.event.listen(engine, "before_cursor_execute", listen)
    try:
        yield
    finally:
        sqlalchemy.event.remove(engine, "before_cursor_execute", listen)
    assert not todo


@on_postgres
def test_of_two_requests_at_the_same_moment_one_gets_the_identifier(galaxy: InProcess) -> None:
    galaxy.request("slytherin")
    new = Training(identifier="gryffindor", title="Charms", name="M", email="m@example.org", attendance=5, state="new")
    new.set_days(FIRST_DAY, LAST_DAY, "UTC")
    new.created = new.updated = DURING
    taking = "UPDATE tiaas_training SET identifier = 'gryffindor'"
    with _just_before(galaxy, "INSERT INTO tiaas_training", taking), pytest.raises(IdentifierTaken):
        galaxy[TrainingManager].create(new)
    galaxy.session.commit()
    assert [row.title for row in galaxy.query("SELECT title FROM tiaas_training")] == ["Course slytherin"]


@on_postgres
def test_of_two_renames_to_one_identifier_at_the_same_moment_one_succeeds(galaxy: InProcess) -> None:
    first, second = galaxy.training("gryffindor"), galaxy.training("slytherin")
    taking = "UPDATE tiaas_training SET identifier = 'hufflepuff' WHERE id = :id"
    second.title = "Potions"
    just_before = _just_before(galaxy, "UPDATE tiaas_training SET identifier", taking, id=first.id)
    with just_before, pytest.raises(IdentifierTaken):
        galaxy[TrainingManager].rename(second, "hufflepuff", DURING)
    assert second.identifier == "slytherin"
    galaxy.session.commit()
    found = galaxy.query("SELECT identifier, title FROM tiaas_training ORDER BY id")
    assert [tuple(row) for row in found] == [("hufflepuff", "Course gryffindor"), ("slytherin", "Potions")]
    assert galaxy.query("SELECT 1 FROM tiaas_training_former_identifier") == []


@on_postgres
def test_a_group_that_somebody_makes_at_the_same_moment_is_not_ours(galaxy: InProcess) -> None:
    training = galaxy.training(state="new")
    taking = "INSERT INTO galaxy_group (name, deleted) VALUES ('training-gryffindor', false)"
    with _just_before(galaxy, "INSERT INTO galaxy_group", taking), pytest.raises(CohortNameTaken):
        galaxy[CohortManager].ensure(training)
    galaxy.session.commit()
    assert (training.group_id, training.role_id) == (None, None)
    assert _groups(galaxy) == ["training-gryffindor"]


@on_postgres
def test_a_group_keeps_its_name_if_somebody_takes_the_new_one_at_the_same_moment(galaxy: InProcess) -> None:
    training = galaxy.training()
    training.identifier = "slytherin"
    taking = "INSERT INTO galaxy_group (name, deleted) VALUES ('training-slytherin', false)"
    with _just_before(galaxy, "UPDATE galaxy_group", taking), pytest.raises(CohortNameTaken):
        galaxy[CohortManager].rename(training)
    galaxy.session.rollback()
    assert _groups(galaxy) == ["training-gryffindor", "training-slytherin"]
