"""Servers that the whole run shares: starting Galaxy takes half a minute."""

import gc
import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Optional

import oidc_provider_mock
import pytest
from fixtures import (
    FEED_TOKEN,
    GalaxyServer,
    JobHandlerProcess,
    PostgresServer,
    SEPARATE_HANDLER,
)
from in_process import create_galaxy_tables
from mail_server import MailServer
from postgres import ProgramsMissing
from run_report import (
    pytest_addoption,
    pytest_configure,
    pytest_sessionfinish,
)
from servers import (
    FRIENDLY_SITE,
    ONE_RUN,
    PREFIX,
    running,
)

from client import node_modules
from demo.instance import (
    example,
    EXAMPLES,
    Settings,
)

__all__ = ["node_modules", "pytest_addoption", "pytest_configure", "pytest_sessionfinish"]

# Else a Galaxy in this process has all of it put temporary files into a folder of its own, which goes with its test.
os.environ["GALAXY_CONFIG_OVERRIDE_OVERRIDE_TEMPDIR"] = "false"

#: What the workers of one run share out: tests that use one of these servers are run by one worker, in this order.
_SERVERS = ("galaxy_prefix", "galaxy_sqlite", "galaxy_postgres")
#: What the fixture `galaxy` of a folder is, unless a test says something else.
_USUAL_SERVERS = {"browser": "galaxy_sqlite", "integration": "galaxy_postgres"}


@pytest.hookimpl(wrapper=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> Iterator[None]:
    """Those with a server first, since they take longest; all others file by file."""
    for item in items:
        item.add_marker(pytest.mark.xdist_group(_group(item)))
    yield
    items.sort(key=lambda item: _SERVERS.index(_group(item)) if _group(item) in _SERVERS else len(_SERVERS))


def pytest_make_parametrize_id(val: object) -> Optional[str]:
    """Shorten long texts: the id of the running test is in the environment, where no program starts with much."""
    return f"{val[:40]!r}...{len(val)}" if isinstance(val, (str, bytes)) and len(val) > 200 else None


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup() -> None:
    """Modules of Galaxy that make tables, or load its web application, set the level of the root logger."""
    logging.getLogger().setLevel(logging.WARNING)


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: Optional[pytest.Item]) -> None:
    """Stop what a group of tests shared after its last test: an idle Galaxy keeps looking for work."""
    if nextitem is None or _group(nextitem) != _group(item):
        while running:
            running.pop().stop()


def pytest_collection_finish() -> None:
    """Galaxy's modules are a million objects that stay, and Python would look at them again and again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 20, 20)


def _group(item: pytest.Item) -> str:
    names: list[str] = getattr(item, "fixturenames", [])
    parameters = getattr(getattr(item, "callspec", None), "params", {}).values()
    for server in _SERVERS:
        if server in names or server in parameters:
            return server
    return _USUAL_SERVERS.get(item.path.parent.name, item.path.name) if "galaxy" in names else item.path.name


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    try:
        server = PostgresServer()
    except ProgramsMissing as problem:
        pytest.skip(str(problem))
    yield server
    server.stop()


@pytest.fixture(scope="session")
def galaxy_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Iterator[GalaxyServer]:
    """The smallest Galaxy: one process, SQLite, no prefix; the extension comes with the application."""
    server = GalaxyServer(
        tmp_path_factory.mktemp("galaxy_sqlite"),
        tiaas_conf={**ONE_RUN, "feed_token": FEED_TOKEN, "status_visibility": "public"},
        application="galaxy_tiaas.asgi:factory()",
        # Galaxy's own, and statements are counted for who asks.
        gunicorn_config=str(Path(__file__).parent / "gunicorn_counting_statements.py"),
    )
    with server:
        running.append(server)
        yield server


@pytest.fixture(scope="session")
def galaxy_mails() -> Iterator[MailServer]:
    """Where `galaxy_postgres` sends its mails."""
    with MailServer() as server:
        yield server


@pytest.fixture(scope="session")
def galaxy_postgres(
    postgres: PostgresServer, galaxy_mails: MailServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GalaxyServer]:
    """Galaxy as large sites run it: PostgreSQL, several web processes with the extension, a job handler of its own,
    mail and notifications.

    One tool is routed by Total Perspective Vortex, all others by our rule.
    """
    server = GalaxyServer(
        tmp_path_factory.mktemp("galaxy_postgres"),
        postgres.create_database("galaxy"),
        workers=2,
        preload=True,
        job_conf={**with_tpv(example("job_conf.yml")), **SEPARATE_HANDLER},
        galaxy_conf={
            "interactivetools_enable": True,
            "smtp_server": galaxy_mails.address,
            "enable_notification_system": True,
        },
        tiaas_conf={**ONE_RUN, "feed_token": FEED_TOKEN, "status_visibility": "public"},
    )
    with server:
        handler = JobHandlerProcess(server)
        handler.start()
        running.extend([server, handler])
        yield server
        handler.stop()


def with_tpv(job_conf: Settings) -> Settings:
    job_conf["execution"]["environments"]["tpv_dispatcher"] = {
        "runner": "dynamic",
        "type": "python",
        "rules_module": "tpv.rules",
        "function": "map_tool_to_destination",
        "tpv_config_files": [str(EXAMPLES / "tpv.yml")],
    }
    job_conf["tools"].append({"id": "test_tpv", "environment": "tpv_dispatcher"})
    return job_conf


@pytest.fixture(scope="session")
def login_provider() -> Iterator[str]:
    """A provider of OpenID Connect on this host, its address; whoever tells it an e-mail address is logged in."""
    with oidc_provider_mock.run_server_in_thread() as server:
        yield f"http://localhost:{server.server_port}"


def openid_connect(directory: Path) -> Settings:
    return {
        "enable_oidc": True,
        "oidc_config_file": str(directory / "oidc_config.xml"),
        "oidc_backends_config_file": str(directory / "oidc_backends_config.xml"),
    }


def write_openid_connect(server: GalaxyServer, provider: str) -> None:
    """The files that :func:`openid_connect` names. Other kinds of providers in Galaxy need a library of their own."""
    settings = {"VERIFY_SSL": ("bool", True), "REQUESTS_TIMEOUT": ("float", 60), "ID_TOKEN_MAX_AGE": ("float", 3600)}
    setters = [f'<Setter Property="{name}" Type="{kind}" Value="{value}"/>' for name, (kind, value) in settings.items()]
    (server.directory / "oidc_config.xml").write_text(f"<OIDC>{''.join(setters)}</OIDC>")
    (server.directory / "oidc_backends_config.xml").write_text(
        '<OIDC><provider name="lifescience"><client_id>galaxy</client_id><client_secret>secret</client_secret>'
        f"<redirect_uri>{server.url}/authnz/lifescience/callback</redirect_uri>"
        f"<oidc_endpoint>{provider}</oidc_endpoint></provider></OIDC>"
    )


@pytest.fixture(scope="session")
def galaxy_prefix(
    postgres: PostgresServer, login_provider: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[GalaxyServer]:
    """Below a URL prefix: PostgreSQL with Galaxy's tables and without ours, two processes that each load Galaxy.

    They never stop asking whose turn it is to run the lifecycle. People could also log in with OpenID Connect.
    """
    url = postgres.create_database("prefix")
    create_galaxy_tables(url)
    directory = tmp_path_factory.mktemp("galaxy_prefix")
    server = GalaxyServer(
        directory,
        url,
        workers=2,
        url_prefix=PREFIX,
        tiaas_conf={"lifecycle_interval_seconds": 2, "feed_token": FEED_TOKEN, "status_visibility": "public"},
        galaxy_conf={
            # It runs no jobs that anybody waits for.
            "job_handler_monitor_sleep": 2,
            "job_runner_monitor_sleep": 2,
            "workflow_monitor_sleep": 2,
            # Where there is such a list, Galaxy logs in nobody from a page of its own that is not in it.
            "allowed_origin_hostnames": f"{FRIENDLY_SITE},127.0.0.1",
            "user_activation_on": True,
            **openid_connect(directory),
        },
    )
    write_openid_connect(server, login_provider)
    assert not server.query("SELECT 1 FROM information_schema.tables WHERE table_name LIKE 'tiaas%'")
    with server:
        running.append(server)
        yield server
