"""Gunicorn's configuration in `test_mount_troubles.py`: meets one trouble after the other in a worker of a real Galaxy.

Starting a Galaxy for each of them would take the better part of an hour. What came of each is
written to the file named in `$TIAAS_OUTCOMES`; in the end the extension is mounted.
"""

import json
import logging
import os
import sys
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import (
    contextmanager,
    ExitStack,
)
from pathlib import Path
from typing import (
    Any,
    Optional,
)
from unittest.mock import patch

from galaxy_tiaas.gunicorn import *  # noqa: F403
from galaxy_tiaas.gunicorn import post_worker_init as usual_post_worker_init

STRICT = {"": False, "1": True}


class _Blocker:
    """Makes a library look as if it were not installed."""

    def __init__(self, name: str) -> None:
        self.name = name

    def find_spec(self, name: str, *_: object) -> None:
        if name.partition(".")[0] == self.name:
            raise ModuleNotFoundError(f"No module named '{name}'", name=name)


@contextmanager
def missing_library(name: str) -> Iterator[None]:
    assert name not in sys.modules, f"something has imported {name} already"
    blocker: Any = _Blocker(name)
    sys.meta_path.insert(0, blocker)
    yield
    sys.meta_path.remove(blocker)


@contextmanager
def settings(text: Optional[str]) -> Iterator[None]:
    """A file with this text as settings; `None`: no such file."""
    config = _galaxy_app().config
    file = Path(config.config_dir, f"tiaas_conf_{abs(hash(text))}.yml")
    if text is not None:
        file.write_text(text)
    with patch.dict(config.config_dict, tiaas_config_file=file.name):
        yield


@contextmanager
def tables_of_a_newer_version() -> Iterator[None]:
    _execute("CREATE TABLE tiaas_alembic_version (version_num VARCHAR(32) NOT NULL)")
    _execute("INSERT INTO tiaas_alembic_version VALUES ('9999')")
    yield
    _execute("DROP TABLE tiaas_alembic_version")


@contextmanager
def table_name_taken() -> Iterator[None]:
    _execute("CREATE TABLE tiaas_training (id INTEGER)")
    yield
    _execute("DROP TABLE tiaas_training")


@contextmanager
def unknown_destination() -> Iterator[None]:
    (rule,) = _galaxy_app().job_config.destinations["sorting_hat"]
    with patch.dict(rule.params, training="nowhere"):
        yield


TROUBLES: dict[str, Callable[[], Any]] = {
    # First, while nothing of ours has been imported.
    "missing library": lambda: missing_library("icalendar"),
    "unknown key": lambda: settings("joinflexhours: 12\n"),
    "wrong value": lambda: settings("owner: Hogwarts\nstatus_visibility: everybody\n"),
    "not YAML": lambda: settings("owner: [Hogwarts\n"),
    "no such file": lambda: settings(None),
    "newer tables": tables_of_a_newer_version,
    "table name taken": table_name_taken,
}


def post_worker_init(worker: Any) -> None:  # type: ignore[no-redef]
    outcomes: dict[str, Any] = {"galaxy": _state_of(worker.wsgi)}
    for name, trouble in TROUBLES.items():
        for strict in STRICT:
            outcomes[f"{name} {strict}".strip()] = _attempt(worker, trouble, strict)
    outcomes["destinations 1"] = _attempt(worker, unknown_destination, "1")
    outcomes["destinations"] = _attempt(worker, unknown_destination, "")
    outcomes["again"] = _attempt(worker, ExitStack, "1")
    Path(os.environ["TIAAS_OUTCOMES"]).write_text(json.dumps(outcomes))


def _attempt(worker: Any, trouble: Callable[[], Any], strict: str) -> dict[str, Any]:
    """What the usual hook does in this trouble."""
    said = _Listener()
    raised = None
    logging.getLogger().addHandler(said)
    with trouble(), patch.dict(os.environ, GALAXY_TIAAS_STRICT=strict):
        try:
            usual_post_worker_init(worker)
        except Exception as problem:
            raised = f"{type(problem).__name__}: {problem}"
    logging.getLogger().removeHandler(said)
    return {"raised": raised, "said": said.errors, **_state_of(worker.wsgi)}


class _Listener(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.errors: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.errors.append(f"{record.levelname} {record.getMessage()}")


def _state_of(asgi_app: Any) -> dict[str, Any]:
    """Everything of Galaxy that mounting changes."""
    from sqlalchemy import inspect

    (web_app,) = (route.app for route in asgi_app.routes if getattr(route, "path", None) == "/galaxy")
    index = getattr(web_app.state, "route_name_index", {})
    names = {name: [route.path for route in routes] for name, routes in index.items()}
    schema = web_app.openapi()
    return {
        "routes": [f"{route.path} {sorted(getattr(route, 'methods', None) or [])}" for route in web_app.routes],
        "names": names,
        "openapi": sorted(schema["paths"]) + sorted(schema["components"]["schemas"]),
        "webhooks": [webhook.id for webhook in _galaxy_app().webhooks_registry.webhooks],
        "tables": sorted(name for name in inspect(_galaxy_app().model.engine).get_table_names() if "tiaas" in name),
    }


def _execute(sql: str) -> None:
    from sqlalchemy import text

    with _galaxy_app().model.engine.begin() as connection:
        connection.execute(text(sql))


def _galaxy_app() -> Any:
    import galaxy.app

    return galaxy.app.app
