"""Names of members: given once, stored, nobody else's ever after."""

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor

import pytest
from galaxy.model import (
    Group,
    UserGroupAssociation,
)
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import TrainingOver
from galaxy_tiaas.dashboard.service import StatusService
from galaxy_tiaas.lifecycle.redaction import RedactionService
from galaxy_tiaas.membership import pseudonyms as domain
from galaxy_tiaas.membership.manager import CohortManager
from galaxy_tiaas.membership.pseudonyms import (
    Pseudonym,
    SHAPES,
)
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.manager import TrainingManager
from in_process import (
    AFTER,
    DURING,
    InProcess,
    on_both_databases,
    SERVER,
)


def _name(galaxy: InProcess, person: Actor, identifier: str = "gryffindor") -> str:
    name = galaxy.perform(MembershipsService.show, person, identifier, DURING).pseudonym
    assert name
    return name


def _few_names(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody would like to be called the same; the second choice differs."""
    secret_choice = domain._pseudonym

    def choice(secret: bytes, training_id: int, user_id: int, attempt: int) -> Pseudonym:
        return secret_choice(secret, training_id, 1 if attempt == 0 else user_id, attempt)

    monkeypatch.setattr(domain, "_pseudonym", choice)


def _put_into_group(galaxy: InProcess, identifier: str, names: Iterable[str]) -> None:
    """As an admin may in Galaxy's list of groups, past our service."""
    group = galaxy.session.get(Group, galaxy.find(identifier).group_id)
    galaxy.session.add_all([UserGroupAssociation(galaxy.account(name), group) for name in names])
    galaxy.session.commit()


@on_both_databases
def test_a_name_stays_when_an_earlier_member_of_the_same_first_choice_leaves(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    _few_names(monkeypatch)
    galaxy.training()
    harry, ron = galaxy.user("harry"), galaxy.user("ron")
    galaxy.join("gryffindor", harry, ron)
    harrys, rons = _name(galaxy, harry), _name(galaxy, ron)
    assert harrys != rons
    galaxy.perform(MembershipsService.leave, harry, "gryffindor", DURING)
    assert _name(galaxy, ron) == rons


def test_nobody_gets_the_name_of_somebody_who_left_and_may_come_back(
    galaxy: InProcess, monkeypatch: pytest.MonkeyPatch
) -> None:
    _few_names(monkeypatch)
    galaxy.training()
    harry, ron = galaxy.user("harry"), galaxy.user("ron")
    galaxy.join("gryffindor", harry)
    harrys = _name(galaxy, harry)
    galaxy.perform(MembershipsService.leave, harry, "gryffindor", DURING)
    galaxy.join("gryffindor", ron)
    assert _name(galaxy, ron) != harrys
    galaxy.join("gryffindor", harry)
    assert _name(galaxy, harry) == harrys


@on_both_databases
def test_whom_an_admin_put_into_the_group_by_hand_gets_a_name_when_first_seen(galaxy: InProcess) -> None:
    galaxy.training()
    _put_into_group(galaxy, "gryffindor", ["harry", "ron"])
    seen = {
        user.pseudonym for user in galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, DURING).value.users
    }
    galaxy.session.rollback()
    assert len(seen) == 2
    assert {_name(galaxy, galaxy.user(name)) for name in ("harry", "ron")} == seen


def test_to_read_the_roster_names_nobody(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("ron"))
    _put_into_group(galaxy, "gryffindor", ["harry", "gone"])
    galaxy.delete_account(galaxy.user("gone"))
    harry = galaxy.account("harry").id
    before = galaxy.dump()
    members, training = galaxy[CohortManager], galaxy.find("gryffindor")
    roster = members.roster(training)
    assert ([member.username for member in roster.members], roster.unnamed) == (["ron"], [harry])
    assert members.names([training], harry) == {}
    galaxy.session.commit()
    assert galaxy.dump() == before


def test_to_name_somebody_again_changes_nothing(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    members, training = galaxy[CohortManager], galaxy.find("gryffindor")
    user_id = galaxy.account("harry").id
    given = members.names([training], user_id)[training.id]
    assert members.name_members(training, [user_id]) == {user_id: given}
    assert members.name_members(training, []) == {}


def test_the_class_the_dashboard_and_the_member_see_the_same_name(galaxy: InProcess) -> None:
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    mine = galaxy.perform(MembershipsService.show, harry, "gryffindor", DURING)
    (listed,) = galaxy.perform(MembershipsService.members, SERVER, "gryffindor")
    (user,) = galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, DURING).value.users
    for seen in (listed, user):
        assert (seen.pseudonym, seen.colour, seen.shape) == (mine.pseudonym, mine.colour, mine.shape)
    assert mine.shape in SHAPES


@on_both_databases
def test_many_who_are_named_at_once_get_different_names(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several processes look at a class that has no names yet."""
    _few_names(monkeypatch)
    galaxy.training()
    _put_into_group(galaxy, "gryffindor", [f"pupil{number}" for number in range(12)])
    galaxy.session.remove()

    def look(_: int) -> set[str]:
        try:
            roster = galaxy[MembershipsService].read_roster(galaxy.find("gryffindor"))
            return {member.pseudonym.name for member in roster.members}
        finally:
            galaxy.session.remove()

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(look, range(4)))
    assert len(seen[0]) == 12
    assert all(names == seen[0] for names in seen)


@on_both_databases
def test_redaction_forgets_who_was_who_for_good(galaxy: InProcess) -> None:
    """Neither does somebody who looks afterwards have the names made again."""
    galaxy.training()
    harry = galaxy.user("harry")
    galaxy.join("gryffindor", harry)
    assert galaxy.query("SELECT 1 FROM tiaas_training_member")
    galaxy[RedactionService].redact(galaxy.find("gryffindor"), AFTER)
    galaxy.session.commit()
    assert galaxy.perform(MembershipsService.members, SERVER, "gryffindor") == []
    assert galaxy.perform(MembershipsService.show, harry, "gryffindor", AFTER).pseudonym is None
    with pytest.raises(TrainingOver):
        galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, AFTER)
    assert not galaxy.query("SELECT 1 FROM tiaas_training_member")


def test_names_of_a_training_are_not_those_of_another(galaxy: InProcess) -> None:
    people = [galaxy.user(f"pupil{number}") for number in range(10)]
    for identifier in ("gryffindor", "slytherin"):
        galaxy.training(identifier)
        galaxy.join(identifier, *people)
    assert not [person for person in people if _name(galaxy, person) == _name(galaxy, person, "slytherin")]


def test_giving_names_to_a_crowd_takes_a_fixed_number_of_statements(galaxy: InProcess) -> None:
    sent = []
    # Read once by each process, not by each class.
    galaxy[TrainingManager].secret()
    for size, identifier in ((5, "gryffindor"), (60, "slytherin")):
        galaxy.training(identifier)
        _put_into_group(galaxy, identifier, [f"{identifier}{number}" for number in range(size)])
        training = galaxy.find(identifier)
        unnamed = galaxy[CohortManager].roster(training).unnamed
        assert len(unnamed) == size
        with galaxy.statements() as statements:
            assert len(galaxy[CohortManager].name_members(training, unnamed)) == size
        sent.append(len(statements))
    assert sent[0] == sent[1]


@on_both_databases
def test_a_class_put_into_the_group_by_other_means_is_named_in_one_statement(galaxy: InProcess) -> None:
    galaxy.training()
    _put_into_group(galaxy, "gryffindor", [f"student{number}" for number in range(50)])
    with galaxy.statements() as sent:
        status = galaxy.perform(StatusService.status, SERVER, "gryffindor", 3, DURING).value
    assert len({user.pseudonym for user in status.users}) == 50
    (statement,) = [statement for statement in sent if "INSERT INTO tiaas_training_member" in statement]
    # All rows in one parameter, not a statement for each.
    assert "json" in statement
