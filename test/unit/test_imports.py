"""Imports point one way: `mount → api, pages → services → managers → compat, model, schema → domain`."""

import ast
import json
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
    "compat": {"config", "exceptions"},
    "config": {"domain"},
    "core": {"config"},
    "schema": {"domain"},
    "model": {"domain"},
    "managers": {"compat", "config", "core", "domain", "exceptions", "managers", "model"},
    "templating": {"exceptions"},
    "notifications": {"compat", "config", "domain", "exceptions", "managers", "model", "templating"},
    "services": {
        *("compat", "config", "core", "domain", "exceptions", "lifecycle", "managers", "model", "notifications"),
        *("routing", "schema", "services", ""),
    },
    "lifecycle": {"config", "domain", "exceptions", "managers", "model", "notifications"},
    "rate_limited_log": set(),
    "routing": {"compat", "config", "domain", "exceptions", "managers", "rate_limited_log"},
    "rules": {"domain", "rate_limited_log", "routing"},
    "tasks": {"compat", "config", "lifecycle", "model"},
    "bioblend": set(),
    "cli": {
        *("compat", "config", "domain", "exceptions", "lifecycle", "managers", "model", "notifications", "schema"),
        *("services", ""),
    },
}
_WEB_LIBRARIES = ("fastapi", "starlette", "uvicorn", "galaxy.webapps")
#: Modules of `compat` that only those may import that run in a web process.
_WEB_COMPAT = ("application", "session", "web", "webhooks")
#: What Galaxy documents for whoever writes managers and operations of its API; all else is for `compat` alone.
_OFFICIAL = (
    *("galaxy.config.GalaxyAppConfiguration", "galaxy.di.Container", "galaxy.exceptions", "galaxy.model"),
    *("galaxy.security.idencoding.IdEncodingHelper", "galaxy.structured_app", "galaxy.webapps.galaxy.api"),
    "galaxy.work.context.SessionRequestContext",
)


#: Calls the rule and TPV's helper in a process of their own for each module that cannot be imported.
_BREAK_EACH_IMPORT = """
import json, os, sys, types
import galaxy.jobs, galaxy.model, sqlalchemy, pydantic, yaml

def environment(runner):
    return [types.SimpleNamespace(runner=runner)]

destinations = {"tpv": environment("dynamic"), "hat": environment("dynamic"), "local": environment("local"),
                "slurm": environment("slurm")}
app = types.SimpleNamespace(job_config=types.SimpleNamespace(destinations=destinations))
referrer = types.SimpleNamespace(id="hat", params={})

def answers():
    from galaxy_tiaas.rules import sorting_hat
    from galaxy_tiaas.rules.tpv import training_of
    return [
        sorting_hat(app, default="slurm", referrer=referrer),
        sorting_hat(app, default=None, referrer=referrer),
        sorting_hat(app, default="hat", referrer=referrer),
        sorting_hat(app, default="nowhere", referrer=referrer),
        training_of(app, None, None, None),
        sys.modules.get("galaxy_tiaas.routing.job_rule") is not None,
    ]

found = {}
for name in json.loads(sys.argv[1]):
    reader, writer = os.pipe()
    child = os.fork()
    if not child:
        sys.modules[name] = None
        try:
            answer = answers()
        except BaseException as problem:
            answer = repr(problem)
        os.write(writer, json.dumps(answer).encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        found[name] = json.loads(pipe.read())
    os.waitpid(child, 0)
print(json.dumps(found))
"""


def _exists(part: str) -> bool:
    return (_PACKAGE / part).is_dir() or (_PACKAGE / f"{part}.py").is_file()


@cache
def _imports() -> dict[str, set[str]]:
    """Module (`managers.cohorts`) to the full names of what it imports anywhere in its source."""
    return {_module(file): set(_imported(file)) for file in sorted(_PACKAGE.rglob("*.py"))}


def _module(file: Path) -> str:
    parts = file.relative_to(_PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part != "__init__")


@cache
def _tree(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"))


def _imported(file: Path) -> Iterator[str]:
    package = [_NAME, *file.relative_to(_PACKAGE).parts[:-1]]
    for node in ast.walk(_tree(file)):
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
    assert {"mount", "managers.cohorts", "rules.gateway", "routing.job_rule", "domain.states"} <= set(_imports())
    assert _parts(_imports()["managers.cohorts"]) == {"config", "domain", "exceptions", "model", "managers"}
    assert "galaxy.model.Group" in _imports()["managers.cohorts"]


@pytest.mark.parametrize("part", [part for part in _MAY_IMPORT if _exists(part)])
def test_each_part_imports_only_what_lies_below_it(part: str) -> None:
    found = {module: _parts(imported) - {part} - _MAY_IMPORT[part] for module, imported in _modules_of(part)}
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


def test_every_part_has_its_place() -> None:
    """A new part of the package needs a line in this file."""
    assert {module.split(".")[0] for module in _imports()} - {""} - _WEB <= set(_MAY_IMPORT)


def test_galaxys_unofficial_api_is_used_by_compat_alone() -> None:
    """And by the two modules that gunicorn and uvicorn start, which put ours in the place of one of Galaxy's."""
    found = {
        module: {name for name in imported if _within(name, ("galaxy",)) and not _within(name, _OFFICIAL)}
        for module, imported in _imports().items()
        if module.split(".")[0] not in ("compat", "gunicorn", "asgi")
    }
    assert {module: names for module, names in found.items() if names} == {}


def test_only_api_pages_and_web_know_galaxys_web_application() -> None:
    knowing = {
        module for module, imported in _imports().items() if any(_within(i, ("galaxy.webapps",)) for i in imported)
    }
    assert {module.split(".")[0] for module in knowing} <= {"asgi", "api", "compat", "pages", "web"}
    compat = {module.removeprefix("compat.") for module in knowing if module.startswith("compat.")}
    assert compat <= set(_WEB_COMPAT)


def test_what_runs_without_the_web_never_imports_it() -> None:
    web = (*_WEB_LIBRARIES, *(f"{_NAME}.compat.{name}" for name in _WEB_COMPAT))
    found = {
        module: {name for name in imported if _within(name, web)} | (_parts(imported) & _WEB)
        for module, imported in _imports().items()
        if module.split(".")[0] not in _WEB and module.removeprefix("compat.") not in _WEB_COMPAT
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


def test_no_manager_ends_a_transaction() -> None:
    """What belongs together is known to their callers: a service commits once, with all that it has asked for."""
    managers = {
        node.name: node
        for file in _PACKAGE.rglob("*.py")
        for node in ast.walk(_tree(file))
        if isinstance(node, ast.ClassDef) and node.name.endswith("Manager")
    }
    assert {"TrainingManager", "CohortManager", "OutboxManager"} <= managers.keys()
    ends = {
        f"{name}.{node.func.attr}"
        for name, manager in managers.items()
        for node in ast.walk(manager)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if node.func.attr in ("commit", "rollback")
    }
    assert ends == set()


def test_only_seven_managers_read_jobs() -> None:
    """Two of them one at a time: the newest, and the one that is asked about. One only knows for whom they count."""
    readers = {module for module, imported in _imports().items() if "galaxy.model.Job" in imported}
    readers -= {"compat.job_metrics"}
    names = ("activity", "attribution", "charts", "help", "placements", "routing", "usage")
    assert readers == {f"managers.{name}" for name in names}


def test_a_job_handler_that_imports_the_rule_loads_no_web_application() -> None:
    """Beyond what Galaxy's model and job configuration load by themselves."""
    script = f"""
import sys
import galaxy.jobs, galaxy.model
before = set(sys.modules)
import galaxy_tiaas.rules.gateway, galaxy_tiaas.routing.job_rule
loaded = set(sys.modules) - before
print(sorted(name for name in loaded if name.startswith(("fastapi", "starlette", "galaxy.webapps"))))
ours = {{name.split(".")[1] for name in loaded if name.startswith("{_NAME}.")}}
print(sorted(ours & {_WEB | {"services", "schema"}}))
"""
    assert _run(script) == ["[]", "[]"]


def test_whatever_cannot_be_imported_a_job_goes_to_the_default() -> None:
    """On a release of Galaxy that has renamed it, say, or where ours is half installed."""
    needed = sorted(_needed_by("routing.job_rule") - {f"{_NAME}.rate_limited_log"})
    assert {"galaxy.jobs", f"{_NAME}.managers.routing", f"{_NAME}.domain.routing", "sqlalchemy"} <= set(needed)
    expected = ["slurm", "local", "local", "local", None, False]
    found = json.loads(_run(_BREAK_EACH_IMPORT, json.dumps(needed))[-1])
    assert {name: answer for name, answer in found.items() if answer != expected} == {}


def _needed_by(module: str) -> set[str]:
    """This module of ours, those of ours that it imports at any depth, and what all of them import besides."""
    needed, todo = {f"{_NAME}.{module}"}, [module]
    while todo:
        for name in _imports()[todo.pop()]:
            if name.split(".")[0] in sys.stdlib_module_names:
                continue
            # `galaxy_tiaas.model.migrate` is a module, `galaxy_tiaas.config.TiaasConfig` is not.
            imported = name if name.removeprefix(f"{_NAME}.") in _imports() else name.rpartition(".")[0] or name
            if imported not in needed and imported != _NAME:
                needed.add(imported)
                todo += [imported.removeprefix(f"{_NAME}.")] if imported.startswith(f"{_NAME}.") else []
    return needed


def test_the_rule_is_imported_with_nothing_but_python() -> None:
    script = """
import importlib.abc, sys

class OnlyPython(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path, target=None):
        if name.split(".")[0] not in {*sys.stdlib_module_names, "galaxy_tiaas"}:
            raise ImportError(name)

sys.meta_path.insert(0, OnlyPython())
import galaxy_tiaas.rules, galaxy_tiaas.rules.gateway, galaxy_tiaas.rules.tpv
print(galaxy_tiaas.rules.sorting_hat.__name__)
"""
    assert _run(script) == ["sorting_hat"]


def test_the_client_for_bioblend_can_be_imported_without_galaxy() -> None:
    script = "import sys; sys.modules['galaxy'] = None; import galaxy_tiaas.bioblend; print('imported')"
    assert _run(script) == ["imported"]


def _run(script: str, *arguments: str) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    environment = {"PYTHONPATH": str(_PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout.splitlines()
