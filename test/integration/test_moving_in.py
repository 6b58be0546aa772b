"""A tiaas2 moves into a running server, and those who have its links notice nothing."""

import itertools
from pathlib import Path

import pytest
import sqlalchemy
from classroom import (
    Classroom,
    days_from_now,
    NOW,
    ok,
)
from fixtures import User
from old_service import OldService

_numbers = itertools.count(1)


def _import(classroom: Classroom, old: OldService, *options: str) -> str:
    done = classroom.command("import-tiaas2", old.url, *options)
    assert done.exit_code == 0, done.output
    return done.stdout


def _old_cohort(classroom: Classroom, name: str, member: User) -> None:
    """What the old service wrote into Galaxy's database, after its nightly job took the role off."""
    with classroom.galaxy.engine.begin() as connection:
        for statement in (
            "INSERT INTO galaxy_group (name, deleted) VALUES (:name, FALSE)",
            "INSERT INTO role (name, description, type, deleted) VALUES (:name, '', 'system', FALSE)",
            "INSERT INTO user_group_association (user_id, group_id)"
            " SELECT u.id, g.id FROM galaxy_user u, galaxy_group g WHERE u.email = :email AND g.name = :name",
        ):
            connection.execute(sqlalchemy.text(statement), {"name": name, "email": member.email})


def test_a_class_goes_on_where_it_was(classroom: Classroom, tmp_path: Path) -> None:
    written = f"Old-{next(_numbers)}"
    identifier = written.lower()
    old, today = OldService(f"sqlite:///{tmp_path / 'tiaas.sqlite3'}"), days_from_now(NOW)
    old.row(1, written, start=today, end=today, email=classroom.instructor.email.upper())
    _old_cohort(classroom, f"training-{identifier}", classroom.trainee)

    assert "its role is not linked to its group: repaired" in _import(classroom, old, "--repair")
    assert "already here             1" in _import(classroom, old, "--repair")

    assert classroom.cohort_is_on(identifier)
    assert classroom.members(identifier) == [classroom.trainee.username]
    assert ok(classroom.get(f"trainings/{identifier}", classroom.instructor))["email"]
    stranger = classroom.galaxy.login(classroom.stranger)
    assert "You are in" in classroom.page(f"/join-training/{written}/", stranger).text
    assert classroom.page(f"/join-training/{written}/status/").status_code == 200
    assert sorted(classroom.members(identifier)) == sorted([classroom.trainee.username, classroom.stranger.username])


@pytest.mark.parametrize(
    "path",
    [
        "/tiaas",
        "/tiaas/new/?title=Charms&training_identifier=charms",
        "/tiaas/stats/",
        "/tiaas/stats.csv",
        "/tiaas/numbers.csv",
        "/tiaas/calendar/",
        "/tiaas/calendar/events.json",
        "/tiaas/admin/",
        "/tiaas/admin/training/training/17/change/",
    ],
)
def test_addresses_of_tiaas2_lead_somewhere(classroom: Classroom, path: str) -> None:
    admin = classroom.galaxy.login(classroom.admin)
    assert classroom.page(path, admin, allow_redirects=True).status_code == 200
