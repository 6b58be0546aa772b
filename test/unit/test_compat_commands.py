"""What we rely on of Galaxy's parts where there is no server: compat/commands.py."""

from pathlib import Path
from typing import cast

import pytest
from galaxy.config import GalaxyAppConfiguration
from galaxy.jobs import JobConfiguration
from galaxy.model import User
from galaxy.model.scoped_session import galaxy_scoped_session
from galaxy.security.idencoding import IdEncodingHelper
from galaxy.structured_app import MinimalManagerApp
from galaxy_tiaas.compat.commands import (
    GalaxyWithoutServer,
    usual_config_file,
)
from in_process import InProcess
from sqlalchemy import select


def test_galaxys_parts_are_made_from_its_configuration(galaxy: InProcess) -> None:
    galaxy.account("minerva")
    app = GalaxyWithoutServer(str(galaxy.galaxy_yml))
    assert app[GalaxyAppConfiguration].config_dir == str(galaxy.directory)
    assert "local" in app[JobConfiguration].destinations
    assert app[IdEncodingHelper].decode_id(app[IdEncodingHelper].encode_id(7)) == 7
    session = app[galaxy_scoped_session]
    assert session.scalars(select(User.username)).all() == ["minerva"]
    assert cast(object, app[MinimalManagerApp]) is app  # type: ignore[type-abstract]
    session.remove()
    app.model.engine.dispose()


def test_galaxy_looks_for_its_configuration_where_it_is_started(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert usual_config_file() is None
    (tmp_path / "galaxy.yml").write_text("galaxy: {}\n")
    assert usual_config_file() == str(tmp_path / "galaxy.yml")
