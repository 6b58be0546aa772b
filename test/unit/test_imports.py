"""Imports point one way: `mount → slices → web, core, compat → rules`; a slice uses others along a list."""

import ast
import importlib
import json
import re
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Optional

import galaxy_tiaas
import pytest

_PACKAGE = Path(galaxy_tiaas.__file__).parent
_NAME = "galaxy_tiaas"

#: The modules that gunicorn, uvicorn and Galaxy's start know, those that mount, and what a site's files import.
_ENTRY_POINTS = {"gunicorn", "asgi", "guard", "mount", "routers", "tasks", "rules", "bioblend", "cli", "__main__"}
#: What every slice may use, and what they may use.
_SHARED = {"core": {"compat"}, "compat": {"core"}, "web": {"core", "compat"}}
#: Each slice with the other slices that it uses.
_SLICES = {
    "classroom": {"membership", "trainings"},
    "dashboard": {"classroom", "membership", "routing", "trainings"},
    "history": {"trainings"},
    "invitations": {"notifications", "trainings"},
    "lifecycle": {"membership", "notifications", "reporting", "trainings"},
    "membership": {"classroom", "trainings"},
    "notifications": {"membership", "trainings"},
    "privacy": {"lifecycle", "trainings"},
    "reporting": {"dashboard", "lifecycle", "membership", "notifications", "routing", "trainings"},
    "routing": set(),
    "tiaas2": {"membership", "trainings"},
    "trainings": {"history", "invitations", "membership", "notifications", "routing"},
}
#: Rules that need neither Galaxy nor a database, which everything may use.
_RULES = {
    *("core.countries", "core.result_pages", "core.times"),
    *("core.wording", "dashboard.class_jobs", "dashboard.executions", "dashboard.progress", "dashboard.steps"),
    *("membership.pseudonyms", "privacy.scrubbing", "reporting.usage", "routing.decision"),
    *("trainings.identifiers", "trainings.states"),
}
#: Beyond `api` and `pages` of the slices, the modules that run in a web process only.
_WEB_MODULES = {
    *("dashboard.view", "trainings.capacity_chart", "trainings.forms"),
}
#: What the dependencies of routes ask of slices.
_ASKED_BY_WEB = {"web.permissions": {"dashboard.service", "membership.manager", "trainings.views"}}
_WEB_LIBRARIES = ("fastapi", "starlette", "uvicorn", "galaxy.webapps")
#: Modules of `compat` that only those may import that run in a web process.
_WEB_COMPAT = ("dependencies", "routes", "session", "web")
#: What Galaxy documents for whoever writes managers and operations of its API; all else is for `compat` alone.
_OFFICIAL = (
    *("galaxy.config.GalaxyAppConfiguration", "galaxy.di.Container", "galaxy.exceptions", "galaxy.model"),
    *("galaxy.security.idencoding.IdEncodingHelper", "galaxy.structured_app", "galaxy.webapps.galaxy.api"),
)


#: Calls the rule and TPV's helper in a process of their own for each module that cannot be imported.
#: What `answers` returns once for each module that cannot be imported.
_BREAK_EACH_IMPORT = """
import json, os, sys

def break_each(answers):
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
_ASK_THE_RULES = """
import types
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

break_each(answers)
"""
_ASK_CELERY = """
import sqlalchemy, pydantic, yaml
from galaxy.celery import celery_app
import galaxy.di, galaxy.model

def answers():
    import galaxy_tiaas.tasks
    celery_app.finalize()
    schedule = celery_app.conf.beat_schedule
    return ["prune-history-audit-table" in schedule, "galaxy-tiaas-lifecycle" in schedule]

break_each(answers)
"""


@cache
def _imports() -> dict[str, set[str]]:
    """Module (`membership.manager`) to the full names of what it imports anywhere in its source."""
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


def _ours(module: str) -> set[str]:
    """The modules of ours that a module imports."""
    names = {name.removeprefix(f"{_NAME}.") for name in _imports()[module] if name.startswith(f"{_NAME}.")}
    # `core.model.migrate` is a module, `core.config.TiaasConfig` is not.
    return {name if name in _imports() else name.rpartition(".")[0] for name in names}


def _part(module: str) -> str:
    return module.split(".")[0]


def _is_web(module: str) -> bool:
    """Whether a module runs in a web process only."""
    part, _, name = module.partition(".")
    is_page_or_operation = part in _SLICES and name.rpartition("_")[2] in ("api", "pages")
    return (
        part in ("web", "gunicorn", "asgi", "guard", "mount", "routers")
        or is_page_or_operation
        or module in _WEB_MODULES
    )


def _within(name: str, libraries: tuple[str, ...]) -> bool:
    return any(name == library or name.startswith(f"{library}.") for library in libraries)


def test_the_source_was_found() -> None:
    assert {"mount", "membership.manager", "rules.gateway", "routing.job_rule", "trainings.states"} <= set(_imports())
    assert {"core.config", "core.db", "core.model", "trainings.identifiers"} <= _ours("membership.manager")
    assert "galaxy.model.Group" in _imports()["membership.manager"]
    assert set(_imports()) >= _RULES | _WEB_MODULES | set(_ASKED_BY_WEB)


@pytest.mark.parametrize("part", [*_SHARED, *_SLICES])
def test_each_part_imports_only_what_lies_below_it(part: str) -> None:
    may = {part} | _SHARED.get(part, set(_SHARED)) | _SLICES.get(part, set())
    found = {
        module: {
            name
            for name in _ours(module) - _RULES - _ASKED_BY_WEB.get(module, set())
            if name and _part(name) not in may
        }
        for module in _imports()
        if _part(module) == part
    }
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("template", sorted(_PACKAGE.rglob("templates/**/*.mako")), ids=lambda file: str(file.name))
def test_what_a_template_imports_is_there(template: Path) -> None:
    found = re.findall(r"from (galaxy_tiaas[\w.]*) import (\([^)]*\)|[\w, ]+)", template.read_text(encoding="utf-8"))
    for module, names in found:
        for name in re.findall(r"(?<!as )\b(\w+)\b(?! as)", re.sub(r"\b(\w+) as \w+", r"\1", names)):
            imported = importlib.import_module(module)
            assert hasattr(imported, name) or importlib.import_module(f"{module}.{name}")


def test_every_part_has_its_place() -> None:
    """A new part of the package needs a line in this file."""
    assert {_part(module) for module in _imports()} - {""} == _ENTRY_POINTS | set(_SHARED) | set(_SLICES)


def test_no_slice_uses_another_without_need() -> None:
    used = {
        slice_: {_part(name) for module in _imports() if _part(module) == slice_ for name in _ours(module) - _RULES}
        for slice_ in _SLICES
    }
    assert {slice_: set(_SLICES) & names - {slice_} for slice_, names in used.items()} == _SLICES


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
    compat = {module.removeprefix("compat.") for module in knowing if module.startswith("compat.")}
    assert compat <= set(_WEB_COMPAT)
    assert [module for module in knowing if not module.startswith("compat.") and not _is_web(module)] == []


def test_what_runs_without_the_web_never_imports_it() -> None:
    web = (*_WEB_LIBRARIES, *(f"{_NAME}.compat.{name}" for name in _WEB_COMPAT))
    found = {
        module: {name for name in imported if _within(name, web)} | {name for name in _ours(module) if _is_web(name)}
        for module, imported in _imports().items()
        if not _is_web(module) and module.removeprefix("compat.") not in _WEB_COMPAT
    }
    assert {module: wrong for module, wrong in found.items() if wrong} == {}


@pytest.mark.parametrize("module", sorted(_RULES))
def test_a_rule_knows_nothing_of_galaxy_nor_of_a_database(module: str) -> None:
    libraries = ("galaxy", "sqlalchemy", "pydantic", *_WEB_LIBRARIES)
    assert {name for name in _imports()[module] if _within(name, libraries)} == set()
    assert _ours(module) <= _RULES


def test_the_client_for_bioblend_needs_bioblend_only() -> None:
    standard = sys.stdlib_module_names
    assert {name for name in _imports()["bioblend"] if name.split(".")[0] not in standard | {"bioblend"}} == set()


def test_only_the_cohorts_make_groups_and_roles() -> None:
    """Others may look at them, as the one does that adopts those of another service, or mark them as deleted."""
    makers = {
        module for module, imported in _imports().items() if {"galaxy.model.Group", "galaxy.model.Role"} <= imported
    }
    membership = {"membership.manager", "membership.join_statements", "membership.removal"}
    assert makers <= membership | {"tiaas2.manager", "core.model"}


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


def test_only_five_managers_read_jobs() -> None:
    """One of them one at a time: the newest, or the one that is asked about. One only knows for whom they count."""
    readers = {module for module, imported in _imports().items() if "galaxy.model.Job" in imported}
    readers -= {"compat.jobs"}
    assert readers == {
        *("dashboard.activity_manager", "dashboard.manager", "routing.manager"),
        *("reporting.manager", "routing.attribution_manager"),
    }


def test_a_job_handler_that_imports_the_rule_loads_no_web_application() -> None:
    """Beyond what Galaxy's model and job configuration load by themselves."""
    script = f"""
import sys
import galaxy.jobs, galaxy.model
before = set(sys.modules)
import galaxy_tiaas.rules.gateway, galaxy_tiaas.routing.job_rule
loaded = set(sys.modules) - before
print(sorted(name for name in loaded if name.startswith(("fastapi", "starlette", "galaxy.webapps"))))
ours = sorted(name.removeprefix("{_NAME}.") for name in loaded if name.startswith("{_NAME}."))
print([name for name in ours if name in {sorted(filter(_is_web, _imports()))}])
"""
    assert _run(script) == ["[]", "[]"]


def test_whatever_cannot_be_imported_a_job_goes_to_the_default() -> None:
    """On a release of Galaxy that has renamed it, say, or where ours is half installed."""
    needed = sorted(_needed_by("routing.job_rule"))
    assert {"galaxy.jobs", f"{_NAME}.routing.manager", f"{_NAME}.routing.decision", "sqlalchemy"} <= set(needed)
    expected = ["slurm", "local", "local", "local", None, False]
    found = json.loads(_run(_BREAK_EACH_IMPORT + _ASK_THE_RULES, json.dumps(needed))[-1])
    assert {name: answer for name, answer in found.items() if answer != expected} == {}


def test_whatever_cannot_be_imported_galaxys_own_tasks_run(tmp_path: Path) -> None:
    ours = [f"{_NAME}.{module}" for module in ("compat.release", "compat.celery", "lifecycle.celery_task")]
    names = ["nothing", *ours, "icalendar", "iso3166"]
    found = json.loads(_run(_BREAK_EACH_IMPORT + _ASK_CELERY, json.dumps(names), folder=tmp_path)[-1])
    assert found == {name: [True, name == "nothing"] for name in names}


def _needed_by(module: str) -> set[str]:
    """This module of ours, those of ours that it imports at any depth, and what all of them import besides."""
    needed, todo = {f"{_NAME}.{module}"}, [module]
    while todo:
        for name in _imports()[todo.pop()]:
            if name.split(".")[0] in sys.stdlib_module_names:
                continue
            # `galaxy_tiaas.core.model.migrate` is a module, `galaxy_tiaas.core.config.TiaasConfig` is not.
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


def _run(script: str, *arguments: str, folder: Optional[Path] = None) -> list[str]:
    command = [sys.executable, "-W", "ignore", "-c", script, *arguments]
    environment = {"PYTHONPATH": str(_PACKAGE.parent), "PYTHONDONTWRITEBYTECODE": "1"}
    done = subprocess.run(command, env=environment, cwd=folder, capture_output=True, text=True, check=True)
    return done.stdout.splitlines()
