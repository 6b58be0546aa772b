"""Fixtures of the tests on a real Galaxy."""

import pytest
from classroom import Classroom
from fixtures import GalaxyServer


@pytest.fixture(params=["galaxy_sqlite", "galaxy_postgres"])
def galaxy(request: pytest.FixtureRequest) -> GalaxyServer:
    """Each of the two databases in turn."""
    server: GalaxyServer = request.getfixturevalue(request.param)
    return server


@pytest.fixture
def classroom(galaxy: GalaxyServer) -> Classroom:
    return Classroom(galaxy)
