"""Fixtures of the tests on a real Galaxy."""

import pytest
from classroom import Classroom
from fixtures import GalaxyServer


@pytest.fixture
def galaxy(request: pytest.FixtureRequest) -> GalaxyServer:
    """The Galaxy that large sites have; for tests that are marked `on_both_servers`, the smallest one as well."""
    server: GalaxyServer = request.getfixturevalue(getattr(request, "param", "galaxy_postgres"))
    return server


@pytest.fixture
def classroom(galaxy: GalaxyServer) -> Classroom:
    return Classroom(galaxy)
