"""What is in wheel and sdist, what they ask for, and that they work where they are installed."""

import json
import os
import re
import subprocess
import sys
import tarfile
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from importlib import metadata
from pathlib import Path

import pytest
from galaxy_tiaas import __version__
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

PACKAGE = "lib/galaxy_tiaas/"


@pytest.fixture
def names(wheel: Path) -> list[str]:
    with zipfile.ZipFile(wheel) as archive:
        return archive.namelist()


@pytest.fixture
def description(wheel: Path) -> Message:
    """METADATA: what the package index and pip read."""
    with zipfile.ZipFile(wheel) as archive:
        (name,) = (name for name in archive.namelist() if name.endswith(".dist-info/METADATA"))
        return Parser().parsestr(archive.read(name).decode())


def _requirements(message: Message) -> list[Requirement]:
    return [Requirement(text) for text in message.get_all("Requires-Dist", [])]


def _core(requirements: list[Requirement]) -> list[Requirement]:
    """Those that are installed when nobody asks for an extra."""
    return [item for item in requirements if item.marker is None or item.marker.evaluate({"extra": ""})]


# What is in it


def test_the_wheel_holds_the_package_and_nothing_but_the_package(names: list[str], git_files: list[str]) -> None:
    expected = {name.removeprefix("lib/") for name in git_files if name.startswith(PACKAGE)}
    found = {name for name in names if ".dist-info/" not in name}
    assert found == expected


def test_the_wheel_holds_what_only_a_running_server_misses(names: list[str]) -> None:
    for part in (
        "py.typed",
        "core/model/migrations/env.py",
        "core/model/migrations/script.py.mako",
        "core/model/migrations/versions/0001_trainings.py",
        "static/dist/manifest.json",
        "templates/galaxy_tiaas/base.mako",
        "admin_extensions/trainings/config.yml",
        "webhooks/tiaas_masthead/config.yml",
        "webhooks/tiaas_masthead/styles.css",
        "webhooks/tiaas_admin/script.js",
    ):
        assert f"galaxy_tiaas/{part}" in names


def test_the_source_distribution_holds_package_examples_and_documents_and_no_tests(
    sdist: Path, git_files: list[str]
) -> None:
    with tarfile.open(sdist) as archive:
        found = {member.name.partition("/")[2] for member in archive.getmembers() if member.isfile()}
    expected = {name for name in git_files if name.startswith((PACKAGE, "config/", "docs/"))}
    assert expected <= found
    assert {"LICENSE", "README.md", "CHANGELOG.md"} <= found
    assert not [name for name in found if name.startswith(("test/", "client/", "benchmarks/", "demo/", ".ci/"))]


def test_the_wheel_is_for_every_system_and_any_python_3(wheel: Path) -> None:
    assert wheel.name == f"galaxy_tiaas-{__version__}-py3-none-any.whl"


def test_the_package_index_takes_both(wheel: Path, sdist: Path) -> None:
    command = [sys.executable, "-m", "twine", "check", "--strict", str(wheel), str(sdist)]
    checked = subprocess.run(command, capture_output=True, text=True)
    assert checked.returncode == 0, checked.stdout


# What it asks for


def test_nothing_of_galaxy_is_required(description: Message) -> None:
    """A server that runs from a git checkout would get a second Galaxy, which shadows the first."""
    core = _core(_requirements(description))
    assert core
    assert not [item.name for item in core if canonicalize_name(item.name).startswith("galaxy")]


def test_what_is_required_requires_nothing_of_galaxy_either(description: Message) -> None:
    seen: set[str] = set()
    waiting = _core(_requirements(description))
    while waiting:
        item = waiting.pop()
        name = canonicalize_name(item.name)
        if name in seen:
            continue
        seen.add(name)
        texts = metadata.requires(name) or []
        waiting += [r for r in map(Requirement, texts) if r.marker is None or _wanted(r, item.extras)]
    assert len(seen) > 4
    assert not [name for name in seen if name.startswith("galaxy") or name == "bioblend"]


def _wanted(requirement: Requirement, extras: set[str]) -> bool:
    assert requirement.marker
    return any(requirement.marker.evaluate({"extra": extra}) for extra in ("", *extras))


def test_a_whole_server_and_the_tests_are_extras(description: Message) -> None:
    assert {"galaxy", "test"} <= set(description.get_all("Provides-Extra", []))
    wanted = {item.name for item in _requirements(description) if item.marker and 'extra == "galaxy"' in str(item)}
    assert {"galaxy-app", "galaxy-web-framework", "galaxy-web-apps", "galaxy-web-client"} <= wanted


def test_the_description_says_who_may_use_it(description: Message) -> None:
    assert description["Name"] == "galaxy-tiaas"
    assert description["Version"] == __version__
    assert (description["License-Expression"] or description["License"]) == "MIT"
    assert description.get_all("License-File") == ["LICENSE", "lib/galaxy_tiaas/static/dist/licenses.md"]
    assert description["Requires-Python"] == ">=3.10"
    assert "Training Infrastructure as a Service" in description["Summary"]


def test_the_licence_and_the_command_come_along(wheel: Path, names: list[str]) -> None:
    assert any(name.endswith("/LICENSE") for name in names)
    with zipfile.ZipFile(wheel) as archive:
        (entry_points,) = (name for name in names if name.endswith("entry_points.txt"))
        assert "galaxy-tiaas = galaxy_tiaas.__main__:main" in archive.read(entry_points).decode()


# Where it is installed


def _run(installed: Path, *command: str) -> str:
    """What a program says that sees the installed copy and not the checkout."""
    environment = {
        name: value for name, value in os.environ.items() if name not in ("GALAXY_CONFIG_FILE", "PYTHONPATH")
    }
    done = subprocess.run(
        [sys.executable, "-W", "ignore", *command],
        cwd=installed,
        env={**environment, "PYTHONPATH": str(installed)},
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


WITHOUT_GALAXY = """
import runpy, sys

class Blocker:
    def find_spec(self, name, *_):
        if name.partition(".")[0] in ("galaxy", "galaxy_ext"):
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Blocker())
"""


def test_the_command_is_installed_and_says_its_version(installed: Path) -> None:
    assert _run(installed, "bin/galaxy-tiaas", "--version").strip() == f"galaxy-tiaas, version {__version__}"


def test_the_command_prints_the_sample_settings(installed: Path) -> None:
    sample = Path(__file__).parents[2] / "config" / "tiaas_conf.yml.sample"
    assert _run(installed, "bin/galaxy-tiaas", "config", "sample") == sample.read_text()


def test_help_and_sample_need_no_galaxy(installed: Path) -> None:
    script = "import sys; sys.argv = ['galaxy-tiaas', *{}]; runpy.run_module('galaxy_tiaas', run_name='__main__')"
    for arguments in (["--help"], ["trainings", "--help"], ["config", "sample"]):
        assert _run(installed, "-c", WITHOUT_GALAXY + script.format(arguments))


@pytest.mark.parametrize(("missing", "arguments"), [("click", "--help"), ("galaxy", "db status")])
def test_without_what_galaxy_brings_the_command_says_so_in_one_line(
    installed: Path, missing: str, arguments: str
) -> None:
    script = f"import sys; sys.modules[{missing!r}] = None; sys.argv[1:] = {arguments.split()}; "
    script += "from galaxy_tiaas.__main__ import main; main()"
    command = [sys.executable, "-W", "ignore", "-c", script]
    done = subprocess.run(command, cwd=installed, capture_output=True, text=True, timeout=300)
    assert done.returncode == 1
    said = "Error: galaxy-tiaas needs (the Python environment|all libraries) of your Galaxy: "
    assert re.fullmatch(rf"{said}.*{missing}.*\n", done.stderr)


def test_the_bioblend_client_needs_no_galaxy(installed: Path) -> None:
    script = """
from bioblend.galaxy import GalaxyInstance
from galaxy_tiaas.bioblend import TrainingsClient
import galaxy_tiaas
print(galaxy_tiaas.__file__)
print(TrainingsClient(GalaxyInstance("http://127.0.0.1:1", key="key"))._make_url())
unwanted = {"alembic", "fastapi", "mako", "sqlalchemy"} & set(sys.modules)
assert not unwanted, unwanted
"""
    file, url = _run(installed, "-c", WITHOUT_GALAXY + script).splitlines()
    assert file.startswith(str(installed))
    assert url == "http://127.0.0.1:1/api/tiaas/trainings"


# Importing Galaxy takes long, so all that needs it is one program.
INSIDE_GALAXY = """
import importlib, json, pkgutil
from pathlib import Path
from types import SimpleNamespace
import sqlalchemy
import galaxy_tiaas
from galaxy_tiaas import (
    asgi,
    gunicorn,
    mount,
)
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.core.model import migrate
from galaxy_tiaas.web.templates import Templates
from galaxy_tiaas.core.templating import TemplateRenderer

names = [module.name for module in pkgutil.walk_packages(galaxy_tiaas.__path__, "galaxy_tiaas.")]
unusual = ("galaxy_tiaas.__main__", "galaxy_tiaas.core.model.migrations.env")
modules = [importlib.import_module(name).__file__ for name in names if name not in unusual]

galaxy_config = SimpleNamespace(galaxy_url_prefix="/", brand="", error_email_to=None, smtp_server=None)
templates = Templates(TiaasConfig(), galaxy_config, 0)
folder = Path(galaxy_tiaas.__file__).parent / "templates" / "galaxy_tiaas"
names = [str(file.relative_to(folder)) for file in folder.rglob("*.mako")]
lookup = TemplateRenderer(None).lookup
files = [lookup.get_template(name).filename for name in names]
about = templates.render("about", actor=None, framed=False)
texts = {"message": "<gone>", "login": None, "typed": "", "joining": True, "can_repeat": True, "login_to_see": None}
error = templates.render("error", actor=None, framed=False, status=404, **texts)

engine = sqlalchemy.create_engine("sqlite:///test.sqlite")
with engine.begin() as connection:
    connection.execute(sqlalchemy.text("CREATE TABLE galaxy_user (id INTEGER PRIMARY KEY)"))
migrate.upgrade(engine)
tables = sorted(sqlalchemy.inspect(engine).get_table_names())

print(json.dumps({"modules": modules, "templates": files, "pages": [about, error], "tables": tables}))
"""


@pytest.fixture(scope="module")
def inside_galaxy(installed: Path) -> dict[str, list[str]]:
    """What the installed copy does in an environment that has Galaxy."""
    return dict(json.loads(_run(installed, "-c", INSIDE_GALAXY).splitlines()[-1]))


def test_everything_can_be_imported(inside_galaxy: dict[str, list[str]], installed: Path) -> None:
    assert len(inside_galaxy["modules"]) > 50
    assert all(file.startswith(str(installed)) for file in inside_galaxy["modules"])


def test_every_template_can_be_used(inside_galaxy: dict[str, list[str]], installed: Path) -> None:
    assert len(inside_galaxy["templates"]) > 45, "pages and mails"
    assert all(file.startswith(str(installed)) for file in inside_galaxy["templates"])
    about, error = inside_galaxy["pages"]
    assert "<h1>" in about
    assert "&lt;gone&gt;" in error


def test_the_migrations_can_be_run(inside_galaxy: dict[str, list[str]]) -> None:
    assert {"tiaas_alembic_version", "tiaas_secret", "tiaas_training"} < set(inside_galaxy["tables"])


# Other versions of Python


def _interpreters() -> Iterator[tuple[str, str]]:
    """Those that promise to be supported and can be found: on the PATH, or where pyenv keeps them."""
    for version in ("3.10", "3.11", "3.12", "3.13"):
        folders = [Path(folder) for folder in os.environ.get("PATH", "").split(os.pathsep)]
        folders += Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob(f"versions/{version}.*/bin")
        candidates = [folder / f"python{version}" for folder in folders if (folder / f"python{version}").is_file()]
        usable = [file for file in candidates if subprocess.run([file, "-c", ""], capture_output=True).returncode == 0]
        yield version, str(usable[0]) if usable else ""


@pytest.mark.parametrize("version, python", list(_interpreters()))
def test_the_sources_are_understood_by_every_python_that_is_supported(
    wheel: Path, tmp_path: Path, version: str, python: str
) -> None:
    if not python:
        pytest.skip(f"there is no Python {version} on this machine")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    done = subprocess.run([python, "-m", "compileall", "-q", str(tmp_path)], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
