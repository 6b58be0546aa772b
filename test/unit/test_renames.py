"""What becomes of the identifier that a training had before."""

import pytest
from galaxy_tiaas.core.actor import Actor
from galaxy_tiaas.core.exceptions import (
    IdentifierTaken,
    TrainingNotFound,
    TrainingRenamed,
)
from galaxy_tiaas.dashboard.service import StatusService
from galaxy_tiaas.dashboard.step_service import DashboardsService
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.identifier_service import IdentifiersService
from galaxy_tiaas.trainings.manager import TrainingManager
from galaxy_tiaas.trainings.schema import (
    ChangeDecision,
    TrainingCreate,
    TrainingUpdate,
)
from galaxy_tiaas.trainings.service import TrainingsService
from galaxy_tiaas.web.permissions import may_manage
from in_process import (
    ANONYMOUS,
    BEFORE,
    DURING,
    FIRST_DAY,
    InProcess,
    LAST_DAY,
    on_both_databases,
    SERVER,
)


def _rename(galaxy: InProcess, old: str, new: str) -> None:
    galaxy.perform(TrainingsService.update, SERVER, old, TrainingUpdate(identifier=new), BEFORE)


def _renamed(galaxy: InProcess, state: str = "approved") -> None:
    """A training that was called gryffindor and is called godric."""
    galaxy.training("gryffindor", state=state)
    _rename(galaxy, "gryffindor", "godric")


def _former(galaxy: InProcess) -> list[tuple[str, str]]:
    rows = galaxy.query(
        "SELECT f.identifier AS former, t.identifier AS now FROM tiaas_training_former_identifier f"
        " JOIN tiaas_training t ON t.id = f.training_id ORDER BY f.identifier"
    )
    return [tuple(row) for row in rows]


# It leads to the training


@on_both_databases
def test_the_earlier_identifier_of_an_approved_training_leads_to_it(galaxy: InProcess) -> None:
    _renamed(galaxy)
    harry = galaxy.user("harry")
    assert galaxy.perform(TrainingsService.show, ANONYMOUS, "GRYFFINDOR", BEFORE).identifier == "godric"
    joined = galaxy.perform(MembershipsService.join, harry, "gryffindor", DURING)
    assert (joined.identifier, joined.changed) == ("godric", True)
    assert galaxy.members("training-godric") == ["harry"]
    assert galaxy.is_on("training-godric")
    assert galaxy.perform(StatusService.status, harry, "gryffindor", 3, DURING).value.identifier == "godric"
    assert galaxy[DashboardsService].show(galaxy.found(may_manage, SERVER, "gryffindor")).identifier == "godric"
    assert galaxy.perform(MembershipsService.leave, harry, "gryffindor", DURING).changed is True


def test_all_earlier_identifiers_lead_to_it(galaxy: InProcess) -> None:
    _renamed(galaxy)
    _rename(galaxy, "gryffindor", "lions")
    for identifier in ("gryffindor", "godric", "lions"):
        assert galaxy.find(identifier).identifier == "lions"
    assert galaxy[TrainingManager].former_identifiers(galaxy.find("lions")) == ["godric", "gryffindor"]


def test_a_change_that_an_admin_accepts_keeps_the_earlier_identifier(galaxy: InProcess) -> None:
    galaxy.training()
    minerva = galaxy.user("minerva")
    galaxy.perform(TrainingsService.update, minerva, "gryffindor", TrainingUpdate(identifier="godric"), BEFORE)
    assert _former(galaxy) == []
    galaxy.perform(TrainingsService.decide_change, SERVER, "gryffindor", ChangeDecision(accept=True), BEFORE)
    assert _former(galaxy) == [("gryffindor", "godric")]


def test_a_request_that_is_renamed_gives_its_identifier_back(galaxy: InProcess) -> None:
    _renamed(galaxy, state="new")
    assert _former(galaxy) == []
    galaxy.request("gryffindor")


def test_who_opens_a_page_is_sent_to_the_new_address(galaxy: InProcess) -> None:
    _renamed(galaxy)
    reader = Actor(follows_renames=True)
    with pytest.raises(TrainingRenamed) as renamed:
        galaxy.perform(TrainingsService.show, reader, "Gryffindor", BEFORE)
    assert renamed.value.identifier == "godric"
    assert galaxy.perform(TrainingsService.show, reader, "GODRIC", BEFORE).identifier == "godric"


@pytest.mark.parametrize("follows", [False, True])
@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_the_earlier_identifier_tells_strangers_nothing(galaxy: InProcess, state: str, follows: bool) -> None:
    galaxy.training()
    harry, draco = galaxy.user("harry"), galaxy.user("draco")
    galaxy.join("gryffindor", harry)
    _rename(galaxy, "gryffindor", "godric")
    galaxy.decide("godric", state, note="The room is closed")
    with pytest.raises(TrainingNotFound) as hidden:
        galaxy.perform(TrainingsService.show, Actor(user=draco.user, follows_renames=follows), "gryffindor", DURING)
    with pytest.raises(TrainingNotFound) as unknown:
        galaxy.perform(TrainingsService.show, draco, "slytherin", DURING)
    assert str(hidden.value) == str(unknown.value).replace("slytherin", "gryffindor")
    assert galaxy.perform(TrainingsService.show, harry, "gryffindor", DURING).identifier == "godric"


def test_only_what_no_training_is_called_costs_another_statement(galaxy: InProcess) -> None:
    _renamed(galaxy)
    galaxy.session.commit()
    manager = galaxy[TrainingManager]
    for identifier, statements in (("godric", 1), ("slytherin", 2), ("gryffindor", 2), ("not one!", 0)):
        galaxy.session.expunge_all()
        with galaxy.statements() as sent:
            manager.find(identifier)
        from_trainings = [statement for statement in sent if "FROM tiaas_training LEFT" in statement]
        assert len(from_trainings) == statements, identifier


# Nobody else gets it


def test_nobody_else_gets_the_earlier_identifier(galaxy: InProcess) -> None:
    _renamed(galaxy)
    service, other, admin = galaxy[TrainingsService], galaxy.user("salazar"), galaxy.admin()
    galaxy.training("slytherin", other, state="new")
    galaxy.training("ravenclaw", other)
    days = {"start": FIRST_DAY, "end": LAST_DAY, "attendance": 1, "title": "Potions"}
    request = TrainingCreate(identifier="Gryffindor", **days)
    rename = TrainingUpdate(identifier="gryffindor")
    refused = [
        galaxy.refused(409, lambda: service.create(admin, request, BEFORE)),
        galaxy.refused(409, lambda: galaxy.perform(TrainingsService.update, other, "slytherin", rename, BEFORE)),
        galaxy.refused(409, lambda: galaxy.perform(TrainingsService.update, other, "ravenclaw", rename, BEFORE)),
        galaxy.refused(409, lambda: galaxy.perform(TrainingsService.update, SERVER, "ravenclaw", rename, BEFORE)),
        *galaxy.perform(TrainingsService.problems_of_change, other, "slytherin", rename, frozenset(), BEFORE),
    ]
    for problem in refused:
        assert isinstance(problem, IdentifierTaken)
        assert "gryffindor" in str(problem) and "godric" not in str(problem)
    check = galaxy[IdentifiersService].check(other, "gryffindor", BEFORE)
    assert not check.available and "taken" in check.message


def test_a_change_that_waited_is_refused_if_its_identifier_is_gone_meanwhile(galaxy: InProcess) -> None:
    galaxy.training("gryffindor")
    salazar = galaxy.user("salazar")
    galaxy.training("slytherin", salazar)
    galaxy.perform(TrainingsService.update, salazar, "slytherin", TrainingUpdate(identifier="snakes"), BEFORE)
    _rename(galaxy, "gryffindor", "snakes")
    _rename(galaxy, "snakes", "godric")
    accept = ChangeDecision(accept=True)
    galaxy.refused(409, lambda: galaxy.perform(TrainingsService.decide_change, SERVER, "slytherin", accept, BEFORE))


@on_both_databases
def test_the_training_itself_gets_it_back(galaxy: InProcess) -> None:
    _renamed(galaxy)
    minerva = galaxy.user("minerva")
    check = galaxy[IdentifiersService].check(minerva, "gryffindor", BEFORE, except_for="godric")
    assert check.available
    _rename(galaxy, "godric", "gryffindor")
    assert _former(galaxy) == [("godric", "gryffindor")]
    assert galaxy.perform(TrainingsService.show, ANONYMOUS, "godric", BEFORE).identifier == "gryffindor"
    _rename(galaxy, "gryffindor", "godric")
    assert _former(galaxy) == [("gryffindor", "godric")]


def test_strangers_do_not_learn_what_a_training_was_called(galaxy: InProcess) -> None:
    _renamed(galaxy)
    check = galaxy[IdentifiersService].check(galaxy.user("draco"), "gryffindor", BEFORE, except_for="godric")
    assert not check.available
