"""What tests know of the servers in conftest.py."""

from typing import Protocol

import pytest

#: For what the two servers do differently, or must do whatever they are: mount, the journey, many people at once.
on_both_servers = pytest.mark.parametrize("galaxy", ["galaxy_sqlite", "galaxy_postgres"], indirect=True)

PREFIX = "/galaxy"
#: May call the API of the server below the prefix from its own pages.
FRIENDLY_SITE = "training.example.org"
#: The lifecycle runs some seconds after the start, and not again while tests move trainings behind its back.
ONE_RUN = {"lifecycle_interval_seconds": 86400}


class _Stoppable(Protocol):
    def stop(self) -> None: ...


#: What the tests of the current group share, stopped after the last of them.
running: list[_Stoppable] = []
