"""The invariants of benchmarks/faults see each breach; else a fault that does harm would pass."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from galaxy_tiaas.trainings.identifiers import cohort_name
from in_process import (
    AFTER,
    BEFORE,
    DURING,
    InProcess,
)

from benchmarks.faults.invariants import (
    breaches,
    INVARIANTS,
    Promised,
)

COHORT, LINK, ORPHANS, MEMBERS, STORY, DOUBLED, MISSING, STUCK, PROMISES = INVARIANTS
NAME = cohort_name("gryffindor")


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess]) -> InProcess:
    """A running training with two members, a new one, and a message on its way."""
    galaxy = make_galaxy(galaxy_conf={"smtp_server": "127.0.0.1:9"})
    galaxy.request("slytherin")
    galaxy.request("gryffindor")
    galaxy.decide("gryffindor", "approved", at=DURING)
    galaxy.join("gryffindor", galaxy.user("harry"), galaxy.user("ron"))
    return galaxy


def promised_to(galaxy: InProcess) -> Promised:
    rows = galaxy.query("SELECT user_id, pseudonym FROM tiaas_training_member")
    joined = {("gryffindor", row.user_id): row.pseudonym for row in rows}
    return Promised(joined, approved={"gryffindor"}, requested={"gryffindor", "slytherin"})


def broken(galaxy: InProcess, promised: Promised, now: Any = DURING) -> set[str]:
    """The invariants that are broken."""
    galaxy.session.remove()
    with galaxy.host.model.engine.connect() as connection:
        return {name for name, found in breaches(connection, now, promised).items() if found}


def test_a_server_without_faults_breaks_none(galaxy: InProcess) -> None:
    promised = promised_to(galaxy)
    assert broken(galaxy, promised) == set()
    assert galaxy.query("SELECT 1 FROM tiaas_delivery"), "there is a message that could be wrong"


# What each fault could leave behind: the SQL that makes it, and the invariants that see it
LEFT_BEHIND = {
    "no group": (["UPDATE tiaas_training SET group_id = NULL WHERE state = 'approved'"], {COHORT}),
    "a new training with a group": (
        [
            "INSERT INTO galaxy_group (id, name, deleted) VALUES (99, 'training-slytherin', false)",
            "UPDATE tiaas_training SET group_id = 99 WHERE state = 'new'",
        ],
        {COHORT},
    ),
    "two roles": (["INSERT INTO role (name, deleted, type) VALUES ('training-gryffindor', false, 'system')"], {COHORT}),
    "a group of no training": (
        ["INSERT INTO galaxy_group (name, deleted) VALUES ('training-hufflepuff', false)"],
        {ORPHANS},
    ),
    "a foreign role": (
        [
            "INSERT INTO role (id, name, deleted, type) VALUES (99, 'others', false, 'system')",
            "INSERT INTO group_role_association (group_id, role_id) SELECT group_id, 99 FROM tiaas_training"
            " WHERE state = 'approved'",
        ],
        {ORPHANS},
    ),
    "no link": (["DELETE FROM group_role_association"], {LINK, STORY}),
    "a member without a pseudonym": (
        ["DELETE FROM tiaas_training_member WHERE id = (SELECT max(id) FROM tiaas_training_member)"],
        {MEMBERS},
    ),
    "a pseudonym without a member": (
        ["DELETE FROM user_group_association WHERE id = (SELECT max(id) FROM user_group_association)"],
        {MEMBERS},
    ),
    "a join that was not counted": (["UPDATE tiaas_counter SET value = 1 WHERE name = 'joins_total'"], {MEMBERS}),
    "requested twice": (
        [
            "INSERT INTO tiaas_training_event (training_id, time, action, note, changes)"
            " SELECT id, created, 'requested', '', '{}' FROM tiaas_training WHERE state = 'new'"
        ],
        {STORY},
    ),
    "approved twice": (
        [
            "INSERT INTO tiaas_training_event (training_id, time, action, from_state, to_state, note, changes)"
            " SELECT id, created, 'approved', 'new', 'approved', '', '{}' FROM tiaas_training WHERE state = 'approved'"
        ],
        {STORY},
    ),
    "switched on twice": (
        [
            "INSERT INTO tiaas_training_event (training_id, time, action, note, changes)"
            " SELECT id, created, 'resources on', '', '{}' FROM tiaas_training WHERE state = 'approved'"
        ],
        {STORY},
    ),
    "a state without its history": (["UPDATE tiaas_training SET state = 'rejected' WHERE state = 'new'"], {STORY}),
    "a message told twice": (
        [
            "INSERT INTO tiaas_message (id, training_id, event, audience, subject, text, html, markdown, link, created)"
            " SELECT 99, training_id, event, audience, '', '', '', '', '', '2026-10-02 00:00:00' FROM tiaas_message"
            " WHERE event = 'approved' AND audience = 'instructor'",
            "INSERT INTO tiaas_delivery (message_id, channel, address, attempts, next_attempt_at, problem)"
            " VALUES (99, 'mail', '', 0, '2026-10-02 00:00:00', '')",
        ],
        {DOUBLED},
    ),
    "a delivery made twice": (
        [
            "INSERT INTO tiaas_delivery (message_id, channel, user_id, address, attempts, next_attempt_at, problem)"
            " SELECT message_id, channel, user_id, address, attempts, next_attempt_at, '' FROM tiaas_delivery LIMIT 1"
        ],
        {DOUBLED},
    ),
    "an event of no training": (
        [
            "INSERT INTO tiaas_training_event (training_id, time, action, note, changes)"
            " VALUES (99, '2026-10-02 00:00:00', 'changed', '', '{}')"
        ],
        {MISSING},
    ),
    "a message to nobody": (
        ["DELETE FROM tiaas_delivery WHERE message_id = (SELECT min(id) FROM tiaas_message)"],
        {MISSING},
    ),
    "two secrets": (["INSERT INTO tiaas_secret (value) VALUES ('00')"], {MISSING}),
    "a lease for ever": (
        ["INSERT INTO tiaas_lease (name, holder, expires_at) VALUES ('lifecycle', 'x', '2027-01-01 00:00:00.000000')"],
        {STUCK},
    ),
    "a claim for ever": (["UPDATE tiaas_delivery SET claimed_until = '2027-01-01 00:00:00.000000'"], {STUCK}),
    "a delivery that nobody tries": (["UPDATE tiaas_delivery SET next_attempt_at = NULL"], {STUCK}),
    "another pseudonym": (
        ["UPDATE tiaas_training_member SET pseudonym = 'X' WHERE id = (SELECT min(id) FROM tiaas_training_member)"],
        {PROMISES},
    ),
    "a training that was lost": (
        [
            "DELETE FROM tiaas_training_location",
            "DELETE FROM tiaas_delivery",
            "DELETE FROM tiaas_message",
            "DELETE FROM tiaas_training_event WHERE training_id = (SELECT id FROM tiaas_training WHERE state = 'new')",
            "DELETE FROM tiaas_training WHERE state = 'new'",
        ],
        {PROMISES},
    ),
}


@pytest.mark.parametrize("what", LEFT_BEHIND)
def test_what_a_fault_leaves_behind_is_seen(galaxy: InProcess, what: str) -> None:
    statements, expected = LEFT_BEHIND[what]
    promised = promised_to(galaxy)
    with galaxy.host.model.engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    assert expected <= broken(galaxy, promised)


def test_a_link_before_and_after_its_time_is_seen(galaxy: InProcess) -> None:
    promised = promised_to(galaxy)
    assert LINK in broken(galaxy, promised, BEFORE)
    assert LINK in broken(galaxy, promised, AFTER)


def test_a_join_and_an_approval_that_were_answered_and_not_kept_are_seen(galaxy: InProcess) -> None:
    promised = promised_to(galaxy)
    promised.joined["gryffindor", galaxy.account("neville").id] = "X"
    assert broken(galaxy, promised) == {PROMISES}
    promised = promised_to(galaxy)
    promised.approved.add("slytherin")
    assert broken(galaxy, promised) == {PROMISES}


def test_clocks_apart_let_a_lease_seem_longer(galaxy: InProcess) -> None:
    with galaxy.host.model.engine.begin() as connection:
        until = DURING + timedelta(minutes=6)
        connection.exec_driver_sql(
            f"INSERT INTO tiaas_lease (name, holder, expires_at) VALUES ('lifecycle', 'x', '{until}.000000')"
        )
    with galaxy.host.model.engine.connect() as connection:
        assert breaches(connection, DURING, Promised())[STUCK]
        assert not breaches(connection, DURING, Promised(), skew=timedelta(minutes=5))[STUCK]
