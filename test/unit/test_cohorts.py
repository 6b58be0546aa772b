"""The Galaxy group and role of a training."""

from collections.abc import Callable
from datetime import (
    date,
    datetime,
    timedelta,
)
from typing import (
    Any,
    Optional,
)

import pytest
from galaxy.model import (
    Group,
    Role,
)
from galaxy_tiaas.core.exceptions import (
    CohortNameTaken,
    TrainingOver,
)
from galaxy_tiaas.membership.manager import CohortManager
from galaxy_tiaas.membership.service import MembershipsService
from galaxy_tiaas.trainings.schema import TrainingUpdate
from galaxy_tiaas.trainings.service import TrainingsService
from in_process import (
    AFTER,
    BEFORE,
    DURING,
    InProcess,
    on_both_databases,
    REQUESTED,
    SERVER,
)

_MOMENT = timedelta(microseconds=1)
#: The window of the factories' trainings with the usual twelve flexible hours.
_OPENS, _CLOSES = datetime(2026, 11, 15, 12), datetime(2026, 11, 19, 12)


def _group_and_role(galaxy: InProcess, name: str) -> tuple[int, int]:
    groups = galaxy.query("SELECT id FROM galaxy_group WHERE name = :name", name=name)
    roles = galaxy.query("SELECT id FROM role WHERE name = :name", name=name)
    return len(groups), len(roles)


def _update(galaxy: InProcess, at: datetime = REQUESTED, **fields: object) -> None:
    galaxy.perform(TrainingsService.update, SERVER, "gryffindor", TrainingUpdate.model_validate(fields), at)


# Made at approval


@pytest.mark.parametrize("state", ["new", "rejected", "cancelled"])
def test_a_training_that_was_never_approved_has_no_cohort(galaxy: InProcess, state: str) -> None:
    galaxy.training(state=state)
    assert _group_and_role(galaxy, "training-gryffindor") == (0, 0)


@on_both_databases
def test_approval_makes_one_group_and_one_role_of_the_same_name(galaxy: InProcess) -> None:
    training = galaxy.training()
    assert _group_and_role(galaxy, "training-gryffindor") == (1, 1)
    group, role = galaxy.session.get(Group, training.group_id), galaxy.session.get(Role, training.role_id)
    assert group and role
    assert group.name == role.name == "training-gryffindor"
    assert role.type == Role.types.SYSTEM
    assert "gryffindor" in (role.description or "")


def test_an_approval_that_is_repeated_after_a_rejection_keeps_cohort_and_members(galaxy: InProcess) -> None:
    training = galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    cohort = (training.group_id, training.role_id)
    galaxy.decide("gryffindor", "rejected")
    galaxy.decide("gryffindor", "approved")
    training = galaxy.find("gryffindor")
    assert (training.group_id, training.role_id) == cohort
    assert galaxy.members("training-gryffindor") == ["harry"]


# Names that are taken


def _refuse_and_look(galaxy: InProcess, kind: str) -> str:
    before = galaxy.dump()
    with pytest.raises(CohortNameTaken) as problem:
        galaxy.decide("gryffindor", "approved")
    galaxy.session.rollback()
    assert problem.value.status_code == 409
    assert f"Galaxy {kind} called 'training-gryffindor'" in str(problem.value)
    assert galaxy.dump() == before
    assert galaxy.find("gryffindor").state == "new"
    return str(problem.value)


@on_both_databases
def test_a_foreign_group_of_the_name_is_refused_and_left_alone(galaxy: InProcess) -> None:
    galaxy.foreign_group("training-gryffindor", galaxy.user("draco"))
    galaxy.training(state="new")
    _refuse_and_look(galaxy, "group")
    assert galaxy.members("training-gryffindor") == ["draco"]


@on_both_databases
def test_a_foreign_role_of_the_name_is_refused_and_left_alone(galaxy: InProcess) -> None:
    galaxy.foreign_role("training-gryffindor")
    galaxy.training(state="new")
    _refuse_and_look(galaxy, "role")


@on_both_databases
@pytest.mark.parametrize("kind", ["group", "role"])
def test_a_deleted_group_or_role_of_the_name_is_named_as_deleted(galaxy: InProcess, kind: str) -> None:
    """Galaxy keeps it, and its name, until it is purged."""
    foreign: Any = galaxy.foreign_group if kind == "group" else galaxy.foreign_role
    thing = foreign("training-gryffindor")
    galaxy.training(state="new")
    assert "is deleted" not in _refuse_and_look(galaxy, kind)
    thing = galaxy.session.merge(thing)
    thing.deleted = True
    galaxy.session.commit()
    why = _refuse_and_look(galaxy, kind)
    assert "is deleted, but keeps its name until it is purged" in why and f"{kind.capitalize()}s, search" in why
    galaxy.purge(Group if kind == "group" else Role, "training-gryffindor")
    galaxy.decide("gryffindor", "approved")


def test_of_several_roles_of_the_name_one_that_is_not_deleted_is_named_first(galaxy: InProcess) -> None:
    galaxy.foreign_role("training-gryffindor").deleted = True
    galaxy.foreign_role("training-gryffindor")
    galaxy.training(state="new")
    assert "is deleted" not in _refuse_and_look(galaxy, "role")


def test_once_the_foreign_group_is_gone_the_training_can_be_approved(galaxy: InProcess) -> None:
    galaxy.foreign_group("training-gryffindor")
    galaxy.training(state="new")
    with pytest.raises(CohortNameTaken):
        galaxy.decide("gryffindor", "approved")
    galaxy.session.rollback()
    galaxy.purge(Group, "training-gryffindor")
    galaxy.decide("gryffindor", "approved")
    assert _group_and_role(galaxy, "training-gryffindor") == (1, 1)


def test_groups_and_roles_of_similar_names_are_never_touched(galaxy: InProcess) -> None:
    """Neither those of training `barfoo`, nor foreign ones, while `foo` lives and dies."""
    galaxy.training("barfoo")
    galaxy.training("foobar")
    bystanders = ["training-barfoo", "training-foobar", "foo", "xtraining-foo", "training-foo2", "training-"]
    harry = galaxy.user("harry")
    for name in bystanders[2:]:
        galaxy.foreign_role(name, galaxy.foreign_group(name, harry))
    galaxy.join("barfoo", harry)
    galaxy.join("foobar", harry)
    galaxy.training("foo")
    galaxy.join("foo", harry, galaxy.user("ron"))
    galaxy.perform(MembershipsService.leave, harry, "foo", DURING)
    galaxy.decide("foo", "cancelled", at=DURING)
    for name in bystanders:
        assert galaxy.members(name) == ["harry"], name
        assert galaxy.is_on(name), name
    assert galaxy.members("training-foo") == ["ron"]
    assert not galaxy.is_on("training-foo")


# Renamed


@on_both_databases
def test_group_and_role_follow_the_identifier(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    _update(galaxy, identifier="phoenix", at=DURING)
    assert _group_and_role(galaxy, "training-gryffindor") == (0, 0)
    assert _group_and_role(galaxy, "training-phoenix") == (1, 1)
    assert galaxy.members("training-phoenix") == ["harry"]
    assert galaxy.is_on("training-phoenix")


@on_both_databases
@pytest.mark.parametrize("kind", ["group", "role"])
def test_an_identifier_whose_group_or_role_is_foreign_is_refused(galaxy: InProcess, kind: str) -> None:
    galaxy.training()
    if kind == "group":
        galaxy.foreign_group("training-phoenix")
    else:
        galaxy.foreign_role("training-phoenix")
    before = galaxy.dump()
    with pytest.raises(CohortNameTaken, match=f"Galaxy {kind} called 'training-phoenix'"):
        _update(galaxy, identifier="phoenix")
    galaxy.session.rollback()
    assert galaxy.dump() == before


def test_a_training_without_a_cohort_can_be_renamed_to_anything_free(galaxy: InProcess) -> None:
    galaxy.training(state="new")
    _update(galaxy, identifier="phoenix")
    assert galaxy.find("phoenix").group_id is None


@on_both_databases
def test_a_group_that_gets_the_id_of_one_that_was_purged_stays_somebody_elses(galaxy: InProcess) -> None:
    """SQLite gives the highest id again once its row is gone."""
    galaxy.training()
    galaxy.purge(Group, "training-gryffindor")
    galaxy.purge(Role, "training-gryffindor")
    galaxy.foreign_role("staff", galaxy.foreign_group("staff"))
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert galaxy.members("staff") == []
    assert galaxy.members("training-gryffindor") == ["harry"]
    assert galaxy.is_on("training-gryffindor")


def test_a_group_that_was_deleted_in_galaxy_and_is_needed_is_restored(galaxy: InProcess) -> None:
    training = galaxy.training()
    group = galaxy.session.get(Group, training.group_id)
    assert group
    group.deleted = True
    galaxy.session.commit()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert not group.deleted


@pytest.mark.parametrize(
    "before, after", [(None, "Members of the training 'phoenix' (galaxy-tiaas)"), ("Our lions", "Our lions")]
)
def test_the_description_of_the_role_follows_its_name_unless_an_admin_wrote_another(
    galaxy: InProcess, before: Optional[str], after: str
) -> None:
    role = galaxy.session.get(Role, galaxy.training().role_id)
    assert role
    assert role.description == "Members of the training 'gryffindor' (galaxy-tiaas)"
    role.description = before or role.description
    _update(galaxy, identifier="phoenix")
    assert role.description == after


def test_a_group_that_an_admin_renamed_in_galaxy_stays_ours(galaxy: InProcess) -> None:
    training = galaxy.training()
    group = galaxy.session.get(Group, training.group_id)
    assert group
    group.name = "order-of-the-phoenix"
    galaxy.session.commit()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert galaxy.members("order-of-the-phoenix") == ["harry"]


def test_a_group_that_an_admin_gave_the_new_name_already_is_no_obstacle(galaxy: InProcess) -> None:
    training = galaxy.training()
    group = galaxy.session.get(Group, training.group_id)
    assert group
    group.name = "training-phoenix"
    galaxy.session.commit()
    _update(galaxy, identifier="phoenix")
    assert galaxy.find("phoenix").group_id == group.id
    assert _group_and_role(galaxy, "training-phoenix") == (1, 1)


# On exactly while approved and open


@pytest.mark.parametrize(
    "now, on",
    [
        (REQUESTED, False),
        (BEFORE, False),
        (_OPENS - _MOMENT, False),
        (_OPENS, True),
        (DURING, True),
        (_CLOSES - _MOMENT, True),
        (_CLOSES, False),
        (AFTER, False),
    ],
)
def test_the_switch_is_on_exactly_while_the_window_is_open(galaxy: InProcess, now: datetime, on: bool) -> None:
    training = galaxy.training()
    cohorts = galaxy[CohortManager]
    assert cohorts.should_be_on(training, now) is on
    assert cohorts.switch(training, now) is on
    galaxy.session.commit()
    assert galaxy.is_on("training-gryffindor") is on


@pytest.mark.parametrize("state, on", [("approved", True), ("rejected", False), ("cancelled", False)])
def test_the_switch_is_on_only_for_approved_trainings(galaxy: InProcess, state: str, on: bool) -> None:
    galaxy.training()
    galaxy.decide("gryffindor", state, at=DURING) if state != "approved" else None
    training = galaxy.find("gryffindor")
    assert galaxy[CohortManager].should_be_on(training, DURING) is on
    galaxy[CohortManager].switch(training, DURING)
    galaxy.session.commit()
    assert galaxy.is_on("training-gryffindor") is on


def test_flexible_hours_are_those_of_the_settings(make_galaxy: Callable[..., InProcess]) -> None:
    galaxy = make_galaxy(join_flex_hours=0)
    training = galaxy.training()
    assert not galaxy[CohortManager].should_be_on(training, datetime(2026, 11, 15, 23, 59))
    assert galaxy[CohortManager].should_be_on(training, datetime(2026, 11, 16))


@on_both_databases
def test_switching_twice_is_switching_once(galaxy: InProcess) -> None:
    training = galaxy.training()
    cohorts = galaxy[CohortManager]
    assert [cohorts.switch(training, DURING) for _ in range(2)] == [True, False]
    assert [cohorts.switch(training, AFTER) for _ in range(2)] == [True, False]


def test_approval_of_a_training_that_runs_already_switches_it_on(galaxy: InProcess) -> None:
    galaxy.training(state="new")
    galaxy.decide("gryffindor", "approved", at=DURING)
    assert galaxy.is_on("training-gryffindor")


@pytest.mark.parametrize("state", ["rejected", "cancelled"])
def test_a_training_that_is_ended_by_decision_is_switched_off_at_once(galaxy: InProcess, state: str) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert galaxy.is_on("training-gryffindor")
    galaxy.decide("gryffindor", state, at=DURING)
    assert not galaxy.is_on("training-gryffindor")
    assert galaxy.members("training-gryffindor") == ["harry"]


def test_dates_that_an_admin_moves_switch_it_at_once(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    past = {"start": date(2026, 11, 2), "end": date(2026, 11, 3)}
    _update(galaxy, at=DURING, **past)
    assert not galaxy.is_on("training-gryffindor")
    _update(galaxy, at=DURING, end=date(2026, 11, 30))
    assert galaxy.is_on("training-gryffindor")


def test_joining_switches_it_on_when_nothing_else_has(galaxy: InProcess) -> None:
    galaxy.training()
    assert not galaxy.is_on("training-gryffindor")
    galaxy.join("gryffindor", galaxy.user("harry"))
    assert galaxy.is_on("training-gryffindor")


def test_joining_before_the_start_does_not(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"), at=BEFORE)
    assert not galaxy.is_on("training-gryffindor")


def test_an_association_with_another_role_is_not_ours_to_remove(galaxy: InProcess) -> None:
    training = galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    group = galaxy.session.get(Group, training.group_id)
    galaxy.foreign_role("data-access", group)
    galaxy[CohortManager].switch(training, AFTER)
    galaxy.session.commit()
    names = galaxy.query(
        "SELECT role.name FROM group_role_association a JOIN role ON role.id = a.role_id WHERE a.group_id = :id",
        id=training.group_id,
    )
    assert [row.name for row in names] == ["data-access"]


# What an admin does to groups and roles behind our back


@on_both_databases
@pytest.mark.parametrize("kind", [Group, Role])
def test_a_group_or_role_that_was_purged_is_made_again_at_the_next_join(galaxy: InProcess, kind: type) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.purge(kind, "training-gryffindor")
    galaxy.join("gryffindor", galaxy.user("ron"))
    assert "ron" in galaxy.members("training-gryffindor")
    assert _group_and_role(galaxy, "training-gryffindor") == (1, 1)
    assert galaxy.is_on("training-gryffindor")


@on_both_databases
@pytest.mark.parametrize("kind", [Group, Role])
def test_a_training_whose_cohort_was_purged_can_still_be_seen_and_ended(galaxy: InProcess, kind: type) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"))
    galaxy.purge(kind, "training-gryffindor")
    assert galaxy.perform(TrainingsService.show, SERVER, "gryffindor", DURING).members == (0 if kind is Group else 1)
    assert galaxy.perform(MembershipsService.leave, galaxy.user("harry"), "gryffindor", DURING).member is False
    assert galaxy.decide("gryffindor", "cancelled").state.value == "cancelled"
    with pytest.raises(TrainingOver):
        galaxy.join("gryffindor", galaxy.user("ron"))


@on_both_databases
def test_accounts_can_be_erased_from_under_a_training(galaxy: InProcess) -> None:
    """Galaxy never does, but some admins do; our tables must not stand in their way."""
    galaxy.training(by=galaxy.user("minerva"), instructors=["albus"] if galaxy.user("albus") else [])
    galaxy.session.remove()
    with galaxy.host.model.engine.begin() as connection:
        if connection.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA foreign_keys = ON")
        connection.exec_driver_sql("DELETE FROM galaxy_user")
    training = galaxy.find("gryffindor")
    assert galaxy.perform(TrainingsService.show, SERVER, "gryffindor", DURING).instructors == []
    assert training.state == "approved"
