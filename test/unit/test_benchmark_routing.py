"""The benchmark of the rule works, and says what it is there to say: one statement instead of many."""

import sqlalchemy

from benchmarks.routing import (
    GROUPS,
    measure,
    member_of_many,
)


def test_a_decision_asks_once_where_all_roles_asks_for_each_group(postgres_url: str) -> None:
    engine = sqlalchemy.create_engine(postgres_url, poolclass=sqlalchemy.NullPool)
    with engine.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO galaxy_user (id, email, username, password, external, deleted, purged, active)"
            " VALUES (1, 'harry@example.org', 'harry', '-', false, false, false, true)"
        )
        connection.exec_driver_sql("INSERT INTO job (user_id, state) SELECT 1, 'ok' FROM generate_series(1, 200)")
    roles, asking, held, workflow = measure(postgres_url, member_of_many(engine), rounds=2)
    assert roles.statements > GROUPS
    assert (asking.statements, held.statements <= 1, workflow.statements) == (1, True, 1)
