"""The extension is mounted as a whole or not at all."""

import asyncio
import gc
import itertools
import sys
import threading
from collections.abc import (
    Callable,
    Iterator,
)
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from fastapi.testclient import TestClient
from galaxy.webhooks import WebhooksRegistry
from galaxy_tiaas import (
    __version__,
    mount,
)
from galaxy_tiaas.compat import web
from galaxy_tiaas.core.model import migrate
from galaxy_tiaas.membership.service import RosterCache
from galaxy_tiaas.notifications.delivery import DeliveryWorker
from galaxy_tiaas.notifications.outbox import WakeUpEvent
from galaxy_tiaas.routing.destinations import DestinationCatalogue
from galaxy_web import (
    GalaxyApp,
    names_of,
)
from in_process import InProcess
from lagom.exceptions import DuplicateDefinition
from yaml import YAMLError

SETTING = "admin_extensions_dir"


class Trouble(Exception):
    """What the tests raise."""


@pytest.fixture(params=["/", "/galaxy"])
def prefix(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def galaxy_app(make_galaxy: Callable[..., InProcess], prefix: str) -> GalaxyApp:
    """A Galaxy that shows extensions of the admin panel, of which the admin has one."""
    app: Any = GalaxyApp(make_galaxy(galaxy_conf={"galaxy_url_prefix": prefix}))
    app.config.schema = _WithExtensions(app.config.schema)
    setattr(app.config, SETTING, "/site/extensions")
    return app


class _WithExtensions:
    """Galaxy's schema of settings with the one that 26.1 does not have yet."""

    def __init__(self, schema: Any) -> None:
        self.app_schema = {**schema.app_schema, SETTING: {}}


def _state(asgi_app: Any, app: Any) -> dict[str, Any]:
    """Everything of Galaxy and of this process that mounting changes."""
    web_app = web.inner_app(asgi_app)
    return {
        "routes": [*web_app.router.routes],
        "routes of the parent": [*asgi_app.router.routes],
        "openapi": (web_app.openapi_schema, web_app.openapi),
        "names": names_of(web_app),
        "container": dict(app._registered_types),
        "webhooks": [*app.webhooks_registry.webhooks],
        "settings": {**vars(app.config)},
        "state": {**web_app.state._state},
        "lifespan": (asgi_app.router.lifespan_context, web_app.router.lifespan_context),
        "threads": {thread for thread in threading.enumerate() if thread.name.startswith("galaxy-tiaas")},
    }


def test_everything_is_there_afterwards(galaxy_app: GalaxyApp, prefix: str) -> None:
    asgi_app = galaxy_app.build_web_app()
    before = _state(asgi_app, galaxy_app)
    mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
    after = _state(asgi_app, galaxy_app)
    unchanged = {"threads"}
    if prefix != "/":
        unchanged.add("routes of the parent")
    if before["names"] is None:
        unchanged.add("names")
    assert {name for name in before if before[name] == after[name]} == unchanged
    assert after["state"]["tiaas_version"] == __version__
    assert getattr(galaxy_app.config, SETTING).split(",")[0] == "/site/extensions"
    assert isinstance(galaxy_app[WakeUpEvent], DeliveryWorker)
    client = TestClient(asgi_app)
    assert client.get(f"{prefix.rstrip('/')}/tiaas/static/dist/manifest.json").status_code == 200
    assert client.get(f"{prefix.rstrip('/')}/elsewhere").text == "Galaxy's older part"


def test_mounting_twice_is_mounting_once(galaxy_app: GalaxyApp) -> None:
    asgi_app = galaxy_app.build_web_app()
    mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
    before = _state(asgi_app, galaxy_app)
    mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
    assert _state(asgi_app, galaxy_app) == before


def test_garbage_is_not_looked_for_among_what_stays(galaxy_app: GalaxyApp) -> None:
    asgi_app = galaxy_app.build_web_app()
    mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]

    async def frozen() -> int:
        async with asgi_app.router.lifespan_context(asgi_app):
            return gc.get_freeze_count()

    try:
        assert asyncio.run(frozen()) > 100_000
    finally:
        gc.unfreeze()


STEPS: list[tuple[Any, str]] = [
    (mount, "config_of"),
    (DestinationCatalogue, "problems"),
    (mount, "Templates"),
    (mount, "ResultCache"),
    (mount, "SchedulerThread"),
    (mount, "_our_routes"),
    (WebhooksRegistry, "load_webhook_from_config"),
    (migrate, "upgrade"),
    (web.Installation, "register"),
    (web, "install_openapi"),
    (web, "install_routes"),
    (web, "RoutesBelow"),
    (web, "install_webhooks"),
    (web, "install_admin_extensions"),
    (web, "run_while_serving"),
    (web.Installation, "keep"),
]


@pytest.mark.parametrize("prefix", ["/galaxy"], indirect=True)
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_a_step_that_fails_leaves_nothing(
    galaxy_app: GalaxyApp, monkeypatch: pytest.MonkeyPatch, owner: Any, name: str
) -> None:
    asgi_app = galaxy_app.build_web_app()
    before = _state(asgi_app, galaxy_app)

    def fail(*_: object, **__: object) -> None:
        raise Trouble()

    with monkeypatch.context() as patch:
        patch.setattr(owner, name, fail)
        with pytest.raises(Trouble):
            mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
    assert _state(asgi_app, galaxy_app) == before
    mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
    assert web.inner_app(asgi_app).state.tiaas_version == __version__


@contextmanager
def _failing_at(number: int) -> Iterator[list[str]]:
    """Raise at the line with this number, of those that mounting executes before everything is kept.

    :returns: the lines up to there.
    """
    ours = {mount.__file__, web.__file__}
    lines: list[str] = []
    is_over = False

    def begin(frame: FrameType, _event: str, _argument: Any) -> Any:
        return step if frame.f_code.co_filename in ours and not is_over else None

    def step(frame: FrameType, event: str, _argument: Any) -> Any:
        nonlocal is_over
        if event == "line" and not is_over:
            lines.append(f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}")
            is_over = len(lines) > number
            if is_over:
                raise Trouble()
        elif event == "return" and frame.f_code is web.Installation.keep.__code__:
            is_over = True
        return step

    previous = sys.gettrace()
    sys.settrace(begin)
    try:
        yield lines
    finally:
        sys.settrace(previous)


@pytest.mark.parametrize("prefix", ["/galaxy"], indirect=True)
def test_whichever_line_fails_nothing_is_left(galaxy_app: GalaxyApp) -> None:
    """A step that is added later is found by itself."""
    asgi_app = galaxy_app.build_web_app()
    before = _state(asgi_app, galaxy_app)
    left, lines = {}, [""]
    for number in itertools.count():
        try:
            with _failing_at(number) as lines:
                mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
            break
        except Trouble:
            state = _state(asgi_app, galaxy_app)
            if changed := {name for name, value in state.items() if value != before[name]}:
                left[lines[-1]] = changed
                break
    assert left == {}
    assert len(lines) > 60
    assert web.inner_app(asgi_app).state.tiaas_version == __version__


# What made parts of it stay before


def test_a_webhook_that_cannot_be_read_leaves_nothing(
    galaxy_app: GalaxyApp, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asgi_app = galaxy_app.build_web_app()
    before = _state(asgi_app, galaxy_app)
    (tmp_path / "config.yml").write_text("id: [tiaas")
    directories = mount._webhook_directories(without_admin=False)
    monkeypatch.setattr(mount, "_webhook_directories", lambda **_: [*directories, tmp_path])
    with pytest.raises(YAMLError):
        mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
    assert _state(asgi_app, galaxy_app) == before


def test_a_type_that_somebody_else_has_registered_leaves_nothing(galaxy_app: GalaxyApp) -> None:
    asgi_app = galaxy_app.build_web_app()
    galaxy_app[RosterCache] = RosterCache()
    before = _state(asgi_app, galaxy_app)
    with pytest.raises(DuplicateDefinition):
        mount.mount(asgi_app, galaxy_app)  # type: ignore[arg-type]
    assert _state(asgi_app, galaxy_app) == before
