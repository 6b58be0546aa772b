"""The playbook in ``config/ansible``: what the role ``galaxyproject.galaxy`` makes of its variables."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from galaxy_tiaas.cli import main
from jinja2 import (
    Environment,
    StrictUndefined,
)

from demo.instance import EXAMPLES

_PLAYBOOK = EXAMPLES / "ansible"
_JINJA = Environment(undefined=StrictUndefined, keep_trailing_newline=True)
#: How deep variables refer to each other.
_MOST_PASSES = 5


def _rendered(value: Any, variables: dict[str, Any]) -> Any:
    if isinstance(value, dict):
        return {key: _rendered(each, variables) for key, each in value.items()}
    if isinstance(value, list):
        return [_rendered(each, variables) for each in value]
    return _JINJA.from_string(value).render(variables) if isinstance(value, str) else value


def _variables(root: Path) -> dict[str, Any]:
    """All variables, with those that the role sets for the layout `root-dir`."""
    text = (_PLAYBOOK / "group_vars" / "galaxyservers.yml").read_text()
    variables = {**yaml.safe_load(text), "galaxy_root": str(root)}
    variables |= {"galaxy_config_dir": "{{ galaxy_root }}/config", "galaxy_venv_dir": "{{ galaxy_root }}/venv"}
    for _ in range(_MOST_PASSES):
        variables = _rendered(variables, variables)
    assert "{{" not in str(variables)
    return variables


def _deploy(variables: dict[str, Any], **vault: str) -> Path:
    """Write what the role writes; return galaxy.yml."""
    for file in variables["galaxy_config_files"]:
        Path(file["dest"]).write_text((_PLAYBOOK / file["src"]).read_text())
    for file in variables["galaxy_config_templates"]:
        template = (_PLAYBOOK / file["src"]).read_text()
        Path(file["dest"]).write_text(_JINJA.from_string(template).render(ansible_managed="by Ansible", **vault))
    galaxy_yml = Path(variables["galaxy_config_dir"], "galaxy.yml")
    galaxy_yml.write_text(yaml.safe_dump(variables["galaxy_config"]))
    return galaxy_yml


@pytest.mark.parametrize("vault", [{}, {"vault_tiaas_feed_token": "a: 'quoted' token"}])
def test_the_files_that_it_writes_have_no_problems(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, vault: dict[str, str]
) -> None:
    monkeypatch.setattr("logging.disable", lambda _: None)
    (tmp_path / "config").mkdir()
    variables = _variables(tmp_path)
    checked = CliRunner().invoke(main, ["-c", str(_deploy(variables, **vault)), "config", "check"])
    assert (checked.exit_code, "no problems found" in checked.output) == (0, True), checked.output
    settings = yaml.safe_load(Path(variables["galaxy_config"]["galaxy"]["tiaas_config_file"]).read_text())
    assert settings.get("feed_token") == vault.get("vault_tiaas_feed_token")


def test_it_installs_the_package_and_mounts_it_beside_other_arguments_of_gunicorn(tmp_path: Path) -> None:
    variables = _variables(tmp_path)
    assert "galaxy-tiaas" in variables["galaxy_additional_venv_packages"]
    arguments = variables["galaxy_config"]["gravity"]["gunicorn"]["extra_args"]
    assert arguments == "--forwarded-allow-ips=127.0.0.1 --config python:galaxy_tiaas.gunicorn"


def test_it_uses_the_role() -> None:
    (play,) = yaml.safe_load((_PLAYBOOK / "playbook.yml").read_text())
    wanted = yaml.safe_load((_PLAYBOOK / "requirements.yml").read_text())
    assert play["roles"] == [role["name"] for role in wanted["roles"]] == ["galaxyproject.galaxy"]
