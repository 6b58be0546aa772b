"""Imports point one way: `mount → api, pages → services → managers → model, schema → domain`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import galaxy_tiaas
import pytest

_PACKAGE = Path(galaxy_tiaas.__file__).parent
_NAME = "galaxy_tiaas"

#: The modules that gunicorn, uvicorn and Galaxy's start know, and the one that mounts.
_DOORS = {"gunicorn", "asgi", "guard", "mount"}
_WEB = {"api", "pages", "web"} | _DOORS

#: Part of the package to those parts that it may import. What is not named here may import nothing of ours.
_MAY_IMPORT = {
    "domain": set(),
    "exceptions": set(),
    "config": {"domain"},
    "schema": {"domain"},
    "model": {"domain"},
    "managers": {"config", "domain", "exceptions", "managers", "model"},
    "templating": {"exceptions"},
    "notifications": {"config", "domain", "exceptions", "managers", "model", "templating"},
    "services": {
        *("config", "domain", "exceptions", "managers", "model", "notifications", "rules", "schema", "services", ""),
    },
    "lifecycle": {"config", "exceptions", "managers", "model", "notifications"},
    "turns": {"config", "exceptions", "lifecycle", "managers", "model"},
    "timer": {"config", "exceptions", "turns"},
    "rules": {"config", "domain", "exceptions", "managers"},
    "tasks": {"config", "exceptions", "managers", "model", "turns"},
    "bioblend": set(),
    "cli": {
        *("config", "domain", "exceptions", "lifecycle", "managers", "model", "notifications", "rules", "schema"),
        *("services", "turns", ""),
    },
}
_WEB_LIBRARIES = ("fastapi", "starlette", "uvicorn", "galaxy.webapps")


def _exists(part: str) -> bool:
    return (_PACKAGE / part).is_dir() or (_PACKAGE / f"{part}.py").is_file()


@cache
def _imports() -> dict[str, set[str]]:
    """Module (`managers.cohorts`) to the full names of what it imports anywhere in its source."""
    return {_module(file): set(_imported(file)) for file in sorted(_PACKAGE.rglob("*.py"))}


def _module(file: Path) -> str:
    parts = file.relative_to(_PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


def _imported(file: Path) -> Iterator[str]:
    package = [_NAME, *file.relative_to(_PACKAGE).parts[:-1]]
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            start = package[: len(package) - node.level + 1] if node.level else []
            source = ".".join([*start, *([node.module] if node.module else [])])
            # `from . import migrate` names a module, `from .config import TiaasConfig` does not.
            yield from (f"{source}.{alias.name}" for alias in node.names)


def _parts(imported: set[str]) -> set[str]:
    """Parts of ours in the names imported: `config` for `galaxy_tiaas.config.TiaasConfig`."""
    names = (name.split(".") for name in imported)
    ours = (name[1] for name in names if name[0] == _NAME and len(name) > 1)
    return {part if _exists(part) else "" for part in ours}


def _within(name: str, libraries: tuple[str, ...]) -> bool:
    return any(name == library or name.startswith(f"{library}.") for library in libraries)


def _modules_of(*parts: str) -> Iterator[tuple[str, set[str]]]:
    return ((module, imported) for module, imported in _imports().items() if module.split(".")[0] in parts)


def test_the_source_was_found() -> None:
    assert {"mount", "managers.cohorts", "rules.gateway", "domain.states"} <= set(_imports())
    assert _parts(_imports()["managers.cohorts"]) == {"config", "domain", "exceptions", "model", "managers"}
    assert "galaxy.model.Group" in _imports()["managers.cohorts"]


@pytest.mark.parametrize("part", [part for part in _MAY_IMPORT if _exists(part)])
def test_each_part_imports_only_what_lies_below_it(part: str) -> None:
    found = {module: _parts(imported) - {part} - _MAY_IMPORT[part] for module, imported in _modules_of(part)}
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


def test_every_part_has_its_place() -> None:
    """A new part of the package needs a line in this file."""
    assert {module.split(".")[0] for module in _imports()} - {""} - _WEB <= set(_MAY_IMPORT)


def test_only_mount_api_pages_and_web_know_galaxys_web_application() -> None:
    knowing = {
        module for module, imported in _imports().items() if any(_within(i, ("galaxy.webapps",)) for i in imported)
    }
    assert {module.split(".")[0] for module in knowing} <= {"mount", "asgi", "api", "pages", "web"}


def test_what_runs_without_the_web_never_imports_it() -> None:
    found = {
        module: {name for name in imported if _within(name, _WEB_LIBRARIES)} | (_parts(imported) & _WEB)
        for module, imported in _imports().items()
        if module.split(".")[0] not in _WEB
    }
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


def test_the_domain_knows_nothing_of_galaxy_nor_of_a_database() -> None:
    found = {
        module: {name for name in imported if _within(name, ("galaxy", "sqlalchemy", "pydantic", *_WEB_LIBRARIES))}
        for module, imported in _modules_of("domain")
    }
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


def test_the_client_for_bioblend_needs_bioblend_only() -> None:
    standard = sys.stdlib_module_names
    assert {name for name in _imports()["bioblend"] if name.split(".")[0] not in standard | {"bioblend"}} == set()


def test_only_the_cohorts_make_groups_and_roles() -> None:
    """Others may look at them, as the one does that adopts those of another service."""
    makers = {
        module for module, imported in _imports().items() if {"galaxy.model.Group", "galaxy.model.Role"} <= imported
    }
    assert makers <= {"managers.cohorts", "managers.adoption", "model"}


def test_only_six_managers_read_jobs() -> None:
    """Two of them one at a time: the newest, and the one that is asked about."""
    readers = {module for module, imported in _imports().items() if "galaxy.model.Job" in imported}
    assert readers == {f"managers.{name}" for name in ("activity", "charts", "help", "placements", "routing", "usage")}


def test_a_job_handler_that_imports_the_rule_loads_no_web_application() -> None:
    """Beyond what Galaxy's model and job configuration load by themselves."""
    script = f"""
import sys
import galaxy.jobs, galaxy.model
before = set(sys.modules)
import galaxy_tiaas.rules.gateway
loaded = set(sys.modules) - before
print(sorted(name for name in loaded if name.startswith(("fastapi", "starlette", "galaxy.webapps"))))
ours = {{name.split(".")[1] for name in loaded if name.startswith("{_NAME}.")}}
print(sorted(ours & {_WEB | {"services", "schema"}}))
"""
    assert _run(script) == ["[]", "[]"]


def test_the_client_for_bioblend_can_be_imported_without_galaxy() -> None:
    script = "import sys; sys.modules['galaxy'] = None; import galaxy_tiaas.bioblend; print('imported')"
    assert _run(script) == ["imported"]


def _run(script: str) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", script]
    environment = {"PYTHONPATH": str(_PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
