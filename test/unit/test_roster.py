"""The roster of a class is read once and kept, and whatever happens to its members is seen at the next look."""

from collections.abc import Callable
from datetime import (
    datetime,
    timedelta,
)

import pytest
from galaxy.model import User
from galaxy_tiaas.membership.service import (
    MembershipsService,
    RosterCache,
)
from in_process import (
    DURING,
    InProcess,
    on_both_databases,
)
from sqlalchemy import update


@pytest.fixture
def look(galaxy: InProcess) -> Callable[..., list[str]]:
    """Who is in the class, as one and the same process sees it again and again."""
    rosters = RosterCache()

    def names(at: datetime = DURING) -> list[str]:
        galaxy.session.expire_all()
        service = galaxy[MembershipsService]
        service.rosters = rosters
        return [member.username or "" for member in service.roster(galaxy.find("gryffindor"), at)]

    return names


def _class(galaxy: InProcess) -> None:
    galaxy.training()
    galaxy.join("gryffindor", galaxy.user("harry"), galaxy.user("ron"))


@on_both_databases
def test_who_joins_or_leaves_is_seen_at_the_next_look(galaxy: InProcess, look: Callable[..., list[str]]) -> None:
    _class(galaxy)
    assert look() == ["harry", "ron"]
    galaxy.join("gryffindor", galaxy.user("luna"))
    assert look() == ["harry", "ron", "luna"]
    galaxy.perform(MembershipsService.leave, galaxy.user("ron"), "gryffindor", DURING)
    assert look() == ["harry", "luna"]


@on_both_databases
def test_one_who_takes_the_place_of_another_is_seen(galaxy: InProcess, look: Callable[..., list[str]]) -> None:
    """SQLite gives the row the same id."""
    _class(galaxy)
    assert look() == ["harry", "ron"]
    galaxy.perform(MembershipsService.leave, galaxy.user("ron"), "gryffindor", DURING)
    galaxy.join("gryffindor", galaxy.user("luna"))
    assert look() == ["harry", "luna"]


@on_both_databases
@pytest.mark.parametrize("values, expected", [({"deleted": True}, ["harry"]), ({"username": "won"}, ["harry", "won"])])
def test_a_deleted_or_renamed_account_is_seen_within_a_minute(
    galaxy: InProcess, look: Callable[..., list[str]], values: dict[str, object], expected: list[str]
) -> None:
    _class(galaxy)
    assert look() == ["harry", "ron"]
    galaxy.session.execute(update(User).where(User.username == "ron").values(**values))
    galaxy.session.commit()
    for seconds in (59, 60):
        names = look(DURING + timedelta(seconds=seconds))
    assert names == expected


def test_looking_again_reads_nobody(galaxy: InProcess, look: Callable[..., list[str]]) -> None:
    _class(galaxy)
    look()
    with galaxy.statements() as statements:
        assert look() == ["harry", "ron"]
    assert not [statement for statement in statements if "username" in statement.partition("FROM")[0]]
