"""What the release before leaves works after the upgrade: its database, settings, templates and jobs in flight.

`test/upgrade` was written by `scripts/dump_release.py`.
"""

import json
import shutil
from collections.abc import (
    Callable,
    Iterator,
)
from datetime import (
    datetime,
    timedelta,
)
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import sqlalchemy
import yaml
from alembic import command
from click.testing import CliRunner
from fixtures import PostgresServer
from galaxy_tiaas.cli import main
from galaxy_tiaas.core.config import TiaasConfig
from galaxy_tiaas.core.model import migrate
from galaxy_tiaas.lifecycle.scheduler import LifecycleScheduler
from galaxy_tiaas.notifications.delivery import Dispatcher
from galaxy_tiaas.routing import job_rule
from galaxy_tiaas.rules.gateway import sorting_hat
from in_process import (
    InProcess,
    on_both_databases,
)
from in_process_pages import Pages
from mail_server import MailServer

_RELEASE = Path(__file__).parent.parent / "upgrade"
_SITE = _RELEASE / "site"
_GALAXY_CONF = {
    "admin_users": "admin@example.org",
    "email_from": "galaxy@example.org",
    "enable_notification_system": True,
}
_MINUTE = timedelta(minutes=1)
#: When the last message that waits for more is due.
_ALL_DUE = datetime(2026, 11, 17, 13)
_PATHS = {
    "admin": [
        *("/tiaas/admin/", "/tiaas/admin/history", "/tiaas/admin/mail", "/tiaas/admin/routing", "/tiaas/stats/"),
        *(f"/tiaas/admin/trainings/{each}" for each in ("gryffindor", "ravenclaw", "dragons", "divination")),
    ],
    "minerva": [
        *("/tiaas/trainings/", "/tiaas/calendar/", "/join-training/gryffindor/status"),
        *("/tiaas/trainings/gryffindor", "/tiaas/trainings/gryffindor/edit", "/tiaas/trainings/durmstrang"),
        "/tiaas/trainings/gryffindor/dashboard",
    ],
    "harry": ["/tiaas/trainings/", "/join-training/gryffindor/status", "/join-training/gryffindor/leave"],
}


@cache
def _read(name: str) -> Any:
    return json.loads((_RELEASE / f"{name}.json").read_text())


def _answered(who: str, path: str) -> Any:
    (answer,) = [each["answer"] for each in _read("answers")["api"] if (each["who"], each["path"]) == (who, path)]
    return answer


def _now() -> datetime:
    """The time of what the release answered."""
    return datetime.fromisoformat(_read("answers")["now"])


# The database


def _load_and_upgrade(url: str) -> None:
    left = _read("database")
    engine = sqlalchemy.create_engine(url)
    with engine.connect() as connection:
        config = migrate._alembic_config()
        config.attributes["connection"] = connection
        command.upgrade(config, left["revision"])
        connection.commit()
    with engine.begin() as connection:
        is_postgres = connection.dialect.name == "postgresql"
        if is_postgres:
            connection.exec_driver_sql("SET LOCAL session_replication_role = replica")
        for table, content in left["tables"].items():
            names = content["columns"]
            columns, places = ", ".join(f'"{name}"' for name in names), ", ".join(f":{name}" for name in names)
            rows = [dict(zip(names, map(_stored, row), strict=True)) for row in content["rows"]]
            connection.execute(sqlalchemy.text(f'DELETE FROM "{table}"'))
            connection.execute(sqlalchemy.text(f'INSERT INTO "{table}" ({columns}) VALUES ({places})'), rows)
            if is_postgres and "id" in names:
                sequence = f"pg_get_serial_sequence('\"{table}\"', 'id')"
                connection.exec_driver_sql(f'SELECT setval({sequence}, max(id)) FROM "{table}"')
    migrate.upgrade(engine)
    assert migrate.current_revision(engine) == migrate.head_revision()
    engine.dispose()


def _stored(value: Any) -> Any:
    return bytes.fromhex(value["hex"]) if isinstance(value, dict) else value


@pytest.fixture(scope="module")
def sqlite_templates(sqlite_templates: Path) -> Path:
    _load_and_upgrade(f"sqlite:///{shutil.copy(sqlite_templates / 'galaxy', sqlite_templates / 'upgraded')}")
    return sqlite_templates


@pytest.fixture(scope="module")
def postgres_templates(postgres_templates: str, postgres: PostgresServer) -> str:
    _load_and_upgrade(postgres.create_database("upgraded_template", template="galaxy_template"))
    return postgres_templates


@pytest.fixture
def template() -> str:
    return "upgraded"


@pytest.fixture
def galaxy(make_galaxy: Callable[..., InProcess], mail_server: MailServer) -> InProcess:
    settings = yaml.safe_load((_SITE / "tiaas_conf.yml").read_text())
    settings["templates_dir"] = str(_SITE / "templates")
    return make_galaxy(galaxy_conf={**_GALAXY_CONF, "smtp_server": mail_server.address}, **settings)


@pytest.fixture
def pages(galaxy: InProcess) -> Iterator[Pages]:
    with Pages(galaxy) as pages:
        pages.now = _now()
        yield pages


@pytest.fixture(autouse=True)
def no_template_fails(caplog: pytest.LogCaptureFixture) -> Iterator[None]:
    yield
    messages = [record.getMessage() for record in caplog.get_records("call")]
    assert [message for message in messages if "templates_dir" in message] == []


def _login(pages: Pages, who: str) -> None:
    pages.login(pages.galaxy.admin() if who == "admin" else pages.galaxy.user(who))


def _get(pages: Pages, who: str, path: str) -> Any:
    _login(pages, who)
    return pages.client.get(path)


def _api(pages: Pages, who: str, method: str, path: str, **payload: Any) -> Any:
    _login(pages, who)
    response = pages.client.request(method, f"/api/tiaas/{path}", json=payload)
    assert response.status_code == 200, (path, response.text)
    return response.json()


def _mark(template: str) -> str:
    return f"Hogwarts' own {template}"


# What was there is there


#: Pages and statistics have the usual names of countries, no longer those of ISO 3166.
_RENAMED = {"United Kingdom of Great Britain and Northern Ireland": "United Kingdom"}


def _queued(question: dict[str, Any]) -> Any:
    """The answer; of steps whose only job waits it says now that they are queued."""
    answer = json.dumps(question["answer"])
    return json.loads(answer.replace('"running"', '"queued"') if "/progress" in question["path"] else answer)


def _lost(before: Any, after: Any, where: str = "") -> list[str]:
    """Where an answer differs from the one before; what is new does not count."""
    if isinstance(before, dict) and isinstance(after, dict):
        gone = [f"{where}.{name}" for name in before.keys() - after.keys()]
        return gone + [
            each for name in before.keys() & after for each in _lost(before[name], after[name], f"{where}.{name}")
        ]
    if isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        return [
            each
            for number, pair in enumerate(zip(before, after, strict=True))
            for each in _lost(*pair, f"{where}[{number}]")
        ]
    if isinstance(before, str) and where.endswith(".name"):
        before = _RENAMED.get(before, before)
    return [] if before == after else [f"{where}: {before!r} → {after!r}"]


@on_both_databases
def test_the_api_answers_as_before(pages: Pages) -> None:
    """Trainings in every state, histories, pseudonyms, invitations, dashboards with the job in flight, mails."""
    asked = _read("answers")["api"]
    assert len(asked) > 40
    lost = [
        f"{question['who']} {question['path']} {each}"
        for question in asked
        for each in _lost(_queued(question), _get(pages, question["who"], f"/api/tiaas/{question['path']}").json())
    ]
    assert lost == []


@on_both_databases
def test_jobs_go_where_they_went(galaxy: InProcess, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(job_rule, "now", _now)
    assert _read("answers")["rule"]
    for asked in _read("answers")["rule"]:
        destination = sorting_hat(
            app=galaxy.host,
            user=galaxy.account(asked["who"]),
            tool=SimpleNamespace(id=asked["tool"], tool_type="default", all_ids=[asked["tool"]]),
            tool_id=asked["tool"],
            referrer=galaxy.host.job_config.get_destination("sorting_hat"),
            default="regular",
            training="training",
        )
        assert (destination.id, destination.params) == (asked["id"], asked["params"])


def test_settings_have_the_values_that_the_admin_chose(galaxy: InProcess) -> None:
    chosen = yaml.safe_load((_SITE / "tiaas_conf.yml").read_text())
    shutil.copy(_SITE / "tiaas_conf.yml", galaxy.directory)
    shutil.copytree(_SITE / "templates", galaxy.directory / "templates")
    result = CliRunner().invoke(main, ["-c", str(galaxy.galaxy_yml), "config", "check"])
    assert (result.exit_code, result.output) == (0, "tiaas_conf.yml: no problems found.\n")
    config = galaxy[TiaasConfig]
    for name in chosen.keys() - {"destinations", "training_overrides", "tool_lists", "templates_dir"}:
        assert getattr(config, name) == chosen[name], name


# Pages


@on_both_databases
def test_pages_open_in_the_frame_of_the_site(pages: Pages) -> None:
    for who, paths in _PATHS.items():
        for path in paths:
            response = _get(pages, who, path)
            assert (response.status_code, path) == (200, path)
            assert response.text.count(_mark("base.mako")) == 1, path


def test_the_histories_have_their_lines(pages: Pages) -> None:
    page = _get(pages, "admin", "/tiaas/admin/history").text
    for line in ("dashboard set up", "change declined", "The room is taken.", "resources on", "ended early"):
        assert line in page, line


def test_pages_with_texts_of_the_site_have_them(pages: Pages) -> None:
    for path, template in [
        ("/tiaas/", "about.mako"),
        ("/tiaas/new/", "new_introduction.mako"),
        ("/join-training/gryffindor", "joined_note.mako"),
    ]:
        response = _get(pages, "harry", path)
        assert response.status_code == 200
        assert _mark(template) in response.text, path


def test_links_that_people_have_still_work(pages: Pages) -> None:
    """To a training that was renamed since, and to confirm a contact address."""
    renamed = _get(pages, "harry", "/join-training/griffindor")
    assert (renamed.status_code, renamed.headers["location"]) == (302, "/join-training/gryffindor")
    pages.login(pages.galaxy.user("draco"))
    link = _read("answers")["contact_link"]
    assert "cho@private.example.org" in pages.client.get(link).text
    assert pages.client.post(link).status_code == 200
    assert _answered("admin", "trainings/ravenclaw")["email_confirmed"] is False
    assert _api(pages, "admin", "GET", "trainings/ravenclaw")["email_confirmed"] is True


# What goes on


@on_both_databases
def test_people_go_on_with_what_they_were_doing(pages: Pages) -> None:
    """Those who have not answered an invitation, or declined, accept it; members return, lower hands and answer."""
    for who, identifier in [("severus", "gryffindor"), ("pomona", "gryffindor"), ("luna", "ravenclaw")]:
        assert _api(pages, who, "PUT", f"trainings/{identifier}/invitation", accept=True)["teaches"] is True
    _login(pages, "rubeus")
    withdrawn = pages.client.put("/api/tiaas/trainings/gryffindor/invitation", json={"accept": True})
    assert withdrawn.status_code == 404
    place = _api(pages, "harry", "PUT", "trainings/gryffindor/hand", raised=False)
    assert place["pseudonym"] == _answered("harry", "trainings/gryffindor/membership")["pseudonym"]
    assert _api(pages, "ron", "PUT", "trainings/gryffindor/answer", done=True)["question"]["done"] is True
    (kept,) = pages.galaxy.query(
        "SELECT pseudonym FROM tiaas_training_member JOIN galaxy_user ON galaxy_user.id = user_id"
        " JOIN tiaas_training ON tiaas_training.id = training_id"
        " WHERE username = 'hermione' AND identifier = 'gryffindor'"
    )
    back = _api(pages, "hermione", "POST", "trainings/gryffindor/join")
    assert (back["active"], back["pseudonym"]) == (True, kept.pseudonym)
    assert _api(pages, "admin", "PUT", "trainings/gryffindor/change", accept=True)["attendance"] == 45


@on_both_databases
def test_mails_and_notifications_that_waited_are_delivered(galaxy: InProcess, mail_server: MailServer) -> None:
    """What a killed process had taken is tried when its claim expires, and digests when they are due."""
    galaxy[Dispatcher].deliver(_now())
    assert {"Approved: Course dragons", "Changed: Dragons"}.isdisjoint(subject for _, subject in mail_server.told)
    galaxy[Dispatcher].deliver(_ALL_DUE)
    assert mail_server.told == [
        ("charlie@example.org", "Approved: Course dragons"),
        ("charlie@example.org", "Changed: Course dragons"),
        ("charlie@example.org", "Changed: Dragons"),
        ("charlie@example.org", "We have your request: Course dragons"),
        ("cho@example.org", "We have your request: Course ravenclaw"),
        ("staff@example.org", "Change requested: Charms & <Transfiguration>"),
        ("staff@example.org", "Change requested: Charms & <Transfiguration>"),
        ("staff@example.org", "Training requested: Course dragons"),
    ]
    notified = galaxy.query(
        "SELECT username FROM user_notification_association JOIN galaxy_user ON galaxy_user.id = user_id"
    )
    assert sorted(row.username for row in notified) == ["admin"] * 3 + ["charlie"] * 4
    left = galaxy.query("SELECT given_up_at FROM tiaas_delivery WHERE delivered_at IS NULL")
    assert len(left) == 2 and all(row.given_up_at for row in left)


def test_new_mails_have_the_texts_of_the_site(pages: Pages, mail_server: MailServer) -> None:
    _api(pages, "admin", "PUT", "trainings/ravenclaw/state", state="approved")
    pages.galaxy[Dispatcher].deliver(_now())
    (mail,) = [mail for mail in mail_server.received if mail.subject == "Approved: Course ravenclaw"]
    for template in ("mail/layout.mako", "mail/approved_instructor.mako"):
        assert _mark(template) in mail.text and _mark(template) in mail.html


@on_both_databases
def test_the_lifecycle_goes_on(galaxy: InProcess, mail_server: MailServer) -> None:
    """The process that held the lease was killed."""
    scheduler = galaxy[LifecycleScheduler]
    assert scheduler.run(_now).report is None
    assert scheduler.status(_now()).runs == 10
    report = scheduler.run(lambda: datetime(2026, 11, 24, 12)).report
    assert report is not None
    assert {name: found for name, found in vars(report).items() if isinstance(found, tuple) and found} == {
        "switched_off": ("gryffindor", "hogsmeade"),
        "counted": ("gryffindor", "hogsmeade"),
        "redacted": ("potions",),
        "thanked": ("gryffindor", "hogsmeade"),
    }
    assert galaxy.find("gryffindor").usage
    assert "Horace" not in str(galaxy.dump())
    assert not galaxy.is_on("training-gryffindor")
    (thanks,) = [mail for mail in mail_server.received if mail.subject == "Thank you: Course hogsmeade"]
    assert _mark("mail/thanks_instructor.mako") in thanks.text
    scheduler.run(lambda: datetime(2026, 12, 1, 12))
    assert galaxy.is_on("training-dragons")
    assert scheduler.status(datetime(2026, 12, 1, 12)).runs == 12
