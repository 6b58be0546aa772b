"""The lifecycle runs by itself in a real server, however many processes it has and however they were started."""

from classroom import (
    Classroom,
    wait_for_first_run,
)
from fixtures import (
    GalaxyServer,
    wait_until,
)
from servers import on_both_servers


def _end_behind_everybodys_back(classroom: Classroom, identifier: str) -> None:
    with classroom.galaxy.engine.begin() as connection:
        connection.exec_driver_sql(
            "UPDATE tiaas_training SET starts_at = '2020-01-01 00:00:00', ends_at = '2020-01-02 00:00:00'"
            f" WHERE identifier = '{identifier}'"
        )


@on_both_servers
def test_a_server_runs_it_soon_after_its_start(galaxy: GalaxyServer) -> None:
    """One has the extension from the application factory, one preloads Galaxy and forks."""
    wait_for_first_run(galaxy)
    standing = galaxy.query("SELECT value FROM tiaas_counter WHERE name = 'lifecycle_runs_total'")
    assert standing[0].value >= 1


def test_of_several_processes_one_puts_a_cohort_right_once(galaxy_prefix: GalaxyServer) -> None:
    classroom = Classroom(galaxy_prefix)
    identifier = classroom.approved()
    assert classroom.cohort_is_on(identifier)
    _end_behind_everybodys_back(classroom, identifier)
    wait_until(lambda: not classroom.cohort_is_on(identifier), "a cohort that is off")
    events = galaxy_prefix.query(
        "SELECT e.action, e.via, e.user_id FROM tiaas_training_event e JOIN tiaas_training t ON t.id = e.training_id"
        " WHERE t.identifier = :identifier AND e.via = 'lifecycle'",
        identifier=identifier,
    )
    assert [tuple(event) for event in events] == [("resources off", "lifecycle", None)]
